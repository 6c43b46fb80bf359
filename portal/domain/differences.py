"""What an answered supplement has changed in the answers of a form: each line as it was and as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain import forms
from portal.domain.kinds import Context
from procedures.model import Procedure


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the form that is not as it was; '' is no answer."""

    label: str
    old: str
    new: str


def replaced(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that are not what they were, as they were; None for one that was not there."""
    return {key: before.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def differences(
    procedure: Procedure, answers: Mapping[str, Any], old: Mapping[str, Any], context: Context, language: str
) -> list[Difference]:
    """The lines that differ, in the order of the form; `old` is what `replaced` kept. Sensitive answers are masked."""
    earlier = {key: value for key, value in {**answers, **old}.items() if value is not None}
    was, now = _lines(procedure, earlier, context, language), _lines(procedure, answers, context, language)
    shown_was = _lines(procedure, earlier, context, language, mask=True)
    shown_now = _lines(procedure, answers, context, language, mask=True)
    return [
        Difference(label, shown_was.get((name, label), ""), shown_now.get((name, label), ""))
        for name, label in (*now, *(line for line in was if line not in now))
        if was.get((name, label), "") != now.get((name, label), "")
    ]


def _lines(
    procedure: Procedure, answers: Mapping[str, Any], context: Context, language: str, *, mask: bool = False
) -> dict[tuple[str, str], str]:
    parts = forms.display(procedure, answers, context, language, mask=mask)
    return {(line.name, line.label): line.value for part in parts for line in part.lines}
