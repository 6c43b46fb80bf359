"""What was wrong at intake is corrected with a reason, the receipt made out anew; a wrong paper is revoked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain import term_cases
from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotPossibleNow, Stale
from portal.domain.flow import Action, Status
from portal.domain.kinds import Context
from portal.domain.rehearsal import fill_in, typed_answers
from portal.domain.slips import SlipKind
from portal.domain.statistics import Period
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Draft, Notice, Slip
from portal.store.statistics import Cut
from portal.usecases import corrections, dossiers, drafts, evidence, export, law, slips, statistics, verification
from portal.usecases.corrections import Correction
from portal.usecases.verification import Standing
from tests.cases import HOUSE, NOW, act, kept, person, submit, to_the_leader
from tests.usecases import test_verification
from tests.usecases.test_verification import papers

A, K, R = Action, SlipKind, Role
token = test_verification.token
LATER = NOW + timedelta(hours=2)
OFFICER = R.ONE_STOP_OFFICER
WHY = "Cán bộ gõ nhầm họ tên so với căn cước."


def received(code: str = HOUSE, **more: Any) -> str:
    registration = submit(code, **more)
    act(OFFICER, registration, A.RECEIVE)
    return registration


def typed(registration: str, sections: tuple[str, ...] = ("applicant", "contact"), **said: Any) -> Correction:
    """What is sent from these pages when these answers are typed anew and the others left as they are."""
    opened = dossiers.open_dossier(person(OFFICER), registration)
    posted = {key: [value] for key, value in opened.dossier.answers.items() if isinstance(value, str)}
    posted |= {key: [value] for key, value in said.items() if key != "papers"}
    return corrections.correction(opened, sections, posted, said.get("papers"))


def amend(
    registration: str, change: Correction, reason: str = "typed_wrong", words: str = WHY, seen: int | None = None,
    who: Actor | None = None,
) -> Dossier:  # fmt: skip
    seen = kept(registration).seq if seen is None else seen
    return corrections.amend(who or person(OFFICER), registration, seen, change, reason, words, LATER)


def test_a_corrected_name_stands_in_the_dossier_the_queue_and_the_new_receipt(database: store.Database) -> None:
    registration = received()
    before = kept(registration)
    amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    after = kept(registration)
    assert after.applicant_name == "HOÀNG VĂN MỚI"
    assert "hoang van moi" in after.search
    old, new = papers(registration, K.RECEIPT)
    assert new.payload
    assert new.payload["applicant"]["name"] == "HOÀNG VĂN MỚI"
    assert old.payload
    assert new.payload["book"] == old.payload["book"]
    assert (after.code, after.due_at, after.status, after.received_at) == (
        before.code, before.due_at, before.status, before.received_at,
    )  # fmt: skip


def test_the_old_receipt_answers_replaced_by_the_new_one(token: Callable[[Slip], str]) -> None:
    registration = received()
    (old,) = papers(registration, K.RECEIPT)
    shown = token(old)
    assert verification.look_up(shown).standing is Standing.VALID
    amend(registration, typed(registration, phone="0987654321"))
    verdict = verification.look_up(shown)
    assert (verdict.standing, verdict.number) == (Standing.REPLACED, papers(registration, K.RECEIPT)[1].number)


def test_the_log_keeps_before_and_after_and_the_export_does_not(database: store.Database) -> None:
    registration = received()
    name = kept(registration).applicant_name
    amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    event = kept(registration).events[-1]
    assert (event.action, event.before, event.after, event.reason) == ("amend", 2, 2, "typed_wrong")
    assert event.details["words"] == WHY
    (change,) = event.details["changed"]
    assert (change["name"], change["after"]) == ("full_name", "HOÀNG VĂN MỚI")
    exported = json.dumps([*export.events(), *export.dossiers()], ensure_ascii=False)
    assert "HOÀNG VĂN MỚI" not in exported
    assert name not in exported
    assert WHY not in exported
    assert list(evidence.faults()) == []


def test_papers_are_counted_anew_and_the_receipt_lists_them(database: store.Database) -> None:
    registration = received()
    drawings = {"drawings": {"original": 2}}
    amend(registration, typed(registration, (), papers=drawings), reason="counted_wrong")
    assert kept(registration).papers["drawings"] == {"original": 2}
    new = papers(registration, K.RECEIPT)[-1]
    assert new.payload
    assert any(line["originals"] == 2 for line in new.payload["components"])
    assert kept(registration).events[-1].details["changed"][0]["after"] == "Bản chính: 2"


def test_the_applicant_is_told(database: store.Database) -> None:
    registration = received()
    amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    with reading() as session:
        assert "amended" in session.scalars(select(Notice.kind)).all()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"reason": ""}, {"reason": "required"}),
        ({"reason": "because"}, {"reason": "unknown"}),
        ({"words": "  "}, {"words": "required"}),
    ],
)
def test_nothing_is_corrected_without_a_reason_from_the_list_and_words(
    database: store.Database, said: dict[str, str], fault: dict[str, str]
) -> None:
    registration = received()
    with pytest.raises(Invalid) as refused:
        amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"), **said)  # type: ignore[arg-type]
    assert refused.value.fields == fault
    assert len(papers(registration, K.RECEIPT)) == 1


def test_what_the_forms_own_checks_refuse_is_not_kept(database: store.Database) -> None:
    registration = received()
    with pytest.raises(Invalid) as refused:
        amend(registration, typed(registration, phone="12"))
    assert refused.value.fields == {"phone": "wrong"}


def test_a_correction_of_nothing_is_none(database: store.Database) -> None:
    registration = received()
    with pytest.raises(Invalid) as refused:
        amend(registration, typed(registration))
    assert refused.value.fields == {"changes": "nothing"}


def test_only_reception_corrects_only_after_reception_and_only_what_it_has_seen(database: store.Database) -> None:
    registration = submit()
    with pytest.raises(NotPossibleNow):
        amend(registration, typed(registration, full_name="A B"))
    act(OFFICER, registration, A.RECEIVE)
    change = typed(registration, full_name="HOÀNG VĂN MỚI")
    with pytest.raises(Forbidden):
        amend(registration, change, who=person(R.HEAD_OF_OFFICE))
    seen = kept(registration).seq
    act(OFFICER, registration, A.FORWARD)
    with pytest.raises(Stale):
        amend(registration, change, seen=seen)


def test_what_a_bundle_shares_is_corrected_once_for_all_its_legs(database: store.Database) -> None:
    registration = received("2.000986")
    amend(registration, typed(registration, phone="0987654321"))
    with reading() as session:
        rows = session.scalars(select(Dossier)).all()
        assert len(rows) > 1
        assert {row.applicant_phone for row in rows} == {"0987654321"}
    leg = next(row for row in rows if row.lead_id)
    with pytest.raises((NotPossibleNow, Forbidden)):
        amend(leg.registration, typed(registration, phone="0912345679"))


def test_a_correction_that_tells_another_term_is_refused(
    database: store.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = received()
    monkeypatch.setattr(term_cases, "told_by", lambda _procedure, answers, _context: answers["full_name"])
    with pytest.raises(Invalid) as refused:
        amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    assert refused.value.fields == {"term": "moves_the_date"}


def test_a_correction_that_asks_for_another_paper_is_refused_beside_that_paper(database: store.Database) -> None:
    registration = received()
    procedure = law.procedure_of(kept(registration))
    (section,) = [part.key for part in procedure.form if any(field.key == "work_kind" for field in part.fields)]
    with pytest.raises(Invalid) as refused:
        amend(registration, typed(registration, (section,), work_kind="religious"))
    assert refused.value.fields["religious_approval"] == "wrong"


def test_a_fee_that_was_paid_is_changed_by_no_correction(
    database: store.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid, unpaid = received(fee_paid=True), received()
    monkeypatch.setattr(dossiers, "freeze_fee", lambda dossier: setattr(dossier, "fee", 1))
    amend(unpaid, typed(unpaid, full_name="HOÀNG VĂN MỚI"))
    with pytest.raises(Invalid) as refused:
        amend(paid, typed(paid, full_name="HOÀNG VĂN MỚI"))
    assert refused.value.fields == {"fee": "paid_already"}


def test_correcting_counts_nothing_twice(database: store.Database) -> None:
    registration = received()
    statistics.project()
    before = _everything()
    amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    statistics.project()
    assert _everything() == before
    statistics.rebuild()
    assert _everything() == before


def _everything() -> Any:
    day = NOW.date()
    return statistics.figures_of(Period(day, day), Cut())


# --- papers ---


def revoke(registration: str, slip: Slip, who: R = R.LEADER, reason: str = "made_in_error", words: str = WHY) -> Slip:
    return corrections.revoke(person(who), registration, slip.id, reason, words, LATER)


@pytest.mark.parametrize("who", [R.LEADER, R.HEAD_OF_OFFICE])
def test_a_head_revokes_a_paper_and_its_code_says_so_without_why(
    token: Callable[[Slip], str],
    who: R,
) -> None:
    registration = received()
    (receipt,) = papers(registration, K.RECEIPT)
    shown = token(receipt)
    revoke(registration, receipt, who)
    verdict = verification.look_up(shown)
    assert (verdict.standing, verdict.on) == (Standing.REVOKED, LATER.date())
    event = kept(registration).events[-1]
    assert (event.action, event.after, event.reason) == ("revoke_slip", Status.RECEIVED, "made_in_error")
    assert event.details["slip"] == {"kind": "receipt", "number": receipt.number}


def test_revoking_the_acknowledgement_gives_nobody_more_time_to_receive(database: store.Database) -> None:
    registration = submit()
    answer_by = kept(registration).act_by
    with transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        slip = slips.make_out(session, dossier, K.ACKNOWLEDGEMENT, person(R.CITIZEN), NOW)
    revoke(registration, slip)
    assert kept(registration).act_by == answer_by


def test_a_paper_is_revoked_once_and_not_by_reception(database: store.Database) -> None:
    registration = received()
    (receipt,) = papers(registration, K.RECEIPT)
    with pytest.raises(Forbidden):
        revoke(registration, receipt, OFFICER)
    revoke(registration, receipt)
    with pytest.raises(Conflict):
        revoke(registration, receipt)


def test_a_control_slip_and_the_paper_of_another_dossier_are_not_revoked(database: store.Database) -> None:
    registration, other = received(), received()
    (receipt,) = papers(other, K.RECEIPT)
    with pytest.raises(NotFound):
        revoke(registration, receipt)
    with transaction() as session:
        control = Slip(
            dossier_id=kept(registration).id, kind=K.CONTROL, number="1", payload={}, issuer="bao-yen", created_at=NOW
        )
        session.add(control)
    with pytest.raises(Conflict):
        revoke(registration, control)


def test_a_result_is_revoked_once_it_was_handed_over_and_before_that_taken_back(database: store.Database) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    act(R.LEADER, registration, A.APPROVE)
    act(R.CLERK, registration, A.ISSUE)
    (result,) = papers(registration, K.RESULT)
    with pytest.raises(Conflict):
        revoke(registration, result)
    if kept(registration).fee:
        act(OFFICER, registration, A.PAY_FEE, amount=kept(registration).fee, number="BL-1")
    act(OFFICER, registration, A.HAND_OVER)
    revoke(registration, result, reason="against_the_law")
    after = kept(registration)
    assert after.status == Status.HANDED_OVER
    assert next(slip for slip in after.slips if slip.id == result.id).revoked_at == LATER


def test_after_a_revoked_receipt_a_correction_makes_a_new_one_that_counts(database: store.Database) -> None:
    registration = received()
    (receipt,) = papers(registration, K.RECEIPT)
    revoke(registration, receipt)
    amend(registration, typed(registration, full_name="HOÀNG VĂN MỚI"))
    old, new = papers(registration, K.RECEIPT)
    assert (old.replaced_by_id, new.revoked_at) == (None, None)
    assert slips.replaced_by(K.RECEIPT) == {K.RECEIPT}


# --- a stopped dossier and the one in its place ---


NEXT_WEEK = NOW + timedelta(days=7)


def stopped(code: str = HOUSE, **more: Any) -> str:
    registration = received(code, **more)
    act(R.LEADER, registration, A.STOP, LATER, reason="other")
    return registration


def carried(registration: str, code: str = HOUSE, at: datetime = NEXT_WEEK) -> Draft:
    return corrections.carry_over(person(OFFICER), registration, code, at)


def in_its_place(registration: str, code: str = HOUSE, *, since_previous: bool = True) -> Dossier:
    draft = carried(registration, code)
    with transaction() as session:
        row = session.get_one(Draft, draft.id)
        procedure = law.catalogue().version(row.procedure, row.version)
        context = Context(NEXT_WEEK.date(), law.places(), row.channel)
        row.answers = row.answers | fill_in(procedure, typed_answers(procedure, procedure.examples[0]), context)
        row.papers = {part.key: {"original": 1} for part in procedure.components}
    return drafts.submit(person(OFFICER), draft.key, NEXT_WEEK, since_previous=since_previous)


def test_what_was_taken_down_is_carried_over_as_far_as_the_other_procedure_asks_for_it(
    database: store.Database,
) -> None:
    registration = stopped(papers={"drawings": {"original": 2}})
    before = kept(registration)
    same, other = carried(registration), carried(registration, "1.013226")
    assert before.answers.items() <= same.answers.items()
    assert same.papers == {"drawings": {"original": 2}}
    assert other.answers["full_name"] == before.answers["full_name"]
    fields = law.catalogue().version(other.procedure, other.version).fields
    assert set(other.answers) <= set(fields)
    assert carried(registration).id == same.id


def test_the_new_dossier_and_the_stopped_one_name_each_other_and_have_one_owner(database: store.Database) -> None:
    registration = stopped()
    new = in_its_place(registration)
    opened = dossiers.open_dossier(person(OFFICER), registration)
    before, after = corrections.linked(opened)
    assert before is None
    assert after is not None
    assert after.registration == new.registration
    back, _none = corrections.linked(dossiers.open_dossier(person(OFFICER), new.registration))
    assert back is not None
    assert (back.registration, new.owner_id) == (registration, opened.dossier.owner_id)
    assert new.code != opened.dossier.code


def test_the_term_of_the_new_dossier_can_run_from_when_the_stopped_one_was_received(database: store.Database) -> None:
    old = kept(stopped())
    new = kept(in_its_place(old.registration).registration)
    assert (new.received_at, new.due_at) == (old.received_at, old.due_at)
    assert [event.at for event in new.events] == [NEXT_WEEK, NEXT_WEEK]
    assert list(evidence.faults()) == []
    from_now = kept(in_its_place(stopped(), since_previous=False).registration)
    assert from_now.received_at == NEXT_WEEK


def test_a_linked_dossier_is_not_counted_twice_and_not_left_out(database: store.Database) -> None:
    """The traps of opencps-v2#1434 and motcua #2: the stopped one counts where it did, the new one once, on its day."""
    registration = stopped()
    statistics.project()
    first = _everything()
    new = in_its_place(registration)
    statistics.project()
    assert _everything() == first
    day = NEXT_WEEK.date()
    second = statistics.figures_of(Period(day, day), Cut())
    assert (second.received, second.carried_over, second.open) == (1, 0, 1)
    both = statistics.figures_of(Period(NOW.date(), day), Cut())
    assert (both.received, both.resolved) == (2, 1)
    statistics.rebuild()
    assert statistics.figures_of(Period(NOW.date(), day), Cut()) == both
    rows = {row["code"]: row for row in export.dossiers()}
    exported = rows[new.code]
    assert (exported["previous"], exported["counted_on"]) == (kept(registration).id, day.isoformat())
    assert rows[kept(registration).code]["previous"] is None


