"""The form of a procedure: which pages and questions are asked, what was answered, what is missing, how it is shown.

Answers are a plain mapping from field keys to kept values (see `kinds`); a record is such a mapping in turn, a group a
list of them. On the page a field is named by its key, a part of a record `bride-full_name`, a column of a group
`members-0-full_name`, and `members-rows` says that the group was on the page even if no row is left. What a person
typed is always kept, and text stays text: pages escape it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from portal.domain import codes, kinds
from portal.domain.asking import Answers, Asked
from portal.domain.asking import columns as columns_of
from portal.domain.asking import rows as rows_of
from portal.domain.kinds import Context, Refusal
from portal.domain.merging import Merged, Seen, merge
from procedures.model import COMPOUND, RECORDS, Component, Field, Kind, Procedure, Section, Text

Posted = Mapping[str, Sequence[str]]

MOST_ROWS: Final = 50
_TOO_FEW_ROWS: Final = Text(vi="Cần ít nhất {limit} dòng.", en="At least {limit} rows are needed.")
_TOO_MANY_ROWS: Final = Text(vi="Tối đa {limit} dòng.", en="At most {limit} rows.")
_DECLARATION: Final = Text(vi="Lời cam đoan", en="The declaration")
_MISSING_PAPER: Final = Text(vi="Chưa có tệp cho giấy tờ này.", en="There is no file for this paper yet.")
_ONE_FILE: Final = Text(vi="Giấy tờ này chỉ nhận một tệp.", en="Only one file is taken for this paper.")
#: A browser sends nothing for these when nothing is ticked.
_SILENT: Final = frozenset({Kind.CHOICE, Kind.YES_NO, Kind.SEVERAL, Kind.DECLARATION})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form as it is asked now."""

    section: Section
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a page. `answers` are to be kept in any case; only errors keep a person from going on.

    `errors` and `warnings` go by the name of the input. `opened` are questions that these answers have brought up and
    that were not on the page yet: show the page again. Where the page said what it had shown, `merged` is what came of
    it together with what was changed elsewhere since; `answers` has the others' where both changed something.
    """

    answers: dict[str, Any]
    errors: dict[str, Text] = field(default_factory=dict)
    warnings: dict[str, Text] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    merged: Merged = field(default_factory=Merged)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something missing or wrong: `name` of the input, field, component; `section` to go to (None: the components)."""

    key: str
    name: str
    section: str | None
    label: Text
    message: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a dossier can be submitted: it can if there is no problem, whatever the warnings."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing or wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Line:
    """One answer as it is shown: its label and value; `key` names the field, `name` the input it is changed in.

    `masked`: something sensitive in it is hidden.
    """

    key: str
    name: str
    label: str
    value: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One page of answers as it is shown."""

    section: str
    title: str
    lines: tuple[Line, ...]


# -- what is asked -----------------------------------------------------------------------------------------------------


def sections(procedure: Procedure, answers: Answers, context: Context) -> tuple[Section, ...]:
    """The pages that are asked, in order."""
    return Asked(procedure, answers, context).sections


def page(procedure: Procedure, section: str, answers: Answers, context: Context) -> Page | None:
    """One page with its questions; None where nothing is asked on it. Raises KeyError for an unknown section."""
    found = procedure.section(section)
    fields = Asked(procedure, answers, context).fields(found)
    return Page(found, fields) if fields else None


def pages(procedure: Procedure, answers: Answers, context: Context) -> tuple[Page, ...]:
    """All pages that are asked, in order, each with its questions."""
    asked = Asked(procedure, answers, context)
    return tuple(Page(section, asked.fields(section)) for section in asked.sections)


def values(procedure: Procedure, answers: Answers, context: Context) -> Mapping[str, Any]:
    """Every answer as expressions see it: what conditions of fees and components are judged on."""
    return Asked(procedure, answers, context).values


def with_files(procedure: Procedure, answers: Answers, names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers, with the names of the files that were uploaded for questions of the form, by their keys."""
    asked = [field.key for field in procedure.fields.values() if field.kind is Kind.FILE]
    others = {key: value for key, value in answers.items() if key not in asked}
    return others | {key: list(names[key]) for key in asked if names.get(key)}


