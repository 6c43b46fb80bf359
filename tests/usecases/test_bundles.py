"""A bundle is one dossier to its applicant and a dossier for each leg, which begin in turn, each at its own unit."""

from __future__ import annotations

import html
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.errors import Forbidden, NotFound, NotPossibleNow
from portal.domain.flow import Action, Status
from portal.domain.slips import Receipt, Result, SlipKind, from_json
from portal.store import database as store
from portal.store.database import reading
from portal.store.models import Dossier, Notice
from portal.usecases import bundles, dossiers, evidence, export, law, supplements
from portal.usecases.scenes import Deed
from procedures.calendars import OFFICE_TIME
from procedures.model import Step
from tests.cases import NOW, act, kept, person, submit
from workers import pdf

A, R, S = Action, Role, Status
BIRTH, DEATH = "2.000986", "2.001023"
ELSEWHERE = "nghia-do"


@pytest.fixture(autouse=True)
def whole_logs(database: store.Database) -> Iterator[None]:
    """Every log is whole after every test, and every open dossier names who holds it, and by when."""
    yield
    assert list(evidence.faults()) == []
    with reading() as session:
        for dossier in session.scalars(select(Dossier)):
            done = dossier.state in (S.NOT_RECEIVED, S.WITHDRAWN, S.STOPPED, S.HANDED_OVER)
            assert (dossier.holder_role is None, dossier.act_by is None) == (done, done)


def received(code: str = BIRTH, at: datetime = NOW, **answers: Any) -> str:
    registration = submit(code, at, answers=answers, applicant_phone="0912345678")
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return registration


def legs(registration: str) -> dict[str, Dossier]:
    """All dossiers of a bundle by their legs."""
    with reading() as session:
        lead = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        return {row.leg: row for row in bundles.of(session, lead)}


def leg(registration: str, key: str) -> Dossier:
    return kept(legs(registration)[key].registration)


def through(registration: str, at: datetime = NOW, decision: Action = A.APPROVE, until: Action = A.ISSUE) -> None:
    """A leg from where it stands through its route, each step by whoever holds it."""
    for step in law.procedure_of(kept(registration)).route:
        dossier = kept(registration)
        if dossier.step != step.key:
            continue
        action = _action(step, decision)
        reason = law.procedure_of(dossier).refusals[0].code if action is A.REFUSE else None
        act(Role(step.role), registration, action, at, dossier.desk_unit, reason=reason)
        if action is until:
            return


def _action(step: Step, decision: Action) -> Action:
    order = {"hand_over": A.HAND_OVER, "issue": A.ISSUE, "approve": decision, "forward": A.FORWARD}
    return next(action for name, action in order.items() if name in step.actions)


def test_one_reception_makes_a_dossier_of_every_leg_that_waits_in_the_hands_of_the_portal() -> None:
    registration = received()
    whole = legs(registration)
    assert list(whole) == ["", "residence", "health_card"]
    lead, residence, card = whole.values()
    assert (lead.state, residence.state, card.state) == (S.RECEIVED, S.REGISTERED, S.REGISTERED)
    assert [row.lead_id for row in whole.values()] == [None, lead.id, lead.id]
    assert [row.sector for row in whole.values()] == ["civil_status", "residence", "civil_status"]
    assert (lead.code is None, residence.code, card.code) == (False, None, None)
    for row in (residence, card):
        assert (row.holder_role, row.holder_unit, row.act_by) == (R.SYSTEM, None, row.begins_by)
        assert (row.owner_id, row.version, row.channel) == (lead.owner_id, lead.version, lead.channel)
    assert card.begins_by is not None
    assert lead.total_due_at is not None
    # The first ends on Monday evening; 7 working days from Tuesday morning, and 11 more.
    assert residence.begins_by == lead.due_at
    assert card.begins_by.astimezone(OFFICE_TIME) == datetime(2026, 9, 24, 7, tzinfo=OFFICE_TIME)
    assert lead.total_due_at.astimezone(OFFICE_TIME) == datetime(2026, 10, 9, 7, tzinfo=OFFICE_TIME)


