"""Scans by phone: a link adds files to one draft or dossier for a while, tells nothing personal, does nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.domain.access import Actor, Role
from portal.domain.errors import Stale
from portal.domain.flow import Action
from portal.store.database import reading, transaction
from portal.store.models import Account, Attachment, Draft
from portal.usecases import claims, drafts, evidence
from portal.web import counter, scans
from tests import cases, sample_files
from tests.people import account_of, signed_in

#: A Monday morning on which everything is open.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
EXTRACT = "2.000635"


@pytest.fixture
def database_kind() -> str:
    """A link and a file are the same on both; how files are kept is proved elsewhere."""
    return "sqlite"


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    for pages in (counter, scans):
        monkeypatch.setattr(pages, "now", lambda: moment)


@pytest.fixture
def hoa(app: Flask) -> Account:
    """The officer at the counter."""
    return account_of(Role.ONE_STOP_OFFICER)


@pytest.fixture
def desk(app: Flask, hoa: Account) -> FlaskClient:
    return signed_in(app, hoa)


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """Nobody's browser."""
    return app.test_client()


@pytest.fixture
def draft(desk: FlaskClient) -> str:
    """A draft with the applicant's name and number in it: the address of its page."""
    place = desk.post(f"/ban-lam-viec/quay/bat-dau/{EXTRACT}").location.partition("#")[0]
    desk.post(place, data={"channel": "counter", "full_name": "Lò Văn Inh", "personal_number": "010092003456"})
    return str(place)


def link(desk: FlaskClient, page: str) -> str:
    """Where the QR on a page of the desk leads."""
    return re.findall(r'href="(/quet/[^"]+)"', desk.get(page).text)[0]


def send(phone: FlaskClient, address: str, content: bytes = b"", component: str = "application") -> TestResponse:
    photo = (BytesIO(content or sample_files.photo(60)), "anh.jpg")
    return phone.post(address, data={"component": component, "files": photo})


def files() -> list[Attachment]:
    with reading() as session:
        return list(session.scalars(select(Attachment)))


def test_the_code_on_the_page_is_a_picture_that_is_not_kept(desk: FlaskClient, draft: str) -> None:
    picture = re.findall(r'<img class="qr" src="([^"]+)"', desk.get(draft).text)[0]
    answer = desk.get(picture)
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.startswith('<svg xmlns="http://www.w3.org/2000/svg" ')


def test_the_page_on_the_phone_asks_for_the_papers_and_tells_nothing_personal(
    desk: FlaskClient, draft: str, phone: FlaskClient
) -> None:
    address = link(desk, draft)
    send(phone, address)
    page = phone.get(address).text
    assert "Tờ khai đề nghị cấp bản sao trích lục hộ tịch" in page
    for secret in ("Lò Văn Inh", "010092003456", "anh.jpg", draft.rpartition("/")[2]):
        assert secret not in page


def test_what_is_photographed_comes_to_the_page_of_the_counter(
    desk: FlaskClient, hoa: Account, draft: str, phone: FlaskClient
) -> None:
    assert send(phone, link(desk, draft)).status_code == 303
    (file,) = files()
    assert (file.component, file.name, file.uploaded_by_id) == ("application", "anh.jpg", hoa.id)
    for page in (draft, f"{draft}/tep-quet"):
        assert "anh.jpg" in desk.get(page).text


def test_a_file_that_is_none_is_refused_with_its_reason(desk: FlaskClient, draft: str, phone: FlaskClient) -> None:
    address = link(desk, draft)
    answer = send(phone, address, b"no picture")
    assert answer.status_code == 422
    assert "anh.jpg:" in answer.text
    assert "Hãy chọn giấy tờ." in send(phone, address, component="nothing").text
    assert "Chưa chọn tệp nào." in phone.post(address, data={"component": "application"}).text
    assert files() == []


def test_a_link_is_good_for_an_hour_and_only_as_it_was_made(
    desk: FlaskClient, draft: str, phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = link(desk, draft)
    # Not its last letter: some of its bits mean nothing.
    forged = address[:-2] + ("A" if address[-2] != "A" else "B") + address[-1]
    for wrong in (forged, "/quet/x"):
        assert phone.get(wrong).status_code == 404
    at(monkeypatch, NOW + timedelta(minutes=61))
    for answer in (phone.get(address), send(phone, address)):
        assert answer.status_code == 404
        assert "Mã quét đã hết hạn" in answer.text
    assert files() == []


def test_a_link_ends_with_its_draft_and_with_its_officers_account(
    desk: FlaskClient, hoa: Account, draft: str, phone: FlaskClient
) -> None:
    address = link(desk, draft)
    with transaction() as session:
        session.get_one(Account, hoa.id).active = False
    assert send(phone, address).status_code == 404
    with transaction() as session:
        session.get_one(Account, hoa.id).active = True
        session.delete(session.scalars(select(Draft)).one())
    assert send(phone, address).status_code == 404
    assert files() == []


def test_nobody_shows_a_code_for_anothers_draft(app: Flask, draft: str) -> None:
    other = signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="another"))
    for page in (f"{draft}/ma-quet.svg", f"{draft}/tep-quet"):
        assert other.get(page).status_code == 404


