"""The desk in use: whole routes through the web, two officers on one dossier, what is refused, and the queue."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from portal.domain import forms
from portal.domain.access import DESK, TIES, Actor, Role, Tie
from portal.domain.flow import Action, Status
from portal.domain.kinds import Context
from portal.store import database as store
from portal.store import dossiers as rows
from portal.store.database import reading, transaction
from portal.store.models import Account, Attachment, Dossier, Payment, Slip, Supplement
from portal.store.queues import Cursor
from portal.usecases import dossiers, law, queues
from portal.usecases.scenes import Deed
from portal.web import answering, desk, desk_forms, lookup
from portal.web import queues as pages
from procedures.terms import Term
from tests.people import BRANCH, account_of, signed_in

R = Role
A = Action
#: A Monday morning on which everything is open.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
UNIT = "bao-yen"
HOUSE, BIRTH, LAND, SPLIT = "1.013225", "1.001193", "1.115668", "1.010038"
HOSTILE = "<script>alert(1)</script>"
WHY = "Đất nằm trong hành lang bảo vệ đường điện cao thế."
REGISTRY = {R.REGISTRY_OFFICER, R.REGISTRY_HEAD}
POLICE = {R.POLICE_OFFICER, R.POLICE_HEAD}


@dataclass
class Town:
    """Everybody of one unit, each with a browser of their own."""

    app: Flask
    accounts: dict[tuple[R, str | None], Account]

    def browser(self, role: R, unit: str | None = None) -> FlaskClient:
        """A new browser in which somebody of this role is signed in."""
        return signed_in(self.app, self.account(role, unit))

    def actor(self, role: R, unit: str | None = None) -> Actor:
        """Somebody as the domain knows them."""
        account = self.account(role, unit)
        return Actor(account.id, role, account.unit, account.full_name)

    def account(self, role: R, unit: str | None = None) -> Account:
        """The account of this role, made when it is first asked for."""
        unit = unit or (BRANCH if role in REGISTRY else UNIT if role in DESK else None)
        if (role, unit) not in self.accounts:
            self.accounts[role, unit] = account_of(role, unit)
        return self.accounts[role, unit]


@pytest.fixture
def town(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Bảo Yên on a Monday morning."""
    for room in (desk, pages, lookup, answering):
        monkeypatch.setattr(room, "now", lambda: NOW)
    return Town(app, {})


def submit(town: Town, code: str = HOUSE, at: datetime = NOW - timedelta(hours=1), **changes: Any) -> str:
    """A dossier as a citizen hands it in, from the first example of its procedure; gives its registration number."""
    procedure = law.catalogue().in_force(code, law.office_day(at))
    example = procedure.examples[0]
    context = Context(law.office_day(at), law.places())
    posted = {key: [str(value)] for key, value in example.answers.items() if isinstance(value, str)}
    answers: dict[str, Any] = {}
    for section in procedure.form:
        answers = forms.read_section(procedure, section.key, posted, answers, context).answers
    answers = forms.final_answers(procedure, answers | changes, context)
    citizen = town.actor(R.CITIZEN)
    with transaction() as session:
        count = len(session.scalars(select(Dossier.id)).all())
        dossier = Dossier(
            registration=f"DK-TEST-TEST-{count:04}",
            procedure=code,
            version=procedure.version,
            sector=procedure.sector.value,
            channel="online",
            unit=UNIT,
            desk_unit=UNIT,
            owner_id=citizen.account_id,
            applicant_name=answers["full_name"],
            answers=answers,
            papers={},
            fee_lines=[],
            submitted_at=at,
            seq=0,
            last_hash="",
            supplement_rounds=0,
        )
        dossier.search = dossiers.search_words(dossier)
        dossiers.begin(session, dossier, citizen, at)
    return dossier.registration


def kept(registration: str) -> Dossier:
    with reading() as session:
        return session.scalars(select(Dossier).where(Dossier.registration == registration)).one()


