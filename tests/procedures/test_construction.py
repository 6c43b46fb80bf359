"""What the law says of construction permits before and from 01/07/2026, read from the shipped files."""

from __future__ import annotations

from datetime import date

import pytest

from procedures.catalogue import load_catalogue
from procedures.model import Channel, Procedure, Sector

BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
EXTENSION, REISSUE, RELOCATION, TEMPORARY = "1.013227", "1.013228", "1.013232", "1.009122"

#: By code: the term of a house and of other works, before and from 01/07/2026.
TERMS = {
    "1.013225": (("7 working_day", "10 working_day"), ("7 working_day", "10 working_day")),
    "1.013229": (("7 working_day", "10 working_day"), ("7 working_day", "9 working_day")),
    "1.013226": (("7 working_day", "9 working_day"), ("7 working_day", "9 working_day")),
    EXTENSION: (("5 working_day", None), ("5 working_day", None)),
    REISSUE: (("5 working_day", None), ("5 working_day", None)),
    RELOCATION: (("7 working_day", "10 working_day"), ("7 working_day", "10 working_day")),
    TEMPORARY: (("10 day", "15 day"), ("7 working_day", "10 working_day")),
}


def in_force(code: str, on: date) -> Procedure:
    return load_catalogue().in_force(code, on)


def on_day(on: date) -> tuple[Procedure, ...]:
    return tuple(in_force(head.code, on) for head in load_catalogue().all_in_force(on, Sector.CONSTRUCTION))


def test_the_sector_holds_the_seven_permits() -> None:
    assert {procedure.code for procedure in on_day(AFTER)} == TERMS.keys()


@pytest.mark.parametrize("code", TERMS)
def test_a_house_and_other_works_have_the_terms_of_the_law_on_the_day(code: str) -> None:
    for on, (house, other) in zip((BEFORE, AFTER), TERMS[code], strict=True):
        procedure = in_force(code, on)
        assert str(procedure.term) == house
        assert [str(case.term) for case in procedure.term_cases] == ([other] if other else [])


def test_from_217_2026_there_is_one_notice_a_short_answer_and_silence_is_consent_after_two_days() -> None:
    for procedure in on_day(AFTER):
        supplement, consultation = procedure.supplement, procedure.consultation
        answer = "1 working_day" if procedure.code in (EXTENSION, REISSUE) else "2 working_day"
        assert (supplement.clock, supplement.rounds) == ("restart", 1)
        assert (str(supplement.answer_within), str(supplement.refuse_within)) == (answer, "1 working_day")
        assert consultation is not None
        assert (str(consultation.within), consultation.silence) == ("2 working_day", "consent")


def test_before_that_there_was_guidance_once_more_and_silence_was_consent_after_twelve_days() -> None:
    for procedure in on_day(BEFORE):
        supplement, consultation = procedure.supplement, procedure.consultation
        assert (supplement.clock, supplement.rounds, supplement.answer_within) == ("restart", 2, None)
        assert str(supplement.refuse_within) == "3 working_day"
        if procedure.code not in (EXTENSION, REISSUE):
            assert consultation is not None
            assert (str(consultation.within), consultation.silence) == ("12 day", "consent")


def test_from_217_2026_a_dossier_comes_in_online_but_for_a_failure_of_the_system() -> None:
    for procedure in on_day(AFTER):
        assert procedure.level == 4
        assert [manner.channel for manner in procedure.manners if not manner.exceptional] == [Channel.ONLINE]
    assert all(not manner.exceptional for procedure in on_day(BEFORE) for manner in procedure.manners)


def test_the_appraisal_takes_what_the_law_gives_it() -> None:
    for procedure in on_day(AFTER):
        step = procedure.step("appraisal")
        assert procedure.share(step) == (2 if procedure.code in (EXTENSION, REISSUE) else 3)
        assert [procedure.share(step, case.key) for case in procedure.term_cases] in ([], [5])


def test_what_the_province_decides_is_not_known_and_what_another_place_charges_is_only_told() -> None:
    assert all(fee.amount is None for procedure in (*on_day(BEFORE), *on_day(AFTER)) for fee in procedure.fees)
    told = in_force(TEMPORARY, BEFORE).fees[0].basis
    assert told is not None
    assert all(word in told.vi for word in ("50.000 đồng", "100.000 đồng", "Đà Nẵng"))


def test_from_217_2026_the_permit_comes_online_or_by_post() -> None:
    for procedure in on_day(AFTER):
        assert {choice.value for choice in procedure.fields["result_delivery"].choices} == {"online", "post"}


def test_to_move_a_work_only_the_papers_of_the_law_are_asked_for() -> None:
    for on in (BEFORE, AFTER):
        papers = {component.key for component in in_force(RELOCATION, on).components}
        assert papers == {
            "land_paper", "ownership", "present_drawings", "new_place_drawings", "survey_report", "relocation_plan",
            "authorisation",
        }  # fmt: skip


def test_where_the_law_changed_the_dated_versions_stand_side_by_side() -> None:
    for code in TERMS:
        dates = [procedure.version for procedure in load_catalogue().versions(code)]
        assert dates == [date(2024, 12, 30), date(2026, 7, 1)]


def test_every_check_is_broken_by_an_example() -> None:
    for procedure in (*on_day(BEFORE), *on_day(AFTER)):
        spoken = {key for example in procedure.examples for key in (*example.expect.errors, *example.expect.warnings)}
        assert {check.key for check in procedure.checks} <= spoken, procedure.slug
