"""How a limit stands now: late, today, soon, within, or not running; one answer for every page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.domain import clock
from portal.domain.clock import WorkingTime
from portal.domain.moment import Moment, office_day
from portal.domain.workdays import WORKING_DAY

#: Less working time than this is soon.
SOON: Final = 2 * WORKING_DAY


class State(StrEnum):
    """What is said of a limit."""

    NONE = "none"  # there is none yet
    WAITING = "waiting"  # it does not run: papers or a payment are waited for
    ENDED = "ended"
    ENDED_LATE = "ended_late"
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


def promised(
    due_at: datetime | None, moment: Moment, *, ended_on: date | None, waiting: bool, provisional: bool
) -> Limit:
    """How the promised date stands, of a dossier that ended or waits or does neither; judged by office days."""
    if due_at is None:
        return Limit(State.NONE)
    due_on = office_day(due_at)
    if ended_on is not None:
        return Limit(State.ENDED_LATE if ended_on > due_on else State.ENDED, due_at, None, provisional)
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
    return Limit(_nearness(limit, moment, left), limit, left, provisional)


def _nearness(limit: datetime, moment: Moment, left: WorkingTime) -> State:
    if office_day(limit) == moment.day:
        return State.TODAY
    return State.SOON if left.amount < SOON else State.WITHIN
