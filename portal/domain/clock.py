"""The legal clock: from a term and an instant to the due date, with every day that counted or was skipped.

Civil Code 2015 Arts 147–148: the day of reception is day 0 and does not count; a period that ends on a day off moves to
the next working day. What happens to a running clock on a supplement or a financial duty is NĐ 61/2018/NĐ-CP Art 19.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from portal.domain.workdays import WORKING_DAY, WorkCalendar, midnight, office_time
from procedures.calendars import DayReason
from procedures.model import Text
from procedures.terms import Term, TermPart, TermUnit

#: A same-day procedure that starts later may be returned on the next working day (Luật Hộ tịch Art 5.3).
LATEST_FOR_SAME_DAY: Final = timedelta(hours=15)
#: What comes later may be passed on at the start of the next working day (NĐ 61/2018/NĐ-CP Art 18).
LATEST_FOR_PASSING_ON: Final = timedelta(hours=15)

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A date up to the due date that is not one of the term's days, and why."""

    date: date
    reason: DayReason
    name: Text


@dataclass(frozen=True, slots=True)
class _Leg:
    """One part of a term as it ran: `last` is its last day before a move off a day off."""

    unit: TermUnit
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DueDate:
    """A promised instant and how it came about.

    `received_at` is what was given, `starts_at` the first open instant from then on, whose day is day 0. All three are
    shown in office time (+07:00). `provisional`: some day depends on a year whose holidays are not entered.
    """

    term: Term
    received_at: datetime
    starts_at: datetime
    due_at: datetime
    provisional: bool
    calendar: WorkCalendar = field(repr=False, compare=False)
    _legs: tuple[_Leg, ...] = field(repr=False, compare=False)

    @property
    def due_on(self) -> date:
        """The office day on which it is due; lateness is judged by it."""
        return self.due_at.date()

    @property
    def counted(self) -> tuple[date, ...]:
        """Exactly the term's days, without day 0; days touched, for a term in hours."""
        return tuple(day for leg in self._legs for day in _days(leg.first, leg.last) if self._counts(leg, day))

    @property
    def skipped(self) -> tuple[SkippedDay, ...]:
        """Every other date after day 0 up to the due date."""
        counted = set(self.counted)
        days = _days(self.starts_at.date(), self.due_on)
        return tuple(_skipped(day, self.calendar) for day in days if day not in counted)

    @property
    def waited(self) -> tuple[SkippedDay, ...]:
        """The days off, from the day it was received on, that passed before the term started."""
        days = _days(self.received_at.date() - _ONE_DAY, self.starts_at.date() - _ONE_DAY)
        return tuple(_skipped(day, self.calendar) for day in days if not self.calendar.is_working_day(day))

    def _counts(self, leg: _Leg, day: date) -> bool:
        return leg.unit is TermUnit.DAY or self.calendar.is_working_day(day)


def due_date(term: Term, received_at: datetime, calendar: WorkCalendar) -> DueDate:
    """The due date of a term for a dossier received at this instant.

    A supplement that restarts the clock is the same question, asked of the instant the complete answer arrived (NĐ
    61/2018/NĐ-CP Art 19.4). Raises CalendarError where no calendar reaches, ValueError for an instant without a zone.
    """
    starts_at = calendar.start(received_at)
    ends_at, legs = starts_at, []
    for part in term.parts:
        ends_at, leg = _run(part, ends_at, calendar)
        legs.append(leg)
    return _due(term, received_at, starts_at, ends_at, calendar, legs)


def resume(due_at: datetime, asked_at: datetime, answered_at: datetime, calendar: WorkCalendar, term: Term) -> DueDate:
    """The due date of a dossier whose clock stood still from `asked_at` to `answered_at`.

    The working time that was left at the asking is counted again from the answering; what was late stays as late.
    Where no working time has passed between the two, nothing changes.
    """
    left = calendar.working_time_between(asked_at, due_at)
    starts_at = calendar.start(answered_at)
    if calendar.working_time_between(asked_at, answered_at):
        ends_at = calendar.add_working_time(answered_at, left, into_next=term.ends_in_days)
    else:
        ends_at = office_time(due_at)
    leg = _Leg(TermUnit.WORKING_HOUR, starts_at.date(), ends_at.date())
    return _due(term, answered_at, starts_at, ends_at, calendar, [leg], (asked_at, due_at))


def promised(term: Term, at: datetime, due_at: datetime, calendar: WorkCalendar) -> DueDate:
    """A due date that was promised at an instant, in an apology; where its day is off, the next working day."""
    local = office_time(due_at)
    starts_at, day = calendar.start(at), calendar.working_day_from(local.date())
    ends_at = calendar.at(day, local - midnight(local.date()))
    leg = _Leg(TermUnit.WORKING_HOUR, starts_at.date(), day)
    return _due(term, at, starts_at, ends_at, calendar, [leg])


def planned_end(begun_at: datetime, length: Term, calendar: WorkCalendar) -> datetime:
    """When a stretch of this length is over: posting for 15 days, an answer within 2, a term that is prolonged."""
    return due_date(length, begun_at, calendar).due_at


