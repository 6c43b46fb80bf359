"""Proves the formulas of the statistics and the periods with a name."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.flow import Action, Status
from portal.domain.statistics import (
    Balance,
    Course,
    Happening,
    Period,
    Preset,
    Result,
    Tally,
    compare,
    figures,
    follow,
    percent,
    preset,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(1, 3, "33.33"), (2, 3, "66.67"), (1, 8, "12.50"), (1, 1600, "0.06"), (1, 800, "0.13"), (5, 5, "100.00")],
)
def test_a_rate_has_two_decimals_with_halves_rounded_up(part: int, whole: int, rate: str) -> None:
    assert percent(part, whole) == Decimal(rate)


def test_a_rate_of_nothing_is_none() -> None:
    assert percent(0, 0) is None


@pytest.mark.parametrize(("days", "result"), [(-1, Result.EARLY), (0, Result.ON_TIME), (1, Result.LATE)])
def test_an_end_compares_with_the_due_day_by_date(days: int, result: Result) -> None:
    assert compare(date(2026, 2, 4) + timedelta(days=days), date(2026, 2, 4)) is result


@given(st.builds(Balance, *[COUNTS] * 7), st.builds(Balance, *[COUNTS] * 7))
def test_what_was_to_be_dealt_with_is_resolved_or_open(before: Balance, more: Balance) -> None:
    numbers = figures(before, before + more)
    assert numbers.total == numbers.resolved + numbers.open
    assert numbers.carried_over == before.open


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 1, 1), date(2025, 12, 15), date(2026, 3, 14)),
        (date(2026, 3, 14), date(2025, 12, 15), date(2026, 3, 14)),
        (date(2026, 3, 15), date(2026, 3, 15), date(2026, 6, 14)),
        (date(2026, 9, 14), date(2026, 6, 15), date(2026, 9, 14)),
        (date(2026, 11, 24), date(2026, 9, 15), date(2026, 12, 14)),
        (date(2026, 12, 15), date(2026, 12, 15), date(2027, 3, 14)),
    ],
)
def test_a_reports_quarter_runs_from_the_15th_to_the_14th(today: date, first: date, last: date) -> None:
    assert preset(Preset.QUARTER, today) == Period(first, last)


@given(DAYS)
def test_a_running_period_holds_today_and_the_last_one_ends_before_it(today: date) -> None:
    for name in (Preset.THIS_MONTH, Preset.QUARTER, Preset.YEAR):
        period = preset(name, today)
        assert period.first <= today <= period.last
    for name, running in ((Preset.LAST_MONTH, Preset.THIS_MONTH), (Preset.LAST_QUARTER, Preset.QUARTER)):
        assert preset(name, today).last + timedelta(days=1) == preset(running, today).first


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


def test_who_stops_while_papers_are_awaited_is_compared_by_the_day_the_wait_began_though_the_date_moved() -> None:
    course, tally = Course(1, "1.115689", "online"), Tally()
    for day, action, after, due in (
        (1, Action.SUBMIT, Status.REGISTERED, None),
        (1, Action.RECEIVE, Status.RECEIVED, 11),
        (3, Action.ASK_SUPPLEMENT, Status.SUPPLEMENT_ASKED, 11),
        (12, Action.END_INTERVAL, Status.SUPPLEMENT_ASKED, 10),
        (15, Action.STOP, Status.STOPPED, 10),
    ):
        due_on = date(2026, 9, due) if due else None
        follow(course, Happening(1, date(2026, 9, day), action, after, "work", "bao-yen", due_on), tally)
    assert course.result is Result.EARLY
