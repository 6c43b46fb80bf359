"""Receipts printed ahead: their serials, the times they may bear; what is entered late changes no earlier day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.flow import Action, Status
from portal.domain.outage import Serial, fault_of, read_serial
from portal.domain.statistics import Course, Happening, Tally, follow

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
DAY = date(2026, 9, 14)


def test_a_serial_is_read_as_it_is_written_and_however_many_zeros_are_typed() -> None:
    serial = Serial("02947", 2026, 12)
    assert str(serial) == "02947-2026-0012"
    assert read_serial(str(serial)) == read_serial(" 02947 - 2026 - 12 ") == serial
    assert read_serial("02947-2026") is None
    assert read_serial("٠٢٩٤٧-2026-1") is None


@pytest.mark.parametrize(
    ("hours", "fault"), [(0, None), (-5, None), (1, "in_the_future"), (-49, "before_printing"), (-25, "too_long_ago")]
)
def test_the_time_on_a_blank_lies_after_printing_not_in_the_future_and_not_too_far_back(
    hours: int, fault: str | None
) -> None:
    days = 1 if fault == "too_long_ago" else 7
    assert fault_of(NOW + timedelta(hours=hours), NOW - timedelta(hours=48), NOW, days) == fault


def test_the_last_instant_at_which_a_blank_can_be_entered_is_so_many_days_later() -> None:
    received = NOW - timedelta(days=7)
    assert fault_of(received, received, NOW, 7) is None
    assert fault_of(received, received, NOW + timedelta(seconds=1), 7) == "too_long_ago"


@given(
    st.lists(
        st.tuples(st.integers(-30, 30), st.sampled_from([Status.RECEIVED, Status.PROCESSING, Status.RESOLVED])),
        min_size=1,
        max_size=8,
    )
)
def test_an_event_never_changes_a_number_of_a_day_before_it_however_long_ago_the_due_day_was(
    told: list[tuple[int, Status]],
) -> None:
    """So entering late dossiers never changes a past figure: each is an event of the day it is entered."""
    course = Course(1, "1.001193", "counter")
    day = DAY
    for number, (due, status) in enumerate(told):
        tally = Tally()
        after = Status.RECEIVED if number == 0 else status
        action = Action.RECEIVE if number == 0 else Action.FORWARD
        follow(course, Happening(1, day, action, after, "reception", "bao-yen", day + timedelta(days=due)), tally)
        assert all(cell.day >= day for cell, numbers in tally.counts.items() if any(numbers))
        day += timedelta(days=number % 3)
