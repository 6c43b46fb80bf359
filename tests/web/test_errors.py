"""What people and scripts read when something is refused or fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Right, Role
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotPossibleNow, PortalError, Stale, Unavailable
from portal.store import database
from portal.usecases.accounts import Locked
from portal.web.access import opens
from tests.people import account_of, signed_in

NOT_NOW = NotPossibleNow("receive", 4, ["forward", "ask_supplement"])
REFUSALS = [
    (NotFound(registration="DK-SECRET"), 404, "Không tìm thấy trang"),
    (Forbidden(), 403, "Bạn không có quyền làm việc này"),
    (Conflict(), 409, "Lúc này chưa làm được"),
    (Stale(), 409, "Không có gì bị mất"),
    (NOT_NOW, 409, "Lúc này có thể: Chuyển bước tiếp theo, Yêu cầu bổ sung."),
    (NotPossibleNow("receive", 10, []), 409, "không còn việc nào làm được"),
    (Invalid({"name": "missing"}), 400, "Yêu cầu không hợp lệ"),
    (Locked(datetime.now(UTC)), 429, "Bạn thao tác quá nhanh"),
    (Unavailable(service="queue"), 503, "Tạm thời chưa phục vụ được"),
    (RuntimeError("mật khẩu là 123"), 500, "Cổng đang gặp sự cố"),
]


@pytest.fixture
def database_kind() -> str:
    """Errors look the same on both."""
    return "sqlite"


@pytest.fixture
def failing(app: Flask) -> Flask:
    """The portal with a page /fail/<n> that fails as the n-th refusal does, and one that takes forms."""

    @opens(Right.PUBLIC)
    def fail(number: int) -> str:
        raise REFUSALS[number][0]

    app.add_url_rule("/fail/<int:number>", "fail", fail, methods=["GET", "POST"])
    return app


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_a_person_reads_what_is_the_case_on_a_whole_page(failing: Flask, number: int) -> None:
    error, status, said = REFUSALS[number]
    answer = failing.test_client().get(f"/fail/{number}")
    assert answer.status_code == status
    assert said in answer.text
    assert "</html>" in answer.text
    assert "SECRET" not in answer.text
    assert str(error) not in answer.text or isinstance(error, PortalError)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("number", range(len(REFUSALS)))
@pytest.mark.parametrize("path", ["/fail/{}", "/api/fail/{}"])
def test_a_script_reads_the_same_as_json(failing: Flask, number: int, path: str) -> None:
    failing.add_url_rule("/api/fail/<int:number>", "api_fail", failing.view_functions["fail"])
    headers = {} if path.startswith("/api") else {"Accept": "application/json"}
    answer = failing.test_client().get(path.format(number), headers=headers)
    error, status, _ = REFUSALS[number]
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"] == (error.code if isinstance(error, PortalError) else "error")
    if error is NOT_NOW:
        assert answer.json["possible"] == ["forward", "ask_supplement"]
    if isinstance(error, Invalid):
        assert answer.json["fields"] == {"name": "missing"}


def test_a_refusal_leads_back_to_the_page_it_came_from_and_to_no_other_place(failing: Flask) -> None:
    client = failing.test_client()
    page = client.post("/fail/3", headers={"Referer": "http://localhost/tra-cuu?x=1"})
    assert 'href="/tra-cuu"' in page.text
    assert "Xem tình trạng mới" in page.text
    page = client.post("/fail/3", headers={"Referer": "http://elsewhere.example/localhost/tra-cuu"})
    assert "Xem tình trạng mới" not in page.text


def test_a_wrong_method_and_a_wrong_address_have_pages(client: FlaskClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert answer.headers["Allow"]
    assert "</html>" in answer.text
    assert client.get("/khong/co/trang/nay").status_code == 404


def test_a_form_that_weighs_too_much_is_refused(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/dang-nhap", data={"identifier": "x" * (2 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "Tệp quá lớn" in answer.text


def test_when_the_database_is_gone_the_page_still_says_so(app: Flask, tmp_path: Path) -> None:
    client = signed_in(app, account_of(Role.CITIZEN))
    database.connect(f"sqlite:///{tmp_path / 'no-such-folder' / 'x.sqlite3'}")
    answer = client.get("/tai-khoan")
    assert answer.status_code == 500
    assert "Những gì bạn đã lưu không mất" in answer.text
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json and answer.json["database"]) == (503, False)


def test_the_log_says_what_failed_where_but_nothing_that_was_typed(
    failing: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.test_client().post("/fail/9?q=bimat1", data={"password": "bimat2"}, headers={"User-Agent": "bimat3"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    failed, answered = (next(line for line in lines if line["event"] == event) for event in ("failed", "answered"))
    assert failed["error"] == "RuntimeError"
    assert "test_errors.py" in failed["place"][-1]
    assert (answered["endpoint"], answered["method"], answered["status"]) == ("fail", "POST", 500)
    assert failed["request"] == answered["request"]
    assert not any(secret in json.dumps(lines) for secret in ("bimat1", "bimat2", "bimat3", "mật khẩu là 123"))