def send(client: FlaskClient, registration: str, action: A, seen: int | None = None, **said: Any) -> TestResponse:
    """Send one action's form as the page names its inputs; `seen` as on a page opened just now unless given."""
    form = {f"{action.value}-{key.replace('__', '-')}": value for key, value in said.items()}
    form["seen"] = kept(registration).seq if seen is None else seen
    return client.post(f"/ban-lam-viec/{registration}/{action.value}", data=form)


def do(client: FlaskClient, registration: str, action: A, **said: Any) -> TestResponse:
    """The action, which must be among those the page offers, and must succeed."""
    page = client.get(f"/ban-lam-viec/{registration}")
    assert page.status_code == 200
    assert f'action="/ban-lam-viec/{registration}/{action.value}"' in page.text
    answer = send(client, registration, action, **said)
    assert answer.status_code == 303, html.unescape(re.sub(r"<[^>]+>", " ", answer.text))[:3000]
    return answer


def offered(client: FlaskClient, registration: str) -> set[str]:
    page = client.get(f"/ban-lam-viec/{registration}").text
    return set(re.findall(rf'action="/ban-lam-viec/{registration}/(\w+)"', page))


def to_signature(town: Town, registration: str) -> None:
    """Along the route of a house permit up to the leader's desk."""
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.RECEIVE)
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.FORWARD, words="Đủ giấy tờ.")
    do(town.browser(R.HEAD_OF_OFFICE), registration, A.FORWARD)
    do(town.browser(R.SPECIALIST), registration, A.FORWARD)
    do(town.browser(R.SPECIALIST), registration, A.FORWARD)
    do(town.browser(R.HEAD_OF_OFFICE), registration, A.FORWARD)


def test_a_house_permit_goes_from_reception_to_the_result_in_hand_through_the_pages_alone(town: Town) -> None:
    registration = submit(town)
    to_signature(town, registration)
    signed = do(town.browser(R.LEADER), registration, A.APPROVE)
    assert signed.location == "/ban-lam-viec/"  # it left the leader's hands
    do(town.browser(R.CLERK), registration, A.ISSUE)
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.HAND_OVER, words="Trả trực tiếp cho chủ hộ.")
    done = kept(registration)
    assert (done.status, done.decision, done.handed_over_at) == (Status.HANDED_OVER, "approved", NOW)
    with reading() as session:
        kinds = set(session.scalars(select(Slip.kind).where(Slip.dossier_id == done.id)))
    assert kinds == {"receipt", "result", "hand_over_receipt"}


def test_a_refusal_after_appraisal_is_numbered_and_handed_over_as_a_result(town: Town) -> None:
    registration = submit(town)
    to_signature(town, registration)
    do(town.browser(R.LEADER), registration, A.REFUSE, reason="corridor", words=WHY)
    do(town.browser(R.CLERK), registration, A.ISSUE)
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.HAND_OVER, words="Gửi bưu chính.")
    assert (kept(registration).status, kept(registration).decision) == (Status.HANDED_OVER, "refused")


def test_the_page_offers_what_is_possible_now_to_this_person_and_nothing_else(town: Town) -> None:
    registration = submit(town)
    reception = {"receive", "decline", "ask_supplement", "withdraw"}
    assert offered(town.browser(R.ONE_STOP_OFFICER), registration) == reception
    assert offered(town.browser(R.SPECIALIST), registration) == set()
    for role in DESK - POLICE - REGISTRY:
        actor = town.actor(role)
        opened = dossiers.open_dossier(actor, registration)
        # Papers are revoked on a page of their own, once there is one, and scans added by a phone.
        on_the_page = {action.value for action in opened.possible if action not in (A.REVOKE_SLIP, A.ADD_SCAN)}
        assert offered(town.browser(role), registration) == on_the_page