def with_computed(procedure: Procedure, answers: Answers, context: Context) -> dict[str, Any]:
    """The answers, and what is computed of them."""
    asked = Asked(procedure, answers, context)
    return {**answers, **{f.key: asked.answer(f) for f in procedure.fields.values() if f.computed is not None}}


def required_components(procedure: Procedure, answers: Answers, context: Context) -> tuple[Component, ...]:
    """The components that must be handed in with these answers."""
    seen = values(procedure, answers, context)
    return tuple(component for component in procedure.components if _is_required(component, seen))


def offered_components(procedure: Procedure, answers: Answers, context: Context) -> tuple[Component, ...]:
    """The components that may be handed in with these answers, required or not."""
    seen = values(procedure, answers, context)
    return tuple(component for component in procedure.components if _is_offered(component, seen))


def _is_offered(component: Component, seen: Mapping[str, Any]) -> bool:
    return component.when is None or component.when.holds(seen)


def _is_required(component: Component, seen: Mapping[str, Any]) -> bool:
    if not _is_offered(component, seen):
        return False
    required = component.required
    return required if isinstance(required, bool) else required.holds(seen)


def start(procedure: Procedure, account: Mapping[str, str | None], context: Context) -> dict[str, Any]:
    """The answers of a new draft: what the account knows by prefill key, as typed or in ISO 8601, else the defaults."""
    answers: dict[str, Any] = {}
    for _, question in procedure.walk():
        if question.kind in RECORDS:
            known = account if question.prefill == "person" else {}
            parts = {part.key: _started(part, known, context) for part in question.columns}
            answer: Any = {key: value for key, value in parts.items() if value is not None} or None
        else:
            answer = _started(question, account, context)
        if answer is not None:
            answers[question.key] = answer
    return answers


def _started(question: Field, account: Mapping[str, str | None], context: Context) -> Any:
    """What stands in a question from the start: what the account knows, else the default; None where neither fits."""
    known = account.get(question.prefill) if question.prefill else None
    default = question.default
    text = known or ("yes" if default is True else "no" if default is False else default)
    try:
        return None if text is None else kinds.read(question, [str(text)], context)
    except Refusal:
        return None


# -- reading a page ----------------------------------------------------------------------------------------------------


def read_section(
    procedure: Procedure, section: str, posted: Posted, answers: Answers, context: Context, seen: Seen | None = None
) -> Reading:
    """What a person sent from one page, over the answers so far. Raises KeyError for an unknown section.

    A question that was on the page and is required must be answered; checks speak up as soon as they can be judged.
    `seen`: what the page had shown, with which what was changed elsewhere since is told from what was changed on it.
    """
    return _read(procedure, procedure.section(section).fields, posted, answers, context, seen)


def read_partial(
    procedure: Procedure, section: str, posted: Posted, answers: Answers, context: Context, seen: Seen | None = None
) -> Reading:
    """As `read_section` for autosave: nothing is required yet, and checks between answers are silent."""
    return _unfinished(read_section(procedure, section, posted, answers, context, seen))


def base(procedure: Procedure, section: str | None, answers: Answers) -> dict[str, Any]:
    """What a page shows of the answers, to be sent back with it; None: all questions of the form stand on it.

    Raises KeyError for an unknown section.
    """
    fields = procedure.section(section).fields if section else _all_fields(procedure)
    return {field.key: answers[field.key] for field in _mergeable(fields, answers)}


def read_whole(
    procedure: Procedure, posted: Posted, answers: Answers, context: Context, seen: Seen | None = None
) -> Reading:
    """As `read_partial` for a page on which all questions of the form stand at once."""
    return _unfinished(_read(procedure, _all_fields(procedure), posted, answers, context, seen))


def _all_fields(procedure: Procedure) -> tuple[Field, ...]:
    return tuple(question for section in procedure.form for question in section.fields)


def _unfinished(reading: Reading) -> Reading:
    errors = {name: text for name, text in reading.errors.items() if text is not kinds.REQUIRED}
    return replace(reading, errors=errors)


def _mergeable(fields: Sequence[Field], answers: Answers) -> Iterator[Field]:
    """The answered questions of a page that people answer by typing."""
    return (
        question
        for question in fields
        if question.computed is None and question.kind is not Kind.FILE and answers.get(question.key) is not None
    )


