"""The projection of the events as counts, facts and spells: written, and asked for figures and for lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from portal.domain.flow import Action, Status
from portal.domain.moment import office_day
from portal.domain.statistics import (
    NEVER,
    ONE_DAY,
    Balance,
    Course,
    Happening,
    Listed,
    Measure,
    Period,
    Phase,
    Result,
    Standing,
    Tally,
    Turn,
    add_months,
)
from portal.store import statistics_models as kept
from portal.store.bulk import Rows, rows_of, upsert_rows
from portal.store.dossiers import IS_OPEN
from portal.store.models import Base, Dossier, Event
from portal.store.statistics_models import ALL

#: A query whose columns only its reader knows.
Query = Select[*tuple[Any, ...]]

#: At most so many values in one IN (…).
_MANY: Final = 500
_MEASURES: Final = tuple(measure.name.lower() for measure in Measure)
_COURSE: Final = tuple(field.name for field in fields(Course) if field.name != "spells")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the projection has read: the position and instant of the last event, 0 and None before the first."""

    position: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Which dossiers figures are of: received by one of these units, of this procedure, by this channel; None: all."""

    units: tuple[str, ...] | None = None
    procedure: str | None = None
    channel: str | None = None


# --- writing ---


def mark(connection: Connection) -> Mark:
    """How far the projection has read."""
    return mark_and_last(connection)[0]


def mark_and_last(connection: Connection) -> tuple[Mark, int]:
    """How far the projection has read, and the position of the last event, 0 before the first."""
    position, at, last = connection.execute(_MARK_AND_LAST).one()
    return Mark(position or 0, at), last or 0


_MARK_AND_LAST: Final = select(
    select(kept.Mark.position).scalar_subquery(),
    select(kept.Mark.at).scalar_subquery(),
    select(func.max(Event.position)).scalar_subquery(),
)


def hold_mark(session: Session) -> Mark:
    """The mark, kept from others until the transaction ends, so that no event is counted twice."""
    upsert_rows(session, kept.Mark, [{"id": 1, "position": 0, "at": None}])
    return Mark(*session.execute(select(kept.Mark.position, kept.Mark.at).with_for_update()).one())


def next_events(session: Session, after: Mark, size: int) -> tuple[list[Happening], Mark]:
    """The events after the mark in the order of their commits, at most `size`, and the mark behind them."""
    query = select(
        Event.position, Event.at, Event.dossier_id, Event.action, Event.after, Event.step, Event.unit, Event.due_on
    )
    rows = session.execute(query.where(Event.position > after.position).order_by(Event.position).limit(size)).all()
    if not rows:
        return [], after
    corrected = {row.dossier_id for row in rows if row.action == Action.RECTIFY}
    held = select(Dossier.id, Dossier.procedure).where(Dossier.id.in_(corrected))
    procedures = {row[0]: row[1] for row in session.execute(held)} if corrected else {}
    events = [Happening(row[2], office_day(row[1]), *row[3:], procedures.get(row[2], "")) for row in rows]
    return events, Mark(rows[-1][0], rows[-1][1])


def courses(session: Session, dossier_ids: Iterable[int]) -> dict[int, Course]:
    """The courses of these dossiers as far as they were followed; a new one for a dossier not yet met."""
    wanted = sorted(set(dossier_ids))
    columns = [getattr(kept.Fact, name) for name in _COURSE]
    found: dict[int, Course] = {}
    for ids in _runs(wanted):
        for row in session.execute(select(*columns).where(kept.Fact.dossier_id.in_(ids))):
            course = Course(*row)
            course.result = None if course.result is None else Result(course.result)
            found[course.dossier_id] = course
    for ids in _runs([each for each in wanted if each not in found]):
        further = Dossier.lead_id.is_not(None)
        new = select(Dossier.id, Dossier.procedure, Dossier.channel, further).where(Dossier.id.in_(ids))
        found |= {row[0]: Course(*row) for row in session.execute(new)}
    return found


def write(session: Session, followed: Iterable[Course], tally: Tally, read: Mark) -> None:
    """Keep what following events up to `read` came to, in the transaction that holds the mark."""
    told = list(followed)
    upsert_rows(session, kept.Fact, [_fact(course) for course in told], replace=_COURSE[1:])
    gone = [{"of": c.dossier_id, "from_day": since} for c in told for since, spell in c.spells.items() if spell is None]
    upsert_rows(session, kept.Spell, _spell_rows(told), replace=("unit", "procedure", "until", "due_on", "waiting"))
    if gone:
        table = kept.Spell.__table__
        where = and_(table.c.dossier_id == bindparam("of"), table.c.since == bindparam("from_day"))
        session.connection().execute(delete(table).where(where), gone)  # type: ignore[arg-type]
    write_tally(session, tally, read)


def new_rows(followed: Sequence[Course], dialect: Dialect) -> tuple[Rows, Rows]:
    """Facts and spells of courses that were followed from their first event on, to be inserted."""
    facts = [_fact(course) for course in followed]
    return rows_of(kept.Fact, facts, dialect), rows_of(kept.Spell, _spell_rows(followed), dialect)


def write_tally(session: Session, tally: Tally, read: Mark) -> None:
    """Add what following events up to `read` changes in the counts, in the transaction that holds the mark."""
    _write_counts(session, tally)
    _write_standings(session, tally)
    session.execute(update(kept.Mark).values(position=read.position, at=read.at))


def clear(session: Session) -> None:
    """Throw the projection away."""
    for table in (kept.Fact, kept.Spell, kept.Count, kept.Standing, kept.Mark):
        session.execute(delete(table))


def _fact(course: Course) -> dict[str, Any]:
    values = {name: getattr(course, name) for name in _COURSE}
    return values | {"result": None if course.result is None else course.result.value}


def _spell_rows(followed: Iterable[Course]) -> list[dict[str, Any]]:
    return [
        {
            "dossier_id": course.dossier_id,
            "since": since,
            "unit": course.unit,
            "procedure": course.procedure,
            "channel": course.channel,
            "until": spell.until,
            "due_on": spell.due_on,
            "waiting": spell.waiting,
        }
        for course in followed
        for since, spell in course.spells.items()
        if spell is not None
    ]


def _write_counts(session: Session, tally: Tally) -> None:
    # Days first make months and years, then each of these all combinations with ALL: the other way is more work.
    spans: dict[tuple[str, str, str, str, date, bool], list[int]] = {}
    for (day, unit, procedure, channel, further), numbers in tally.counts.items():
        for grain, start in (("Y", day.replace(month=1, day=1)), ("M", day.replace(day=1)), ("D", day)):
            _add(spans, (procedure, channel, unit, grain, start, further), numbers)
    cells: dict[tuple[str, str, str, date, str], list[int]] = {}
    for (procedure, channel, unit, grain, start, further), numbers in spans.items():
        if any(numbers):
            for p in (procedure, ALL):
                for c in (channel, ALL):
                    for u in (unit,) if further else (unit, ALL):
                        _add(cells, (p, c, grain, start, u), numbers)
    keys = ("procedure", "channel", "grain", "start", "unit")
    rows: list[dict[str, Any]] = [
        dict(zip(keys + _MEASURES, (*key, *numbers), strict=True)) for key, numbers in sorted(cells.items())
    ]
    upsert_rows(session, kept.Count, [row for row in rows if any(row[name] for name in _MEASURES)], add=_MEASURES)
    # OVER goes both ways, and so brings a row to nothing: from above, or from below a day that began with less. Any
    # other count goes down only where a reception was put right.
    down = [row for row in rows if row["over"] or min(row[name] for name in _MEASURES) < 0]
    _drop_empty(session, kept.Count, keys, _MEASURES, down)


def _add(sums: dict[Any, list[int]], key: Any, numbers: list[int]) -> None:
    there = sums.get(key)
    if there is None:
        sums[key] = numbers.copy()
        return
    for place, number in enumerate(numbers):
        if number:
            there[place] += number


def _write_standings(session: Session, tally: Tally) -> None:
    keys = Standing._fields
    moved = {standing: number for standing, number in tally.standings.items() if number}
    rows: list[dict[str, Any]] = [
        standing._asdict() | {"due_on": standing.due_on or NEVER, "dossiers": number}
        for standing, number in moved.items()
    ]
    upsert_rows(session, kept.Standing, rows, add=("dossiers",))
    _drop_empty(session, kept.Standing, keys, ("dossiers",), [row for row in rows if row["dossiers"] < 0])


def _drop_empty(
    session: Session, table: type[Base], keys: Sequence[str], measures: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    """Take out those of the rows that have come to nothing, so that a rebuild gives the same rows."""
    if not rows:
        return
    columns = table.__table__.c
    same = [columns[name] == bindparam(f"key_{name}") for name in keys]
    nothing = [columns[name] == 0 for name in measures]
    statement = delete(table.__table__).where(*same, *nothing)  # type: ignore[arg-type]
    session.connection().execute(statement, [{f"key_{name}": row[name] for name in keys} for row in rows])


def _runs(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))


# --- figures ---


def by_unit(connection: Connection, days: Sequence[date], cut: Cut) -> dict[tuple[int, str], Balance]:
    """The balances at the end of each of these days, by (number of the day, unit); ALL is the sum of the units."""
    chosen = true() if cut.units is None else kept.Count.unit.in_(cut.units)
    return _balances(connection, days, kept.Count.unit, and_(_one(kept.Count.procedure, cut.procedure), chosen), cut)


def by_procedure(connection: Connection, days: Sequence[date], cut: Cut) -> dict[tuple[int, str], Balance]:
    """The balances at the end of each of these days, by (number of the day, procedure); ALL is the sum of them."""
    units = (ALL,) if cut.units is None else cut.units
    chosen = true() if cut.procedure is None else kept.Count.procedure == cut.procedure
    return _balances(connection, days, kept.Count.procedure, and_(kept.Count.unit.in_(units), chosen), cut)


def _balances(
    connection: Connection, days: Sequence[date], group: Any, where: ColumnElement[bool], cut: Cut
) -> dict[tuple[int, str], Balance]:
    measures = [getattr(kept.Count, name) for name in _MEASURES]
    parts = [
        select(literal(number).label("number"), group.label("part"), *measures).where(
            where,
            _one(kept.Count.channel, cut.channel),
            kept.Count.grain == grain,
            kept.Count.start >= since,
            kept.Count.start < until,
        )
        for number, day in enumerate(days)
        for grain, since, until in _whole_spans(day)
    ]
    counted = union_all(*parts).subquery()
    sums = [func.sum(counted.c[name]) for name in _MEASURES]
    query = select(counted.c.number, counted.c.part, *sums).group_by(counted.c.number, counted.c.part)
    return {(row[0], row[1]): Balance(*map(int, row[2:])) for row in connection.execute(query)}


def _whole_spans(day: date) -> tuple[tuple[str, date, date], ...]:
    """The whole years, then months, then days that make up all time up to the end of this day, each span half-open."""
    end = day + ONE_DAY
    year, month = end.replace(month=1, day=1), end.replace(day=1)
    return ("Y", date.min, year), ("M", year, month), ("D", month, end)


def by_month(connection: Connection, first: date, months: int, cut: Cut) -> dict[date, Balance]:
    """What was counted in each of so many months from the one that begins on `first`."""
    units = (ALL,) if cut.units is None else cut.units
    query = (
        select(kept.Count.start, *(func.sum(getattr(kept.Count, name)) for name in _MEASURES))
        .where(
            _one(kept.Count.procedure, cut.procedure),
            _one(kept.Count.channel, cut.channel),
            kept.Count.unit.in_(units),
            kept.Count.grain == "M",
            kept.Count.start >= first,
            kept.Count.start < add_months(first, months),
        )
        .group_by(kept.Count.start)
    )
    return {row[0]: Balance(*map(int, row[1:])) for row in connection.execute(query)}


def standings(connection: Connection, units: Sequence[str] | None) -> list[tuple[Standing, int]]:
    """Where unfinished dossiers stand at these units (None: all), with how many stand there."""
    query = select(
        kept.Standing.unit,
        kept.Standing.procedure,
        kept.Standing.step,
        kept.Standing.turn,
        kept.Standing.phase,
        kept.Standing.due_on,
        kept.Standing.dossiers,
    )
    if units is not None:
        query = query.where(kept.Standing.unit.in_(units))
    return [
        (Standing(r[0], r[1], r[2], Turn(r[3]), Phase(r[4]), None if r[5] == NEVER else r[5]), r[6])
        for r in connection.execute(query)
    ]


def _one(column: Any, value: str | None) -> ColumnElement[bool]:
    chosen: ColumnElement[bool] = column == (ALL if value is None else value)
    return chosen


# --- lists behind the figures ---


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier of a list; `day` is what the list is ordered by, `due_on` the due day that the figure went by."""

    day: date
    dossier_id: int
    registration: str
    code: str | None
    procedure: str
    unit: str
    channel: str
    at_unit: str
    status: int
    received_on: date | None
    due_on: date | None
    ended_on: date | None


