"""Proves that what was typed survives the end of a session, and that no other site can have anything sent that way."""

from __future__ import annotations

import html
import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.store.database import Database, reading, transaction
from portal.store.models import Account, Event
from tests.cases import HOUSE, kept, submit
from tests.people import PASSWORD, account_of, signed_in

WHY = "Bản vẽ thiếu mặt cắt móng.\r\nXin nộp lại cả bản vẽ & thuyết minh."
HOME = "http://localhost"


@pytest.fixture(autouse=True)
def _connected(database: Database) -> None:
    """On both databases."""


def officer(app: Flask) -> tuple[FlaskClient, Account, str]:
    """An officer with a dossier open, whose session ends now."""
    account = account_of(Role.ONE_STOP_OFFICER, username="mot-cua")
    browser, page = signed_in(app, account), f"/ban-lam-viec/{submit(HOUSE)}/decline"
    with transaction() as session:
        session.execute(update(Account).values(session_epoch=Account.session_epoch + 1))
    return browser, account, page


def form(page: str, **changes: str) -> dict[str, str]:
    registration = page.split("/")[2]
    known = {"seen": str(kept(registration).seq), "decline-reason": "wrong_authority", "decline-words": WHY}
    return known | changes


def sent_again(page: str) -> dict[str, str]:
    """The inputs of the form that sends it again."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


def test_words_typed_when_the_session_was_over_are_sent_again_after_signing_in(app: Flask) -> None:
    browser, account, page = officer(app)
    lost = browser.post(page, data=form(page), headers={"Referer": HOME + page})
    assert lost.status_code == 401
    assert "Chưa có gì được ghi" in lost.text
    assert "Bản vẽ thiếu mặt cắt móng.\r\nXin nộp lại cả bản vẽ &amp; thuyết minh." in lost.text
    assert kept(page.split("/")[2]).status == Status.REGISTERED

    browser.post("/dang-nhap", data={"identifier": account.username, "password": PASSWORD})
    again = browser.post(page, data=sent_again(lost.text), headers={"Referer": HOME + page}, csrf=False)
    assert f"Gửi lại với tên {account.full_name}" in again.text
    done = browser.post(page, data=sent_again(again.text), headers={"Referer": HOME + page}, csrf=False)
    assert done.status_code == 303, done.text
    assert kept(page.split("/")[2]).status == Status.NOT_RECEIVED
    with reading() as session:
        told = session.scalars(select(Event.details).where(Event.action == Action.DECLINE.value)).one()
    assert told["words"].split() == WHY.split()


def test_a_token_of_a_session_that_is_over_loses_no_words_of_who_has_signed_in_again(app: Flask) -> None:
    browser, account, page = officer(app)
    browser.post("/dang-nhap", data={"identifier": account.username, "password": PASSWORD})
    stale = form(page, csrf_token="of-before")
    answer = browser.post(page, data=stale, headers={"Referer": HOME + page}, csrf=False)
    assert answer.status_code == 400
    assert f"Gửi lại với tên {account.full_name}" in answer.text
    assert browser.post(page, data=sent_again(answer.text), csrf=False).status_code == 303


@pytest.mark.parametrize("referrer", [None, "https://elsewhere.example/x"])
def test_what_did_not_come_from_a_page_of_this_portal_is_not_kept(app: Flask, referrer: str | None) -> None:
    browser, _, page = officer(app)
    answer = browser.post(page, data=form(page), headers={"Referer": referrer} if referrer else {})
    assert answer.status_code == 303
    assert answer.location.startswith("/dang-nhap")


def test_a_button_alone_and_a_password_are_not_kept(app: Flask) -> None:
    browser, _, page = officer(app)
    home = {"Referer": HOME + page}
    assert browser.post(page, data={"seen": "1", "decline-reason": "other"}, headers=home).status_code == 303
    code = {"contact-code": "123 456"}
    assert browser.post("/tai-khoan/lien-he/xac-nhan", data=code, headers=home).status_code == 303
    changed = {"current_password": "mật khẩu cũ", "password": "mật khẩu mới", "again": "mật khẩu mới"}
    assert browser.post("/tai-khoan/mat-khau", data=changed, headers=home).status_code == 303


def test_no_words_are_kept_of_a_form_for_whoever_comes(app: Flask) -> None:
    known = {"identifier": "ai đó", "csrf_token": "of-before"}
    answer = app.test_client().post("/dang-nhap", data=known, headers={"Referer": HOME + "/dang-nhap"}, csrf=False)
    assert answer.status_code == 400
    assert "ai đó" not in answer.text


def test_a_form_that_lost_its_files_is_not_sent_without_them_but_begun_again_where_it_stood(app: Flask) -> None:
    browser, _, page = officer(app)
    home, kind = {"Referer": HOME + page}, "multipart/form-data"
    with_file = {**form(page), "file": (BytesIO(b"x"), "anh.jpg")}
    answer = browser.post(page, data=with_file, headers=home, content_type=kind)
    assert "Bản vẽ thiếu mặt cắt móng." in answer.text
    assert f'<a href="{page}"' in answer.text
    assert "Gửi lại</button>" not in answer.text
    none_chosen = {**form(page), "file": (BytesIO(b""), "")}
    assert "Gửi lại</button>" in browser.post(page, data=none_chosen, headers=home, content_type=kind).text


def test_what_a_page_put_into_its_form_is_sent_again_but_not_shown_as_typed(app: Flask) -> None:
    browser, _, page = officer(app)
    home, base = {"Referer": HOME + page}, '{"full_name": "Ai đó khác"}'
    answer = browser.post(page, data=form(page, base=base), headers=home).text
    assert answer.count("Ai đó khác") == 1
    assert sent_again(answer)["base"] == base
    assert browser.post(page, data={"base": base}, headers=home).status_code == 303


@pytest.mark.parametrize("typed", ["a=b+c&" * 3000, ""])
def test_of_a_stranger_no_form_of_very_many_inputs_is_read(app: Flask, typed: str) -> None:
    """And none at all is nothing to keep."""
    kind = {"Referer": HOME + "/ban-lam-viec/", "Content-Type": "application/x-www-form-urlencoded"}
    answer = app.test_client().post("/dang-xuat", data=typed, headers=kind)
    assert (answer.status_code, "b c" in answer.text) == (303, False)


def test_the_page_is_kept_by_no_cache(app: Flask) -> None:
    browser, _, page = officer(app)
    answer = browser.post(page, data=form(page), headers={"Referer": HOME + page})
    assert "no-store" in answer.headers["Cache-Control"]


def test_no_more_is_read_of_somebody_who_is_not_signed_in_than_a_form_without_files(app: Flask) -> None:
    browser, _, page = officer(app)
    words = "một hai ba " * (app.config["MAX_FORM_MEMORY_SIZE"] // 11)
    answer = browser.post(page, data=form(page, **{"decline-words": words}), headers={"Referer": HOME + page})
    assert (answer.status_code, "một hai ba" in answer.text) == (303, False)
