"""What an office keeps of itself: the shipped units, calendars and wordings, with what was changed laid over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from procedures.calendars import CalendarYear, OfficialDays, load_official_days, official_days, shipped_years
from procedures.files import FaultyFile, parse
from procedures.places import Places, Unit, load_places
from procedures.wordings import Wording, Wordings, load_wordings


class Kind(StrEnum):
    """What a text of an office is about; the name beside it says of which one."""

    CALENDAR = "calendar"  # a year
    UNIT = "unit"  # the id of a unit
    WORDING = "wording"  # '<slip>/<form set>'


YEAR: Final = TypeAdapter(CalendarYear)
UNIT: Final = TypeAdapter(Unit)
WORDING: Final = TypeAdapter(Wording)
_TYPES: Final[dict[Kind, TypeAdapter[Any]]] = {Kind.CALENDAR: YEAR, Kind.UNIT: UNIT, Kind.WORDING: WORDING}


class Kept(NamedTuple):
    """One change: what a thing is from a day on."""

    kind: Kind
    name: str
    begins: date
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """The units, the official calendar and the wordings as they are known on one day."""

    places: Places
    days: OfficialDays
    wordings: Wordings


def read(kind: Kind, name: str, text: str) -> Any:
    """The value that a text says. Raises FaultyFile."""
    document = parse(text, Path(kind, f"{name}.yaml"))
    try:
        return _TYPES[kind].validate_python(document.value)
    except ValidationError as fault:
        raise FaultyFile([document.fault(each["loc"], each["msg"]) for each in fault.errors()]) from None


def office(kept: Sequence[Kept], today: date) -> Office:
    """What is known on a day of all that was changed, in the order of the changes. Raises PlacesError."""
    return Office(
        places=places(kept, today),
        days=_days(tuple(each.value for each in kept if each.kind is Kind.CALENDAR)),
        wordings=Wordings(
            load_wordings().official, tuple((each.value, each.begins) for each in kept if each.kind is Kind.WORDING)
        ),
    )


def places(kept: Iterable[Kept], today: date) -> Places:
    """The units as they are known on a day. Raises PlacesError where they contradict each other."""
    changed: defaultdict[str, list[Kept]] = defaultdict(list)
    for each in kept:
        if each.kind is Kind.UNIT:
            changed[each.name].append(each)
    shipped = load_places()
    if not changed:
        return shipped
    known = {unit.id: unit for unit in shipped.units}
    units = {**known, **{name: _unit(known.get(name), steps, today) for name, steps in changed.items()}}
    return Places(tuple(sorted(units.values(), key=lambda unit: unit.valid_from or date.min)))


def _unit(shipped: Unit | None, steps: Sequence[Kept], today: date) -> Unit:
    """A unit on a day. What bears dates of its own is known at once; the rest from the day on from which it holds."""
    newest: Unit = steps[-1].value
    now = next((step.value for step in reversed(steps) if step.begins <= today), shipped or newest)
    return replace(
        now,
        hours=newest.hours,
        valid_from=newest.valid_from,
        valid_to=newest.valid_to,
        successor=newest.successor,
    )


@lru_cache(maxsize=4)
def _days(changed: tuple[CalendarYear, ...]) -> OfficialDays:
    if not changed:
        return load_official_days()
    years = {entry.year: entry for entry in (*shipped_years(), *changed)}
    return official_days(years.values())
