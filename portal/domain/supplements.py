"""Why each thing is asked for in a round of supplements: every item bears a reason of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def reason_of(item: Mapping[str, Any], of_round: str) -> str:
    """The code of an item's reason; rounds of before items had their own gave one reason for all of them."""
    return str(item.get("reason") or of_round)


def main_reason(items: Iterable[Mapping[str, Any]]) -> str | None:
    """The reason that stands for a whole round in the log: what most items have, the first of them where several do.

    None where no item has one.
    """
    counted = Counter(str(item["reason"]) for item in items if item.get("reason"))
    return counted.most_common(1)[0][0] if counted else None


def items_by_reason(items: Iterable[Mapping[str, Any]], of_round: str) -> dict[str, list[int]]:
    """For each reason's code, the numbers (from 1) of the items it is given for, in the order of the items."""
    numbers: dict[str, list[int]] = {}
    for number, item in enumerate(items, 1):
        numbers.setdefault(reason_of(item, of_round), []).append(number)
    return numbers
