"""Takes a draft along to a later version of its procedure, and says to its author what is different there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from portal.domain import kinds
from portal.domain.amendments import Change, Way, changes
from portal.domain.asking import Answers, rows
from portal.domain.kinds import Context, Refusal
from procedures.model import COMPOUND, Field, Kind, Procedure, Text

#: What is told as it is, and what of a question or paper is not worth telling.
_TOLD_WHOLE: Final = frozenset({"term", "term_cases", "mountain_extra", "fees", "exemptions"})
_SILENT: Final = frozenset({"hint", "basis", "shares", "prefill", "default", "sensitive", "person", "max_length"})
_QUESTION_CHANGED: Final = Text(vi="Mục “{what}” được hỏi khác trước", en="“{what}” is asked in another way")
_PAPER_CHANGED: Final = Text(
    vi="Giấy tờ “{what}” được yêu cầu khác trước", en="The paper “{what}” is asked for in another way"
)


def told(old: Procedure, new: Procedure) -> tuple[Text, ...]:
    """What changed for an applicant: questions and papers by name, the term and the fees from what to what."""
    return tuple({line.vi: line for change in changes(old, new) for line in _lines(change, new)}.values())


def _lines(change: Change, new: Procedure) -> Iterator[Text]:
    place = change.place
    if change.way is Way.MOVED or not _SILENT.isdisjoint(place):
        return
    if place[0] in _TOLD_WHOLE:
        yield change.line
    elif place[0] == "components":
        if len(place) == 2:
            yield change.line
        else:
            yield _called(_PAPER_CHANGED, new.components[int(place[1])].title)
    elif place[0] == "form" and (len(place) == 2 or place[2] == "fields"):
        if len(place) in (2, 4):
            yield change.line
        elif len(place) > 4:
            yield _called(_QUESTION_CHANGED, new.form[int(place[1])].fields[int(place[3])].label)


def _called(pattern: Text, title: Text) -> Text:
    return Text(vi=pattern.vi.format(what=title.vi), en=pattern.en.format(what=title.en))


def to_look_at(old: Procedure, new: Procedure) -> frozenset[str]:
    """The pages of the new form on which a question is new or is asked in another way."""
    found = [
        change.place for change in changes(old, new) if change.place[0] == "form" and change.way is not Way.REMOVED
    ]
    return frozenset(new.form[int(place[1])].key for place in found if len(place) > 1)


def taken_along(old: Procedure, new: Procedure, answers: Answers, context: Context) -> dict[str, Any]:
    """The answers as the new form takes them; nothing is dropped, and what it cannot read stays as it was typed."""
    taken = dict(answers)
    for key, question in new.fields.items():
        before = old.fields.get(key)
        if before is not None and answers.get(key) is not None and not _alike(before, question):
            taken[key] = _taken(question, _typed(before, answers[key]), context)
    return {key: value for key, value in taken.items() if value is not None}


def _alike(one: Field, other: Field) -> bool:
    """Whether what is kept for one question can stand for the other."""
    return one.kind is other.kind and [c.kind for c in one.columns] == [c.kind for c in other.columns]


def _typed(question: Field, value: Any) -> list[str]:
    """All that stands in the inputs of a question."""
    if question.kind not in COMPOUND:
        return kinds.typed_back(question, value)
    cells = [(column, row.get(column.key)) for _prefix, row in rows(question, value) for column in question.columns]
    return [text for column, cell in cells for text in kinds.typed_back(column, cell)]


def _taken(question: Field, typed: list[str], context: Context) -> Any:
    if question.kind in COMPOUND:
        first = question.columns[0]
        row = {first.key: _taken(first, ["; ".join(typed)], context)}
        return [row] if question.kind is Kind.GROUP else row
    try:
        return kinds.read(question, typed, context)
    except Refusal:
        return kinds.unread(typed)
