"""How a limit stands: every state by table, for the promised date and for the limit of whoever holds a dossier."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import standing
from portal.domain.moment import Moment
from portal.domain.standing import Limit, State
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, load_official_days
from procedures.places import load_places

DAYS = load_official_days()
CALENDAR = WorkCalendar.of(load_places().by_id("bao-yen"), DAYS)
#: A Thursday, 15:00; two working hours are left of it, and the week ends on the day after.
NOW = "2026-07-16T15:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_TIME)


def promised(
    due_at: str | None, *, ended_on: str | None = None, given_up: bool = False, waiting: bool = False
) -> Limit:
    return standing.promised(
        at(due_at) if due_at else None,
        Moment(at(NOW), CALENDAR),
        ended_on=date.fromisoformat(ended_on) if ended_on else None,
        given_up=given_up,
        waiting=waiting,
        provisional=True,
    )


def handling(act_by: str | None, *, waiting: bool = False) -> Limit:
    return standing.handling(at(act_by) if act_by else None, Moment(at(NOW), CALENDAR), waiting=waiting)


@pytest.mark.parametrize(
    ("due_at", "state", "left"),
    [
        ("2026-07-15T16:00", State.LATE, timedelta(hours=-7)),
        ("2026-07-16T14:00", State.TODAY, timedelta()),
        ("2026-07-16T17:00", State.TODAY, timedelta(hours=2)),
        ("2026-07-17T08:00", State.SOON, timedelta(hours=3)),
        ("2026-07-18T09:00", State.SOON, timedelta(hours=10)),
        ("2026-07-20T17:00", State.SOON, timedelta(hours=18)),
        ("2026-07-21T07:00", State.WITHIN, timedelta(hours=18)),
        ("2026-07-27T07:00", State.WITHIN, timedelta(hours=50)),
    ],
)
def test_a_promised_date_stands_by_office_days_and_says_the_working_time_left(
    due_at: str, state: State, left: timedelta
) -> None:
    found = promised(due_at)
    assert (found.state, found.at, found.provisional) == (state, at(due_at), True)
    assert found.left is not None
    assert found.left.amount == left


@pytest.mark.parametrize(
    ("ended_on", "state"), [("2026-07-14", State.ENDED), ("2026-07-15", State.ENDED), ("2026-07-16", State.ENDED_LATE)]
)
def test_what_has_ended_compares_the_office_days_and_has_no_time_left(ended_on: str, state: State) -> None:
    assert promised("2026-07-15T08:00", ended_on=ended_on) == Limit(state, at("2026-07-15T08:00"), None, True)


@pytest.mark.parametrize(("ended_on", "state"), [("2026-07-15", State.GIVEN_UP), ("2026-07-16", State.ENDED_LATE)])
def test_what_was_given_up_kept_no_promise_but_may_have_broken_one(ended_on: str, state: State) -> None:
    assert promised("2026-07-15T08:00", ended_on=ended_on, given_up=True).state is state


def test_a_date_that_waits_neither_nears_nor_passes() -> None:
    assert promised("2026-07-01T08:00", waiting=True) == Limit(State.WAITING, at("2026-07-01T08:00"), None, True)
    assert handling("2026-07-01T08:00", waiting=True) == Limit(State.WAITING, at("2026-07-01T08:00"))


def test_what_ended_while_it_waited_has_ended() -> None:
    assert promised("2026-07-15T08:00", ended_on="2026-07-15", waiting=True).state is State.ENDED


def test_without_a_limit_there_is_nothing_to_say() -> None:
    assert promised(None) == Limit(State.NONE)
    assert handling(None) == Limit(State.NONE)
    assert promised(None, ended_on="2026-07-15").state is State.NONE


@pytest.mark.parametrize(
    ("act_by", "state"),
    [
        ("2026-07-16T14:59", State.LATE),
        ("2026-07-16T15:00", State.TODAY),
        ("2026-07-16T17:00", State.TODAY),
        ("2026-07-17T08:00", State.SOON),
        ("2026-07-27T07:00", State.WITHIN),
    ],
)
def test_the_limit_of_a_step_is_late_from_its_minute_on(act_by: str, state: State) -> None:
    assert handling(act_by).state is state


@given(st.dates(date(2024, 1, 1), date(2026, 12, 20)), st.integers(-400, 400))
def test_every_day_stands_in_one_way_and_soon_is_what_the_next_two_working_days_bring(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    spans = standing.days_of(today, DAYS)
    found = [state for state, (since, until) in spans.items() if since <= day < until]
    assert found == [standing.of_day(day, today, DAYS)]
    if away <= 0:
        assert found == [State.TODAY if away == 0 else State.LATE]
    else:
        working = sum(DAYS.is_working(today + timedelta(days=number)) for number in range(1, away + 1))
        last_of_soon = working == 2 and DAYS.is_working(day)
        assert (found == [State.SOON]) == (working < 2 or last_of_soon)
