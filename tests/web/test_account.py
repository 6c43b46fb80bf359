"""Pages of accounts and of the administrator, as a browser sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.notices import NoticeKind
from portal.services.messages import Channel
from portal.store.database import reading, transaction
from portal.store.models import Notice
from portal.usecases import notices
from portal.usecases.notices import Recipient
from portal.web.admin import outline
from tests.people import PASSWORD, account_of, signed_in

PHONE = "0912345678"
MY = {
    "contact": PHONE, "full_name": "Lý Thị Mỷ", "personal_number": "010188123456", "birth_date": "9/2/1988",
    "sex": "female", "password": PASSWORD,
}  # fmt: skip
HTML = "<script>alert(1)</script>'\"&"


@pytest.fixture
def database_kind() -> str:
    """What the pages do with the database is proven on both kinds elsewhere."""
    return "sqlite"


def newest() -> Notice:
    with reading() as session:
        return session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()


def code() -> str:
    found = re.search(r"\b\d{6}\b", newest().body)
    assert found is not None
    return found[0]


def link() -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", newest().body)
    assert found is not None
    return found[1]


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_somebody_signs_up_confirms_and_goes_where_they_wanted(client: FlaskClient) -> None:
    answer = client.post("/tai-khoan/dang-ky?next=/tra-cuu", data=MY)
    assert (answer.status_code, answer.location) == (303, "/tai-khoan/xac-nhan")
    page = client.get("/tai-khoan/xac-nhan")
    assert PHONE in page.text
    wrong = client.post("/tai-khoan/xac-nhan", data={"contact": PHONE, "code": "12345"})
    assert wrong.status_code == 400
    assert "Mã không đúng hoặc đã hết hạn" in wrong.text
    answer = client.post("/tai-khoan/xac-nhan", data={"contact": PHONE, "code": code()})
    assert (answer.status_code, answer.location) == (303, "/tra-cuu")
    assert "Lý Thị Mỷ" in client.get("/tai-khoan").text


def test_whoever_lost_the_page_of_the_code_finds_it_by_signing_in(app: Flask) -> None:
    app.test_client().post("/tai-khoan/dang-ky", data=MY)
    other = app.test_client()
    answer = other.post("/dang-nhap", data={"identifier": PHONE, "password": PASSWORD})
    assert answer.location == "/tai-khoan/xac-nhan"
    assert other.post("/tai-khoan/xac-nhan", data={"contact": PHONE, "code": code()}).status_code == 303


def test_the_link_of_an_email_confirms_on_a_press_of_the_button_only(client: FlaskClient) -> None:
    client.post("/tai-khoan/dang-ky", data={**MY, "contact": "my@example.vn"})
    address = link()
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 303
    assert client.post("/dang-xuat").status_code == 303
    again = client.post(address)
    assert again.status_code == 404
    assert "Liên kết không còn dùng được" in again.text


def test_nothing_typed_is_lost_but_the_password(client: FlaskClient) -> None:
    answer = client.post("/tai-khoan/dang-ky", data={**MY, "personal_number": "12", "address": "x"})
    assert answer.status_code == 400
    for typed in (PHONE, "Lý Thị Mỷ", 'value="12"', "9/2/1988"):
        assert typed in answer.text
    assert re.search(r'value="female"[^>]* checked', answer.text)
    assert PASSWORD not in answer.text
    assert 'href="#personal_number"' in answer.text
    assert 'id="personal_number-error"' in answer.text
    assert "đúng 12 chữ số" in answer.text


def test_a_doubtful_number_is_asked_about_once_more(client: FlaskClient) -> None:
    answer = client.post("/tai-khoan/dang-ky", data={**MY, "sex": "male"})
    assert "không khớp với giới tính" in answer.text
    assert 'name="number_checked"' in answer.text
    assert client.post("/tai-khoan/dang-ky", data={**MY, "sex": "male", "number_checked": "yes"}).status_code == 303


@pytest.mark.parametrize("day", ["", "31/02/1988", "1988", "9/2/1850", "1/1/2999", "x", "٩/٢/١٩٨٨"])
def test_a_day_nobody_was_born_on_is_refused(client: FlaskClient, day: str) -> None:
    answer = client.post("/tai-khoan/dang-ky", data={**MY, "birth_date": day})
    assert answer.status_code == 400
    assert 'id="birth_date-error"' in answer.text


def test_signing_up_looks_the_same_for_a_contact_that_has_an_account(app: Flask) -> None:
    account_of(Role.CITIZEN, phone=PHONE)
    pages = []
    for contact in (PHONE, "0987654321"):
        client = app.test_client()
        answer = client.post("/tai-khoan/dang-ky", data={**MY, "contact": contact})
        page = client.get(answer.location)
        pages.append((answer.status_code, answer.location, page.text.replace(contact, "…")))
    assert [page[:2] for page in pages] == [(303, "/tai-khoan/xac-nhan")] * 2
    tokens = re.compile(r'name="csrf_token" value="[^"]*"')
    assert tokens.sub("", pages[0][2]) == tokens.sub("", pages[1][2])


@pytest.mark.parametrize(("role", "home"), [(Role.ADMINISTRATOR, "/quan-tri/hop-thu-di"), (Role.MANAGER, "/thong-ke")])
def test_whoever_signs_in_begins_where_their_work_is(client: FlaskClient, role: Role, home: str) -> None:
    account_of(role, username="ai-do")
    answer = client.post("/dang-nhap", data={"identifier": "ai-do", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, home)
    assert client.get("/dang-nhap").location == home
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert cookie.http_only


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_leads_to_no_other_place(client: FlaskClient, target: str) -> None:
    account_of(Role.ADMINISTRATOR, username="ai-do")
    answer = client.post(
        "/dang-nhap", query_string={"next": target}, data={"identifier": "ai-do", "password": PASSWORD}
    )
    assert answer.location == "/quan-tri/hop-thu-di"


def test_a_lock_is_told_plainly_with_its_end_for_a_name_that_exists_and_one_that_does_not(client: FlaskClient) -> None:
    account_of(Role.CLERK, username="co-that")
    with time_machine.travel("2026-03-02T08:00:00+07:00", tick=False):
        for name in ("co-that", "khong-co"):
            pages = [client.post("/dang-nhap", data={"identifier": name, "password": "sai"}) for _ in range(6)]
            assert all("Tên đăng nhập hoặc mật khẩu không đúng" in page.text for page in pages[:5])
            assert "tạm khoá đến 08:15" in pages[5].text


def test_a_form_without_its_token_is_refused_and_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/tai-khoan/dang-ky", data=MY, csrf=False)  # type: ignore[call-arg]
    assert answer.status_code == 400
    assert "Yêu cầu không hợp lệ" in answer.text
    with reading() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_forgotten_password_is_set_anew_and_other_sessions_end(app: Flask) -> None:
    account = account_of(Role.CITIZEN, email="my@example.vn")
    elsewhere = signed_in(app, account)
    assert elsewhere.get("/tai-khoan").status_code == 200
    client = app.test_client()
    sent = client.post("/quen-mat-khau", data={"identifier": "my@example.vn"})
    unknown = client.post("/quen-mat-khau", data={"identifier": "khong@example.vn"})
    assert (sent.status_code, sent.text) == (unknown.status_code, unknown.text)
    address = link()
    weak = client.post(address, data={"password": "password123"})
    assert weak.status_code == 400
    assert "dễ đoán" in weak.text
    assert client.post(address, data={"password": "nương lúa cuối tháng mười"}).status_code == 303
    assert client.get("/tai-khoan").status_code == 200
    assert elsewhere.get("/tai-khoan").status_code == 303
    assert client.get(address).status_code == 404


def test_a_changed_password_ends_other_sessions_but_not_this_one(app: Flask) -> None:
    account = account_of(Role.CITIZEN)
    here, elsewhere = signed_in(app, account), signed_in(app, account)
    new = {"old_password": PASSWORD, "password": "nương lúa cuối tháng mười"}
    assert here.post("/tai-khoan/mat-khau", data=new).location == "/tai-khoan"
    assert here.get("/tai-khoan").status_code == 200
    assert elsewhere.get("/tai-khoan").status_code == 303


def test_whoever_leaves_is_gone(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN))
    assert client.get("/dang-xuat").status_code == 405
    assert client.post("/dang-xuat").status_code == 303
    assert client.get("/tai-khoan").status_code == 303


def test_a_profile_is_shown_and_kept(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN, phone=PHONE))
    typed = {**MY, "commune": "bao-yen", "address": f"Tổ 3 {HTML}", "language": "en"}
    assert client.post("/tai-khoan", data=typed).location == "/tai-khoan"
    page = client.get("/tai-khoan")
    assert HTML not in page.text
    assert "Tổ 3 &lt;script&gt;" in page.text
    assert 'value="bao-yen" selected' in page.text
    assert 'value="09/02/1988"' in page.text
    assert '<html lang="en">' in page.text


def test_a_contact_is_added_by_its_code(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN, phone=PHONE))
    assert client.get("/tai-khoan/lien-he/xac-nhan").location == "/tai-khoan/lien-he"
    assert client.post("/tai-khoan/lien-he", data={"contact": "x"}).status_code == 400
    assert client.post("/tai-khoan/lien-he", data={"contact": "my@example.vn"}).status_code == 303
    assert "my@example.vn" in client.get("/tai-khoan/lien-he/xac-nhan").text
    done = client.post("/tai-khoan/lien-he/xac-nhan", data={"contact": "x", "code": code()})
    assert done.location == "/tai-khoan"
    assert "my@example.vn" in client.get("/tai-khoan").text


@pytest.mark.parametrize("field", ["contact", "full_name", "personal_number", "birth_date", "sex"])
def test_html_in_any_field_stays_text(client: FlaskClient, field: str) -> None:
    answer = client.post("/tai-khoan/dang-ky", data={**MY, "password": "x", field: HTML})
    assert answer.status_code == 400
    assert HTML not in answer.text
    assert "<script>alert" not in answer.text


def test_a_page_for_one_person_is_kept_by_no_cache(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN))
    assert client.get("/tai-khoan").headers["Cache-Control"] == "private, no-store"


# --- the administrator ---


def test_the_outbox_shows_what_was_said_and_only_the_outline_of_whom_to(app: Flask) -> None:
    client = signed_in(app, account_of(Role.ADMINISTRATOR))
    assert "Chưa có tin nào" in client.get("/quan-tri/hop-thu-di").text
    with transaction() as session:
        for to, channel in ((PHONE, Channel.SMS), ("my.ly@example.vn", Channel.EMAIL)):
            him = Recipient(to, channel, HTML)
            notices.write(session, NoticeKind.PASSWORD_CHANGED, him, datetime.now(UTC), {})
    page = client.get("/quan-tri/hop-thu-di").text
    assert "Mật khẩu đã được đổi" in page
    assert "Chờ gửi" in page
    assert PHONE not in page
    assert "my.ly@" not in page
    assert "•••••••678" in page
    assert HTML not in page


def test_the_outbox_turns_its_pages(app: Flask) -> None:
    client = signed_in(app, account_of(Role.ADMINISTRATOR))
    with transaction() as session:
        for number in range(120):
            him = Recipient(PHONE, Channel.SMS, f"{number}")
            notices.write(session, NoticeKind.PASSWORD_CHANGED, him, datetime.now(UTC), {})

    def there(page: str, rel: str) -> str | None:
        found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        return found[1] if found else None

    first = client.get("/quan-tri/hop-thu-di").text
    second = client.get(there(first, "next") or "").text
    third = client.get(there(second, "next") or "").text
    assert there(first, "prev") is None
    assert there(third, "next") is None
    assert [page.count("<details>") for page in (first, second, third)] == [50, 50, 20]
    back = client.get(there(third, "prev") or "").text
    assert main_of(back) == main_of(second)
    assert there(client.get(there(back, "prev") or "").text, "prev") is None


def test_an_administrator_enters_somebody_who_works_here(app: Flask) -> None:
    client = signed_in(app, account_of(Role.ADMINISTRATOR))
    new = {"full_name": "Hoàng Thị Văn Thư", "username": "van-thu", "role": "clerk", "unit": "", "password": PASSWORD}
    refused = client.post("/quan-tri/tai-khoan/moi", data=new)
    assert refused.status_code == 400
    assert "hãy chọn đơn vị" in refused.text
    assert client.post("/quan-tri/tai-khoan/moi", data={**new, "role": "citizen"}).status_code == 400
    assert client.post("/quan-tri/tai-khoan/moi", data={**new, "unit": "bao-yen"}).status_code == 303
    assert "van-thu" in client.get("/quan-tri/tai-khoan").text


@pytest.mark.parametrize(
    ("contact", "seen"), [("0912345678", "•••••••678"), ("my.ly@example.vn", "my•••@example.vn"), ("a@b.vn", "a•@b.vn")]
)
def test_a_contact_in_outline_is_of_no_use_to_others(contact: str, seen: str) -> None:
    assert outline(contact) == seen