def _merged(fields: Sequence[Field], answers: Answers, kept: dict[str, Any], seen: Seen) -> Merged:
    """What was kept of a page, merged into the answers of now; `kept` has what came of it afterwards."""
    theirs, mine = ({question.key: of[question.key] for question in _mergeable(fields, of)} for of in (answers, kept))
    merged = merge(seen, theirs, mine, {question.key for question in fields if question.kind in RECORDS})
    for key in theirs.keys() | mine.keys():
        kept[key] = merged.values.get(key)
    return merged


def _read(
    procedure: Procedure,
    fields: Sequence[Field],
    posted: Posted,
    answers: Answers,
    context: Context,
    seen: Seen | None = None,
) -> Reading:
    """What was sent of these questions, which stood on one page."""
    asked_before = Asked(procedure, answers, context)
    before = {question.key for question in fields if asked_before.asks(question.key)}
    kept = dict(answers)
    sent = {question.key for question in fields if _was_sent(question, posted)}
    for question in fields:
        if question.computed is not None:
            kept.pop(question.key, None)
        elif question.kind is Kind.FILE:
            continue  # what was uploaded for it is noted with the answers by who keeps the file
        elif question.key in sent or (question.key in before and _is_silent(question)):
            kept[question.key] = _take(question, posted, context, kept.get(question.key))
    merged = _merged(fields, answers, kept, seen) if seen else Merged()
    reading = Reading({key: value for key, value in kept.items() if value is not None}, merged=merged)
    after = Asked(procedure, reading.answers, context)
    asked = {question.key: question for question in fields if after.asks(question.key)}
    on_page = asked.keys() & (sent | before)
    opened = [key for key in asked if key not in on_page]
    for key in asked.keys() & on_page:
        new = _opened_inside(asked[key], after.answer(asked[key]), after.values, posted)
        opened += new
        errors = _errors(asked[key], after.answer(asked[key]), after.values, context)
        reading.errors.update((name, text) for name, text in errors if name not in new)
        reading.warnings.update(_doubts(asked[key], reading.answers, ""))
    for check in procedure.checks:
        here = next((key for key in check.fields if key in asked), None)
        if here is not None and check.rule.judge(after.values) is False:
            (reading.errors if check.level == "error" else reading.warnings).setdefault(here, check.message)
    return replace(reading, opened=tuple(opened))


def _opened_inside(question: Field, value: Any, seen: Mapping[str, Any], posted: Posted) -> list[str]:
    """The inputs of a record or group that what was sent has brought up, and that were not on the page yet."""
    if question.kind not in COMPOUND:
        return []
    return [
        prefix + column.key
        for prefix, row in rows_of(question, value)
        for column, _answer in columns_of(question, row, seen)
        if _is_drawn_later(column) and prefix + column.key not in posted
    ]


def _is_drawn_later(column: Field) -> bool:
    """Whether a column is drawn only in some rows, and a browser sends it wherever it is drawn."""
    return column.when is not None and column.kind not in _SILENT


def asked_columns(compound: Field, row: Answers, seen: Mapping[str, Any]) -> tuple[Field, ...]:
    """The columns of a row, or the parts of a record, that are asked."""
    return tuple(column for column, _answer in columns_of(compound, row, seen))


def _is_silent(question: Field) -> bool:
    """Whether a browser sends nothing of it while nothing is ticked."""
    return question.kind in _SILENT or (
        question.kind in RECORDS and all(part.kind in _SILENT for part in question.columns)
    )


def _was_sent(question: Field, posted: Posted) -> bool:
    if question.kind not in COMPOUND:
        return question.key in posted
    return any(name.startswith(f"{question.key}-") for name in posted)


def _take(question: Field, posted: Posted, context: Context, before: Any) -> Any:
    """The kept value of what was sent for a question, unread where it cannot be read."""
    if question.kind in RECORDS:
        prefix = f"{question.key}-"
        unsent = {c.key for c in question.columns if _is_drawn_later(c) and prefix + c.key not in posted}
        hidden = {key: value for key, value in (before or {}).items() if key in unsent}
        record = hidden | _take_row(question, prefix, posted, context)
        return record or None if question.required or _begun(question, record) else None
    if question.kind is not Kind.GROUP:
        return _take_one(question, posted.get(question.key, ()), context)
    rows = [
        _take_row(question, f"{question.key}-{index}-", posted, context) for index in _indexes(question.key, posted)
    ]
    return [row for row in rows if _begun(question, row)][:MOST_ROWS] or None


