"""The units of Bảo Yên with the days on which they stand, who succeeds them, and where each receives dossiers.

Until 30/06/2025 there were the district and its 17 communes, from 01/07/2025 there are six communes. Six codes are
borne by an old and by a new unit; a unit's id is its own for ever.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter

from procedures.calendars import STRICT, ReceptionHours, WorkingHours, read_as
from procedures.model import Sector, Text

FOLDER: Final = Path(__file__).with_name("places")

#: The first part of a dossier code (TT 01/2018 Art 19, QĐ 20/2020/QĐ-TTg).
AGENCY_ID: Final = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2,6}){0,3}")


class UnitKind(StrEnum):
    """What kind of body a unit is."""

    DISTRICT = "district"
    COMMUNE = "commune"
    TOWNSHIP = "township"
    LAND_REGISTRY = "land_registry"


class PlacesError(ValueError):
    """Units that contradict each other, or a unit that is not to be had; `text` says it in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class UnknownUnitError(PlacesError):
    """No unit bears this code or id."""

    def __init__(self, name: str) -> None:
        shown = "".join(letter if letter.isprintable() else "?" for letter in name[:64])
        super().__init__(Text(vi=f"Không có đơn vị nào mang mã {shown}.", en=f"No unit bears the code {shown}."))
        self.name = name


class ClosedUnitError(PlacesError):
    """The unit had ended by that day; `successors` go on with its work."""

    def __init__(self, unit: Unit, on: date, successors: tuple[Unit, ...]) -> None:
        ended = unit.valid_to or on
        super().__init__(
            Text(
                vi=f"{unit.name.vi} (mã {unit.code or unit.id}) đã kết thúc hoạt động sau ngày {ended:%d/%m/%Y}; "
                f"đơn vị kế thừa: {_listed(successors, 'vi')}.",
                en=f"{unit.name.en} (code {unit.code or unit.id}) ended on {ended:%d/%m/%Y}; "
                f"its successor: {_listed(successors, 'en')}.",
            )
        )
        self.unit, self.on, self.successors = unit, on, successors


class UnitNotYetError(PlacesError):
    """The unit did not stand yet on that day; `predecessors` did."""

    def __init__(self, unit: Unit, on: date, predecessors: tuple[Unit, ...]) -> None:
        since = unit.valid_from or on
        super().__init__(
            Text(
                vi=f"{unit.name.vi} chỉ hoạt động từ ngày {since:%d/%m/%Y}; "
                f"trước đó là: {_listed(predecessors, 'vi')}.",
                en=f"{unit.name.en} stands only from {since:%d/%m/%Y}; before: {_listed(predecessors, 'en')}.",
            )
        )
        self.unit, self.on, self.predecessors = unit, on, predecessors


@dataclass(frozen=True, slots=True)
class Agency:
    """The unit's id in dossier codes; a demonstration one while the official one is unknown."""

    __pydantic_config__ = STRICT

    id: str
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """A one-stop shop ("bộ phận một cửa"): where it is, and the sectors whose dossiers it receives."""

    __pydantic_config__ = STRICT

    name: Text
    address: Text
    phone: str
    receives: tuple[Sector, ...]
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A body that stands from `valid_from` to `valid_to`, both included (None: open-ended).

    `hours` cover every day without a gap. `mountain`: the extra of mountain communes applies to terms here.
    A unit without a shop is only on routes. `registry`: the branch of the land registry office that serves it.
    """

    __pydantic_config__ = STRICT

    id: str
    name: Text
    kind: UnitKind
    agency: Agency
    hours: tuple[WorkingHours, ...] = ()
    reception: tuple[ReceptionHours, ...] = ()
    code: str | None = None
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    mountain: bool = False
    registry: str | None = None
    shop: Shop | None = None

    def alive(self, on: date) -> bool:
        """Whether the unit stands on this day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    @property
    def is_commune(self) -> bool:
        """Whether this is a body of the lowest tier, commune or township."""
        return self.kind in (UnitKind.COMMUNE, UnitKind.TOWNSHIP)

    def receives(self, sector: Sector) -> bool:
        """Whether dossiers of this sector are handed in here."""
        return self.shop is not None and sector in self.shop.receives

    def reception_for(self, sector: Sector | None) -> tuple[ReceptionHours, ...]:
        """The reception hours outside working hours for a sector that is received here."""
        return tuple(hours for hours in self.reception if hours.sector == sector and self.receives(hours.sector))

    def hours_on(self, day: date) -> WorkingHours:
        """The hours of working days in force on this day."""
        return next(hours for hours in self.hours if hours.in_force(day))

    def opening(self, day: date) -> Text:
        """The hours in force on this day, as a shop shows them on its door."""
        weekly = _sessions(self.hours_on(day))
        text = Text(vi=f"Thứ Hai – thứ Sáu: {weekly}", en=f"Monday – Friday: {weekly}")
        for hours in (hours for hours in self.reception if self.receives(hours.sector)):
            name, extra = _WEEKEND_NAMES[hours.weekday], _sessions(hours)
            text = Text(
                vi=f"{text.vi}; {name.vi} ({hours.sector.label.vi}): {extra}",
                en=f"{text.en}; {name.en} ({hours.sector.label.en}): {extra}",
            )
        return text


