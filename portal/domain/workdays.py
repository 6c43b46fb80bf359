"""Working time of a unit: which days it works, in which hours, and how to count and add along them.

Hours are half-open: an instant at the end of a session belongs to the next session. Amounts of working time are
timedeltas of open hours; where a table of limits speaks of a working day, it means eight of them (`WORKING_DAY`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from procedures.calendars import (
    OFFICE_TIME,
    CalendarError,
    DayOff,
    DayReason,
    OfficialDays,
    ReceptionHours,
    Sessions,
    WorkingHours,
)
from procedures.model import Sector
from procedures.places import Unit

WORKING_DAY: Final = timedelta(hours=8)

_NONE: Final = timedelta()
_ONE_DAY: Final = timedelta(days=1)

#: Sessions as the time since midnight at which each opens and closes.
Spans = tuple[tuple[timedelta, timedelta], ...]


def office_time(instant: datetime) -> datetime:
    """The instant by the offices' clock. Raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant has a zone")
    return instant.astimezone(OFFICE_TIME)


def midnight(day: date) -> datetime:
    """The instant at which a day begins in the offices."""
    return datetime.combine(day, time.min, OFFICE_TIME)


class WorkCalendar:
    """Working time of one unit over all years of the official calendar; an immutable value, built once and looked up.

    Whatever is asked of it about a day outside those years raises CalendarError.
    """

    __slots__ = ("_before", "_first", "_number", "_ordinals", "_reception", "_spans", "days")

    def __init__(
        self, days: OfficialDays, hours: tuple[WorkingHours, ...], reception: tuple[ReceptionHours, ...] = ()
    ) -> None:
        self.days = days
        self._reception = {each.weekday: _spans(each.sessions) for each in reception}
        self._first = date(days.covers[0], 1, 1).toordinal()
        #: For every day from the first on: how many working days there are up to and including it.
        self._number: list[int] = []
        #: For every working day: its ordinal, its sessions, and the working time before it. A last entry of the
        #: working time is that of the whole calendar.
        self._ordinals: list[int] = []
        self._spans: list[Spans] = []
        self._before: list[timedelta] = [_NONE]
        for ordinal in range(self._first, date(days.covers[-1], 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if days.is_working(day):
                spans = _spans(next(each.sessions for each in hours if each.in_force(day)))
                self._ordinals.append(ordinal)
                self._spans.append(spans)
                self._before.append(self._before[-1] + sum((closes - opens for opens, closes in spans), _NONE))
            self._number.append(len(self._ordinals))

    @staticmethod
    def of(unit: Unit, days: OfficialDays, sector: Sector | None = None) -> WorkCalendar:
        """The working time of a unit, with the weekend hours in which it receives dossiers of a sector."""
        return _built(days, unit.hours, unit.reception_for(sector))

    def is_working_day(self, day: date) -> bool:
        """Whether the unit works on this day."""
        return self.days.is_working(day)

    def reason_off(self, day: date) -> DayOff | None:
        """Why this day is off; None on a working day."""
        return self.days.reason_off(day)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether some day of this span lies in a year that is not entered, so that its days off are only expected."""
        return not self.days.entered.issuperset(range(first.year, last.year + 1))

    def working_day_from(self, day: date) -> date:
        """This day if it is a working day, else the next one."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def add_working_days(self, day: date, amount: int) -> date:
        """The `amount`-th working day after this day or, if negative, before it; 0 is this day."""
        if not amount:
            return day
        reached = self._up_to(day) - 1 + amount
        if amount < 0 and not self.is_working_day(day):
            reached += 1
        if not 0 <= reached < len(self._ordinals):
            raise CalendarError(f"no calendar reaches {amount} working days from {day:%d/%m/%Y}")
        return date.fromordinal(self._ordinals[reached])

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; negative if `end` is earlier."""
        return self._up_to(end) - self._up_to(start)

    def closing(self, day: date) -> datetime:
        """When a working day ends; of a day off, when the next one does."""
        found = self.working_day_from(day)
        return midnight(found) + self._sessions(found)[-1][1]

    def start(self, instant: datetime) -> datetime:
        """The first instant from this one on at which the unit is open, or receives: where a term begins."""
        local = office_time(instant)
        day = local.date()
        while (opened := _open_from(self._open_sessions(day), local - midnight(day))) is None:
            day += _ONE_DAY
        return midnight(day) + opened

    def at(self, day: date, clock: timedelta) -> datetime:
        """A working day at this time since midnight, or at its next opening where the unit is then closed.

        After the last session it is the closing. This matters only where hours changed since the term began.
        """
        sessions = self._sessions(day)
        opened = _open_from(sessions, clock)
        return midnight(day) + (sessions[-1][1] if opened is None else opened)

    def add_working_time(self, instant: datetime, amount: timedelta, *, into_next: bool | None = None) -> datetime:
        """The instant to which `amount` of working time runs from this one; backwards, if negative.

        Where that is the border of two sessions, it is the closing of the first (07:00 + 8 h = 17:00) or, going
        backwards, the opening of the second; `into_next` decides otherwise. Nothing added is where a term would start.
        """
        if not amount:
            return self.start(instant)
        position = self._position(instant) + amount
        into_next = amount < _NONE if into_next is None else into_next
        index = (bisect_right if into_next else bisect_left)(self._before, position) - 1
        if not 0 <= index < len(self._ordinals):
            raise CalendarError(f"no calendar reaches {amount} of working time from {office_time(instant):%d/%m/%Y}")
        left = position - self._before[index]
        begins = midnight(date.fromordinal(self._ordinals[index]))
        for opens, closes in self._spans[index]:
            length = closes - opens
            if left < length or (left == length and not into_next):
                return begins + opens + left
            left -= length
        raise AssertionError("a position lies within the day it was found in")

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one instant to another; negative if `end` is earlier."""
        return self._position(end) - self._position(start)

    def _position(self, instant: datetime) -> timedelta:
        """The working time since the first day of the calendar; it stands still while the unit is closed."""
        local = office_time(instant)
        count = self._up_to(local)
        if not count or self._ordinals[count - 1] != local.toordinal():
            return self._before[count]
        clock, worked = local - midnight(local), self._before[count - 1]
        for opens, closes in self._spans[count - 1]:
            if clock <= opens:
                break
            worked += min(clock, closes) - opens
        return worked

    def _up_to(self, day: date) -> int:
        """How many working days there are up to and including this day."""
        place = day.toordinal() - self._first
        if not 0 <= place < len(self._number):
            raise CalendarError(f"no calendar reaches {day:%d/%m/%Y}")
        return self._number[place]

    def _sessions(self, day: date) -> Spans:
        """The sessions of a working day."""
        return self._spans[self._up_to(day) - 1]

    def _open_sessions(self, day: date) -> Spans:
        """The sessions in which dossiers are received on this day; weekend reception does not hold on a holiday."""
        off = self.reason_off(day)
        if off is None:
            return self._sessions(day)
        return self._reception.get(day.weekday(), ()) if off.reason is DayReason.WEEKEND else ()


@lru_cache(maxsize=64)
def _built(days: OfficialDays, hours: tuple[WorkingHours, ...], reception: tuple[ReceptionHours, ...]) -> WorkCalendar:
    """One calendar for all units that keep the same hours."""
    return WorkCalendar(days, hours, reception)


@lru_cache(maxsize=64)
def _spans(sessions: Sessions) -> Spans:
    return tuple((_since_midnight(session.opens), _since_midnight(session.closes)) for session in sessions)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _open_from(sessions: Spans, clock: timedelta) -> timedelta | None:
    """The first open time of a day from this one on; None if there is no more."""
    return next((max(clock, opens) for opens, closes in sessions if clock < closes), None)
