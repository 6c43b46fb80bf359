"""The legal clock: the worked examples, the edges of the day, and what holds for every term and instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import clock
from portal.domain.clock import DueDate, WorkingTime, due_date, resume
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, CalendarError, DayReason, load_official_days
from procedures.model import Sector
from procedures.places import load_places
from procedures.terms import Term, TermPart, TermUnit

DAYS = load_official_days()
PLACES = load_places()
CALENDAR = WorkCalendar.of(PLACES.by_id("bao-yen"), DAYS)
POLICE = WorkCalendar.of(PLACES.by_id("bao-yen"), DAYS, Sector.RESIDENCE)

#: The table of domain 6.2, written out a second time: days off on Monday to Friday, and worked Saturdays.
OFF = {
    2024: "01-01 02-08 02-09 02-12 02-13 02-14 04-18 04-29 04-30 05-01 09-02 09-03",
    2025: "01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24",
}
WORKED = {2024: "05-04", 2025: "04-26", 2026: "01-10 08-22"}

# So early that the longest terms below end before 2027, which the table does not know.
instants = st.datetimes(
    datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2026-01-31"), timezones=st.just(OFFICE_TIME)
)
day_parts = st.builds(TermPart, st.integers(1, 60), st.sampled_from([TermUnit.WORKING_DAY, TermUnit.DAY]))
hour_parts = st.builds(TermPart, st.integers(1, 200), st.just(TermUnit.WORKING_HOUR))
any_part = st.one_of(day_parts, hour_parts, st.just(TermPart(1, TermUnit.SAME_DAY)))
later_parts = st.lists(st.one_of(day_parts, hour_parts), max_size=2).map(tuple)
terms = st.builds(lambda first, rest: Term((first, *rest)), any_part, later_parts)
terms_in_working_time = st.one_of(
    hour_parts, st.builds(TermPart, st.integers(1, 60), st.just(TermUnit.WORKING_DAY))
).map(lambda part: Term((part,)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_TIME)


def due(term: str, received: str, calendar: WorkCalendar = CALENDAR) -> DueDate:
    return due_date(Term.parse(term), at(received), calendar)


def works(day: date) -> bool:
    """Whether the offices work, by the table above."""
    shown = f"{day:%m-%d}"
    return shown in WORKED[day.year] or (day.weekday() < 5 and shown not in OFF[day.year])


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def days_of(month: str, *numbers: int) -> list[date]:
    return [date.fromisoformat(f"{month}-{number:02}") for number in numbers]


@pytest.mark.parametrize(
    ("term", "received", "expected", "counted"),
    [
        pytest.param(
            "3 working_day", "2024-02-05T09:10", "2024-02-15T09:10", days_of("2024-02", 6, 7, 15), id="1 over Tết 2024"
        ),
        pytest.param(
            "5 working_day",
            "2024-04-25T14:00",
            "2024-05-06T14:00",
            [*days_of("2024-04", 26), *days_of("2024-05", 2, 3, 4, 6)],
            id="2 with the make-up Saturday 04/05/2024",
        ),
        pytest.param(
            "7 working_day",
            "2024-08-30T07:00",
            "2024-09-12T07:00",
            days_of("2024-09", 4, 5, 6, 9, 10, 11, 12),
            id="3 over National Day 2024",
        ),
        pytest.param(
            "3 working_day",
            "2025-01-23T07:00",
            "2025-02-04T07:00",
            [*days_of("2025-01", 24), *days_of("2025-02", 3, 4)],
            id="4 over Tết 2025",
        ),
        pytest.param(
            "same_day",
            "2025-04-25T15:20",
            "2025-04-26T17:00",
            days_of("2025-04", 26),
            id="5 a birth after 15:00 is due on the working Saturday",
        ),
        pytest.param(
            "5 working_day",
            "2025-04-28T07:00",
            "2025-05-08T07:00",
            [*days_of("2025-04", 29), *days_of("2025-05", 5, 6, 7, 8)],
            id="6 over the swap of 02/05/2025",
        ),
        pytest.param(
            "7 working_day",
            "2025-06-27T07:00",
            "2025-07-08T07:00",
            [*days_of("2025-06", 30), *days_of("2025-07", 1, 2, 3, 4, 7, 8)],
            id="7 over the end of the district",
        ),
        pytest.param(
            "3 working_day",
            "2025-12-30T07:00",
            "2026-01-06T07:00",
            [*days_of("2025-12", 31), *days_of("2026-01", 5, 6)],
            id="8 over New Year 2026",
        ),
        pytest.param(
            "7 working_day",
            "2026-01-26T08:30",
            "2026-02-04T08:30",
            [*days_of("2026-01", 27, 28, 29, 30), *days_of("2026-02", 2, 3, 4)],
            id="9 a house permit",
        ),
        pytest.param(
            "10 working_day",
            "2026-02-06T08:30",
            "2026-02-27T08:30",
            days_of("2026-02", 9, 10, 11, 12, 13, 23, 24, 25, 26, 27),
            id="10 over Tết 2026",
        ),
        pytest.param(
            "same_day", "2026-02-13T16:00", "2026-02-23T17:00", days_of("2026-02", 23), id="11 same day, over Tết 2026"
        ),
        pytest.param(
            "3 working_day", "2026-03-02T10:00", "2026-03-05T10:00", days_of("2026-03", 3, 4, 5), id="12 first promise"
        ),
        pytest.param(
            "3 working_day",
            "2026-03-10T14:30",
            "2026-03-13T14:30",
            days_of("2026-03", 11, 12, 13),
            id="12 restarted by the complete answer",
        ),
        pytest.param(
            "7 working_day",
            "2026-04-24T07:00",
            "2026-05-08T07:00",
            [*days_of("2026-04", 28, 29), *days_of("2026-05", 4, 5, 6, 7, 8)],
            id="13 over Hung Kings' Day and its day off",
        ),
        pytest.param(
            "8 working_day",
            "2026-07-13T07:00",
            "2026-07-23T07:00",
            days_of("2026-07", 14, 15, 16, 17, 20, 21, 22, 23),
            id="14 a land transfer without the mountain extra",
        ),
        pytest.param(
            "8 working_day + 10 day",
            "2026-07-13T07:00",
            "2026-08-03T07:00",
            [
                *days_of("2026-07", 14, 15, 16, 17, 20, 21, 22, 23),
                *span(date(2026, 7, 24), date(2026, 8, 2)),
            ],
            id="14 a land transfer with the mountain extra",
        ),
        pytest.param(
            "8 working_day + 10 working_day",
            "2026-07-13T07:00",
            "2026-08-06T07:00",
            [day for day in span(date(2026, 7, 14), date(2026, 8, 6)) if day.weekday() < 5],
            id="14 had the extra been working days",
        ),
        pytest.param(
            "12 working_day",
            "2026-07-13T07:00",
            "2026-07-29T07:00",
            [day for day in span(date(2026, 7, 14), date(2026, 7, 29)) if day.weekday() < 5],
            id="15 splitting a parcel",
        ),
        pytest.param(
            "12 working_day + 10 day",
            "2026-07-13T07:00",
            "2026-08-10T07:00",
            [
                *(day for day in span(date(2026, 7, 14), date(2026, 7, 29)) if day.weekday() < 5),
                *span(date(2026, 7, 30), date(2026, 8, 8)),
            ],
            id="15 splitting a parcel with the mountain extra",
        ),
        pytest.param(
            "5 working_day",
            "2026-08-20T07:00",
            "2026-08-26T07:00",
            days_of("2026-08", 21, 22, 24, 25, 26),
            id="16 with the make-up Saturday 22/08/2026",
        ),
        pytest.param(
            "3 working_day",
            "2026-08-28T07:00",
            "2026-09-07T07:00",
            days_of("2026-09", 3, 4, 7),
            id="17 over National Day 2026",
        ),
        pytest.param(
            "3 working_day",
            "2026-07-20T08:15",
            "2026-07-23T08:15",
            days_of("2026-07", 21, 22, 23),
            id="18 accepted on Monday",
        ),
    ],
)
def test_the_worked_example_comes_out_to_the_minute_and_to_the_day(
    term: str, received: str, expected: str, counted: list[date]
) -> None:
    found = due(term, received)
    assert found.due_at == at(expected)
    assert list(found.counted) == counted
    assert not found.provisional


def test_example_7_counts_on_through_the_end_of_the_district_as_at_its_successor() -> None:
    district = WorkCalendar.of(PLACES.by_id("huyen-bao-yen"), DAYS)
    assert due("7 working_day", "2025-06-27T07:00", district).due_on == date(2025, 7, 8)


def test_example_12_paused_has_one_working_day_left_from_the_answer() -> None:
    term = Term.parse("3 working_day")
    found = resume(at("2026-03-05T10:00"), at("2026-03-04T10:00"), at("2026-03-10T14:30"), CALENDAR, term)
    assert found.due_at == at("2026-03-11T14:30")
    assert found.counted == (date(2026, 3, 11),)


def test_example_18_an_online_dossier_of_saturday_night_is_answered_by_monday_closing() -> None:
    assert clock.within_hours(at("2026-07-18T21:00"), 8, CALENDAR) == at("2026-07-20T17:00")


def test_the_apology_for_example_9_is_made_no_later_than_the_working_day_before() -> None:
    assert clock.apology_deadline(date(2026, 2, 4), CALENDAR) == date(2026, 2, 3)
    assert clock.apology_deadline(date(2026, 2, 23), CALENDAR) == date(2026, 2, 13)


@pytest.mark.parametrize(
    ("term", "received", "expected"),
    [
        ("1 working_day", "2026-07-13T07:00", "2026-07-14T07:00"),
        ("8 working_hour", "2026-07-13T07:00", "2026-07-13T17:00"),
        ("4 working_hour", "2026-07-13T08:30", "2026-07-13T14:30"),
        ("1 working_day", "2026-07-13T11:30", "2026-07-14T13:30"),
        ("1 working_day", "2026-07-13T11:29:59", "2026-07-14T11:29:59"),
        ("1 working_day", "2026-07-13T17:00", "2026-07-15T07:00"),
        ("1 working_day", "2026-07-13T16:59:59", "2026-07-14T16:59:59"),
        ("1 working_day", "2026-07-17T17:00", "2026-07-21T07:00"),
        ("1 working_day", "2026-08-22T10:00", "2026-08-24T10:00"),
        ("1 day", "2026-07-17T10:00", "2026-07-20T10:00"),
        ("same_day", "2026-07-13T15:00:00", "2026-07-13T17:00"),
        ("same_day", "2026-07-13T15:00:00.000001", "2026-07-14T17:00"),
        ("same_day", "2026-07-13T15:00:01", "2026-07-14T17:00"),
        ("same_day", "2026-07-13T17:00", "2026-07-14T17:00"),
        ("same_day", "2026-07-18T09:00", "2026-07-20T17:00"),
        ("same_day", "2026-08-22T15:00", "2026-08-22T17:00"),
        ("same_day + 3 working_day", "2026-07-13T09:00", "2026-07-16T17:00"),
        ("1 working_day + 4 working_hour", "2026-07-13T09:00", "2026-07-14T15:00"),
    ],
)
def test_a_term_at_the_edges_of_the_day(term: str, received: str, expected: str) -> None:
    assert due(term, received).due_at == at(expected)


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2026-07-18T09:00", "2026-07-22T09:00"), ("2026-07-18T11:30", "2026-07-23T07:00")],
)
def test_received_by_the_police_on_a_saturday_morning_that_day_is_day_0_and_not_counted(
    received: str, expected: str
) -> None:
    found = due("3 working_day", received, POLICE)
    assert found.due_at == at(expected)
    assert date(2026, 7, 18) not in found.counted


def test_a_term_that_ends_on_a_day_off_moves_and_says_so() -> None:
    found = due("8 working_day + 10 day", "2026-07-13T08:30")
    assert found.due_at == at("2026-08-03T08:30")
    assert [(skipped.date, skipped.reason) for skipped in found.skipped] == [
        (date(2026, 7, 18), DayReason.WEEKEND),
        (date(2026, 7, 19), DayReason.WEEKEND),
        (date(2026, 8, 3), DayReason.MOVED),
    ]


def test_the_days_off_before_the_start_are_told_apart_from_the_skipped_ones() -> None:
    found = due("1 working_day", "2026-02-13T18:00")
    assert [waited.date for waited in found.waited] == span(date(2026, 2, 14), date(2026, 2, 22))
    assert found.starts_at == at("2026-02-23T07:00")
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("term", "received", "provisional"),
    [
        ("3 working_day", "2026-12-28T08:00", False),
        ("4 working_day", "2026-12-28T08:00", True),
        ("3 working_day", "2026-12-31T18:00", True),
        ("3 working_day", "2027-02-01T08:00", True),
        ("1 working_day", "2023-12-31T08:00", True),
        ("1 working_day", "2024-01-01T08:00", False),
    ],
)
def test_a_due_date_is_provisional_when_a_year_it_depends_on_is_not_entered(
    term: str, received: str, provisional: bool
) -> None:
    assert due(term, received).provisional is provisional


@pytest.mark.parametrize(
    ("due_at", "asked", "answered", "provisional"),
    [
        ("2026-12-28T10:00", "2026-12-25T10:00", "2026-12-29T10:00", False),
        ("2026-12-28T10:00", "2026-12-25T10:00", "2026-12-31T10:00", True),
        ("2024-01-03T10:00", "2024-01-02T10:00", "2024-01-10T10:00", False),
        ("2024-01-03T10:00", "2023-12-29T10:00", "2024-01-10T10:00", True),
        ("2023-12-29T10:00", "2024-01-02T10:00", "2024-01-10T10:00", True),
    ],
)
def test_a_resumed_due_date_is_provisional_when_any_of_its_instants_is(
    due_at: str, asked: str, answered: str, provisional: bool
) -> None:
    found = resume(at(due_at), at(asked), at(answered), CALENDAR, Term.parse("3 working_day"))
    assert found.provisional is provisional


@given(terms, instants)
def test_a_due_date_never_lands_on_a_day_off_nor_outside_the_hours(term: Term, received: datetime) -> None:
    found = due_date(term, received, CALENDAR)
    assert CALENDAR.is_working_day(found.due_on)
    shown = found.due_at.strftime("%H:%M:%S.%f")
    assert "07:00" <= shown <= "11:30:00.000000" or "13:30" <= shown <= "17:00:00.000000"
    assert found.due_at >= found.starts_at >= found.received_at


@given(st.integers(1, 120), instants)
def test_adding_working_days_then_counting_them_gives_back_the_term(amount: int, received: datetime) -> None:
    found = due_date(Term((TermPart(amount, TermUnit.WORKING_DAY),)), received, CALENDAR)
    assert len(found.counted) == amount
    assert found.counted[-1] == found.due_on
    assert CALENDAR.working_days_between(found.starts_at.date(), found.due_on) == amount
    assert found.due_at.time() == found.starts_at.time()
    assert CALENDAR.add_working_days(found.due_on, -amount) == found.starts_at.date()


@given(st.integers(1, 500), instants)
def test_adding_working_hours_then_counting_them_gives_back_the_term(amount: int, received: datetime) -> None:
    found = due_date(Term((TermPart(amount, TermUnit.WORKING_HOUR),)), received, CALENDAR)
    assert CALENDAR.working_time_between(received, found.due_at) == timedelta(hours=amount)


@given(st.integers(1, 120), st.integers(1, 30), instants)
def test_a_term_with_a_part_in_days_counts_exactly_its_days(working: int, days: int, received: datetime) -> None:
    found = due_date(Term.parse(f"{working} working_day + {days} day"), received, CALENDAR)
    assert len(found.counted) == working + days
    assert list(found.counted[-days:]) == span(found.counted[-days], found.counted[-days] + timedelta(days=days - 1))


@given(terms, instants)
def test_every_date_after_day_0_is_either_counted_or_skipped_with_its_reason(term: Term, received: datetime) -> None:
    found = due_date(term, received, CALENDAR)
    skipped = [each.date for each in found.skipped]
    assert sorted([*found.counted, *skipped]) == span(found.starts_at.date() + timedelta(days=1), found.due_on)
    assert all(each.name.vi and each.name.en for each in found.skipped)
    assert all(each.reason is DayReason.MOVED or not CALENDAR.is_working_day(each.date) for each in found.skipped)


@given(st.integers(1, 60), instants)
def test_it_agrees_with_a_finger_on_a_paper_calendar(amount: int, received: datetime) -> None:
    day, shown = received.date(), received.strftime("%H:%M:%S.%f")
    while not works(day) or shown >= "17:00":
        day, shown = day + timedelta(days=1), "07:00"
    for _ in range(amount):
        day += timedelta(days=1)
        while not works(day):
            day += timedelta(days=1)
    assert due_date(Term((TermPart(amount, TermUnit.WORKING_DAY),)), received, CALENDAR).due_on == day


@given(terms_in_working_time, instants, instants)
def test_who_comes_earlier_is_promised_no_later(term: Term, one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert due_date(term, earlier, CALENDAR).due_at <= due_date(term, later, CALENDAR).due_at


@given(st.one_of(day_parts, st.just(TermPart(1, TermUnit.SAME_DAY))), instants, instants)
def test_who_comes_earlier_is_promised_no_later_a_day(part: TermPart, one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert due_date(Term((part,)), earlier, CALENDAR).due_on <= due_date(Term((part,)), later, CALENDAR).due_on


@given(st.integers(1, 100), st.integers(0, 20), st.sampled_from(["working_day", "working_hour", "day"]), instants)
def test_a_longer_term_is_due_no_earlier(amount: int, more: int, unit: str, received: datetime) -> None:
    short, long = Term.parse(f"{amount} {unit}"), Term.parse(f"{amount + more} {unit}")
    assert due_date(short, received, CALENDAR).due_on <= due_date(long, received, CALENDAR).due_on
    if unit != "day":
        assert due_date(short, received, CALENDAR).due_at <= due_date(long, received, CALENDAR).due_at


@given(terms, st.one_of(day_parts, hour_parts), instants)
def test_a_further_part_never_makes_it_due_earlier(term: Term, part: TermPart, received: datetime) -> None:
    assert due_date(term, received, CALENDAR).due_at < due_date(term + Term((part,)), received, CALENDAR).due_at


@given(terms, day_parts, instants)
def test_a_sum_runs_its_parts_one_after_the_other(term: Term, part: TermPart, received: datetime) -> None:
    first = due_date(term, received, CALENDAR)
    whole = due_date(term + Term((part,)), received, CALENDAR)
    if CALENDAR.start(first.due_at) == first.due_at:
        assert whole.due_at == due_date(Term((part,)), first.due_at, CALENDAR).due_at
    else:
        # Ending exactly when a session closes, it goes on from there and not from the next opening.
        assert whole.due_on <= due_date(Term((part,)), first.due_at, CALENDAR).due_on


@given(terms, instants, instants, instants)
def test_what_was_left_at_the_asking_is_left_again_from_the_answer(
    term: Term, received: datetime, one: datetime, other: datetime
) -> None:
    asked, answered = sorted((one, other))
    due_at = due_date(term, received, CALENDAR).due_at
    resumed = resume(due_at, asked, answered, CALENDAR, term)
    between = CALENDAR.working_time_between
    assert between(answered, resumed.due_at) == between(asked, due_at)
    assert between(due_at, resumed.due_at) == between(asked, answered)


@given(terms, instants, instants)
def test_an_answer_at_the_instant_of_asking_changes_nothing(term: Term, received: datetime, asked: datetime) -> None:
    due_at = due_date(term, received, CALENDAR).due_at
    assert resume(due_at, asked, asked, CALENDAR, term).due_at == due_at


def test_a_pause_in_days_ends_like_a_term_in_days_and_one_in_hours_within_the_hours() -> None:
    asked, answered, due_at = at("2026-03-04T10:00"), at("2026-03-10T07:00"), at("2026-03-05T10:00")
    assert resume(due_at, asked, answered, CALENDAR, Term.parse("3 working_day")).due_at == at("2026-03-11T07:00")
    assert resume(due_at, asked, answered, CALENDAR, Term.parse("24 working_hour")).due_at == at("2026-03-10T17:00")


def test_a_dossier_that_was_late_when_asked_is_as_late_when_answered() -> None:
    resumed = resume(
        at("2026-03-04T10:00"), at("2026-03-05T10:00"), at("2026-03-10T14:30"), CALENDAR, Term.parse("3 working_day")
    )
    assert resumed.due_at == at("2026-03-09T14:30")


def test_the_wait_of_the_citizen_is_working_time_and_not_ticks_or_days() -> None:
    resumed = resume(
        at("2026-02-13T10:00"), at("2026-02-12T16:00"), at("2026-02-23T08:00"), CALENDAR, Term.parse("3 working_day")
    )
    # Four working hours were left; ten days of Tết went by.
    assert resumed.due_at == at("2026-02-23T14:00")


def test_steps_run_one_after_the_other_within_the_hours() -> None:
    shares = [Decimal(text) for text in ("0.5", "0.25", "5", "0.5", "0.5", "0.25")]
    limits = clock.step_limits(at("2026-07-13T07:00"), shares, CALENDAR)
    assert limits[:3] == (at("2026-07-13T11:00"), at("2026-07-13T15:00"), at("2026-07-20T15:00"))
    assert limits[-1] == at("2026-07-21T17:00")
    assert clock.step_limit(at("2026-07-13T16:00"), Decimal("0.25"), CALENDAR) == at("2026-07-14T08:00")


@given(instants, st.lists(st.decimals("0.05", "9", places=2), min_size=1, max_size=7))
def test_the_last_step_ends_no_later_than_a_term_of_all_shares(since: datetime, shares: list[Decimal]) -> None:
    total = sum(shares, Decimal())
    limits = clock.step_limits(since, shares, CALENDAR)
    assert list(limits) == sorted(limits)
    assert CALENDAR.working_time_between(since, limits[-1]) == clock.working_days(total)
    whole = due_date(Term((TermPart(int(total) + 1, TermUnit.WORKING_DAY),)), since, CALENDAR)
    assert limits[-1] <= whole.due_at


@pytest.mark.parametrize(
    ("now", "due_at", "parts"),
    [
        ("2026-07-13T08:00", "2026-07-16T10:00", (3, 2, 0, False)),
        ("2026-07-13T08:00", "2026-07-13T08:00", (0, 0, 0, False)),
        ("2026-07-16T10:30", "2026-07-16T10:00", (0, 0, 30, True)),
        ("2026-07-20T08:15", "2026-07-16T10:00", (1, 6, 15, True)),
        ("2026-07-18T09:00", "2026-07-20T07:45", (0, 0, 45, False)),
    ],
)
def test_working_time_left_is_told_in_days_hours_and_minutes(
    now: str, due_at: str, parts: tuple[int, int, int, bool]
) -> None:
    left = clock.working_time_left(at(now), at(due_at), CALENDAR)
    assert (left.days, left.hours, left.minutes, left.late) == parts


@given(st.integers(-(10**6), 10**6))
def test_days_hours_and_minutes_add_up_to_the_amount(amount: int) -> None:
    told = WorkingTime(timedelta(minutes=amount))
    assert (-1 if told.late else 1) * ((told.days * 8 + told.hours) * 60 + told.minutes) == amount


def test_a_day_closes_at_its_last_session_and_a_day_off_with_the_next_working_day() -> None:
    assert clock.closing(date(2026, 7, 17), CALENDAR) == at("2026-07-17T17:00")
    assert clock.closing(date(2026, 7, 18), CALENDAR) == at("2026-07-20T17:00")


def test_a_term_beyond_every_calendar_is_refused() -> None:
    with pytest.raises(CalendarError):
        due("9999 working_day", "2026-07-13T08:00")
    with pytest.raises(CalendarError):
        due("9999 day", "2050-07-13T08:00")


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_rounded_working_time_is_said_in_the_same_words(amount: timedelta) -> None:
    whole, exact = WorkingTime(amount).rounded, WorkingTime(amount)
    assert (whole.days, whole.hours) == (exact.days, exact.hours)
    assert whole.minutes == (0 if exact.days else exact.minutes)
    assert whole.late in (exact.late, False)


@pytest.mark.parametrize(("second", "next_day"), [(0, False), (1, True)])
def test_what_is_received_by_fifteen_hours_is_passed_on_the_same_day(second: int, next_day: bool) -> None:
    received = datetime(2026, 9, 14, 15, 0, second, tzinfo=OFFICE_TIME)
    assert clock.passes_on_next_day(received) is next_day
