"""Somebody who left a form half filled in finds it again, also where the procedure has changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from portal.store.database import transaction
from portal.store.models import Draft
from portal.usecases import law, start
from tests.conftest import Site
from tests.journeys.people import Citizen

HOUSE = "1.013225"


def test_a_form_half_filled_in_is_found_again_and_what_changed_meanwhile_is_told(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    start.connect(site.settings)
    citizen = Citizen(site, new_context())
    citizen.sign_up("0912345688", "010188001288", "Hoàng Thị Xuân", "12/03/1988", "female")
    citizen.go(f"/thu-tuc/{HOUSE}")
    citizen.press("Nộp trực tuyến")
    page = citizen.page
    page.fill("[name=full_name]", "Hoàng Thị Xuân Mai")
    page.get_by_role("button", name="Lưu và tiếp tục", exact=True).last.click()
    citizen.go(f"/thu-tuc/{HOUSE}")
    citizen.press("Nộp trực tuyến")
    expect(page.get_by_role("heading", name="Bạn đang điền dở thủ tục này")).to_be_visible()
    with transaction() as session:
        draft = session.scalars(select(Draft).where(Draft.procedure == HOUSE).order_by(Draft.id.desc())).first()
        assert draft is not None
        draft.version = law.catalogue().in_force(HOUSE, date(2025, 1, 1)).version
    # By the keyboard: the button to go on, and from the list of changes on to the form.
    page.get_by_role("link", name="Tiếp tục", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Những gì thay đổi")).to_be_visible()
    citizen.look()
    page.get_by_role("link", name="Tiếp tục điền").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/trang/**")
    citizen.look()
    citizen.go(f"{page.url.removeprefix(site.url).split('/trang/')[0]}/xem-lai")
    expect(page.get_by_text("Hoàng Thị Xuân Mai")).to_be_visible()
    page.locator('a[href$="#full_name"]').click()
    expect(page.locator("#full_name")).to_have_value("Hoàng Thị Xuân Mai")
