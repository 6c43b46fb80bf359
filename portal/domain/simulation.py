"""What another version of a procedure would have made of a dossier: its date, fee, route, and what would be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.domain import bundles, clock, fees, forms, term_cases
from portal.domain.asking import Answers
from portal.domain.bundles import Calendars
from portal.domain.kinds import Context
from procedures.calendars import CalendarError
from procedures.model import Field, Procedure, Text
from procedures.places import PlacesError, Unit


@dataclass(frozen=True, slots=True)
class Received:
    """What of a dossier its fate depends on; `term_case` is the one it was received under."""

    answers: Answers
    papers: Mapping[str, int]
    term_case: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What a version makes of a dossier at its reception; no date where no calendar reaches, no fee where none is set.

    Of a bundle, `due_at` is the date of the first leg, `done_at` that of all of them (the longest way through them),
    and `route` has the steps of every leg; by itself, a procedure is done when it is due. `missing` is what would have
    to be asked for, by its key.
    """

    due_at: datetime | None
    due_on: date | None
    done_at: datetime | None
    fee: int | None
    route: tuple[Text, ...]
    missing: Mapping[str, Text]


def fate(procedure: Procedure, dossier: Received, context: Context, unit: Unit, calendar: Calendars) -> Fate:
    """What becomes of a dossier that this version receives at a unit."""
    answers = dossier.answers
    verdict = forms.check_all(procedure, answers, context, dossier.papers)
    officers = {case.key for case in procedure.officers_cases}
    case = dossier.term_case if dossier.term_case in officers else term_cases.told_by(procedure, answers, context)
    try:
        term = procedure.term_for(mountain=unit.mountain, case=case)
        due: clock.DueDate | None = clock.due_date(term, dossier.received_at, calendar(unit.id, procedure.sector))
    except CalendarError:
        due = None
    return Fate(
        due_at=due.due_at if due else None,
        due_on=due.due_on if due else None,
        done_at=_done_at(procedure, dossier, due.due_at, context, unit, calendar) if due else None,
        fee=fees.fee_note(procedure, answers, context).total,
        route=tuple(step.title for step in procedure.every_step()),
        missing={problem.key: problem.label for problem in verdict.problems},
    )


def _done_at(
    procedure: Procedure, dossier: Received, due_at: datetime, context: Context, unit: Unit, calendar: Calendars
) -> datetime | None:
    """By when all legs are done; None where a leg has no unit on that day, or no calendar reaches."""
    try:
        _, total = bundles.whole_plan(
            procedure, dossier.answers, unit.id, dossier.received_at, due_at, context.places, calendar
        )
    except (CalendarError, PlacesError):
        return None
    return total


def carried(old: Procedure, new: Procedure, answers: Answers) -> dict[str, Any]:
    """The answers of one version as far as the other asks the same; what it asks otherwise has no answer yet."""
    return {
        key: value
        for key, value in answers.items()
        if key in old.fields and key in new.fields and _asks_the_same(old.fields[key], new.fields[key])
    }


def _asks_the_same(old: Field, new: Field) -> bool:
    return old.kind is new.kind and [(c.key, c.kind) for c in old.columns] == [(c.key, c.kind) for c in new.columns]
