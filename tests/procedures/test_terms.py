"""Legal terms: how they are written, read, added and said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.terms import LONGEST, Term, TermError, TermPart, TermUnit

amounts = st.integers(1, LONGEST)
parts = st.builds(TermPart, amounts, st.sampled_from([unit for unit in TermUnit if unit is not TermUnit.SAME_DAY]))
terms = st.builds(
    lambda first, rest: Term((first, *rest)),
    st.one_of(parts, st.just(TermPart(1, TermUnit.SAME_DAY))),
    st.lists(parts, max_size=3),
)


@given(terms)
def test_a_term_is_read_back_as_it_is_written(term: Term) -> None:
    assert Term.parse(str(term)) == term


@given(terms, st.lists(parts, min_size=1, max_size=2).map(lambda some: Term(tuple(some))))
def test_terms_add_up_part_by_part(one: Term, other: Term) -> None:
    assert str(one + other) == f"{one} + {other}"


def test_spaces_around_the_plus_and_the_amount_do_not_matter() -> None:
    assert Term.parse("  8  working_day+10 day ") == Term.parse("8 working_day + 10 day")


@pytest.mark.parametrize(
    ("term", "vi", "en"),
    [
        ("8 working_day + 10 day", "8 ngày làm việc + 10 ngày", "8 working days + 10 days"),
        ("1 working_hour", "1 giờ làm việc", "1 working hour"),
        ("same_day", "trong ngày làm việc", "the same working day"),
    ],
)
def test_a_term_is_said_in_both_languages(term: str, vi: str, en: str) -> None:
    assert (Term.parse(term).words("vi"), Term.parse(term).words("en")) == (vi, en)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "is not a term"),
        ("8", "is not a term"),
        ("8 days", "is not a term"),
        ("-8 working_day", "is not a term"),
        ("0.5 working_day", "is not a term"),
        ("٣ working_day", "is not a term"),
        ("8 working_day +", "is not a term"),
        ("working_day", "needs an amount"),
        ("1 same_day", "has no amount"),
        ("0 day", "between 1 and 9999"),
        ("10000 day", "between 1 and 9999"),
        ("8 working_day + same_day", "can only come first"),
        ("9" * 5000 + " day", "is not a term"),
    ],
)
def test_what_is_no_term_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(TermError, match=reason):
        Term.parse(written)