def test_nobody_but_the_portal_begins_a_leg_before_its_turn() -> None:
    registration = received()
    residence = leg(registration, "residence").registration
    for role in (R.ONE_STOP_OFFICER, R.POLICE_OFFICER, R.POLICE_HEAD, R.LEADER):
        for action in (A.RECEIVE, A.DECLINE, A.FORWARD, A.STOP):
            with pytest.raises((Forbidden, NotPossibleNow, NotFound)):
                act(role, residence, action)
    assert dossiers.open_dossier(person(R.POLICE_OFFICER), residence).possible == ()


def test_legs_begin_in_turn_by_themselves_each_with_code_clock_receipt_and_holder_of_its_own() -> None:
    registration = received(residence_commune=ELSEWHERE)
    later = NOW + timedelta(hours=3)
    through(registration, later)
    residence = leg(registration, "residence")
    assert (residence.state, residence.received_at) == (S.RECEIVED, later)
    assert (residence.unit, residence.holder_unit, residence.holder_role) == (ELSEWHERE, ELSEWHERE, R.POLICE_OFFICER)
    assert residence.code is not None
    assert residence.code.startswith(law.unit(ELSEWHERE).agency.id)
    assert str(residence.due_on) == "2026-09-23"
    assert (residence.fee, residence.version) == (0, kept(registration).version)
    assert [SlipKind(slip.kind) for slip in residence.slips] == [SlipKind.RECEIPT]
    assert [change.rule for change in residence.due_changes] == [law.leg_of(residence).term_rule.vi]  # type: ignore[union-attr]
    assert leg(registration, "health_card").state is S.REGISTERED
    through(residence.registration, later + timedelta(days=2))
    card = leg(registration, "health_card")
    assert (card.state, card.holder_role, card.holder_unit) == (S.RECEIVED, R.SPECIALIST, ELSEWHERE)
    through(card.registration, later + timedelta(days=5))
    assert {row.state for row in legs(registration).values()} == {S.RESOLVED}


def test_legs_that_wait_for_the_same_one_begin_together() -> None:
    registration = received(DEATH)
    through(registration)
    assert [row.state for row in legs(registration).values()] == [S.RESOLVED, S.RECEIVED, S.RECEIVED]


def test_where_the_first_result_is_a_refusal_nothing_else_is_begun_and_the_applicant_is_told_why() -> None:
    registration = received()
    through(registration, decision=A.REFUSE)
    residence, card = leg(registration, "residence"), leg(registration, "health_card")
    assert residence.state is card.state is S.NOT_RECEIVED
    for row, lost in ((residence, "Đăng ký khai sinh"), (card, "Đăng ký thường trú cho trẻ")):
        assert row.events[-1].reason == "leg_before"
        assert lost in row.events[-1].details["words"]
        assert row.slips == []
    with reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "leg_given_up")).all()
    assert {notice.dossier_id for notice in told} == {residence.id, card.id}


@pytest.mark.parametrize("how", [A.STOP, A.CONFIRM_WITHDRAWAL])
def test_a_leg_that_ends_otherwise_takes_those_with_it_that_wait_for_it_and_no_others(how: Action) -> None:
    registration = received(DEATH)
    through(registration)
    deletion = legs(registration)["deletion"].registration
    if how is A.STOP:
        act(R.LEADER, deletion, A.STOP, reason="other")
    else:
        act(R.CITIZEN, deletion, A.REQUEST_WITHDRAWAL)
        act(R.ONE_STOP_OFFICER, deletion, A.CONFIRM_WITHDRAWAL)
    assert legs(registration)["allowance"].state is S.RECEIVED
    other = received()
    if how is A.STOP:
        act(R.LEADER, other, A.STOP, reason="other")
    else:
        act(R.CITIZEN, other, A.REQUEST_WITHDRAWAL)
        act(R.ONE_STOP_OFFICER, other, A.CONFIRM_WITHDRAWAL)
    assert [row.state for row in legs(other).values()][1:] == [S.NOT_RECEIVED, S.NOT_RECEIVED]


