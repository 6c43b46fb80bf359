"""The units of Bảo Yên: who stands on a day, who follows, and where a dossier is handed in and lies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from procedures.calendars import WorkingHours
from procedures.files import FaultyFile
from procedures.model import Sector
from procedures.places import (
    AGENCY_ID,
    Agency,
    ClosedUnitError,
    Places,
    PlacesError,
    Unit,
    UnitKind,
    UnitNotYetError,
    UnknownUnitError,
    load_places,
)

PLACES = load_places()
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)

#: Old code, old name, new code, new name.
SUCCESSIONS = [
    ("02947", "Thị trấn Phố Ràng", "02947", "Xã Bảo Yên"),
    ("02986", "Xã Yên Sơn", "02947", "Xã Bảo Yên"),
    ("02992", "Xã Lương Sơn", "02947", "Xã Bảo Yên"),
    ("02980", "Xã Xuân Thượng", "02947", "Xã Bảo Yên"),
    ("02953", "Xã Nghĩa Đô", "02953", "Xã Nghĩa Đô"),
    ("02950", "Xã Tân Tiến", "02953", "Xã Nghĩa Đô"),
    ("02956", "Xã Vĩnh Yên", "02953", "Xã Nghĩa Đô"),
    ("02962", "Xã Xuân Hòa", "02962", "Xã Xuân Hòa"),
    ("02965", "Xã Tân Dương", "02962", "Xã Xuân Hòa"),
    ("02968", "Xã Thượng Hà", "02968", "Xã Thượng Hà"),
    ("02959", "Xã Điện Quan", "02968", "Xã Thượng Hà"),
    ("02977", "Xã Minh Tân", "02968", "Xã Thượng Hà"),
    ("02989", "Xã Bảo Hà", "02989", "Xã Bảo Hà"),
    ("02971", "Xã Kim Sơn", "02989", "Xã Bảo Hà"),
    ("02974", "Xã Cam Cọn", "02989", "Xã Bảo Hà"),
    ("02998", "Xã Phúc Khánh", "02998", "Xã Phúc Khánh"),
    ("02983", "Xã Việt Tiến", "02998", "Xã Phúc Khánh"),
]
BORNE_TWICE = {"02947", "02953", "02962", "02968", "02989", "02998"}


@pytest.mark.parametrize(("old_code", "old_name", "new_code", "new_name"), SUCCESSIONS)
def test_every_old_commune_has_its_successor(old_code: str, old_name: str, new_code: str, new_name: str) -> None:
    old = PLACES.by_code(old_code, BEFORE)
    heir = PLACES.successor(old.id, AFTER)
    assert (old.name.vi, heir.code, heir.name.vi) == (old_name, new_code, new_name)
    assert PLACES.successor(old.id, BEFORE) is old
    assert old in PLACES.predecessors(heir.id)
    assert PLACES.successor_for_district_dossier(old.id, AFTER) is heir


def test_the_district_and_its_17_communes_stand_until_the_end_of_june_and_six_communes_after() -> None:
    assert Counter(unit.kind for unit in PLACES.alive(BEFORE)) == {
        UnitKind.DISTRICT: 1,
        UnitKind.TOWNSHIP: 1,
        UnitKind.COMMUNE: 16,
        UnitKind.LAND_REGISTRY: 1,
    }
    assert Counter(unit.kind for unit in PLACES.alive(AFTER)) == {UnitKind.COMMUNE: 6, UnitKind.LAND_REGISTRY: 1}
    assert len(PLACES.children("huyen-bao-yen")) == 17


def test_exactly_six_codes_are_borne_by_an_old_and_by_a_new_unit() -> None:
    assert {unit.code for unit in PLACES.units if unit.code and len(PLACES.bearers(unit.code)) == 2} == BORNE_TWICE
    for code in BORNE_TWICE:
        old, new = PLACES.bearers(code)
        assert old.id != new.id
        assert (PLACES.by_code(code, BEFORE), PLACES.by_code(code, AFTER)) == (old, new)


def test_a_closed_unit_is_refused_with_the_name_of_its_successor() -> None:
    with pytest.raises(ClosedUnitError) as refusal:
        PLACES.by_code("02986", AFTER)
    assert "Xã Bảo Yên" in refusal.value.text.vi
    assert [unit.id for unit in refusal.value.successors] == ["bao-yen"]


def test_the_closed_district_is_refused_with_the_names_of_all_six() -> None:
    with pytest.raises(ClosedUnitError) as refusal:
        PLACES.by_code("087", AFTER)
    assert {unit.code for unit in refusal.value.successors} == BORNE_TWICE


def test_a_new_unit_is_refused_before_its_first_day_with_its_predecessors() -> None:
    with pytest.raises(UnitNotYetError, match="01/07/2025"):
        PLACES.standing("bao-yen", BEFORE)


def test_an_unknown_code_or_id_is_refused() -> None:
    for use in (lambda: PLACES.by_code("99999", AFTER), lambda: PLACES.by_id("nowhere")):
        with pytest.raises(UnknownUnitError):
            use()


@pytest.mark.parametrize("sector", [Sector.LAND, Sector.CONSTRUCTION])
def test_land_and_construction_are_received_at_the_district_until_its_end(sector: Sector) -> None:
    assert [unit.code for unit in PLACES.receiving(sector, BEFORE)] == ["087"]
    assert PLACES.receiver(sector, "kim-son", BEFORE).code == "087"
    assert {unit.code for unit in PLACES.receiving(sector, AFTER)} == BORNE_TWICE
    assert PLACES.receiver(sector, "kim-son", AFTER).id == "bao-ha"


@pytest.mark.parametrize("sector", [Sector.CIVIL_STATUS, Sector.RESIDENCE])
def test_civil_status_and_residence_are_always_received_in_the_communes(sector: Sector) -> None:
    assert len(PLACES.receiving(sector, BEFORE)) == 17
    assert PLACES.receiver(sector, "kim-son", BEFORE).id == "kim-son"
    assert {unit.code for unit in PLACES.receiving(sector, AFTER)} == BORNE_TWICE


def test_a_district_dossier_goes_on_in_the_commune_of_its_parcel_or_address() -> None:
    assert PLACES.holder("huyen-bao-yen", BEFORE, "kim-son").id == "huyen-bao-yen"
    assert PLACES.holder("huyen-bao-yen", AFTER, "kim-son").id == "bao-ha"
    assert PLACES.holder("huyen-bao-yen", AFTER, "bao-ha").id == "bao-ha"
    assert PLACES.successor_for_district_dossier("bao-ha", BEFORE).id == "bao-ha"
    with pytest.raises(ClosedUnitError):
        PLACES.holder("huyen-bao-yen", AFTER)
    with pytest.raises(UnknownUnitError):
        PLACES.successor_for_district_dossier("huyen-bao-yen", AFTER)


def test_a_communes_own_dossier_goes_on_at_its_successor() -> None:
    assert PLACES.holder("kim-son", BEFORE).id == "kim-son"
    assert PLACES.holder("kim-son", AFTER, "yen-son").id == "bao-ha"


def test_the_land_registry_branch_stands_in_both_eras_and_receives_nothing() -> None:
    branch = PLACES.by_id("chi-nhanh-dat-dai")
    assert branch.alive(BEFORE)
    assert branch.alive(AFTER)
    assert branch.code is None
    assert not any(branch.receives(sector) for sector in Sector)


@pytest.mark.parametrize("unit", [unit for unit in PLACES.units if unit.shop], ids=lambda unit: unit.id)
def test_every_shop_says_where_it_is_and_when_it_opens_and_that_these_are_demonstration_values(unit: Unit) -> None:
    assert unit.shop is not None
    assert unit.shop.demonstration
    assert unit.agency.demonstration
    assert unit.shop.address.vi
    assert unit.shop.address.en
    assert unit.shop.phone.startswith("0214")
    assert "07:00–11:30, 13:30–17:00" in unit.opening(AFTER).vi
    assert ("thứ Bảy" in unit.opening(AFTER).vi) == unit.receives(Sector.RESIDENCE)
    # No district in an address of the two-tier era.
    assert unit.alive(BEFORE) or "huyện" not in unit.shop.address.vi


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_agency_ids_are_well_formed_and_distinct_on_each_day(day: date) -> None:
    ids = [unit.agency.id for unit in PLACES.alive(day)]
    assert len(set(ids)) == len(ids)
    assert all(AGENCY_ID.fullmatch(agency_id) for agency_id in ids)


def test_the_mountain_extra_is_on_everywhere() -> None:
    assert all(unit.mountain for unit in PLACES.units)


def test_one_branch_of_the_land_registry_serves_every_unit() -> None:
    others = {unit.id for unit in PLACES.units} - {"chi-nhanh-dat-dai"}
    assert PLACES.served_by("chi-nhanh-dat-dai") == others
    assert PLACES.served_by("bao-yen") == PLACES.served_by(None) == frozenset()


def changed(unit_id: str, **changes: object) -> Places:
    """The places with one unit changed."""
    return Places(tuple(replace(u, **changes) if u.id == unit_id else u for u in PLACES.units))  # type: ignore[arg-type]


WORKING = PLACES.by_id("bao-yen").hours[0]


@pytest.mark.parametrize(
    ("unit_id", "changes", "fault"),
    [
        ("nghia-do", {"id": "bao-yen"}, "the id is used twice"),
        ("nghia-do", {"code": "02947"}, "bears the code 02947"),
        ("nghia-do", {"agency": Agency("H38.02947")}, "bears the agency id"),
        ("nghia-do", {"agency": Agency("38.1")}, "no agency id"),
        ("yen-son", {"parent": "nowhere"}, "unknown parent"),
        ("yen-son", {"successor": "nowhere"}, "does not follow on"),
        ("yen-son", {"successor": "tan-tien"}, "does not follow on"),
        ("yen-son", {"valid_to": None}, "does not follow on"),
        ("bao-yen", {"registry": None}, "no branch of the land registry serves it"),
        ("bao-yen", {"registry": "nghia-do"}, "nghia-do is no branch of the land registry"),
        ("bao-yen", {"hours": ()}, "working hours"),
        ("bao-yen", {"hours": (replace(WORKING, valid_from=AFTER),)}, "working hours"),
        (
            "bao-yen",
            {
                "hours": (
                    replace(WORKING, valid_to=BEFORE),
                    replace(WORKING, valid_from=AFTER + timedelta(days=1)),
                )
            },
            "working hours",
        ),
    ],
)
def test_units_that_contradict_each_other_are_refused(unit_id: str, changes: dict[str, object], fault: str) -> None:
    with pytest.raises(PlacesError, match=fault):
        changed(unit_id, **changes)


def test_hours_may_change_from_one_day_to_the_next() -> None:
    summer: WorkingHours = replace(WORKING, valid_from=AFTER)
    assert (
        changed("bao-yen", hours=(replace(WORKING, valid_to=BEFORE), summer)).by_id("bao-yen").hours_on(AFTER) is summer
    )


def test_a_fault_in_a_file_is_told_with_file_line_and_reason(tmp_path: Path) -> None:
    (tmp_path / "units.yaml").write_text("units:\n  - id: a\n    kind: village\n", encoding="utf-8")
    with pytest.raises(FaultyFile) as refusal:
        load_places(tmp_path)
    assert any("units.yaml:3:" in str(fault) for fault in refusal.value.faults)
