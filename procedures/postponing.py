"""Moves the examples of a text behind its date in force, by whole weeks, and leaves every other letter as it is.

What falls due is moved with them; where holidays or a new term make it another day, playing the examples says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from procedures.files import Document, Place, parse

_WEEK: Final = timedelta(weeks=1)
#: Where a day stands in an example, the reception first.
_DAYS: Final[tuple[Place, ...]] = (("received_at",), ("expect", "due_on"), ("expect", "due_at"), ("expect", "total_at"))


def postpone_examples(text: str, begins: date) -> str:
    """The text with its examples received on or after `begins`. Raises FaultyFile for what is not plain YAML."""
    document = parse(text, Path("text"))
    lines = text.splitlines(keepends=True)
    for place, moved in _moves(document, begins):
        written = _at(document.value, place)
        line = document.lines[place][1] - 1
        lines[line] = lines[line].replace(written, f"{moved}{written[len(str(moved)) :]}", 1)
    return "".join(lines)


def _moves(document: Document, begins: date) -> Iterator[tuple[Place, date]]:
    """Each day that is to be another one, with its place."""
    examples = document.value.get("examples") if isinstance(document.value, dict) else None
    for index in range(len(examples) if isinstance(examples, list) else 0):
        received = _day(_at(document.value, ("examples", index, "received_at")))
        if received is None or received >= begins:
            continue
        later = -(-(begins - received) // _WEEK) * _WEEK
        for inner in _DAYS:
            place: Place = ("examples", index, *inner)
            if (day := _day(_at(document.value, place))) is not None and day < date.max - later:
                yield place, day + later


def _at(value: Any, place: Place) -> Any:
    for name in place:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int):
            value = value[name]
        else:
            return None
    return value


def _day(written: Any) -> date | None:
    try:
        return date.fromisoformat(written[:10]) if isinstance(written, str) else None
    except ValueError:
        return None