def _take_row(compound: Field, prefix: str, posted: Posted, context: Context) -> dict[str, Any]:
    row = {column.key: _take_one(column, posted.get(prefix + column.key, ()), context) for column in compound.columns}
    return {key: value for key, value in row.items() if value is not None}


def _begun(compound: Field, row: Answers) -> bool:
    """Whether more than what has a default is filled in."""
    defaults = {column.key: column.default for column in compound.columns}
    return any(value != defaults[key] for key, value in row.items())


def _take_one(question: Field, typed: Sequence[str], context: Context) -> Any:
    try:
        return kinds.read(question, typed, context)
    except Refusal:
        return kinds.unread([text[: kinds.LONGEST].encode(errors="replace").decode() for text in typed])


def _indexes(key: str, posted: Posted) -> list[str]:
    pattern = re.compile(rf"{key}-([0-9]{{1,4}})-\w+", re.ASCII)
    found = {match[1] for name in posted if (match := pattern.fullmatch(name))}
    return sorted(found, key=int)


def _errors(question: Field, value: Any, seen: Mapping[str, Any], context: Context) -> Iterator[tuple[str, Text]]:
    """What is wrong with one answer, by the name of its input."""
    if question.computed is not None:
        return
    if question.kind not in COMPOUND:
        if (error := _error(question, value, context)) is not None:
            yield question.key, error
        return
    if question.kind is Kind.GROUP:
        yield from _count_errors(question, value or ())
    elif not question.required and not _begun(question, value or {}):
        return
    for prefix, row in rows_of(question, value):
        for column, answer in columns_of(question, row, seen):
            if (error := _error(column, answer, context)) is not None:
                yield prefix + column.key, error


def _count_errors(group: Field, rows: Sequence[Answers]) -> Iterator[tuple[str, Text]]:
    least = int(group.min) if isinstance(group.min, Decimal) else int(group.required)
    most = int(group.max) if isinstance(group.max, Decimal) else MOST_ROWS
    if len(rows) < least:
        yield group.key, _TOO_FEW_ROWS.filled(limit=least) if rows else kinds.REQUIRED
    if len(rows) > most:
        yield group.key, _TOO_MANY_ROWS.filled(limit=most)


def _error(question: Field, value: Any, context: Context) -> Text | None:
    """Why a kept value is no answer, if it is none: read once more, for the day and the bounds may have changed."""
    try:
        answer = kinds.read(question, kinds.typed_back(question, value), context)
    except Refusal as refusal:
        return refusal.text
    return kinds.REQUIRED if answer is None and question.required else None


def _doubts(question: Field, beside: Answers, prefix: str) -> Iterator[tuple[str, Text]]:
    """Personal numbers that do not agree with the birth date or sex beside them, and serials of an unusual form."""
    if question.kind in COMPOUND:
        for row_prefix, row in rows_of(question, beside.get(question.key)):
            for column in question.columns:
                yield from _doubts(column, row, row_prefix)
        return
    number = beside.get(question.key)
    if not isinstance(number, str):
        return
    if question.kind is Kind.CERTIFICATE_NUMBER and not codes.is_usual_certificate_number(number):
        yield prefix + question.key, kinds.UNUSUAL_CERTIFICATE_NUMBER
    if question.person is None:
        return
    birth = beside.get(question.person.birth or "")
    sex = beside.get(question.person.sex or "")
    year = int(birth[:4]) if isinstance(birth, str) else None
    for doubt in codes.doubts(number, year, sex if isinstance(sex, str) else None)[:1]:
        yield prefix + question.key, doubt.text


# -- the whole form ----------------------------------------------------------------------------------------------------


