"""How often one visitor may ask, and who one visitor is, with and without a proxy in front."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from portal.app import create_app
from portal.domain.access import Role
from portal.settings import Settings
from portal.store import database as store
from portal.web.limits import limiter
from tests.conftest import FormClient
from tests.people import account_of, signed_in


@pytest.fixture
def database_kind() -> str:
    """Who asks how often is counted in the queue server."""
    return "sqlite"


def behind(settings: Settings, proxies: int) -> Flask:
    """The portal with so many proxies of its own in front."""
    app = create_app(replace(settings, trusted_proxies=proxies))
    app.testing = True
    app.test_client_class = FormClient
    return app


def look_up(client: FlaskClient, forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.get("/tra-cuu/DK-2222-2222-2222", headers=headers).status_code


def address_seen(app: Flask, forwarded: str) -> str | None:
    seen: list[str | None] = []

    @app.before_request
    def look() -> None:
        seen.append(request.remote_addr)

    app.test_client().get("/healthz", headers={"X-Forwarded-For": forwarded})
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 192.0.2.9", "203.0.113.7"),
        (2, "203.0.113.7", "127.0.0.1"),
    ],
)
def test_a_visitors_address_is_the_one_that_the_last_trusted_proxy_wrote(
    settings: Settings, database: store.Database, proxies: int, forwarded: str, address: str
) -> None:
    assert address_seen(behind(settings, proxies), forwarded) == address


def test_an_invented_address_does_not_make_anybody_a_new_visitor(settings: Settings, database: store.Database) -> None:
    client = behind(settings, 0).test_client()
    answers = {look_up(client, f"203.0.113.{number}") for number in range(130)}
    assert answers == {404, 429}
    client = behind(settings, 1).test_client()
    assert look_up(client, "198.51.100.1") == 404
    answers = {look_up(client, f"203.0.113.{number}, 198.51.100.1") for number in range(130)}
    assert answers == {404, 429}
    assert look_up(client, "203.0.113.1") == 404


@pytest.mark.parametrize(
    ("address", "data", "allowed"),
    [
        ("/dang-nhap", {"identifier": "0912345678", "password": "x"}, 120),
        ("/tai-khoan/dang-ky", {}, 100),
        ("/tai-khoan/xac-nhan", {}, 120),
        ("/tai-khoan/gui-lai-ma", {}, 100),
        ("/quen-mat-khau", {}, 100),
        ("/dat-lai-mat-khau/forged", {}, 120),
        ("/tai-khoan/xac-nhan/forged", {}, 120),
    ],
)
def test_guessing_is_slowed_down_and_said_so_in_plain_words(
    app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch, address: str, data: dict[str, Any], allowed: int
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setattr("portal.services.identity.is_password", lambda *_: False)
    client = app.test_client()
    answers = [client.post(address, data=data) for _ in range(allowed + 1)]
    assert 429 not in {answer.status_code for answer in answers[:-1]}
    assert answers[-1].status_code == 429
    assert "Bạn thao tác quá nhanh" in answers[-1].text
    assert app.test_client().get("/").status_code == 200


def test_looking_at_the_page_of_a_form_is_not_guessing(app: Flask) -> None:
    assert limiter.enabled
    client = signed_in(app, account_of(Role.CITIZEN))
    assert {client.get("/tai-khoan/mat-khau").status_code for _ in range(130)} == {200}
