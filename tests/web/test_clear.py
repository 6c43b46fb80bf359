"""Clear person, clear work, clear time: what an applicant and the public are told in each of the ten statuses."""

from __future__ import annotations

import html
import re
import secrets
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain import words
from portal.domain.access import Role
from portal.domain.codes import registration_number
from portal.domain.flow import TERMINAL, Action, Status
from portal.usecases import law
from portal.web import citizen, public
from portal.web.filters import moment
from tests.cases import LAND, NOW, act, kept, submit
from tests.people import account_of, signed_in

A, R = Action, Role
ANSWER_BY = date(2026, 9, 30)
Deed = tuple[Role, Action, dict[str, Any]]

RECEIVED: tuple[Deed, ...] = ((R.ONE_STOP_OFFICER, A.RECEIVE, {}),)
PROCESSING = (*RECEIVED, (R.ONE_STOP_OFFICER, A.FORWARD, {}))
ASKING = {"reason": "missing_paper", "items": [{"key": "other", "words": "Mời xem lại."}], "answer_by": ANSWER_BY}
AT_DUTY = (*PROCESSING, (R.REGISTRY_HEAD, A.FORWARD, {}), (R.REGISTRY_OFFICER, A.FORWARD, {}))
RESOLVED = (
    *AT_DUTY, (R.REGISTRY_OFFICER, A.FORWARD, {}), (R.REGISTRY_OFFICER, A.FORWARD, {}),
    (R.REGISTRY_HEAD, A.APPROVE, {}), (R.REGISTRY_OFFICER, A.ISSUE, {}),
)  # fmt: skip
#: How a land transfer comes to each status.
LIVES: dict[Status, tuple[Deed, ...]] = {
    Status.REGISTERED: (),
    Status.RECEIVED: RECEIVED,
    Status.NOT_RECEIVED: ((R.ONE_STOP_OFFICER, A.DECLINE, {"reason": "other"}),),
    Status.PROCESSING: PROCESSING,
    Status.SUPPLEMENT_ASKED: (*RECEIVED, (R.ONE_STOP_OFFICER, A.ASK_SUPPLEMENT, ASKING)),
    Status.DUTY_ASKED: (*AT_DUTY, (R.REGISTRY_OFFICER, A.ASK_DUTY, {"amount": 7_000_000, "answer_by": ANSWER_BY})),
    Status.WITHDRAWN: (
        *PROCESSING, (R.CITIZEN, A.REQUEST_WITHDRAWAL, {}), (R.ONE_STOP_OFFICER, A.CONFIRM_WITHDRAWAL, {}),
    ),
    Status.STOPPED: (*PROCESSING, (R.LEADER, A.STOP, {"reason": "other"})),
    Status.RESOLVED: RESOLVED,
    Status.HANDED_OVER: (*RESOLVED, (R.ONE_STOP_OFFICER, A.HAND_OVER, {})),
}  # fmt: skip
#: Who the applicant reads has to act.
WHO = {
    Status.REGISTERED: R.ONE_STOP_OFFICER,
    Status.RECEIVED: R.ONE_STOP_OFFICER,
    Status.PROCESSING: R.REGISTRY_HEAD,
    Status.SUPPLEMENT_ASKED: R.CITIZEN,
    Status.DUTY_ASKED: R.CITIZEN,
    Status.RESOLVED: R.ONE_STOP_OFFICER,
}


@pytest.fixture
def database_kind() -> str:
    """What is said does not depend on the database."""
    return "sqlite"


