"""What the law says of residence before and from Decree 58/2026, read from the shipped files."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain import rehearsal
from portal.domain.fees import fee_note
from portal.domain.kinds import Context
from procedures.catalogue import load_catalogue
from procedures.model import Channel, Procedure, Sector
from procedures.places import load_places

BEFORE, AFTER, MINORS = date(2026, 3, 14), date(2026, 3, 15), date(2026, 7, 1)
PERMANENT, TEMPORARY, EXTENSION, SPLIT = "1.004222", "1.004194", "1.002755", "1.010038"
DELETION, STAY_DELETION = "1.003197", "1.010028"
CHANGE, CONFIRMATION, ABSENCE, LODGING, DECLARATION = "1.010039", "1.010041", "1.003677", "2.001159", "1.010040"
HOUSING = "1.013314"

#: By code: the ordinary term before and from Decree 58/2026, and the terms of its cases.
TERMS: dict[str, tuple[str, str, list[str]]] = {
    PERMANENT: ("7 working_day", "7 working_day", []),
    TEMPORARY: ("3 working_day", "3 working_day", []),
    EXTENSION: ("3 working_day", "3 working_day", []),
    SPLIT: ("5 working_day", "5 working_day", []),
    DELETION: ("5 working_day", "5 working_day", []),
    STAY_DELETION: ("2 working_day", "3 working_day", []),
    CHANGE: ("3 working_day", "3 working_day", []),
    CONFIRMATION: ("1 working_day", "1 working_day", ["3 working_day"]),
    ABSENCE: ("1 working_day", "1 working_day", ["2 working_day"]),
    LODGING: ("same_day", "same_day", []),
    DECLARATION: ("5 working_day", "5 working_day", ["60 day", "30 day"]),
    HOUSING: ("2 working_day", "2 working_day", []),
}
#: By code, in đồng: in person and online, of one household and, by a list, of each person (TT 75/2022/TT-BTC).
FEES = {
    PERMANENT: ((20_000, 10_000), None),
    TEMPORARY: ((15_000, 7_000), (10_000, 5_000)),
    EXTENSION: ((15_000, 7_000), (10_000, 5_000)),
    SPLIT: ((10_000, 5_000), None),
}


def in_force(code: str, on: date) -> Procedure:
    return load_catalogue().in_force(code, on)


def on_day(on: date) -> tuple[Procedure, ...]:
    return tuple(in_force(head.code, on) for head in load_catalogue().all_in_force(on, Sector.RESIDENCE))


def test_the_sector_holds_the_twelve_procedures() -> None:
    assert {procedure.code for procedure in on_day(AFTER)} == TERMS.keys()


@pytest.mark.parametrize("code", TERMS)
def test_each_has_the_terms_of_the_law_on_the_day(code: str) -> None:
    before, after, cases = TERMS[code]
    assert (str(in_force(code, BEFORE).term), str(in_force(code, AFTER).term)) == (before, after)
    assert [str(case.term) for case in in_force(code, AFTER).term_cases] == cases


def test_from_58_2026_nothing_comes_by_post_to_the_police_and_deletions_come_online_only() -> None:
    for procedure in on_day(AFTER):
        channels = {Channel.ONLINE, Channel.COUNTER}
        if procedure.code in (DELETION, STAY_DELETION):
            channels = {Channel.ONLINE}
        if procedure.code == HOUSING:
            channels = set(Channel)
        assert set(procedure.channels) == channels
    assert all(
        Channel.POST in in_force(code, BEFORE).channels for code in (*FEES, DELETION, STAY_DELETION, DECLARATION)
    )


def test_from_58_2026_consent_may_be_given_in_vneid_in_writing_or_asked_for_by_the_police() -> None:
    for code in (PERMANENT, TEMPORARY, EXTENSION, SPLIT):
        ways = {on: {way.value for way in in_force(code, on).fields["owner_consent"].choices} for on in (BEFORE, AFTER)}
        assert ways[BEFORE] < ways[AFTER] == {"signature", "electronic", "inquiry", "written"}


def test_who_rents_proves_it_by_a_notarised_contract_for_permanent_residence_but_for_temporary_without() -> None:
    assert "công chứng hoặc chứng thực" in in_force(PERMANENT, AFTER).component("lease").title.vi
    hint = in_force(TEMPORARY, AFTER).component("lease").hint
    assert hint is not None
    assert "Không phải công chứng hoặc chứng thực" in hint.vi
    assert in_force(TEMPORARY, BEFORE).component("lease").hint is None


def test_a_child_under_six_with_its_parents_is_a_case_of_its_own_from_july_2026() -> None:
    """Decree 58/2026 Art 6.2: its new article on minors (Art 4.4) is in force later than the rest."""
    cases = {on: {case.value for case in in_force(PERMANENT, on).fields["kin_case"].choices} for on in (AFTER, MINORS)}
    assert cases[MINORS] - cases[AFTER] == {"child_under_6"}


@pytest.mark.parametrize("code", TERMS)
@pytest.mark.parametrize("on", [BEFORE, AFTER, MINORS], ids=str)
def test_fees_are_those_of_the_circular_by_channel_and_by_list(code: str, on: date) -> None:
    procedure, places = in_force(code, on), load_places()
    example = procedure.examples[0]
    answers = rehearsal.typed_answers(procedure, example)
    people = [{"full_name": "Lý A Chứ", "birth_date": "01/04/1999"}] * 3
    household, by_list = FEES.get(code, ((0, 0), None))
    for channel, one, each in zip(("counter", "online"), household, by_list or (None, None), strict=True):
        context = Context(on, places, channel)
        if channel in procedure.channels:
            assert fee_note(procedure, rehearsal.fill_in(procedure, answers, context), context).total == one
        if each is not None:
            listed = rehearsal.fill_in(procedure, answers | {"by_list": "yes", "members": people}, context)
            assert fee_note(procedure, listed, context).total == 3 * each


def test_the_police_have_their_own_slips_and_the_commune_the_general_ones() -> None:
    results = {procedure.code: procedure.slips.result for procedure in on_day(AFTER) if procedure.slips.own}
    others = {CONFIRMATION: "CT07", ABSENCE: "CT03", LODGING: None}
    assert results == {code: others.get(code, "CT08") for code in TERMS if code != HOUSING}
    roles = {step.role for step in in_force(HOUSING, AFTER).route}
    assert "police_officer" not in roles
    assert "police_head" not in roles
