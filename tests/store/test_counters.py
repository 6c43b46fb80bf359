"""Numbers of a book: one after the other, but for those that were given elsewhere, and none of them twice."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.store import counters
from portal.store.database import Database, transaction

#: Every history gets a book of its own.
BOOKS = count()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.integers(1, 12), max_size=15))
def test_no_number_is_given_twice_however_taking_and_reserving_follow_each_other(
    database: Database, deeds: list[int | None]
) -> None:
    given_out: list[int] = []
    book = f"book {next(BOOKS)}"
    with transaction() as session:
        for reserved in deeds:
            if reserved is None:
                expected = next(number for number in range(1, 99) if number not in given_out)
                given_out.append(counters.take_free(session, book))
                assert given_out[-1] == expected
            elif counters.reserve(session, book, reserved):
                given_out.append(reserved)
            else:
                assert reserved in given_out
    assert len(given_out) == len(set(given_out))
