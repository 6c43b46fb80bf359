"""A clock that knows nothing but how to look at a calendar day by day and quarter by quarter: slow, plain, and another
one than the portal's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from procedures.calendars import OFFICE_TIME

QUARTER = timedelta(minutes=15)
#: The hours of the offices of Bảo Yên.
SESSIONS = ((time(7, 0), time(11, 30)), (time(13, 30), time(17, 0)))

Works = Callable[[date], bool]


def is_open(instant: datetime, works: Works) -> bool:
    """Whether the office is open in the quarter that begins then."""
    local = instant.astimezone(OFFICE_TIME)
    return works(local.date()) and any(opens <= local.time() < closes for opens, closes in SESSIONS)


def opening(instant: datetime, works: Works) -> datetime:
    """The first quarter from then on in which it is open."""
    while not is_open(instant, works):
        instant += QUARTER
    return instant


def next_working_day(day: date, works: Works) -> date:
    """This day, or the next on which people work."""
    while not works(day):
        day += timedelta(days=1)
    return day


def after_working_days(start: datetime, amount: int, works: Works) -> datetime:
    """So many working days later, at the same time of day; the day it begins does not count."""
    begins = opening(start, works).astimezone(OFFICE_TIME)
    day = begins.date()
    for _ in range(amount):
        day = next_working_day(day + timedelta(days=1), works)
    return datetime.combine(day, begins.time(), OFFICE_TIME)


def after_days(start: datetime, amount: int, works: Works) -> datetime:
    """So many days later, moved off days off."""
    begins = opening(start, works).astimezone(OFFICE_TIME)
    day = next_working_day(begins.date() + timedelta(days=amount), works)
    return datetime.combine(day, begins.time(), OFFICE_TIME)


def quarters(start: datetime, end: datetime, works: Works) -> int:
    """How many open quarters lie between; negative where the end comes first."""
    if end < start:
        return -quarters(end, start, works)
    count = 0
    while start < end:
        count += is_open(start, works)
        start += QUARTER
    return count


def walk(start: datetime, amount: int, works: Works) -> datetime:
    """So many open quarters on, or back, to where the office is open."""
    while amount > 0:
        amount -= is_open(start, works)
        start += QUARTER
    while amount < 0:
        start -= QUARTER
        amount += is_open(start, works)
    return opening(start, works)


@dataclass
class Life:
    """The facts of one dossier as somebody would keep them on a card, and what they come to."""

    days: int
    since: datetime
    promised: datetime | None = None
    pauses: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    extra: int = 0

    def restarted(self, at: datetime) -> Life:
        """The term counts anew; what is still not counted goes on."""
        left = [(max(begin, at), end, key) for begin, end, key in self.pauses if end > at]
        return replace(self, since=at, promised=None, pauses=left)

    def apologised(self, at: datetime, promised: datetime) -> Life:
        """Another date is promised."""
        return replace(self, since=at, promised=promised, pauses=[])

    def paused(self, begin: datetime, end: datetime, key: str = "") -> Life:
        """A time that does not count, unless it began before a promise was made."""
        if self.promised is not None and begin < self.since:
            return self
        return replace(self, pauses=[*self.pauses, (begin, end, key)])

    def shortened(self, key: str, end: datetime) -> Life:
        """The last pause of a key ends now, if it is still kept."""
        mine = [pause for pause in self.pauses if pause[2] == key]
        if not mine:
            return self
        last = max(mine)
        others = [pause for pause in self.pauses if pause is not last]
        return replace(self, pauses=[*others, (last[0], max(last[0], min(last[1], end)), key)])

    def due(self, works: Works) -> datetime:
        """The date by a calendar."""
        if self.promised is None:
            due = after_working_days(self.since, self.days, works)
            due = after_days(due, self.extra, works) if self.extra else due
        else:
            local = self.promised.astimezone(OFFICE_TIME)
            due = datetime.combine(next_working_day(local.date(), works), local.time(), OFFICE_TIME)
        for begin, end in merged((begin, end) for begin, end, _ in self.pauses):
            if quarters(begin, end, works):
                due = walk(opening(end, works), quarters(begin, due, works), works)
        return due


def merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same times, none of them twice."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
