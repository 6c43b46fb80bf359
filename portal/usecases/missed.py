"""No dossier passes its date without a result or an apology; here are those that did, and what nobody did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from portal.store import watch as store
from portal.store.database import looking, reading
from portal.store.watch import Reminder
from portal.store.watch_models import ApologyPreparation, StepWarning
from portal.usecases import law

PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Missed:
    """A dossier past its date: the apology that waits for a signature, if one was prepared, and who was warned when.

    `apologised`: another date was promised once, and was missed too.
    """

    dossier: Reminder
    prepared: ApologyPreparation | None
    apologised: bool
    warnings: Sequence[StepWarning]


@dataclass(frozen=True, slots=True)
class MissedPage:
    """One page of them, where the next begins, and how many there are."""

    rows: Sequence[Missed]
    next: tuple[date, int] | None
    count: int


def count(units: Sequence[str] | None, at: datetime) -> int:
    """How many dossiers at these units (None: all) have passed their date with neither a result nor an apology."""
    with looking() as connection:
        return store.count_missed(connection, units, law.office_day(at))


def page(
    units: Sequence[str] | None, at: datetime, after: tuple[date, int] | None = None, size: int = PAGE
) -> MissedPage:
    """One page of the same, the oldest first."""
    today = law.office_day(at)
    with looking() as connection:
        rows, more = store.missed(connection, units, today, after, size)
        number = store.count_missed(connection, units, today)
    ids = [row.id for row in rows]
    with reading() as session:
        prepared, apologised = store.prepared_for(session, ids), store.apologised(session, ids)
        warned = store.warnings_of(session, ids)
    found = [Missed(row, prepared.get(row.id), row.id in apologised, warned.get(row.id, ())) for row in rows]
    last = rows[-1] if more else None
    return MissedPage(found, (last.due_on, last.id) if last and last.due_on else None, number)
