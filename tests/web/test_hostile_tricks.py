"""Forged requests: others' dossiers, invented hosts, old sessions and tokens, too much of anything; all in vain."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.domain.access import Role
from portal.services import identity
from portal.settings import Settings
from portal.store.database import reading
from portal.store.models import Account, Draft, Event
from portal.usecases import accounts
from portal.usecases.accounts import _seal
from portal.web.limits import limiter
from tests.people import account_of, signed_in
from tests.web.hostile import ODD, SCRIPT, Town, ask, fault, now, settle

UNKNOWN = "DK-2222-2222-2222"
EVIL = "hostile.example"


@pytest.fixture
def database_kind() -> str:
    """Who is let in, and what a request claims to be, does not depend on the database."""
    return "sqlite"


@pytest.fixture
def town(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(limiter, "enabled", False)
    return settle(app, settings)


@pytest.fixture
def mai(app: Flask) -> FlaskClient:
    return signed_in(app, account_of(Role.CITIZEN))


def events() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


# --- what is another's ---


def strangers(town: Town) -> list[FlaskClient]:
    """Those who have nothing to do with a house permit of a citizen of Bảo Yên."""
    people = [account_of(Role.CITIZEN, username="stranger")]
    people += [account_of(role, "nghia-do") for role in (Role.ONE_STOP_OFFICER, Role.SPECIALIST, Role.LEADER)]
    police_and_registry = (Role.POLICE_OFFICER, Role.POLICE_HEAD, Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD)
    clients = [signed_in(town.app, account) for account in people]
    return clients + [town.browser(role) for role in (*police_and_registry, Role.ADMINISTRATOR, None)]


def test_what_is_anothers_is_answered_as_what_is_not_there_at_all(town: Town) -> None:
    wrong, before = [], events()
    for rule in town.app.url_map.iter_rules():
        own = {"registration", "key"} & rule.arguments
        if not own or rule.endpoint == "public.track_dossier":
            continue
        name = own.pop()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for number, client in enumerate(strangers_of(town)):
                theirs, nobodys = town.path(rule), town.path(rule, **{name: UNKNOWN.encode()})
                answers = [ask(client, path, method=method) for path in (theirs, nobodys)]
                said = [answer.text.replace(str(town.values[name]), UNKNOWN) for answer in answers]
                if answers[0].status_code not in (303, 403, 404) or plain(said[0]) != plain(said[1]):
                    wrong.append((number, method, rule.rule, answers[0].status_code, answers[1].status_code))
    assert wrong == []
    assert events() == before
    with reading() as session:
        assert set(session.scalars(select(Draft.key))) == {town.draft, town.at_the_counter}


def strangers_of(town: Town) -> list[FlaskClient]:
    if "strangers" not in town.app.extensions:
        town.app.extensions["strangers"] = strangers(town)
    kept: list[FlaskClient] = town.app.extensions["strangers"]
    return kept


def plain(page: str) -> str:
    """A page without what is new on every page."""
    return re.sub(r'(value|content)="[^"]{40,}"|\?next=[^"]*', "", page)


# --- what a request claims to be ---


@pytest.mark.parametrize(
    "address", ["/", "/ho-so", "/ban-lam-viec", "/tra-cuu//x", "/dang-nhap", "/khong-co", "/tim?q=x"]
)
def test_no_page_and_no_redirect_names_the_host_that_a_request_invents(client: FlaskClient, address: str) -> None:
    headers = {"Host": EVIL, "X-Forwarded-Host": EVIL, "X-Forwarded-For": EVIL, "Forwarded": f"host={EVIL}"}
    answer = client.get(address, headers=headers)
    assert EVIL not in answer.text
    assert EVIL not in str(answer.headers)


@pytest.mark.parametrize("host", ["a" * 70, "a..b", ".", SCRIPT, "a b", "[::1", "x:y"])
def test_a_host_that_is_none_is_answered_in_plain_words(client: FlaskClient, host: str) -> None:
    answer = client.get("/dang-nhap", headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert SCRIPT not in answer.text
    assert "Yêu cầu không hợp lệ" in answer.text or "Đăng nhập" in answer.text


def test_a_method_that_no_page_knows_does_nothing(town: Town) -> None:
    client, before = town.browser(Role.CITIZEN), events()
    for method in ["TRACE", "PATCH", "DELETE", "PUT", "HOSTILE"]:
        for rule in town.app.url_map.iter_rules():
            assert ask(client, town.path(rule), method=method).status_code == 405
    assert events() == before


def test_a_page_that_is_read_changes_nothing_whatever_its_headers_say(town: Town) -> None:
    before, registration = events(), town.registrations["new"]
    client = town.browser(Role.CITIZEN)
    for end in ("", "?_method=POST"):
        answer = client.get(
            f"/ho-so/{registration}/withdraw{end}",
            headers={"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"},
        )
        assert answer.status_code in (404, 405)
    assert events() == before


@pytest.mark.parametrize(
    "header", ["Accept", "Accept-Language", "Referer", "Cookie", "If-None-Match", "Range", "If-Range"]
)
@pytest.mark.parametrize("odd", ["control characters", "no UTF-8", "HTML", "a number of 5,000 digits", "SQL"])
def test_a_header_of_nonsense_breaks_nothing(mai: FlaskClient, header: str, odd: str) -> None:
    value = ODD[odd].decode("latin-1").replace("\x1b", "")
    for address in ("/tai-khoan", "/static/css/portal.css", "/khong-co"):
        answer = mai.get(address, headers={header: value})
        assert fault(answer) == ""


def test_a_part_of_a_file_is_a_whole_answer(town: Town) -> None:
    values, client = town.values, town.browser(Role.CITIZEN)
    address = f"/ho-so/{values['registration']}/tep/{values['attachment_id']}"
    for asked in ("bytes=0-5", "bytes=-1", "bytes=5-1", "bytes=0-0,1-1,2-2", "lines=1-2", "bytes=999999-"):
        for headers in ({"Range": asked}, {"If-None-Match": "*"}, {"If-Range": '"x"', "Range": asked}):
            answer = client.get(address, headers=headers)
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_file_is_given_out_as_what_it_is_and_nothing_in_it_runs(town: Town) -> None:
    client = town.browser(Role.CITIZEN)
    given = 0
    for rule in town.app.url_map.iter_rules():
        if not rule.endpoint.startswith("papers."):
            continue
        for end in (b"", b"goc=1"):
            answer = ask(client, town.path(rule).replace(f"/khai/{town.draft}/tep/2", f"/khai/{town.draft}/tep/1"), end)
            assert answer.mimetype in ("image/jpeg", "image/webp", "application/pdf", "text/html")
            if answer.mimetype == "text/html":
                continue
            given += 1
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "no-store" in answer.headers["Cache-Control"]
            if end and rule.endpoint.endswith("attachment"):
                assert answer.headers["Content-Disposition"].startswith("attachment")
    assert given >= 8


# --- sessions and tokens ---


def cookie(app: Flask, key: str, **session: Any) -> str:
    """A session's cookie as somebody makes it who guesses at the key."""
    kept, app.secret_key = app.secret_key, key
    try:
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert serializer is not None
        return str(serializer.dumps(session))
    finally:
        app.secret_key = kept


