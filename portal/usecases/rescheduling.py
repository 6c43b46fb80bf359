"""Moves dates promised before days off were announced: first all is counted again, then one order moves what it would.

Without an order a dossier keeps its date, whatever the calendar says since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import ledger
from portal.domain.access import PORTAL, Actor, Role
from portal.domain.amendments import Change, Way
from portal.domain.errors import Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.ledger import LedgerError
from portal.domain.words import BY_NOTICE, BY_NOTICE_OF_A_DAY
from portal.store import dossiers as rows
from portal.store import office as book
from portal.store import publications
from portal.store import rescheduling as store
from portal.store.database import reading, ring_after_commit, transaction
from portal.store.models import Account, Dossier
from portal.store.order_models import CalendarMove, CalendarOrder
from portal.store.rescheduling import Counts
from portal.usecases import dossiers, law, office
from portal.usecases.scenes import Deed
from procedures.calendars import CalendarError
from procedures.model import Text

#: Dossiers counted, and dossiers moved, in one transaction.
COUNTED, MOVED = 500, 50
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Preview:
    """What the last change of a year would move, how far it is, and one page of it; `next` is where another begins."""

    order: CalendarOrder
    counts: Counts
    moves: Sequence[tuple[CalendarMove, Dossier]]
    next: int | None


def preview(year: int, after: int = 0, size: int = PAGE) -> Preview | None:
    """What the last change of a year would move or has moved; None where nobody has changed it."""
    with reading() as session:
        order = store.newest(session, year)
        if order is None:
            return None
        found, more = store.moves(session, order.id, after, size)
        return Preview(order, store.counts(session, order.id), found, found[-1][1].id if more else None)


def is_open(year: int) -> bool:
    """Whether it was counted, or is being counted, what a change of this year would move."""
    with reading() as session:
        return store.newest(session, year) is not None


def give_order(actor: Actor, year: int, at: datetime) -> None:
    """Order what the last change of a year would move; ordering it again changes nothing.

    Raises Forbidden, NotFound (nothing was changed), Invalid (`order`: it is still being counted).
    """
    account_id = office.administrator(actor)
    with transaction() as session:
        newest = store.newest(session, year)
        order = store.locked(session, newest.id) if newest else None
        if order is None:
            raise NotFound(year=year)
        if order.counted_at is None:
            raise Invalid({"order": "still_counting"})
        if order.ordered_at is None:
            order.ordered_at, order.ordered_by_id = at, account_id
            ring_after_commit(session, office.RESCHEDULE, order.id)


def waiting() -> list[int]:
    """The orders that are not at the end of their counting or moving."""
    with reading() as session:
        return store.waiting(session)


def work(order_id: int, at: datetime) -> None:
    """Count, and move if it was ordered, to the end; begins where it was broken off."""
    book.look_again()
    while _count_on(order_id, at):
        pass
    while _move_on(order_id, at):
        pass


def _count_on(order_id: int, at: datetime) -> bool:
    """Count a batch again; whether there may be more."""
    with transaction() as session:
        order = store.locked(session, order_id)
        if order is None or order.counted_at is not None:
            return False
        found = store.open_after(session, order.counted_to, COUNTED)
        entries = store.ledgers(session, [dossier.id for dossier in found])
        moves = []
        for dossier in found:
            new = _recounted(dossier, entries.get(dossier.id, []))
            if new is not None and dossier.due_at is not None and new != dossier.due_at:
                moves.append((dossier.id, dossier.due_at, new))
        store.write(session, order.id, moves)
        order.examined += len(found)
        if len(found) < COUNTED:
            order.counted_at = at
        if found:
            order.counted_to = found[-1].id
        return len(found) == COUNTED


def _recounted(dossier: Dossier, entries: Sequence[ledger.Entry]) -> datetime | None:
    """The date by the calendar of now; None where the ledger, or a calendar that ends, does not give one."""
    calendar = law.calendar(dossier.desk_unit, dossier.sector)
    try:
        return ledger.recount(entries, law.rules_of(dossier).term, calendar).due_at
    except (LedgerError, CalendarError):
        return None


def _move_on(order_id: int, at: datetime) -> bool:
    """Move a batch; whether there may be more."""
    with transaction() as session:
        order = store.locked(session, order_id)
        if order is None or order.ordered_at is None or order.done_at is not None:
            return False
        batch = store.unsettled(session, order.id, MOVED)
        words = _words(order)
        for dossier_id, registration in batch:
            moved = _move(session, registration, words, at)
            store.settle(session, order.id, dossier_id, at, moved=moved)
        if not batch:
            order.done_at = at
            _record(session, order, at)
        return bool(batch)


def _move(session: Session, registration: str, words: str, at: datetime) -> bool:
    """Move one dossier's date, if it still is open and has not come to that date by itself."""
    dossier = dossiers.open_for_change(session, registration, PORTAL, None)
    if dossier.state not in store.MOVABLE:
        return False
    new = _recounted(dossier, rows.whole_case_of(dossier).ledger)
    if new is None or new == dossier.due_at:
        return False
    dossiers.perform(session, dossier, PORTAL, Deed(Action.RESCHEDULE, words=words), at)
    return True


def _words(order: CalendarOrder) -> str:
    """What is kept with every event: on which notice the order rests."""
    notice = order.publication
    if notice.decided_on is None:
        return BY_NOTICE.vi.format(number=notice.decision_number)
    return BY_NOTICE_OF_A_DAY.vi.format(number=notice.decision_number, day=f"{notice.decided_on:%d/%m/%Y}")


def _record(session: Session, order: CalendarOrder, at: datetime) -> None:
    """Write into the office's log how many dates were moved, by whose order."""
    publications.hold(session, alone=True)
    moved = store.counts(session, order.id).moved
    account = session.get_one(Account, order.ordered_by_id)
    actor = Actor(account.id, Role(account.role), account.unit, account.full_name)
    said = Change(
        Way.CHANGED,
        ("moved",),
        Text(vi="số hồ sơ được dời ngày hẹn", en="dossiers whose date was moved"),
        Text(vi="0", en="0"),
        Text(vi=str(moved), en=str(moved)),
    )
    notice = order.publication
    office.record(
        session, actor, office.ORDER, f"{notice.name}/{order.id}", law.office_day(at), f"moved: {moved}\n", [said], at,
        number=notice.decision_number, decided_on=notice.decided_on,
    )  # fmt: skip