def test_the_time_to_answer_runs_from_the_hours_in_which_its_sector_is_received(town: Town) -> None:
    opened = dossiers.open_dossier(town.actor(R.ONE_STOP_OFFICER), submit(town, SPLIT))
    asking = opened.procedure.supplement.model_copy(update={"answer_within": Term.parse("2 working_day")})
    opened = replace(opened, procedure=opened.procedure.model_copy(update={"supplement": asking}))
    # On Saturday mornings only the police receive: for residence that day is day 0, for others Monday would be.
    saturday = datetime(2026, 9, 19, 1, 0, tzinfo=UTC)
    assert list(desk_forms.form(A.ASK_SUPPLEMENT, opened, saturday).said("answer_by")) == ["22/09/2026"]


def test_a_supplement_is_asked_item_by_item_and_recorded_once_every_item_has_come(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    do(officer, registration, A.RECEIVE)
    do(
        officer, registration, A.ASK_SUPPLEMENT, items=["component-drawings", "section-applicant"],
        **{"why__component-drawings": "missing_paper", "why__section-applicant": "form_wrong"},
        **{"says__component-drawings": "Thiếu mặt cắt móng.", "says__section-applicant": "Sai ngày sinh."},
        answer_by="16/09/2026",
    )  # fmt: skip
    asked = kept(registration)
    assert (asked.status, asked.answer_by) == (Status.SUPPLEMENT_ASKED, date(2026, 9, 16))
    with reading() as session:
        items = session.scalars(select(Supplement.items)).one()
    assert items == [
        {
            "key": "component-drawings",
            "component": "drawings",
            "reason": "missing_paper",
            "words": "Thiếu mặt cắt móng.",
        },
        {"key": "section-applicant", "section": "applicant", "reason": "form_wrong", "words": "Sai ngày sinh."},
    ]
    answers = f"/ho-so/{registration}/bo-sung"
    assert f'href="{answers}"' in officer.get(f"/ban-lam-viec/{registration}").text
    brought = {"papers": "drawings", "paper-drawings-copy": "2"}
    assert officer.post(f"{answers}/component-drawings", data=brought).status_code == 303
    assert officer.post(answers).status_code == 422
    corrected = {
        "section": "applicant", "full_name": "Hoàng Thị Mai", "personal_number": "010188001234",
        "birth_date": "13/03/1988", "sex": "female",
    }  # fmt: skip
    assert officer.post(f"{answers}/section-applicant", data=corrected).status_code == 303
    assert officer.post(answers).location == f"/ban-lam-viec/{registration}"
    assert kept(registration).status == Status.PROCESSING
    page = officer.get(f"/ban-lam-viec/{registration}").text
    assert "Bản sao: 2" in page
    assert "chỉ được yêu cầu bổ sung một lần sau khi tiếp nhận" in page
    assert "Thiếu thành phần hồ sơ: Thiếu mặt cắt móng." in page
    assert "Nội dung khai chưa đúng hoặc chưa thống nhất: Sai ngày sinh." in page


def test_what_is_missing_before_reception_is_asked_for_and_answered_before_the_clock_starts(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    do(
        officer, registration, A.ASK_SUPPLEMENT, items="component-land_paper",
        **{"why__component-land_paper": "unreadable", "says__component-land_paper": "Ảnh mờ."}, answer_by="20/09/2026",
    )  # fmt: skip
    assert offered(officer, registration) == {"request_withdrawal"}
    answers = f"/ho-so/{registration}/bo-sung"
    officer.post(f"{answers}/component-land_paper", data={"papers": "land_paper", "paper-land_paper-original": "1"})
    assert officer.post(answers).status_code == 303
    assert f'href="{answers}"' not in officer.get(f"/ban-lam-viec/{registration}").text
    assert kept(registration).due_at is None
    do(officer, registration, A.RECEIVE)
    assert kept(registration).status == Status.RECEIVED


def test_declining_needs_a_reason_and_words_that_explain_it(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    short = send(officer, registration, A.DECLINE, reason="wrong_authority", words="Không đúng.")
    assert short.status_code == 400
    assert "Không đúng." in short.text
    assert 'id="decline-words-error"' in short.text
    assert re.search(r'<details class="confirm confirm-danger" open>', short.text)
    do(officer, registration, A.DECLINE, reason="wrong_authority", words=WHY)
    assert kept(registration).status == Status.NOT_RECEIVED


def test_a_duty_is_asked_for_and_confirmed_while_the_clock_rests(town: Town) -> None:
    registration = submit(town, LAND)
    officer = town.browser(R.ONE_STOP_OFFICER)
    do(officer, registration, A.RECEIVE)
    holders = {step.key: step for step in law.catalogue().in_force(LAND, law.office_day(NOW)).route}
    while "ask_duty" not in holders[kept(registration).step].actions:
        do(_holder(town, kept(registration)), registration, A.FORWARD)
    holder = _holder(town, kept(registration))
    do(holder, registration, A.ASK_DUTY, amount="1.500.000", words="Thuế thu nhập cá nhân.", answer_by="30/09/2026")
    assert kept(registration).status == Status.DUTY_ASKED
    assert "1.500.000 đồng" in officer.get(f"/ban-lam-viec/{registration}").text
    do(officer, registration, A.CONFIRM_DUTY, number="BL-0042")
    assert kept(registration).status == Status.PROCESSING


def _holder(town: Town, dossier: Dossier) -> FlaskClient:
    return town.browser(R(dossier.holder_role or ""), dossier.holder_unit)


def test_the_fee_is_taken_as_it_was_frozen_with_the_number_of_the_receipt(town: Town) -> None:
    registration, officer = submit(town, LAND), town.browser(R.ONE_STOP_OFFICER)
    do(officer, registration, A.RECEIVE)
    with transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        dossier.fee = 15_000
    assert send(officer, registration, A.PAY_FEE, number=" ").status_code == 400
    do(officer, registration, A.PAY_FEE, number="BL-0001")
    with reading() as session:
        payment = session.scalars(select(Payment)).one()
    assert (payment.amount, payment.receipt_number) == (15_000, "BL-0001")


def test_a_dossier_goes_back_to_an_earlier_step_with_the_reason_in_words_and_a_code_in_the_log(town: Town) -> None:
    registration = submit(town)
    to_signature(town, registration)
    do(town.browser(R.LEADER), registration, A.SEND_BACK, to_step="appraisal", words="Cần xem lại khoảng lùi.")
    assert kept(registration).step == "appraisal"
    with reading() as session:
        last = rows.find(session, registration, town.actor(R.LEADER), whole=True)
        assert last is not None
        assert (last.events[-1].reason, last.events[-1].details["words"]) == ("other", "Cần xem lại khoảng lùi.")


def test_a_result_is_taken_back_for_correction_and_issued_again(town: Town) -> None:
    registration = submit(town)
    to_signature(town, registration)
    do(town.browser(R.LEADER), registration, A.APPROVE)
    do(town.browser(R.CLERK), registration, A.ISSUE)
    do(town.browser(R.CLERK), registration, A.CORRECT, to_step="signature", words="Sai số tầng.")
    assert (kept(registration).status, kept(registration).step) == (Status.PROCESSING, "signature")


def test_a_withdrawal_is_asked_for_taken_back_asked_for_again_and_confirmed(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    do(officer, registration, A.RECEIVE)
    for action in (A.REQUEST_WITHDRAWAL, A.KEEP, A.REQUEST_WITHDRAWAL, A.CONFIRM_WITHDRAWAL):
        do(officer, registration, action)
    assert kept(registration).status == Status.WITHDRAWN


def test_a_leader_stops_a_dossier_and_says_why(town: Town) -> None:
    registration = submit(town)
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.RECEIVE)
    assert send(town.browser(R.LEADER), registration, A.STOP, words="Vì vậy.").status_code == 400
    do(town.browser(R.LEADER), registration, A.STOP, words=WHY)
    assert kept(registration).status == Status.STOPPED


def test_an_officer_withdraws_a_dossier_not_yet_received(town: Town) -> None:
    registration = submit(town)
    do(town.browser(R.ONE_STOP_OFFICER), registration, A.WITHDRAW)
    assert kept(registration).status == Status.WITHDRAWN


def test_the_files_stand_beside_the_decision_each_named_by_its_paper(town: Town) -> None:
    registration = submit(town)
    with transaction() as session:
        file = Attachment(
            dossier_id=session.scalars(select(Dossier.id)).one(),
            component="drawings",
            name="bản vẽ <b>.pdf",
            kind="pdf",
            size=204_000,
            pages=3,
            sha256="0" * 64,
            uploaded_at=NOW,
        )
        session.add(file)
    page = town.browser(R.ONE_STOP_OFFICER).get(f"/ban-lam-viec/{registration}").text
    assert f'<iframe class="viewer-frame" name="viewer" src="/ban-lam-viec/{registration}/tep/{file.id}"' in page
    assert html.escape("bản vẽ <b>.pdf") in page
    assert "Bản vẽ thiết kế xây dựng" in page.partition("viewer sticky")[2]


# --- two at once, and what is refused ---


def test_the_second_of_two_officers_reads_what_the_first_did_and_loses_nothing_typed(town: Town) -> None:
    registration, second = submit(town), town.browser(R.ONE_STOP_OFFICER)
    seen = kept(registration).seq
    dossiers.act(town.actor(R.ONE_STOP_OFFICER), registration, Deed(A.RECEIVE), NOW)
    late = send(second, registration, A.DECLINE, seen=seen, reason="planning", words=f"{WHY} {HOSTILE}")
    assert late.status_code == 409
    text = html.unescape(late.text)
    assert "Đã tiếp nhận hồ sơ" in text  # what was done meanwhile
    assert WHY in text  # to copy, for declining is over
    assert "readonly" in text
    assert HOSTILE not in late.text
    assert kept(registration).status == Status.RECEIVED


def test_what_is_still_possible_stands_ready_to_be_sent_again(town: Town) -> None:
    registration = submit(town)
    dossiers.act(town.actor(R.ONE_STOP_OFFICER), registration, Deed(A.RECEIVE), NOW)
    seen = kept(registration).seq
    dossiers.act(town.actor(R.ONE_STOP_OFFICER), registration, Deed(A.REQUEST_WITHDRAWAL), NOW)
    officer = town.browser(R.LEADER)
    late = send(officer, registration, A.STOP, seen=seen, words=WHY)
    assert late.status_code == 409
    assert re.search(
        rf"<textarea[^>]*name=\"stop-words\"[^>]*>\s*{re.escape(WHY)}</textarea>", html.unescape(late.text)
    )
    assert f'name="seen" value="{kept(registration).seq}"' in late.text
    assert send(officer, registration, A.STOP, words=WHY).status_code == 303


def test_the_same_form_sent_twice_does_its_work_once_and_says_so(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    seen = kept(registration).seq
    assert send(officer, registration, A.RECEIVE, seen=seen).status_code == 303
    again = send(officer, registration, A.RECEIVE, seen=seen)
    assert (again.status_code, kept(registration).seq) == (303, seen + 1)
    assert "Việc này đã được ghi trước đó." in officer.get(again.location).text


def test_what_is_not_possible_now_is_answered_with_what_is(town: Town) -> None:
    registration = submit(town)
    answer = send(town.browser(R.ONE_STOP_OFFICER), registration, A.HAND_OVER, words="Sớm quá.")
    assert answer.status_code == 409
    assert "Sớm quá." in answer.text


def test_another_units_dossier_is_not_there(town: Town) -> None:
    registration, stranger = submit(town), town.browser(R.ONE_STOP_OFFICER, "nghia-do")
    assert stranger.get(f"/ban-lam-viec/{registration}").status_code == 404
    assert send(stranger, registration, A.RECEIVE).status_code == 404
    assert town.browser(R.POLICE_OFFICER).get(f"/ban-lam-viec/{registration}").status_code == 404


def test_the_wrong_role_is_forbidden_and_a_stranger_is_asked_to_sign_in(town: Town) -> None:
    registration = submit(town)
    assert send(town.browser(R.SPECIALIST), registration, A.RECEIVE).status_code == 403
    for role in (R.CITIZEN, R.MANAGER):
        assert town.browser(role).get("/ban-lam-viec/").status_code == 403
    assert town.browser(R.SPECIALIST).get("/ban-lam-viec/quay/").status_code == 403
    assert town.app.test_client().get(f"/ban-lam-viec/{registration}").status_code == 303


@pytest.mark.parametrize("seen", ["", "x", None])
def test_a_form_that_does_not_say_what_it_has_seen_is_refused(town: Town, seen: str | None) -> None:
    registration = submit(town)
    data = {} if seen is None else {"seen": seen}
    officer = town.browser(R.ONE_STOP_OFFICER)
    assert officer.post(f"/ban-lam-viec/{registration}/receive", data=data).status_code == 400
    assert officer.post(f"/ban-lam-viec/{registration}/succeed", data={"seen": 1}).status_code == 404
    assert officer.post(f"/ban-lam-viec/{registration}/nothing", data={"seen": 1}).status_code == 404


def test_marks_in_words_and_names_are_text_everywhere(town: Town) -> None:
    registration = submit(town, full_name=HOSTILE)
    officer = town.browser(R.ONE_STOP_OFFICER)
    do(officer, registration, A.RECEIVE)
    do(officer, registration, A.FORWARD, words=HOSTILE)
    bad = send(town.browser(R.HEAD_OF_OFFICE), registration, A.FORWARD, words=HOSTILE + "x" * desk_forms.MOST_WORDS)
    assert bad.status_code == 400
    for page in (bad, officer.get(f"/ban-lam-viec/{registration}"), officer.get("/ban-lam-viec/?xem=tat_ca")):
        assert HOSTILE not in page.text
        assert html.escape(HOSTILE) in page.text


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"items": ""}, "items"),
        ({"says__component-drawings": ""}, "says-component-drawings"),
        ({"why__component-drawings": ""}, "why-component-drawings"),
        ({"why__component-drawings": "invented"}, "why-component-drawings"),
        ({"answer_by": "01/09/2026"}, "answer_by"),
        ({"answer_by": "32/13/2026"}, "answer_by"),
    ],
)
def test_what_is_wrong_with_a_request_for_papers_is_said_beside_it(town: Town, changes: Any, name: str) -> None:
    registration = submit(town)
    right = {
        "items": "component-drawings",
        "says__component-drawings": "Thiếu mặt cắt móng.",
        "why__component-drawings": "unreadable",
        "answer_by": "20/09/2026",
    }
    answer = send(town.browser(R.ONE_STOP_OFFICER), registration, A.ASK_SUPPLEMENT, **{**right, **changes})
    assert answer.status_code == 400
    assert f'id="ask_supplement-{name}-error"' in answer.text
    assert f'href="#ask_supplement-{name}"' in answer.text
    assert f'id="ask_supplement-{name}"' in answer.text
    assert changes.get("says__component-drawings", "Thiếu mặt cắt móng.") in answer.text
    assert changes.get("answer_by", "20/09/2026") in answer.text
    assert kept(registration).status == Status.REGISTERED