Place = tuple[date, int]

_NOW: Final[tuple[Any, ...]] = (
    Dossier.registration,
    Dossier.code,
    Dossier.procedure,
    Dossier.unit,
    Dossier.channel,
    Dossier.desk_unit,
    Dossier.status,
)


def listed(
    connection: Connection, what: Listed, period: Period, cut: Cut, after: Place | None, size: int
) -> tuple[list[Line], bool]:
    """One page of the dossiers behind a figure, and whether there are more."""
    query = _SPELL_LISTS[what](period) if what in _SPELL_LISTS else _FACT_LISTS[what](period)
    return _page(connection, _cut(query, kept.Spell if what in _SPELL_LISTS else kept.Fact, cut), after, size)


def _facts(day: Any, period: Period, *where: ColumnElement[bool]) -> Query:
    return (
        select(
            day.label("day"),
            kept.Fact.dossier_id,
            *_NOW,
            kept.Fact.received_on,
            kept.Fact.due_on,
            kept.Fact.ended_on,
        )
        .join(Dossier, Dossier.id == kept.Fact.dossier_id)
        .where(day >= period.first, day <= period.last, *where)
    )


def _spells(day: date, *where: ColumnElement[bool]) -> Query:
    return (
        select(
            kept.Spell.due_on.label("day"),
            kept.Spell.dossier_id,
            *_NOW,
            kept.Fact.received_on,
            kept.Spell.due_on,
            kept.Fact.ended_on,
        )
        .join(Dossier, Dossier.id == kept.Spell.dossier_id)
        .join(kept.Fact, kept.Fact.dossier_id == kept.Spell.dossier_id)
        .where(kept.Spell.since <= day, kept.Spell.until > day, *where)
    )


