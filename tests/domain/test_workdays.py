"""Working time: which days count, half-open hours, and adding as the inverse of counting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from portal.domain.moment import Moment, office_day
from portal.domain.workdays import WorkCalendar, office_time
from procedures.calendars import (
    OFFICE_TIME,
    CalendarError,
    DayReason,
    WorkingHours,
    load_official_days,
)
from procedures.model import Sector
from procedures.places import load_places

DAYS = load_official_days()
UNIT = load_places().by_id("bao-yen")
CALENDAR = WorkCalendar.of(UNIT, DAYS)
POLICE = WorkCalendar.of(UNIT, DAYS, Sector.RESIDENCE)

FIRST, LAST = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2026-12-01")
instants = st.datetimes(FIRST, LAST, timezones=st.just(OFFICE_TIME))
minutes = st.integers(-20_000, 20_000).map(lambda amount: timedelta(minutes=amount))
dates = st.dates(FIRST.date(), LAST.date())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_TIME)


def open_at(instant: datetime) -> bool:
    """Whether the unit is open, read off the demonstration hours."""
    clock = instant.strftime("%H:%M:%S.%f")
    return CALENDAR.is_working_day(instant.date()) and ("07:00" <= clock < "11:30" or "13:30" <= clock < "17:00")


@pytest.mark.parametrize(
    ("given_at", "starts"),
    [
        ("2026-07-13T06:59:59", "2026-07-13T07:00:00"),
        ("2026-07-13T07:00:00", "2026-07-13T07:00:00"),
        ("2026-07-13T11:29:59.999999", "2026-07-13T11:29:59.999999"),
        ("2026-07-13T11:30:00", "2026-07-13T13:30:00"),
        ("2026-07-13T13:29:59", "2026-07-13T13:30:00"),
        ("2026-07-13T16:59:59", "2026-07-13T16:59:59"),
        ("2026-07-13T17:00:00", "2026-07-14T07:00:00"),
        ("2026-07-17T17:00:00", "2026-07-20T07:00:00"),
        ("2026-07-18T21:00:00", "2026-07-20T07:00:00"),
        ("2026-02-13T17:30:00", "2026-02-23T07:00:00"),
    ],
)
def test_hours_are_half_open_and_what_comes_outside_them_starts_at_the_next_opening(given_at: str, starts: str) -> None:
    assert CALENDAR.start(at(given_at)) == at(starts)


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 250), (2026, 249)])
def test_a_year_has_as_many_working_days_as_its_table_says(year: int, count: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize("day", [date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)])
def test_a_make_up_saturday_is_worked_with_normal_hours(day: date) -> None:
    assert CALENDAR.is_working_day(day)
    assert CALENDAR.working_time_between(at(f"{day}T00:00"), at(f"{day}T23:59")) == timedelta(hours=8)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 7, 18), DayReason.WEEKEND),
        (date(2026, 2, 17), DayReason.HOLIDAY),
        (date(2026, 4, 26), DayReason.HOLIDAY),
        (date(2026, 4, 27), DayReason.COMPENSATORY),
        (date(2026, 1, 2), DayReason.SWAP),
        (date(2026, 11, 24), DayReason.HOLIDAY),
    ],
)
def test_every_day_off_has_its_reason(day: date, reason: DayReason) -> None:
    off = CALENDAR.reason_off(day)
    assert off is not None
    assert off.reason is reason
    assert off.name.vi
    assert off.name.en


def test_the_entered_days_hold_where_the_package_differs() -> None:
    # The package has neither the swap of 02/01/2026 nor its make-up Saturday.
    assert not CALENDAR.is_working_day(date(2026, 1, 2))
    assert CALENDAR.is_working_day(date(2026, 1, 10))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2027, 2, 8), DayReason.HOLIDAY),
        (date(2027, 5, 3), DayReason.COMPENSATORY),
        (date(2019, 4, 29), DayReason.SWAP),
    ],
)
def test_a_year_that_is_not_entered_has_the_days_of_the_package(day: date, reason: DayReason) -> None:
    off = CALENDAR.reason_off(day)
    assert off is not None
    assert off.reason is reason
    assert CALENDAR.is_provisional(day, day)


def test_an_old_make_up_saturday_of_the_package_is_worked() -> None:
    assert CALENDAR.is_working_day(date(2019, 5, 4))


def test_a_span_is_provisional_once_it_touches_a_year_that_is_not_entered() -> None:
    assert not CALENDAR.is_provisional(date(2024, 1, 1), date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert CALENDAR.is_provisional(date(2023, 12, 31), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("given_at", "starts"),
    [
        ("2026-07-18T06:00", "2026-07-18T07:00"),
        ("2026-07-18T09:00", "2026-07-18T09:00"),
        ("2026-07-18T11:30", "2026-07-20T07:00"),
        ("2026-07-19T09:00", "2026-07-20T07:00"),
    ],
)
def test_the_police_receive_on_saturday_mornings(given_at: str, starts: str) -> None:
    assert POLICE.start(at(given_at)) == at(starts)


def test_a_saturday_morning_of_the_police_is_never_working_time() -> None:
    assert not POLICE.is_working_day(date(2026, 7, 18))
    assert POLICE.working_time_between(at("2026-07-18T00:00"), at("2026-07-20T07:00")) == timedelta()


def test_the_police_do_not_receive_on_a_saturday_that_is_a_holiday() -> None:
    assert POLICE.start(at("2024-02-10T09:00")) == at("2024-02-15T07:00")


def test_only_residence_has_saturday_mornings() -> None:
    land = WorkCalendar.of(UNIT, DAYS, Sector.LAND)
    assert land.start(at("2026-07-18T09:00")) == at("2026-07-20T07:00")


@given(instants, minutes)
def test_adding_working_time_then_counting_gives_it_back(instant: datetime, amount: timedelta) -> None:
    assert CALENDAR.working_time_between(instant, CALENDAR.add_working_time(instant, amount)) == amount
    assert CALENDAR.working_time_between(instant, CALENDAR.add_working_time(instant, amount, into_next=True)) == amount


@given(instants, instants)
def test_counting_then_adding_leads_to_the_same_place_in_working_time(start: datetime, end: datetime) -> None:
    reached = CALENDAR.add_working_time(start, CALENDAR.working_time_between(start, end))
    assert CALENDAR.start(reached) == CALENDAR.start(end)
    assert CALENDAR.add_working_time(
        start, CALENDAR.working_time_between(start, end), into_next=True
    ) == CALENDAR.start(end)


@given(instants, instants, instants)
def test_working_time_adds_up_and_changes_sign_with_its_direction(a: datetime, b: datetime, c: datetime) -> None:
    between = CALENDAR.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@given(instants, st.integers(1, 5_000))
def test_added_time_ends_within_the_hours(instant: datetime, amount: int) -> None:
    reached = CALENDAR.add_working_time(instant, timedelta(minutes=amount))
    assert open_at(reached - timedelta(microseconds=1))
    assert open_at(CALENDAR.add_working_time(instant, timedelta(minutes=amount), into_next=True))


def test_a_day_forward_ends_at_its_closing_and_a_day_back_at_its_opening() -> None:
    opening, closing = at("2026-07-13T07:00"), at("2026-07-13T17:00")
    assert CALENDAR.add_working_time(opening, timedelta(hours=8)) == closing
    assert CALENDAR.add_working_time(closing, timedelta(hours=-8)) == opening


@given(instants)
def test_a_start_is_open_and_the_first_open_instant(instant: datetime) -> None:
    start = CALENDAR.start(instant)
    assert open_at(start)
    assert start >= instant
    assert start == instant or (not open_at(instant) and not open_at(start - timedelta(microseconds=1)))


@given(dates, st.integers(-300, 300).filter(bool))
def test_working_days_added_forwards_and_backwards_agree_with_counting(day: date, amount: int) -> None:
    reached = CALENDAR.add_working_days(day, amount)
    assert CALENDAR.is_working_day(reached)
    if amount > 0:
        assert CALENDAR.working_days_between(day, reached) == amount
    else:
        # The days before `day` from `reached` on: `reached` itself counts, `day` does not.
        eve = day - timedelta(days=1)
        assert CALENDAR.working_days_between(reached, eve) == -amount - 1


@given(dates, st.integers(1, 300))
def test_going_back_undoes_going_on_from_a_working_day(day: date, amount: int) -> None:
    start = CALENDAR.working_day_from(day)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, amount), -amount) == start


def test_a_day_off_reached_by_adding_holidays_once_is_not_landed_on() -> None:
    # Three days from Friday 13/02/2026 by weekends alone is Wednesday 18/02, in the middle of Tết.
    assert CALENDAR.add_working_days(date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_it_is_the_offices_day_that_counts_and_not_the_one_in_utc() -> None:
    late_evening_in_utc = datetime(2026, 7, 13, 20, 0, tzinfo=UTC)
    assert office_day(late_evening_in_utc) == date(2026, 7, 14)
    assert Moment(late_evening_in_utc, CALENDAR).day == date(2026, 7, 14)


def test_an_instant_is_the_same_in_whatever_zone_it_is_written() -> None:
    here = at("2026-07-13T09:00")
    assert CALENDAR.start(here.astimezone(UTC)) == CALENDAR.start(here)
    assert CALENDAR.start(here.astimezone(UTC)).utcoffset() == timedelta(hours=7)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = at("2026-07-13T09:00").replace(tzinfo=None)
    for use in (office_time, office_day, CALENDAR.start, lambda instant: Moment(instant, CALENDAR)):
        with pytest.raises(ValueError, match="zone"):
            use(naive)


def test_a_day_that_no_calendar_reaches_is_refused() -> None:
    for use in (
        lambda: CALENDAR.start(at("2100-01-01T09:00")),
        lambda: CALENDAR.start(at("2060-12-31T18:00")),
        lambda: CALENDAR.add_working_days(date(2060, 12, 1), 300),
        lambda: CALENDAR.add_working_days(date(2010, 1, 5), -10),
        lambda: CALENDAR.add_working_time(at("2060-12-31T16:00"), timedelta(hours=2)),
        lambda: CALENDAR.add_working_time(at("2010-01-04T08:00"), timedelta(hours=-2)),
        lambda: CALENDAR.working_time_between(at("2026-01-05T08:00"), at("2009-12-31T08:00")),
    ):
        with pytest.raises(CalendarError):
            use()


def test_units_with_the_same_hours_share_one_table() -> None:
    assert WorkCalendar.of(load_places().by_id("nghia-do"), DAYS) is CALENDAR


HOURS = TypeAdapter(tuple[WorkingHours, ...]).validate_python(
    [
        {
            "valid_to": "2026-04-15",
            "sessions": [{"opens": "07:30", "closes": "11:30"}, {"opens": "13:00", "closes": "17:00"}],
        },
        {
            "valid_from": "2026-04-16",
            "sessions": [{"opens": "07:00", "closes": "11:30"}, {"opens": "13:30", "closes": "17:00"}],
        },
    ]
)
CHANGING = WorkCalendar(DAYS, HOURS)


def test_a_unit_keeps_the_hours_in_force_on_each_day() -> None:
    assert CHANGING.start(at("2026-04-15T07:10")) == at("2026-04-15T07:30")
    assert CHANGING.start(at("2026-04-16T07:10")) == at("2026-04-16T07:10")
    assert CHANGING.add_working_time(at("2026-04-15T16:00"), timedelta(hours=2)) == at("2026-04-16T08:00")


@pytest.mark.parametrize(
    ("clock", "reached"),
    [("13:10", "13:30"), ("08:00", "08:00"), ("11:30", "13:30"), ("06:00", "07:00"), ("17:00", "17:00")],
)
def test_a_clock_time_outside_changed_hours_moves_to_the_next_opening_or_the_closing(clock: str, reached: str) -> None:
    hours, minute = map(int, clock.split(":"))
    day = date(2026, 4, 16)
    assert CHANGING.at(day, timedelta(hours=hours, minutes=minute)) == at(f"{day}T{reached}")
