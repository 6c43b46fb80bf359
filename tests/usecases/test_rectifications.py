"""A reception put right on its day: its time, its unit, its procedure, with all that hangs on them; later never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain import clock
from portal.domain.access import Role
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotPossibleNow
from portal.domain.flow import Action, Status
from portal.domain.slips import SlipKind
from portal.domain.statistics import Period
from portal.store import database as store
from portal.store import statistics_models as kept_statistics
from portal.store.database import reading, transaction
from portal.store.models import Dossier, DossierWord, Slip
from portal.store.register_models import RegisterBook, RegisterEntry
from portal.store.statistics import Cut
from portal.usecases import (
    custody,
    dossiers,
    evidence,
    export,
    law,
    rectifications,
    registers,
    slips,
    statistics,
    verification,
)
from portal.usecases.rectifications import Rectification, Wanted
from portal.usecases.verification import Standing
from procedures.catalogue import load_catalogue
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.people import UNIT
from tests.usecases import test_verification
from tests.usecases.test_verification import papers

A, K, R = Action, SlipKind, Role
token = test_verification.token
OFFICER = R.ONE_STOP_OFFICER
REPAIR, REISSUE, FIRST_REISSUE = "1.013229", "1.115664", "1.115686"
OTHER = "nghia-do"
#: All papers that a permit for a house may ask for.
HOUSE_PAPERS = {part: {"copy": 1} for part in load_catalogue().in_force(HOUSE, date(2026, 9, 14)).papers}
WHY = "Cán bộ chọn nhầm dòng khi tiếp nhận."
#: An afternoon of the day on which all of them are handed in; and the next morning.
AFTERNOON, TOMORROW = NOW + timedelta(hours=5), NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _database(database: store.Database) -> None:
    """Every test of this module writes."""


def received(code: str = HOUSE, at: datetime = NOW, **more: Any) -> str:
    """A dossier that came at nine in the morning, and was received in the afternoon."""
    registration = submit(code, **more)
    act(OFFICER, registration, A.RECEIVE, at)
    return registration


def wanted(registration: str, **other: Any) -> Wanted:
    held = kept(registration)
    assert held.received_at is not None
    known = {"procedure": held.procedure, "term_case": None, "unit": held.unit, "received_at": held.received_at}
    return Wanted(**(known | other))


def rectify(
    registration: str, at: datetime = AFTERNOON, who: Role = OFFICER, unit: str = UNIT, **other: Any
) -> Dossier:
    seen = kept(registration).seq
    changed = wanted(registration, **other)
    return rectifications.rectify(person(who, unit), registration, seen, changed, "picked_wrong", WHY, at)


def preview(registration: str, **other: Any) -> Rectification:
    opened = rectifications.open_reception(person(OFFICER), registration)
    return rectifications.rectification(opened, wanted(registration, **other))


def refused(registration: str, at: datetime = AFTERNOON, **other: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as fault:
        rectify(registration, at, **other)
    return dict(fault.value.fields)


def projection() -> list[list[Any]]:
    """Every row that statistics keep."""
    tables = (kept_statistics.Fact, kept_statistics.Spell, kept_statistics.Count, kept_statistics.Standing)
    with reading() as session:
        return [
            sorted((tuple(row) for row in session.execute(select(*table.__table__.c))), key=repr) for table in tables
        ]


def counted(**cut: Any) -> int:
    day = law.office_day(NOW)
    return statistics.figures_of(Period(day, day), Cut(**cut)).received


# --- its time ---


def test_a_time_put_right_counts_the_term_anew_and_the_ledger_says_why() -> None:
    registration = received(at=AFTERNOON)
    before = kept(registration)
    late = received(at=AFTERNOON, channel="counter")
    assert before.next_day is False
    rectify(registration, AFTERNOON + timedelta(minutes=5), received_at=NOW + timedelta(hours=1))
    after = kept(registration)
    assert after.received_at == NOW + timedelta(hours=1)
    due = clock.due_date(law.rules_of(after).term, NOW + timedelta(hours=1), law.calendar(UNIT, after.sector))
    assert (after.due_at, after.due_on) == (due.due_at, due.due_on)
    first, second = after.due_changes
    assert (second.reason, second.old_due_at, second.new_due_at) == ("rectified", first.new_due_at, due.due_at)
    assert second.rule == law.rules_of(after).term_rule
    assert second.since == after.received_at
    event = after.events[-1]
    assert (event.action, event.before, event.after, event.reason) == ("rectify", 2, 2, "picked_wrong")
    assert [change["name"] for change in event.details["changed"]] == ["received_at"]
    assert (after.code, after.status) == (before.code, before.status)
    assert kept(late).received_at == AFTERNOON
    assert list(evidence.faults()) == []


def test_a_reception_after_three_put_before_it_is_to_be_passed_on_the_same_day() -> None:
    after_three = NOW + timedelta(hours=7)
    registration = received(at=after_three)
    assert kept(registration).next_day
    rectify(registration, after_three, received_at=after_three - timedelta(hours=2))
    assert not kept(registration).next_day


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"received_at": AFTERNOON + timedelta(minutes=1)}, {"received_at": "in_the_future"}),
        ({"received_at": NOW - timedelta(minutes=1)}, {"received_at": "before_it_came"}),
        ({"received_at": NOW}, {"changes": "nothing"}),
    ],
)
def test_a_time_is_not_in_the_future_nor_before_the_dossier_came(other: dict[str, Any], fault: dict[str, str]) -> None:
    assert refused(received(), **other) == fault


def test_what_was_taken_at_the_counter_may_have_come_earlier_but_on_the_day_of_its_code() -> None:
    registration = received(channel="counter", entered_by_id=person(OFFICER).account_id)
    assert refused(registration, received_at=NOW - timedelta(days=1)) == {"received_at": "another_day"}
    rectify(registration, received_at=NOW - timedelta(hours=1))
    after = kept(registration)
    assert after.submitted_at == after.received_at == NOW - timedelta(hours=1)


def test_once_the_day_is_over_nothing_is_put_right_in_its_place() -> None:
    registration = received()
    assert refused(registration, TOMORROW, received_at=NOW + timedelta(hours=1)) == {"day": "over"}
    opened = rectifications.open_reception(person(OFFICER), registration)
    assert rectifications.is_open(opened, AFTERNOON)
    assert not rectifications.is_open(opened, TOMORROW)


def test_what_was_entered_after_its_day_is_put_right_on_the_day_it_was_entered() -> None:
    registration = submit()
    act(OFFICER, registration, A.RECEIVE, TOMORROW, received_at=NOW + timedelta(hours=1))
    rectify(registration, TOMORROW, received_at=NOW + timedelta(hours=2))
    assert kept(registration).received_at == NOW + timedelta(hours=2)
    statistics.project()
    assert counted() == 0
    before = projection()
    statistics.rebuild()
    assert projection() == before


def test_what_was_worked_on_already_is_stopped_instead() -> None:
    registration = received()
    items = [{"key": "1", "section": "applicant", "words": "Thiếu trang 2"}]
    asking = {"reason": "missing", "items": items, "answer_by": law.office_day(TOMORROW)}
    act(OFFICER, registration, A.ASK_SUPPLEMENT, NOW, **asking)
    act(R.CITIZEN, registration, A.ANSWER_SUPPLEMENT, NOW)
    with pytest.raises(NotPossibleNow):
        rectify(registration, received_at=NOW + timedelta(hours=1))


def test_only_reception_puts_it_right_and_with_a_reason() -> None:
    registration = received()
    later = {"received_at": NOW + timedelta(hours=1)}
    with pytest.raises(Forbidden):
        rectify(registration, who=R.SPECIALIST, **later)
    with pytest.raises(NotFound):
        rectify(registration, unit=OTHER, **later)
    for reason, words, fault in (("", WHY, "reason"), ("because", WHY, "reason"), ("picked_wrong", " ", "words")):
        with pytest.raises(Invalid) as invalid:
            rectifications.rectify(
                person(OFFICER), registration, kept(registration).seq, wanted(registration, **later), reason, words, NOW
            )
        assert set(invalid.value.fields) == {fault}


# --- its papers ---


def test_the_receipt_is_made_out_anew_and_the_old_one_answers_replaced(token: Callable[[Slip], str]) -> None:
    registration = received()
    (old,) = papers(registration, K.RECEIPT)
    shown = token(old)
    rectify(registration, received_at=NOW + timedelta(hours=1))
    new = papers(registration, K.RECEIPT)[-1]
    verdict = verification.look_up(shown)
    assert (verdict.standing, verdict.number) == (Standing.REPLACED, new.number)
    assert new.payload is not None
    assert datetime.fromisoformat(new.payload["received_at"]) == NOW + timedelta(hours=1)
    assert datetime.fromisoformat(new.payload["due_at"]) == kept(registration).due_at


# --- its unit ---


def test_another_unit_has_it_from_now_on_and_its_code_stays() -> None:
    registration = received()
    act(OFFICER, registration, A.FORWARD)
    statistics.project()
    before = kept(registration)
    _to_another_unit(registration)
    after = kept(registration)
    assert (after.unit, after.desk_unit, after.holder_unit, after.code) == (OTHER, OTHER, OTHER, before.code)
    assert (after.status, after.step) == (before.status, before.step)
    with pytest.raises(NotFound):
        dossiers.open_dossier(person(OFFICER), registration)
    assert dossiers.open_dossier(person(OFFICER, OTHER), registration).dossier.id == after.id
    with reading() as session:
        found_at = session.scalars(select(DossierWord.place).where(DossierWord.dossier_id == after.id)).all()
    assert OTHER in found_at
    last = custody.transfers(after)[-1]
    assert (last.giver.unit, last.receiver.unit, last.action) == (UNIT, OTHER, A.RECTIFY)
    assert list(evidence.faults()) == []


def _to_another_unit(registration: str) -> None:
    seen = kept(registration).seq
    order = wanted(registration, unit=OTHER)
    rectifications.rectify(person(OFFICER), registration, seen, order, "sent_wrong", WHY, AFTERNOON)


def test_statistics_count_it_where_it_belongs_and_a_recount_says_the_same() -> None:
    other, registration = received(), received()
    statistics.project()
    assert (counted(units=(UNIT,)), counted(units=(OTHER,)), counted()) == (2, 0, 2)
    _to_another_unit(registration)
    statistics.project()
    assert (counted(units=(UNIT,)), counted(units=(OTHER,)), counted()) == (1, 1, 2)
    before = projection()
    statistics.rebuild()
    assert projection() == before
    exported = {row["code"]: (row["unit"], row["counted_on"]) for row in export.dossiers()}
    day = law.office_day(NOW).isoformat()
    assert exported[kept(registration).code] == (law.unit(OTHER).code, day)
    assert exported[kept(other).code] == (law.unit(UNIT).code, day)


def test_its_line_stays_in_the_wrong_book_with_a_note_and_it_gets_the_next_of_the_right_one() -> None:
    received()
    registration = received()
    _to_another_unit(registration)
    act_later = received()
    with reading() as session:
        query = select(RegisterBook.unit, RegisterEntry.number, RegisterEntry.left_at.is_(None))
        query = query.join(RegisterEntry, RegisterEntry.book_id == RegisterBook.id)
        rows = session.execute(query.order_by(RegisterBook.unit, RegisterEntry.number)).all()
    assert [tuple(row) for row in rows] == [(UNIT, 1, True), (UNIT, 2, False), (UNIT, 3, True), (OTHER, 1, True)]
    (book,) = registers.books(person(R.LEADER))
    lines = registers.open_book(person(R.LEADER), book.id, 1, AFTERNOON).lines
    assert [line.number for line, _registration in lines] == [1, 2, 3]
    assert lines[1][0].note.startswith("Đính chính ngày 14/09/2026: ghi ở sổ của ")
    assert law.unit(OTHER).name.vi in lines[1][0].note
    assert lines[0][0].note == lines[2][0].note
    new = papers(registration, K.RECEIPT)[-1]
    assert new.payload is not None
    assert new.payload["book"] == {"volume": "2026/01", "number": 1}
    assert kept(act_later).unit == UNIT


def test_a_unit_that_does_not_receive_it_is_none() -> None:
    registration = received()
    assert refused(registration, unit=UNIT, received_at=NOW + timedelta(days=-2, hours=1))
    seen = kept(registration).seq
    for unit, fault in (("nowhere", "unknown"), ("chi-nhanh-dat-dai", "not_received_there")):
        order = wanted(registration, unit=unit)
        with pytest.raises(Invalid) as invalid:
            rectifications.rectify(person(OFFICER), registration, seen, order, "picked_wrong", WHY, AFTERNOON)
        assert invalid.value.fields == {"unit": fault}


# --- its procedure ---


def test_of_another_procedure_it_keeps_what_both_ask_and_is_told_before_what_it_loses() -> None:
    registration = received(REPAIR, papers={**HOUSE_PAPERS, "photos": {"copy": 2}})
    found = preview(registration, procedure=HOUSE)
    lost = {line.key for line in found.lost()}
    assert lost >= {"repaired_parts", "structure_touched"}
    assert not lost & {"full_name", "personal_number", "phone"}
    rectify(registration, procedure=HOUSE)
    after = kept(registration)
    assert (after.procedure, after.sector) == (HOUSE, "construction")
    assert not lost & set(after.answers)
    assert after.answers["full_name"] == found.dossier.answers["full_name"]
    left = after.events[-1].details["left"]
    assert set(left["answers"]) >= {"repaired_parts", "structure_touched"}
    new = papers(registration, K.RECEIPT)[-1]
    assert new.payload is not None
    assert new.payload["subject"] == law.procedure_of(after).title.vi
    assert list(evidence.faults()) == []
    assert left["papers"] == {"photos": {"copy": 2}}
    assert after.papers == HOUSE_PAPERS
    slips.request(person(OFFICER), registration, K.CONTROL, AFTERNOON)


def test_statistics_count_another_procedure_as_if_it_had_been_that_from_the_first() -> None:
    registration = received(REISSUE, papers={"certificate_paper": {"original": 1}})
    statistics.project()
    assert counted(procedure=REISSUE) == 1
    rectify(registration, procedure=FIRST_REISSUE)
    statistics.project()
    assert (counted(procedure=REISSUE), counted(procedure=FIRST_REISSUE), counted()) == (0, 1, 1)
    before = projection()
    statistics.rebuild()
    assert projection() == before
    rectify(registration, procedure=REISSUE)
    statistics.project()
    assert (counted(procedure=REISSUE), counted(procedure=FIRST_REISSUE)) == (1, 0)
    before = projection()
    statistics.rebuild()
    assert projection() == before


def test_passed_on_already_it_is_at_the_first_step_of_the_other_route_and_the_slip_tells_both() -> None:
    registration = received(REISSUE, papers={"certificate_paper": {"original": 1}})
    act(OFFICER, registration, A.FORWARD, NOW + timedelta(hours=1))
    rectify(registration, procedure=FIRST_REISSUE)
    after = kept(registration)
    assert (after.status, after.procedure) == (Status.PROCESSING, FIRST_REISSUE)
    assert after.step == law.rules_of(after).route[1].key
    assert custody.transfers(after)[0].action is A.RECEIVE
    assert list(evidence.faults()) == []


def test_a_procedure_that_asks_for_more_than_is_there_is_refused_and_says_what() -> None:
    registration = received()
    found = preview(registration, procedure="1.115668")
    assert found.missing
    assert refused(registration, procedure="1.115668") == {"procedure": "incomplete"}
    assert refused(registration, procedure="0.000000") == {"procedure": "unknown"}
    assert kept(registration).procedure == HOUSE


def test_a_fee_that_is_paid_and_would_be_another_one_is_not_changed() -> None:
    registration = received(REPAIR, papers=HOUSE_PAPERS)
    assert preview(registration, procedure=HOUSE).fee.total == kept(registration).fee
    with transaction() as session:
        held = session.get_one(Dossier, kept(registration).id)
        held.fee, held.fee_paid = 1_000, True
    assert refused(registration, procedure=HOUSE) == {"fee": "paid_already"}


def test_a_bundle_is_stopped_instead_and_nothing_becomes_one() -> None:
    heads = law.catalogue().all_in_force(law.office_day(NOW))
    bundle = next(head.code for head in heads if law.catalogue().version(head.code, head.version).legs)
    registration = received(bundle)
    with pytest.raises((NotPossibleNow, Conflict)):
        rectify(registration, received_at=NOW + timedelta(hours=1))
    plain = received()
    assert refused(plain, procedure=bundle) == {"procedure": "unknown"}
    opened = rectifications.open_reception(person(OFFICER), plain)
    assert bundle not in {head.code for head in rectifications.offered(opened)}
