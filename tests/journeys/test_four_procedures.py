"""Each procedure is played in a real browser, from signing up to the result in hand, by everybody on its route."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.words import ACTIONS
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.usecases import law, start
from portal.web.filters import moment
from procedures.model import Procedure, Step
from tests import sample_files
from tests.conftest import Site
from tests.journeys.people import Citizen, Person, make_staff, now, user_name, wait_for
from tests.workers.test_pdf import squeezed, text_of

PROCEDURES = ("1.013225", "1.115668", "1.010038", "1.001193")
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan and a photo, as people have them."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "scan.pdf").write_bytes(sample_files.scan(200))
    (folder / "photo.jpg").write_bytes(sample_files.photo(200))
    return folder


class Office:
    """The staff of the commune, the police and the registry, each signed in in a browser of their own."""

    def __init__(self, site: Site, new_context: NewContext, *, scripts: bool = True) -> None:
        self.site, self.new_context, self.scripts = site, new_context, scripts
        self._people: dict[Role, Person] = {}

    def __getitem__(self, role: Role) -> Person:
        if role not in self._people:
            person = Person(self.site, self.new_context(java_script_enabled=self.scripts), scripts=self.scripts)
            person.sign_in(user_name(role))
            self._people[role] = person
        return self._people[role]

    def act(self, role: Role, registration: str, action: Action, answers: dict[str, str] | None = None) -> None:
        """Open the dossier from one's own queue, and do one action on it."""
        person = self[role]
        link = person.page.locator(f'main a[href*="{registration}"]')
        person.go("/ban-lam-viec/?xem=tra" if action is Action.HAND_OVER else "/ban-lam-viec/")
        if not link.count():
            # It waits for somebody else.
            person.go("/ban-lam-viec/?xem=tat_ca")
        link.first.click()
        person.look()
        block = person.page.locator("details.confirm", has_text=ACTIONS[action].vi).first
        if not block.get_attribute("open"):
            block.locator("summary").click()
        for name, text in (answers or {}).items():
            block.locator(f'[name="{action.value}-{name}"]').fill(text)
        block.locator("button[type=submit]").click()
        person.look()
        assert person.page.locator(".alert-good").count(), person.page.locator("main").inner_text()


def play(site: Site, new_context: NewContext, papers: Path, code: str, number: int, *, scripts: bool = True) -> None:
    """The whole life of one dossier."""
    start.connect(site.settings)
    make_staff(now())
    today = law.office_day(now())
    procedure = law.catalogue().in_force(code, today)
    office = Office(site, new_context, scripts=scripts)
    citizen = Citizen(site, new_context(java_script_enabled=scripts), scripts=scripts)
    citizen.sign_up(f"09123456{number:02d}", f"0101880012{number:02d}", "Hoàng Thị Mai", "12/03/1988", "female")

    registration = citizen.apply(procedure, papers)
    assert registration in citizen.page.locator("main").inner_text()
    office.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    if fee_of(citizen, registration):
        office.act(Role.ONE_STOP_OFFICER, registration, Action.PAY_FEE, {"number": f"BL-{code}-{number}"})
    duty = ""
    for step in procedure.route:
        if Action.ASK_DUTY in step.actions:
            duty = meet_duty(office, citizen, registration, Role(step.role))
        action = action_at(step)
        said = {"words": "Trả trực tiếp cho người nộp, có giấy hẹn."} if action is Action.HAND_OVER else {}
        office.act(Role(step.role), registration, action, said)

    citizen.go(f"/ho-so/{registration}")
    assert citizen.page.locator(".badge").first.inner_text().strip() == "Đã trả kết quả"
    result = wait_for(lambda: link_to_result(citizen, registration))
    answer = citizen.page.context.request.get(site.url + result)
    assert answer.body().startswith(b"%PDF-")
    assert squeezed(duty) in text_of(answer.body())
    check_statistics(office, procedure)


def meet_duty(office: Office, citizen: Citizen, registration: str, role: Role) -> str:
    """Ask for a financial duty, let a week pass, and confirm that it is paid; gives what the result says of it."""
    asked = {"amount": "7.000.000", "words": "Thuế thu nhập cá nhân, theo thông báo số 15/TB-CCT."}
    # The pages look otherwise with a duty on them: axe is to see them again.
    citizen.seen.clear()
    office[role].seen.clear()
    office.act(role, registration, Action.ASK_DUTY, asked)
    citizen.go(f"/ho-so/{registration}")
    shown = citizen.page.locator("main").inner_text()
    for told in (
        "Yêu cầu thực hiện nghĩa vụ tài chính", "Tạm dừng tính thời hạn", "7.000.000 đồng", asked["words"],
        "đưa hoặc gửi chứng từ cho bộ phận một cửa",
    ):  # fmt: skip
        assert told in shown, told
    with transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        assert dossier.held_since is not None
        dossier.held_since -= timedelta(days=7)
        promised = dossier.due_at
    office.act(role, registration, Action.CONFIRM_DUTY, {"number": "CT-0012345"})
    with reading() as session:
        moved = session.scalars(select(Dossier.due_at).where(Dossier.registration == registration)).one()
    assert promised is not None
    assert moved is not None
    assert moved > promised
    citizen.go(f"/ho-so/{registration}")
    shown = citizen.page.locator("main").inner_text()
    for told in (
        "Đang xử lý", "Đã hoàn thành nghĩa vụ tài chính, không tính thời gian chờ", moment(moved), moment(promised),
    ):  # fmt: skip
        assert told in shown, told
    return "Đã hoàn thành theo thông báo của cơ quan thuế; chứng từ số CT-0012345"


def fee_of(citizen: Citizen, registration: str) -> str:
    """The fee that is to be paid, in digits; empty where there is none."""
    citizen.go(f"/ho-so/{registration}")
    found = re.search(r"([\d.]+) đồng · nộp tại quầy", citizen.page.locator("main").inner_text())
    return found[1].replace(".", "") if found else ""


def action_at(step: Step) -> Action:
    """What moves a dossier on from this step of its route."""
    order = (Action.HAND_OVER, Action.ISSUE, Action.APPROVE, Action.FORWARD)
    return next(action for action in order if action.value in step.actions)


def link_to_result(citizen: Citizen, registration: str) -> str | None:
    """The address of the result's PDF, once it is rendered."""
    citizen.go(f"/ho-so/{registration}")
    result = citizen.page.get_by_role("link", name="Kết quả giải quyết", exact=True)
    return result.first.get_attribute("href") if result.count() else None


def check_statistics(office: Office, procedure: Procedure) -> None:
    """The manager sees the dossier among those resolved."""

    def resolved() -> bool:
        manager = office[Role.MANAGER]
        manager.go(f"/thong-ke?procedure={procedure.code}")
        return manager.page.locator(".tile", has_text="Đã giải quyết").locator(".tile-number").inner_text() != "0"

    wait_for(resolved, seconds=120)


@pytest.mark.parametrize("code", PROCEDURES)
def test_a_procedure_is_played_from_signing_up_to_the_result_in_hand(
    site: Site, new_context: NewContext, papers: Path, code: str
) -> None:
    play(site, new_context, papers, code, PROCEDURES.index(code) + 10)


def test_a_procedure_is_played_with_javascript_off(site: Site, new_context: NewContext, papers: Path) -> None:
    play(site, new_context, papers, "1.010038", 20, scripts=False)


def test_a_procedure_is_played_on_postgresql(site_on_postgresql: Site, new_context: NewContext, papers: Path) -> None:
    play(site_on_postgresql, new_context, papers, "1.013225", 30)
