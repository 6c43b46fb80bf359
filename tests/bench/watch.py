"""A round of the watch over very many open dossiers: the first, which sees all of them, and those after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from portal.domain.flow import OPEN
from portal.store.database import Database, reading
from portal.store.models import Dossier
from portal.usecases import demonstration, law, start, watch
from tests.bench import data
from tests.bench.figures import Figure
from tests.bench.site import Place

SECONDS: Final = 5.0
#: Dossiers told, which came in the last days and are therefore mostly open; more repeat them.
TOLD, DAYS = 6_000, 9
#: The steady state: how long after the first round these are looked at.
LATER: Final = (("after 3 minutes", timedelta(minutes=3)), ("after 3 hours", timedelta(hours=3)))


def measure(kind: str, folder: Path, sizes: Sequence[int], told: int, addresses: Callable[[int], str]) -> list[Figure]:
    """One round after the other on so many open dossiers."""
    figures: list[Figure] = []
    for size in sizes:
        place = Place.make(folder / f"watch-{kind}-{size}", addresses(size), "unix:///nonexistent")
        database = start.prepare(place.settings)
        now = datetime.now(UTC)
        there = _fill(database, size, told, now)
        name = f"watch, {kind}, {there:,} open"
        for when, at in (("all at once", now), *((when, now + later) for when, later in LATER)):
            began = time.perf_counter()
            told_round = watch.go_round(at)
            took = time.perf_counter() - began
            note = f"{told_round.seen:,} looked at, {told_round.warned:,} warned, {told_round.prepared:,} apologies"
            figures.append(Figure(name, when, took, "s", None, f"≤ {SECONDS:g} s", took <= SECONDS, note))
        database.close()
    return figures


def _fill(database: Database, size: int, told: int, now: datetime) -> int:
    """So many open dossiers; gives how many there are."""
    today = law.office_day(now)
    demonstration.fill(min(told, size), 1, today - timedelta(days=DAYS), today, now)
    if (few := _open()) < size:
        data.repeat(database, -(-size // few) - 1)
    return _open()


def _open() -> int:
    with reading() as session:
        is_open = Dossier.status.in_(sorted(int(status) for status in OPEN))
        return session.scalar(select(func.count()).select_from(Dossier).where(is_open)) or 0