def test_nothing_is_begun_that_is_not_received_here(database: store.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    registration = stopped()
    monkeypatch.setattr(law, "receiving_units", lambda _procedure, _on: (law.unit("nghia-do"),))
    with pytest.raises(NotFound):
        carried(registration)


def test_only_one_dossier_stands_in_the_place_of_a_stopped_one(database: store.Database) -> None:
    registration = stopped()
    draft = corrections.carry_over(person(OFFICER), registration, "1.013226", NEXT_WEEK)
    in_its_place(registration)
    with pytest.raises(Conflict):
        carried(registration)
    with transaction() as session:
        procedure = law.catalogue().version(draft.procedure, draft.version)
        row = session.get_one(Draft, draft.id)
        context = Context(NEXT_WEEK.date(), law.places(), row.channel)
        row.answers = row.answers | fill_in(procedure, typed_answers(procedure, procedure.examples[0]), context)
        row.papers = {part.key: {"original": 1} for part in procedure.components}
    with pytest.raises(Conflict):
        drafts.submit(person(OFFICER), draft.key, NEXT_WEEK)


def test_nothing_is_begun_in_the_place_of_a_dossier_that_goes_on_or_by_who_does_not_receive(
    database: store.Database,
) -> None:
    going_on, over = received(), stopped()
    with pytest.raises(Conflict):
        carried(going_on)
    with pytest.raises(Forbidden):
        corrections.carry_over(person(R.LEADER), over, HOUSE, NEXT_WEEK)
    with pytest.raises(NotFound):
        carried(over, "9.999999")
