"""What an applicant answers to a supplement becomes part of the dossier when it is sent: all of it, and not before."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.web import citizen, desk
from tests import sample_files
from tests.cases import HOUSE, NOW, RESIDENCE, act, kept, submit
from tests.people import account_of, signed_in

LATER = NOW + timedelta(days=1)
FILE = {"key": "file", "component": "drawings"}


@pytest.fixture
def mai(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The applicant, signed in, a day after reception."""
    monkeypatch.setattr(desk, "now", lambda: LATER)
    monkeypatch.setattr(citizen, "now", lambda: LATER)
    return signed_in(app, account_of(Role.CITIZEN))


def asked(items: list[dict[str, Any]], code: str = HOUSE, *, received: bool = True, **columns: Any) -> str:
    """A dossier of which these items were asked; gives its registration number."""
    registration = submit(code, **columns)
    if received:
        act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    request: dict[str, Any] = {"reason": "missing_paper", "items": items, "answer_by": date(2026, 10, 30)}
    act(Role.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, **request)
    return registration


def page_of(registration: str) -> dict[str, str]:
    """The applicant's page of the form, as it stands in the dossier."""
    answers = kept(registration).answers
    keys = ("full_name", "personal_number", "birth_date", "sex", "phone", "email", "permanent_address", "commune")
    given = {key: str(answers[key]) for key in keys if key in answers}
    return given | {"section": "applicant", "birth_date": "12/03/1988"}


def test_a_file_is_no_part_of_the_dossier_before_the_answer_is_sent(app: Flask, mai: FlaskClient) -> None:
    registration = asked([FILE])
    data = {"files-file": (BytesIO(sample_files.photo(60)), "mặt cắt.jpg")}
    mai.post(f"/ho-so/{registration}/bo-sung/file", data=data, content_type="multipart/form-data")
    assert "mặt cắt.jpg" in mai.get(f"/ho-so/{registration}/bo-sung").text
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="hoa"))
    assert "mặt cắt.jpg" not in officer.get(f"/ban-lam-viec/{registration}").text
    assert kept(registration).files == []
    mai.post(f"/ho-so/{registration}/bo-sung")
    assert "mặt cắt.jpg" in officer.get(f"/ban-lam-viec/{registration}").text
    assert [file.name for file in kept(registration).files] == ["mặt cắt.jpg"]


@pytest.mark.parametrize("received", [True, False])
def test_a_corrected_name_is_the_name_everywhere(mai: FlaskClient, received: bool) -> None:
    registration = asked([{"key": "page", "section": "applicant"}], received=received)
    sent = page_of(registration) | {"full_name": "Lý Thị Pham"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 303, answer.text
    assert kept(registration).applicant_name == "Hoàng Thị Mai"
    mai.post(f"/ho-so/{registration}/bo-sung")
    dossier = kept(registration)
    assert dossier.answers["full_name"] == dossier.applicant_name == "Lý Thị Pham"
    assert "ly thi pham" in dossier.search
    assert registration.lower() in dossier.search
    assert (dossier.status == Status.PROCESSING) is received


def test_what_is_emptied_on_a_corrected_page_is_gone(mai: FlaskClient) -> None:
    procedure_answers = {"email": "mai@vidu.vn"}
    registration = asked([{"key": "page", "section": "contact"}], answers=procedure_answers)
    assert kept(registration).answers["email"] == "mai@vidu.vn"
    sent = {"section": "contact", "phone": "0912345678", "email": ""}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 303, answer.text
    mai.post(f"/ho-so/{registration}/bo-sung")
    assert "email" not in kept(registration).answers
    assert kept(registration).applicant_email == ""


def test_a_row_is_added_to_a_corrected_page_and_nothing_typed_is_lost(mai: FlaskClient) -> None:
    registration = asked([{"key": "page", "section": "new_household"}], RESIDENCE)
    sent = {"section": "new_household", "members-0-full_name": "Bàn Văn Sơn", "add-members": "1"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 200
    assert "Bàn Văn Sơn" in answer.text
    assert 'name="members-1-full_name"' in answer.text
    sent = {"section": "new_household", "members-0-full_name": "Bàn Văn Sơn", "members-1-full_name": "Bàn Thị Mẩy"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent | {"remove-members-0": "1"})
    assert "Bàn Văn Sơn" not in answer.text
    assert "Bàn Thị Mẩy" in answer.text


def test_words_that_are_no_text_are_told_and_stay(mai: FlaskClient) -> None:
    registration = asked([{"key": "other"}])
    answer = mai.post(f"/ho-so/{registration}/bo-sung/other", data={"words": "Tôi đã \x07 nộp."})
    assert answer.status_code == 422
    assert "nộp." in answer.text
    assert kept(registration).supplements[0].replies == {}


def test_an_answer_pressed_twice_is_sent_once(mai: FlaskClient) -> None:
    registration = asked([{"key": "other"}])
    mai.post(f"/ho-so/{registration}/bo-sung/other", data={"words": "Đã nộp."})
    assert {mai.post(f"/ho-so/{registration}/bo-sung").status_code for _ in range(3)} == {303}
    events = [event.action for event in kept(registration).events]
    assert events.count(Action.ANSWER_SUPPLEMENT) == 1
