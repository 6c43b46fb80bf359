"""The register as rows: numbers taken in order and without a gap, and the entries of a book page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, exists, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from portal.domain.flow import Action
from portal.domain.ledger import DueReason
from portal.domain.moment import office_day
from portal.store.models import Account, Dossier, DueChange, Event
from portal.store.register_models import RegisterBook, RegisterEntry
from procedures.calendars import OFFICE_TIME


class Place(NamedTuple):
    """Where a dossier stands in the register of its unit and sector."""

    year: int
    number: int


class _Taken(NamedTuple):
    book_id: int
    year: int
    first: int


def enter(session: Session, dossier: Dossier) -> Place:
    """Enter a received dossier in the book of the year of its reception; one that has a place keeps it.

    Where that book is locked, it is entered in the first later one that is not. The book stays locked until the
    transaction ends: who enters after us waits, so numbers follow each other as the transactions do, and none is lost.
    """
    query = select(RegisterBook.year, RegisterEntry.number).join_from(RegisterEntry, RegisterBook)
    query = query.where(RegisterEntry.dossier_id == dossier.id, RegisterEntry.left_at.is_(None))
    if (found := session.execute(query).one_or_none()) is not None:
        return Place(*found)
    assert dossier.received_at is not None
    taken = _take(session, dossier.unit, dossier.sector, office_day(dossier.received_at).year)
    session.add(RegisterEntry(book_id=taken.book_id, number=taken.first, dossier_id=dossier.id))
    session.flush()
    return Place(taken.year, taken.first)


def enter_elsewhere(session: Session, dossier: Dossier, at: datetime) -> None:
    """Enter a dossier in the book of its unit and sector if it stands in another one, where its line stays."""
    entry, book = session.execute(
        select(RegisterEntry, RegisterBook)
        .join(RegisterBook, RegisterBook.id == RegisterEntry.book_id)
        .where(RegisterEntry.dossier_id == dossier.id, RegisterEntry.left_at.is_(None))
    ).one()
    if (book.unit, book.sector) != (dossier.unit, dossier.sector):
        entry.left_at = at
        session.flush()
        enter(session, dossier)


def enter_history(session: Session) -> int:
    """Enter all received dossiers that have no place yet, in the order of their reception; gives how many."""
    unentered = (
        Dossier.received_at.is_not(None),
        ~exists().where(RegisterEntry.dossier_id == Dossier.id, RegisterEntry.left_at.is_(None)),
    )
    groups = session.execute(
        select(Dossier.unit, Dossier.sector, func.min(Dossier.received_at), func.max(Dossier.received_at))
        .where(*unentered)
        .group_by(Dossier.unit, Dossier.sector)
        .order_by(Dossier.unit, Dossier.sector)
    ).all()
    entered = 0
    for unit, sector, first, last in groups:
        assert first is not None and last is not None
        for year in range(office_day(first).year, office_day(last).year + 1):
            of_year = (*unentered, Dossier.unit == unit, Dossier.sector == sector, *_within(year))
            many = session.scalar(select(func.count()).select_from(Dossier).where(*of_year)) or 0
            if not many:
                continue
            taken = _take(session, unit, sector, year, many)
            number = func.row_number().over(order_by=(Dossier.received_at, Dossier.id)) + (taken.first - 1)
            rows = select(literal(taken.book_id), number, Dossier.id).where(*of_year)
            session.execute(insert(RegisterEntry).from_select(["book_id", "number", "dossier_id"], rows))
            entered += many
    return entered


def _within(year: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Those received in the offices' year."""
    begins, ends = (datetime.combine(date(y, 1, 1), time(), OFFICE_TIME).astimezone(UTC) for y in (year, year + 1))
    return Dossier.received_at >= begins, Dossier.received_at < ends


