"""Proves the statistics against a count that knows nothing but the exported events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Role
from portal.domain.moment import office_day
from portal.domain.statistics import Cell, Figures, Listed, Measure, Period, Tally
from portal.store import database as connection
from portal.store import statistics as store
from portal.store import statistics_models as kept
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Event
from portal.store.statistics import Cut, Line, Spot
from portal.usecases import export, statistics
from tests.histories import CHANNELS, FIRST_DAY, PROCEDURES, UNITS, Life, histories, write_dossiers, write_events

History = tuple[list[Life], list[dict[str, Any]]]
TABLES = (kept.Mark, kept.Fact, kept.Spell, kept.Count, kept.Standing)

DAYS = st.dates(FIRST_DAY - timedelta(days=3), FIRST_DAY + timedelta(days=120))
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Period(*sorted(days)))
CUTS = st.builds(
    Cut,
    units=st.none() | st.lists(st.sampled_from(UNITS), min_size=1, unique=True).map(tuple),
    procedure=st.none() | st.sampled_from(PROCEDURES),
    channel=st.none() | st.sampled_from(CHANNELS),
)


@pytest.fixture(autouse=True)
def database(database_url: str) -> Iterator[connection.Database]:
    """The test's own database, without a bell."""
    database = connection.connect(database_url)
    yield database
    database.close()


def empty() -> None:
    """What an earlier example of the same test left behind."""
    with transaction() as session:
        for table in (*TABLES, Event, Dossier):
            session.execute(delete(table))


def write(history: History) -> None:
    lives, events = history
    with transaction() as session:
        write_dossiers(session, lives)
        write_events(session, events)


def projection() -> dict[str, list[tuple[Any, ...]]]:
    """Every row the projection keeps."""
    with reading() as session:
        return {table.__tablename__: _rows(session, table) for table in TABLES}


def _rows(session: Session, table: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in session.execute(select(*table.__table__.c))), key=repr)


def naive(dossiers: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]], period: Period) -> Figures:
    """The figures of a period, counted straight from exported rows as the law words them."""
    histories: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["dossier"], event["seq"])):
        histories[event["dossier"]].append(event)
    numbers: Counter[str] = Counter()
    eve, last = (period.first - timedelta(days=1)).isoformat(), period.last.isoformat()
    for dossier in dossiers:
        told = [(event["at"][:10], event) for event in histories[dossier["id"]]]
        received = next((day for day, event in told if event["after"] == 2), None)
        if received is None:
            continue
        ending = next((pair for pair in told if pair[0] >= received and _ends(pair[1], told)), None)
        ended = ending[0] if ending else "9999"
        if received <= eve < ended:
            numbers["carried_over"] += 1
        if eve < received <= last:
            numbers["received_online" if dossier["channel"] == "online" else "received_counter"] += 1
        if ending and eve < ended <= last:
            compared = ended
            if ending[1]["before"] in (5, 6):
                earlier = told[: told.index(ending)]
                compared = next(day for day, event in reversed(earlier) if event["before"] not in (5, 6))
            due = ending[1]["due_on"]
            result = "early" if compared < due else "on_time" if compared == due else "late"
            numbers[f"resolved_{result}"] += 1
        if received <= last < ended:
            now = [event for day, event in told if day <= last][-1]
            over = now["after"] not in (5, 6) and now["due_on"] < last
            numbers["open_over" if over else "open_within"] += 1
        asked = [
            day for day, event in told if event["action"] in ("ask_supplement", "grant_supplement") and event["due_on"]
        ]
        if len(asked) > 1 and eve < asked[1] <= last and asked[1] <= ended:
            numbers["second_supplements"] += 1
    return Figures(**{name: numbers[name] for name in Figures.__dataclass_fields__})


def _ends(event: dict[str, Any], told: list[tuple[str, dict[str, Any]]]) -> bool:
    """Whether this event ends a dossier that was received before it."""
    before = [other for _, other in told if other["seq"] < event["seq"]]
    return event["after"] in (7, 8, 9, 10) and any(other["after"] == 2 for other in before)


def within(cut: Cut, dossiers: Sequence[dict[str, Any]], units: dict[int, str]) -> list[dict[str, Any]]:
    return [
        dossier
        for dossier in dossiers
        if (dossier["leg"] is None if cut.units is None else units[dossier["id"]] in cut.units)
        and cut.procedure in (None, dossier["procedure"])
        and cut.channel in (None, dossier["channel"])
    ]


@settings(max_examples=60)
@given(histories(), PERIODS, CUTS)
def test_the_figures_equal_a_naive_count_from_exported_events(history: History, period: Period, cut: Cut) -> None:
    empty()
    write(history)
    statistics.project()
    units = {life.id: life.unit for life in history[0]}
    dossiers, events = list(export.dossiers()), list(export.events())
    assert statistics.figures_of(period, cut) == naive(within(cut, dossiers, units), events, period)
    days = {office_day(event["at"]) for event in history[1]}
    turns = {day + timedelta(days=n) for day in days for n in (-1, 0, 1, 5)}
    for day in map(Period, turns, turns):
        assert statistics.figures_of(day, Cut()) == naive(within(Cut(), dossiers, units), events, day)


