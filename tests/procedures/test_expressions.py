"""Conditions and checks: what they see, and what becomes of a missing answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.expressions import FUNCTIONS, LONGEST, Expression, ExpressionError, compiled, fold, years_between


def day(year: int, month: int = 1, date: int = 1) -> datetime:
    return datetime(year, month, date, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "values", "verdict"),
    [
        ("a == 'x'", {"a": "x"}, True),
        ("a == 'x'", {}, False),
        ("a != null && a > 3", {}, False),
        ("a > 3", {"a": 4.0}, True),
        ("a > 3", {}, None),
        ("a > 3 || b", {"b": True}, True),
        ("!b", {}, None),
        ("a + b <= c", {"a": 1.5, "b": 2.0, "c": 3.5}, True),
        ("a / b > 1.0", {"a": 1.0, "b": 0.0}, True),
        ("a <= today", {"a": day(2020), "today": day(2026)}, True),
        ("a >= date('2020-01-01')", {"a": day(2020)}, True),
        ("date(a) == today", {"a": "30/02/2020", "today": day(2020)}, False),
        ("years_between(a, today) >= 18", {"a": day(2008, 7, 2), "today": day(2026, 7, 1)}, False),
        ("years_between(a, today) >= 18", {"a": day(2008, 7, 1), "today": day(2026, 7, 1)}, True),
        ("years_between(a, today) >= 18", {"today": day(2026)}, None),
        ("days_between(a, today) > 60", {"a": day(2026), "today": day(2026, 3, 3)}, True),
        ("m.exists(x, x.age >= 18)", {"m": [{"age": 3.0}, {"age": 20.0}]}, True),
        ("m.exists(x, x.age >= 18)", {"m": [{"age": None}]}, None),
        ("m.exists(x, x.age >= 18)", {}, None),
        ("total(m.map(x, x.age)) > 20.0", {"m": [{"age": 3.0}, {"age": 20.0}]}, True),
        ("fold(a) == 'so do'", {"a": "Sổ Đỏ"}, True),
        ("'text'", {}, None),
    ],
)
def test_an_expression_is_true_false_or_open(source: str, values: dict[str, Any], verdict: bool | None) -> None:
    assert compiled(source).judge(values) is verdict


def test_only_what_is_true_holds() -> None:
    assert not compiled("a > 3").holds({})
    assert not compiled("a > 3").holds({"a": 2.0})
    assert compiled("a > 3").holds({"a": 4.0})


def test_an_expression_knows_the_answers_it_reads_and_not_the_names_it_binds() -> None:
    expression = Expression("members.exists(m, m.age > least) && today > date('2020-01-01')")
    assert expression.names == {"members", "least", "today"}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "is empty"),
        ("a ==", "is not CEL: at character"),
        ("a = 'x'", "is not CEL: at character"),
        ("evil(a)", "unknown function: evil"),
        ("a" * (LONGEST + 1), "is longer than"),
        ("(" * 400, "is not CEL"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_reason(source: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason):
        Expression(source)


def test_a_rehearsal_tells_kinds_that_do_not_go_together_and_verdicts_that_are_none() -> None:
    Expression("a > 2.0").rehearse({"a": 1.0})
    for source, reason in (
        ("a > 'x'", "does not fit"),
        ("a * 2 > 1.0", "does not fit"),
        ("a + 1.0", "neither true nor false"),
    ):
        with pytest.raises(ExpressionError, match=reason):
            Expression(source).rehearse({"a": 1.0})


@given(st.text(alphabet="ab1.()[]{}'\"&|!=<>+-*/%?:, inmapx", max_size=30) | st.text(max_size=30))
def test_no_expression_raises_anything_but_its_own_error(source: str) -> None:
    try:
        expression = Expression(source)
    except ExpressionError:
        return
    assert expression.judge({"a": [{"x": 1.0}], "b": None}) in (True, False, None)


@given(st.lists(st.none() | st.text() | st.floats() | st.datetimes(), min_size=2, max_size=2))
def test_no_function_raises_whatever_it_is_given(arguments: list[Any]) -> None:
    for name, function in FUNCTIONS.items():
        function(*arguments[: 2 if "between" in name else 1])


@given(st.datetimes(max_value=datetime(2900, 1, 1)), st.datetimes(max_value=datetime(2900, 1, 1)))  # noqa: DTZ001
def test_age_grows_by_one_on_each_birthday(birth: datetime, later: datetime) -> None:
    years = years_between(birth, later)
    assert years_between(birth, later.replace(year=later.year + 1, day=min(later.day, 28))) - years in (0, 1)


def test_folding_takes_marks_case_and_the_bar_of_the_d_away() -> None:
    assert fold("ĐẶNG Thị Điệp") == "dang thi diep"
