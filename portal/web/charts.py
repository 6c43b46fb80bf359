"""The geometry of a column chart, computed on the server so that the page needs no script and no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 360
LEFT: Final = 52
TOP: Final = 12
BOTTOM: Final = 32
TICKS: Final = 4
LABELS: Final = 12
STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """One part of every column: `key` names its colour ('early', 'on-time', 'late')."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    series: Series
    value: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    x: float
    middle: float
    labelled: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What the macros `column_chart` and `chart_table` draw; lengths in the units of the SVG's viewBox."""

    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    bar_width: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def columns(series: Sequence[Series], rows: Sequence[tuple[str, Sequence[int]]]) -> Chart:
    """Stacked columns, one for each row (label, one count ≥ 0 for each series, from the bottom up)."""
    step = round_step(max((sum(counts) for _, counts in rows), default=0))
    ground, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    unit = room / (step * TICKS)
    slot = (WIDTH - LEFT) / max(len(rows), 1)
    every = -(-len(rows) // LABELS)
    bar_width = round(min(slot * 0.62, 56), 1)
    drawn = []
    for number, (label, counts) in enumerate(rows):
        middle = LEFT + slot * (number + 0.5)
        bars, below = [], 0
        for part, value in zip(series, counts, strict=True):
            below += value
            bars.append(Bar(part, value, round(ground - below * unit, 1), round(value * unit, 1)))
        drawn.append(
            Column(label, round(middle - bar_width / 2, 1), round(middle, 1), number % max(every, 1) == 0, tuple(bars))
        )
    ticks = tuple(Tick(step * number, round(ground - step * number * unit, 1)) for number in range(TICKS + 1))
    return Chart(tuple(series), tuple(drawn), ticks, bar_width)


def round_step(highest: int) -> int:
    """The distance between grid lines: a round number, so that `TICKS` of them reach `highest`."""
    scale = 1
    while True:
        for step in STEPS:
            distance = step * scale
            if distance == int(distance) and distance * TICKS >= highest:
                return int(distance)
        scale *= 10


#: A bar beside a name: what somebody has, in the units of its own viewBox.
BAR_WIDTH: Final = 240
BAR_HEIGHT: Final = 14


@dataclass(frozen=True, slots=True)
class Span:
    """One part of a bar: `key` names its colour, as for `Series`."""

    key: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class LoadBar:
    """What the macro `load_bar` draws; `limit` is where the line of what somebody can have stands, if they have one."""

    spans: tuple[Span, ...]
    limit: float | None
    width: int = BAR_WIDTH
    height: int = BAR_HEIGHT


def load_bar(parts: Sequence[tuple[str, int]], most: int, limit: int | None = None) -> LoadBar:
    """A bar of these parts (colour, count); `most` is as long as the whole, and the same for bars to be compared."""
    unit = BAR_WIDTH / max(most, 1)
    spans, before = [], 0
    for key, count in parts:
        if count:
            spans.append(Span(key, round(before * unit, 1), round(count * unit, 1)))
        before += count
    return LoadBar(tuple(spans), None if limit is None else round(min(limit, most) * unit, 1))
