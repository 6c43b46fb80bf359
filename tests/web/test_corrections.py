"""The pages on which an intake is corrected and a paper revoked: chosen, typed, refused beside the field, done."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.access import DESK, Actor, Role
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store.database import reading, transaction
from portal.store.models import Account, Draft, Slip
from portal.usecases import drafts, law
from portal.web import corrections, counter
from tests.cases import NOW, act, kept, person, submit
from tests.people import account_of, signed_in
from tests.usecases import test_verification
from tests.usecases.test_corrections import WHY, in_its_place, received, stopped
from tests.usecases.test_verification import papers
from tests.web.hostile import forms_of

A, R = Action, Role
token = test_verification.token


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "now", lambda: NOW)


def browser(app: Flask, role: R) -> FlaskClient:
    person(R.CITIZEN)
    return signed_in(app, account_of(role, "bao-yen" if role in DESK else None, username=f"mot-{role}"))


def filled(client: FlaskClient, address: str, **said: str) -> dict[str, list[str]]:
    """The form of a page with these answers typed over what stands in it."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    form = next(form for form in forms_of(page, address) if "amend-words" in form.fields)
    kept_radios = dict(re.findall(r'type="radio"[^>]*name="([^"]+)"[^>]*value="([^"]+)"[^>]* checked', page.text))
    fields = form.fields | {"amend-reason": []} | {name: [value] for name, value in kept_radios.items()}
    fields["section"] = re.findall(r'name="section" value="([^"]+)"', page.text)
    return fields | {name: [value] for name, value in said.items()}