def test_an_applicant_may_do_without_a_leg_that_has_not_begun() -> None:
    registration = received()
    act(R.CITIZEN, legs(registration)["health_card"].registration, A.WITHDRAW)
    through(registration)
    through(legs(registration)["residence"].registration)
    assert [row.state for row in legs(registration).values()] == [S.RESOLVED, S.RESOLVED, S.WITHDRAWN]


def test_a_leg_without_an_answer_of_its_own_shares_those_of_all_and_what_one_corrects_all_have() -> None:
    registration = received()
    through(registration)
    residence = legs(registration)["residence"]
    item = {"key": "a", "section": "health_card", "words": "Ghi đủ tên trạm y tế"}
    act(
        R.POLICE_OFFICER, residence.registration, A.ASK_SUPPLEMENT, reason="form_wrong", items=[item],
        answer_by=law.office_day(NOW) + timedelta(days=9),
    )  # fmt: skip
    citizen = person(R.CITIZEN)
    before = legs(registration)[""].total_due_at
    supplements.save_section(citizen, residence.registration, "a", {"clinic": ["Trạm y tế xã Nghĩa Đô"]})
    supplements.send(citizen, residence.registration, NOW + timedelta(days=8))
    rows = legs(registration)
    assert {row.answers["clinic"] for row in rows.values()} == {"Trạm y tế xã Nghĩa Đô"}
    assert [bool(row.own_answers) for row in rows.values()] == [True, False, False]
    # The clock of the leg has started anew, and the date for all of them has moved with it.
    assert before is not None
    assert rows[""].total_due_at is not None
    assert rows[""].total_due_at > before
    assert rows["health_card"].begins_by == rows["residence"].due_at


def test_what_is_done_early_leaves_the_promise_and_what_is_done_late_moves_it() -> None:
    registration = received()
    promised = legs(registration)[""].total_due_at
    through(registration, NOW + timedelta(hours=1))
    assert legs(registration)[""].total_due_at == promised
    through(legs(registration)["residence"].registration, NOW + timedelta(days=40))
    moved = legs(registration)
    assert promised is not None
    assert moved[""].total_due_at == moved["health_card"].due_at
    assert moved["health_card"].due_at is not None
    assert moved["health_card"].due_at > promised


