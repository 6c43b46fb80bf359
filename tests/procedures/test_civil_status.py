"""What the law says of civil status, read from the shipped files and tried on their own examples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import fees, forms, rehearsal
from portal.domain.kinds import Context
from procedures.catalogue import load_catalogue
from procedures.model import Procedure
from procedures.places import load_places

BIRTH, MARRIAGE, DEATH, MARITAL = "1.001193", "1.000894", "1.000656", "1.004873"
GUARDIAN, GUARDIAN_END, CHANGE, PARENT = "1.004837", "1.004845", "1.004859", "1.001022"
BIRTH_AGAIN, EXTRACT, CONFIRMATION = "1.004884", "2.000635", "2.002516"
TODAY = date(2026, 8, 3)
UNCHANGED: Mapping[str, Any] = MappingProxyType({})

#: By code: the ordinary term, and the terms of the cases that have their own.
TERMS: dict[str, tuple[str, list[str]]] = {
    BIRTH: ("same_day", []),
    MARRIAGE: ("same_day", ["3 working_day", "5 working_day"]),
    DEATH: ("1 day", ["2 day", "5 working_day"]),
    MARITAL: ("3 working_day", []),
    GUARDIAN: ("3 working_day", []),
    GUARDIAN_END: ("2 working_day", []),
    CHANGE: ("3 working_day", ["same_day", "6 working_day"]),
    PARENT: ("3 working_day", ["8 working_day"]),
    BIRTH_AGAIN: ("5 working_day", []),
    EXTRACT: ("same_day", ["15 working_day"]),
    CONFIRMATION: ("3 working_day", []),
}


def law(code: str) -> Procedure:
    return load_catalogue().in_force(code, TODAY)


def answered(
    code: str, example: int = 0, on: date = TODAY, changed: Mapping[str, Any] = UNCHANGED
) -> tuple[dict[str, Any], Context]:
    """The answers of an example, some of them typed otherwise, and what they are read against."""
    procedure = law(code)
    context = Context(on, load_places(), procedure.examples[example].channel)
    typed = rehearsal.typed_answers(procedure, procedure.examples[example]) | dict(changed)
    return rehearsal.fill_in(procedure, typed, context), context


def problems(code: str, example: int = 0, on: date = TODAY, changed: Mapping[str, Any] = UNCHANGED) -> set[str]:
    """What keeps an example's form from being complete, once some answers are typed otherwise."""
    answers, context = answered(code, example, on, changed)
    return {problem.key for problem in forms.check_all(law(code), answers, context).problems}


def asked(code: str, example: int = 0, on: date = TODAY, changed: Mapping[str, Any] = UNCHANGED) -> set[str]:
    answers, context = answered(code, example, on, changed)
    return {field.key for page in forms.pages(law(code), answers, context) for field in page.fields}


def person(who: str, birth: str) -> dict[str, Any]:
    """Bride or groom as an example types them, born otherwise."""
    typed: dict[str, Any] = rehearsal.typed_answers(law(MARRIAGE), law(MARRIAGE).examples[0])[who]
    return typed | {"birth": birth}


def typed_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def birthday(years: int, on: date) -> date:
    return on.replace(year=on.year - years)


#: Days on which the communes of the examples stand, and from which birthdays can be counted back.
DAYS = st.dates(date(2025, 7, 1), date(2028, 12, 31)).filter(lambda day: (day.month, day.day) != (2, 29))


@pytest.mark.parametrize("code", TERMS)
def test_each_procedure_has_the_terms_of_the_law(code: str) -> None:
    ordinary, cases = TERMS[code]
    assert (str(law(code).term), [str(case.term) for case in law(code).term_cases]) == (ordinary, cases)


@pytest.mark.parametrize(("bundle", "first"), [("2.000986", BIRTH), ("2.001023", DEATH)])
def test_a_bundle_gives_its_first_result_within_the_terms_of_the_procedure_it_begins_with(
    bundle: str, first: str
) -> None:
    ordinary, cases = TERMS[first]
    assert (str(law(bundle).term), [str(case.term) for case in law(bundle).term_cases]) == (ordinary, cases)


def test_what_the_registrar_looks_up_of_the_parents_marriage_may_be_left_open() -> None:
    unknown = dict.fromkeys(("marriage_number", "marriage_book", "marriage_date", "marriage_place"), "")
    assert problems(BIRTH, on=date(2025, 4, 25), changed=unknown) == set()


@pytest.mark.parametrize(("who", "age"), [("bride", 18), ("groom", 20)])
@settings(max_examples=25)
@given(on=DAYS)
def test_one_may_marry_from_the_birthday_on_and_not_the_day_before(who: str, age: int, on: date) -> None:
    reached = birthday(age, on)
    of_age = problems(MARRIAGE, on=on, changed={who: person(who, typed_day(reached))})
    too_young = problems(MARRIAGE, on=on, changed={who: person(who, typed_day(reached + timedelta(1)))})
    assert (of_age, too_young) == (set(), {f"{who}_age"})


@pytest.mark.parametrize(("year", "missed"), [("2005", set()), ("2006", {"groom_age"})])
def test_of_a_birth_of_which_only_the_year_is_known_the_last_day_counts(year: str, missed: set[str]) -> None:
    assert problems(MARRIAGE, on=date(2026, 12, 30), changed={"groom": person("groom", year)}) == missed


