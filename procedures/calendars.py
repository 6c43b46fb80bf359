"""The official calendar, year by year: days off and make-up Saturdays; and how the hours an office keeps are written.

A year is entered by a file `calendar/<year>.yaml`. For a year without one the days of the `holidays` package are used,
and whatever depends on such a year is provisional: lunar holidays and swaps are decreed, not computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta, timezone
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

import holidays
from pydantic import ConfigDict, TypeAdapter, ValidationError

from procedures.files import FaultyFile, read
from procedures.model import Sector, Text

#: Vietnam has kept UTC+7 without summer time since 1975; hours and days of offices are written in it.
OFFICE_TIME: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

FOLDER: Final = Path(__file__).with_name("calendar")
YEARS: Final = range(2010, 2061)

STRICT: Final = ConfigDict(extra="forbid")


class CalendarError(ValueError):
    """A calendar that contradicts itself, or a day that no calendar reaches."""


class DayReason(StrEnum):
    """Why a day does not count towards a term."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    COMPENSATORY = "compensatory_day"
    SWAP = "swap_day"
    MOVED = "next_working_day"

    @property
    def words(self) -> Text:
        """The reason as people read it."""
        return _REASONS[self]


_REASONS: Final = {
    DayReason.WEEKEND: Text(vi="nghỉ cuối tuần", en="weekend"),
    DayReason.HOLIDAY: Text(vi="nghỉ lễ, tết", en="public holiday"),
    DayReason.COMPENSATORY: Text(
        vi="nghỉ bù ngày lễ trùng ngày nghỉ cuối tuần", en="day off for a holiday on a weekend"
    ),
    DayReason.SWAP: Text(vi="nghỉ hoán đổi, làm bù ngày khác", en="swapped day off"),
    # The term ended on a day off; the due date stands on this day without the day being part of the term.
    DayReason.MOVED: Text(
        vi="thời hạn kết thúc vào ngày nghỉ, chuyển sang ngày làm việc này",
        en="the term ended on a day off and moves to this working day",
    ),
}


@dataclass(frozen=True, slots=True)
class DayOff:
    """Why a day is off, and the holiday's name."""

    reason: DayReason
    name: Text


WEEKEND: Final = DayOff(DayReason.WEEKEND, DayReason.WEEKEND.words)


@dataclass(frozen=True, slots=True)
class Session:
    """Half-open hours of one half of a day: open at `opens`, closed at `closes`."""

    __pydantic_config__ = STRICT

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise CalendarError(f"a session opens before it closes, not {self.opens}–{self.closes}")


Sessions = tuple[Session, ...]


def _in_order(sessions: Sessions) -> None:
    if not sessions or any(morning.closes >= later.opens for morning, later in pairwise(sessions)):
        raise CalendarError("sessions of a day are in order, with a break between them")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The sessions of every working day from `valid_from` to `valid_to`, both included; None is open-ended."""

    __pydantic_config__ = STRICT

    sessions: Sessions
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        _in_order(self.sessions)

    def in_force(self, day: date) -> bool:
        """Whether these are the hours of this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ReceptionHours:
    """Hours on a weekday off (Monday is 0) in which dossiers of a sector are received but no term runs."""

    __pydantic_config__ = STRICT

    sector: Sector
    weekday: int
    sessions: Sessions

    def __post_init__(self) -> None:
        _in_order(self.sessions)
        if self.weekday not in (5, 6):
            raise CalendarError("reception hours are for Saturdays (5) or Sundays (6); other days have working hours")