_ONLINE: Final = kept.Fact.channel == "online"
_FACT_LISTS: Final = {
    Listed.RECEIVED: lambda p: _facts(kept.Fact.received_on, p),
    Listed.RECEIVED_ONLINE: lambda p: _facts(kept.Fact.received_on, p, _ONLINE),
    Listed.RECEIVED_COUNTER: lambda p: _facts(kept.Fact.received_on, p, ~_ONLINE),
    Listed.RESOLVED: lambda p: _facts(kept.Fact.ended_on, p),
    Listed.RESOLVED_EARLY: lambda p: _facts(kept.Fact.ended_on, p, kept.Fact.result == Result.EARLY),
    Listed.RESOLVED_ON_TIME: lambda p: _facts(kept.Fact.ended_on, p, kept.Fact.result == Result.ON_TIME),
    Listed.RESOLVED_LATE: lambda p: _facts(kept.Fact.ended_on, p, kept.Fact.result == Result.LATE),
    Listed.SECOND_SUPPLEMENTS: lambda p: _facts(kept.Fact.second_supplement_on, p),
}
_SPELL_LISTS: Final = {
    Listed.CARRIED_OVER: lambda p: _spells(p.first - ONE_DAY),
    Listed.OPEN: lambda p: _spells(p.last),
    Listed.OPEN_WITHIN: lambda p: _spells(p.last, or_(kept.Spell.waiting, kept.Spell.due_on >= p.last)),
    Listed.OPEN_OVER: lambda p: _spells(p.last, ~kept.Spell.waiting, kept.Spell.due_on < p.last),
}


