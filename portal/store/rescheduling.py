"""Orders to move due dates as rows: the dossiers they count again, what they would move, and how far they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.domain.flow import RUNNING, WAITING
from portal.domain.ledger import Entry
from portal.store.bulk import upsert_rows
from portal.store.dossiers import entry_of, is_one_of
from portal.store.law_models import Publication
from portal.store.models import Dossier, DueChange
from portal.store.order_models import CalendarMove, CalendarOrder

#: Dossiers with a date that still is to be kept.
MOVABLE: Final = RUNNING | WAITING


class Counts(NamedTuple):
    """What an order would move to later and to sooner days, how many it has gone through and how many moved."""

    later: int
    sooner: int
    settled: int
    moved: int

    @property
    def all(self) -> int:
        """All that it would move."""
        return self.later + self.sooner


def open_order(session: Session, publication_seq: int, at: datetime) -> int:
    """Open an order for a change of the calendar, in the transaction that publishes it; gives its id."""
    order = CalendarOrder(publication_seq=publication_seq, opened_at=at)
    session.add(order)
    session.flush()
    return order.id


def newest(session: Session, year: int) -> CalendarOrder | None:
    """The order that the last change of a year opened."""
    query = select(CalendarOrder).join(Publication, Publication.seq == CalendarOrder.publication_seq)
    of_year = query.where(Publication.kind == "calendar", Publication.name == str(year))
    return session.scalars(of_year.order_by(CalendarOrder.id.desc()).limit(1)).one_or_none()


def locked(session: Session, order_id: int) -> CalendarOrder | None:
    """An order, kept from others until the transaction ends."""
    return session.scalars(
        select(CalendarOrder).where(CalendarOrder.id == order_id).with_for_update(of=CalendarOrder)
    ).one_or_none()


def waiting(session: Session) -> list[int]:
    """The orders that are not at the end of their counting or moving."""
    unfinished = (CalendarOrder.counted_at.is_(None)) | (
        CalendarOrder.ordered_at.is_not(None) & CalendarOrder.done_at.is_(None)
    )
    return list(session.scalars(select(CalendarOrder.id).where(unfinished).order_by(CalendarOrder.id)))


def open_after(session: Session, dossier_id: int, size: int) -> Sequence[Dossier]:
    """Dossiers with a date still to be kept, by id, from after one on."""
    query = select(Dossier).where(Dossier.id > dossier_id, is_one_of(MOVABLE), Dossier.due_at.is_not(None))
    return session.scalars(query.order_by(Dossier.id).limit(size)).all()


def ledgers(session: Session, ids: Sequence[int]) -> dict[int, list[Entry]]:
    """The ledgers of these dossiers."""
    found: dict[int, list[Entry]] = defaultdict(list)
    for row in session.scalars(select(DueChange).where(DueChange.dossier_id.in_(ids)).order_by(DueChange.id)):
        found[row.dossier_id].append(entry_of(row))
    return found


def write(session: Session, order_id: int, moves: Sequence[tuple[int, datetime, datetime]]) -> None:
    """Write down what an order would move: dossier, old and new date."""
    rows = [
        {
            "order_id": order_id,
            "dossier_id": dossier_id,
            "old_due_at": old,
            "new_due_at": new,
            "settled_at": None,
            "moved": None,
        }
        for dossier_id, old, new in moves
    ]
    upsert_rows(session, CalendarMove, rows)


def unsettled(session: Session, order_id: int, size: int) -> Sequence[tuple[int, str]]:
    """Dossiers that an order has still to go through: id and registration number."""
    query = select(CalendarMove.dossier_id, Dossier.registration).join(Dossier, Dossier.id == CalendarMove.dossier_id)
    rows = session.execute(
        query.where(CalendarMove.order_id == order_id, CalendarMove.settled_at.is_(None))
        .order_by(CalendarMove.dossier_id)
        .limit(size)
    )
    return [(row.dossier_id, row.registration) for row in rows]


def settle(session: Session, order_id: int, dossier_id: int, at: datetime, *, moved: bool) -> None:
    """Note that an order has gone through a dossier."""
    move = (CalendarMove.order_id == order_id, CalendarMove.dossier_id == dossier_id)
    session.execute(update(CalendarMove).where(*move).values(settled_at=at, moved=moved))


def counts(session: Session, order_id: int) -> Counts:
    """How much an order would move, and how far it is."""
    later = CalendarMove.new_due_at > CalendarMove.old_due_at
    query = select(
        func.count().filter(later),
        func.count().filter(~later),
        func.count().filter(CalendarMove.settled_at.is_not(None)),
        func.count().filter(CalendarMove.moved.is_(True)),
    )
    return Counts(*session.execute(query.where(CalendarMove.order_id == order_id)).one())


def moves(
    session: Session, order_id: int, after: int, size: int
) -> tuple[Sequence[tuple[CalendarMove, Dossier]], bool]:
    """One page of what an order would move, by dossier, and whether there is more."""
    query = select(CalendarMove, Dossier).join(Dossier, Dossier.id == CalendarMove.dossier_id)
    here = query.where(CalendarMove.order_id == order_id, CalendarMove.dossier_id > after)
    rows = session.execute(here.order_by(CalendarMove.dossier_id).limit(size + 1)).all()
    return [(row[0], row[1]) for row in rows[:size]], len(rows) > size
