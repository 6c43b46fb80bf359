"""Plays the examples a procedure file carries, and says where form, fee or due date come to something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import bundles, clock, fees, forms, term_cases
from portal.domain.asking import Answers
from portal.domain.kinds import Context
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, CalendarError, OfficialDays
from procedures.consistency import Finding
from procedures.model import Example, Kind, Procedure, Section, Sector
from procedures.places import Places, PlacesError, Unit
from procedures.terms import Term


@dataclass(frozen=True, slots=True)
class Row:
    """One thing an example expects, and what came of it; `place` lies in the example, `reason` says a difference."""

    place: tuple[str, ...]
    expected: str
    found: str
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it came out as expected."""
        return not self.reason


def findings(procedure: Procedure, places: Places, days: OfficialDays) -> Iterator[Finding]:
    """Every difference between what an example expects and what comes of it, with its place in the file."""
    for index, example in enumerate(procedure.examples):
        for row in play(procedure, example, places, days):
            if not row.agrees:
                yield ("examples", index, *row.place), f"{example.name}: {row.reason}"


def play(procedure: Procedure, example: Example, places: Places, days: OfficialDays) -> Iterator[Row]:
    """What an example expects beside what comes of it: unit, outcome, errors, warnings, fee, due date."""
    received_at = example.received_at
    if received_at.tzinfo is None:
        received_at = received_at.replace(tzinfo=OFFICE_TIME)
    received_on = received_at.astimezone(OFFICE_TIME).date()
    try:
        unit = places.standing(example.unit, received_on)
    except PlacesError as fault:
        yield Row(("unit",), example.unit, "", fault.text.en)
        return
    if not unit.receives(procedure.sector):
        reason = f"{example.unit} does not receive this procedure on {received_on:%d/%m/%Y}"
        yield Row(("unit",), example.unit, "", reason)
    context = Context(received_on, places, example.channel)
    answers = fill_in(procedure, typed_answers(procedure, example), context)
    yield from _outcome(procedure, example, answers, context)
    total, expected = fees.fee_note(procedure, answers, context, example.exemption).total, example.expect.fee
    reason = "" if total == expected else f"the fee comes to {_amount(total)}, not {_amount(expected)}"
    yield Row(("expect", "fee"), _amount(expected), _amount(total), reason)
    case = term_cases.chosen(procedure, answers, context, example.term_case)
    term = procedure.term_for(mountain=unit.mountain, case=case)
    yield from _due(example, term, WorkCalendar.of(unit, days, procedure.sector), received_at)
    yield from _total(procedure, example, answers, term, unit, received_at, places, days)


def _amount(amount: int | None) -> str:
    return "null" if amount is None else str(amount)


def _outcome(procedure: Procedure, example: Example, answers: Answers, context: Context) -> Iterator[Row]:
    papers = dict.fromkeys(components(procedure, example), 1)
    verdict = forms.check_all(procedure, answers, context, papers)
    outcome, expect = "complete" if verdict.complete else "incomplete", example.expect
    said = "; ".join(f"{problem.name}: {problem.message.en}" for problem in verdict.problems)
    reason = "" if outcome == expect.outcome else f"comes out as {outcome}{': ' if said else ''}{said}"
    yield Row(("expect", "outcome"), expect.outcome, outcome, reason)
    for name, found, expected in (
        ("errors", verdict.problems, expect.errors),
        ("warnings", verdict.warnings, expect.warnings),
    ):
        keys = {problem.key for problem in found}
        differs = keys != set(expected) and (name == "warnings" or outcome == expect.outcome)
        reason = f"{name} come from {_listed(keys)}, not from {_listed(expected)}" if differs else ""
        yield Row(("expect", name), ", ".join(sorted(expected)), ", ".join(sorted(keys)), reason)


def _listed(keys: set[str] | Sequence[str]) -> str:
    return ", ".join(sorted(keys)) or "nothing"