def _cut(query: Query, table: type[kept.Fact] | type[kept.Spell], cut: Cut) -> Query:
    # Over all units a bundle counts once, by its first leg.
    query = query.where(~kept.Fact.further if cut.units is None else table.unit.in_(cut.units))
    if cut.procedure is not None:
        query = query.where(table.procedure == cut.procedure)
    if cut.channel is not None:
        query = query.where(table.channel == cut.channel)
    return query


def _page(connection: Connection, query: Query, after: Place | None, size: int) -> tuple[list[Line], bool]:
    columns = list(query.selected_columns)
    day, dossier_id = columns[0], columns[1]
    if after is not None:
        query = query.where(tuple_(day, dossier_id) > after)
    rows: Sequence[Row[*tuple[Any, ...]]] = connection.execute(query.order_by(day, dossier_id).limit(size + 1)).all()
    return [Line(*tuple(row)) for row in rows[:size]], len(rows) > size


@dataclass(frozen=True, slots=True)
class Spot:
    """Where unfinished dossiers of a list stand: at the desks of these units; None does not narrow.

    Due days are half-open: from ≤ day < until.
    """

    units: tuple[str, ...]
    procedure: str | None = None
    step: str | None = None
    turn: Turn | None = None
    phase: Phase | None = None
    due_from: date | None = None
    due_until: date | None = None


