"""The questions of a procedure's form on a page: what was sent of them, and what the macro `question` draws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from flask import request

from portal.domain import forms, kinds
from portal.domain.forms import Reading
from portal.domain.kinds import Context
from portal.domain.merging import Seen, laid_over
from portal.web import focus
from portal.web.language import language
from procedures.model import COMPOUND, Field, Kind, Procedure

#: What a page sends beside its questions.
_BESIDE = frozenset({"csrf_token", "then", "warned", "section", "take_off", "base", "undecided"})
#: Before the name of an input that was changed here and elsewhere: which of both is to stay.
_CHOICE: Final = "stays-"
THEIRS: Final = "theirs"
MINE: Final = "mine"


@dataclass(frozen=True, slots=True)
class RowChange:
    """A button asks for one row more in a group; or one row, already taken out of what was sent, is gone."""

    group: str
    more: bool


def posted() -> dict[str, list[str]]:
    """What was sent of the questions on a page, by the name of the input."""
    return {
        name: request.form.getlist(name)
        for name in request.form
        if name not in _BESIDE and not name.startswith(_CHOICE)
    }


def seen() -> Seen | None:
    """What the page had shown, and what was chosen where it was changed here and elsewhere; None if it does not say."""
    try:
        base = json.loads(request.form.get("base", ""))
    except (ValueError, RecursionError):
        return None
    if not isinstance(base, dict):
        return None
    said = chosen()
    yields = {name for name, which in said.items() if which == THEIRS}
    return Seen(base, yields, {name for name, which in said.items() if which not in (THEIRS, MINE)})


def chosen() -> dict[str, str | None]:
    """Which of both versions is to stay, by name, of what the page asked that about; None where it was not said."""
    return {name: request.form.get(_CHOICE + name) for name in request.form.getlist("undecided")}


def base(
    procedure: Procedure,
    section: str | None,
    answers: Mapping[str, Any],
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """What a page shows, as it is to be sent back with it: one section or, with None, all; `beside` what else."""
    shown = forms.base(procedure, section, answers)
    return json.dumps(shown | dict(beside), ensure_ascii=False, separators=(",", ":"))


def conflicts(procedure: Procedure, section: str, reading: Reading, context: Context) -> list[dict[str, Any]]:
    """What was changed on the page and elsewhere, as the macro `conflicts` draws it: both versions side by side."""
    spoken = language()
    return [
        conflict(
            name,
            forms.label_of(field, name).say(spoken),
            forms.shown_part(field, reading.answers, name, context, spoken),
            forms.shown_part(field, mine, name, context, spoken),
        )
        for field in procedure.section(section).fields
        for name, value in reading.merged.conflicts.items()
        if name.partition("-")[0] == field.key
        for mine in [laid_over(reading.answers, {name: value})]
    ]


def conflict(name: str, label: str, theirs: str, mine: str) -> dict[str, Any]:
    """One thing that was changed on the page and elsewhere, as the macro draws it."""
    return {"name": name, "choice": _CHOICE + name, "label": label, "theirs": theirs, "mine": mine}


def in_summary(label: str, message: str) -> str:
    """A line of the summary of errors: what an input is called, as a question or not, and what is wrong with it."""
    return f"{label} {message}" if label.endswith("?") else f"{label.rstrip('.:')}: {message}"


def change_of_rows(sent: dict[str, list[str]]) -> RowChange | None:
    """Whether a button asks to change the rows of a group; the button, and a row to be removed, are taken out."""
    for name in list(sent):
        if name.startswith("add-"):
            del sent[name]
            focus.keep()
            return RowChange(name.removeprefix("add-"), more=True)
        if name.startswith("remove-"):
            del sent[name]
            group, _dash, index = name.removeprefix("remove-").rpartition("-")
            if group and index.isdecimal():
                for field in [field for field in sent if field.startswith(f"{group}-{index}-")]:
                    del sent[field]
                sent.setdefault(f"{group}-rows", ["1"])
                focus.keep()
                return RowChange(group, more=False)
    return None


def question(
    field: Field,
    answers: Mapping[str, Any],
    context: Context,
    rows: RowChange | None = None,
    seen: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """A question with what stands in it, or what is computed for it; `rows` may ask for one empty row more.

    `seen` are the answers as expressions see them, by which parts and columns are asked or not.
    """
    value: Any = forms.typed(field, answers)
    if field.kind in COMPOUND:
        filled = forms.rows(field, answers)
        if rows == RowChange(field.key, more=True):
            filled = [*filled, forms.empty_row(field)]
        drawn = [{c.key: forms.typed(c, row) for c in forms.asked_columns(field, row, seen)} for row in filled]
        value = drawn if field.kind is Kind.GROUP else drawn[0]
    asked = (field, *field.columns)
    return {
        "field": field,
        "value": value,
        "units": {one.key: kinds.options(one, context) for one in asked if one.kind is Kind.UNIT},
        "computed": forms.shown(field, answers, context, language()) if field.computed else "",
    }
