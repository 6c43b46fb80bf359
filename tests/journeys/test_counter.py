"""An officer enters the dossier of somebody who stands at the counter: by the keyboard alone, in few presses,
and with papers photographed by phone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.domain.access import Role
from portal.domain.flow import Status
from portal.store.database import reading
from portal.store.models import Dossier
from tests import cases, sample_files
from tests.journeys.people import RULES, now
from tests.people import PASSWORD, account_of

EXTRACT = "2.000635"
NUMBER = "010092003456"
#: An officer types slowly, at two keys a second: in a minute 120 of them.
MOST_PRESSES = 120


class Fingers:
    """Somebody at a keyboard, whose presses are counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.presses = page, 0

    def type(self, text: str) -> None:
        """Type some letters where the focus is."""
        self.page.keyboard.type(text)
        self.presses += len(text)

    def press(self, keys: str) -> None:
        """Press a key, or some together."""
        self.page.keyboard.press(keys)
        self.presses += len(keys.split("+"))

    def go(self, keys: str) -> None:
        """The same, where the next page comes of it."""
        with self.page.expect_navigation(wait_until="load"):
            self.press(keys)

    @property
    def at(self) -> str:
        """The name of the input that has the focus, or else its id."""
        said = self.page.evaluate("document.activeElement.name || document.activeElement.id")
        return str(said)


@pytest.fixture
def database_kind() -> str:
    """What these pages keep is proved on both where it is kept."""
    return "sqlite"


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """Where the portal answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(url: str, new_context: Callable[..., BrowserContext]) -> Page:
    """The desk of an officer; somebody has handed in a dossier here before."""
    account_of(Role.ONE_STOP_OFFICER, username="mot-cua")
    cases.submit(EXTRACT, now(), applicant_number=NUMBER, answers={"personal_number": NUMBER})
    page = new_context(base_url=url).new_page()
    page.goto("/dang-nhap")
    page.fill("[name=identifier]", "mot-cua")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    return page


def look(page: Page) -> None:
    """Let axe judge a page."""
    found = Axe().run(page, options={"runOnly": RULES})
    assert not found.violations_count, f"{page.url}\n{found.generate_report()}"


def newest() -> Dossier:
    with reading() as session:
        return session.scalars(select(Dossier).order_by(Dossier.id.desc()).limit(1)).one()


def test_a_walk_in_is_entered_and_received_by_the_keyboard_alone_in_under_a_minute(
    page: Page, work: Callable[[], None]
) -> None:
    fingers = Fingers(page)
    fingers.go("Alt+q")
    assert fingers.at == "q"
    look(page)
    fingers.type("trich luc")
    fingers.go("Enter")
    look(page)
    fingers.go("Enter")
    assert fingers.at == "personal_number"
    look(page)
    fingers.type(NUMBER)
    fingers.go("Enter")  # who applied here before is filled in, and the focus is on the first question that is left
    for name, answer in {
        "record_kind": "",
        "holder_name": "Nguyễn Văn Hùng",
        "copies": "2",
        "result_delivery": "",
        "declaration": "",
        "have-application": "",
    }.items():
        assert fingers.at == name
        if answer:
            fingers.type(answer)
        else:
            fingers.press("Space")
        fingers.go("Enter")
    assert fingers.at == "do"  # the button that receives
    fingers.go("Alt+n")
    dossier = newest()
    assert (dossier.status, dossier.applicant_number, dossier.fee) == (Status.RECEIVED, NUMBER, 16_000)
    assert dossier.code is not None
    expect(page.locator("#done")).to_contain_text(dossier.code)
    assert fingers.at == "q"  # for the next one
    look(page)
    assert fingers.presses <= MOST_PRESSES
    work()  # the receipt is made meanwhile, and shows by itself
    expect(page.get_by_role("link", name=re.compile("In giấy hẹn"))).to_be_visible(timeout=60_000)


def test_papers_photographed_by_phone_show_on_the_officers_page(
    page: Page, url: str, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page.goto(f"/ban-lam-viec/quay/?q={EXTRACT}")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    page.get_by_text("Quét bằng điện thoại").click()
    expect(page.locator("img.qr")).to_have_js_property("complete", True)
    look(page)
    address = page.get_by_role("link", name="Hoặc thêm tệp từ máy này").get_attribute("href")
    phone = new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    phone.goto(url + str(address))
    look(phone)
    photo = tmp_path / "to-khai.jpg"
    photo.write_bytes(sample_files.photo(60))
    phone.locator("input[type=file]").set_input_files(photo)
    phone.get_by_role("button", name="Gửi vào hồ sơ").click()
    expect(phone.get_by_text("Đã nhận 1 tệp.")).to_be_visible()
    expect(page.locator("#scanned .file-name")).to_have_text("to-khai.jpg")
    assert "to-khai.jpg" not in phone.content()