def test_every_action_of_staff_has_a_block_at_the_desk_or_pages_of_its_own() -> None:
    staff = {action for action, ties in TIES.items() if ties - {Tie.OWNER, Tie.PORTAL}}
    elsewhere = {A.SUBMIT, A.ANSWER_SUPPLEMENT, A.ANSWER_BEFORE_RECEPTION, A.AMEND, A.RECTIFY, A.REVOKE_SLIP}
    elsewhere |= {A.ADD_SCAN}
    assert set(desk_forms.ASKS) == staff - elsewhere


# --- the queue ---


def listed(client: FlaskClient, address: str) -> tuple[list[str], str, str]:
    """The registrations on one page of the queue, and the addresses of the pages beside it."""
    page = client.get(address)
    assert page.status_code == 200
    found = re.findall(r'class="code" href="/ban-lam-viec/([^"]+)"', page.text)
    beside = {rel: html.unescape(url) for rel, url in re.findall(r'rel="(prev|next)" href="([^"]+)"', page.text)}
    return found, beside.get("prev", ""), beside.get("next", "")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = queues.queue
    monkeypatch.setattr(queues, "queue", lambda *asked: queue(*asked, 4))


@pytest.mark.usefixtures("small_pages")
def test_the_queue_is_paged_forward_and_back_completely_and_without_repeats(town: Town) -> None:
    # Several at the same instant: only the number tells them apart.
    everything = [submit(town, at=NOW - timedelta(hours=hours)) for hours in (3, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1)]
    officer, address = town.browser(R.ONE_STOP_OFFICER), "/ban-lam-viec/?kenh=online"
    there: list[list[str]] = []
    addresses = []
    while address:
        found, _before, after = listed(officer, address)
        there.append(found)
        addresses.append(address)
        address = after
    assert [len(page) for page in there] == [4, 4, 3]
    assert [name for page in there for name in page] == everything
    back: list[list[str]] = []
    address = addresses[-1]
    while address:
        found, address, _after = listed(officer, address)
        back.insert(0, found)
    assert back == there