def check_all(
    procedure: Procedure, answers: Answers, context: Context, attachments: Mapping[str, int] | None = None
) -> Verdict:
    """Everything that is missing or wrong before a dossier is submitted.

    `attachments` counts the files (or papers) handed in for each component; None leaves the components out.
    """
    asked = Asked(procedure, answers, context)
    kept = _final(asked)
    problems = [
        Problem(question.key, name, section.key, label_of(question, name), text)
        for section in asked.sections
        for question in asked.fields(section)
        for name, text in _errors(question, asked.answer(question), asked.values, context)
    ]
    problems += _failed(asked, "error")
    if attachments is not None:
        problems += _component_problems(procedure, asked.values, attachments)
    return Verdict(tuple(problems), tuple(_warnings(asked, kept)))


def warnings(procedure: Procedure, answers: Answers, context: Context) -> tuple[Problem, ...]:
    """What is odd about the answers of a dossier, which are final: the same as `check_all` warns of."""
    return tuple(_warnings(Asked(procedure, answers, context), answers))


def _warnings(asked: Asked, final: Answers) -> Iterator[Problem]:
    for section in asked.sections:
        for question in asked.fields(section):
            for name, text in _doubts(question, final, ""):
                yield Problem(question.key, name, section.key, label_of(question, name), text)
    yield from _failed(asked, "warning")


def _failed(asked: Asked, level: str) -> Iterator[Problem]:
    """The checks of a level that the answers fail."""
    for check in asked.procedure.checks:
        if check.level == level and check.rule.judge(asked.values) is False:
            key = next((key for key in check.fields if asked.asks(key)), check.fields[0])
            home, label = asked.procedure.section_of(key), asked.procedure.fields[key].label
            yield Problem(check.key, key, home.key, label, check.message)


def label_of(question: Field, name: str) -> Text:
    """The label of an input: of a record's part with whose it is, of a group's column with the number of its row.

    What is declared is a paragraph of its own, and is called by its kind.
    """
    if "-" not in name:
        return _DECLARATION if question.kind is Kind.DECLARATION else question.label
    _key, *row, part = name.split("-", 2)
    title = question.label if question.kind in RECORDS else question.row_title or question.label
    number = f" {int(row[0]) + 1}" if row else ""
    column = next(column for column in question.columns if column.key == part)
    return Text(vi=f"{title.vi}{number}: {column.label.vi}", en=f"{title.en}{number}: {column.label.en}")


def _component_problems(
    procedure: Procedure, seen: Mapping[str, Any], attachments: Mapping[str, int]
) -> Iterator[Problem]:
    for component in procedure.components:
        count = attachments.get(component.key, 0)
        if count == 0 and _is_required(component, seen):
            yield Problem(component.key, component.key, None, component.title, _MISSING_PAPER)
        if count > 1 and not component.many:
            yield Problem(component.key, component.key, None, component.title, _ONE_FILE)


def final_answers(procedure: Procedure, answers: Answers, context: Context) -> dict[str, Any]:
    """The answers as a dossier keeps them: only to questions that are asked, in their order, and none left unread."""
    return _final(Asked(procedure, answers, context))


def _final(asked: Asked) -> dict[str, Any]:
    final: dict[str, Any] = {}
    for section in asked.sections:
        for question in asked.fields(section):
            value = asked.answer(question)
            if question.kind in COMPOUND:
                rows = [_final_row(question, row, asked.values) for _prefix, row in rows_of(question, value)]
                value = rows if question.kind is Kind.GROUP else rows[0]
            if value not in (None, [], {}) and not kinds.is_unread(value):
                final[question.key] = value
    return final


def _final_row(compound: Field, row: Answers, seen: Mapping[str, Any]) -> dict[str, Any]:
    answered = ((column.key, answer) for column, answer in columns_of(compound, row, seen))
    return {key: answer for key, answer in answered if answer is not None and not kinds.is_unread(answer)}


# -- showing -----------------------------------------------------------------------------------------------------------


def typed(question: Field, answers: Answers) -> list[str]:
    """What stands in the input of a question (or of a column, with a row as answers)."""
    if question.kind in COMPOUND or question.computed is not None:
        return []
    return kinds.typed_back(question, answers.get(question.key))


def shown(question: Field, answers: Answers, context: Context, language: str) -> str:
    """A kept answer as people read it."""
    return kinds.shown(question, answers.get(question.key), context, language)


