"""How a limit stands now: late, today, soon, within, or not running; one answer for every page that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count, islice
from types import MappingProxyType
from typing import Final

from portal.domain import clock
from portal.domain.clock import WorkingTime
from portal.domain.moment import Moment, office_day
from procedures.calendars import OfficialDays

#: What falls on one of so many working days after today is soon.
SOON_DAYS: Final = 2

_ONE_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """What is said of a limit."""

    NONE = "none"  # there is none yet
    WAITING = "waiting"  # it does not run: papers or a payment are waited for
    ENDED = "ended"
    ENDED_LATE = "ended_late"
    GIVEN_UP = "given_up"  # it ended in time without what was promised
    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and how it stands; `left` is the working time up to it or, where it is late, since it, if it runs."""

    state: State
    at: datetime | None = None
    left: WorkingTime | None = None
    provisional: bool = False


@lru_cache(maxsize=64)
def days_of(today: date, days: OfficialDays) -> Mapping[State, tuple[date, date]]:
    """Which office days are late, today, soon and within, seen from today; each from a day on and before another."""
    working = (day for day in (today + _ONE_DAY * number for number in count(1)) if days.is_working(day))
    later = next(islice(working, SOON_DAYS - 1, None)) + _ONE_DAY
    return MappingProxyType(
        {
            State.LATE: (date.min, today),
            State.TODAY: (today, today + _ONE_DAY),
            State.SOON: (today + _ONE_DAY, later),
            State.WITHIN: (later, date.max),
        }
    )


def of_day(day: date, today: date, days: OfficialDays) -> State:
    """How an office day on which something is due stands, seen from today."""
    return next(state for state, (since, until) in days_of(today, days).items() if since <= day < until)


def promised(
    due_at: datetime | None,
    moment: Moment,
    *,
    ended_on: date | None,
    given_up: bool,
    waiting: bool,
    provisional: bool,
) -> Limit:
    """How the promised date stands, of a dossier that ended or waits or does neither; judged by office days.

    One that was `given_up` ended without a result: withdrawn, or stopped.
    """
    if due_at is None:
        return Limit(State.NONE)
    due_on = office_day(due_at)
    if ended_on is not None:
        in_time = State.GIVEN_UP if given_up else State.ENDED
        return Limit(State.ENDED_LATE if ended_on > due_on else in_time, due_at, None, provisional)
    if waiting:
        return Limit(State.WAITING, due_at, None, provisional)
    return _running(due_at, moment, late=moment.day > due_on, provisional=provisional)


def handling(act_by: datetime | None, moment: Moment, *, waiting: bool) -> Limit:
    """How the limit of whoever holds a dossier stands; judged by the instant, for a step may be a matter of hours."""
    if act_by is None:
        return Limit(State.NONE)
    if waiting:
        return Limit(State.WAITING, act_by)
    return _running(act_by, moment, late=act_by < moment.instant)


def _running(limit: datetime, moment: Moment, *, late: bool, provisional: bool = False) -> Limit:
    left = clock.working_time_left(moment.instant, limit, moment.calendar)
    if late:
        return Limit(State.LATE, limit, left, provisional)
    left = WorkingTime(max(left.amount, timedelta()))
    return Limit(of_day(office_day(limit), moment.day, moment.calendar.days), limit, left, provisional)
