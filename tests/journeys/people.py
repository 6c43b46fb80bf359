"""The people of the journeys: a citizen and the staff of a commune, each with a browser of their own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.rehearsal import posted, typed_answers
from portal.store.database import reading
from portal.store.models import Account, Notice
from portal.usecases import accounts
from procedures.model import Example, Procedure
from tests.conftest import Site

PASSWORD = "ruong bac thang mua gat"
UNIT = "bao-yen"
REGISTRY = "chi-nhanh-dat-dai"

STAFF: Mapping[Role, tuple[str, str]] = {
    Role.ONE_STOP_OFFICER: ("Lương Thị Hoa", UNIT),
    Role.SPECIALIST: ("Hoàng Văn Thắng", UNIT),
    Role.HEAD_OF_OFFICE: ("Nguyễn Đức Long", UNIT),
    Role.LEADER: ("Trần Quốc Hưng", UNIT),
    Role.CLERK: ("Đặng Thị Mùi", UNIT),
    Role.POLICE_OFFICER: ("Bàn Văn Phúc", UNIT),
    Role.POLICE_HEAD: ("Vàng Seo Páo", UNIT),
    Role.REGISTRY_OFFICER: ("Ma Thị Yến", REGISTRY),
    Role.REGISTRY_HEAD: ("Phạm Văn Dũng", REGISTRY),
    Role.MANAGER: ("Lê Thanh Bình", ""),
}

#: Rules of WCAG 2.2 AA, and good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def user_name(role: Role) -> str:
    """The user name of the one who has this role."""
    return role.value.replace("_", "-")


def make_staff(at: datetime) -> None:
    """Give each role its account, once per database."""
    with reading() as session:
        there = set(session.scalars(select(Account.username)))
    for role, (name, unit) in STAFF.items():
        if user_name(role) not in there:
            accounts.create_staff(role, unit or None, user_name(role), name, PASSWORD, at)


class Person:
    """Somebody with a browser; every page they come to is looked over by axe where scripts are on."""

    def __init__(self, site: Site, context: BrowserContext, *, scripts: bool = True) -> None:
        self.site, self.page, self.scripts = site, context.new_page(), scripts
        self.seen: set[str] = set()

    def go(self, path: str) -> None:
        """Open a page of the portal."""
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        self.look()

    def look(self) -> None:
        """Let axe judge the page, once for each kind of page."""
        self.page.wait_for_load_state()
        kind = re.sub(r"[A-Z0-9_-]{12,}|\d+", "…", self.page.url.removeprefix(self.site.url).split("?")[0])
        if not self.scripts or kind in self.seen:
            return
        self.seen.add(kind)
        found = Axe().run(self.page, options={"runOnly": RULES})
        assert not found.violations_count, f"{self.page.url}\n{found.generate_report()}"

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.look()

    def sign_in(self, identifier: str) -> None:
        """Sign in."""
        self.go("/dang-nhap")
        self.page.fill("[name=identifier]", identifier)
        self.page.fill("[name=password]", PASSWORD)
        self.press("Đăng nhập")

    def fill(self, values: Mapping[str, list[str]]) -> None:
        """Type or choose values by the names of their inputs; an input that is not there is passed over."""
        for name, texts in values.items():
            for text in texts:
                fill_input(self.page, name, text)


def fill_input(page: Page, name: str, text: str) -> None:
    """Answer one question, whatever kind of input it has."""
    inputs = page.locator(f'main [name="{name}"]:not([type=hidden])')
    if not inputs.count():
        return
    kind = inputs.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind == "select":
        inputs.first.select_option(text)
    elif kind in ("radio", "checkbox"):
        page.locator(f'main [name="{name}"][value="{text}"]').check()
    else:
        inputs.first.fill(text)


class Citizen(Person):
    """Somebody who applies."""

    def sign_up(self, phone: str, number: str, name: str, birth: str, sex: str) -> None:
        """Make an account, and confirm it with the code that was sent."""
        self.go("/tai-khoan/dang-ky")
        person = {"full_name": name, "birth_date": birth, "sex": sex, "personal_number": number}
        self.fill({"contact": [phone], **{key: [value] for key, value in person.items()}, "password": [PASSWORD]})
        self.press("Đăng ký")
        self.page.fill("[name=code]", code_sent_to(phone))
        self.press("Xác nhận")

    def apply(self, procedure: Procedure, papers: Path, changes: Mapping[str, Any] | None = None) -> str:
        """Find the procedure, fill in its form with its own example, hand in its papers; gives the number."""
        self.go(f"/tim?q={procedure.short_title.vi}")
        self.page.locator(f'main a[href$="/thu-tuc/{procedure.code}"]').first.click()
        self.look()
        self.press("Nộp trực tuyến")
        self.fill_in(procedure, papers, changes)
        return self.page.url.rsplit("/", 1)[1].split("?")[0]

    def fill_in(self, procedure: Procedure, papers: Path, changes: Mapping[str, Any] | None = None) -> None:
        """Go through the pages of a draft to its end, and submit it."""
        example = next(e for e in procedure.examples if e.unit == UNIT and e.expect.outcome == "complete")
        typed = {**typed_answers(procedure, example), **(changes or {})}
        typed.setdefault("result_delivery", "one_stop")
        for _ in range(30):
            if (submit := self.page.get_by_role("button", name="Nộp hồ sơ", exact=True)).count():
                self.fill({"declaration": ["yes"]})
                submit.first.click()
                self.look()
                return
            if self.page.locator("input[type=file]").count():
                self.hand_in(components_of(procedure, example), papers)
                self.page.get_by_role("button", name="Tiếp tục", exact=True).click()
            elif (choice := self.page.locator("main [name=unit]")).count():
                self.fill({"unit": [UNIT]})
                assert choice.count()
                self.page.get_by_role("button", name="Tiếp tục", exact=True).click()
            else:
                for section in procedure.form:
                    self.fill(posted(section, typed))
                self.fill({"warned": ["1"]})
                on = self.page.get_by_role("button", name="Lưu và tiếp tục", exact=True)
                assert on.count(), f"{self.page.url}\n{self.page.locator('main').inner_text()}"
                on.last.click()
            self.look()
        raise AssertionError(f"the form did not end: {self.page.url}")

    def hand_in(self, components: tuple[str, ...], papers: Path) -> None:
        """Upload a file for each component."""
        for number, component in enumerate(components):
            upload(
                self.page, component, papers / ("scan.pdf" if number % 2 == 0 else "photo.jpg"), scripts=self.scripts
            )


def components_of(procedure: Procedure, example: Example) -> tuple[str, ...]:
    """The components an example hands in, its own or those of the example it is like."""
    while example.components is None:
        example = next(other for other in procedure.examples if other.name == example.like)
    return example.components


def upload(page: Page, component: str, file: Path, *, scripts: bool) -> None:
    """Hand in one file for a component, and wait until the page lists it."""
    section = page.locator(f"#component-{component}")
    if section.locator(".file-name").count():
        return
    section.locator("input[type=file]").set_input_files(file)
    if not scripts:
        section.get_by_role("button", name="Tải lên").click()
    expect(page.locator(f"#component-{component} .file-name").first).to_be_visible()


def code_sent_to(contact: str) -> str:
    """The confirmation code in the last message to somebody, as its reader would find it."""
    with reading() as session:
        query = select(Notice.body).where(Notice.recipient == contact).order_by(Notice.id.desc())
        body = session.scalars(query).first()
    assert body is not None
    found = re.search(r"\b(\d{6})\b", body)
    assert found is not None
    return found[1]


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """What becomes true once the workers have done their part."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.3)
    raise AssertionError("it did not happen")


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)
