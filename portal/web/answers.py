"""The answers of an example, asked by the very form they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from portal.domain import entries, kinds, rehearsal
from portal.domain.entries import Faults, Typed
from portal.domain.kinds import Context
from portal.usecases import law
from portal.usecases.authoring import Draft
from portal.web import drafting
from portal.web.language import language
from procedures import editing
from procedures.files import Place
from procedures.model import RECORDS, Field, Kind, Procedure, Section

PREFIX: Final = "answer-"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form: its name, and its questions as the macro `question` draws them."""

    title: str
    questions: tuple[dict[str, Any], ...]


def drawn(draft: Draft, place: Place, values: Mapping[str, Any], sent: Typed) -> tuple[Page, ...]:
    """The questions with what stands in them; nothing while the form of the draft does not read."""
    procedure = drafting.checked(draft).procedure
    if procedure is None:
        return ()
    shown = sent if any(name.startswith(PREFIX) for name in sent) else _sent(procedure, values)
    context = Context(law.office_day(datetime.now(UTC)), law.places(), "online")
    return tuple(
        Page(
            section.title.say(language()),
            tuple(_question(field, shown, context) for field in section.fields if not field.computed),
        )
        for section in procedure.form
    )


def _question(field: Field, sent: Typed, context: Context) -> dict[str, Any]:
    name = PREFIX + field.key
    value: Any = entries.first(sent, name)
    if field.kind is Kind.GROUP:
        rows = range(entries.count(sent, name))
        value = [_cells(field, f"{name}-{index}-", sent) for index in rows]
    elif field.kind in RECORDS:
        value = _cells(field, f"{name}-", sent)
    elif field.kind is Kind.SEVERAL:
        value = sent.get(name, [])
    asked = (field, *field.columns)
    units = {one.key: kinds.options(one, context) for one in asked if one.kind is Kind.UNIT}
    return {"field": field, "name": name, "value": value, "units": units}


def _cells(field: Field, prefix: str, sent: Typed) -> dict[str, str]:
    return {column.key: entries.first(sent, prefix + column.key) for column in field.columns}


def _sent(procedure: Procedure, values: Mapping[str, Any]) -> Typed:
    """The answers an example has of its own, as a browser would send them."""
    answers = values.get("answers")
    typed = answers if isinstance(answers, Mapping) else {}
    sent: Typed = {}
    for section in procedure.form:
        sent |= {PREFIX + name: texts for name, texts in rehearsal.posted(section, typed).items()}
        for field in section.fields:
            if field.kind is Kind.GROUP:
                rows = typed.get(field.key)
                sent[f"{PREFIX}{field.key}-rows"] = [str(len(rows) if isinstance(rows, list) else 0)]
    return sent


def put(text: str, draft: Draft, place: Place, values: Mapping[str, Any], sent: Typed, wrong: Faults) -> str:
    """The text with the answers that were changed on the page."""
    procedure = drafting.checked(draft).procedure
    if procedure is None or not any(name.startswith(PREFIX) for name in sent):
        return text
    before = _sent(procedure, values)
    kept = values.get("answers")
    if not isinstance(kept, Mapping):
        text = editing.put(text, (*place, "answers"), {})
    for field in _fields(procedure.form):
        name = PREFIX + field.key
        if _essence(before, name) == _essence(sent, name):
            continue
        value = _value(field, sent, name)
        where = (*place, "answers", field.key)
        if value not in ("", [], {}):
            text = editing.put(text, where, value)
        elif isinstance(kept, Mapping) and field.key in kept:
            text = editing.drop(text, where)
    return text


def _fields(form: tuple[Section, ...]) -> Iterator[Field]:
    for section in form:
        yield from section.fields


def _essence(sent: Typed, name: str) -> dict[str, list[str]]:
    found = {key: [text.strip() for text in texts if text.strip()] for key, texts in sent.items()
             if (key == name or key.startswith(f"{name}-")) and not key.endswith("-rows")}  # fmt: skip
    return {key: texts for key, texts in found.items() if texts}


def _value(field: Field, sent: Typed, name: str) -> Any:
    """What was typed, as an example writes it: a text, several, rows of them, or named parts."""
    found = _essence(sent, name)
    if field.kind is Kind.SEVERAL:
        return found.get(name, [])
    if name in found:
        return found[name][0]
    rows: dict[int, dict[str, Any]] = {}
    named: dict[str, Any] = {}
    for key, texts in found.items():
        inside = re.fullmatch(r"(\d+)-(.+)", key.removeprefix(f"{name}-"))
        if inside:
            rows.setdefault(int(inside[1]), {})[inside[2]] = texts[0]
        else:
            named[key.removeprefix(f"{name}-")] = texts[0]
    return [rows[index] for index in sorted(rows)] if rows else named or ""
