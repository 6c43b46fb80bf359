"""Every item that is asked for bears a reason; the one that most items have stands for the round."""

from __future__ import annotations

from portal.domain.supplements import items_by_reason, main_reason, reason_of

ITEMS = [
    {"key": "a", "reason": "unreadable"},
    {"key": "b", "reason": "missing_paper"},
    {"key": "c", "reason": "missing_paper"},
]


def test_the_reason_that_most_items_have_stands_for_the_round_and_of_equals_the_first() -> None:
    assert main_reason(ITEMS) == "missing_paper"
    assert main_reason(ITEMS[:2]) == "unreadable"
    assert main_reason([]) is None


def test_each_reason_is_told_once_with_the_numbers_of_its_items() -> None:
    assert items_by_reason(ITEMS, "form_wrong") == {"unreadable": [1], "missing_paper": [2, 3]}


def test_an_item_of_an_old_round_has_the_reason_of_its_round() -> None:
    assert reason_of({"key": "a", "words": "Sai ngày sinh."}, "form_wrong") == "form_wrong"
    assert items_by_reason([{"key": "a"}, {"key": "b"}], "form_wrong") == {"form_wrong": [1, 2]}