def test_a_name_is_corrected_by_choosing_its_page_and_typing_it_anew(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    page = client.get(f"/ban-lam-viec/{registration}")
    assert f"/ban-lam-viec/{registration}/dinh-chinh" in page.text
    assert "Phần cần sửa" in client.get(f"/ban-lam-viec/{registration}/dinh-chinh").text
    address = f"/ban-lam-viec/{registration}/dinh-chinh?phan=applicant"
    sent = filled(client, address, full_name="HOÀNG VĂN MỚI", **{"amend-reason": "typed_wrong", "amend-words": WHY})
    answer = client.post(address, data=sent)
    assert answer.status_code == 303, answer.text
    assert kept(registration).applicant_name == "HOÀNG VĂN MỚI"
    shown = client.get(f"/ban-lam-viec/{registration}").text
    assert "đã thay bằng giấy số" in shown
    assert "Đã đính chính: Họ, chữ đệm và tên" in shown
    assert "HOÀNG VĂN MỚI" in client.get(address).text


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    address = f"/ban-lam-viec/{registration}/dinh-chinh?phan=contact"
    sent = filled(client, address, phone="12", **{"amend-words": "Số nhầm một chữ."})
    answer = client.post(address, data=sent)
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text
    assert 'id="amend-reason-error"' in answer.text
    assert "Số nhầm một chữ." in answer.text
    assert 'value="12"' in answer.text
    assert len(papers(registration, SlipKind.RECEIPT)) == 1


def test_the_page_begins_with_all_that_was_answered(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    page = client.get(f"/ban-lam-viec/{registration}/dinh-chinh?phan=applicant").text
    sex = kept(registration).answers["sex"]
    assert re.search(rf'name="sex" value="{sex}"[^>]* checked', page)


def test_papers_are_counted_anew(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    address = f"/ban-lam-viec/{registration}/dinh-chinh?phan=giay-to"
    sent = filled(client, address, **{"paper-drawings-original": "2", "amend-reason": "counted_wrong"})
    sent["amend-words"] = [WHY]
    assert client.post(address, data=sent | {"paper-drawings-copy": ["many"]}).status_code == 422
    assert client.post(address, data=sent).status_code == 303
    assert kept(registration).papers["drawings"] == {"original": 2}


def test_who_was_slower_is_told_and_keeps_what_was_typed(app: Flask) -> None:
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    address = f"/ban-lam-viec/{registration}/dinh-chinh?phan=applicant"
    sent = filled(client, address, full_name="HOÀNG VĂN MỚI", **{"amend-reason": "typed_wrong", "amend-words": WHY})
    act(R.ONE_STOP_OFFICER, registration, A.FORWARD)
    answer = client.post(address, data=sent)
    assert answer.status_code == 409
    assert "HOÀNG VĂN MỚI" in answer.text
    again = {**sent, "amend-seen": [str(kept(registration).seq)]}
    assert client.post(address, data=again).status_code == 303


def test_the_page_is_reception_s_and_of_a_received_dossier(app: Flask) -> None:
    registration = submit()
    address = f"/ban-lam-viec/{registration}/dinh-chinh"
    assert browser(app, R.LEADER).get(address).status_code == 403
    assert browser(app, R.ONE_STOP_OFFICER).get(address).status_code == 409


def test_a_leader_revokes_a_paper_and_whoever_scans_it_is_told(
    app: Flask,
    token: Callable[[Slip], str],
) -> None:
    registration = received()
    (receipt,) = papers(registration, SlipKind.RECEIPT)
    code = token(receipt)
    client = browser(app, R.LEADER)
    address = f"/ban-lam-viec/{registration}/giay/{receipt.id}/thu-hoi"
    assert address in client.get(f"/ban-lam-viec/{registration}").text
    assert client.post(address, data={"amend-reason": "made_in_error"}).status_code == 422
    sent = {"amend-reason": "made_in_error", "amend-words": WHY}
    assert client.post(address, data=sent).status_code == 303
    assert client.post(address, data=sent).status_code == 409
    public = app.test_client().get(f"/xac-minh/{code}").text
    assert "Giấy này đã bị thu hồi" in public
    assert WHY not in public
    assert "đã thu hồi lúc" in client.get(f"/ban-lam-viec/{registration}").text


def test_a_stopped_dossier_leads_to_the_one_in_its_place_and_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "now", lambda: NOW)
    registration = received()
    client = browser(app, R.ONE_STOP_OFFICER)
    address = f"/ban-lam-viec/{registration}/ho-so-moi"
    assert address not in client.get(f"/ban-lam-viec/{registration}").text
    assert "Chỉ mở hồ sơ thay thế" in client.get(address).text
    act(R.LEADER, registration, A.STOP, reason="other")
    assert address in client.get(f"/ban-lam-viec/{registration}").text
    assert client.post(address, data={"procedure": "none"}).status_code == 422
    answer = client.post(address, data={"procedure": "1.013225"})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert kept(registration).code in page
    assert "Lúc nhận hồ sơ đã dừng" in page
    assert kept(registration).applicant_name in page
    key = answer.location.rpartition("/")[2]
    with transaction() as session:
        row = session.scalars(select(Draft).where(Draft.key == key)).one()
        procedure = law.catalogue().version(row.procedure, row.version)
        row.papers = {part.key: {"original": 1} for part in procedure.components}
        whole = kept(registration).answers | row.answers
        row.answers = whole | {key: True for key in ("declaration", "declared") if key in procedure.fields}
        author = Actor(row.author_id, R.ONE_STOP_OFFICER, "bao-yen", "")
    drafts.submit(author, key, NOW, since_previous=True)
    shown = client.get(f"/ban-lam-viec/{registration}").text
    assert "Thay cho hồ sơ này đã mở hồ sơ" in shown
    assert "đã mở hồ sơ" in client.get(address).text
    (new,) = re.findall(r'đã mở hồ sơ <a class="code" href="([^"]+)"', shown)
    assert "Hồ sơ này thay cho hồ sơ đã dừng" in client.get(new).text


def test_applicant_and_public_get_from_the_stopped_dossier_to_the_one_in_its_place_and_back(app: Flask) -> None:
    registration = stopped()
    new = in_its_place(registration)
    old = kept(registration)
    assert old.code is not None
    assert new.code is not None
    with reading() as session:
        applicant = signed_in(app, session.get_one(Account, old.owner_id))
    for one, other in ((old, new), (new, old)):
        page = applicant.get(f"/ho-so/{one.registration}").text
        assert f'href="/ho-so/{other.registration}">{other.code}</a>' in page
        public = app.test_client().get(f"/tra-cuu/{one.code}").text
        assert f'href="/tra-cuu/{other.code}">{other.code}</a>' in public
        assert old.applicant_name not in public
    plain = received()
    assert "đã dừng" not in app.test_client().get(f"/tra-cuu/{kept(plain).code}").text
