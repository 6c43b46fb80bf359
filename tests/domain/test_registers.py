"""Volumes of the register: every number stands in one, and they follow each other without a gap."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.registers import may_be_locked, span, volume, volumes


@given(st.integers(1, 20_000), st.data())
def test_every_number_stands_in_the_volume_that_spans_it(entries: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, entries))
    first, last = span(volume(2026, number), entries)
    assert first <= number <= last
    assert volume(2026, number) in volumes(2026, entries)


@given(st.integers(1, 20_000))
def test_the_volumes_of_a_book_follow_each_other_to_its_last_entry(entries: int) -> None:
    spans = [span(name, entries) for name in volumes(2026, entries)]
    assert (spans[0][0], spans[-1][1]) == (1, entries)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(spans))


def test_a_volume_ends_with_the_number_that_fills_it() -> None:
    assert (volume(2026, 1), volume(2026, 300), volume(2026, 301)) == ("2026/01", "2026/01", "2026/02")
    assert volumes(2026, 300) == ("2026/01",)
    assert span("2026/02", 700) == (301, 600)


def test_a_book_can_be_locked_once_its_year_is_over() -> None:
    assert not may_be_locked(2026, date(2026, 12, 31))
    assert may_be_locked(2026, date(2027, 1, 1))
