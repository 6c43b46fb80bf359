"""The page of an order to move dates; and all pages of the watch in a browser: clean for axe, without scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update
from werkzeug.serving import make_server

from portal.domain.access import Actor, Role
from portal.domain.flow import Action
from portal.store.database import transaction
from portal.store.models import Account, Dossier
from portal.usecases import evidence, office, rescheduling, watch
from portal.web import calendars, desk, management, reminders
from procedures.calendars import DayReason, DaysOff
from procedures.model import Text
from tests.cases import HOUSE, NOW, act, kept, submit
from tests.people import PASSWORD, account_of, signed_in
from tests.usecases.test_rescheduling import LATER
from tests.usecases.test_watch import PREPARED

A, R = Action, Role
MOVES = "/quan-tri/lich/2026/ngay-hen"


@pytest.fixture
def admin(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An administrator, on the morning on which an apology was prepared."""
    for pages in (calendars, desk, management, reminders):
        monkeypatch.setattr(pages, "now", lambda: PREPARED)
    return account_of(R.ADMINISTRATOR, username="quan-tri")


@pytest.fixture
def client(app: Flask, admin: Account) -> FlaskClient:
    return signed_in(app, admin)


def announce(admin: Account) -> None:
    """Say that a Tuesday is off."""
    known = office.year(2026)
    assert known is not None
    off = DaysOff(date(2026, 9, 22), DayReason.HOLIDAY, Text(vi="Nghỉ thêm", en="A further day off"))
    who = Actor(admin.id, R.ADMINISTRATOR, None, admin.full_name)
    year = replace(known, off=(*known.off, off))
    office.publish_year(who, year, 0, PREPARED, number="TB 77", decided_on=date(2026, 9, 18))


def received() -> str:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    return registration


def test_dates_are_counted_shown_ordered_and_moved(client: FlaskClient, admin: Account) -> None:
    registration = received()
    assert client.get(MOVES).status_code == 404
    assert MOVES not in client.get("/quan-tri/lich/2026").text
    announce(admin)
    assert f'href="{MOVES}"' in client.get("/quan-tri/lich/2026").text
    assert "đang tính lại" in client.get(MOVES).text
    assert client.post(MOVES).status_code == 409
    rescheduling.work(rescheduling.waiting()[0], PREPARED)
    page = client.get(MOVES).text
    assert "Dời ngày hẹn của 1 hồ sơ" in page
    assert str(kept(registration).code) in page
    assert kept(registration).applicant_name not in page
    assert client.post(MOVES).status_code == 303
    assert "Đang dời" in client.get(MOVES).text
    rescheduling.work(rescheduling.waiting()[0], PREPARED)
    page = client.get(MOVES).text
    assert "Đã dời ngày hẹn của 1 hồ sơ" in page
    assert admin.full_name in page
    assert "<button" not in re.split("<main", page)[1]
    assert kept(registration).due_at == LATER
    assert "Dời ngày hẹn theo lịch nghỉ năm 2026" in client.get("/quan-tri/nhat-ky").text


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_the_new_pages_are_clean_for_axe_fit_a_phone_and_need_no_script(
    app: Flask, served: str, admin: Account, new_context: Callable[..., BrowserContext]
) -> None:
    received()
    late = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, late, A.RECEIVE, NOW.replace(day=1))
    watch.go_round(PREPARED)
    with transaction() as session:
        session.execute(update(Dossier).where(Dossier.registration == late).values(step="signature"))
    evidence.prove(PREPARED)
    announce(admin)
    rescheduling.work(rescheduling.waiting()[0], PREPARED)
    account_of(R.LEADER, username="lanh-dao")
    leaders = ("/nhac-viec", "/nhac-viec?xem=buoc", "/thong-ke/qua-hen", "/thong-ke/kiem-tra")
    shown = {"quan-tri": (MOVES,), "lanh-dao": leaders}
    for who, addresses in shown.items():
        page = new_context(viewport={"width": 360, "height": 800}).new_page()
        _sign_in(page, served, who)
        for address in addresses:
            for spoken in ("vi", "en"):
                page.goto(f"{served}{address}{'&' if '?' in address else '?'}lang={spoken}")
                assert page.locator("tbody tr").count() > 0, address
                violations = Axe().run(page).response["violations"]
                assert [(address, each["id"], each["nodes"][0]["html"]) for each in violations] == []
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    plain = new_context(java_script_enabled=False, locale="vi-VN").new_page()
    _sign_in(plain, served, "quan-tri")
    plain.goto(served + MOVES)
    plain.get_by_role("button", name="Dời ngày hẹn của").click()
    assert plain.get_by_text("Đang dời").is_visible()


def _sign_in(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/dang-nhap")
    page.fill("[name=identifier]", who)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