@pytest.mark.parametrize("key", ["", "dev", "a key for test"])
def test_a_session_that_somebody_else_signed_is_nobodys(app: Flask, key: str) -> None:
    account = account_of(Role.ADMINISTRATOR)
    claimed = {"_user_id": f"{account.id}.0", "signed_in_at": 4_000_000_000}
    client = app.test_client()
    forged = cookie(app, key or "x", **claimed) if key else "eyJfdXNlcl9pZCI6IjEuMCJ9.aWTqAg.x"
    client.set_cookie("session", forged)
    assert client.get("/quan-tri/tai-khoan").status_code == 303


def test_a_cookie_copied_before_signing_out_opens_nothing_afterwards(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN))
    copied = client.get_cookie("session")
    assert copied is not None
    assert client.post("/dang-xuat").status_code == 303
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/tai-khoan").status_code == 303


def test_a_token_of_another_session_is_refused_and_changes_nothing(app: Flask, mai: FlaskClient) -> None:
    other = signed_in(app, account_of(Role.CITIZEN, username="other"))
    page = other.get("/tai-khoan/mat-khau").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    for address, data in (("/khai/bat-dau/1.013225", {"another": "1"}), ("/dang-xuat", {})):
        answer = mai.post(address, data={**data, "csrf_token": token}, csrf=False)
        assert answer.status_code == 400
    with reading() as session:
        assert session.scalars(select(Draft)).all() == []
    assert mai.get("/tai-khoan").status_code == 200


