"""An officer finds a dossier and keeps a view of the queue by the keyboard alone; and the pages of desk and helping to
which no other journey comes are clean for axe and fit a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select, update

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store.database import reading, transaction
from portal.store.models import Account, Notice
from portal.usecases import blanks, start
from tests import people
from tests.cases import BIRTH, act, person, submit
from tests.conftest import Site
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import PASSWORD, Person, code_sent_to, make_staff, now, user_name

NewContext = Callable[..., BrowserContext]
OFFICER = Role.ONE_STOP_OFFICER
VIEW = "Nộp trực tuyến"
PHONE: Any = {"width": 360, "height": 800}


def visitor(site: Site, context: BrowserContext) -> Person:
    """Somebody for whom axe need not look at what other journeys begin with."""
    visitor = Person(site, context)
    visitor.seen |= {"/dang-nhap", "/ban-lam-viec/"}
    return visitor


def test_a_dossier_is_found_and_a_view_kept_opened_and_forgotten_by_the_keyboard_alone(
    site: Site, new_context: NewContext
) -> None:
    start.connect(site.settings)
    make_staff(now())
    registration = submit(BIRTH, now(), applicant_name="Lò Thị Ngoãn", search="lo thi ngoan")
    officer = visitor(site, new_context())
    officer.sign_in(user_name(OFFICER))
    officer.go("/ban-lam-viec/")
    page, keyboard = officer.page, Keyboard(officer.page)

    keyboard.answer("q", "ngoan lo")
    with page.expect_navigation(wait_until="load"):
        keyboard.press("Enter")
    officer.look()
    keyboard.activate(registration, "A")
    expect(page.locator("main")).to_contain_text("Lò Thị Ngoãn")
    page.go_back()
    expect(page.locator("main [name=q]")).to_have_value("ngoan lo")
    keyboard.activate("Hồ sơ chờ xử lý", "A")

    keyboard.answer("kenh", "online")
    keyboard.activate("Lọc")
    keyboard.to(lambda here: here["words"] == "Lưu cách xem này", "Lưu cách xem này")
    keyboard.press("Enter")
    keyboard.answer("name", VIEW)
    keyboard.activate("Lưu cách xem")
    officer.look()
    keyboard.activate("Hồ sơ chờ xử lý", "A")
    keyboard.activate(VIEW, "A")
    expect(page.get_by_role("link", name=VIEW)).to_have_attribute("aria-current", "page")
    expect(page.locator("main [name=kenh]")).to_have_value("online")
    keyboard.activate(f"Bỏ cách xem “{VIEW}”")
    expect(page.get_by_text("Đã bỏ cách xem.")).to_be_visible()
    expect(page.get_by_role("link", name=VIEW)).to_have_count(0)


def test_the_pages_that_no_other_journey_comes_to_are_clean_for_axe_and_fit_a_phone(
    site: Site, new_context: NewContext
) -> None:
    start.connect(site.settings)
    make_staff(now())
    registration = submit(BIRTH, now())
    act(OFFICER, registration, Action.RECEIVE, now())
    blanks.print_batch(person(OFFICER), 1, now())
    desk = f"/ban-lam-viec/{registration}"
    pages = {
        OFFICER: (
            "/ban-giao", "/thay-mat", "/nhac-viec", "/ban-lam-viec/tim?q=khongai", "/ban-lam-viec/hang-loat",
            f"{desk}/dinh-chinh", f"{desk}/dinh-chinh?phan=applicant&phan=giay-to", f"{desk}/ho-so-moi",
            "/so-theo-doi", "/giay-in-san",
        ),
        Role.LEADER: ("/mau-cau/", f"{desk}/stop", f"/ho-so/{registration}/luot-xem"),
    }  # fmt: skip
    for role, addresses in pages.items():
        somebody = visitor(site, new_context(viewport=PHONE))
        somebody.sign_in(user_name(role))
        for address in addresses:
            somebody.go(address)
            fits(somebody)
            if address in ("/so-theo-doi", "/giay-in-san"):  # a volume; a blank that is taken out of use
                somebody.page.locator("main tbody a:not([href$='.pdf'])").last.click()
                somebody.look()
                fits(somebody)


def fits(somebody: Person) -> None:
    assert somebody.page.evaluate("document.documentElement.scrollWidth") <= 360, somebody.page.url


def test_the_pages_of_helping_are_clean_for_axe_from_the_first_to_the_end(site: Site, new_context: NewContext) -> None:
    start.connect(site.settings)
    people.account_of(Role.CITIZEN, username="nguoi-nop-ho", full_name="Lý Thị Lan")
    helper, owner = (visitor(site, new_context(viewport=PHONE)) for _ in range(2))
    helper.go("/dang-nhap")
    helper.page.fill("[name=identifier]", "nguoi-nop-ho")
    helper.page.fill("[name=password]", people.PASSWORD)
    helper.press("Đăng nhập")
    helper.go("/giup-ho")
    helper.fill({"name": ["Hoàng Văn Páo"], "contact": ["0977123456"]})
    helper.seen.clear()
    helper.press("Gửi mã")
    number = helper.page.locator("[name^=code-]").get_attribute("name")
    helper.fill({str(number): [code_sent_to("0977123456")]})
    helper.seen.clear()
    helper.press("Xác nhận")
    expect(helper.page.get_by_role("button", name="Bắt đầu hồ sơ hộ")).to_be_visible()
    with reading() as session:
        said = session.scalars(select(Notice.body).where(Notice.recipient == "0977123456")).first() or ""
    link = re.search(r"/giup-ho/ket-thuc/\S+", said)
    assert link is not None
    owner.go(link[0])
    owner.seen.clear()
    owner.press("Kết thúc")
    expect(owner.page.get_by_text("Người này không còn xem")).to_be_visible()


def test_words_typed_when_the_session_ends_are_sent_after_signing_in_in_another_tab(
    site: Site, new_context: NewContext
) -> None:
    start.connect(site.settings)
    make_staff(now())
    registration = submit(BIRTH, now())
    officer = visitor(site, new_context(viewport=PHONE))
    officer.sign_in(user_name(OFFICER))
    officer.go(f"/ban-lam-viec/{registration}")
    page = officer.page
    page.get_by_label("Ghi chú mới").fill("Người nộp hẹn mang bản chính đến\nsáng thứ Sáu.")
    with transaction() as session:
        session.execute(update(Account).values(session_epoch=Account.session_epoch + 1))
    officer.press("Ghi")
    expect(page.locator("main")).to_contain_text("Chưa có gì được ghi")
    fits(officer)

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập (mở thẻ mới)").click()
    opened.value.fill("[name=identifier]", user_name(OFFICER))
    opened.value.fill("[name=password]", PASSWORD)
    opened.value.get_by_role("button", name="Đăng nhập", exact=True).click()
    opened.value.wait_for_url("**/ban-lam-viec/")

    officer.press("Gửi lại")
    page.get_by_role("button", name="Gửi lại với tên").click()
    expect(page.get_by_text("sáng thứ Sáu.")).to_be_visible()
    assert page.url.split("#")[0].endswith(registration)
