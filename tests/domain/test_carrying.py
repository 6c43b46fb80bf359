"""A draft goes along to a later version of its procedure: what was typed stays, and what is different is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.domain import carrying, forms, rehearsal
from portal.domain.kinds import Context
from procedures.catalogue import load_catalogue
from procedures.model import Kind, Procedure
from procedures.places import load_places
from procedures.terms import Term

CONTEXT = Context(date(2026, 8, 3), load_places())
HOUSE = "1.013225"
OLD, NEW = date(2024, 12, 30), date(2026, 7, 1)


def version(of: date) -> Procedure:
    return load_catalogue().version(HOUSE, of)


def changed(procedure: Procedure, key: str, **to: Any) -> Procedure:
    """The procedure with one question asked in another way."""
    plain = procedure.model_dump(mode="json")
    (field,) = [field for section in plain["form"] for field in section["fields"] if field["key"] == key]
    field |= to
    return Procedure.model_validate(plain)


def test_between_two_versions_papers_are_told_by_name_and_the_term_from_what_to_what() -> None:
    shorter = version(NEW).model_copy(update={"term": Term.parse("3 working_day")})
    told = [line.vi for line in carrying.told(version(OLD), shorter)]
    assert "Thời hạn: 7 ngày làm việc → 3 ngày làm việc" in told
    assert any(line.startswith("Giấy tờ “") for line in told), told
    assert len(told) == len(set(told))
    assert not any("==" in line for line in told), told


def test_nothing_is_told_of_two_versions_that_are_alike() -> None:
    assert carrying.told(version(NEW), version(NEW)) == ()
    assert carrying.to_look_at(version(NEW), version(NEW)) == frozenset()


def test_a_question_that_is_asked_in_another_way_is_named_and_its_page_is_to_be_looked_at_again() -> None:
    new = changed(version(NEW), "storeys", label={"vi": "Số tầng nổi", "en": "Storeys above ground"})
    assert [line.vi for line in carrying.told(version(NEW), new)] == ["Mục “Số tầng nổi” được hỏi khác trước"]
    assert carrying.to_look_at(version(NEW), new) == {version(NEW).section_of("storeys").key}


def test_a_hint_in_other_words_is_not_worth_telling() -> None:
    new = changed(version(NEW), "storeys", hint={"vi": "Không kể tầng hầm.", "en": "Without the basement."})
    assert carrying.told(version(NEW), new) == ()


@pytest.mark.parametrize(
    ("to", "kept"),
    [
        ({"kind": "text", "measure": None, "min": None, "max": None}, "2"),
        ({"kind": "date", "measure": None, "min": None, "max": None}, {"typed": ["2"]}),
        (
            {
                "kind": Kind.PERSON, "measure": None, "min": None, "max": None,
                "columns": [{"key": "full_name", "kind": "text", "label": {"vi": "Tên", "en": "Name"}}],
            },
            {"full_name": "2"},
        ),
    ],
    ids=["read", "kept as typed", "put into the first part"],
)  # fmt: skip
def test_an_answer_of_another_kind_stays_at_least_as_it_was_typed(to: dict[str, Any], kept: Any) -> None:
    new = changed(version(NEW), "storeys", **to)
    taken = carrying.taken_along(version(NEW), new, {"storeys": 2, "gone": "x"}, CONTEXT)
    assert taken == {"storeys": kept, "gone": "x"}
    forms.check_all(new, taken, CONTEXT, {})


def test_every_answer_of_an_example_stands_in_the_later_version_as_before() -> None:
    old, new = version(OLD), version(NEW)
    example = old.examples[0]
    answers = rehearsal.fill_in(old, rehearsal.typed_answers(old, example), CONTEXT)
    taken = carrying.taken_along(old, new, answers, CONTEXT)
    assert {key: taken[key] for key in answers} == answers
