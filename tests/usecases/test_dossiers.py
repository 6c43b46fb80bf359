"""What happens to a dossier is one transaction: code, ledger, log, fee and papers agree, whoever else is at work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal.domain.access import Role
from portal.domain.errors import Invalid, NotPossibleNow, Stale
from portal.domain.flow import Action, Status
from portal.store import database as store
from portal.store.database import transaction
from portal.store.models import Dossier, Event
from portal.usecases import dossiers, evidence, law
from tests.cases import BIRTH, HOUSE, LAND, NOW, RESIDENCE, act, kept, person, submit, to_the_leader

A, R, S = Action, Role, Status
DISTRICT = "huyen-bao-yen"
#: A Friday morning in the last full week of the district.
THEN = datetime(2025, 6, 27, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def whole_logs(database: store.Database) -> Iterator[None]:
    """Every log is whole after every test."""
    yield
    assert list(evidence.faults()) == []


def serials(registrations: list[str]) -> list[int]:
    return sorted(int((kept(registration).code or "").rsplit("-", 1)[1]) for registration in registrations)


def test_codes_of_a_unit_and_day_count_up_from_one() -> None:
    registrations = [submit() for _ in range(3)]
    for registration in registrations:
        act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    agency = law.unit("bao-yen").agency.id
    assert [kept(r).code for r in registrations] == [f"{agency}-260914-000{n}" for n in (1, 2, 3)]
    tomorrow = submit()
    act(R.ONE_STOP_OFFICER, tomorrow, A.RECEIVE, NOW + timedelta(days=1))
    assert kept(tomorrow).code == f"{agency}-260915-0001"


def test_two_counters_at_once_give_every_code_once_and_leave_none_out() -> None:
    registrations = [submit(BIRTH) for _ in range(12)]
    person(R.ONE_STOP_OFFICER)
    with ThreadPoolExecutor(2) as counters:
        list(counters.map(lambda registration: act(R.ONE_STOP_OFFICER, registration, A.RECEIVE), registrations))
    assert serials(registrations) == list(range(1, 13))


def test_the_last_row_of_the_ledger_is_the_due_date() -> None:
    registration = submit(LAND)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    act(R.ONE_STOP_OFFICER, registration, A.FORWARD)
    act(R.REGISTRY_HEAD, registration, A.FORWARD)
    act(R.REGISTRY_OFFICER, registration, A.FORWARD)
    later = NOW + timedelta(days=2)
    act(R.REGISTRY_OFFICER, registration, A.ASK_DUTY, later, answer_by=law.office_day(later) + timedelta(days=30))
    act(R.ONE_STOP_OFFICER, registration, A.CONFIRM_DUTY, NOW + timedelta(days=8), number="BL 7")
    dossier = kept(registration)
    first, second = dossier.due_changes
    assert [row.reason for row in dossier.due_changes] == ["received", "duty_resume"]
    assert (first.old_due_at, second.old_due_at, second.new_due_at) == (None, first.new_due_at, dossier.due_at)
    assert dossier.due_at is not None
    assert dossier.due_on == law.office_day(dossier.due_at)


def test_a_log_is_whole_and_one_changed_row_is_found() -> None:
    registration = submit()
    to_the_leader(registration)
    dossier = kept(registration)
    assert [event.seq for event in dossier.events] == list(range(1, 8))
    assert list(evidence.faults()) == []
    rewrite(dossier.id, 4, "bao-ha")
    assert [(fault.dossier_id, fault.seq, fault.what) for fault in evidence.faults()] == [(dossier.id, 4, "chain")]
    rewrite(dossier.id, 4, "bao-yen")


def rewrite(dossier_id: int, seq: int, unit: str) -> None:
    """Change one row of a log behind the portal's back."""
    with transaction() as session:
        session.execute(update(Event).where(Event.dossier_id == dossier_id, Event.seq == seq).values(unit=unit))


def test_who_acts_on_what_they_saw_before_somebody_else_acted_is_told_so_and_changes_nothing() -> None:
    registration = submit()
    seen = kept(registration).seq
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, seen=seen)
    with pytest.raises(Stale):
        act(R.ONE_STOP_OFFICER, registration, A.FORWARD, seen=seen)
    assert kept(registration).status == S.RECEIVED


