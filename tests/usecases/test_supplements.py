"""An applicant's answer to a supplement: sent once, when it is whole, and the clock goes on in the same instant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.domain import clock
from portal.domain.access import Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action, Status
from portal.store import database as store
from portal.usecases import law, supplements
from tests.cases import HOUSE, NOW, act, kept, person, submit

A, R, S = Action, Role, Status
ITEMS: list[dict[str, Any]] = [{"key": "boundary"}, {"key": "owner"}]
ASK: dict[str, Any] = {"reason": "missing", "items": ITEMS, "answer_by": date(2026, 10, 30)}
LATER = NOW + timedelta(days=9)


@pytest.fixture
def asked(database: store.Database) -> str:
    """A received house permit of which two things were asked."""
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    act(R.ONE_STOP_OFFICER, registration, A.ASK_SUPPLEMENT, NOW + timedelta(hours=1), **ASK)
    return registration


def answer(registration: str) -> None:
    for item in ITEMS:
        supplements.save_words(person(R.CITIZEN), registration, item["key"], "Đã sửa theo yêu cầu.")


def test_a_whole_answer_sets_the_dossier_going_with_a_new_due_date_in_the_same_instant(asked: str) -> None:
    before = kept(asked)
    answer(asked)
    assert kept(asked).status == S.SUPPLEMENT_ASKED
    supplements.send(person(R.CITIZEN), asked, LATER)
    dossier = kept(asked)
    rules = law.rules(dossier.procedure, dossier.version, dossier.desk_unit)
    due = clock.due_date(rules.term, LATER, law.calendar(dossier.desk_unit))
    assert (dossier.status, dossier.due_at, dossier.due_on) == (S.PROCESSING, due.due_at, due.due_on)
    (supplement,) = dossier.supplements
    assert (supplement.answered_at, supplement.old_due_at, supplement.new_due_at) == (LATER, before.due_at, due.due_at)
    last = dossier.due_changes[-1]
    assert (last.at, last.reason, last.new_due_at) == (LATER, "supplement_restart", due.due_at)


@pytest.mark.parametrize("words", [None, "", "   "])
def test_an_incomplete_answer_is_refused_by_naming_what_is_missing(asked: str, words: str | None) -> None:
    me = person(R.CITIZEN)
    supplements.save_words(me, asked, "owner", "Đã sửa.")
    if words is not None:
        supplements.save_words(me, asked, "boundary", words)
    with pytest.raises(Invalid) as refused:
        supplements.send(me, asked, LATER)
    assert refused.value.fields == {"boundary": "unanswered"}
    dossier = kept(asked)
    assert dossier.status == S.SUPPLEMENT_ASKED
    assert dossier.supplements[0].answered_at is None


def test_an_answer_sent_twice_counts_once(asked: str) -> None:
    answer(asked)
    supplements.send(person(R.CITIZEN), asked, LATER)
    once = kept(asked)
    supplements.send(person(R.CITIZEN), asked, LATER + timedelta(days=3))
    twice = kept(asked)
    assert (twice.seq, twice.due_at, len(twice.due_changes)) == (once.seq, once.due_at, len(once.due_changes))


def test_what_was_not_asked_cannot_be_answered(asked: str) -> None:
    with pytest.raises(NotFound):
        supplements.save_words(person(R.CITIZEN), asked, "other", "Xin gửi.")


def test_the_officer_of_the_shop_answers_for_the_applicant_and_stands_in_the_log(asked: str) -> None:
    officer = person(R.ONE_STOP_OFFICER)
    for item in ITEMS:
        supplements.save_words(officer, asked, item["key"], "Đã bổ sung tại quầy.")
    supplements.send(officer, asked, LATER)
    dossier = kept(asked)
    last = dossier.events[-1]
    assert (dossier.status, last.action, last.actor_id) == (S.PROCESSING, A.ANSWER_SUPPLEMENT, officer.account_id)


@pytest.mark.parametrize("role", [R.SPECIALIST, R.HEAD_OF_OFFICE, R.LEADER, R.CLERK, R.MANAGER])
def test_nobody_else_who_may_open_a_dossier_answers_for_its_applicant(asked: str, role: Role) -> None:
    somebody = person(role)
    with pytest.raises(Forbidden):
        supplements.open_supplement(somebody, asked)
    with pytest.raises(Forbidden):
        supplements.save_words(somebody, asked, "owner", "Đã sửa.")
    with pytest.raises(Forbidden):
        supplements.send(somebody, asked, LATER)
    assert kept(asked).supplements[0].replies == {}


def test_an_answer_before_reception_waits_for_the_officer_who_receives_it(database: store.Database) -> None:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.ASK_SUPPLEMENT, **ASK)
    answer(registration)
    supplements.send(person(R.CITIZEN), registration, LATER)
    waiting = kept(registration)
    assert (waiting.status, waiting.due_at, waiting.code) == (S.SUPPLEMENT_ASKED, None, None)
    assert waiting.holder_role == R.ONE_STOP_OFFICER
    supplements.send(person(R.CITIZEN), registration, LATER)
    assert kept(registration).seq == waiting.seq
    accepted = LATER + timedelta(days=1)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, accepted)
    dossier = kept(registration)
    assert (dossier.status, dossier.received_at) == (S.RECEIVED, accepted)
    assert [row.reason for row in dossier.due_changes] == ["received"]
