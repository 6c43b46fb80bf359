"""A page of a long form costs what a page of a short one costs: no condition is judged that it does not depend on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.domain import forms
from portal.domain.kinds import Context
from procedures.expressions import Expression
from procedures.model import Procedure
from procedures.places import load_places
from tests.long_forms import last_page, long_form, sent

CONTEXT = Context(date(2026, 8, 3), load_places())
ANSWERS: dict[str, Any] = {"more": True, **{f"field_{number}": "x" for number in range(300)}}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Counts how many expressions are judged while something is done."""
    found: list[str] = []
    whole = Expression.value

    def value(self: Expression, values: Any) -> Any:
        found.append(self.source)
        return whole(self, values)

    monkeypatch.setattr(Expression, "value", value)

    def count(work: Callable[..., object], *of: Any) -> int:
        found.clear()
        work(*of)
        return len(found)

    return count


def conditional(procedure: Procedure) -> int:
    return sum(question.when is not None for question in procedure.fields.values())


def test_saving_a_page_judges_as_much_in_a_form_of_300_questions_as_in_one_of_10(
    tmp_path: Path, judged: Callable[..., int]
) -> None:
    counts = {}
    for fields, conditions in ((10, 4), (300, 100)):
        found = long_form(tmp_path, fields, conditions)
        page = last_page(fields)
        own = sum(question.when is not None for question in found.section(page).fields)
        counts[fields] = judged(forms.read_section, found, page, sent(fields), ANSWERS, CONTEXT)
        # Once for what was on the page and once for what is there now; and what these look at, a page before.
        assert counts[fields] <= 2 * own + 2
    assert counts[300] <= counts[10] + 2


def test_the_pages_are_told_without_judging_their_questions(tmp_path: Path, judged: Callable[..., int]) -> None:
    found = long_form(tmp_path, 300, 100)
    assert judged(forms.sections, found, ANSWERS, CONTEXT) == 0


def test_the_whole_form_is_checked_with_each_condition_judged_once(tmp_path: Path, judged: Callable[..., int]) -> None:
    for fields, conditions in ((30, 10), (300, 100)):
        found = long_form(tmp_path, fields, conditions)
        assert conditional(found) >= conditions * 0.9
        assert judged(forms.check_all, found, ANSWERS, CONTEXT, {}) <= conditional(found) + 5
