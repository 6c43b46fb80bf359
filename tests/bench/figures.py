"""Figures, the targets they are held against, and how they are shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its floor; `target` says what was asked of it, `holds` whether it came out so."""

    subject: str
    measured: str
    value: float
    unit: str
    floor: float | None = None
    target: str = ""
    holds: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The figure as plain values."""
        return asdict(self) | {"ratio": self.ratio}

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.value / self.floor if self.floor else None


def percentile(sample: Sequence[float], percent: int) -> float:
    """The p-th percentile of a sample of two or more."""
    return statistics.quantiles(sample, n=100, method="inclusive")[percent - 1]


def table(figures: Sequence[Figure]) -> str:
    """All figures as lines of text."""
    rows = [("subject", "measured", "value", "floor", "ratio", "target", "note")]
    for figure in figures:
        verdict = {None: "", True: "holds", False: "MISSED"}[figure.holds]
        rows.append(
            (
                figure.subject,
                figure.measured,
                f"{_short(figure.value)} {figure.unit}".strip(),
                "" if figure.floor is None else _short(figure.floor),
                "" if figure.ratio is None else f"{figure.ratio:.2f}",
                f"{figure.target} {verdict}".strip(),
                figure.note,
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"
