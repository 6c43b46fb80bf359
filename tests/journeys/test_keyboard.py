"""A household split is filled in and submitted by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from portal.domain.rehearsal import posted, typed_answers
from portal.usecases import law, start
from procedures.model import Procedure
from tests import sample_files
from tests.conftest import Site
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import PASSWORD, UNIT, code_sent_to, components_of, now

SPLIT = "1.010038"
PHONE, NUMBER = "0912345690", "010092001290"


@pytest.fixture
def keyboard(site: Site, new_context: Callable[..., BrowserContext]) -> Keyboard:
    """A keyboard before the portal's first page."""
    start.connect(site.settings)
    page = new_context().new_page()
    page.goto(f"{site.url}/tai-khoan/dang-ky")
    return Keyboard(page)


def sign_up(keyboard: Keyboard) -> None:
    """Make an account, and confirm it."""
    person = {"contact": PHONE, "full_name": "Nguyễn Văn Hùng", "birth_date": "02/09/1992", "sex": "male"}
    for name, text in {**person, "personal_number": NUMBER, "password": PASSWORD}.items():
        keyboard.answer(name, text)
    keyboard.activate("Đăng ký")
    keyboard.answer("code", code_sent_to(PHONE))
    keyboard.activate("Xác nhận")


def fill_in(keyboard: Keyboard, procedure: Procedure, paper: Path) -> None:
    """Go through all pages of the draft up to the last, and submit it."""
    example = next(e for e in procedure.examples if e.unit == UNIT and e.expect.outcome == "complete")
    typed = typed_answers(procedure, example)
    page = keyboard.page
    for _ in range(30):
        if page.get_by_role("button", name="Nộp hồ sơ", exact=True).count():
            keyboard.answer("declaration", "yes")
            keyboard.activate("Nộp hồ sơ", key="Space")
            return
        if page.locator("input[type=file]").count():
            component = (components_of(procedure, example) or (procedure.components[0].key,))[0]
            hand_in(keyboard, component, paper)
            keyboard.activate("Tiếp tục")
        elif page.locator("main [name=unit]").count():
            keyboard.answer("unit", UNIT)
            keyboard.activate("Tiếp tục")
        else:
            for section in procedure.form:
                for name, texts in posted(section, typed).items():
                    for text in texts:
                        keyboard.answer(name, text)
            keyboard.answer("warned", "1")
            keyboard.activate("Lưu và tiếp tục")
    raise AssertionError(f"the form did not end: {page.url}")


def hand_in(keyboard: Keyboard, component: str, paper: Path) -> None:
    """Come to the place for a file; choosing it is the operating system's own window."""
    keyboard.to_field(f"files-{component}")
    keyboard.page.locator(f"#component-{component} input[type=file]").set_input_files(paper)
    expect(keyboard.page.locator(f"#component-{component} .file-name").first).to_be_visible()


def test_a_household_split_is_filled_in_and_submitted_by_the_keyboard_alone(
    site: Site, keyboard: Keyboard, tmp_path: Path
) -> None:
    paper = tmp_path / "scan.pdf"
    paper.write_bytes(sample_files.scan(200))
    procedure = law.catalogue().in_force(SPLIT, law.office_day(now()))
    sign_up(keyboard)
    keyboard.page.goto(f"{site.url}/thu-tuc/{SPLIT}")
    keyboard.activate("Nộp trực tuyến")
    fill_in(keyboard, procedure, paper)
    assert "Hồ sơ đã được nộp" in keyboard.page.locator("main").inner_text()


def test_shift_and_tab_go_back_the_way_tab_came(keyboard: Keyboard) -> None:
    keyboard.to_field("contact")
    keyboard.to_field("full_name")
    back = keyboard.to(lambda e: bool(e["name"] == "contact"), "contact", key="Shift+Tab")
    assert back["shown"]