def shown_part(question: Field, answers: Answers, name: str, context: Context, language: str) -> str:
    """What stands in the input of this name, as people read it: a whole answer, or a part of a record."""
    _key, _dash, part = name.partition("-")
    if part:
        column = next(column for column in question.columns if column.key == part)
        return kinds.shown(column, (answers.get(question.key) or {}).get(part), context, language)
    if question.kind not in COMPOUND:
        return kinds.shown(question, answers.get(question.key), context, language)
    lines = _lines(question, answers.get(question.key), answers, context, language, (), mask=False)
    return "; ".join(line.value for line in lines)


def rows(group: Field, answers: Answers) -> list[dict[str, Any]]:
    """The rows of a group to draw: those there are, and as many empty ones as are needed; of a record the one."""
    if group.kind in RECORDS:
        return [answers.get(group.key) or empty_row(group)]
    filled = list(answers.get(group.key) or ())
    least = int(group.min) if isinstance(group.min, Decimal) else 1
    return filled + [empty_row(group) for _ in range(max(least, 1) - len(filled))]


def empty_row(compound: Field) -> dict[str, Any]:
    """What stands in a row, or in a record, that nobody has begun: the defaults."""
    return {column.key: column.default for column in compound.columns if column.default is not None}


def display(
    procedure: Procedure,
    answers: Answers,
    context: Context,
    language: str,
    *,
    mask: bool = False,
    unmasked: Collection[str] = (),
) -> tuple[Part, ...]:
    """The answers as people read them, page by page; only what is asked and answered.

    `mask` hides sensitive ones, but for the lines named in `unmasked`.
    """
    asked = Asked(procedure, answers, context)
    parts = []
    for section in asked.sections:
        lines = [
            line
            for question in asked.fields(section)
            for line in _lines(question, asked.answer(question), asked.values, context, language, unmasked, mask=mask)
        ]
        if lines:
            parts.append(Part(section.key, section.title.say(language), tuple(lines)))
    return tuple(parts)


def _led_by(label: str) -> str:
    """A label before what it names: a question already has its mark."""
    return label if label.endswith("?") else f"{label}:"


def _lines(
    question: Field,
    value: Any,
    seen: Mapping[str, Any],
    context: Context,
    language: str,
    unmasked: Collection[str],
    *,
    mask: bool,
) -> Iterator[Line]:
    """A line for an answer, for each part of a record, for each row of a group."""
    label = question.label.say(language)

    def told(name: str, field: Field, answer: Any) -> tuple[str, bool]:
        """An answer on the line of this name as it is read, and whether it is hidden."""
        hides = mask and name not in unmasked
        text = kinds.shown(field, answer, context, language, mask=hides)
        return text, hides and field.sensitive and bool(text)

    if question.kind not in COMPOUND:
        text, hidden = told(question.key, question, value)
        if text:
            yield Line(question.key, question.key, label, text, hidden)
        return
    for number, (prefix, row) in enumerate(rows_of(question, value), start=1):
        columns = list(columns_of(question, row, seen))
        if question.kind in RECORDS:
            for column, answer in columns:
                text, hidden = told(prefix + column.key, column, answer)
                if text:
                    name = f"{_led_by(label)} {column.label.say(language)}"
                    yield Line(question.key, prefix + column.key, name, text, hidden)
        else:
            title = question.row_title.say(language) if question.row_title else label
            read = [(column, *told(question.key, column, answer)) for column, answer in columns]
            parts = "; ".join(f"{_led_by(column.label.say(language))} {text}" for column, text, _hidden in read if text)
            hidden = any(hidden for _column, _text, hidden in read)
            yield Line(question.key, question.key, f"{title} {number}", parts, hidden)


def answer(procedure: Procedure, answers: Answers, key: str, context: Context, language: str = "vi") -> str:
    """One answer as people read it; empty where there is none. Raises KeyError for an unknown field.

    A part of a record is named as in expressions, `bride.full_name`.
    """
    name, _dot, part = key.partition(".")
    if part:
        column = next((column for column in procedure.fields[name].columns if column.key == part), None)
        if column is None:
            raise KeyError(key)
        return kinds.shown(column, (answers.get(name) or {}).get(part), context, language)
    return kinds.shown(procedure.fields[key], answers.get(key), context, language)