def test_a_districts_dossier_goes_on_at_the_commune_of_its_parcel_with_code_and_due_date_as_they_were() -> None:
    registration = submit(HOUSE, THEN, DISTRICT, commune="tan-tien")
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, THEN, DISTRICT)
    act(R.ONE_STOP_OFFICER, registration, A.FORWARD, THEN, DISTRICT)
    before = kept(registration)
    assert dossiers.succeed_units(THEN) == 0
    assert dossiers.succeed_units(THEN + timedelta(days=5)) == 1
    after = kept(registration)
    assert (after.unit, after.desk_unit, after.holder_unit) == (DISTRICT, "nghia-do", "nghia-do")
    for name in ("code", "version", "due_at", "due_on", "status", "step", "received_at"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.code is not None
    assert dossiers.succeed_units(THEN + timedelta(days=6)) == 0
    act(R.HEAD_OF_OFFICE, registration, A.FORWARD, THEN + timedelta(days=6), "nghia-do")


def test_a_dossier_received_after_its_district_ended_gets_the_code_of_the_commune_that_receives_it() -> None:
    registration = submit(HOUSE, THEN, DISTRICT, commune="tan-tien")
    dossiers.succeed_units(THEN + timedelta(days=5))
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, THEN + timedelta(days=5), "nghia-do")
    dossier = kept(registration)
    assert dossier.unit == "nghia-do"
    assert (dossier.code or "").startswith(law.unit("nghia-do").agency.id + "-250702-")


def received(code: str, at: datetime = NOW, **columns: Any) -> Dossier:
    registration = submit(code, at, **columns)
    assert kept(registration).fee is None
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return kept(registration)


def test_a_fee_that_is_not_known_stays_unknown_and_holds_nothing_up() -> None:
    dossier = received(HOUSE)
    assert dossier.fee is None
    with pytest.raises(NotPossibleNow):
        act(R.ONE_STOP_OFFICER, dossier.registration, A.PAY_FEE, amount=0, number="BL 1")


def test_a_fee_is_frozen_at_reception_under_the_version_then_in_force() -> None:
    before, change = datetime(2026, 3, 13, 2, 0, tzinfo=UTC), datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
    assert received(RESIDENCE, channel="online").fee == 5000
    early = received(RESIDENCE, before, channel="post")
    late = submit(RESIDENCE, before, channel="post")
    act(R.ONE_STOP_OFFICER, late, A.RECEIVE, change)
    assert (early.fee, kept(late).fee) == (10000, 0)
    act(R.ONE_STOP_OFFICER, early.registration, A.FORWARD, change)
    assert kept(early.registration).fee == 10000


def test_a_fee_is_paid_once_and_exactly() -> None:
    registration = received(RESIDENCE).registration
    with pytest.raises(Invalid) as refused:
        act(R.ONE_STOP_OFFICER, registration, A.PAY_FEE, amount=4000, number="BL 1")
    assert refused.value.fields == {"amount": "not_the_fee"}
    act(R.ONE_STOP_OFFICER, registration, A.PAY_FEE, amount=5000, number="BL 1")
    with pytest.raises(NotPossibleNow):
        act(R.ONE_STOP_OFFICER, registration, A.PAY_FEE, amount=5000, number="BL 2")
    dossier = kept(registration)
    assert [(p.amount, p.receipt_number, p.unit) for p in dossier.payments] == [(5000, "BL 1", "bao-yen")]
    assert dossier.fee_paid


def test_a_citizen_withdraws_alone_before_reception() -> None:
    registration = submit()
    act(R.CITIZEN, registration, A.WITHDRAW)
    dossier = kept(registration)
    assert (dossier.status, dossier.ended_at, dossier.holder_role) == (S.WITHDRAWN, None, None)


def test_after_reception_a_citizen_asks_to_withdraw_and_the_office_confirms_it() -> None:
    registration = received(HOUSE).registration
    with pytest.raises(NotPossibleNow):
        act(R.CITIZEN, registration, A.WITHDRAW)
    act(R.CITIZEN, registration, A.REQUEST_WITHDRAWAL)
    act(R.CITIZEN, registration, A.KEEP)
    with pytest.raises(NotPossibleNow):
        act(R.ONE_STOP_OFFICER, registration, A.CONFIRM_WITHDRAWAL)
    act(R.CITIZEN, registration, A.REQUEST_WITHDRAWAL)
    act(R.ONE_STOP_OFFICER, registration, A.CONFIRM_WITHDRAWAL)
    dossier = kept(registration)
    assert (dossier.status, dossier.ended_at) == (S.WITHDRAWN, NOW)


def test_a_refusal_ends_as_a_result_with_a_slip_that_says_why() -> None:
    registration = submit()
    to_the_leader(registration)
    with pytest.raises(Invalid):
        act(R.LEADER, registration, A.REFUSE, words="Không.", reason="planning")
    act(R.LEADER, registration, A.REFUSE, reason="planning")
    act(R.CLERK, registration, A.ISSUE)
    dossier = kept(registration)
    assert (dossier.status, dossier.decision, dossier.ended_at) == (S.RESOLVED, "refused", NOW)
    kinds = [slip.kind for slip in dossier.slips]
    assert "result_refusal" in kinds
    assert "result" not in kinds