@settings(max_examples=40)
@given(histories(), st.data())
def test_whatever_runs_of_events_it_was_brought_up_by_a_rebuild_changes_nothing(
    history: History, data: st.DataObject
) -> None:
    empty()
    lives, events = history
    with transaction() as session:
        write_dossiers(session, lives)
    stops = data.draw(st.lists(st.integers(0, len(events)), max_size=4).map(sorted))
    for since, until in pairwise([0, *stops, len(events)]):
        with transaction() as session:
            write_events(session, events[since:until])
        statistics.project()
    before = projection()
    statistics.rebuild()
    assert projection() == before


@pytest.mark.parametrize("first", [1, -1])
def test_a_count_that_comes_to_nothing_leaves_no_row_from_whichever_side(first: int) -> None:
    empty()
    for step in (first, -first):
        tally = Tally()
        tally.add(Cell(FIRST_DAY, UNITS[0], PROCEDURES[0], CHANNELS[0]), Measure.OVER, step)
        with transaction() as session:
            store.write_tally(session, tally, store.hold_mark(session))
    assert projection()["stat_counts"] == []


@settings(max_examples=40)
@given(histories(), PERIODS, CUTS)
def test_a_past_period_says_the_same_whatever_happens_later(history: History, period: Period, cut: Cut) -> None:
    empty()
    lives, events = history
    past = [event for event in events if office_day(event["at"]) <= period.last]
    write((lives, []))
    _write_in_order(past)
    statistics.project()
    said = statistics.figures_of(period, cut)
    _write_in_order([event for event in events if event not in past], after=len(past))
    statistics.project()
    assert statistics.figures_of(period, cut) == said


def _write_in_order(events: list[dict[str, Any]], after: int = 0) -> None:
    with transaction() as session:
        write_events(session, [dict(event, position=place) for place, event in enumerate(events, after + 1)])


@settings(max_examples=40)
@given(histories(), PERIODS, CUTS)
def test_what_was_to_be_dealt_with_is_resolved_or_open_and_the_parts_make_the_whole(
    history: History, period: Period, cut: Cut
) -> None:
    empty()
    write(history)
    statistics.project()
    page = statistics.overview(period, cut)
    assert page.total.carried_over + page.total.received == page.total.resolved + page.total.open
    for name in Figures.__dataclass_fields__:
        assert sum(getattr(numbers, name) for _, numbers in page.procedures) == getattr(page.total, name)
        # Each unit counts its own legs of a bundle; over all units the bundle counts once.
        by_unit, total = sum(getattr(numbers, name) for _, numbers in page.units), getattr(page.total, name)
        assert by_unit == total or (cut.units is None and by_unit > total)
    following = Period(period.last + timedelta(days=1), period.last + timedelta(days=30))
    assert statistics.figures_of(following, cut).carried_over == page.total.open


@settings(max_examples=40)
@given(histories(), PERIODS, CUTS)
def test_every_number_opens_the_list_of_as_many_dossiers(history: History, period: Period, cut: Cut) -> None:
    empty()
    write(history)
    statistics.project()
    numbers = statistics.figures_of(period, cut)
    for what in Listed:
        lines = all_pages(what, period, cut)
        assert len({line.dossier_id for line in lines}) == len(lines) == getattr(numbers, what)


def all_pages(what: Listed, period: Period, cut: Cut) -> list[Line]:
    lines: list[Line] = []
    after = None
    while True:
        page = statistics.listed(what, period, cut, after, size=3)
        lines += page.lines
        if (after := page.next) is None:
            return lines


@settings(max_examples=40)
@given(histories())
def test_where_it_is_stuck_tells_of_every_unfinished_dossier_once(history: History) -> None:
    empty()
    write(history)
    statistics.project()
    today = date(2026, 2, 1)
    rows = statistics.stuck(None, today)
    stand = [life for life in history[0] if life.lead is None or life.received]
    assert sum(row.dossiers for row in rows) == sum(life.status in (1, 2, 4, 5, 6, 9) for life in stand)
    for row in rows:
        for left, number in row.left.items():
            spot = Spot(UNITS, row.procedure, row.step.key, row.turn, row.phase)
            page = statistics.standing_at(spot, left, today, size=100)
            assert len(page.lines) == number


def test_a_leader_sees_the_unit_they_lead_whatever_was_asked_for() -> None:
    asked = Cut(units=("nghia-do",), procedure="1.013225")
    assert statistics.allowed(Actor(1, Role.LEADER, "bao-yen"), asked).units == ("bao-yen",)
    assert statistics.allowed(Actor(2, Role.MANAGER), asked) == asked
