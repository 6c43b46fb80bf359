"""A household split is filled in and submitted by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.domain.rehearsal import posted, typed_answers
from portal.usecases import law, start
from procedures.model import Procedure
from tests import sample_files
from tests.conftest import Site
from tests.journeys.people import PASSWORD, UNIT, code_sent_to, components_of, now

SPLIT = "1.010038"
PHONE, NUMBER = "0912345690", "010092001290"
#: More elements than any page of the portal has.
MOST = 150

#: What has the focus: the tag, the type, the name, the value, the words it is known by, and whether it can be seen to
#: have the focus, on itself or on the label around it.
FOCUSED = """() => {
  const e = document.activeElement;
  const ringed = [e, e.closest('label')].filter(Boolean).some(part => [null, '::after'].some(pseudo => {
    const style = getComputedStyle(part, pseudo);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  }));
  const box = (e.closest('label') || e).getBoundingClientRect();
  return {
    tag: e.tagName, type: e.type || '', name: e.name || '', value: e.value || '',
    words: (e.innerText || e.getAttribute('aria-label') || '').trim(),
    shown: ringed && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    where: e.outerHTML.slice(0, 300),
  };
}"""


class Keyboard:
    """Somebody without a mouse: moves by Tab, and looks where they are."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def focused(self) -> dict[str, Any]:
        """What has the focus now."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def to(self, wanted: Callable[[dict[str, Any]], bool], what: str, key: str = "Tab") -> dict[str, Any]:
        """Press Tab until the focus is on what is wanted; on the way it is always visible, and never stays."""
        here = self.focused()
        for _ in range(MOST):
            if wanted(here):
                return here
            before = self.page.evaluate_handle("document.activeElement")
            self.press(key)
            here = self.focused()
            if here["tag"] == "BODY":  # past the last element, on the way round to the first
                continue
            assert self.page.evaluate("before => before !== document.activeElement", before), f"trapped: {here}"
            assert here["shown"], f"the focus cannot be seen: {here['where']}"
        raise AssertionError(f"{self.page.url}: no way by {key} to {what}")

    def to_field(self, name: str) -> dict[str, Any]:
        """Come to an input by its name."""
        return self.to(lambda e: bool(e["name"] == name and e["type"] != "hidden"), name)

    def activate(self, words: str, tag: str = "BUTTON", key: str = "Enter") -> None:
        """Come to a button or a link by its words, and press it; the next page is there afterwards."""
        self.to(lambda e: bool(e["tag"] == tag and e["words"] == words), words)
        with self.page.expect_navigation(wait_until="load"):
            self.press(key)

    def answer(self, name: str, text: str) -> None:
        """Answer one question as its kind of input is answered; one that is not asked is passed over."""
        inputs = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
        if not inputs.count():
            return
        here = self.to_field(name)
        if here["type"] == "checkbox":
            self.to(lambda e: bool(e["name"] == name and e["value"] == text), f"{name}={text}")
            if not self.page.evaluate("document.activeElement.checked"):
                self.press("Space")
        elif here["type"] == "radio":
            self._choose(name, text, inputs.count())
        elif here["tag"] == "SELECT":
            self._select(name, text)
        else:
            self.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
            assert self.focused()["value"] == text

    def _choose(self, name: str, text: str, most: int) -> None:
        """Radio buttons are one stop: arrows go from one to the next."""
        for _ in range(most):
            if self.focused()["value"] == text:
                break
            self.press("ArrowDown")
        self.press("Space")
        assert self.page.locator(f'main [name="{name}"][value="{text}"]').is_checked()

    def _select(self, name: str, text: str) -> None:
        """Arrows go through the options without opening the list."""
        self.press("Home")
        for _ in range(MOST):
            if self.focused()["value"] == text:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} has no option {text}")


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
