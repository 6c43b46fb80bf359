"""Sharing out work in the browser: who is away, who stands in, and what the deputy finds."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.store.database import reading, transaction
from portal.store.models import Account, Dossier
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
    assert "Lý Thị Lan (leader-bao-yen) – Lãnh đạo" in page
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


def test_a_sick_officers_40_dossiers_are_spread_and_taken_back(app: Flask) -> None:
    at, today = now(), office_day(now())
    sick, *others = (
        account_of(R.ONE_STOP_OFFICER, username=name, full_name=f"Người {name}") for name in ("ốm", "một", "hai", "ba")
    )
    head = signed_in(app, account(person(R.HEAD_OF_OFFICE).account_id))
    registrations = [submit(HOUSE, at) for _ in range(40)]
    with transaction() as session:
        session.execute(update(Dossier).values(holder_id=sick.id))
    page = head.get(PAGE).text
    assert "Người ốm giữ 40 hồ sơ: 0 quá hạn" in page
    assert "chưa đo được" in page
    assert "Chia việc của người vắng" not in page
    data = {"nguoi": sick.id, "tu": written(today), "den": written(today)}
    assert head.post(f"{PAGE}/vang", data=data).status_code == 303
    assert f"{PAGE}/chia?nguoi={sick.id}" in head.get(PAGE).text

    preview = head.get(f"{PAGE}/chia?nguoi={sick.id}")
    lines = re.findall(r'name="dong" value="([^"]+)"', preview.text)
    assert len(lines) == 40
    assert {kept(registration).holder_id for registration in registrations[:3]} == {sick.id}, "nothing is given yet"
    assert len(preview.data) < 100_000
    answer = head.post(f"{PAGE}/giao", data={"nguoi": sick.id, "dong": lines})
    result = head.get(answer.location).text
    assert "40 hồ sơ đã giao, 0 ở lại chỗ cũ." in result
    assert result.count("Đã giao") == 40
    with reading() as session:
        loads = Counter(session.scalars(select(Dossier.holder_id)))
    assert sorted(loads[one.id] for one in others) == [13, 13, 14]

    touched = kept(registrations[7])
    worker = next(one for one in others if one.id == touched.holder_id)
    browser = signed_in(app, worker)
    assert browser.post(f"/ban-lam-viec/{touched.registration}/receive", data={"seen": touched.seq}).status_code == 303
    assert head.post(f"{answer.location}/hoan-tac").location == answer.location
    result = head.get(answer.location).text
    assert "1 hồ sơ đã có người xử lý hoặc đổi người sau khi giao nên không lấy lại." in result
    assert result.count("Đã lấy lại") == 39
    with reading() as session:
        assert Counter(session.scalars(select(Dossier.holder_id))) == {sick.id: 39, worker.id: 1}
    assert "đã hoàn tác" in head.get(PAGE).text


def test_chosen_dossiers_are_given_to_one_person_and_nothing_chosen_is_said_beside_it(app: Flask) -> None:
    at = now()
    one = account_of(R.ONE_STOP_OFFICER, full_name="Người Một")
    head = signed_in(app, account(person(R.HEAD_OF_OFFICE).account_id))
    registrations = [submit(HOUSE, at) for _ in range(3)]
    assert f"{PAGE}/ho-so?vai=one_stop_officer" in head.get(PAGE).text
    page = head.get(f"{PAGE}/ho-so?vai=one_stop_officer").text
    assert all(f'value="{registration}"' in page for registration in registrations)
    refused = head.post(f"{PAGE}/giao", data={"vai": "one_stop_officer", "chon": registrations[:2]})
    assert refused.status_code == 400
    assert "Chọn người nhận." in refused.text
    assert refused.text.count(" checked") == 2, "nothing chosen is lost"
    assert "Chọn ít nhất một hồ sơ." in head.post(f"{PAGE}/giao", data={"vai": "one_stop_officer", "giao": one.id}).text
    data = {"vai": "one_stop_officer", "chon": registrations[:2], "giao": one.id}
    assert head.post(f"{PAGE}/giao", data=data).status_code == 303
    assert [kept(registration).holder_id for registration in registrations] == [one.id, one.id, None]
    data = {"nguoi": one.id, "chon": registrations[:1], "giao": one.id}
    assert "hồ sơ vừa đổi người giữ" not in head.get(head.post(f"{PAGE}/giao", data=data).location).text


def test_what_somebody_can_be_given_and_whether_a_rule_hands_out_is_set_on_the_page(app: Flask) -> None:
    one = account_of(R.ONE_STOP_OFFICER, full_name="Người Một")
    head = signed_in(app, account(person(R.HEAD_OF_OFFICE).account_id))
    address = f"{PAGE}/nguoi/{one.id}"
    refused = head.post(address, data={"suc": "nhiều", "linh_vuc": "land"})
    assert refused.status_code == 400
    assert 'value="nhiều"' in refused.text
    assert head.post(address, data={"suc": "12", "linh_vuc": ["land", "nonsense"]}).location == PAGE
    page = head.get(address).text
    assert 'value="12"' in page
    assert re.search(r'value="land"[^>]* checked', page)
    assert "0/12" in head.get(PAGE).text
    assert head.post(f"{PAGE}/tu-chia", data={"vai": "one_stop_officer", "bat": "yes"}).location == PAGE
    assert "Hồ sơ mới được chia cho từng người theo quy tắc." in head.get(PAGE).text
    assert kept(submit(HOUSE, now())).holder_id == one.id
    assert head.post(f"{PAGE}/tu-chia", data={"vai": "leader", "bat": "yes"}).status_code == 404
    police = signed_in(app, account(person(R.POLICE_HEAD).account_id))
    assert police.get(address).status_code == 404
