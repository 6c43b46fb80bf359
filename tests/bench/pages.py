"""The queue page and the manager page with few and many dossiers, each request beside one for the empty page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from portal.domain.access import Role
from portal.usecases import demonstration, start
from tests.bench import data
from tests.bench.browser import Browser
from tests.bench.figures import Figure, percentile
from tests.bench.site import Place, cpu_of, running

QUEUE, MANAGER = "/ban-lam-viec/", "/thong-ke"
TIMES_EMPTY, GROWTH = 5.0, 1.2
#: Requests before measuring: both sides load what they load once.
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Sized:
    """A portal with so many dossiers, and its two visitors."""

    size: int
    place: Place
    officer: str


def make(folder: Path, kind: str, sizes: Sequence[int], told: int, addresses: Callable[[int], str]) -> Iterator[Sized]:
    """A portal of each size on one kind of database."""
    for size in sizes:
        place = Place.make(folder / f"{kind}-{size}", addresses(size), "unix:///nonexistent")
        seconds = data.fill(place.settings, size, told)
        start.connect(place.settings)
        officer, waiting = data.busiest_officer()
        there = data.dossiers()
        print(f"{kind}: {there:,} dossiers in {seconds:.0f} s, {waiting} in the queue", flush=True)
        yield Sized(there, place, officer)


def measure(kind: str, portals: Sequence[Sized], empty: Place, requests: int) -> list[Figure]:
    """Both pages on all sizes, in turns with the empty page."""
    with ExitStack() as stack:
        serving = [program for portal in portals for program in portal.place.programs("web")]
        stack.enter_context(running([*empty.empty(), *serving]))
        figures: list[Figure] = []
        for name, path in (("queue page", QUEUE), ("manager page", MANAGER)):
            floor = Browser(empty.url)
            visitors = {portal.size: _signed_in(portal, path) for portal in portals}
            rows = {size: rows_on(visitor.get(path).text) for size, visitor in visitors.items()}
            places = {0: empty} | {portal.size: portal.place for portal in portals}
            before = {size: cpu_of(place) for size, place in places.items()}
            visits = {0: (floor, "/")} | {size: (visitor, path) for size, visitor in visitors.items()}
            spent = in_turns(visits, requests)
            worked = {size: 1000 * (cpu_of(p) - before[size]) / (WARM_UP + requests) for size, p in places.items()}
            figures += figures_of(f"{name}, {kind}", spent, worked, rows)
            for visitor in (floor, *visitors.values()):
                visitor.close()
    return figures


def _signed_in(portal: Sized, path: str) -> Browser:
    browser = Browser(portal.place.url)
    manager = demonstration.SIGN_IN[Role.MANAGER]
    browser.sign_in(portal.officer if path == QUEUE else manager, demonstration.PASSWORD)
    return browser


def rows_on(page: str) -> int:
    """How many rows the tables of a page have."""
    return page.count("<tr")


def in_turns(visits: dict[int, tuple[Browser, str]], requests: int) -> dict[int, list[float]]:
    """Seconds of each visit, one request of each after the other: what disturbs the machine disturbs all."""
    spent: dict[int, list[float]] = {size: [] for size in visits}
    for turn in range(WARM_UP + requests):
        for size, (browser, path) in visits.items():
            began = time.perf_counter()
            answer = browser.get(path)
            took = time.perf_counter() - began
            if answer.status != 200 or answer.path != path:
                raise RuntimeError(f"{path}: {answer.status} at {answer.path}")
            if turn >= WARM_UP:
                spent[size].append(took * 1000)
    return spent


def figures_of(
    subject: str, spent: dict[int, list[float]], worked: dict[int, float], rows: dict[int, int]
) -> Iterator[Figure]:
    """The times as they were waited for; and the processors' times, which a busy machine disturbs less."""
    floor, work = spent.pop(0), worked.pop(0)
    for size, sample in spent.items():
        value, beside = percentile(sample, 50), percentile(floor, 50)
        holds = value <= TIMES_EMPTY * beside
        yield Figure(subject, f"{size:,} p50", value, "ms", beside, f"≤ {TIMES_EMPTY:g}", holds, f"{rows[size]} rows")
        yield Figure(subject, f"{size:,} p95", percentile(sample, 95), "ms", percentile(floor, 95))
        yield Figure(subject, f"{size:,} processor", worked[size], "ms", work, note="a request, warm-up included")
    small, large = min(spent), max(spent)
    if large > small:
        name, medians = f"{large:,} beside {small:,}", {size: percentile(spent[size], 50) for size in (small, large)}
        holds = medians[large] <= GROWTH * medians[small]
        yield Figure(subject, f"{name}, p50", medians[large], "ms", medians[small], f"≤ {GROWTH:g}", holds)
        yield Figure(subject, f"{name}, processor", worked[large], "ms", worked[small])