def test_the_receipt_of_a_bundle_says_by_when_each_leg_and_all_are_done() -> None:
    registration = received()
    lead = kept(registration)
    receipt = from_json(next(slip.payload or {} for slip in lead.slips if slip.kind == SlipKind.RECEIPT))
    assert isinstance(receipt, Receipt)
    assert receipt.due_at == lead.total_due_at
    assert [line.title for line in receipt.legs] == [
        "Đăng ký khai sinh", "Đăng ký thường trú cho trẻ", "Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    ]  # fmt: skip
    assert [line.term for line in receipt.legs] == ["trong ngày làm việc", "7 ngày làm việc", "11 ngày làm việc"]
    assert max(line.due_at for line in receipt.legs) == receipt.due_at
    through(registration)
    residence = leg(registration, "residence")
    own = from_json(residence.slips[0].payload or {})
    assert isinstance(own, Receipt)
    assert (own.form_set, own.legs, own.due_at) == ("53/2025", (), residence.due_at)


def test_the_result_of_a_leg_prints_the_pages_that_concern_it_alone() -> None:
    registration = received()
    through(registration)
    residence = legs(registration)["residence"].registration
    through(residence)
    result = from_json(next(slip.payload or {} for slip in kept(residence).slips if slip.kind == SlipKind.RESULT))
    assert isinstance(result, Result)
    assert result.form_set == "53/2025"
    assert [group.title for group in result.groups] == [
        "Người đi đăng ký",
        "Người được khai sinh",
        "Nơi thường trú của trẻ",
    ]


@pytest.mark.parametrize("decision", [A.APPROVE, A.REFUSE])
@pytest.mark.parametrize("code", [BIRTH, DEATH])
def test_every_leg_comes_to_an_end_and_its_papers_are_made(code: str, decision: Action) -> None:
    registration = received(code)
    through(registration)
    for key in list(legs(registration))[1:]:
        if (row := legs(registration)[key]).state is S.RECEIVED:
            through(row.registration, decision=decision)
    for row in legs(registration).values():
        dossier = kept(row.registration)
        for slip in dossier.slips:
            page = html.unescape(pdf.html_for(from_json(slip.payload or {})))
            if slip.kind == SlipKind.LETTER:
                continue  # it speaks to a family, and names whom it is about
            assert dossier.applicant_name in page or dossier.applicant_name.upper() in page
        if dossier.state is S.RESOLVED:
            act(R.ONE_STOP_OFFICER, row.registration, A.HAND_OVER, unit=row.desk_unit)
    ends = {row.state for row in legs(registration).values()}
    # A child that is not registered as a resident gets no card.
    given_up = {S.NOT_RECEIVED} if (code, decision) == (BIRTH, A.REFUSE) else set()
    assert ends == {S.HANDED_OVER} | given_up


def test_the_export_has_a_row_of_each_leg_and_says_which_bundle_it_is_of() -> None:
    single, registration = submit(), received()
    rows = {row["id"]: row for row in export.dossiers()}
    whole = legs(registration)
    lead = whole[""].id
    assert [(rows[row.id]["bundle"], rows[row.id]["leg"]) for row in whole.values()] == [
        (lead, None), (lead, "residence"), (lead, "health_card"),
    ]  # fmt: skip
    assert (rows[kept(single).id]["bundle"], rows[kept(single).id]["leg"]) == (None, None)


def test_its_applicant_has_one_dossier_and_sees_every_leg_of_it() -> None:
    registration = received()
    citizen = person(R.CITIZEN)
    assert [dossier.registration for dossier in dossiers.own(citizen, None, 10)] == [registration]
    first, residence, card = bundles.seen(kept(registration), citizen)
    assert [each.title.en for each in (first, residence, card)] == [
        "Birth registration", "The child's permanent residence", "Health insurance card of a child under 6",
    ]  # fmt: skip
    assert (first.waits, residence.waits, card.waits) == (False, True, True)
    assert card.due_at == legs(registration)[""].total_due_at
    assert all(each.opens for each in (first, residence, card))
    police = bundles.seen(leg(registration, "residence"), person(R.POLICE_OFFICER))
    assert [each.opens for each in police] == [False, True, False]


def test_a_bundle_that_is_not_received_shows_its_legs_without_dossiers() -> None:
    registration = submit(BIRTH)
    assert [each.dossier is None for each in bundles.seen(kept(registration))] == [False, True, True]
    act(R.ONE_STOP_OFFICER, registration, A.DECLINE, reason="wrong_authority")
    assert list(legs(registration)) == [""]


def test_the_first_step_of_a_leg_can_be_sent_back_to() -> None:
    registration = received()
    through(registration)
    residence = legs(registration)["residence"].registration
    act(R.POLICE_OFFICER, residence, A.FORWARD)
    act(R.POLICE_HEAD, residence, A.SEND_BACK, reason="other")
    assert kept(residence).step == "residence_verification"


def test_many_who_act_on_the_legs_of_a_bundle_at_once_wait_for_each_other() -> None:
    registrations = [received(DEATH) for _ in range(4)]
    for registration in registrations:
        through(registration)
    desks = {"deletion": person(R.POLICE_OFFICER), "allowance": person(R.SPECIALIST)}
    turns = [(legs(one)[key].registration, who) for one in registrations for key, who in desks.items()]
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda turn: dossiers.act(turn[1], turn[0], Deed(A.FORWARD), NOW), turns))
    for registration in registrations:
        assert [row.state for row in legs(registration).values()] == [S.RESOLVED, S.PROCESSING, S.PROCESSING]