@pytest.fixture
def owner(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The applicant, signed in on the morning of it all."""
    at(monkeypatch, NOW)
    return signed_in(app, account_of(R.CITIZEN))


def at(monkeypatch: pytest.MonkeyPatch, instant: Any) -> None:
    monkeypatch.setattr(citizen, "now", lambda: instant)
    monkeypatch.setattr(public, "_now", lambda: instant)


def lived(status: Status) -> str:
    """A land transfer in this status; gives its registration number."""
    registration = submit(LAND, registration=registration_number(secrets.token_bytes(8)))
    for role, action, request in LIVES[status]:
        act(role, registration, action, **request)
    assert kept(registration).status == status
    return registration


def read(client: FlaskClient, address: str, language: str) -> str:
    page = client.get(f"{address}?lang={language}").text
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("status", Status)
def test_in_every_status_the_applicant_and_the_public_read_who_what_and_when_or_what_is_possible_afterwards(
    owner: FlaskClient, app: Flask, status: Status, language: str
) -> None:
    registration = lived(status)
    held = kept(registration)
    own = read(owner, f"/ho-so/{registration}", language)
    seen = read(app.test_client(), f"/tra-cuu/{registration}", language)
    named = words.STATUSES[status].say(language)
    assert named in own
    assert named in seen
    if status in TERMINAL:
        told = words.AFTERWARDS[status].say(language)
        assert told in own
        assert told in seen
        return
    step = law.catalogue().version(LAND, held.version).step(held.step).title
    what = words.next_work(status, step, answered_early=False).say(language)
    who = words.ROLES[WHO[status]].say(language)
    assert held.act_by is not None
    for told in (what, moment(held.act_by)):
        assert told in own
        assert told in seen
    assert who in seen
    assert ({"vi": "Bạn", "en": "You"}[language] if WHO[status] is R.CITIZEN else who) in own


def test_every_status_that_ends_a_dossier_says_what_is_possible_afterwards() -> None:
    assert set(words.AFTERWARDS) == TERMINAL


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_duty_is_asked_for_with_its_words_amount_day_and_what_to_do(owner: FlaskClient, language: str) -> None:
    registration = lived(Status.DUTY_ASKED)
    page = read(owner, f"/ho-so/{registration}", language)
    amount = {"vi": "Số tiền: 7.000.000 đồng.", "en": "Amount: 7,000,000"}[language]
    for told in ("Hồ sơ chưa đúng quy định", amount, "30/09/2026"):
        assert told in page
    assert {"vi": "chứng từ cho bộ phận một cửa", "en": "receipt to the one-stop shop"}[language] in page
    act(R.REGISTRY_OFFICER, registration, A.CONFIRM_DUTY, NOW + timedelta(days=1), number="0012345")
    assert "chứng từ cho bộ phận một cửa" not in read(owner, f"/ho-so/{registration}", "vi")


@pytest.mark.parametrize("status", [Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED])
def test_past_the_day_to_answer_it_is_said_that_one_still_can(
    owner: FlaskClient, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lived(status)
    said = {"vi": "Đã quá ngày này.", "en": "This day has passed."}
    at(monkeypatch, NOW + timedelta(days=16))  # 30/09/2026, the last day
    assert said["vi"] not in read(owner, f"/ho-so/{registration}", "vi")
    at(monkeypatch, NOW + timedelta(days=17))
    for language, told in said.items():
        assert told in read(owner, f"/ho-so/{registration}", language)


@pytest.mark.parametrize(
    ("delivery", "told"),
    [
        ("one_stop", "Trung tâm Phục vụ hành chính công xã Bảo Yên, Trụ sở UBND xã Bảo Yên, tỉnh Lào Cai."),
        ("post", "Kết quả được gửi qua bưu chính"),
        ("online", "Bản điện tử ở mục Văn bản của hồ sơ."),
    ],
)
def test_a_finished_result_comes_the_way_the_applicant_asked_for(owner: FlaskClient, delivery: str, told: str) -> None:
    registration = submit(LAND, answers={"result_delivery": delivery, "delivery_address": "Bản Lằng, xã Bảo Yên"})
    for role, action, request in RESOLVED:
        act(role, registration, action, **request)
    assert told in read(owner, f"/ho-so/{registration}", "vi")


def test_the_fee_is_shown_line_by_line_once_it_is_frozen(owner: FlaskClient) -> None:
    registration = submit("1.001193", answers={"child_birth_date": "01/09/2026", "wants_copies": "yes", "copies": 2})
    assert "tính khi tiếp nhận" in read(owner, f"/ho-so/{registration}", "vi")
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    page = read(owner, f"/ho-so/{registration}", "vi")
    lines = kept(registration).fee_lines
    assert lines
    for line in lines:
        assert line["name"]["vi"] in page
    assert "16.000 đồng" in page
    assert "Tổng cộng: 16.000 đồng · nộp tại quầy" in page
