"""The page on which a reception is put right: shown before it is done, refused beside the field, closed in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.checklists import Found, Mark
from portal.domain.slips import SlipKind
from portal.store.database import reading, transaction
from portal.store.models import Account, Attachment
from portal.usecases import checklists
from portal.web import corrections, rectifications
from procedures.catalogue import load_catalogue
from tests.cases import HOUSE, NOW, kept, person, submit
from tests.people import signed_in
from tests.usecases.test_rectifications import FIRST_REISSUE, HOUSE_PAPERS, REPAIR, WHY, received
from tests.usecases.test_verification import papers
from tests.web.hostile import forms_of
from tests.web.test_corrections import browser

R = Role
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (corrections, rectifications):
        monkeypatch.setattr(page, "now", lambda: LATER)


def address(registration: str, **said: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in said.items())
    return f"/ban-lam-viec/{registration}/dinh-chinh-tiep-nhan?{asked}"


def confirm(client: FlaskClient, page: str, **said: str) -> dict[str, list[str]]:
    """The form below the preview, with a reason."""
    form = next(form for form in forms_of(client.get(page), page) if "amend-words" in form.fields)
    known = {"amend-reason": ["picked_wrong"], "amend-words": [WHY]}
    return form.fields | known | {name: [value] for name, value in said.items()}


def test_the_time_is_put_right_after_the_new_date_was_seen(app: Flask) -> None:
    registration = received(at=LATER)
    client = browser(app, R.ONE_STOP_OFFICER)
    begin = f"/ban-lam-viec/{registration}/dinh-chinh-tiep-nhan"
    assert begin in client.get(f"/ban-lam-viec/{registration}").text
    assert begin in client.get(f"/ban-lam-viec/{registration}/dinh-chinh").text
    assert "Sẽ thay đổi" not in client.get(begin).text
    shown = address(registration, clock="10:30")
    page = client.get(shown).text
    assert "12:00, 14/09/2026" in page
    assert "10:30, 14/09/2026" in page
    assert "Ngày hẹn trả" in page
    answer = client.post(begin, data=confirm(client, shown))
    assert answer.status_code == 303, answer.text
    assert kept(registration).received_at == NOW + timedelta(hours=1, minutes=30)
    assert len(papers(registration, SlipKind.RECEIPT)) == 2
    page = client.get(f"/ban-lam-viec/{registration}").text
    assert "Đã đính chính: Thời gian tiếp nhận" in page
    assert "Lý do: Cán bộ chọn nhầm khi tiếp nhận" in page


def test_what_cannot_be_is_said_beside_its_question_and_nothing_is_lost(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    for clock, said in (("25:99", "ví dụ 14:05"), ("23:00", "chưa đến"), ("00:10", "chưa được gửi")):
        page = client.get(address(registration, clock=clock)).text
        assert 'id="clock-error"' in page
        assert said in page
        assert f'value="{clock}"' in page
        assert "Sẽ thay đổi" not in page
    sent = confirm(client, address(registration, clock="11:00"), **{"amend-words": ""})
    answer = client.post(f"/ban-lam-viec/{registration}/dinh-chinh-tiep-nhan", data=sent)
    assert answer.status_code == 422
    assert 'id="amend-words-error"' in answer.text
    assert 'value="11:00"' in answer.text


def test_another_procedure_shows_what_is_lost_and_given_back_before_it_is_done(app: Flask) -> None:
    registration = received(REPAIR, papers={**HOUSE_PAPERS, "photos": {"copy": 2}})
    client = browser(app, R.ONE_STOP_OFFICER)
    with transaction() as session:
        file = {
            "component": "repair_design",
            "name": "thiet-ke.pdf",
            "kind": "pdf",
            "size": 1,
            "pages": 1,
            "sha256": "0" * 64,
        }
        session.add(Attachment(dossier_id=kept(registration).id, uploaded_at=NOW, **file))
    checklists.save(person(R.ONE_STOP_OFFICER), registration, {"photos": Mark(Found.WRONG, "", "Mờ")}, {}, NOW)
    shown = address(registration, procedure=HOUSE)
    page = client.get(shown).text
    repair = load_catalogue().in_force(REPAIR, NOW.date())
    assert repair.fields["repaired_parts"].label.vi in page
    assert "phải trả lại người nộp" in page
    assert repair.papers["photos"].vi in page
    answer = client.post(shown, data=confirm(client, shown))
    assert answer.status_code == 303, answer.text
    assert kept(registration).procedure == HOUSE
    desk = client.get(f"/ban-lam-viec/{registration}")
    assert desk.status_code == 200
    assert "thiet-ke.pdf" in desk.text
    with reading() as session:
        applicant = signed_in(app, session.get_one(Account, kept(registration).owner_id))
    page = applicant.get(f"/ho-so/{registration}")
    assert page.status_code == 200
    assert "Giấy tờ khác" in page.text


def test_a_procedure_that_lacks_something_says_what_and_how_else(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    page = client.get(address(registration, procedure=FIRST_REISSUE)).text
    assert "Hồ sơ còn thiếu" in page
    assert "lãnh đạo dừng hồ sơ này" in page
    assert "amend-words" not in page


def test_given_to_another_unit_it_is_gone_from_one_s_own(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    shown = address(registration, unit="nghia-do")
    answer = client.post(shown, data=confirm(client, shown))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ban-lam-viec/")
    assert client.get(f"/ban-lam-viec/{registration}").status_code == 404


def test_after_its_day_the_page_says_what_can_be_done_instead(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    sent = confirm(client, address(registration, clock="11:00"))
    for page in (corrections, rectifications):
        monkeypatch.setattr(page, "now", lambda: NOW + timedelta(days=1))
    assert "dinh-chinh-tiep-nhan" not in client.get(f"/ban-lam-viec/{registration}").text
    for answer in (
        client.get(address(registration)),
        client.post(f"/ban-lam-viec/{registration}/dinh-chinh-tiep-nhan", data=sent),
    ):
        assert "chỉ sửa được trong ngày" in answer.text
        assert f"/ban-lam-viec/{registration}/ho-so-moi" in answer.text
    assert len(kept(registration).due_changes) == 1


def test_it_is_reception_s_and_of_a_received_dossier(app: Flask) -> None:
    registration = submit()
    place = f"/ban-lam-viec/{registration}/dinh-chinh-tiep-nhan"
    assert browser(app, R.LEADER).get(place).status_code == 403
    assert browser(app, R.ONE_STOP_OFFICER).get(place).status_code == 409
