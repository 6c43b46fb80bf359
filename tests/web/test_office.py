"""The administrator's pages of an office's own data: said back when wrong, logged when right, overtaken by nobody."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from portal.domain.access import Role
from portal.store import office as book
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import law, office
from procedures.calendars import proposed_year
from tests.people import PASSWORD, account_of, signed_in

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PAGES = (
    "/quan-tri/lich", "/quan-tri/lich/2026", "/quan-tri/lich/2027", "/quan-tri/don-vi", "/quan-tri/don-vi/bao-yen",
    "/quan-tri/don-vi/moi", "/quan-tri/tai-khoan", "/quan-tri/tai-khoan/1", "/quan-tri/cau-chu",
    "/quan-tri/cau-chu/receipt/03/2025", "/quan-tri/nhat-ky",
)  # fmt: skip


@pytest.fixture
def database_kind() -> str:
    """What the store does is tested on both; pages need one."""
    return "sqlite"


@pytest.fixture
def at() -> Iterator[time_machine.Coordinates]:
    """A day in November on which next year is not entered."""
    with time_machine.travel(AT, tick=False) as clock:
        yield clock
    book.look_again()


@pytest.fixture
def admin(app: Flask, at: time_machine.Coordinates) -> FlaskClient:
    return signed_in(app, account_of(Role.ADMINISTRATOR))


def typed(html: str) -> dict[str, Any]:
    """What a browser would send of the page's last form, if nothing were typed."""
    form = html.rpartition('<form method="post"')[2]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = {key: unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if attributes.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        name, value = attributes["name"], attributes.get("value", "")
        found[name] = [*found[name], value] if isinstance(found.get(name), list) else value
        if attributes.get("type") == "checkbox":
            found[name] = [found[name]] if isinstance(found[name], str) else found[name]
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]*)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.S):
        found[name] = unescape(text)
    found.pop("csrf_token")  # each browser of the tests brings its own
    return found


def opened(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return typed(answer.text)


# --- calendars ---


def test_managers_and_administrators_are_warned_until_the_next_year_is_entered(app: Flask, admin: FlaskClient) -> None:
    said = "Lịch nghỉ năm 2027 chưa được nhập"
    manager = signed_in(app, account_of(Role.MANAGER))
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER))
    assert "/quan-tri/lich/2027" in admin.get("/quan-tri/hop-thu-di").text
    page = manager.get("/tai-khoan").text
    assert said in page
    assert "/quan-tri/lich/2027" not in page
    assert said not in officer.get("/tai-khoan").text
    form = typed(admin.post("/quan-tri/lich/2027", data=opened(admin, "/quan-tri/lich/2027") | {"propose": "1"}).text)
    answer = admin.post("/quan-tri/lich/2027", data=form | {"number": "TB 9441", "decided_on": "20/11/2026"})
    assert answer.status_code == 303
    assert said not in admin.get("/quan-tri/hop-thu-di").text
    assert said not in manager.get("/tai-khoan").text


def test_nobody_is_warned_before_november(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 10, 31, 16, 59, tzinfo=UTC)):
        client = signed_in(app, account_of(Role.ADMINISTRATOR))
        assert "chưa được nhập" not in client.get("/quan-tri/hop-thu-di").text


