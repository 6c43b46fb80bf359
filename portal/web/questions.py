"""The questions of a procedure's form on a page: what was sent of them, and what the macro `question` draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import request

from portal.domain import forms, kinds
from portal.domain.kinds import Context
from portal.web import focus
from portal.web.language import language
from procedures.model import COMPOUND, Field, Kind

#: What a page sends beside its questions.
_BESIDE = frozenset({"csrf_token", "then", "warned", "section", "take_off"})


@dataclass(frozen=True, slots=True)
class RowChange:
    """A button asks for one row more in a group; or one row, already taken out of what was sent, is gone."""

    group: str
    more: bool


def posted() -> dict[str, list[str]]:
    """What was sent of the questions on a page, by the name of the input."""
    return {name: request.form.getlist(name) for name in request.form if name not in _BESIDE}


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