_WEEKEND_NAMES: Final = {5: Text(vi="thứ Bảy", en="Saturday"), 6: Text(vi="Chủ nhật", en="Sunday")}


def _sessions(hours: WorkingHours | ReceptionHours) -> str:
    return ", ".join(f"{session.opens:%H:%M}–{session.closes:%H:%M}" for session in hours.sessions)


def _listed(units: Iterable[Unit], language: str) -> str:
    return ", ".join(unit.name.say(language) for unit in units) or "–"


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """All units, oldest first where a code is borne twice; a pure value.

    Raises PlacesError where units contradict each other: an unknown parent or successor, a successor that does not
    follow on, hours with a gap, or a code or agency id that two units bear on the same day.
    """

    units: tuple[Unit, ...]
    _ids: Mapping[str, Unit] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", MappingProxyType({unit.id: unit for unit in self.units}))
        faults = [fault for unit in self.units for fault in self._faults(unit)]
        if faults:
            raise PlacesError(
                Text(vi="; ".join(fault.vi for fault in faults), en="; ".join(fault.en for fault in faults))
            )

    def by_id(self, unit_id: str) -> Unit:
        """The unit with this id. Raises UnknownUnitError."""
        if unit_id not in self._ids:
            raise UnknownUnitError(unit_id)
        return self._ids[unit_id]

    def bearers(self, code: str) -> tuple[Unit, ...]:
        """Every unit that bears or bore this code, the oldest first."""
        return tuple(unit for unit in self.units if unit.code == code)

    def by_code(self, code: str, on: date) -> Unit:
        """The unit that bears this code on this day.

        Raises UnknownUnitError; ClosedUnitError, naming the successors, where its bearer has ended and the code is not
        borne on; UnitNotYetError before its first bearer.
        """
        bearers = self.bearers(code)
        if not bearers:
            raise UnknownUnitError(code)
        return next((unit for unit in bearers if unit.alive(on)), None) or self.standing(bearers[-1].id, on)

    def standing(self, unit_id: str, on: date) -> Unit:
        """The unit with this id, which must stand on this day; raises as `by_code`."""
        unit = self.by_id(unit_id)
        if unit.valid_to is not None and unit.valid_to < on:
            raise ClosedUnitError(unit, on, self._standing_heirs(unit, on))
        if not unit.alive(on):
            raise UnitNotYetError(unit, on, self.predecessors(unit_id))
        return unit

    def alive(self, on: date) -> tuple[Unit, ...]:
        """The units that stand on this day."""
        return tuple(unit for unit in self.units if unit.alive(on))

    def children(self, unit_id: str) -> tuple[Unit, ...]:
        """The units directly below this one."""
        return tuple(unit for unit in self.units if unit.parent == unit_id)

    def heirs(self, unit_id: str) -> tuple[Unit, ...]:
        """The units that follow on when this one ends: its successor or, for a district, those of its communes."""
        unit = self.by_id(unit_id)
        if unit.successor:
            return (self.by_id(unit.successor),)
        return tuple(dict.fromkeys(heir for child in self.children(unit_id) for heir in self.heirs(child.id)))

    def served_by(self, registry_id: str | None) -> frozenset[str]:
        """The ids of the units, standing or ended, that this branch of the land registry office serves."""
        return frozenset(unit.id for unit in self.units if unit.registry and unit.registry == registry_id)

    def predecessors(self, unit_id: str) -> tuple[Unit, ...]:
        """The units whose successor this one is."""
        return tuple(unit for unit in self.units if unit.successor == unit_id)

    def successor(self, unit_id: str, on: date) -> Unit:
        """The unit itself while it stands, afterwards the one that follows it, along the chain.

        Raises ClosedUnitError for an ended district, which has no single successor, and UnitNotYetError.
        """
        unit = self.by_id(unit_id)
        while not unit.alive(on) and unit.successor and unit.valid_to is not None and unit.valid_to < on:
            unit = self.by_id(unit.successor)
        return self.standing(unit.id, on)

    def successor_for_district_dossier(self, commune_id: str, on: date) -> Unit:
        """The commune that goes on with a dossier of the ended district.

        `commune_id` is the commune, old or new, of the parcel or, without a parcel, of the applicant's address.
        """
        commune = self.by_id(commune_id)
        if not commune.is_commune:
            raise UnknownUnitError(commune_id)
        return commune if commune.valid_from and on < commune.valid_from else self.successor(commune_id, on)

    def holder(self, receiver_id: str, on: date, commune_id: str | None = None) -> Unit:
        """Where an open dossier lies on this day: at its receiver or the receiver's successor.

        A dossier of an ended district lies at the commune that succeeds `commune_id`, that of the parcel or address.
        Raises ClosedUnitError where that is not given.
        """
        receiver = self.by_id(receiver_id)
        if receiver.kind is UnitKind.DISTRICT and commune_id is not None and not receiver.alive(on):
            return self.successor_for_district_dossier(commune_id, on)
        return self.successor(receiver_id, on)

    def receiving(self, sector: Sector, on: date) -> tuple[Unit, ...]:
        """The units whose shop receives dossiers of this sector on this day."""
        return tuple(unit for unit in self.alive(on) if unit.receives(sector))

    def receiver(self, sector: Sector, commune_id: str, on: date) -> Unit:
        """The unit that receives this sector's dossiers for a commune on this day: itself or its district.

        Raises PlacesError where there is none.
        """
        unit = self.successor(commune_id, on)
        while not unit.receives(sector) and unit.parent:
            unit = self.by_id(unit.parent)
        if not unit.receives(sector):
            raise UnknownUnitError(commune_id)
        return unit

    def _standing_heirs(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """The heirs of an ended unit, or the heirs of those that have ended too."""
        found: dict[Unit, None] = {}
        for heir in self.heirs(unit.id):
            found |= dict.fromkeys((heir,) if heir.alive(on) else self._standing_heirs(heir, on))
        return tuple(found)

    def _faults(self, unit: Unit) -> Iterable[Text]:
        others = [other for other in self.units if other is not unit and _overlap(unit, other)]
        if Counter(other.id for other in self.units)[unit.id] > 1:
            yield _fault(unit, "mã định danh bị dùng hai lần", "the id is used twice")
        if not AGENCY_ID.fullmatch(unit.agency.id):
            yield _fault(unit, f"{unit.agency.id} không phải mã cơ quan", f"{unit.agency.id} is no agency id")
        if any(other.agency.id == unit.agency.id for other in others):
            yield _fault(
                unit,
                f"đơn vị khác mang mã cơ quan {unit.agency.id} trong cùng thời gian",
                f"another unit bears the agency id {unit.agency.id} on the same day",
            )
        if unit.code and any(other.code == unit.code for other in others):
            yield _fault(
                unit,
                f"đơn vị khác mang mã {unit.code} trong cùng thời gian",
                f"another unit bears the code {unit.code} on the same day",
            )
        if unit.parent and unit.parent not in self._ids:
            yield _fault(unit, f"không có đơn vị cấp trên {unit.parent}", f"unknown parent {unit.parent}")
        if unit.successor and not _follows(unit, self._ids.get(unit.successor)):
            yield _fault(
                unit,
                f"{unit.successor} không hoạt động vào ngày sau ngày kết thúc",
                f"{unit.successor} does not follow on the day after it ends",
            )
        if unit.registry is None and unit.receives(Sector.LAND):
            yield _fault(
                unit,
                "tiếp nhận hồ sơ đất đai nhưng không có chi nhánh đăng ký đất đai phục vụ",
                "receives land dossiers, but no branch of the land registry serves it",
            )
        if unit.registry and getattr(self._ids.get(unit.registry), "kind", None) is not UnitKind.LAND_REGISTRY:
            yield _fault(
                unit,
                f"{unit.registry} không phải chi nhánh đăng ký đất đai",
                f"{unit.registry} is no branch of the land registry",
            )
        if not _without_gap(unit.hours):
            yield _fault(
                unit,
                "giờ làm việc không phủ mỗi ngày đúng một lần",
                "the working hours do not cover every day exactly once",
            )


def _fault(unit: Unit, vi: str, en: str) -> Text:
    return Text(vi=f"{unit.name.vi} ({unit.id}): {vi}", en=f"{unit.id}: {en}")


def _overlap(one: Unit, other: Unit) -> bool:
    """Whether both stand on some day."""
    latest, earliest = max(one.valid_from or date.min, other.valid_from or date.min), one.valid_to or date.max
    return latest <= min(earliest, other.valid_to or date.max)


def _follows(unit: Unit, heir: Unit | None) -> bool:
    return heir is not None and unit.valid_to is not None and heir.alive(unit.valid_to + timedelta(days=1))


def _without_gap(hours: tuple[WorkingHours, ...]) -> bool:
    return (
        bool(hours)
        and hours[0].valid_from is None
        and hours[-1].valid_to is None
        and all(
            one.valid_to is not None and one.valid_to + timedelta(days=1) == later.valid_from
            for one, later in pairwise(hours)
        )
    )


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file of units; `hours`, `reception` and `registry` hold for those that do not have their own."""

    __pydantic_config__ = STRICT

    units: tuple[Unit, ...]
    hours: tuple[WorkingHours, ...] = ()
    reception: tuple[ReceptionHours, ...] = ()
    registry: str | None = None

    def complete(self) -> tuple[Unit, ...]:
        """The units with what the file says for all of them where they have nothing of their own."""
        return tuple(
            replace(
                unit,
                hours=unit.hours or self.hours,
                reception=unit.reception or self.reception,
                registry=unit.registry or self.registry,
            )
            for unit in self.units
        )


@cache
def load_places(folder: Path = FOLDER) -> Places:
    """The units from the files of `folder`. Raises FaultyFile and PlacesError."""
    files = [read_as(TypeAdapter(UnitFile), file) for file in sorted(folder.glob("*.yaml"))]
    units = [unit for file in files for unit in file.complete()]
    return Places(tuple(sorted(units, key=lambda unit: unit.valid_from or date.min)))