@pytest.mark.parametrize("changed", [{"result_delivery": "online"}, {"submitter": "authorised", "submitter_name": "A"}])
@pytest.mark.parametrize(("code", "check"), [(MARRIAGE, "both_appear"), (PARENT, "all_appear")])
def test_nobody_is_sent_to_marry_or_to_recognise_a_child(code: str, check: str, changed: dict[str, str]) -> None:
    assert check not in problems(code)
    assert check in problems(code, changed=changed)


def test_marrying_is_the_one_procedure_of_which_a_part_stays_at_the_counter_and_it_says_why() -> None:
    levels = {code: law(code).level for code in TERMS}
    assert {code for code, level in levels.items() if level == 3} == {MARRIAGE}
    assert "có mặt" in (law(MARRIAGE).why_not_4 or law(MARRIAGE).title).vi
    assert {code for code, level in levels.items() if level == 4} == {BIRTH, DEATH, MARITAL}


@settings(max_examples=25)
@given(on=DAYS)
def test_a_child_is_asked_whether_it_wants_its_new_name_from_nine_to_eighteen(on: date) -> None:
    def is_asked(born: date, request_kind: str = "change") -> bool:
        subject = {"full_name": "Nguyễn Văn Cò", "birth": typed_day(born)}
        return "child_consent" in asked(CHANGE, 2, on, {"subject": subject, "request_kind": request_kind})

    assert is_asked(birthday(9, on))
    assert is_asked(birthday(18, on) + timedelta(1))
    assert not is_asked(birthday(9, on) + timedelta(1))
    assert not is_asked(birthday(18, on))
    assert not is_asked(birthday(9, on), request_kind="correction")


def test_a_supplement_asks_for_no_earlier_value_and_is_done_on_the_same_day() -> None:
    supplement = law(CHANGE).term_cases[0]
    assert supplement.term.same_day
    assert supplement.when is not None
    assert supplement.when.source == "request_kind == 'supplement'"
    assert problems(CHANGE, 1) == set()


def test_a_certificate_to_marry_names_the_other_person_and_any_other_its_purpose() -> None:
    marrying, buying = asked(MARITAL), asked(MARITAL, 1)
    assert {"intended", "marriage_place"} <= marrying
    assert "other_purpose" not in marrying
    assert "other_purpose" in buying
    assert not {"intended", "marriage_place"} & buying


def test_without_a_medical_confirmation_two_witnesses_are_named() -> None:
    witnesses = rehearsal.typed_answers(law(PARENT), law(PARENT).examples[1])["witnesses"]
    assert "witnesses" not in asked(PARENT)
    assert problems(PARENT, 1) == set()
    assert problems(PARENT, 1, changed={"witnesses": witnesses[:1]}) == {"witnesses"}
    assert problems(PARENT, 1, changed={"witnesses": [witnesses[0], witnesses[0]]}) == {"witnesses_differ"}


@pytest.mark.parametrize(
    ("registered", "missed"),
    [
        ("31/12/2015", set()),
        ("2015", set()),
        ("01/01/2016", {"registered_before_2016"}),
        ("2016", {"registered_before_2016"}),
    ],
)
def test_only_a_birth_registered_before_2016_is_registered_again(registered: str, missed: set[str]) -> None:
    assert problems(BIRTH_AGAIN, changed={"earlier_date": registered}) == missed


@pytest.mark.parametrize(("code", "key", "limit"), [(BIRTH, "child_birth_date", 60), (DEATH, "death_date", 15)])
def test_births_and_deaths_are_free_within_their_time_and_unknown_after_it(code: str, key: str, limit: int) -> None:
    def total(days: int) -> int | None:
        answers, context = answered(code, changed={key: typed_day(TODAY - timedelta(days))})
        return fees.fee_note(law(code), answers, context).total

    assert (total(limit), total(limit + 1)) == (0, None)


@pytest.mark.parametrize("code", [EXTRACT, CONFIRMATION])
@settings(max_examples=20)
@given(copies=st.integers(1, 20))
def test_each_copy_and_each_confirmation_costs_8000_dong(code: str, copies: int) -> None:
    answers, context = answered(code, changed={"copies": str(copies)})
    assert fees.fee_note(law(code), answers, context).total == 8000 * copies


def test_what_the_council_decides_is_unknown_and_who_the_law_exempts_pays_nothing_of_it() -> None:
    for code in TERMS:
        procedure = law(code)
        unknown = {fee.code for fee in procedure.fees if fee.amount is None}
        exempt = {"merit", "poor", "disabled"} if procedure.exemptions else set()
        assert {exemption.code for exemption in procedure.exemptions} == exempt
        assert not unknown or all(not each.fees or unknown <= set(each.fees) for each in procedure.exemptions)
        assert not unknown or exempt, code


def test_an_authorisation_need_not_be_certified_among_close_relatives_and_says_so() -> None:
    for code in TERMS.keys() - {MARRIAGE, PARENT}:
        hint = law(code).component("authorisation").hint
        assert hint is not None
        assert "Không phải chứng thực" in hint.vi


def test_ethnicity_is_sensitive_wherever_it_is_asked() -> None:
    for code in TERMS:
        fields = [inner for _, field in law(code).walk() for inner in (field, *field.columns)]
        assert all(field.sensitive for field in fields if "ethnicity" in field.key), code


def test_every_check_is_broken_by_an_example() -> None:
    for code in TERMS:
        spoken = {key for e in law(code).examples for key in (*e.expect.errors, *e.expect.warnings)}
        assert {check.key for check in law(code).checks} <= spoken, code
        assert len(law(code).examples) >= 3, code
