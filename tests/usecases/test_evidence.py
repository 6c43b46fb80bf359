"""The nightly proof: all is well over whatever happened lawfully, and one row tampered with is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from portal.cli import main
from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.proof import Flaw
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, DueChange, Event
from portal.usecases import evidence
from portal.usecases.evidence import Fault
from tests.cases import HOUSE, NOW, act, kept, submit

A, R = Action, Role


@pytest.fixture(autouse=True)
def connected(database: store.Database) -> store.Database:
    return database


def received(at: datetime = NOW) -> Dossier:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return kept(registration)


def with_everything() -> Dossier:
    """A dossier with its result, that was completed once, and whose date a restart and an apology moved."""
    registration = submit(HOUSE)
    for role, action in (
        (R.ONE_STOP_OFFICER, A.RECEIVE),
        (R.ONE_STOP_OFFICER, A.FORWARD),
        (R.HEAD_OF_OFFICE, A.FORWARD),
    ):
        act(role, registration, action)
    asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
    act(R.SPECIALIST, registration, A.ASK_SUPPLEMENT, **asked, answer_by=date(2026, 9, 16))
    act(R.CITIZEN, registration, A.ANSWER_SUPPLEMENT, NOW + timedelta(days=1))
    due_at = kept(registration).due_at
    assert due_at is not None
    later = due_at + timedelta(days=7)
    act(R.SPECIALIST, registration, A.APOLOGISE, NOW + timedelta(days=2), reason="workload", promised=later)
    for role, action in (
        *((R.SPECIALIST, A.FORWARD), (R.SPECIALIST, A.FORWARD), (R.HEAD_OF_OFFICE, A.FORWARD)),
        *((R.LEADER, A.APPROVE), (R.CLERK, A.ISSUE)),
    ):
        act(role, registration, action, NOW + timedelta(days=3))
    return kept(registration)


def test_all_is_well_whatever_happened_lawfully() -> None:
    dossier = with_everything()
    received()
    assert [change.reason for change in dossier.due_changes] == ["received", "supplement_restart", "apology"]
    proof = evidence.prove(NOW, everything=True)
    assert (proof.dossiers, proof.flaws) == (2, 0)
    told = evidence.standing()
    assert told is not None
    assert (told.dossiers, told.flaws) == (2, 0)


TAMPERED: dict[Flaw, Callable[[int], object]] = {
    Flaw.CHAIN: lambda id: update(Event).where(Event.dossier_id == id, Event.seq == 2).values(unit="bao-ha"),
    Flaw.HEAD: lambda id: update(Dossier).where(Dossier.id == id).values(last_hash="0" * 64),
    Flaw.STATUS: lambda id: update(Dossier).where(Dossier.id == id).values(status=10, handed_over_at=NOW),
    Flaw.STEP: lambda id: update(Dossier).where(Dossier.id == id).values(step="appraisal"),
    Flaw.DUE: lambda id: update(Dossier).where(Dossier.id == id).values(due_at=NOW + timedelta(days=90)),
    Flaw.ROUNDS: lambda id: update(Dossier).where(Dossier.id == id).values(supplement_rounds=0),
}


@pytest.mark.parametrize("flaw", TAMPERED)
def test_one_row_tampered_with_is_found_and_no_other_accused(flaw: Flaw) -> None:
    dossier = with_everything()
    received()
    with transaction() as session:
        session.execute(TAMPERED[flaw](dossier.id))  # type: ignore[call-overload]
    assert [(each.dossier_id, each.what) for each in evidence.faults()] == [(dossier.id, flaw)]


def rows_of(dossier: Dossier) -> list[int]:
    return [change.id for change in dossier.due_changes]


def test_a_ledger_row_whose_date_was_changed_is_found() -> None:
    dossier = with_everything()
    first = rows_of(dossier)[0]
    with transaction() as session:
        session.execute(update(DueChange).where(DueChange.id == first).values(new_due_at=NOW + timedelta(days=60)))
    assert {each.what for each in evidence.faults()} == {Flaw.DUE, Flaw.LEDGER}


def test_two_ledger_rows_changed_to_agree_with_each_other_are_found_by_their_events() -> None:
    dossier = with_everything()
    first, second, _third = rows_of(dossier)
    with transaction() as session:
        made_up = NOW + timedelta(days=60)
        session.execute(update(DueChange).where(DueChange.id == first).values(new_due_at=made_up))
        session.execute(update(DueChange).where(DueChange.id == second).values(old_due_at=made_up))
    assert [(each.seq, each.what) for each in evidence.faults()] == [(2, Flaw.LEDGER), (6, Flaw.LEDGER)]


def test_a_due_day_that_is_not_the_one_of_the_due_instant_is_found() -> None:
    dossier = with_everything()
    with transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == dossier.id).values(due_on=date(2027, 1, 4)))
    assert [(each.dossier_id, each.what) for each in evidence.faults()] == [(dossier.id, Flaw.DUE)]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_ledger_row_taken_out_is_found(row: int) -> None:
    dossier = with_everything()
    with transaction() as session:
        session.execute(delete(DueChange).where(DueChange.id == rows_of(dossier)[row]))
    assert Flaw.DUE in {each.what for each in evidence.faults()}


def test_a_ledger_row_put_beside_its_event_is_found() -> None:
    dossier = with_everything()
    with transaction() as session:
        session.execute(update(DueChange).where(DueChange.id == rows_of(dossier)[0]).values(at=NOW - timedelta(days=1)))
    assert [each.what for each in evidence.faults()] == [Flaw.LEDGER]


FACTS: list[dict[str, object]] = [
    {"rule": "NĐ 1/2000/NĐ-CP"},
    {"reason": "duty_resume"},
    {"since": NOW - timedelta(days=3)},
    {"until": NOW},
    {"term": "90 working_day"},
    {"interval": "posting"},
]


@pytest.mark.parametrize("fact", FACTS, ids=[name for fact in FACTS for name in fact])
def test_a_ledger_row_whose_rule_or_fact_was_changed_is_found_though_its_dates_still_follow(
    fact: dict[str, object],
) -> None:
    dossier = with_everything()
    with transaction() as session:
        session.execute(update(DueChange).where(DueChange.id == rows_of(dossier)[1]).values(**fact))
    assert [each.what for each in evidence.faults()] == [Flaw.LEDGER]


def tamper(dossier: Dossier, step: str) -> None:
    with transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == dossier.id).values(step=step))


def test_the_next_proof_reads_what_changed_and_the_rotation_reaches_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "BATCH", 2)
    monkeypatch.setattr(evidence, "LEAST", 1)
    all_of_them = [received() for _ in range(9)]
    assert evidence.prove(NOW, everything=True).dossiers == 9
    act(R.ONE_STOP_OFFICER, all_of_them[8].registration, A.FORWARD)
    looked_at: list[int] = []
    original = evidence._faults
    monkeypatch.setattr(evidence, "_faults", lambda ids: (looked_at.extend(ids), original(ids))[1])
    evidence.prove(NOW)
    assert looked_at == [all_of_them[8].id, all_of_them[0].id, all_of_them[1].id]
    for _night in range(evidence.NIGHTS):
        evidence.prove(NOW)
    assert {each.id for each in all_of_them} <= set(looked_at)


def test_a_small_portal_is_proven_whole_every_night() -> None:
    for _ in range(3):
        received()
    assert [evidence.prove(NOW).dossiers for _night in range(3)] == [3, 3, 3]


def test_a_flaw_stands_until_it_is_mended() -> None:
    dossier, _other = received(), received()
    evidence.prove(NOW, everything=True)
    step = dossier.step
    tamper(dossier, "signature")
    for _ in range(2):
        evidence.prove(NOW, everything=True)
        told = evidence.standing()
        assert told is not None
        assert told.flaws == 1
    tamper(dossier, step)
    evidence.prove(NOW, everything=True)
    told = evidence.standing()
    assert told is not None
    assert told.flaws == 0


def test_whoever_acts_between_two_looks_is_no_flaw(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = received()
    original, acted = evidence.proofs.logs, list[bool]()

    def logs(session, ids):  # type: ignore[no-untyped-def]
        if not acted:
            acted.append(True)
            act(R.ONE_STOP_OFFICER, dossier.registration, A.FORWARD)
        return original(session, ids)

    monkeypatch.setattr(evidence.proofs, "logs", logs)
    assert list(evidence.faults()) == []
    assert acted


def test_the_command_says_how_it_went_by_its_exit_code() -> None:
    dossier = received()
    whole = CliRunner().invoke(main, ["proof"])
    assert (whole.exit_code, whole.output) == (0, "1 hồ sơ, 0 sai lệch\n")
    tamper(dossier, "signature")
    broken = CliRunner().invoke(main, ["proof"])
    assert broken.exit_code == 1
    assert f"hồ sơ số {dossier.id}, sự kiện 2: step" in broken.output
    assert dossier.applicant_name not in broken.output


def test_what_was_found_is_told() -> None:
    dossier = received()
    tamper(dossier, "signature")
    told: list[Fault] = []
    evidence.prove(NOW, everything=True, tell=told.append)
    assert told == [Fault(dossier.id, 2, "step")]
    with reading() as session:
        assert session.get_one(Dossier, dossier.id).step == "signature"
