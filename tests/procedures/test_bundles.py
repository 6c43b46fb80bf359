"""The two life-event bundles agree with the procedures they carry out, and ask nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from procedures.catalogue import load_catalogue
from procedures.model import Procedure

ON = date(2026, 8, 1)
every_bundle = pytest.mark.parametrize("code", ["2.000986", "2.001023"])


def bundle(code: str) -> Procedure:
    return load_catalogue().in_force(code, ON)


@every_bundle
def test_each_leg_has_sector_term_and_slips_of_the_procedure_it_carries_out(code: str) -> None:
    whole = bundle(code)
    assert whole.bundle is not None
    alone = load_catalogue().in_force(whole.bundle.lead.code, ON)
    assert (whole.sector, whole.term, whole.slips) == (alone.sector, alone.term, alone.slips)
    assert {case.key: case.term for case in whole.term_cases} == {case.key: case.term for case in alone.term_cases}
    known = [leg for leg in whole.legs if leg.code]
    assert known
    for leg in known:
        alone = load_catalogue().in_force(leg.code or "", ON)
        assert (leg.sector, leg.term, leg.slips) == (alone.sector, alone.term, alone.slips)


@every_bundle
def test_its_first_leg_asks_what_the_procedure_alone_asks(code: str) -> None:
    whole = bundle(code)
    assert whole.bundle is not None
    alone = load_catalogue().in_force(whole.bundle.lead.code, ON)
    assert alone.fields.keys() <= whole.fields.keys()
    assert {check.key for check in alone.checks} <= {check.key for check in whole.checks}
    assert {reason.code for reason in alone.refusals} <= {reason.code for reason in whole.refusals}


@every_bundle
def test_no_page_asks_in_the_same_words_as_another_for_the_same_person(code: str) -> None:
    labels = Counter((section.key, field.label.vi) for section, field in bundle(code).walk())
    assert [label for label, times in labels.items() if times > 1] == []


def test_the_law_gives_20_working_days_for_a_birth_and_15_for_a_death() -> None:
    within = {code: str(bundle(code).bundle.within) for code in ("2.000986", "2.001023")}  # type: ignore[union-attr]
    assert within == {"2.000986": "20 working_day", "2.001023": "15 working_day"}


@every_bundle
def test_a_leg_is_a_procedure_of_its_own_with_the_form_of_all(code: str) -> None:
    whole = bundle(code)
    assert whole.leg("") is whole
    for leg in whole.legs:
        alone = whole.leg(leg.key)
        assert alone is whole.leg(leg.key)
        assert (alone.title, alone.term, alone.route, alone.result) == (leg.title, leg.term, leg.route, leg.result)
        assert (alone.form, alone.components, alone.fees, alone.bundle) == (whole.form, whole.components, (), None)
    with pytest.raises(KeyError):
        whole.leg("unknown")
