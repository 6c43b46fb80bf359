"""An office changes its law in the browser only: a shorter term from a future day, refused while it contradicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from portal.domain import clock
from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.numerals import day_shown
from portal.store.database import reading
from portal.store.models import Account, Dossier
from portal.usecases import accounts, law, start
from procedures.calendars import OFFICE_TIME
from procedures.terms import Term
from tests import cases
from tests.cases import RESIDENCE
from tests.conftest import Site
from tests.journeys.people import PASSWORD, Person, now

NewContext = Callable[..., BrowserContext]
SHELF = "/quan-tri/thu-tuc"


def author(site: Site, new_context: NewContext, *, scripts: bool) -> Person:
    """The administrator, signed in."""
    with reading() as session:
        there = session.scalars(select(Account).where(Account.username == "quan-tri")).first()
    if there is None:
        accounts.create_staff(Role.ADMINISTRATOR, None, "quan-tri", "Nguyễn Thị Quản", PASSWORD, now())
    person = Person(site, new_context(java_script_enabled=scripts), scripts=scripts)
    person.sign_in("quan-tri")
    return person


def received(at: datetime) -> Dossier:
    """A household split that the one-stop shop receives at an instant."""
    registration = cases.submit(RESIDENCE, at)
    cases.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    with reading() as session:
        return session.scalars(select(Dossier).where(Dossier.registration == registration)).one()


def due(dossier: Dossier, term: str) -> datetime:
    """When a dossier would be due within a term."""
    moment = law.moment(dossier.unit, now(), "residence")
    assert dossier.received_at is not None
    return clock.due_date(Term.parse(term), dossier.received_at, moment.calendar).due_at


def words(person: Person) -> str:
    """What stands on the page."""
    return re.sub(r"\s+", " ", person.page.locator("main").inner_text())


def publish(person: Person, draft: str, begins: date) -> None:
    """Ask for publication with a decision of today."""
    person.go(f"{draft}/cong-bo")
    today = day_shown(law.office_day(now()))
    person.fill({"decision_number": ["45/QĐ-UBND"], "decided_on": [today], "begins": [day_shown(begins)]})
    person.press("Xem lại và công bố")


def expect_fee(person: Person, draft: str, fee: str) -> None:
    """Let the first example expect a fee."""
    person.go(f"{draft}/sua/examples/0")
    person.fill({"expect-fee": [fee]})
    person.press("Lưu vào bản nháp")


@pytest.mark.parametrize(("scripts", "days", "verification", "ahead"), [(True, 4, 2, 30), (False, 3, 1, 60)])
def test_an_office_shortens_a_term_from_a_future_day_in_the_browser_only(
    site: Site, new_context: NewContext, scripts: bool, days: int, verification: int, ahead: int
) -> None:
    start.connect(site.settings)
    begins = law.office_day(now()) + timedelta(days=ahead)
    before = received(now())
    person = author(site, new_context, scripts=scripts)

    # A version is copied, and its term changed.
    person.go(f"{SHELF}?q=tach+ho")
    person.page.locator(f'main a[href="{SHELF}/{RESIDENCE}/2026-03-15"]').click()
    person.look()
    person.press("Chép thành bản nháp")
    draft = person.page.url.removeprefix(site.url)
    person.page.locator(f'main a[href="{draft}/sua/thoi-han"]').click()
    person.look()
    person.fill({"term-0-amount": [str(days)]})
    person.press("Lưu vào bản nháp")

    # The shares no longer add up: publishing is refused, with the way to the route.
    publish(person, draft, begins)
    assert f"Các phần thời hạn cộng lại là 5 ngày làm việc, còn thời hạn là {days}." in words(person)
    assert not person.page.get_by_role("button", name="Công bố", exact=True).count()
    person.page.locator(f'main a[href^="{draft}/sua/route"]').first.click()
    person.look()
    assert "Hai số phải bằng nhau mới công bố được." in words(person)
    person.fill({"share-1": [str(verification)]})
    person.press("Chỉ cộng thử")
    assert f"Cộng lại {days} ngày làm việc, đúng bằng thời hạn" in words(person)
    person.press("Lưu các phần thời hạn")

    # The examples lie before the day; moved behind it they expect what the calendar now gives.
    publish(person, draft, begins)
    assert "Sớm hơn ngày có hiệu lực của phiên bản." in words(person)
    person.go(f"{draft}/vi-du")
    person.press("Dời các ví dụ sang sau ngày có hiệu lực")
    while (take := person.page.get_by_role("button", name="Lấy ngày hẹn tính ra làm mong đợi")).count():
        take.first.click()
        person.look()

    # An example that comes to something else is refused, and named.
    expect_fee(person, draft, "4.000")
    publish(person, draft, begins)
    said = "Ví dụ “Vợ chồng trẻ tách hộ, nộp trực tuyến”: phí tính ra 5000, mong đợi 4000."
    assert "Không công bố được, vì:" in words(person)
    assert said in words(person)
    person.go(f"{draft}/vi-du")
    assert "1 ví dụ không ra như mong đợi." in words(person)
    expect_fee(person, draft, "5.000")

    # It is tried out, compared, published; the log says who, when, and what changed.
    for page in ("nguoi-dan", "can-bo", "mo-phong", "van-ban", "so-sanh", "sua/components/1", "sua/examples/0"):
        person.go(f"{draft}/{page}")
    publish(person, draft, begins)
    assert f"5 ngày làm việc → {days} ngày làm việc" in words(person) or "4 ngày làm việc → 3" in words(person)
    person.press("Công bố")
    said = words(person)
    assert "Nguyễn Thị Quản công bố lúc" in said
    assert f"→ {days} ngày làm việc" in said
    assert f"có hiệu lực từ {day_shown(begins)}" in said

    # Dossiers received before keep five days; those received from that day on have the new term.
    law.catalogue()
    after = received(datetime.combine(working_day(begins), time(9), OFFICE_TIME))
    assert after.due_at == due(after, f"{days} working_day")
    with reading() as session:
        kept = session.get_one(Dossier, before.id)
    assert (kept.due_at, kept.version) == (due(kept, "5 working_day"), date(2026, 3, 15))


def working_day(day: date) -> date:
    """The first day from this one on, but not this one, on which an office is open all day."""
    calendar = law.calendar(cases.UNIT)
    return calendar.working_day_from(day + timedelta(days=1))