def test_scans_are_added_to_a_dossier_by_the_desk_that_has_it_while_it_is_open(
    app: Flask, desk: FlaskClient, phone: FlaskClient
) -> None:
    registration = cases.submit(at=NOW)
    page = f"/ban-lam-viec/{registration}"
    assert send(phone, link(desk, page), component="drawings").status_code == 303
    assert [file.component for file in cases.kept(registration).files] == ["drawings"]
    assert "anh.jpg" in desk.get(f"{page}/tep-quet").text
    leader = signed_in(app, account_of(Role.LEADER))
    assert "/quet/" not in leader.get(page).text
    assert leader.get(f"{page}/ma-quet.svg").status_code == 403
    address = link(desk, page)
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.DECLINE, NOW, reason="wrong_authority")
    assert send(phone, address, component="drawings").status_code == 404
    assert len(cases.kept(registration).files) == 1


def test_the_log_of_a_received_dossier_tells_of_each_scan_with_its_digest(
    desk: FlaskClient, phone: FlaskClient
) -> None:
    registration = cases.submit(at=NOW)
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW)
    page = f"/ban-lam-viec/{registration}"
    address = link(desk, page)
    for _ in range(2):  # the same picture sent again is the same scan
        send(phone, address, component="drawings")
    dossier = cases.kept(registration)
    (file,) = dossier.files
    event = dossier.events[-1]
    assert [each.action for each in dossier.events] == [Action.SUBMIT, Action.RECEIVE, Action.ADD_SCAN]
    assert (event.details["component"], event.details["attached"]["sha256"]) == ("drawings", file.sha256)
    told = desk.get(page).text
    assert "Đã thêm bản chụp giấy tờ vào hồ sơ" in told
    assert file.sha256[:10] in told
    assert list(evidence.faults()) == []


def test_a_dossier_takes_scans_of_its_own_papers_and_no_more_than_fit(
    desk: FlaskClient, phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cases.submit(at=NOW)
    address = link(desk, f"/ban-lam-viec/{registration}")
    assert "Hãy chọn giấy tờ." in send(phone, address, component="nothing").text
    monkeypatch.setattr(drafts, "MOST_FILES", 0)
    assert "quá nhiều tệp" in send(phone, address, component="drawings").text
    assert files() == []


def test_a_scan_makes_the_page_older_for_everybody_but_who_added_it(desk: FlaskClient, phone: FlaskClient) -> None:
    registration = cases.submit(at=NOW)
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW)
    seen = cases.kept(registration).seq
    send(phone, link(desk, f"/ban-lam-viec/{registration}"), component="drawings")
    with pytest.raises(Stale):
        cases.act(Role.LEADER, registration, Action.STOP, NOW, seen=seen, reason="other")
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.FORWARD, NOW, seen=seen)
    with pytest.raises(Stale):
        cases.act(Role.ONE_STOP_OFFICER, registration, Action.REQUEST_WITHDRAWAL, NOW, seen=seen)


def test_a_scan_goes_past_the_colleague_who_has_the_dossier(app: Flask, desk: FlaskClient, phone: FlaskClient) -> None:
    registration = cases.submit(at=NOW)
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW)
    other = account_of(Role.ONE_STOP_OFFICER, username="another")
    claims.take(Actor(other.id, Role.ONE_STOP_OFFICER, other.unit, other.full_name), registration, NOW)
    assert send(phone, link(desk, f"/ban-lam-viec/{registration}"), component="drawings").status_code == 303
    assert cases.kept(registration).holder_id == other.id


def test_only_a_good_link_lets_in_more_than_a_form(
    desk: FlaskClient, draft: str, phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, datetime.now(UTC))  # the door goes by the clock itself
    address = link(desk, draft)
    much = sample_files.photo(60) + b"\0" * 1_200_000
    assert send(phone, "/quet/x", much).status_code == 413
    assert send(phone, address, much).status_code != 413


def test_a_draft_is_as_full_by_phone_as_otherwise(
    desk: FlaskClient, draft: str, phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_FILES", 0)
    assert "quá nhiều tệp" in send(phone, link(desk, draft)).text