def test_a_link_to_set_a_password_is_good_once_and_only_as_it_was_written(app: Flask, settings: Settings) -> None:

    account = account_of(Role.CITIZEN, email="mai@example.com")
    token = identity.sign(settings.secret_key, "reset", [account.id, _seal(account)], now())
    new = {"password": "mười hai con sông chảy"}
    client = app.test_client()
    for forged in (token[:-1], token + "x", token[::-1], identity.sign("x", "reset", [account.id, ""], now())):
        assert client.post(f"/dat-lai-mat-khau/{forged}", data=new).status_code == 404
    other = identity.sign(settings.secret_key, "confirm", [account.id, _seal(account)], now())
    assert client.post(f"/dat-lai-mat-khau/{other}", data=new).status_code == 404
    assert client.post(f"/dat-lai-mat-khau/{token}", data=new).status_code == 303
    assert app.test_client().post(f"/dat-lai-mat-khau/{token}", data=new).status_code == 404
    assert accounts.sign_in("mai@example.com", new["password"], now()).id == account.id


# --- addresses that are well formed, and lie ---


ENDS_OF_THE_WORLD = (
    (Role.CITIZEN, "/ho-so?truoc=0"),
    (Role.CITIZEN, "/ho-so?truoc=999999999999999999"),
    (Role.ONE_STOP_OFFICER, "/ban-lam-viec/?sau=0.0"),
    (Role.ONE_STOP_OFFICER, "/ban-lam-viec/?sau=99999999999999999.999999999999999999"),
    (Role.ONE_STOP_OFFICER, "/ban-lam-viec/?truoc=99999999999999999.999999999999999999&xem=tat_ca"),
    (Role.MANAGER, "/thong-ke?tu=01/01/0001&den=31/12/9999"),
    (Role.MANAGER, "/thong-ke?tu=31/12/9999&den=31/12/9999"),
    (Role.MANAGER, "/thong-ke?tu=01/01/0001&den=01/01/0001"),
    (Role.MANAGER, "/thong-ke/thong-ke.xlsx?tu=01/01/0001&den=31/12/9999"),
    (Role.MANAGER, "/thong-ke/danh-sach/open_over?tu=01/01/0001&den=31/12/9999"),
    (Role.MANAGER, "/thong-ke/danh-sach/open?sau=9999-12-31.999999999999999999"),
    (Role.MANAGER, "/thong-ke/danh-sach/open?sau=0001-01-01.0"),
    (Role.MANAGER, "/thong-ke/dang-o?luot=office&giai_doan=open&han=over&sau=9999-12-31.1"),
    (Role.ADMINISTRATOR, "/quan-tri/hop-thu-di?before=0&after=999999999999999999"),
    (Role.ADMINISTRATOR, "/quan-tri/tai-khoan?after=999999999999999999"),
)


def test_the_ends_of_the_world_are_days_and_numbers_too(town: Town) -> None:
    for role, address in ENDS_OF_THE_WORLD:
        for end in ("", "&lang=en"):
            answer = town.browser(role).get(address + end)
            assert fault(answer) == "", address
            assert answer.status_code in (200, 400, 404)


# --- too much ---


def test_too_many_fields_parts_or_bytes_are_refused_before_anything_is_done(app: Flask, mai: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    many = {f"field-{number}": "x" for number in range(2100)}
    answers = [
        mai.post("/tai-khoan", data=many),
        mai.post("/tai-khoan", data=many, content_type="multipart/form-data"),
        mai.post("/tai-khoan", data={"address": "x" * 2_000_000}),
        mai.post("/tai-khoan", data={"address": "x" * 2_000_000}, content_type="multipart/form-data"),
        mai.post(
            "/khai/bat-dau/1.013225",
            data={f"file-{n}": (BytesIO(b"x" * 9_000_000), "x.pdf") for n in range(6)},
            content_type="multipart/form-data",
        ),
        app.test_client().post(
            "/dang-nhap", data={"file": (BytesIO(b"x" * 2_000_000), "x.pdf")}, content_type="multipart/form-data"
        ),
    ]
    assert [answer.status_code for answer in answers] == [413] * 6
    assert all("quá lớn" in answer.text and "</html>" in answer.text for answer in answers)
    with reading() as session:
        assert session.scalars(select(Draft)).all() == []
        assert session.scalars(select(Account)).one().address == ""
