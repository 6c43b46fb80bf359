"""The checklist on a dossier's page: ticked by whoever holds it, and filled into requests and refusals."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.web import checklists, desk
from tests.cases import NOW, act, submit
from tests.web.test_desk import Town


@pytest.fixture
def town(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Town:
    for room in (desk, checklists):
        monkeypatch.setattr(room, "now", lambda: NOW)
    return Town(app, {})


def test_what_was_found_of_a_paper_stands_in_the_request_and_the_refusal_beforehand(town: Town) -> None:
    registration, address = submit(), "/ban-lam-viec/{}"
    officer = town.browser(Role.ONE_STOP_OFFICER)
    marks = {"found-drawings": "wrong", "reason-drawings": "unreadable", "words-drawings": "Trang 3 mờ"}
    answer = officer.post(f"{address.format(registration)}/kiem-tra-giay-to", data=marks | {"was-drawings": "||"})
    assert answer.status_code == 303
    assert answer.location.endswith("#thanh-phan")
    page = officer.get(address.format(registration)).text
    assert 'name="ask_supplement-items" value="component-drawings" checked' in page
    assert 'name="ask_supplement-says-component-drawings" value="Trang 3 mờ"' in page
    assert "sai – tệp mờ, thiếu trang hoặc không đọc được. Trang 3 mờ." in page
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    act(Role.ONE_STOP_OFFICER, registration, Action.FORWARD)
    read = officer.get(address.format(registration)).text
    assert 'name="found-drawings"' not in read
    assert "Sai – Tệp mờ, thiếu trang hoặc không đọc được: Trang 3 mờ" in " ".join(read.split())
    assert officer.post(f"{address.format(registration)}/kiem-tra-giay-to", data=marks).status_code == 403


def test_of_a_paper_that_two_officers_marked_both_versions_are_shown_and_one_is_chosen(town: Town) -> None:
    registration = submit()
    officer, address = town.browser(Role.ONE_STOP_OFFICER), f"/ban-lam-viec/{registration}/kiem-tra-giay-to"
    unseen = {"was-drawings": "||", "was-land_paper": "||"}
    officer.post(address, data=unseen | {"found-drawings": "wrong", "words-drawings": "Trang 3 mờ"})
    mine = {"found-drawings": "missing", "words-drawings": "Không có", "found-land_paper": "ok"}
    answer = officer.post(address, data=unseen | mine)
    assert answer.status_code == 409
    assert "Bản đã lưu ở nơi khác: Sai – Trang 3 mờ (" in answer.text
    assert "Bản của bạn: Thiếu – Không có" in answer.text
    assert "land_paper" not in answer.text  # only one has marked it, and it is kept
    again = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert officer.post(address, data=again).status_code == 409  # nothing was chosen
    assert officer.post(address, data=again | {"stays-drawings": "theirs"}).status_code == 303
    page = officer.get(f"/ban-lam-viec/{registration}").text
    assert 'name="was-drawings" value="wrong||Trang 3 mờ"' in page
    assert 'name="was-land_paper" value="ok||"' in page
    assert officer.post(address, data=again | {"stays-drawings": "mine"}).status_code == 303
    assert 'name="was-drawings" value="missing||Không có"' in officer.get(f"/ban-lam-viec/{registration}").text


def test_the_papers_of_a_dossier_that_has_ended_are_checked_no_more(town: Town) -> None:
    registration = submit()
    officer, address = town.browser(Role.ONE_STOP_OFFICER), f"/ban-lam-viec/{registration}"
    assert 'name="found-drawings"' in officer.get(address).text
    act(Role.ONE_STOP_OFFICER, registration, Action.DECLINE, reason="incomplete")
    assert 'name="found-drawings"' not in officer.get(address).text
    assert officer.post(f"{address}/kiem-tra-giay-to", data={"found-drawings": "ok"}).status_code == 409


def test_a_state_that_does_not_exist_is_refused(town: Town) -> None:
    registration = submit()
    officer = town.browser(Role.ONE_STOP_OFFICER)
    answer = officer.post(f"/ban-lam-viec/{registration}/kiem-tra-giay-to", data={"found-drawings": "invented"})
    assert answer.status_code == 400
