"""An administrator changes a procedure and the office's own data by the keyboard alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import count

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from portal.domain.access import Role
from portal.domain.numerals import day_shown
from portal.store import office as book
from portal.usecases import law
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import now
from tests.people import PASSWORD, account_of

CT01 = "Tờ khai thay đổi thông tin cư trú (Mẫu CT01), có ý kiến đồng ý của chủ hộ, chủ sở hữu chỗ ở hợp pháp"


@pytest.fixture
def database_kind() -> str:
    """What these pages keep is proved on both where it is kept."""
    return "sqlite"


@pytest.fixture
def keyboard(app: Flask, new_context: Callable[..., BrowserContext]) -> Iterator[Keyboard]:
    """The keyboard of an administrator who has signed in, on a portal of their own."""
    account_of(Role.ADMINISTRATOR, username="quan-tri", full_name="Nguyễn Thị Quản")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    page = new_context(base_url=f"http://127.0.0.1:{server.port}").new_page()
    page.goto("/dang-nhap")
    keyboard = Keyboard(page)
    keyboard.answer("identifier", "quan-tri")
    keyboard.answer("password", PASSWORD)
    keyboard.activate("Đăng nhập")
    yield keyboard
    server.shutdown()
    thread.join()
    book.look_again()


def words(keyboard: Keyboard) -> str:
    """What stands on the page."""
    return re.sub(r"\s+", " ", keyboard.page.locator("body").inner_text())


def follow(keyboard: Keyboard, words: str) -> None:
    """Come to a link by its words, and follow it."""
    keyboard.activate(words, tag="A")


def unfold(keyboard: Keyboard, words: str, after: str) -> None:
    """Open a folded part below an input."""
    keyboard.to_field(after)
    keyboard.to(lambda e: bool(e["tag"] == "SUMMARY" and e["words"].startswith(words)), words)
    keyboard.press("Enter")


def place(keyboard: Keyboard) -> str:
    """What stands where the focus is."""
    return str(keyboard.focused()["words"])


def answer(keyboard: Keyboard, texts: Mapping[str, str]) -> None:
    """Answer several questions in the order in which they stand on the page."""
    for name, text in texts.items():
        keyboard.answer(name, text)


def days_from(first: date) -> Iterator[date]:
    """This day and the following ones."""
    return (first + timedelta(days=ahead) for ahead in count())


def test_a_version_is_copied_changed_tried_and_published_by_the_keyboard_alone(keyboard: Keyboard) -> None:
    today = law.office_day(now())
    begins = today + timedelta(days=30)

    follow(keyboard, "Soạn thủ tục")
    keyboard.answer("q", "tach ho")
    keyboard.activate("Lọc")
    follow(keyboard, "từ 15/03/2026 (Tách hộ)")
    keyboard.activate("Chép thành bản nháp")
    keyboard.answer("begins", day_shown(begins))
    keyboard.activate("Lưu ngày")

    # The term becomes shorter, and with it the share of one step.
    follow(keyboard, "Sửa Thời hạn giải quyết")
    keyboard.answer("term-0-amount", "4")
    keyboard.activate("Lưu vào bản nháp")
    follow(keyboard, "Sửa Quy trình nội bộ")
    keyboard.answer("share-1", "2")
    keyboard.activate("Lưu các phần thời hạn")

    # A paper is asked for only where an answer says so; the page comes again at the condition.
    follow(keyboard, "Về các phần")
    follow(keyboard, CT01)
    unfold(keyboard, "Bảng điều kiện", after="when-mode")
    keyboard.activate("Thêm điều kiện")
    assert place(keyboard).startswith("Điều kiện 1")
    keyboard.answer("when-0-left", "divorced")
    keyboard.activate("Cập nhật các lựa chọn theo câu hỏi (Chỉ yêu cầu khi)")
    assert place(keyboard).startswith("Chỉ yêu cầu khi")
    keyboard.answer("when-0-sign", "is")
    keyboard.answer("when-0-right", "false")
    keyboard.activate("Lưu vào bản nháp")
    assert "vẫn ở cùng chỗ ở?” là Không" in words(keyboard)

    # The papers in another order; one is added, and taken out again.
    keyboard.activate(f"Xuống {CT01}")
    assert place(keyboard).startswith(CT01)
    keyboard.activate("Thêm giấy tờ")
    follow(keyboard, "Không sửa nữa")
    keyboard.activate("Bỏ Chưa đặt tên")
    assert place(keyboard).startswith("Văn bản ủy quyền")

    # Its examples are moved behind the day and run; then it is tried out and compared.
    follow(keyboard, "Về các phần")
    follow(keyboard, "Chạy ví dụ")
    keyboard.activate("Dời các ví dụ sang sau ngày có hiệu lực")
    while "khác mong đợi" in words(keyboard):
        keyboard.activate("Lấy ngày hẹn tính ra làm mong đợi", whole=False)
    assert "Mọi ví dụ đều ra như mong đợi." in words(keyboard)
    follow(keyboard, "Xem như người dân")
    keyboard.answer("example", "0")
    keyboard.activate("Bắt đầu điền thử")
    while "Người nộp sẽ đọc lại" not in words(keyboard):
        keyboard.activate("Tiếp tục")
    assert "Thời hạn giải quyết 4 ngày làm việc" in words(keyboard)
    follow(keyboard, "Điền thử lần nữa")
    follow(keyboard, "Xem như cán bộ")
    assert "thời hạn 4 ngày làm việc" in words(keyboard)
    follow(keyboard, "So sánh")
    assert "5 ngày làm việc → 4 ngày làm việc" in words(keyboard)

    # It is published, and stands in the log.
    follow(keyboard, "Công bố")
    keyboard.answer("decision_number", "45/QĐ-UBND")
    keyboard.answer("decided_on", day_shown(today))
    keyboard.activate("Xem lại và công bố")
    keyboard.activate("Công bố")
    said = words(keyboard)
    assert "Nguyễn Thị Quản công bố lúc" in said
    assert f"Quyết định 45/QĐ-UBND ngày {day_shown(today)}, có hiệu lực từ {day_shown(begins)}" in said
    assert "5 ngày làm việc → 4 ngày làm việc" in said


def test_calendar_hours_accounts_and_wordings_are_changed_by_the_keyboard_alone(keyboard: Keyboard) -> None:
    today = law.office_day(now())
    year = today.year + 1
    monday = next(day for day in days_from(date(year, 7, 1)) if day.weekday() == 0)
    saturday = monday + timedelta(days=5)
    notice = {"number": "TB 15", "decided_on": day_shown(today)}

    # A working day is swapped for a Saturday.
    follow(keyboard, "Dữ liệu cơ quan")
    follow(keyboard, str(year))
    keyboard.activate("Thêm đợt nghỉ")
    assert place(keyboard).startswith("Đợt nghỉ")
    cell = keyboard.next_field().removesuffix("first")
    swapped = {"first": day_shown(monday), "reason": "swap_day", "vi": "Nghỉ hoán đổi", "en": "Swapped day"}
    answer(keyboard, {f"{cell}{part}": text for part, text in swapped.items()})
    keyboard.activate("Thêm ngày bù")
    assert place(keyboard).startswith("Ngày bù")
    cell = keyboard.next_field().removesuffix("day")
    answer(keyboard, {f"{cell}day": day_shown(saturday), f"{cell}instead": day_shown(monday), **notice})
    keyboard.activate("Công bố")
    assert f"Đã công bố lịch nghỉ năm {year}." in words(keyboard)

    # The office opens at another hour from next year on.
    follow(keyboard, "Đơn vị")
    follow(keyboard, "Xã Bảo Yên")
    keyboard.activate("Thêm giờ")
    assert place(keyboard).startswith("Giờ 2")
    cell = keyboard.next_field().removesuffix("from")
    hours = {
        "from": f"01/01/{year}",
        "am_opens": "07:30",
        "am_closes": "11:30",
        "pm_opens": "13:30",
        "pm_closes": "17:00",
    }
    answer(keyboard, {f"{cell}{part}": text for part, text in hours.items()})
    keyboard.activate("Công bố")
    assert "Đã công bố đơn vị Xã Bảo Yên." in words(keyboard)

    # Somebody new works here.
    follow(keyboard, "Tài khoản")
    follow(keyboard, "Thêm tài khoản")
    person = {"full_name": "Bàn Thị Mới", "username": "ban-thi-moi", "role": "clerk", "unit": "bao-yen"}
    answer(keyboard, {**person, "password": PASSWORD})
    keyboard.activate("Tạo tài khoản")
    assert "Bàn Thị Mới" in words(keyboard)

    # The foot of the receipt says something else.
    follow(keyboard, "Câu chữ trên phiếu")
    keyboard.activate("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", tag="A", whole=False)
    keyboard.answer("text-note", "Giấy tiếp nhận được lập thành 02 liên.")
    keyboard.activate("Xem trước")
    assert words(keyboard).count("Giấy tiếp nhận được lập thành 02 liên.") == 1
    keyboard.activate("Công bố")
    assert "Đã công bố câu chữ mới." in words(keyboard)

    # The log tells of all four, and of one sort.
    follow(keyboard, "Nhật ký")
    for said in (f"Lịch nghỉ năm {year}", "Đơn vị: Xã Bảo Yên", "Tài khoản số", "Câu chữ: Giấy tiếp nhận hồ sơ"):
        assert said in words(keyboard)
    keyboard.answer("loai", "unit")
    keyboard.activate("Lọc")
    assert "Đơn vị: Xã Bảo Yên" in words(keyboard)
    assert "Câu chữ: Giấy tiếp nhận hồ sơ" not in words(keyboard)
