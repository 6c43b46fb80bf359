"""What an answered supplement has changed is told line by line, old beside new, with what is sensitive masked."""

from __future__ import annotations

from typing import Any

from portal.domain.differences import differences, replaced
from tests.domain.test_forms import completed


def test_the_answers_that_were_replaced_are_kept_as_they_were() -> None:
    before: dict[str, Any] = {"a": 1, "b": [1, 2], "c": "x"}
    assert replaced(before, {"a": 1, "b": [1, 3], "d": True}) == {"b": [1, 2], "c": "x", "d": None}
    assert replaced(before, dict(before)) == {}


def test_only_the_lines_that_differ_are_told_with_old_and_new() -> None:
    procedure, answers, context = completed("1.013225")
    old = {"full_name": "Hoàng Thị Mái", "email": None}
    told = differences(procedure, answers | {"email": "mai@example.org"}, old, context, "vi")
    assert ("Hoàng Thị Mái", answers["full_name"]) in [(line.old, line.new) for line in told]
    assert ("", "•••") in [(line.old, line.new) for line in told]
    assert len(told) == 2


def test_what_is_sensitive_is_masked_as_it_was_and_as_it_is_and_what_is_gone_is_told_too() -> None:
    procedure, answers, context = completed("1.013225")
    old = {"email": "cu@example.org"}
    (changed,) = differences(procedure, answers | {"email": "moi@example.org"}, old, context, "vi")
    assert (changed.old, changed.new) == ("•••", "•••")
    without = {key: value for key, value in answers.items() if key != "email"}
    (gone,) = differences(procedure, without, old, context, "vi")
    assert (gone.old, gone.new) == ("•••", "")