@dataclass(frozen=True, slots=True, eq=False)
class OfficialDays:
    """The calendar of the years `covers`: what is off besides weekends, which of these are worked, what is entered."""

    off: Mapping[date, DayOff]
    make_up: frozenset[date]
    entered: frozenset[int]
    covers: range = field(default=YEARS)

    def reason_off(self, day: date) -> DayOff | None:
        """Why this day is off, or None on a working day; raises CalendarError for a year that is not covered."""
        if day.year not in self.covers:
            raise CalendarError(f"no calendar reaches {day:%d/%m/%Y}: years {self.covers[0]} to {self.covers[-1]}")
        if day in self.make_up:
            return None
        return self.off.get(day) or (WEEKEND if day.weekday() >= 5 else None)

    def is_working(self, day: date) -> bool:
        """Whether the offices work on this day."""
        return self.reason_off(day) is None


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Some days in a row that are off for one reason, as a calendar file lists them."""

    __pydantic_config__ = STRICT

    first: date
    reason: DayReason
    name: Text
    last: date | None = None

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(n) for n in range(((self.last or self.first) - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A Saturday or Sunday that is worked with normal hours in place of a day off."""

    __pydantic_config__ = STRICT

    day: date
    instead_of: date


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year as entered from the official notice."""

    __pydantic_config__ = STRICT

    year: int
    off: tuple[DaysOff, ...]
    make_up: tuple[MakeUpDay, ...]

    def __post_init__(self) -> None:
        days = [day for run in self.off for day in run]
        swapped = {day for run in self.off for day in run if run.reason is DayReason.SWAP}
        worked = [made_up.day for made_up in self.make_up]
        faults = {
            "a day lies in another year": any(day.year != self.year for day in days + worked),
            "a day is listed twice": len(set(days + worked)) != len(days) + len(worked),
            "a make-up day is no weekend": any(day.weekday() < 5 for day in worked),
            "swapped days and make-up days do not match": swapped != {made_up.instead_of for made_up in self.make_up},
        }
        for fault, found in faults.items():
            if found:
                raise CalendarError(f"{self.year}: {fault}")


def official_days(years: Iterable[CalendarYear], covers: range = YEARS) -> OfficialDays:
    """The entered years as they stand, all others in `covers` from the `holidays` package."""
    entered = {entry.year: entry for entry in years}
    guessed = [year for year in covers if year not in entered]
    off, make_up = _package_days(guessed)
    for entry in entered.values():
        off |= {day: DayOff(run.reason, run.name) for run in entry.off for day in run}
        make_up |= {made_up.day for made_up in entry.make_up}
    return OfficialDays(MappingProxyType(off), frozenset(make_up), frozenset(entered), covers)


def _package_days(years: list[int]) -> tuple[dict[date, DayOff], set[date]]:
    """What the `holidays` package knows of these years: days off and make-up days."""
    vi, en = (holidays.country_holidays("VN", years=years, language=language) for language in ("vi", "en_US"))
    off = {day: DayOff(_package_reason(name), Text(vi=name, en=en[day])) for day, name in vi.items()}
    return off, {day for day in vi.weekend_workdays if day.year in years}


def _package_reason(name: str) -> DayReason:
    """The package tells the kind of a day off only in its Vietnamese name."""
    if "(nghỉ bù)" in name:
        return DayReason.COMPENSATORY
    return DayReason.SWAP if "(thay cho ngày" in name else DayReason.HOLIDAY


Read = TypeVar("Read")


def read_as(adapter: TypeAdapter[Read], file: Path) -> Read:
    """The file's values in their type. Raises FaultyFile, naming file, line and reason of each fault."""
    document = read(file)
    try:
        return adapter.validate_python(document.value)
    except ValidationError as fault:
        raise FaultyFile([document.fault(each["loc"], each["msg"]) for each in fault.errors()]) from None


@cache
def shipped_years(folder: Path = FOLDER) -> tuple[CalendarYear, ...]:
    """The years entered by the files of `folder`. Raises FaultyFile."""
    return tuple(read_as(TypeAdapter(CalendarYear), file) for file in sorted(folder.glob("*.yaml")))


@cache
def load_official_days(folder: Path = FOLDER) -> OfficialDays:
    """The official calendar from the files of `folder`. Raises FaultyFile."""
    return official_days(shipped_years(folder))


def proposed_year(year: int) -> CalendarYear:
    """A year as the `holidays` package knows it, days in a row with one name as one run; to be looked over.

    A make-up day stands for the swapped day before or after it in the same order.
    """
    off, make_up = _package_days([year])
    runs: list[DaysOff] = []
    for day, each in sorted(off.items()):
        last = runs[-1] if runs else None
        if last and (last.reason, last.name) == (each.reason, each.name) and (last.last or last.first) == _before(day):
            runs[-1] = DaysOff(last.first, last.reason, last.name, day)
        else:
            runs.append(DaysOff(day, each.reason, each.name))
    swapped = [day for day, each in sorted(off.items()) if each.reason is DayReason.SWAP]
    return CalendarYear(year, tuple(runs), tuple(map(MakeUpDay, sorted(make_up), swapped)))


def _before(day: date) -> date:
    return day - timedelta(days=1)
