"""Which version is in force on a day, how procedures are found, and what the shipped law says."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.catalogue import (
    FOLDER,
    Contradiction,
    NotYetInForce,
    UnknownProcedure,
    load_catalogue,
    procedure_files,
    read_all,
)
from procedures.model import Channel, Procedure, Sector
from procedures.places import load_places

HOUSE, LAND, SPLIT, BIRTH = "1.013225", "1.115668", "1.010038", "1.001193"
#: One procedure of each sector, on which what holds for all is looked at closely.
SAMPLES = frozenset({HOUSE, LAND, SPLIT, BIRTH})


def found(words: str, on: date = date(2026, 8, 1)) -> list[str]:
    return [procedure.code for procedure in load_catalogue().search(words, on)]


def test_each_version_of_the_law_stands_beside_the_one_before() -> None:
    versions = {code: [p.version.isoformat() for p in load_catalogue().versions(code)] for code in SAMPLES}
    assert versions == {
        BIRTH: ["2016-01-01"],
        SPLIT: ["2021-07-01", "2026-03-15"],
        HOUSE: ["2024-12-30", "2026-07-01"],
        LAND: ["2024-08-01", "2025-07-01"],
    }


def test_a_version_is_in_force_from_its_day_until_the_day_before_the_next() -> None:
    catalogue = load_catalogue()
    assert catalogue.in_force(HOUSE, date(2024, 12, 30)).version == date(2024, 12, 30)
    assert catalogue.in_force(HOUSE, date(2026, 6, 30)).version == date(2024, 12, 30)
    assert catalogue.in_force(HOUSE, date(2026, 7, 1)).version == date(2026, 7, 1)


def test_before_its_first_version_a_procedure_is_refused_and_the_first_date_named() -> None:
    with pytest.raises(NotYetInForce, match="its first version begins on 30/12/2024") as caught:
        load_catalogue().in_force(HOUSE, date(2024, 12, 29))
    assert caught.value.first == date(2024, 12, 30)


def test_an_unknown_code_or_version_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownProcedure, match=r"there is no procedure 9\.999999"):
        load_catalogue().in_force("9.999999", date(2026, 1, 1))
    with pytest.raises(UnknownProcedure, match="no version of 31/12/2024"):
        load_catalogue().version(HOUSE, date(2024, 12, 31))


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 1, 1)))
def test_what_is_in_force_is_the_latest_version_that_has_begun(on: date) -> None:
    for code in load_catalogue().codes:
        begun = [p for p in load_catalogue().versions(code) if p.version <= on]
        if begun:
            assert load_catalogue().in_force(code, on).version == begun[-1].version
        else:
            with pytest.raises(NotYetInForce):
                load_catalogue().in_force(code, on)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("sổ đỏ", LAND),
        ("so do", LAND),
        ("SO DO", LAND),
        ("hộ khẩu", SPLIT),
        ("tach ho", SPLIT),
        ("giấy phép xây nhà", HOUSE),
        ("giay phep xay dung", HOUSE),
        ("khai sinh", BIRTH),
        ("KHAI SINH cho con", BIRTH),
        ("birth", BIRTH),
        ("1.001193", BIRTH),
    ],
)
def test_a_procedure_is_found_by_the_words_people_use_with_and_without_marks(words: str, code: str) -> None:
    assert code in found(words)
    assert next(each for each in found(words) if each in SAMPLES) == code


def test_no_words_give_everything() -> None:
    assert set(found("")) == set(load_catalogue().codes)
    assert SAMPLES & set(found("", date(2016, 1, 1))) == {BIRTH}


def test_a_sector_holds_its_own_procedures() -> None:
    on = date(2026, 8, 1)
    by_sector = {sector: load_catalogue().all_in_force(on, sector) for sector in Sector}
    assert all(p.sector is sector for sector, held in by_sector.items() for p in held)
    assert {sector: SAMPLES & {p.code for p in held} for sector, held in by_sector.items()} == {
        Sector.LAND: {LAND},
        Sector.CONSTRUCTION: {HOUSE},
        Sector.RESIDENCE: {SPLIT},
        Sector.CIVIL_STATUS: {BIRTH},
    }
    assert sum(map(len, by_sector.values())) == len(load_catalogue().all_in_force(on))


def test_the_terms_are_those_of_the_law() -> None:
    terms = {
        (p.code, str(p.term), str(p.mountain_extra) if p.mountain_extra else None, p.supplement.clock, p.same_day)
        for p in load_catalogue()
        if p.code in SAMPLES
    }
    assert terms == {
        (HOUSE, "7 working_day", None, "restart", False),
        (LAND, "10 working_day", "10 day", "pause", False),
        (LAND, "8 working_day", "10 day", "pause", False),
        (SPLIT, "5 working_day", None, "restart", False),
        (BIRTH, "same_day", None, "restart", True),
    }
    land = load_catalogue().in_force(LAND, date(2026, 7, 13))
    assert str(land.term_for(mountain=True)) == "8 working_day + 10 day"
    assert str(land.term_for(mountain=False)) == "8 working_day"


def test_what_is_not_known_is_null_and_never_a_number() -> None:
    amounts = {(p.code, fee.code): fee.amount for p in load_catalogue() for fee in p.fees if p.code in SAMPLES}
    assert {key: amount for key, amount in amounts.items() if amount is not None} == {
        (SPLIT, "split_fee_counter"): 10_000,
        (SPLIT, "split_fee_online"): 5_000,
        (BIRTH, "copies"): 8_000,
    }
    levels = {(p.code, p.version.isoformat()): p.level for p in load_catalogue()}
    assert levels[HOUSE, "2026-07-01"] == levels[BIRTH, "2016-01-01"] == 4
    assert {level for key, level in levels.items() if key[0] in (LAND, SPLIT)} == {None}


def test_the_house_permit_goes_its_route_in_seven_days() -> None:
    for head in load_catalogue().versions(HOUSE):
        version = load_catalogue().version(HOUSE, head.version)
        assert [(step.role, step.share) for step in version.route][1] == (
            "head_of_office",
            version.step("assignment").share,
        )
        assert [str(step.share) for step in version.route] == ["0.5", "0.25", "3", "2", "0.5", "0.5", "0.25", "None"]


def test_residence_is_done_by_the_police_with_its_own_slips_and_land_by_the_registry() -> None:
    split = load_catalogue().in_force(SPLIT, date(2026, 8, 1))
    assert split.slips.model_dump() == {"receipt": "CT04", "supplement": "CT05", "refusal": "CT06", "result": "CT08"}
    assert {(step.role, step.unit) for step in split.route} == {
        ("one_stop_officer", "own"),
        ("police_officer", "police"),
        ("police_head", "police"),
    }
    land = load_catalogue().in_force(LAND, date(2026, 8, 1))
    assert {(step.role, step.unit) for step in land.route} == {
        ("one_stop_officer", "own"),
        ("registry_officer", "land_registry"),
        ("registry_head", "land_registry"),
    }
    assert [step.key for step in land.route if "ask_duty" in step.actions] == ["duty"]


def test_from_58_2026_residence_dossiers_do_not_come_by_post() -> None:
    catalogue = load_catalogue()
    assert Channel.POST in catalogue.in_force(SPLIT, date(2026, 3, 14)).channels
    assert Channel.POST not in catalogue.in_force(SPLIT, date(2026, 3, 15)).channels


def test_every_procedure_says_what_a_guide_must_say_in_both_languages() -> None:
    for procedure in load_catalogue():
        for text in (procedure.title, procedure.summary, procedure.authority, *procedure.steps, *procedure.subjects):
            assert text.say("vi") == text.vi
            assert text.say("en") == text.en
            assert text.vi != text.en


def test_a_version_comes_back_from_its_own_json() -> None:
    for procedure in load_catalogue():
        assert Procedure.model_validate_json(procedure.model_dump_json()) == procedure


def test_two_files_for_one_version_and_a_code_in_two_folders_are_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "land", tmp_path / "land")
    shutil.copytree(tmp_path / "land" / "transfer", tmp_path / "land" / "sale")
    with pytest.raises(Contradiction) as caught:
        load_catalogue(tmp_path)
    assert caught.value.faults[0].reason.endswith("is the same version of 1.115668")
    assert "1.115668 also lies in" in caught.value.faults[1].reason


def test_a_file_in_another_sector_s_folder_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "land", tmp_path / "residence")
    sources, faults = read_all(procedure_files(tmp_path))
    assert not sources
    assert {fault.reason for fault in faults} == {"lies in the folder of residence"}


def test_a_file_that_is_not_named_by_its_date_or_says_it_inside_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "land" / "transfer" / "2025-07-01.yaml").read_text(encoding="utf-8")
    (tmp_path / "soon.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "2025-07-01.yaml").write_text(f"version: 2025-07-01\n{text}", encoding="utf-8")
    _, faults = read_all(sorted(tmp_path.glob("*.yaml")))
    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in faults] == [
        "2025-07-01.yaml:1: version is said by the file's path, not inside it",
        "soon.yaml:3: is not named by its date in force: soon.yaml",
    ]


@pytest.mark.parametrize("day", [date(2025, 6, 30), date(2025, 7, 1), date(2026, 8, 1)], ids=str)
def test_each_procedure_in_force_is_handed_in_somewhere_for_every_commune(day: date) -> None:
    """Where a sector is received is said in one place, with the shops; procedures do not repeat it."""
    places = load_places()
    offered = load_catalogue().all_in_force(day)
    assert {HOUSE, SPLIT, BIRTH} <= {procedure.code for procedure in offered}
    communes = [unit for unit in places.alive(day) if unit.is_commune]
    for procedure in offered:
        shops = {places.receiver(procedure.sector, commune.id, day).id for commune in communes}
        assert shops == {unit.id for unit in places.receiving(procedure.sector, day)}
