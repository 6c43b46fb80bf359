"""The pages of the register: what is entered is listed, printed and downloaded, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import registers
from procedures.calendars import OFFICE_TIME
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.people import signed_in

NEW_YEAR = datetime(2027, 1, 4, 8, 0, tzinfo=OFFICE_TIME)


@pytest.fixture
def database_kind() -> str:
    """Pages ask what the use cases prove on both."""
    return "sqlite"


@pytest.fixture
def registration(app: Flask) -> str:
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW)
    return registration


def browser(app: Flask, role: Role) -> FlaskClient:
    with reading() as session:
        return signed_in(app, session.get_one(Account, person(role).account_id))


def address() -> str:
    (book,) = registers.books(person(Role.LEADER))
    return f"/so-theo-doi/{book.id}"


def test_a_received_dossier_is_found_in_its_book_and_in_the_workbook(app: Flask, registration: str) -> None:
    officer, code = browser(app, Role.ONE_STOP_OFFICER), kept(registration).code or ""
    assert address() in officer.get("/so-theo-doi").text
    page = officer.get(address())
    assert (page.status_code, code in page.text, "Khóa sổ năm" in page.text) == (200, True, False)
    sheet = officer.get(f"{address()}/so.xlsx")
    with ZipFile(BytesIO(sheet.data)) as book:
        assert code in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_leader_locks_the_book_of_a_year_that_is_over_and_its_sealed_volume_can_be_opened(
    app: Flask, registration: str, work: Callable[[], None]
) -> None:
    place = address()
    with time_machine.travel(NEW_YEAR, tick=False):
        leader = browser(app, Role.LEADER)
        assert "Khóa sổ năm 2026" in leader.get(place).text
        assert browser(app, Role.ONE_STOP_OFFICER).post(f"{place}/khoa").status_code == 403
        assert leader.post(f"{place}/khoa").location == place
        again = leader.post(f"{place}/khoa", follow_redirects=True)
        assert "Chưa khóa được" in again.text
        work()
        page = leader.get(place).text
        assert "Sổ đã khóa lúc" in page
        assert "In quyển này đến nay" not in page
        volume = leader.get(page.partition(f'href="{place}/giay/')[2].partition('"')[0].join((f"{place}/giay/", "")))
    assert (volume.status_code, volume.mimetype, volume.data[:5]) == (200, "application/pdf", b"%PDF-")