def test_the_queue_is_narrowed_by_procedure_status_channel_and_due(town: Town) -> None:
    house, birth = submit(town), submit(town, BIRTH)
    officer = town.browser(R.ONE_STOP_OFFICER)
    do(officer, house, A.RECEIVE)
    for query, expected in {
        f"thu_tuc={BIRTH}": [birth], "tinh_trang=2": [house], "tinh_trang=1": [birth], "kenh=post": [],
        "han=qua_han": [], "han=hom_nay": [house], "han=hai_ngay": [house, birth],
        "tinh_trang=99": [house, birth], "sau=nonsense": [house, birth], f"sau={'9' * 40}.1": [house, birth],
    }.items():  # fmt: skip
        found, _before, _after = listed(officer, f"/ban-lam-viec/?{query}")
        assert sorted(found) == sorted(expected), query


def test_a_dossier_is_found_by_code_name_and_parcel_by_those_who_may_open_it(town: Town) -> None:
    house, birth = submit(town), submit(town, BIRTH)
    officer = town.browser(R.ONE_STOP_OFFICER)
    do(officer, house, A.RECEIVE)
    answers = kept(house).answers
    parcel = f"to {answers['map_sheet']} thua {answers['parcel_number']}"
    for typed, expected in {
        "hoang thi mai": [birth, house], "Hoàng TH": [birth, house], kept(house).code: [house],
        kept(birth).registration: [birth],
        parcel: [house], "khong ai": [], HOSTILE: [], "": [],
    }.items():  # fmt: skip
        found, _before, _after = listed(officer, f"/ban-lam-viec/tim?{urlencode({'q': typed})}")
        assert found == expected, typed
    for other in (town.browser(R.ONE_STOP_OFFICER, "bao-ha"), town.browser(R.POLICE_OFFICER)):
        assert listed(other, "/ban-lam-viec/tim?q=hoang")[0] == []
    assert "Không tìm thấy hồ sơ nào" in officer.get("/ban-lam-viec/tim?q=khong+ai&sau=x").text


