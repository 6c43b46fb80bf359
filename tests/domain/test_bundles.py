"""By when all legs of a bundle are done: the longest way through them, whoever works when, and however they wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import bundles, clock
from portal.domain.bundles import Outlook, Span, Way
from portal.domain.casework import Decision
from portal.domain.flow import Status
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, DayOff, DayReason, OfficialDays, Session, WorkingHours
from procedures.model import LEAD, Text
from procedures.terms import Term

YEARS = range(2026, 2028)
OFF = DayOff(DayReason.HOLIDAY, Text(vi="nghỉ", en="off"))
FIRST = datetime(2026, 1, 5, tzinfo=OFFICE_TIME)
instants = st.timedeltas(timedelta(), timedelta(days=140)).map(lambda passed: FIRST + passed)
terms = st.one_of(
    st.integers(1, 9).map(lambda n: Term.parse(f"{n} working_day")),
    st.integers(1, 30).map(lambda n: Term.parse(f"{n} working_hour")),
    st.just(Term.parse("same_day")),
)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Session, ...]:
    """A morning and an afternoon."""
    opens, noon, closes = draw(st.integers(6, 9)), draw(st.integers(11, 13)), draw(st.integers(15, 18))
    return Session(time(opens), time(noon)), Session(time(noon, 30), time(closes, 30))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """The working time of an office with days off, make-up days and hours of its own, which change on some day."""
    days = st.dates(date(2026, 1, 1), date(2026, 8, 31))
    off = dict.fromkeys(draw(st.sets(days, max_size=25)), OFF)
    made_up = draw(st.sets(days, max_size=6)) - off.keys()
    changed = draw(days)
    hours = (
        WorkingHours(draw(sessions()), None, changed),
        WorkingHours(draw(sessions()), changed + timedelta(days=1), None),
    )
    return WorkCalendar(OfficialDays(off, frozenset(made_up), frozenset(YEARS), YEARS), hours)


@st.composite
def ways(draw: st.DrawFn) -> list[Way]:
    """Legs of a few offices, each of which waits for any of those before it, or for none."""
    offices, found = draw(st.lists(calendars(), min_size=1, max_size=3)), list[Way]()
    for number in range(draw(st.integers(1, 6))):
        keys = [LEAD, *(way.key for way in found)]
        after = draw(st.lists(st.sampled_from(keys), unique=True, max_size=3))
        found.append(Way(f"leg{number}", tuple(after), draw(terms), draw(st.sampled_from(offices))))
    return found


def planned(legs: list[Way], received_at: datetime, lead_due_at: datetime) -> tuple[dict[str, Span], datetime]:
    spans = bundles.plan(legs, received_at, {LEAD: lead_due_at})
    return spans, bundles.total(spans, [lead_due_at])


def chains(legs: list[Way], last: Way) -> Iterator[list[Way]]:
    """Every chain of legs that ends with this one and begins with the reception or after the first leg."""
    by_key = {way.key: way for way in legs}
    if not last.after or LEAD in last.after:
        yield [last]
    for key in last.after:
        if key != LEAD:
            yield from ([*chain, last] for chain in chains(legs, by_key[key]))


def end_of(chain: list[Way], received_at: datetime, lead_due_at: datetime) -> datetime:
    """When the last leg of a chain is due if nothing but the chain holds it up."""
    at = lead_due_at if LEAD in chain[0].after else received_at
    for way in chain:
        at = clock.due_date(way.term, at, way.calendar).due_at
    return at


@given(ways(), instants, st.timedeltas(timedelta(), timedelta(days=9)))
def test_the_date_for_all_is_the_end_of_the_longest_way_through_the_legs(
    legs: list[Way], received_at: datetime, lead_takes: timedelta
) -> None:
    lead_due_at = received_at + lead_takes
    spans, total = planned(legs, received_at, lead_due_at)
    ends = [end_of(chain, received_at, lead_due_at) for way in legs for chain in chains(legs, way)]
    assert total == max([lead_due_at, *ends])
    assert all(total >= span.due_at > span.begins_at >= received_at for span in spans.values())


@given(ways(), instants, st.timedeltas(timedelta(), timedelta(days=9)), st.timedeltas(timedelta(), timedelta(days=5)))
def test_whoever_comes_later_or_waits_longer_for_the_first_result_is_promised_no_earlier(
    legs: list[Way], received_at: datetime, lead_takes: timedelta, more: timedelta
) -> None:
    _, total = planned(legs, received_at, received_at + lead_takes)
    assert planned(legs, received_at, received_at + lead_takes + more)[1] >= total
    assert planned(legs, received_at + more, received_at + more + lead_takes)[1] >= total


@given(ways(), instants, st.integers(0, 5), st.integers(1, 9))
def test_a_longer_leg_and_a_further_wait_make_nothing_earlier(
    legs: list[Way], received_at: datetime, which: int, more: int
) -> None:
    _, total = planned(legs, received_at, received_at)
    at = which % len(legs)
    longer = replace(legs[at], term=legs[at].term + Term.parse(f"{more} working_day"))
    assert planned([*legs[:at], longer, *legs[at + 1 :]], received_at, received_at)[1] >= total
    waiting = replace(legs[at], after=(LEAD, *(way.key for way in legs[:at])))
    assert planned([*legs[:at], waiting, *legs[at + 1 :]], received_at, received_at)[1] >= total


@given(ways(), instants, st.data())
def test_as_legs_end_no_later_than_planned_what_is_left_is_never_planned_later(
    legs: list[Way], received_at: datetime, data: st.DataObject
) -> None:
    spans, total = planned(legs, received_at, received_at)
    known = {LEAD: received_at}
    for way in legs[: data.draw(st.integers(0, len(legs)))]:
        begins, due = spans[way.key]
        known[way.key] = begins + (due - begins) * data.draw(st.floats(0, 1))
    left = bundles.plan([way for way in legs if way.key not in known], received_at, known)
    assert all(span.due_at <= spans[key].due_at for key, span in left.items())
    assert bundles.total(left, known.values()) <= total


@pytest.mark.parametrize(
    ("status", "decision", "gave"),
    [
        (Status.REGISTERED, None, None),
        (Status.PROCESSING, Decision.APPROVED, None),
        (Status.RESOLVED, Decision.APPROVED, True),
        (Status.HANDED_OVER, Decision.APPROVED, True),
        (Status.RESOLVED, Decision.REFUSED, False),
        (Status.STOPPED, None, False),
        (Status.WITHDRAWN, None, False),
        (Status.NOT_RECEIVED, None, False),
    ],
)
def test_only_an_approved_result_that_is_issued_lets_the_next_leg_begin(
    status: Status, decision: Decision | None, gave: bool | None
) -> None:
    assert bundles.grants(status, decision) is gave
    outlook = {True: Outlook.BEGINS, False: Outlook.NEVER_BEGINS, None: Outlook.WAITS}[gave]
    assert bundles.outlook([LEAD], {LEAD: gave}) is outlook


def test_one_leg_that_gives_nothing_is_enough_to_end_those_that_wait_for_several() -> None:
    assert bundles.outlook(["a", "b"], {"a": None, "b": False}) is Outlook.NEVER_BEGINS
    assert bundles.outlook(["a", "b"], {"a": None, "b": True}) is Outlook.WAITS
    assert bundles.outlook([], {}) is Outlook.BEGINS
