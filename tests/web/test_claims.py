"""Who has a dossier, on its page: taken with one button, shown to all, and asked for before acting in their place."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Actor, Role
from portal.usecases import claims
from portal.web.limits import limiter
from tests.cases import kept, person, submit
from tests.people import account_of, signed_in

R = Role


@pytest.fixture
def database_kind() -> str:
    """What the database does with it is proven on both elsewhere."""
    return "sqlite"


@pytest.fixture
def desks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, FlaskClient]:
    """Two officers of one shop, Lù Thị Xoan and Vàng A Sử, each at a desk of their own."""
    monkeypatch.setattr(limiter, "enabled", False)
    names = ("Lù Thị Xoan", "Vàng A Sử")
    people = [account_of(R.ONE_STOP_OFFICER, username=f"quay-{n}", full_name=name) for n, name in enumerate(names)]
    return signed_in(app, people[0]), signed_in(app, people[1])


def text(client: FlaskClient, registration: str) -> str:
    page = client.get(f"/ban-lam-viec/{registration}").text
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_one_button_takes_it_and_everybody_of_the_step_reads_who_has_it(desks: tuple[FlaskClient, FlaskClient]) -> None:
    registration = submit()
    address = f"/ban-lam-viec/{registration}"
    assert "Chưa ai nhận xử lý hồ sơ này." in text(desks[0], registration)
    assert desks[0].post(f"{address}/nhan-xu-ly").location == address
    assert "Bạn đang xử lý hồ sơ này." in text(desks[0], registration)
    assert "Lù Thị Xoan đang xử lý hồ sơ này." in text(desks[1], registration)
    desks[1].post(f"{address}/nhan-xu-ly")
    assert "Lù Thị Xoan vừa nhận xử lý hồ sơ này." in text(desks[1], registration)
    holder = kept(registration).holder
    assert holder is not None
    desks[1].post(f"{address}/nhan-xu-ly", data={"over": holder.id})
    assert "Vàng A Sử đang xử lý hồ sơ này." in text(desks[0], registration)
    assert desks[0].post(f"{address}/thoi-xu-ly").status_code == 403
    assert desks[1].post(f"{address}/thoi-xu-ly").location == address
    said = text(desks[0], registration)
    for line in ("Vàng A Sử thôi xử lý", "Vàng A Sử nhận thay", "Lù Thị Xoan nhận xử lý"):
        assert line in said
        said = said[said.index(line) :]


def test_acting_on_what_a_colleague_has_is_asked_first_and_what_was_typed_stays(
    desks: tuple[FlaskClient, FlaskClient],
) -> None:
    registration = submit()
    officer = person(R.ONE_STOP_OFFICER)  # Lù Thị Xoan, who was there first
    claims.take(Actor(officer.account_id, R.ONE_STOP_OFFICER, "bao-yen"), registration, kept(registration).submitted_at)
    why = "Bản vẽ thiếu mặt cắt móng và chữ ký của chủ trì."
    form = {"seen": "1", "decline-reason": "wrong_authority", "decline-words": why}
    address = f"/ban-lam-viec/{registration}/decline"
    answer = desks[1].post(address, data=form)
    assert answer.status_code == 409
    assert why in answer.text
    assert "Người khác đang xử lý hồ sơ này; đánh dấu nếu bạn làm thay." in answer.text
    assert "Lù Thị Xoan đang xử lý hồ sơ này; tôi làm thay." in answer.text
    assert kept(registration).seq == 1
    assert "decline-over" not in desks[0].get(f"/ban-lam-viec/{registration}").text
    again = desks[1].post(address, data=form | {"decline-over": str(officer.account_id)})
    assert again.status_code == 303
    assert kept(registration).status == 3
