"""Says in words when a condition of a procedure holds, for people who read its guide before any form.

Only what files commonly ask is put into words: an answer compared with a value, and such comparisons joined by "or".
"""

from __future__ import annotations

import re
from typing import Final

from procedures.expressions import Expression
from procedures.model import Field, Procedure, Text

_COMPARISON: Final = re.compile(r"(?P<name>[a-z0-9_.]+) (?P<sign>==|!=) (?P<value>true|false|'[a-z_]+')")
_OR: Final = " || "
_IS: Final = Text(vi="“{label}”: {value}", en="“{label}”: {value}")
_IS_NOT: Final = Text(vi="“{label}” không phải là: {value}", en="“{label}” is not: {value}")
_YES: Final = Text(vi="có", en="yes")
_NO: Final = Text(vi="không", en="no")
#: The channel is no question of the form.
_CHANNELS: Final = {
    ("==", "online"): Text(vi="nộp trực tuyến", en="handed in online"),
    ("!=", "online"): Text(vi="không nộp trực tuyến", en="not handed in online"),
}


def in_words(condition: Expression, procedure: Procedure) -> Text | None:
    """The condition as its questions and answers read; None for one that cannot be said so shortly."""
    said = [_comparison(part, procedure) for part in condition.source.split(_OR)]
    known = [text for text in said if text is not None]
    if len(known) < len(said):
        return None
    return Text(vi=" hoặc ".join(text.vi for text in known), en=" or ".join(text.en for text in known))


def _comparison(source: str, procedure: Procedure) -> Text | None:
    found = _COMPARISON.fullmatch(source.strip())
    if found is None:
        return None
    name, sign, value = found["name"], found["sign"], found["value"].strip("'")
    if name == "channel":
        return _CHANNELS.get((sign, value))
    asked = _asked(name, procedure)
    if asked is None:
        return None
    if value in ("true", "false"):
        answer = _YES if (value == "true") == (sign == "==") else _NO
        return _said(_IS, asked.label, answer)
    chosen = next((choice.label for choice in asked.choices if choice.value == value), None)
    return None if chosen is None else _said(_IS if sign == "==" else _IS_NOT, asked.label, chosen)


def _asked(name: str, procedure: Procedure) -> Field | None:
    """The question of this name, or the part of a record (`bride.sex`), which is then called by both labels."""
    key, _dot, part = name.partition(".")
    asked = procedure.fields.get(key)
    if asked is None or not part:
        return asked
    found = next((column for column in asked.columns if column.key == part), None)
    return found and found.model_copy(
        update={"label": Text(vi=f"{asked.label.vi}: {found.label.vi}", en=f"{asked.label.en}: {found.label.en}")}
    )


def _said(pattern: Text, label: Text, value: Text) -> Text:
    return Text(
        vi=pattern.vi.format(label=label.vi, value=value.vi), en=pattern.en.format(label=label.en, value=value.en)
    )
