"""A dossier runs under the case of a term that its answers tell or its officer chose, fixed at reception."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from portal.domain import rehearsal
from portal.domain.access import Role
from portal.domain.errors import Invalid
from portal.domain.flow import Action
from portal.store import database as store
from portal.usecases import drafts, evidence, law
from procedures.catalogue import Catalogue, load_catalogue
from procedures.model import Procedure, TermCase
from tests.cases import NOW, RESIDENCE, act, kept, person, submit

CODE = "9.999999"
SHARES = {"reception": Decimal("0.5"), "verification": Decimal(1), "approval": Decimal(1), "update": Decimal("0.5")}


def with_cases(procedure: Procedure) -> Procedure:
    """The household split with a shorter term for the divorced, and a longer one that an officer may choose."""
    shorter = TermCase.model_validate(
        {"key": "divorced", "title": {"vi": "Đã ly hôn", "en": "Divorced"}, "when": "divorced == true"}
        | {"term": "3 working_day", "shares": SHARES}
    )
    longer = TermCase.model_validate(
        {"key": "verified", "title": {"vi": "Phải xác minh", "en": "To be verified"}}
        | {"term": "10 working_day", "shares": SHARES | {"verification": Decimal(8)}}
    )
    return procedure.model_copy(update={"code": CODE, "term_cases": (shorter, longer)})


@pytest.fixture(autouse=True)
def cases(monkeypatch: pytest.MonkeyPatch, database: store.Database) -> Iterator[None]:
    """The catalogue holds the procedure with cases beside the others; every log is whole afterwards."""
    known = load_catalogue()
    catalogue = Catalogue.of([*known, with_cases(known.in_force(RESIDENCE, date(2026, 9, 14)))])
    monkeypatch.setattr(law, "catalogue", lambda: catalogue)
    monkeypatch.setattr(law, "held", lambda _session: catalogue)
    yield
    assert list(evidence.faults()) == []


def received(registration: str, **request: str) -> str:
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW, **request)
    dossier = kept(registration)
    assert dossier.due_on
    return f"{dossier.term_case or 'ordinary'} {dossier.due_on:%d/%m}"


def test_without_a_case_the_ordinary_term_runs() -> None:
    assert received(submit(CODE)) == "ordinary 21/09"


def test_answers_tell_a_case_with_its_own_term_and_shares() -> None:
    registration = submit(CODE, answers={"divorced": "yes"})
    assert received(registration) == "divorced 17/09"
    rules = law.rules_of(kept(registration))
    assert {stop.key: stop.share for stop in rules.route if stop.share} == SHARES


def test_the_officer_s_choice_goes_before_what_the_answers_tell_and_stands_in_the_log() -> None:
    registration = submit(CODE, answers={"divorced": "yes"})
    assert received(registration, term_case="verified") == "verified 28/09"
    assert kept(registration).events[-1].details["term_case"] == "verified"


def test_an_officer_cannot_choose_a_case_that_only_answers_tell() -> None:
    registration = submit(CODE)
    with pytest.raises(Invalid) as refused:
        act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW, term_case="divorced")
    assert refused.value.fields == {"term_case": "unknown"}
    assert kept(registration).code is None


def test_what_is_answered_later_does_not_change_the_case() -> None:
    registration = submit(CODE, answers={"divorced": "yes"})
    received(registration)
    dossier = kept(registration)
    dossier.answers = dossier.answers | {"divorced": False}
    assert law.rules_of(dossier).term.words("vi") == "3 ngày làm việc"


def test_at_the_counter_the_officer_s_choice_counts_at_once() -> None:
    officer = person(Role.ONE_STOP_OFFICER)
    procedure = law.catalogue().in_force(CODE, law.office_day(NOW))
    key = drafts.start(officer, CODE, NOW, "counter").key
    for section in procedure.form:
        typed = rehearsal.posted(section, procedure.examples[0].answers)
        drafts.save_section(officer, key, section.key, typed, NOW)
    drafts.save_papers(officer, key, {"ct01": {"original": 1}}, NOW)
    assert drafts.submit(officer, key, NOW, "verified").term_case == "verified"
