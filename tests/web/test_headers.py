"""What every answer tells the browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from portal.app import create_app
from portal.domain.access import Right
from portal.settings import Settings
from portal.web.access import opens
from portal.web.headers import show_in_own_frame


@pytest.fixture
def database_kind() -> str:
    """Headers do not depend on the database."""
    return "sqlite"


@pytest.mark.parametrize("path", ["/dang-nhap", "/healthz", "/khong-co", "/static/css/portal.css", "/tai-khoan"])
def test_every_answer_loads_nothing_from_elsewhere_and_is_framed_by_nobody(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_a_file_can_be_framed_by_the_portals_own_pages_alone(app: Flask) -> None:
    app.add_url_rule("/tep", "tep", opens(Right.PUBLIC)(lambda: show_in_own_frame(Response("x"))))
    headers = app.test_client().get("/tep").headers
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_over_https_the_cookie_stays_on_this_host_and_the_browser_stays_on_https(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://motcua.example", secure_cookies=True))
    answer = app.test_client().get("/dang-nhap", base_url="https://motcua.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_over_http_nothing_is_promised_of_https(client: FlaskClient) -> None:
    answer = client.get("/dang-nhap")
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Set-Cookie"].startswith("session=")


def test_search_engines_are_kept_from_what_is_about_people(client: FlaskClient) -> None:
    robots = client.get("/robots.txt").text
    for path in ("/tra-cuu/", "/ho-so", "/tai-khoan", "/ban-lam-viec", "/quan-tri"):
        assert f"Disallow: {path}\n" in robots


def test_a_queue_server_that_is_down_stops_nobody(settings: Settings) -> None:
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    client = app.test_client()
    assert client.post("/dang-nhap", data={"identifier": "a", "password": "b"}).status_code in (200, 400)
    assert client.get("/healthz").json == {"database": True, "queue": False}
