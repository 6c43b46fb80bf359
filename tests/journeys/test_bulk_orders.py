"""Three dossiers are received at once and their receipts printed, by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
from playwright.sync_api import BrowserContext, expect

from portal.domain.access import Role
from portal.domain.flow import Status
from portal.usecases import start
from tests.cases import kept, submit
from tests.conftest import Site
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import Person, make_staff, now, user_name, wait_for


def test_three_dossiers_are_chosen_received_followed_and_printed_by_the_keyboard_alone(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    start.connect(site.settings)
    make_staff(now())
    registrations = [submit(at=now(), search="ba ho so mot luc") for _ in range(3)]
    officer = Person(site, new_context())
    officer.sign_in(user_name(Role.ONE_STOP_OFFICER))
    page, keyboard = officer.page, Keyboard(officer.page)
    officer.go("/ban-lam-viec/?q=ba+ho+so+mot+luc")
    for registration in registrations:
        box = page.locator(f'input.pick[value="{registration}"]')
        keyboard.to(lambda here: here["value"] == registration, registration, "Tab")  # noqa: B023
        keyboard.press("Space")
        expect(box).to_be_checked()
        page.locator(".skip").focus()
    keyboard.activate("Tiếp nhận hồ sơ")
    officer.look()
    expect(page.locator("[name=ho_so]:checked")).to_have_count(3)
    keyboard.activate("Tiếp nhận hồ sơ")
    officer.look()
    expect(page.get_by_role("status").filter(has_text="Xong 3 trên 3 hồ sơ.")).to_be_visible(timeout=60_000)
    assert {kept(registration).state for registration in registrations} == {Status.RECEIVED}
    keyboard.to(lambda here: here["words"] == "In 2 bản", "In 2 bản")
    address = page.locator("a", has_text="In 2 bản").get_attribute("href")
    printed = wait_for(lambda: _pdf(page.request.get(f"{site.url}{address}").body()))
    with pypdfium2.PdfDocument(printed) as sheets:
        assert len(sheets) == 3
    page.goto(site.url + "/ban-lam-viec/hang-loat?viec=receive")
    officer.look()
    expect(page.get_by_text("Chưa chọn hồ sơ nào")).to_be_visible()


def _pdf(body: bytes) -> bytes:
    return body if body.startswith(b"%PDF-") else b""
