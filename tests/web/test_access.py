"""The door: every route opens to exactly the roles that the table of rights names, and to nobody without a mark."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import AnyConverter, BaseConverter, Rule
from werkzeug.routing.converters import NumberConverter

from portal.domain.access import RIGHTS, Right, Role
from portal.store.database import transaction
from portal.store.models import Account
from portal.web.access import inside, opens, right_of, unmarked
from portal.web.limits import limiter
from tests.people import account_of, signed_in

ROLES = [role for role in Role if role is not Role.SYSTEM]


@pytest.fixture
def database_kind() -> str:
    """The door asks the database for nothing but the account: one kind is enough."""
    return "sqlite"


@pytest.fixture
def stubs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The portal with every view's inside taken out: what answers 204 was let in by the door."""
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(limiter, "enabled", False)
    for endpoint, view in list(app.view_functions.items()):
        right = right_of(view)
        assert right is not None
        app.view_functions[endpoint] = opens(right)(lambda **_: ("", 204))
    return app


def address(app: Flask, rule: Rule) -> str:
    """Some address that the rule matches."""
    values = {name: some_value(rule._converters[name]) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def some_value(converter: BaseConverter) -> str | int:
    """Something that a converter takes."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x"


def routes(app: Flask) -> list[tuple[str, str, Right]]:
    """Method, address and mark of every route."""
    found = []
    for rule in app.url_map.iter_rules():
        right = right_of(app.view_functions[rule.endpoint])
        assert right is not None
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found += [(method, address(app, rule), right) for method in sorted(methods)]
    return found


def test_every_view_bears_a_mark(app: Flask) -> None:
    assert unmarked(app) == []


@pytest.mark.parametrize("role", [None, *ROLES], ids=lambda role: role or "nobody")
def test_every_route_opens_to_exactly_the_roles_of_the_table(stubs: Flask, role: Role | None) -> None:
    client = stubs.test_client() if role is None else signed_in(stubs, account_of(role))
    wrong = []
    for method, url, right in routes(stubs):
        allowed = RIGHTS[right]
        refused = 303 if role is None else 403
        expected = 204 if allowed is None or role in allowed else refused
        answer = client.open(url, method=method)
        if answer.status_code != expected:
            wrong.append((method, url, right, expected, answer.status_code))
        if expected == 303:
            assert (answer.location or "").startswith("/dang-nhap")
    assert wrong == []


@pytest.mark.parametrize("role", [None, *ROLES], ids=lambda role: role or "nobody")
def test_a_view_without_a_mark_is_closed_to_everybody(app: Flask, role: Role | None) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "all the secrets")
    assert unmarked(app) == ["forgotten"]
    client = app.test_client() if role is None else signed_in(app, account_of(role))
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secrets" not in answer.text
    assert "Bạn không có quyền" in answer.text


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/tai-khoan?lang=en")
    assert answer.status_code == 303
    assert answer.location == "/dang-nhap?next=/tai-khoan?lang%3Den"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/tai-khoan", data={"full_name": "x"})
    assert (answer.status_code, answer.location) == (303, "/dang-nhap?next=/tai-khoan")
    answer = client.post("/dang-xuat", headers={"Referer": "http://localhost/tai-khoan/lien-he?x=1"})
    assert (answer.status_code, answer.location) == (303, "/dang-nhap?next=/tai-khoan/lien-he")
    answer = client.post("/dang-xuat", headers={"Referer": "http://elsewhere.example/tai-khoan"})
    assert (answer.status_code, answer.location) == (303, "/dang-nhap")


def test_a_script_is_told_so_in_json(app: Flask) -> None:
    answer = app.test_client().get("/tai-khoan", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (401, {"error": "not_signed_in"})
    client = signed_in(app, account_of(Role.CITIZEN))
    answer = client.get("/quan-tri/hop-thu-di", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (403, {"error": "forbidden"})


def test_a_session_ends_after_its_hours_and_not_before(app: Flask) -> None:
    with time_machine.travel("2026-03-02T08:00:00+07:00", tick=False) as clock:
        client = signed_in(app, account_of(Role.CITIZEN))
        clock.shift(app.permanent_session_lifetime)
        assert client.get("/tai-khoan").status_code == 200
        clock.shift(1)
        assert client.get("/tai-khoan").status_code == 303


@pytest.mark.parametrize("change", [{"session_epoch": 1}, {"active": False}])
def test_a_session_ends_when_the_epoch_does_and_when_the_account_is_closed(app: Flask, change: dict[str, int]) -> None:
    account = account_of(Role.CITIZEN)
    client = signed_in(app, account)
    assert client.get("/tai-khoan").status_code == 200
    with transaction() as session:
        kept = session.get(Account, account.id)
        assert kept is not None
        for name, value in change.items():
            setattr(kept, name, value)
    assert client.get("/tai-khoan").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "", None, "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil",
        "javascript:1", "/ok\r\nSet-Cookie: a=b", "/\tevil", "/a\\..\\b",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_place_after_signing_in(target: str | None) -> None:
    assert inside(target) is None


@pytest.mark.parametrize("target", ["/", "/ho-so?trang=2", "/thu-tuc/1.001193", "/ho-so/DK-1?lang=en#x"])
def test_a_page_of_the_portal_is_a_fit_target(target: str) -> None:
    assert inside(target) == target


@given(st.text(max_size=30))
def test_whatever_is_let_through_stays_on_this_host(target: str) -> None:
    if (kept := inside(target)) is not None:
        assert kept.startswith("/")
        assert not kept.replace("\\", "/").startswith("//")


def test_static_files_need_nobody(client: FlaskClient) -> None:
    assert client.get("/static/css/portal.css").status_code == 200
