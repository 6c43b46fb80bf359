"""Bundles of procedures ("liên thông"): where and by when each leg is done, and what becomes of a leg that waits.

Each body has a term of its own, and a leg begins when those it waits for are granted (NĐ 61/2018 Art 19.6 and 19.7).
The date promised for all of them is the end of the longest way through the legs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from portal.domain import clock
from portal.domain.casework import Case, Decision
from portal.domain.flow import TERMINAL, Status
from portal.domain.moment import office_day
from portal.domain.workdays import WorkCalendar
from procedures.model import LEAD, Leg, Procedure, Sector, Text
from procedures.places import Places, Unit
from procedures.terms import Term

#: Gives the working time of a unit for a sector.
Calendars = Callable[[str, Sector], WorkCalendar]


class Span(NamedTuple):
    """From when to when a leg is done, at the latest."""

    begins_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """A leg as planning sees it: which legs it waits for, and how long it takes by whose working time."""

    key: str
    after: tuple[str, ...]
    term: Term
    calendar: WorkCalendar


def way_of(leg: Leg, calendar: WorkCalendar) -> Way:
    """A leg that is done in this working time."""
    return Way(leg.key, leg.after, leg.term, calendar)


def plan(ways: Iterable[Way], received_at: datetime, known: Mapping[str, datetime]) -> dict[str, Span]:
    """When each leg begins and is due if all take their whole terms; `ways` come after those they wait for.

    `known` are the dates of legs that have begun, the first one (LEAD) among them: when they are due, or when they
    ended. A leg that waits for nothing begins with the reception.
    """
    ends, spans = dict(known), dict[str, Span]()
    for way in ways:
        begins_at = max((ends[key] for key in way.after), default=received_at)
        due = clock.due_date(way.term, begins_at, way.calendar)
        spans[way.key] = Span(begins_at, due.due_at)
        ends[way.key] = due.due_at
    return spans


def total(spans: Mapping[str, Span], known: Iterable[datetime]) -> datetime:
    """By when all legs are done: those that are planned, and those whose dates are known."""
    return max([*known, *(span.due_at for span in spans.values())])


def unit_of(leg: Leg, answers: Mapping[str, Any], received_by: str, places: Places, on: date) -> Unit:
    """The unit that does a leg of a bundle received by another on this day. Raises PlacesError where none does."""
    commune = answers.get(leg.place) if leg.place else None
    return places.receiver(leg.sector, commune if isinstance(commune, str) else received_by, on)


def whole_plan(
    procedure: Procedure,
    answers: Mapping[str, Any],
    received_by: str,
    received_at: datetime,
    lead_due_at: datetime,
    places: Places,
    calendar: Calendars,
) -> tuple[dict[str, Span], datetime]:
    """The plan of all further legs of a bundle received now, and the date for all of them. Raises PlacesError."""
    on = office_day(received_at)
    ways = [
        way_of(leg, calendar(unit_of(leg, answers, received_by, places, on).id, leg.sector)) for leg in procedure.legs
    ]
    known = {LEAD: lead_due_at}
    spans = plan(ways, received_at, known)
    return spans, total(spans, known.values())


def plan_again(cases: Mapping[str, Case], legs: Iterable[Leg], calendar: Calendars) -> tuple[dict[str, Span], datetime]:
    """The plan of the legs that wait as all of them stand now, and by when all are done; `cases` by key, LEAD's too.

    What waits for a leg that was given up before it had a date has none either.
    """
    received_at = cases[LEAD].received_at
    assert received_at is not None
    known = {key: at for key, case in cases.items() if (at := case.ended_at or case.due_at) is not None}
    planned, ways = set(known), list[Way]()
    for leg in legs:
        if cases[leg.key].status is Status.REGISTERED and planned.issuperset(leg.after):
            ways.append(way_of(leg, calendar(cases[leg.key].unit, leg.sector)))
            planned.add(leg.key)
    spans = plan(ways, received_at, known)
    return spans, total(spans, known.values())


class Outlook(StrEnum):
    """What becomes of a leg that waits."""

    WAITS = "waits"
    BEGINS = "begins"
    NEVER_BEGINS = "never_begins"


def grants(status: Status, decision: Decision | None) -> bool | None:
    """Whether a leg gave what those after it need; None while that is open."""
    if status in (Status.RESOLVED, Status.HANDED_OVER):
        return decision is Decision.APPROVED
    return False if status in TERMINAL else None


def outlook(after: Sequence[str], granted: Mapping[str, bool | None]) -> Outlook:
    """What becomes of a leg that waits for these, as they stand now."""
    found = [granted[key] for key in after]
    if False in found:
        return Outlook.NEVER_BEGINS
    return Outlook.WAITS if None in found else Outlook.BEGINS


GIVEN_UP: Final = Text(
    vi="Thủ tục “{leg}” không được giải quyết, nên thủ tục này không thực hiện được.",
    en="The procedure before it, “{leg}”, was not granted, so this one cannot be carried out.",
)
#: Why the portal declines a leg: the one before it was not granted.
LEG_BEFORE = "leg_before"


def given_up(lost: Text) -> str:
    """What is said of a leg that never begins, because the one with this title came to nothing."""
    return GIVEN_UP.vi.format(leg=lost.vi)