def _take(session: Session, unit: str, sector: str, year: int, many: int = 1) -> _Taken:
    """Take the next numbers of a book, or of the next one that is not locked."""
    make: Any = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    while True:
        statement = (
            make(RegisterBook)
            .values(unit=unit, sector=sector, year=year, entries=many)
            .on_conflict_do_update(
                index_elements=[RegisterBook.unit, RegisterBook.sector, RegisterBook.year],
                set_={"entries": RegisterBook.entries + many},
                where=RegisterBook.locked_at.is_(None),
            )
            .returning(RegisterBook.id, RegisterBook.entries)
        )
        if (row := session.execute(statement).one_or_none()) is not None:
            return _Taken(row.id, year, row.entries - many + 1)
        year += 1


def books(session: Session, units: Iterable[str]) -> Sequence[RegisterBook]:
    """The books of these units, the newest first."""
    query = select(RegisterBook).where(RegisterBook.unit.in_(list(units)))
    return session.scalars(query.order_by(RegisterBook.year.desc(), RegisterBook.unit, RegisterBook.sector)).all()


def book(session: Session, book_id: int, *, lock: bool = False) -> RegisterBook | None:
    """A book; `lock` keeps everybody from entering in it until the transaction ends."""
    query = select(RegisterBook).where(RegisterBook.id == book_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def unlocked_before(session: Session, year: int) -> Sequence[int]:
    """The books of earlier years that are not locked yet."""
    query = select(RegisterBook.id).where(RegisterBook.year < year, RegisterBook.locked_at.is_(None))
    return session.scalars(query.order_by(RegisterBook.id)).all()


class Fact(NamedTuple):
    """What happened to a dossier of which a book tells, and who did it."""

    action: Action
    at: datetime
    who: str


class Entered(NamedTuple):
    """An entry: its number, the columns of its dossier, the facts of its log, and the date that reception promised.

    `left_at` is since when the dossier stands in another book; this one tells no more facts of it.
    """

    number: int
    dossier: Row[Any]
    facts: tuple[Fact, ...]
    promised: datetime
    left_at: datetime | None


_COLUMNS: Final = tuple(
    getattr(Dossier, name)
    for name in (
        "id", "code", "registration", "procedure", "version", "term_case", "leg", "sector", "channel", "unit",
        "desk_unit", "applicant_name", "applicant_phone", "applicant_address", "delivery", "status", "decision",
        "received_at", "due_at", "ended_at", "handed_over_at",
    )
)  # fmt: skip
_PROMISES: Final = (DueReason.RECEIVED, DueReason.RECTIFIED)
_TOLD: Final = (Action.FORWARD, Action.ISSUE, Action.HAND_OVER)


def entries(session: Session, book_id: int, first: int, last: int) -> list[Entered]:
    """The entries of a book from one number to another, in order."""
    here = (RegisterEntry.book_id == book_id, RegisterEntry.number.between(first, last))
    query = (
        select(RegisterEntry.number, RegisterEntry.left_at, *_COLUMNS)
        .join(Dossier, Dossier.id == RegisterEntry.dossier_id)
        .where(*here)
    )
    rows = session.execute(query.order_by(RegisterEntry.number)).all()
    told: dict[int, list[Fact]] = {}
    log = (
        select(Event.dossier_id, Event.action, Event.at, Account.full_name)
        .join(RegisterEntry, RegisterEntry.dossier_id == Event.dossier_id)
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(*here, Event.action.in_([action.value for action in _TOLD]))
    )
    for dossier_id, action, at, who in session.execute(log.order_by(Event.dossier_id, Event.seq)):
        told.setdefault(dossier_id, []).append(Fact(Action(action), at, who or ""))
    promises = (
        select(DueChange.dossier_id, DueChange.new_due_at)
        .join(RegisterEntry, RegisterEntry.dossier_id == DueChange.dossier_id)
        .where(*here, DueChange.reason.in_([reason.value for reason in _PROMISES]))
        .order_by(DueChange.id)
    )
    promised = {row.dossier_id: row.new_due_at for row in session.execute(promises)}
    return [
        Entered(
            row.number,
            row,
            () if row.left_at else tuple(told.get(row.id, ())),
            promised.get(row.id, row.due_at),
            row.left_at,
        )
        for row in rows
    ]
