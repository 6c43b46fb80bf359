"""Letters of courtesy: whom they greet, and when none is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.domain.letters import addressed
from procedures.catalogue import load_catalogue
from procedures.model import Letter

DEAD = {"deceased": {"full_name": "Lự Văn Páo", "sex": "male", "birth": "1941-05-02"}, "death_date": "2026-07-01"}
COUPLE = {"groom": {"full_name": "Hoàng Văn Thái"}, "bride": {"full_name": "Bàn Thị Mẩy"}}


@pytest.mark.parametrize(
    ("letter", "answers", "to", "name"),
    [
        ("birth", {"child_name": "Lự Bảo An", "mother_name": "Hoàng Thị Mai"}, "Bà Hoàng Thị Mai", "Lự Bảo An"),
        (
            "birth",
            {"child_name": "Lự Bảo An", "mother_name": "Hoàng Thị Mai", "father_name": "Lự Văn Páo"},
            "Ông Lự Văn Páo và bà Hoàng Thị Mai",
            "Lự Bảo An",
        ),
        ("birth", {"child_name": "Lự Bảo An"}, "Gia đình cháu Lự Bảo An", "Lự Bảo An"),
        ("marriage", COUPLE, "Anh Hoàng Văn Thái và chị Bàn Thị Mẩy", "anh Hoàng Văn Thái và chị Bàn Thị Mẩy"),
        ("condolence", DEAD, "Gia quyến ông Lự Văn Páo", "ông Lự Văn Páo"),
    ],
)
def test_a_letter_greets_those_whom_the_form_names(letter: str, answers: dict[str, Any], to: str, name: str) -> None:
    assert addressed(Letter(letter), answers) == (to, name)


def test_nobody_is_written_to_about_a_child_that_lived_for_less_than_a_day() -> None:
    stillborn = {"deceased": {"full_name": "Lự Bảo An", "birth": "2026-07-01"}, "death_date": "2026-07-01"}
    assert addressed(Letter.CONDOLENCE, stillborn) is None


@pytest.mark.parametrize("one", COUPLE)
def test_a_couple_of_whom_one_is_not_named_gets_no_letter(one: str) -> None:
    assert addressed(Letter.MARRIAGE, {one: COUPLE[one]}) is None


@pytest.mark.parametrize("letter", Letter)
def test_without_names_there_is_no_letter(letter: Letter) -> None:
    assert addressed(letter, {}) is None


def test_the_law_names_a_letter_for_births_marriages_and_deaths_alone() -> None:
    catalogue = load_catalogue()
    found = {
        (entry.slug, procedure.result.letter)
        for entry in catalogue.all_in_force(date(2026, 8, 1))
        if (procedure := catalogue.version(entry.code, entry.version)).result.letter
    }
    assert found == {
        ("birth-registration", "birth"),
        ("birth-bundle", "birth"),
        ("marriage-registration", "marriage"),
        ("death-registration", "condolence"),
        ("death-bundle", "condolence"),
    }
