"""The control slip of real dossiers: one row for every hand-over, whoever had it, and whether in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal.domain.access import Role
from portal.domain.custody import InTime
from portal.domain.errors import Conflict, NotFound
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store import database as store
from portal.usecases import custody, law, slips
from portal.web import papers
from procedures.calendars import OFFICE_TIME
from tests.cases import BIRTH, HOUSE, LAND, NOW, RESIDENCE, act, kept, person, submit, to_the_leader

R = Role
pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def worked(registration: str, at: datetime = NOW) -> None:
    """From reception to the applicant's hands, each step by whoever has it."""
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    for step in law.procedure_of(kept(registration)).route:
        action = next(
            (a for a in (Action.APPROVE, Action.ISSUE, Action.HAND_OVER) if a in step.actions), Action.FORWARD
        )
        act(R(step.role), registration, action, at)


@pytest.mark.parametrize("code", [HOUSE, LAND, BIRTH])
def test_every_hand_over_has_its_row_and_each_giver_is_the_receiver_before(code: str, database: store.Database) -> None:
    registration = submit(code, fee_paid=True)
    worked(registration)
    told = custody.transfers(kept(registration))
    route = law.procedure_of(kept(registration)).route
    assert len(told) == 1 + len(route)
    assert [(row.giver.role, row.giver.unit) for row in told[1:]] == [
        (r.receiver.role, r.receiver.unit) for r in told[:-1]
    ]
    assert [row.receiver.role for row in told[:-1]] == [R(step.role) for step in route]
    assert (told[0].giver.role, told[-1].receiver.role) == (R.CITIZEN, R.CITIZEN)
    assert [row.giver.who for row in told[1:]] == [row.receiver.who for row in told[:-1]]


def test_work_before_on_and_after_its_limit_is_told_apart() -> None:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)  # Monday, 9 o'clock
    act(R.ONE_STOP_OFFICER, registration, Action.FORWARD, NOW + timedelta(hours=2))
    act(R.HEAD_OF_OFFICE, registration, Action.FORWARD, NOW + DAY)
    act(R.SPECIALIST, registration, Action.FORWARD, NOW + DAY + timedelta(minutes=5))
    told = custody.transfers(kept(registration))
    assert [row.in_time for row in told] == [None, InTime.ON_TIME, InTime.LATE, InTime.EARLY]
    assert told[-1].receiver.who == ""
    for row in told[1:]:
        assert row.limit is not None


def test_what_is_sent_back_is_a_hand_over_too() -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    act(R.LEADER, registration, Action.SEND_BACK, NOW + DAY, reason="other")
    last = custody.transfers(kept(registration))[-1]
    assert (last.action, last.giver.role, last.receiver.role) == (Action.SEND_BACK, R.LEADER, R.HEAD_OF_OFFICE)
    assert [row.note.partition(";")[0] for row in custody.hand_overs(kept(registration))][-1] == "Trả lại bước trước"


def test_the_time_of_waiting_for_a_supplement_is_not_laid_to_the_officers_charge() -> None:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    reason = law.procedure_of(kept(registration)).supplements[0].code
    items = [{"key": "a", "component": "application", "words": "Thiếu chữ ký"}]
    day = NOW.astimezone(OFFICE_TIME).date() + 5 * DAY
    act(R.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, reason=reason, items=items, answer_by=day)
    act(R.CITIZEN, registration, Action.ANSWER_SUPPLEMENT, NOW + 3 * DAY)
    act(R.ONE_STOP_OFFICER, registration, Action.FORWARD, NOW + 3 * DAY + timedelta(minutes=10))
    assert custody.transfers(kept(registration))[-1].in_time in (InTime.EARLY, InTime.ON_TIME)


def test_the_land_registry_is_named_as_the_office_that_resolves_and_the_commune_as_cooperating() -> None:
    registration = submit(LAND)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    dossier = kept(registration)
    assert custody.office(dossier).startswith("Chi nhánh")
    assert custody.cooperating(dossier) == ("Ủy ban nhân dân xã Bảo Yên",)


def test_an_office_that_asks_itself_does_not_cooperate_with_itself() -> None:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    while kept(registration).step != "appraisal":
        act(R(kept(registration).holder_role or ""), registration, Action.FORWARD)
    for body in (custody.office(kept(registration)), "Phòng Kinh tế"):
        act(R.SPECIALIST, registration, Action.BEGIN_INTERVAL, interval="consultation", body=body)
        act(R.SPECIALIST, registration, Action.END_INTERVAL, interval="consultation")
    assert custody.cooperating(kept(registration)) == ("Phòng Kinh tế",)


def test_what_the_police_resolve_is_resolved_by_the_police() -> None:
    registration = submit(RESIDENCE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    assert custody.office(kept(registration)) == "Công an xã Bảo Yên"


def test_a_control_slip_is_made_out_anew_under_its_number_once_something_has_happened() -> None:
    registration = submit(HOUSE)
    officer = person(R.ONE_STOP_OFFICER)
    with pytest.raises(Conflict):
        slips.request(officer, registration, SlipKind.CONTROL, NOW)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    first = slips.request(officer, registration, SlipKind.CONTROL, NOW)
    assert slips.request(officer, registration, SlipKind.CONTROL, NOW + DAY).id == first.id
    act(R.ONE_STOP_OFFICER, registration, Action.FORWARD, NOW + DAY)
    second = slips.request(officer, registration, SlipKind.CONTROL, NOW + DAY)
    assert (second.id > first.id, second.number) == (True, first.number)
    assert [len(slip.payload["hand_overs"]) for slip in (first, second) if slip.payload] == [1, 2]
    with pytest.raises(NotFound):
        slips.request(person(R.ONE_STOP_OFFICER, "nghia-do"), registration, SlipKind.CONTROL, NOW)


def test_the_control_slip_stays_in_the_office() -> None:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    slips.request(person(R.ONE_STOP_OFFICER), registration, SlipKind.CONTROL, NOW)
    dossier = kept(registration)
    assert SlipKind.CONTROL not in {slip.kind for slip in papers.shown_to(person(R.CITIZEN), dossier)}
    assert SlipKind.CONTROL in {slip.kind for slip in papers.shown_to(person(R.SPECIALIST), dossier)}
