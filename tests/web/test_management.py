"""Proves the manager's pages: the same numbers as everywhere, each with its list, seen only by those who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.statistics import Listed, Period
from portal.store import database as connection
from portal.store.models import Dossier
from portal.store.statistics import Cut
from portal.usecases import demonstration, statistics
from portal.web.management import COLUMNS, XLSX
from tests.people import account_of, signed_in

FIRST, LAST = date(2025, 5, 1), date(2026, 8, 31)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WHOLE = "tu=01/05/2025&den=31/08/2026"


@pytest.fixture
def app(app: Flask, database: connection.Database) -> Iterator[Flask]:
    """The portal with a small history in it."""
    demonstration.fill(200, 7, FIRST, LAST, NOW)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    return signed_in(app, account_of(Role.MANAGER))


def links(page: str, path: str) -> list[tuple[str, int]]:
    """The addresses of lists on a page, with the numbers that lead there."""
    found = re.findall(rf'<a href="({path}[^"]*)">([\d.]+)</a>', page)
    return [(unescape(address), int(number.replace(".", ""))) for address, number in found]


def lines(client: FlaskClient, address: str) -> int:
    """How many dossiers a list shows, on all of its pages."""
    total = 0
    while address:
        page = client.get(address).text
        total += page.count('<a class="code"')
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(following[1]) if following else ""
    return total


def test_the_page_shows_the_figures_of_the_period(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke?{WHOLE}").text
    numbers = statistics.figures_of(Period(FIRST, LAST), Cut())
    total = page.split("Tổng cộng")[1].split("</tr>")[0]
    shown = [int(text.replace(".", "")) for text in re.findall(r">([\d.]+)<", total)]
    assert shown == [getattr(numbers, what) for what in COLUMNS]
    assert "Số liệu tính đến sự kiện ghi nhận lúc" in page


def test_every_number_opens_as_many_dossiers(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke?{WHOLE}").text
    figures, stuck = links(page, "/thong-ke/danh-sach/"), links(page, "/thong-ke/dang-o")
    assert {what for what in Listed if f"/danh-sach/{what}?" in page} >= {Listed.RESOLVED, *COLUMNS} - {
        Listed.CARRIED_OVER
    }
    for address, number in [*figures[::5], *figures[-10:], *stuck]:
        assert lines(manager, address) == number, address


def test_lists_show_nothing_personal(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke/danh-sach/received?{WHOLE}").text
    with connection.reading() as session:
        people = session.execute(select(Dossier.applicant_name, Dossier.applicant_number, Dossier.applicant_phone))
        assert not any(text in page for person in people for text in person)


def test_a_unit_and_a_procedure_narrow_the_figures(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke?{WHOLE}&don_vi=bao-yen&thu_tuc=1.001193&kenh=online").text
    numbers = statistics.figures_of(Period(FIRST, LAST), Cut(("bao-yen",), "1.001193", "online"))
    total = page.split("Tổng cộng")[1].split("</tr>")[0]
    assert [int(text) for text in re.findall(r">(\d+)<", total)] == [getattr(numbers, what) for what in COLUMNS]


def test_a_code_borne_twice_is_two_units(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke?{WHOLE}").text
    assert "Thị trấn Phố Ràng (02947), đến 30/06/2025" in page
    assert "Xã Bảo Yên (02947)" in page


def test_a_leader_sees_their_unit_alone(app: Flask) -> None:
    leader = signed_in(app, account_of(Role.LEADER, "bao-yen"))
    for address in (f"/thong-ke?{WHOLE}", f"/thong-ke?{WHOLE}&don_vi=nghia-do"):
        page = leader.get(address).text
        numbers = statistics.figures_of(Period(FIRST, LAST), Cut(("bao-yen",)))
        total = page.split("Tổng cộng")[1].split("</tr>")[0]
        assert [int(text.replace(".", "")) for text in re.findall(r">([\d.]+)<", total)] == [
            getattr(numbers, what) for what in COLUMNS
        ]
        assert "Xã Nghĩa Đô" not in page


def test_nobody_else_sees_statistics(app: Flask) -> None:
    for role in sorted(set(Role) - {Role.MANAGER, Role.LEADER, Role.SYSTEM}):
        client = signed_in(app, account_of(role))
        for path in ("/thong-ke", "/thong-ke/danh-sach/open", "/thong-ke/dang-o", "/thong-ke/thong-ke.xlsx"):
            assert client.get(path).status_code == 403
    assert app.test_client().get("/thong-ke").status_code == 303


def test_dates_that_are_none_are_said_to_be_none(manager: FlaskClient) -> None:
    page = manager.get("/thong-ke?tu=31/02/2026&den=<script>").text
    assert "Ghi ngày theo mẫu 09/02/2026." in page
    assert "<script>&" not in page
    assert 'value="31/02/2026"' in page
    page = manager.get("/thong-ke?tu=02/03/2026&den=01/03/2026").text
    assert "Ngày cuối kỳ không được trước ngày đầu kỳ." in page


def test_what_is_not_there_is_not_found_and_a_broken_cursor_refused(manager: FlaskClient) -> None:
    for address in (
        "/thong-ke?don_vi=nowhere",
        "/thong-ke?thu_tuc=9.999999",
        "/thong-ke/danh-sach/everything",
        "/thong-ke/dang-o?luot=x&giai_doan=running",
        "/thong-ke/dang-o",
    ):
        assert manager.get(address).status_code == 404
    assert manager.get("/thong-ke/danh-sach/received?sau=tomorrow.x").status_code == 400


def test_the_workbook_says_the_same_and_keeps_zeros_of_codes(manager: FlaskClient) -> None:
    answer = manager.get(f"/thong-ke/thong-ke.xlsx?{WHOLE}")
    assert answer.mimetype == XLSX
    book: Any = load_workbook(BytesIO(answer.data))
    units = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=4)]
    numbers = statistics.figures_of(Period(FIRST, LAST), Cut())
    assert units[-1][2:10] == [getattr(numbers, what) for what in COLUMNS]
    codes = [row[0] for row in units[:-1]]
    assert "087" in codes
    assert codes.count("02947") == 2


def test_the_page_speaks_english(manager: FlaskClient) -> None:
    page = manager.get(f"/thong-ke?{WHOLE}&lang=en").text
    assert '<html lang="en">' in page
    assert "Bảo Yên District" in page


def test_a_new_event_is_counted_at_once(manager: FlaskClient) -> None:
    before = manager.get(f"/thong-ke?{WHOLE}").text
    demonstration.fill(20, 8, FIRST, LAST, NOW)
    assert manager.get(f"/thong-ke?{WHOLE}").text != before
