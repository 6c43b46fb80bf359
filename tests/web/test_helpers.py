"""The pages of helping: asked, agreed to by a code, begun, followed, and ended by its owner or by a link."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.access import Role
from portal.store.database import reading
from portal.store.models import Notice
from tests.people import account_of, signed_in

PHONE = "0912345678"


@pytest.fixture
def database_kind() -> str:
    """The rules are proved on both; pages are the same."""
    return "sqlite"


@pytest.fixture
def lan(app: Flask) -> FlaskClient:
    """The browser of whoever helps."""
    return signed_in(app, account_of(Role.CITIZEN, username="lan", full_name="Lý Thị Lan"))


@pytest.fixture
def pao(app: Flask) -> FlaskClient:
    """The browser of whoever is helped."""
    return signed_in(app, account_of(Role.CITIZEN, username=None, phone=PHONE, full_name="Hoàng Văn Páo"))


def message() -> str:
    with reading() as session:
        return session.scalars(select(Notice.body).order_by(Notice.id.desc())).first() or ""


def test_a_consent_is_asked_for_given_used_and_ended(app: Flask, lan: FlaskClient, pao: FlaskClient) -> None:
    assert lan.post("/giup-ho", data={"name": "Hoàng Văn Páo", "contact": PHONE}).status_code == 303
    number = re.findall(r'action="/giup-ho/(\d+)/ma"', lan.get("/giup-ho").text)[0]
    code = re.findall(r"\b\d{6}\b", message())[0]
    wrong = lan.post(f"/giup-ho/{number}/ma", data={f"code-{number}": "12"})
    assert wrong.status_code == 422
    assert f'id="code-{number}-error"' in wrong.text
    assert lan.post(f"/giup-ho/{number}/ma", data={f"code-{number}": code}).status_code == 303
    begun = lan.post(f"/giup-ho/{number}/bat-dau", data={"procedure": "2.000635"})
    assert begun.location.startswith("/khai/")
    assert "Lý Thị Lan" in pao.get("/giup-ho").text
    assert pao.post(f"/giup-ho/{number}/ket-thuc").status_code == 303
    assert lan.get(begun.location).status_code == 404


def test_by_the_link_of_the_message_it_is_ended_without_signing_in(app: Flask, lan: FlaskClient) -> None:
    lan.post("/giup-ho", data={"name": "Hoàng Văn Páo", "contact": PHONE})
    link = re.findall(r"/giup-ho/ket-thuc/\S+", message())[0]
    nobody = app.test_client()
    assert "Chưa có sự đồng ý nào" in nobody.get(link).text
    number = re.findall(r'action="/giup-ho/(\d+)/ma"', lan.get("/giup-ho").text)[0]
    lan.post(f"/giup-ho/{number}/ma", data={f"code-{number}": re.findall(r"\b\d{6}\b", message())[0]})
    assert "Lý Thị Lan" in nobody.get(link).text
    assert nobody.post(link).status_code == 303
    assert "Việc nộp hộ đã kết thúc" in nobody.get(link).text
    assert nobody.get("/giup-ho/ket-thuc/x").status_code == 404


def test_what_is_wrong_is_said_beside_it_and_kept(lan: FlaskClient) -> None:
    answer = lan.post("/giup-ho", data={"name": "Páo", "contact": "không có"})
    assert answer.status_code == 422
    assert 'id="contact-error"' in answer.text
    assert 'value="không có"' in answer.text