def test_the_first_queue_holds_what_waits_for_my_section_and_the_last_all_of_the_unit(town: Town) -> None:
    registration = submit(town)
    specialist = town.browser(R.SPECIALIST)
    assert listed(specialist, "/ban-lam-viec/")[0] == []
    assert listed(specialist, "/ban-lam-viec/?xem=tat_ca")[0] == [registration]


def test_results_that_wait_to_be_fetched_lie_in_a_queue_of_their_own_in_nobody_s_way(town: Town) -> None:
    registration = submit(town)
    officer, specialist = town.browser(R.ONE_STOP_OFFICER), town.browser(R.SPECIALIST)
    assert listed(officer, "/ban-lam-viec/?xem=tra")[0] == []
    to_signature(town, registration)
    do(town.browser(R.LEADER), registration, A.APPROVE)
    do(town.browser(R.CLERK), registration, A.ISSUE)
    assert listed(officer, "/ban-lam-viec/")[0] == []
    assert listed(officer, "/ban-lam-viec/?xem=tra")[0] == [registration]
    assert listed(officer, "/ban-lam-viec/?xem=tra&tinh_trang=1")[0] == [registration]
    assert "Chờ trả kết quả" in officer.get("/ban-lam-viec/").text
    assert "Chờ trả kết quả" not in specialist.get("/ban-lam-viec/?xem=tra").text