_APPLICANTS = and_(Dossier.status == Status.SUPPLEMENT_ASKED, ~Dossier.answered_early)
_TURNS: Final[Mapping[Turn, ColumnElement[bool]]] = {
    Turn.DUTY: Dossier.status == Status.DUTY_ASKED,
    Turn.SUPPLEMENT: _APPLICANTS,
    Turn.OFFICE: and_(Dossier.status != Status.DUTY_ASKED, ~_APPLICANTS),
}
_PHASES: Final[Mapping[Phase, ColumnElement[bool]]] = {
    Phase.BEFORE: Dossier.received_at.is_(None),
    Phase.RUNNING: and_(Dossier.received_at.is_not(None), Dossier.ended_at.is_(None)),
    Phase.ENDED: Dossier.ended_at.is_not(None),
}


def standing_at(connection: Connection, spot: Spot, after: Place | None, size: int) -> tuple[list[Line], bool]:
    """One page of the unfinished dossiers that stand there now, the first due first, and whether there are more."""
    day = func.coalesce(Dossier.due_on, NEVER)
    query = (
        select(day.label("day"), Dossier.id, *_NOW, kept.Fact.received_on, Dossier.due_on, Dossier.ended_on)
        .outerjoin(kept.Fact, kept.Fact.dossier_id == Dossier.id)
        .where(IS_OPEN, or_(Dossier.lead_id.is_(None), Dossier.received_at.is_not(None)))
    )
    where = (
        Dossier.desk_unit.in_(spot.units),
        None if spot.procedure is None else Dossier.procedure == spot.procedure,
        None if spot.step is None else Dossier.step == spot.step,
        None if spot.turn is None else _TURNS[spot.turn],
        None if spot.phase is None else _PHASES[spot.phase],
        None if spot.due_from is None else day >= spot.due_from,
        None if spot.due_until is None else day < spot.due_until,
    )
    return _page(connection, query.where(*(each for each in where if each is not None)), after, size)
