"""Two officers on one dossier, each with a browser: they see each other, one has it, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.casework import Request
from portal.domain.flow import Action, Status
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import accounts, dossiers, start, supplements
from portal.usecases.scenes import Deed
from tests.cases import BIRTH, WORDS, kept, submit
from tests.conftest import Site
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import PASSWORD, STAFF, UNIT, Person, make_staff, now, user_name

OFFICER = Role.ONE_STOP_OFFICER
HOA, SU = STAFF[OFFICER][0], "Vàng A Sử"


def actor_of(username: str) -> Actor:
    """Somebody of the shop as the domain knows them."""
    with reading() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
    return Actor(account.id, Role(account.role), account.unit, account.full_name)


def test_two_officers_see_each_other_one_takes_it_and_what_both_type_is_merged(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    start.connect(site.settings)
    make_staff(now())
    accounts.create_staff(OFFICER, UNIT, "quay-hai", SU, PASSWORD, now())
    registration = submit(BIRTH, now())
    hoa, su = Person(site, new_context()), Person(site, new_context())
    hoa.sign_in(user_name(OFFICER))
    su.sign_in("quay-hai")
    address = f"/ban-lam-viec/{registration}"
    here = "Cũng đang mở hồ sơ này:"

    # Presence: on the page from the start, and fresh on a page that was open before.
    hoa.go(address)
    expect(hoa.page.get_by_text(here)).to_have_count(0)
    su.go(address)
    expect(su.page.locator("[data-presence]")).to_contain_text(f"{here} {HOA}")
    hoa.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(hoa.page.locator("[data-presence]")).to_contain_text(f"{here} {SU}")

    # Claim: one has it; the other is asked before acting in her place, and goes on by the keyboard.
    Keyboard(hoa.page).activate("Nhận xử lý")
    expect(hoa.page.get_by_text("Bạn đang xử lý hồ sơ này.")).to_be_visible()
    su.page.locator("summary", has_text="Tiếp nhận").first.click()
    su.page.locator("details[open]").get_by_role("button", name="Tiếp nhận", exact=False).first.click()
    in_place = su.page.get_by_label(f"{HOA} đang xử lý hồ sơ này; tôi làm thay.").first
    su.page.wait_for_load_state()
    su.seen.clear()
    su.look()
    keyboard = Keyboard(su.page)
    expect(in_place).to_be_visible()
    keyboard.to(lambda e: bool(e["name"] == "receive-over"), "the box to act in her place")
    keyboard.press("Space")
    keyboard.to(lambda e: bool(e["tag"] == "BUTTON" and e["words"].startswith("Tiếp nhận")), "the button to receive")
    with su.page.expect_navigation():
        keyboard.press("Enter")
    assert kept(registration).status == Status.RECEIVED
    assert kept(registration).holder_id == actor_of("quay-hai").account_id

    # What is sensitive is shown to whoever asks.
    su.go(address)
    shows = su.page.get_by_role("button", name=re.compile("^Hiện"))
    many = shows.count()
    assert many
    shows.first.click()
    expect(shows).to_have_count(many - 1)

    # Merge: both correct the same page of the form.
    wish = Request(
        reason="missing_paper",
        items=({"key": "section-applicant", "section": "applicant", "words": "Sai ngày sinh."},),
        answer_by=now().date() + timedelta(days=14),
    )
    dossiers.act(actor_of("quay-hai"), registration, Deed(Action.ASK_SUPPLEMENT, request=wish, words=WORDS), now())
    for person in (hoa, su):
        person.go(f"/ho-so/{registration}/bo-sung")
    hoa.page.fill("[name=full_name]", "Lù Thị Xoan")
    hoa.press("Lưu mục này")
    su.page.fill("[name=full_name]", "Lù Thị Xoạn")
    su.page.fill("[name=birth_date]", "05/02/1988")
    su.seen.clear()
    su.press("Lưu mục này")
    expect(su.page.get_by_text("Bản đã lưu ở nơi khác: Lù Thị Xoan", exact=True)).to_be_visible()
    keyboard.answer("stays-full_name", "theirs")
    keyboard.activate("Lưu mục này")
    opened = supplements.open_supplement(actor_of("quay-hai"), registration)
    assert (opened.answers["full_name"], opened.answers["birth_date"]) == ("Lù Thị Xoan", "1988-02-05")
