"""A round of the watch over very many open dossiers: the first, which sees all of them, and those after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, update

from portal.domain.flow import OPEN
from portal.store.database import Database, reading, transaction
from portal.store.models import Dossier
from portal.usecases import demonstration, law, start, watch
from tests.bench import data
from tests.bench.figures import Figure
from tests.bench.site import Place

SECONDS: Final = 5.0
#: Dossiers told, which came in the last days and are therefore mostly open; more repeat them.
TOLD, DAYS = 6_000, 9
#: After the first round, which finds all that has come due so far: how long after the next opening they go.
LATER: Final = {
    "at the next opening": timedelta(),
    "3 minutes later": timedelta(minutes=3),
    "3 hours later": timedelta(hours=3),
}


def measure(kind: str, folder: Path, sizes: Sequence[int], told: int, addresses: Callable[[int], str]) -> list[Figure]:
    """One round after the other on so many open dossiers."""
    figures: list[Figure] = []
    for size in sizes:
        place = Place.make(folder / f"watch-{kind}-{size}", addresses(size), "unix:///nonexistent")
        database = start.prepare(place.settings)
        now = datetime.now(UTC)
        there = _fill(database, size, told, now)
        name = f"watch, {kind}, {there:,} open"
        opening = law.calendar(demonstration.SHOWN_UNIT).start(now)
        for when, at in {"first": now, **{when: opening + later for when, later in LATER.items()}}.items():
            took, note = _round(at)
            figures.append(Figure(name, when, took, "s", None, f"≤ {SECONDS:g} s", took <= SECONDS, note))
        with transaction() as session:
            session.execute(update(Dossier).where(Dossier.watch_at.is_not(None)).values(watch_at=now))
        took, note = _round(opening)
        figures.append(Figure(name, "every one due at once", took, "s", note=note))
        database.close()
    return figures


def _round(at: datetime) -> tuple[float, str]:
    """The seconds of one round, and what it did."""
    began = time.perf_counter()
    told = watch.go_round(at)
    took = time.perf_counter() - began
    return took, f"{told.seen:,} looked at, {told.warned:,} warned, {told.prepared:,} apologies, {told.done:,} deeds"


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