def test_a_proposal_fills_the_form_and_keeps_what_is_typed_and_saves_nothing(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/lich/2027")
    form = typed(admin.post("/quan-tri/lich/2027", data=form | {"add-off": "1"}).text)
    mine = {"off-0-first": "02/09/2027", "off-0-vi": "Quốc khánh của tôi", "off-0-reason": "holiday"}
    answer = admin.post("/quan-tri/lich/2027", data=form | mine | {"propose": "1"})
    assert answer.status_code == 200
    form = typed(answer.text)
    assert form["off-0-vi"] == "Quốc khánh của tôi"
    assert form["off-rows"] == str(len(proposed_year(2027).off))
    assert office.log() == []
    assert 2027 not in law.official_days().entered


@pytest.mark.parametrize(
    ("change", "wrong", "said"),
    [
        ({"off-0-first": "31/02/2027"}, "off-0-first", "ngày có thật"),
        ({"off-0-first": "01/01/2026"}, "off-0-first", "thuộc năm 2027"),
        ({"off-0-last": "01/01/2026"}, "off-0-last", "Ngày cuối"),
        ({"off-1-first": "01/01/2027"}, "off-1-first", "dòng khác"),
        ({"off-0-reason": ""}, "off-0-reason", "Chọn lý do"),
        ({"off-0-reason": "swap_day"}, "off-0-reason", "cần một ngày làm bù"),
        ({"off-0-en": ""}, "off-0-en", "tiếng Anh"),
        ({"number": ""}, "number", "số của thông báo"),
        ({"decided_on": ""}, "decided_on", "ngày của thông báo"),
        ({"decided_on": "25/11/2026"}, "decided_on", "chưa đến"),
        ({"make-rows": "1", "make-0-day": "06/09/2027", "make-0-instead": ""}, "make-0-day", "thứ Bảy"),
        ({"make-rows": "1", "make-0-day": "11/09/2027", "make-0-instead": "01/01/2027"}, "make-0-instead", "hoán đổi"),
    ],
)  # fmt: skip
def test_what_a_calendar_cannot_be_is_said_beside_the_input_and_nothing_typed_is_lost(
    admin: FlaskClient, change: dict[str, str], wrong: str, said: str
) -> None:
    empty = opened(admin, "/quan-tri/lich/2027")
    form = typed(admin.post("/quan-tri/lich/2027", data=empty | {"propose": "1"}).text)
    form |= {"number": "TB 9441", "decided_on": "20/11/2026", **change}
    answer = admin.post("/quan-tri/lich/2027", data=form)
    assert answer.status_code == 400
    error = re.search(rf'id="{wrong}-error">.*?</p>', answer.text, re.S)
    assert error is not None
    assert said in error[0]
    again = typed(answer.text)
    assert {key: again[key] for key in form if key in again} == {key: form[key] for key in form if key in again}
    assert office.log() == []


def test_a_row_is_taken_out_and_the_others_move_up(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/lich/2026")
    answer = typed(admin.post("/quan-tri/lich/2026", data=form | {"remove-off-0": "1"}).text)
    assert int(answer["off-rows"]) == int(form["off-rows"]) - 1
    assert answer["off-0-first"] == form["off-1-first"]


def test_of_two_administrators_at_once_the_second_is_told_and_keeps_what_was_typed(
    app: Flask, admin: FlaskClient
) -> None:
    other = signed_in(app, account_of(Role.ADMINISTRATOR, username="second", full_name="Lý Thị Hai"))
    form = opened(admin, "/quan-tri/don-vi/bao-yen")
    assert other.post("/quan-tri/don-vi/bao-yen", data=form | {"phone": "02143000111"}).status_code == 303
    answer = admin.post("/quan-tri/don-vi/bao-yen", data=form | {"phone": "02143000222"})
    assert answer.status_code == 409
    assert "Lý Thị Hai vừa thay đổi mục này" in answer.text
    assert "02140000019 → 02143000111" in answer.text
    again = typed(answer.text)
    assert again["phone"] == "02143000222"
    assert admin.post("/quan-tri/don-vi/bao-yen", data=again).status_code == 303
    shop = law.unit("bao-yen").shop
    assert shop is not None
    assert shop.phone == "02143000222"


# --- units ---


def test_every_unit_is_shown_as_it_is_and_sent_back_unchanged_changes_nothing(admin: FlaskClient) -> None:
    for unit in law.places().units[::5]:
        form = opened(admin, f"/quan-tri/don-vi/{unit.id}")
        answer = admin.post(f"/quan-tri/don-vi/{unit.id}", data=form)
        assert answer.status_code == 400
        assert "Chưa có gì thay đổi" in answer.text, unit.id
    assert office.log() == []


def test_new_hours_are_added_from_a_day_on_without_a_gap(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/don-vi/bao-yen")
    form = typed(admin.post("/quan-tri/don-vi/bao-yen", data=form | {"add-hours": "1"}).text)
    hours = {"hours-1-from": "01/01/2027", "hours-1-am_opens": "07:30", "hours-1-am_closes": "11:30"}
    assert admin.post("/quan-tri/don-vi/bao-yen", data=form | hours).status_code == 303
    first, second = law.unit("bao-yen").hours
    assert (first.valid_to, second.valid_from) == (date(2026, 12, 31), date(2027, 1, 1))
    assert law.unit("bao-yen").opening(date(2027, 1, 4)).vi.startswith("Thứ Hai – thứ Sáu: 07:30–11:30")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valid_to": "31/12/2026"}, "phải có đơn vị kế thừa"),
        ({"registry": ""}, "không có chi nhánh đăng ký đất đai phục vụ"),
        ({"agency": "H38.02953"}, "mang mã cơ quan H38.02953"),
        ({"hours-0-am_opens": "7 giờ"}, "Nhập giờ dạng 07:30"),
        ({"hours-0-am_opens": "12:00"}, "theo thứ tự"),
        ({"begins": "23/11/2026"}, "đã qua"),
        ({"phone": ""}, "Nhập đủ tên, địa chỉ và điện thoại"),
    ],
)
def test_what_a_unit_cannot_be_is_refused_with_the_reason(
    admin: FlaskClient, change: dict[str, str], said: str
) -> None:
    form = opened(admin, "/quan-tri/don-vi/bao-yen")
    answer = admin.post("/quan-tri/don-vi/bao-yen", data=form | change)
    assert answer.status_code == 400
    assert said in answer.text
    assert office.log() == []


def test_a_new_unit_stands_from_its_day(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/don-vi/moi") | {
        "id": "pho-moi", "kind": "commune", "valid_from": "01/03/2027", "name_vi": "Xã Phố Mới", "name_en": "Phố Mới",
        "agency": "H38.09999", "hours-0-am_opens": "07:00", "hours-0-am_closes": "11:00",
    }  # fmt: skip
    assert admin.post("/quan-tri/don-vi/moi", data=form).status_code == 303
    unit = law.unit("pho-moi")
    assert unit.alive(date(2027, 3, 1))
    assert not unit.alive(date(2027, 2, 28))
    assert "Sắp hoạt động" in admin.get("/quan-tri/don-vi").text
    assert "đã có đơn vị dùng" in admin.post("/quan-tri/don-vi/moi", data=form).text


# --- accounts ---


def person(account: Account) -> Account:
    with reading() as session:
        found = session.get(Account, account.id)
        assert found is not None
        return found


def test_a_new_role_ends_the_sessions_and_is_logged_from_old_to_new(app: Flask, admin: FlaskClient) -> None:
    clerk = account_of(Role.CLERK)
    browser = signed_in(app, clerk)
    address = f"/quan-tri/tai-khoan/{clerk.id}"
    form = opened(admin, address)
    assert browser.get("/tai-khoan").status_code == 200
    assert admin.post(address, data=form | {"role": "specialist"}).status_code == 303
    assert browser.get("/tai-khoan").status_code == 303
    assert person(clerk).role == "specialist"
    assert "Vai trò: Văn thư → Chuyên viên" in admin.get(address).text
    assert admin.post(address, data=form | {"role": "leader"}).status_code == 409
    assert person(clerk).role == "specialist"


def test_an_account_is_closed_opened_renamed_and_given_a_password(app: Flask, admin: FlaskClient) -> None:
    clerk = account_of(Role.CLERK)
    address = f"/quan-tri/tai-khoan/{clerk.id}"
    changes = ({"active": "no"}, {"active": "yes"}, {"full_name": "Hoàng Thị Mới"}, {"password": "bốn mùa hoa ban nở"})
    for change in changes:
        assert admin.post(address, data=opened(admin, address) | change).status_code == 303
    found = person(clerk)
    assert (found.full_name, found.active) == ("Hoàng Thị Mới", True)
    assert found.password_hash != clerk.password_hash
    log = admin.get("/quan-tri/nhat-ky?loai=account").text
    assert "Được đăng nhập: có → không" in log
    assert "mật khẩu mới" in log
    assert "bốn mùa" not in log
    assert admin.post(address, data=opened(admin, address)).status_code == 400
    assert "ít nhất 10 ký tự" in admin.post(address, data=opened(admin, address) | {"password": "ngắn"}).text


@pytest.mark.parametrize("change", [{"role": "manager"}, {"active": "no"}])
def test_the_last_administrator_cannot_lock_themselves_out(admin: FlaskClient, change: dict[str, str]) -> None:
    form = opened(admin, "/quan-tri/tai-khoan/1")
    answer = admin.post("/quan-tri/tai-khoan/1", data=form | change)
    assert answer.status_code == 400
    assert "quản trị viên cuối cùng" in answer.text
    account_of(Role.ADMINISTRATOR, username="second")
    assert admin.post("/quan-tri/tai-khoan/1", data=form | change).status_code == 303


def test_who_is_entered_is_logged(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/tai-khoan/moi")
    form |= {"username": "moi", "full_name": "Hoàng Thị Mới", "role": "clerk", "unit": "bao-ha", "password": PASSWORD}
    assert admin.post("/quan-tri/tai-khoan/moi", data=form).status_code == 303
    assert "Hoàng Thị Mới" in admin.get("/quan-tri/nhat-ky").text


def test_a_citizens_account_is_nobody_elses_business(admin: FlaskClient) -> None:
    citizen = account_of(Role.CITIZEN)
    assert admin.get(f"/quan-tri/tai-khoan/{citizen.id}").status_code == 404


# --- wordings ---


def test_a_sentence_is_previewed_without_being_kept_and_then_published(admin: FlaskClient) -> None:
    address = "/quan-tri/cau-chu/supplement_request/03/2025"
    form = opened(admin, address) | {"text-help": "Hỏi {contact}, điện thoại {phone} <b>nhé</b>."}
    shown = admin.post(address, data=form | {"preview": "1"}).text
    assert "<b>02140000019</b> &lt;b&gt;nhé" in shown
    assert office.log() == []
    refused = admin.post(address, data=form | {"text-help": "Hỏi {contact}."})
    assert refused.status_code == 400
    assert "Câu phải giữ {phone}" in refused.text
    assert admin.post(address, data=form).status_code == 303
    assert law.wording("supplement_request", "03/2025", TODAY)["help"].startswith("Hỏi {contact}")


# --- the log ---


def test_the_log_shows_all_kinds_and_each_by_itself(admin: FlaskClient) -> None:
    form = opened(admin, "/quan-tri/don-vi/bao-yen")
    admin.post("/quan-tri/don-vi/bao-yen", data=form | {"phone": "02143000111"})
    address = "/quan-tri/cau-chu/receipt/03/2025"
    admin.post(address, data=opened(admin, address) | {"text-note": "Giữ giấy này."})
    page = admin.get("/quan-tri/nhat-ky").text
    assert "02140000019 → 02143000111" in page
    assert "Giữ giấy này." in page
    assert "Giữ giấy này." not in admin.get("/quan-tri/nhat-ky?loai=unit").text


@pytest.mark.parametrize("address", ["lich/1999", "don-vi/x", "cau-chu/receipt/x", "tai-khoan/99"])
def test_what_is_not_there_is_not_found(admin: FlaskClient, address: str) -> None:
    assert admin.get(f"/quan-tri/{address}").status_code == 404


# --- in a browser ---


def test_the_pages_are_clean_for_axe_fit_a_phone_and_need_no_script(
    app: Flask, new_context: Callable[..., BrowserContext]
) -> None:
    account_of(Role.ADMINISTRATOR, username="quan-tri")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        plain = new_context(java_script_enabled=False, viewport={"width": 360, "height": 800}).new_page()
        page = new_context(viewport={"width": 360, "height": 800}).new_page()
        url = f"http://127.0.0.1:{server.port}"
        for one in (plain, page):
            one.goto(f"{url}/dang-nhap")
            one.fill("[name=identifier]", "quan-tri")
            one.fill("[name=password]", PASSWORD)
            one.get_by_role("button", name="Đăng nhập").click()
        for address in PAGES:
            page.goto(url + address)
            violations = Axe().run(page).response["violations"]
            assert [(address, each["id"], each["nodes"][0]["html"]) for each in violations] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        plain.goto(f"{url}/quan-tri/don-vi/bao-yen")
        plain.fill("#phone", "02143000333")
        plain.locator("#phone").press("Enter")
        assert plain.get_by_text("02140000019 → 02143000333").is_visible()
    finally:
        server.shutdown()
        thread.join()
