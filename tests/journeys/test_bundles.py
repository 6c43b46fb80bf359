"""Both bundles are played in a real browser: one form, and every leg by its own people to the results in hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import bundles, law, start
from portal.web.filters import moment
from procedures.model import Procedure
from tests.conftest import Site
from tests.journeys.people import Citizen, make_staff, now, wait_for
from tests.journeys.test_four_procedures import Office, action_at, papers
from tests.workers.test_pdf import squeezed, text_of

NewContext = Callable[..., BrowserContext]
BIRTH, DEATH = "2.000986", "2.001023"

__all__ = ["papers"]


def rows(registration: str) -> dict[str, Dossier]:
    """The dossiers of a bundle, by leg."""
    with reading() as session:
        lead = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        return {row.leg: row for row in bundles.of(session, lead)}


def play_leg(office: Office, dossier: Dossier) -> None:
    """A leg by everybody on its route, until its result lies at the one-stop shop."""
    for step in law.procedure_of(dossier).route[:-1]:
        office.act(Role(step.role), dossier.registration, action_at(step))


def play(site: Site, new_context: NewContext, scans: Path, code: str, number: int, *, scripts: bool = True) -> None:
    """The whole life of one bundle."""
    start.connect(site.settings)
    make_staff(now())
    procedure = law.catalogue().in_force(code, law.office_day(now()))
    office = Office(site, new_context, scripts=scripts)
    citizen = Citizen(site, new_context(java_script_enabled=scripts), scripts=scripts)
    citizen.sign_up(f"09123457{number:02d}", f"0101880013{number:02d}", "Hoàng Thị Mai", "12/03/1988", "female")

    registration = citizen.apply(procedure, scans)
    office.act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    promised_to(citizen, registration, procedure)

    play_leg(office, rows(registration)[""])
    for leg in procedure.legs:
        row = rows(registration)[leg.key]
        assert row.state is Status.RECEIVED, leg.key
        play_leg(office, row)
    citizen.seen.clear()
    citizen.go(f"/ho-so/{registration}")
    for leg in procedure.legs:
        wait_for(lambda leg=leg: link_to_result(citizen, registration, leg.title.vi))  # type: ignore[misc]
    for row in rows(registration).values():
        office.act(Role.ONE_STOP_OFFICER, row.registration, Action.HAND_OVER, {"words": "Trả trực tiếp cho người nộp."})
    assert {row.state for row in rows(registration).values()} == {Status.HANDED_OVER}
    check_results(site, citizen, registration, procedure)


def promised_to(citizen: Citizen, registration: str, procedure: Procedure) -> None:
    """The applicant is told, on the page and on the receipt, by when each leg and all of them are done."""
    total = rows(registration)[""].total_due_at
    citizen.seen.clear()
    citizen.go(f"/ho-so/{registration}")
    shown = citizen.page.locator("main").inner_text()
    assert f"Tất cả kết quả có chậm nhất lúc {moment(total)}" in shown
    for leg in procedure.legs:
        assert leg.title.vi in shown

    def receipt() -> str | None:
        citizen.go(f"/ho-so/{registration}")
        link = citizen.page.get_by_role("link", name="Giấy tiếp nhận hồ sơ và hẹn trả kết quả", exact=True)
        return link.first.get_attribute("href") if link.count() else None

    printed = text_of(citizen.page.context.request.get(citizen.site.url + wait_for(receipt)).body())
    for told in (*(leg.title.vi for leg in procedure.legs), "Thời gian trả tất cả kết quả giải quyết hồ sơ"):
        assert squeezed(told) in printed, told


def link_to_result(citizen: Citizen, registration: str, title: str) -> str | None:
    """The address of the result of one leg on the page of the whole, once it is rendered."""
    citizen.go(f"/ho-so/{registration}")
    link = citizen.page.get_by_role("link", name=f"Kết quả giải quyết: {title}", exact=True)
    return link.first.get_attribute("href") if link.count() else None


def check_results(site: Site, citizen: Citizen, registration: str, procedure: Procedure) -> None:
    """Every result can be fetched from the page of the whole."""
    for leg in procedure.legs:
        address = link_to_result(citizen, registration, leg.title.vi)
        assert address is not None
        assert citizen.page.context.request.get(site.url + address).body().startswith(b"%PDF-")


# Three routes with seven people on them are longer than any other journey.
@pytest.mark.timeout(480)
@pytest.mark.parametrize("code", [BIRTH, DEATH])
def test_a_bundle_is_played_from_one_form_to_all_its_results_in_hand(
    site: Site, new_context: NewContext, papers: Path, code: str
) -> None:
    play(site, new_context, papers, code, 10 + [BIRTH, DEATH].index(code))
