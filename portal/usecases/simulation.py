"""Tries a version out on dossiers that were received: what date, fee and route would they have got? Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from portal.domain import simulation
from portal.domain.simulation import Fate
from portal.store import dossiers as store
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import drafts, law
from procedures.calendars import OFFICE_TIME
from procedures.model import Procedure

#: A summary looks at no more dossiers than this.
MOST: Final = 1000
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One dossier: what its own version made of it when it was received, and what another one would have."""

    registration: str
    code: str | None
    received_at: datetime
    old: Fate
    new: Fate

    @property
    def newly_missing(self) -> tuple[str, ...]:
        """What only the other version would ask for, by its key."""
        return tuple(key for key in self.new.missing if key not in self.old.missing)

    @property
    def differs(self) -> bool:
        """Whether anything would have been otherwise."""
        return any(measure(self) for measure in MEASURES.values())


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows; `after` begins the next one, None on the last."""

    rows: tuple[Row, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many of the dossiers looked at would have fared otherwise, and how: the keys of `MEASURES`.

    `whole` is False where there were more dossiers than are looked at.
    """

    total: int
    differing: int
    by_measure: dict[str, int]
    whole: bool


def _due(fate: Fate) -> tuple[datetime, datetime] | None:
    """What dates are compared by: when everything is done, and where that is the same, the first result."""
    return None if fate.done_at is None or fate.due_at is None else (fate.done_at, fate.due_at)


def _due_later(row: Row) -> bool:
    old, new = _due(row.old), _due(row.new)
    return old is not None and new is not None and new > old


def _due_earlier(row: Row) -> bool:
    old, new = _due(row.old), _due(row.new)
    return old is not None and new is not None and new < old


def _fee_higher(row: Row) -> bool:
    return row.old.fee is not None and row.new.fee is not None and row.new.fee > row.old.fee


def _fee_lower(row: Row) -> bool:
    return row.old.fee is not None and row.new.fee is not None and row.new.fee < row.old.fee


def _fee_unknown(row: Row) -> bool:
    return (row.old.fee is None) != (row.new.fee is None)


def _route_changed(row: Row) -> bool:
    return row.old.route != row.new.route


def _incomplete(row: Row) -> bool:
    return bool(row.newly_missing)


#: In which ways a dossier would have fared otherwise.
MEASURES: Final = {
    "due_earlier": _due_earlier,
    "due_later": _due_later,
    "fee_higher": _fee_higher,
    "fee_lower": _fee_lower,
    "fee_unknown": _fee_unknown,
    "route_changed": _route_changed,
    "incomplete": _incomplete,
}


def simulate(procedure: Procedure, since: date, until: date, *, after: int = 0, size: int = PAGE) -> Rows:
    """What a version would have made of the dossiers of its procedure received from one day to another, page by page.

    The version must contradict itself nowhere where a dossier would meet it.
    """
    found = _received(procedure, since, until, after, size + 1)
    rows = tuple(_row(procedure, dossier) for dossier in found[:size])
    return Rows(rows, found[size - 1].id if len(found) > size else None)


def summary(procedure: Procedure, since: date, until: date, most: int = MOST) -> Summary:
    """The same in numbers, of the first `most` dossiers."""
    counts: Counter[str] = Counter()
    after: int | None = 0
    while after is not None and counts["total"] < most:
        page = simulate(procedure, since, until, after=after, size=min(PAGE, most - counts["total"]))
        for row in page.rows:
            counts.update(name for name, measure in MEASURES.items() if measure(row))
            counts["differing"] += row.differs
        counts["total"] += len(page.rows)
        after = page.after
    by_measure = {name: counts[name] for name in MEASURES}
    return Summary(counts["total"], counts["differing"], by_measure, whole=after is None)


def _received(procedure: Procedure, since: date, until: date, after: int, size: int) -> Sequence[Dossier]:
    first = datetime.combine(since, time(), OFFICE_TIME)
    behind = datetime.combine(until + timedelta(days=1), time(), OFFICE_TIME)
    with reading() as session:
        return store.received_between(session, procedure.code, first, behind, after, size)


def _row(procedure: Procedure, dossier: Dossier) -> Row:
    assert dossier.received_at is not None
    old = law.catalogue().version(dossier.procedure, dossier.version)
    context, unit = law.context_of(dossier), law.unit(dossier.unit)
    papers = drafts.handed_in(dossier)
    before = simulation.Received(dossier.answers, papers, dossier.term_case, dossier.received_at)
    after = simulation.Received(
        simulation.carried(old, procedure, dossier.answers), papers, dossier.term_case, dossier.received_at
    )
    return Row(
        registration=dossier.registration,
        code=dossier.code,
        received_at=dossier.received_at,
        old=simulation.fate(old, before, context, unit, law.calendar),
        new=simulation.fate(procedure, after, context, unit, law.calendar),
    )