def _due(example: Example, term: Term, calendar: WorkCalendar, received_at: datetime) -> Iterator[Row]:
    expect = example.expect
    if expect.due_at is None and expect.due_on is None:
        return
    try:
        due = clock.due_date(term, received_at, calendar)
    except CalendarError as fault:
        yield Row(("received_at",), "", "", str(fault))
        return
    if expect.due_on is not None:
        reason = "" if due.due_on == expect.due_on else f"falls due on {due.due_on}, not on {expect.due_on}"
        yield Row(("expect", "due_on"), f"{expect.due_on:%d/%m/%Y}", f"{due.due_on:%d/%m/%Y}", reason)
    if expect.due_at is not None:
        wanted = expect.due_at if expect.due_at.tzinfo else expect.due_at.replace(tzinfo=OFFICE_TIME)
        reached = due.due_at.astimezone(OFFICE_TIME)
        reason = "" if due.due_at == wanted else f"falls due at {reached:%Y-%m-%dT%H:%M}"
        yield Row(("expect", "due_at"), f"{wanted:%d/%m/%Y %H:%M}", f"{reached:%d/%m/%Y %H:%M}", reason)


def _total(
    procedure: Procedure,
    example: Example,
    answers: Answers,
    term: Term,
    unit: Unit,
    received_at: datetime,
    places: Places,
    days: OfficialDays,
) -> Iterator[Row]:
    """What comes of the legs of a bundle together."""
    wanted = example.expect.total_at
    if wanted is None:
        return

    def calendar(unit_id: str, sector: Sector) -> WorkCalendar:
        return WorkCalendar.of(places.by_id(unit_id), days, sector)

    try:
        due = clock.due_date(term, received_at, calendar(unit.id, procedure.sector))
        _, total = bundles.whole_plan(procedure, answers, unit.id, received_at, due.due_at, places, calendar)
    except (CalendarError, PlacesError) as fault:
        yield Row(("expect", "total_at"), "", "", str(fault))
        return
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=OFFICE_TIME)
    reached = total.astimezone(OFFICE_TIME)
    reason = "" if total == wanted else f"all legs are done by {reached:%Y-%m-%dT%H:%M}"
    yield Row(("expect", "total_at"), f"{wanted:%d/%m/%Y %H:%M}", f"{reached:%d/%m/%Y %H:%M}", reason)


def _ancestry(procedure: Procedure, example: Example) -> list[Example]:
    """The example, and those it is like, the first one first."""
    by_name = {other.name: other for other in procedure.examples}
    line = [example]
    while line[0].like is not None:
        line.insert(0, by_name[line[0].like])
    return line


def typed_answers(procedure: Procedure, example: Example) -> dict[str, Any]:
    """What the person of an example types, with the answers it takes over from the example it is like."""
    answers: dict[str, Any] = {}
    for one in _ancestry(procedure, example):
        answers |= one.answers
    return answers


def components(procedure: Procedure, example: Example) -> tuple[str, ...]:
    """The components that the person of an example hands in."""
    handed_in: tuple[str, ...] = ()
    for one in _ancestry(procedure, example):
        handed_in = handed_in if one.components is None else one.components
    return handed_in


def fill_in(procedure: Procedure, typed: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The answers after a person has gone through the form page by page, typing these."""
    names = {key: value if isinstance(value, list) else [str(value)] for key, value in typed.items()}
    answers = forms.with_files(procedure, forms.start(procedure, {}, context), names)
    for section in procedure.form:
        answers = forms.read_section(procedure, section.key, posted(section, typed), answers, context).answers
    return answers


def posted(section: Section, typed: Mapping[str, Any]) -> dict[str, list[str]]:
    """One page as a browser sends it: every answer under the name of its input."""
    sent: dict[str, list[str]] = {}
    for field in section.fields:
        value = typed.get(field.key)
        if value is None:
            continue
        if not field.columns:
            sent[field.key] = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        elif field.kind is Kind.GROUP:
            for index, row in enumerate(value if isinstance(value, list) else ()):
                sent |= _cells(f"{field.key}-{index}-", row)
        else:
            sent |= _cells(f"{field.key}-", value)
    return sent


def _cells(prefix: str, row: Any) -> dict[str, list[str]]:
    """A row of a group, or a record, as a browser sends it."""
    return {prefix + key: [str(cell)] for key, cell in row.items()} if isinstance(row, dict) else {}
