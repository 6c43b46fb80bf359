"""The menus: what each role finds in them, and nothing it could not open."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.domain.access import DESK, Role
from tests.people import account_of, signed_in

EVERYBODY = {"Thủ tục", "Tra cứu hồ sơ"}
AT_THE_DESK = {"Hồ sơ chờ xử lý", "Nhắc việc", "Thay mặt", "Bàn giao hồ sơ"}
HEADING = {"Phân công", "Mẫu câu"}
OWN = {
    Role.CITIZEN: {"Hồ sơ của tôi", "Nộp hộ"},
    **dict.fromkeys(DESK, AT_THE_DESK),
    Role.ONE_STOP_OFFICER: AT_THE_DESK | {"Nhập hồ sơ tại quầy", "Sổ theo dõi hồ sơ"},
    Role.HEAD_OF_OFFICE: AT_THE_DESK | HEADING,
    Role.POLICE_HEAD: AT_THE_DESK | HEADING,
    Role.REGISTRY_HEAD: AT_THE_DESK | HEADING,
    Role.LEADER: AT_THE_DESK | HEADING | {"Sổ theo dõi hồ sơ", "Thống kê"},
    Role.CLERK: AT_THE_DESK | {"Sổ theo dõi hồ sơ"},
    Role.MANAGER: {"Thống kê"},
    Role.ADMINISTRATOR: {"Hộp thư đi", "Dữ liệu cơ quan", "Soạn thủ tục"},
}


@pytest.fixture
def database_kind() -> str:
    """Menus do not depend on the database."""
    return "sqlite"


def menu(page: str) -> dict[str, str]:
    """The main menu: what it says and where it leads."""
    found = re.search(r'<nav class="navigation".*?</nav>', page, re.DOTALL)
    assert found is not None
    return {label: url for url, label in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', found[0])}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_each_role_finds_its_own_pages_and_can_open_all_of_them(app: Flask, role: Role) -> None:
    client = signed_in(app, account_of(role))
    page = client.get("/tai-khoan").text
    entries = menu(page)
    assert set(entries) == EVERYBODY | OWN[role]
    for url in entries.values():
        assert client.get(url).status_code == 200, url
    assert "Đăng xuất" in page
    assert "Đăng nhập" not in page


def test_nobody_finds_what_is_open_and_how_to_come_in(app: Flask) -> None:
    page = app.test_client().get("/dang-nhap").text
    assert set(menu(page)) == EVERYBODY
    assert "Đăng ký" in page


def test_the_page_one_is_on_is_marked(app: Flask) -> None:
    page = signed_in(app, account_of(Role.ADMINISTRATOR)).get("/quan-tri/hop-thu-di").text
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == ["/quan-tri/hop-thu-di"]


@pytest.mark.parametrize("role", [None, Role.CITIZEN, Role.ONE_STOP_OFFICER])
def test_the_foot_of_every_page_leads_to_the_one_stop_shops_with_their_addresses_and_hours(
    app: Flask, role: Role | None
) -> None:
    client = signed_in(app, account_of(role)) if role else app.test_client()
    foot = client.get("/").text.partition('<footer class="footer">')[2]
    assert '<a href="/don-vi">Bộ phận một cửa</a>' in foot
    shops = client.get("/don-vi").text
    assert "Trụ sở UBND xã Bảo Yên" in shops
    assert "07:00–11:30, 13:30–17:00" in shops