def test_a_cursor_comes_back_from_the_address_as_it_was(town: Town) -> None:
    cursor = Cursor(NOW + timedelta(microseconds=7), 42, backwards=True)
    assert pages.read(pages.write(cursor), backwards=True) == cursor
    assert pages.read("1.2; DROP TABLE", backwards=False) is None


@pytest.mark.usefixtures("nothing_published")
def test_a_page_of_the_queue_asks_the_database_as_often_for_many_dossiers_as_for_one(
    town: Town, database: store.Database
) -> None:
    officer = town.browser(R.ONE_STOP_OFFICER)
    submit(town)
    officer.get("/ban-lam-viec/")  # what a process looks up once
    few = statements(database, lambda: officer.get("/ban-lam-viec/"))
    for _ in range(8):
        submit(town, BIRTH)
    many = statements(database, lambda: officer.get("/ban-lam-viec/"))
    assert len(few) == len(many) == 4, many  # who it is, the saved views, the page, the counts


@pytest.mark.usefixtures("nothing_published")
def test_the_page_of_a_dossier_asks_the_database_as_often_after_a_long_history_as_after_a_short_one(
    town: Town, database: store.Database
) -> None:
    registration = submit(town)
    to_signature(town, registration)
    leader, address = town.browser(R.LEADER), f"/ban-lam-viec/{registration}"
    leader.get(address)  # what a process looks up once, and that it was read
    few = statements(database, lambda: leader.get(address))
    for _ in range(2):
        do(leader, registration, A.SEND_BACK, to_step="appraisal", words="Cần xem lại khoảng lùi.")
        do(town.browser(R.SPECIALIST), registration, A.FORWARD)
        do(town.browser(R.SPECIALIST), registration, A.FORWARD)
        do(town.browser(R.HEAD_OF_OFFICE), registration, A.FORWARD)
    many = statements(database, lambda: leader.get(address))
    # Who it is; the dossier, its history, dates and papers, and that it has nothing else; who is away; what was read
    # of it; findings, claims, likely duplicates and notes; the templates for words.
    assert len(few) == len(many) == 12, many


def statements(database: store.Database, doing: Callable[[], object]) -> list[str]:
    """The queries sent meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    engine = store.current().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        doing()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def test_every_page_can_be_read_in_english(town: Town) -> None:
    registration, officer = submit(town), town.browser(R.ONE_STOP_OFFICER)
    for address in ("/ban-lam-viec/", f"/ban-lam-viec/{registration}", "/ban-lam-viec/quay/"):
        assert officer.get(f"{address}?lang=en").status_code == 200
