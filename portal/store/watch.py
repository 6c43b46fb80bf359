"""The watch's rows: the dossiers it has to look at, in batches; what it writes; and the lists that come of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, literal_column, select, tuple_, update
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Role, Within, reminded_of
from portal.domain.casework import Case, Holder
from portal.domain.flow import RUNNING, Status
from portal.domain.ledger import DueReason, Entry
from portal.store.bulk import upsert_rows
from portal.store.dossiers import case_of, entry_of, is_one_of
from portal.store.models import Dossier, DueChange, Interval
from portal.store.watch_models import ApologyPreparation, StepWarning, WatchCount

#: Where a batch goes on: after this instant and id.
Place = tuple[datetime, int]

_SEEN: Final = (
    *(
        "id",
        "registration",
        "procedure",
        "version",
        "term_case",
        "leg",
        "sector",
        "owner_id",
        "helper_id",
        "desk_unit",
        "status",
    ),
    *("step", "step_since", "holder_role", "holder_unit", "act_by", "received_at", "due_at", "due_on"),
    *("due_provisional", "held_since", "answer_by", "ended_at", "ended_on", "handed_over_at", "decision"),
    *("supplement_rounds", "answered_early", "withdrawal_asked", "fee", "fee_paid", "begins_by"),
    *("supplement_proposed", "watch_at", "warned", "apology_by"),
)
_COLUMNS: Final = tuple(getattr(Dossier, name) for name in _SEEN)


class Watched(NamedTuple):
    """A dossier as the watch sees it: the row, the case with an apology and the intervals that go on, the holder."""

    row: Any
    case: Case
    holder: Holder | None


def due(session: Session, at: datetime, after: Place | None, size: int) -> list[Watched]:
    """A batch of the dossiers that the watch has to look at by now, locked; what another one holds is left out."""
    query = select(*_COLUMNS).where(Dossier.watch_at <= at).order_by(Dossier.watch_at, Dossier.id).limit(size)
    if after is not None:
        query = query.where(tuple_(Dossier.watch_at, Dossier.id) > after)
    return _watched(session, session.execute(query.with_for_update(skip_locked=True)).all())


def counted_by(session: Session) -> str | None:
    """By which calendars it was counted last when to look at each dossier; None where never."""
    return session.scalar(select(WatchCount.calendars).order_by(WatchCount.id.desc()).limit(1))


def count_by(session: Session, calendars: str, at: datetime) -> None:
    """It is counted by these calendars from now on."""
    session.add(WatchCount(calendars=calendars, counted_at=at))


def one(session: Session, dossier_id: int) -> Watched:
    """One dossier, as the watch sees it."""
    return _watched(session, session.execute(select(*_COLUMNS).where(Dossier.id == dossier_id)).all())[0]


def _watched(session: Session, rows: Sequence[Row[Any]]) -> list[Watched]:
    ids = [row.id for row in rows]
    apologies, intervals = _apologies(session, ids), _intervals(session, ids)
    return [
        Watched(
            row,
            case_of(row)._replace(ledger=apologies.get(row.id, ()), intervals=intervals.get(row.id, {})),
            Holder(Role(row.holder_role), row.holder_unit, row.act_by) if row.holder_role else None,
        )
        for row in rows
    ]


def _apologies(session: Session, ids: Iterable[int]) -> dict[int, tuple[Entry, ...]]:
    """Of the ledgers only whether another date was promised with an apology: that is all the watch asks."""
    query = select(DueChange).where(DueChange.dossier_id.in_(ids), DueChange.reason == DueReason.APOLOGY)
    return {row.dossier_id: (entry_of(row),) for row in session.scalars(query)}


def _intervals(session: Session, ids: Iterable[int]) -> Mapping[int, dict[str, datetime]]:
    query = select(Interval.dossier_id, Interval.key, Interval.begun_at)
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for dossier_id, key, begun_at in session.execute(
        query.where(Interval.dossier_id.in_(ids), Interval.ended_at.is_(None))
    ):
        found[dossier_id][key] = begun_at
    return found


def mark(session: Session, marks: Sequence[dict[str, Any]]) -> None:
    """Write what the watch has seen into the dossiers: `key`, `watch_at`, `warned`, `apology_by`."""
    if marks:
        table = Dossier.__table__
        # Past the mapper: nobody who acts on a dossier meanwhile shall be told that another one was faster.
        statement = update(table).where(table.c.id == bindparam("key"))  # type: ignore[arg-type]
        names = ("watch_at", "warned", "apology_by")
        session.connection().execute(statement.values({name: bindparam(name) for name in names}), list(marks))


def warn(session: Session, warnings: Sequence[dict[str, Any]]) -> None:
    """Write warnings down; those there are stay as they are."""
    upsert_rows(session, StepWarning, warnings)


def prepare(session: Session, prepared: Sequence[dict[str, Any]]) -> None:
    """Write prepared apologies down; one that was settled and is needed again, for the same date, is open again."""
    upsert_rows(session, ApologyPreparation, prepared, replace=("promised", "prepared_at", "settled_at", "settled_by"))


def settle(session: Session, dossier_id: int, action: str, at: datetime) -> None:
    """Close the apology that was prepared for a dossier."""
    still_open = update(ApologyPreparation).where(
        ApologyPreparation.dossier_id == dossier_id, ApologyPreparation.settled_at.is_(None)
    )
    session.execute(still_open.values(settled_at=at, settled_by=action))


def prepared_for(session: Session, ids: Sequence[int]) -> dict[int, ApologyPreparation]:
    """The apologies that wait to be signed, by dossier."""
    query = select(ApologyPreparation).where(
        ApologyPreparation.dossier_id.in_(ids), ApologyPreparation.settled_at.is_(None)
    )
    return {row.dossier_id: row for row in session.scalars(query)}


def warnings_of(session: Session, ids: Sequence[int]) -> dict[int, list[StepWarning]]:
    """Every warning about these dossiers, in the order of time."""
    query = select(StepWarning).where(StepWarning.dossier_id.in_(ids))
    found: dict[int, list[StepWarning]] = defaultdict(list)
    for row in session.scalars(query.order_by(StepWarning.at, StepWarning.level)):
        found[row.dossier_id].append(row)
    return found


# --- what people are reminded of ---


class Shelf(StrEnum):
    """Which reminders a list holds, by the instant that orders it."""

    WARNED = "act_by"
    APOLOGIES = "apology_by"


class Reminder(NamedTuple):
    """What a list of reminders shows of a dossier, named as its columns."""

    id: int
    registration: str
    code: str | None
    procedure: str
    version: date
    leg: str
    sector: str
    desk_unit: str
    status: int
    step: str
    holder_role: str | None
    holder_unit: str | None
    act_by: datetime | None
    due_at: datetime | None
    due_on: date | None
    due_provisional: bool
    ended_on: date | None
    answered_early: bool
    warned: int
    apology_by: datetime | None

    @property
    def state(self) -> Status:
        """The status as the domain knows it."""
        return Status(self.status)


_REMINDED: Final = select(*(getattr(Dossier, name) for name in Reminder._fields))


def _on_shelf(shelf: Shelf, actor: Actor, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """What this actor is reminded of: their own work or, who heads an office, all of it; see `access.reminded_of`."""
    within, role = reminded_of(actor)
    here = [Dossier.holder_unit == actor.unit]
    here += [] if role is None else [Dossier.holder_role == role.value]
    here += [] if within is None else [(Dossier.sector == "residence") == (within is Within.POLICE)]
    if shelf is Shelf.WARNED:
        return (*here, Dossier.warned > literal_column("0"))
    return (*here, Dossier.apology_by >= at)


def reminders(
    connection: Connection, shelf: Shelf, actor: Actor, at: datetime, after: Place | None, size: int
) -> tuple[list[Reminder], bool]:
    """One page of what an actor is reminded of, the most urgent first, and whether there is more."""
    order = (getattr(Dossier, shelf.value), Dossier.id)
    query = _REMINDED.where(*_on_shelf(shelf, actor, at)).order_by(*order).limit(size + 1)
    if after is not None:
        query = query.where(tuple_(*order) > after)
    rows = [Reminder._make(row) for row in connection.execute(query)]
    return rows[:size], len(rows) > size


def count_reminders(connection: Connection, shelf: Shelf, actor: Actor, at: datetime) -> int:
    """How much an actor is reminded of."""
    counted = select(func.count()).select_from(Dossier).where(*_on_shelf(shelf, actor, at))
    return connection.execute(counted).scalar_one()


# --- dates that passed with neither a result nor an apology ---


def _missed(units: Sequence[str] | None, today: date) -> tuple[ColumnElement[bool], ...]:
    here = () if units is None else (Dossier.desk_unit.in_(units),)
    return (is_one_of(RUNNING), Dossier.due_on < today, *here)


def missed(
    connection: Connection, units: Sequence[str] | None, today: date, after: tuple[date, int] | None, size: int
) -> tuple[list[Reminder], bool]:
    """One page of the dossiers at these units (None: all) whose date has passed while the term ran, the oldest first.

    An apology moves the date before it passes: what passes has none, or has broken the date that one promised.
    """
    order = (Dossier.due_on, Dossier.id)
    query = _REMINDED.where(*_missed(units, today)).order_by(*order).limit(size + 1)
    if after is not None:
        query = query.where(tuple_(*order) > after)
    rows = [Reminder._make(row) for row in connection.execute(query)]
    return rows[:size], len(rows) > size


def count_missed(connection: Connection, units: Sequence[str] | None, today: date) -> int:
    """How many dossiers have passed their date while the term ran."""
    return connection.execute(select(func.count()).select_from(Dossier).where(*_missed(units, today))).scalar_one()


def apologised(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Which of these dossiers were promised another date with an apology."""
    return frozenset(_apologies(session, ids))


def untold(session: Session) -> list[StepWarning]:
    """The warnings of steps whose time is over that nobody was sent a message about yet, locked."""
    query = select(StepWarning).where(StepWarning.level == literal_column("100"), StepWarning.told_at.is_(None))
    order = (StepWarning.holder_unit, StepWarning.holder_role, StepWarning.dossier_id)
    return list(session.scalars(query.order_by(*order).with_for_update(skip_locked=True)))