def within_hours(instant: datetime, hours: int, calendar: WorkCalendar) -> datetime:
    """The end of so many working hours from an instant, such as the eight for a reply to an online dossier."""
    return calendar.add_working_time(instant, timedelta(hours=hours))


def passes_on_next_day(received_at: datetime) -> bool:
    """Whether a dossier was received so late on its day that it may be passed on the next working day."""
    local = office_time(received_at)
    return local - midnight(local.date()) > LATEST_FOR_PASSING_ON


def closing(day: date, calendar: WorkCalendar) -> datetime:
    """When a day ends at the office; of a day off, when the next working day does."""
    return calendar.closing(day)


def step_limit(since: datetime, share: Decimal, calendar: WorkCalendar) -> datetime:
    """By when a step is to be done that holds the dossier since an instant; `share` in working days of eight hours."""
    return calendar.add_working_time(since, working_days(share))


def step_limits(since: datetime, shares: Iterable[Decimal], calendar: WorkCalendar) -> tuple[datetime, ...]:
    """By when each step of a route is to be done, if all of them run one after the other from an instant on."""
    total, limits = Decimal(), []
    for share in shares:
        total += share
        limits.append(step_limit(since, total, calendar))
    return tuple(limits)


@lru_cache(maxsize=256)
def working_days(amount: Decimal) -> timedelta:
    """Working days as working time, to the microsecond."""
    return timedelta(microseconds=int(amount * (WORKING_DAY // timedelta(microseconds=1))))


def apology_deadline(due_on: date, calendar: WorkCalendar) -> date:
    """The last day for an apology that moves this due date: a working day before it (NĐ 61/2018/NĐ-CP Art 19.9)."""
    return calendar.add_working_days(due_on, -1)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """An amount of working time in the words of an office: working days of eight hours, hours and minutes.

    `late` says that it is the time by which something is late; the parts are of the amount without its sign.
    """

    amount: timedelta

    @property
    def late(self) -> bool:
        """Whether the amount is negative."""
        return self.amount < timedelta()

    @property
    def days(self) -> int:
        """Whole working days."""
        return abs(self.amount) // WORKING_DAY

    @property
    def hours(self) -> int:
        """Whole working hours beyond the days."""
        return abs(self.amount) % WORKING_DAY // timedelta(hours=1)

    @property
    def minutes(self) -> int:
        """Whole minutes beyond the hours."""
        return abs(self.amount) % timedelta(hours=1) // timedelta(minutes=1)

    @property
    def rounded(self) -> WorkingTime:
        """As much of it as is said: whole hours where there are days, else whole minutes."""
        least = timedelta(hours=1) if self.days else timedelta(minutes=1)
        whole = abs(self.amount) // least * least
        return WorkingTime(-whole if self.late else whole)


def working_time_left(now: datetime, due_at: datetime, calendar: WorkCalendar) -> WorkingTime:
    """The working time from now until the due instant."""
    return WorkingTime(calendar.working_time_between(now, due_at))


def _run(part: TermPart, start: datetime, calendar: WorkCalendar) -> tuple[datetime, _Leg]:
    """The end of one part of a term that starts, or goes on, at an instant."""
    first, clock = start.date(), start - midnight(start.date())
    match part.unit:
        case TermUnit.WORKING_HOUR:
            end = calendar.add_working_time(start, timedelta(hours=part.amount))
            return end, _Leg(part.unit, first, end.date())
        case TermUnit.WORKING_DAY:
            last = calendar.add_working_days(first, part.amount)
            return calendar.at(last, clock), _Leg(part.unit, first, last)
        case TermUnit.DAY:
            last = first + timedelta(days=part.amount)
            return calendar.at(calendar.working_day_from(last), clock), _Leg(part.unit, first, last)
        case TermUnit.SAME_DAY:
            end = calendar.closing(first if clock <= LATEST_FOR_SAME_DAY else first + _ONE_DAY)
            return end, _Leg(part.unit, first, end.date())


def _due(
    term: Term,
    since: datetime,
    starts_at: datetime,
    due_at: datetime,
    calendar: WorkCalendar,
    legs: Iterable[_Leg],
    also: tuple[datetime, ...] = (),
) -> DueDate:
    """The due date; provisional if any year from the first to the last of its instants, or `also` of others, is."""
    received_at = office_time(since)
    days = [office_time(instant).date() for instant in (received_at, due_at, *also)]
    return DueDate(
        term, received_at, starts_at, due_at, calendar.is_provisional(min(days), max(days)), calendar, tuple(legs)
    )


def _days(after: date, last: date) -> Iterator[date]:
    """The dates after one up to and including another."""
    return (after + timedelta(days=number) for number in range(1, (last - after).days + 1))


def _skipped(day: date, calendar: WorkCalendar) -> SkippedDay:
    off = calendar.reason_off(day)
    if off is None:
        return SkippedDay(day, DayReason.MOVED, DayReason.MOVED.words)
    return SkippedDay(day, off.reason, off.name)
