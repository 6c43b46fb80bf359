"""Sharing out work in the browser: who is away, who stands in, and what the deputy finds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import absences
from portal.usecases.absences import Wish
from portal.web.resources import now
from tests.cases import HOUSE, act, kept, person, submit, to_the_leader
from tests.people import account_of, signed_in

A, R = Action, Role
PAGE = "/phan-cong"


@pytest.fixture
def database_kind() -> str:
    """What the database keeps is tried on both elsewhere."""
    return "sqlite"


def account(account_id: int | None) -> Account:
    with reading() as session:
        return session.get_one(Account, account_id)


def written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def test_an_absence_is_written_down_and_the_deputy_works_in_the_others_place(app: Flask) -> None:
    at, today = now(), office_day(now())
    registration = submit(HOUSE, at)
    to_the_leader(registration, at)
    leader, head = account_of(R.LEADER, full_name="Lý Thị Lan"), person(R.HEAD_OF_OFFICE)
    browser = signed_in(app, leader)
    data = {
        "nguoi": leader.id,
        "tu": written(today),
        "den": written(today + timedelta(days=1)),
        "thay": head.account_id,
    }
    assert browser.post(f"{PAGE}/vang", data=data).location == PAGE
    page = browser.get(PAGE).text
    assert "Lý Thị Lan – Lãnh đạo" in page
    assert head.name in page
    refused = browser.post(f"{PAGE}/vang", data=data | {"den": written(today - timedelta(days=1))})
    assert refused.status_code == 400
    assert "Ngày cuối phải từ ngày bắt đầu trở đi." in refused.text
    assert f'value="{written(today)}"' in refused.text, "nothing typed is lost"
    assert "Chọn người vắng." in browser.post(f"{PAGE}/vang", data={}).text

    other = signed_in(app, account_of(R.HEAD_OF_OFFICE, username="other"))
    assert "Hôm nay bạn không thay ai" in other.get("/thay-mat").text
    deputy = signed_in(app, account(head.account_id))
    assert registration in deputy.get("/thay-mat").text
    page = deputy.get(f"/ban-lam-viec/{registration}").text
    assert "Bạn thay mặt Lý Thị Lan" in page
    assert f'action="/ban-lam-viec/{registration}/approve"' in page
    seen = kept(registration).seq
    assert deputy.post(f"/ban-lam-viec/{registration}/approve", data={"seen": seen}).status_code == 303
    assert "(thay mặt Lý Thị Lan)" in browser.get(f"/ban-lam-viec/{registration}").text
    number = browser.get(PAGE).text.split("/phan-cong/vang/")[1].split("/")[0]
    assert browser.post(f"{PAGE}/vang/{number}/het").location == PAGE
    assert "Không ai được ghi vắng." in browser.get(PAGE).text


def test_whoever_handled_all_of_it_is_told_why_somebody_else_must_sign(app: Flask) -> None:
    at, today, one = now(), office_day(now()), person(R.ONE_STOP_OFFICER)
    for role in (R.SPECIALIST, R.HEAD_OF_OFFICE, R.LEADER):
        absent = person(role).account_id
        assert absent is not None
        absences.enter(person(R.LEADER), Wish(absent, today, today, one.account_id), at)
    registration = submit(HOUSE, at)
    browser = signed_in(app, account(one.account_id))
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    while kept(registration).holder_role != R.LEADER:
        act(R.ONE_STOP_OFFICER, registration, A.FORWARD, at)
    page = browser.get(f"/ban-lam-viec/{registration}").text
    assert "Người khác phải ký hồ sơ này" in page
    assert f"/{registration}/approve" not in page
    refused = browser.post(f"/ban-lam-viec/{registration}/approve", data={"seen": kept(registration).seq})
    assert refused.status_code == 403
    assert "người khác phải ký" in refused.text
