"""The administrator's pages of the law: every part is edited in the browser, nothing typed is lost, faults are told."""

from __future__ import annotations

import html
import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.usecases import authoring
from portal.web.trials import last_month
from procedures import editing
from procedures.catalogue import FOLDER
from tests.cases import act, submit
from tests.people import account_of, signed_in

SPLIT = "1.010038"
VERSION = "/quan-tri/thu-tuc/1.010038/2026-03-15"
FILE = FOLDER / "residence" / "household-split" / "2026-03-15.yaml"


@pytest.fixture
def database_kind() -> str:
    """What these pages keep is proved on both databases where it is kept (tests/usecases/test_authoring.py)."""
    return "sqlite"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, account_of(Role.ADMINISTRATOR))


@pytest.fixture
def other(app: Flask) -> FlaskClient:
    return signed_in(app, account_of(Role.ADMINISTRATOR, username="khac", full_name="Lý Thị Khác"))


@pytest.fixture
def draft(admin: FlaskClient) -> str:
    """A draft of the household split; its address."""
    answer = admin.post(f"{VERSION}/chep")
    assert answer.status_code == 303
    return str(answer.location)


def number(draft: str) -> int:
    return int(draft.rsplit("/", 1)[1])


def text(draft: str) -> str:
    return authoring.open_draft(number(draft)).text


def value(draft: str, *place: str | int) -> Any:
    return editing.at(editing.values(text(draft)), place)


def form(page: TestResponse) -> dict[str, Any]:
    """What the first form of a page would send if its main button were pressed."""
    source = page.text[page.text.index("<main") :]
    source = re.search(r'<form method="post".*?</form>', source, re.DOTALL)[0]  # type: ignore[index]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", source):
        if 'type="file"' in tag:
            continue
        name, kept = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)):
            sent.setdefault(name[1], []).append(html.unescape(kept[1] if kept else ""))
    for name, inside in re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n?(.*?)</textarea>', source, re.DOTALL):
        sent[name] = [html.unescape(inside)]
    for name, inside in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', source, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        sent[name] = [html.unescape(chosen[1]) if chosen else ""]
    sent.pop("csrf_token", None)
    return sent


def save(client: FlaskClient, address: str, **changes: Any) -> TestResponse:
    """Open a page, change some of its inputs, and press its button."""
    sent = form(client.get(address)) | changes
    return client.post(address, data={name: texts for name, texts in sent.items() if texts is not None})


def words(page: TestResponse) -> str:
    """What stands on a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_the_shelf_shows_every_version_with_its_dates_origin_and_drafts(admin: FlaskClient, draft: str) -> None:
    page = words(admin.get("/quan-tri/thu-tuc"))
    assert "từ 01/07/2021 (Tách hộ) kèm theo cổng" in page
    assert re.search(r"từ 15/03/2026 \(Tách hộ\) đang có hiệu lực kèm theo cổng có bản nháp", page)
    assert "Tách hộ 1.010038 · chưa có ngày hiệu lực" in page
    found = words(admin.get("/quan-tri/thu-tuc?q=tach ho&linh-vuc=residence"))
    assert "Tách hộ 1.010038 · Cư trú" in found
    assert "Đất đai" not in found.partition("Phiên bản")[2].partition("Bộ phận tiếp nhận")[0]


def test_a_version_is_read_as_an_outline_and_downloaded_letter_by_letter(admin: FlaskClient) -> None:
    page = words(admin.get(VERSION))
    for said in (
        "5 ngày làm việc",
        "“Cách nộp hồ sơ” không phải là Trực tuyến",
        "10.000 đồng",
        "Trưởng Công an cấp xã",
    ):
        assert said in page
    file = admin.get(f"{VERSION}/tep")
    assert file.text == FILE.read_text(encoding="utf-8")
    assert "residence_household-split_2026-03-15.yaml" in file.headers["Content-Disposition"]
    assert admin.get("/quan-tri/thu-tuc/1.010038/heute").status_code == 404
    assert admin.get("/quan-tri/thu-tuc/1.010038/2020-01-01").status_code == 404


def test_opening_and_saving_every_page_without_a_change_leaves_every_letter(admin: FlaskClient, draft: str) -> None:
    before = text(draft)
    found = set(re.findall(rf'href="({draft}/sua/[^"#]+)"', admin.get(draft).text))
    assert len(found) > 40
    for address in sorted(found):
        page = admin.get(address)
        assert page.status_code == 200
        if "danh-sach" not in page.text:
            assert save(admin, address).status_code == 303, address
    assert text(draft) == before


def test_one_value_changes_one_line(admin: FlaskClient, draft: str) -> None:
    answer = save(admin, f"{draft}/sua/thoi-han", **{"term-0-amount": "4"})
    assert answer.status_code == 303
    assert text(draft) == FILE.read_text(encoding="utf-8").replace("term: 5 working_day", "term: 4 working_day")
    page = words(admin.get(f"{draft}/sua/thoi-han"))
    assert "Thời hạn" in page
    overview = words(admin.get(draft))
    assert "Các phần thời hạn cộng lại là 5 ngày làm việc, còn thời hạn là 4." in overview


def test_what_cannot_be_read_stands_on_the_page_again_with_its_reason(admin: FlaskClient, draft: str) -> None:
    changes = {"key": "Mẫu CT 01", "title-en": "", "title-vi": "Tên mới", "copies": "hai", "hint-vi": "<b>đậm</b>"}
    answer = save(admin, f"{draft}/sua/components/0", **changes)
    assert answer.status_code == 422
    for typed in ("Mẫu CT 01", "Tên mới", "hai", "&lt;b&gt;đậm&lt;/b&gt;"):
        assert typed in answer.text
    for name in ("key", "title-en", "copies"):
        assert f'id="{name}-error"' in answer.text
        assert f'<a href="#{name}">' in answer.text
    assert "Mã chỉ gồm chữ thường không dấu" in answer.text
    assert text(draft) == FILE.read_text(encoding="utf-8")


def test_rows_are_added_moved_and_taken_out_before_anything_is_saved(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/sua/ly-do-tu-choi"
    answer = save(admin, address, **{"refusals-0-text-vi": "Lý do đã sửa", "add-refusals": "1"})
    assert answer.status_code == 200
    assert "Lý do đã sửa" in answer.text
    sent = form(answer)
    assert sent["refusals-rows"] == ["7"]
    sent |= {
        "refusals-6-code": "other",
        "refusals-6-text-vi": "Khác",
        "refusals-6-text-en": "Other",
        "up-refusals-6": "1",
    }
    sent = form(admin.post(address, data=sent))
    assert sent["refusals-5-code"] == ["other"]
    sent = form(admin.post(address, data=sent | {"remove-refusals-0": "1"}))
    assert text(draft) == FILE.read_text(encoding="utf-8")
    assert admin.post(address, data=sent).status_code == 303
    codes = [reason["code"] for reason in value(draft, "refusals")]
    assert codes == ["no_capacity", "forbidden_place", "not_in_database", "not_completed", "other", "wrong_authority"]


def test_the_items_of_a_list_are_added_moved_and_taken_out(admin: FlaskClient, draft: str) -> None:
    seen, address = authoring.open_draft(number(draft)).revision, f"{draft}/danh-sach/fees"
    answer = admin.post(address, data={"seen": seen, "do": "add"})
    assert answer.location == f"{draft}/sua/fees/2"
    assert value(draft, "fees", 2, "code") == "le_phi"
    assert admin.post(address, data={"seen": seen + 1, "do": "up-2"}).status_code == 303
    assert admin.post(address, data={"seen": seen + 2, "do": "remove-0"}).status_code == 303
    assert [fee["code"] for fee in value(draft, "fees")] == ["le_phi", "split_fee_online"]
    assert admin.post(address, data={"seen": seen, "do": "remove-0"}).status_code == 303
    assert [fee["code"] for fee in value(draft, "fees")] == ["le_phi", "split_fee_online"]
    assert "hãy làm lại thao tác" in words(admin.get(f"{draft}/sua/fees"))
    assert admin.post(f"{draft}/danh-sach/nothing", data={"seen": seen}).status_code == 404


def test_a_list_may_become_empty_and_full_again(admin: FlaskClient, draft: str) -> None:
    for left in range(3):
        seen = authoring.open_draft(number(draft)).revision
        admin.post(f"{draft}/danh-sach/checks", data={"seen": seen, "do": "remove-0"})
        assert len(editing.values(text(draft)).get("checks", [])) == 2 - left
    seen = authoring.open_draft(number(draft)).revision
    admin.post(f"{draft}/danh-sach/checks", data={"seen": seen, "do": "add"})
    assert value(draft, "checks", 0, "level") == "warning"


def test_a_condition_is_built_of_rows(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/sua/components/3"
    answer = save(admin, address, **{"add-required": "1"})
    sent = form(answer)
    assert sent["required-mode"] == ["rows"]
    sent |= {"required-0-left": "divorced", "required-0-sign": "is", "required-0-right": "", "redraw": "1"}
    answer = admin.post(address, data=sent)
    assert '<option value="true">Có</option>' in answer.text
    sent = form(answer)
    answer = admin.post(address, data=sent)
    assert answer.status_code == 422
    assert "Điền giá trị để so sánh." in answer.text
    assert admin.post(address, data=sent | {"required-0-right": "true"}).status_code == 303
    assert value(draft, "components", 3, "required") == "divorced == true"


def test_what_rows_cannot_say_stays_cel_letter_by_letter(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/sua/checks/0"
    page = admin.get(address)
    assert "Biểu thức này không ghi được bằng bảng điều kiện" in page.text
    assert form(page)["rule-mode"] == ["cel"]
    assert save(admin, address, **{"message-vi": "Cần một người lớn."}).status_code == 303
    assert value(draft, "checks", 0, "rule") == "members.exists(m, years_between(m.birth_date, today) >= 18)"
    answer = save(admin, address, **{"rule-cel": "members.exists(m, "})
    assert answer.status_code == 422
    assert "Biểu thức chưa đúng" in answer.text
    assert "members.exists(m," in html.unescape(answer.text)


def test_what_is_typed_into_the_way_that_is_not_chosen_is_not_lost_unseen(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/sua/components/3"
    answer = save(admin, address, **{"required-cel": "divorced == true"})
    assert answer.status_code == 422
    assert "Bạn đã sửa biểu thức CEL nhưng đang chọn cách ghi khác" in answer.text
    assert "divorced == true" in answer.text
    rows = {"required-rows": "1", "required-0-left": "divorced", "required-0-sign": "is", "required-0-right": "true"}
    answer = save(admin, address, **rows)
    assert "Bạn đã sửa bảng điều kiện nhưng đang chọn cách ghi khác" in answer.text
    assert save(admin, address, **rows, **{"required-mode": "rows"}).status_code == 303
    assert value(draft, "components", 3, "required") == "divorced == true"


def test_a_page_shared_by_many_procedures_is_edited_only_once_it_is_copied(admin: FlaskClient, draft: str) -> None:
    page = admin.get(f"{draft}/sua/form/3")
    assert "Trang này dùng chung cho nhiều thủ tục" in page.text
    seen = form(page)["seen"]
    assert admin.post(f"{draft}/trang-rieng/form/3", data={"seen": seen}).status_code == 303
    assert value(draft, "form", 3, "key") == "request"
    assert admin.get(f"{draft}/sua/form/3/fields/0").status_code == 200
    assert save(admin, f"{draft}/sua/form/3/fields/0", **{"label-vi": "Câu hỏi mới"}).status_code == 303
    assert value(draft, "form", 3, "fields", 0, "label", "vi") == "Câu hỏi mới"
    assert authoring.check(authoring.open_draft(number(draft))).faults == ()


def test_the_shares_are_added_up_against_the_term(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/phan-thoi-han"
    sent = {"seen": "1", "share-0": "0,5", "share-1": "2,5", "share-2": "1", "share-3": "0.5", "share-4": ""}
    answer = words(admin.post(address, data=sent | {"redraw": "1"}))
    assert "Cộng lại 4,5 ngày làm việc, còn thời hạn là 5 ngày làm việc." in answer
    assert "Cộng đến bước này: 3" in answer
    assert value(draft, "route", 1, "share") == 3
    answer = admin.post(address, data=sent | {"share-1": "ba"})
    assert answer.status_code == 422
    assert 'value="ba"' in answer.text
    assert admin.post(address, data=sent).status_code == 303
    assert str(value(draft, "route", 1, "share")) == "2.5"


def test_the_answers_of_an_example_are_asked_by_the_form_itself(admin: FlaskClient, draft: str) -> None:
    address = f"{draft}/sua/examples/0"
    sent = form(admin.get(address))
    assert sent["answer-full_name"] == ["Nguyễn Văn Hùng"]
    assert sent["answer-members-1-full_name"] == ["Triệu Thị Lan"]
    assert sent["answer-divorced"] == ["no"]
    answer = save(admin, address, **{"answer-phone": "0912345678", "answer-members-1-full_name": "Triệu Thị Liên"})
    assert answer.status_code == 303
    assert value(draft, "examples", 0, "answers", "phone") == "0912345678"
    assert value(draft, "examples", 0, "answers", "members", 1, "full_name") == "Triệu Thị Liên"
    assert value(draft, "examples", 0, "answers", "members", 1, "personal_number") == "010195004567"


# Two authors at once.


def test_the_later_save_is_told_sees_what_the_other_changed_and_loses_nothing(
    admin: FlaskClient, other: FlaskClient, draft: str
) -> None:
    address = f"{draft}/sua/components/1"
    mine = form(admin.get(address)) | {"title-vi": "Tên của tôi"}
    assert save(other, address, **{"hint-vi": "Chỉ dẫn mới", "hint-en": "A new hint"}).status_code == 303
    answer = admin.post(address, data=mine)
    assert answer.status_code == 409
    said = words(answer)
    assert "Lý Thị Khác đã lưu bản nháp này sau khi bạn mở trang." in said
    assert "Chỉ dẫn mới" in said
    again = form(answer)
    assert again["title-vi"] == ["Tên của tôi"]
    assert again["hint-vi"] == ["Chỉ dẫn mới"]
    assert admin.post(address, data=again).status_code == 303
    assert value(draft, "components", 1, "title", "vi") == "Tên của tôi"
    assert value(draft, "components", 1, "hint") == {"vi": "Chỉ dẫn mới", "en": "A new hint"}


def test_an_item_that_was_moved_meanwhile_is_found_where_it_stands(
    admin: FlaskClient, other: FlaskClient, draft: str
) -> None:
    mine = form(admin.get(f"{draft}/sua/fees/1")) | {"amount": "6000"}
    other.post(f"{draft}/danh-sach/fees", data={"seen": mine["seen"], "do": "up-1"})
    answer = admin.post(f"{draft}/sua/fees/1", data=mine)
    assert answer.status_code == 409
    assert f'action="{draft}/sua/fees/0"' in answer.text
    assert admin.post(f"{draft}/sua/fees/0", data=form(answer)).status_code == 303
    assert [(fee["code"], fee["amount"]) for fee in value(draft, "fees")] == [
        ("split_fee_online", 6000),
        ("split_fee_counter", 10000),
    ]


def test_an_item_that_was_taken_out_meanwhile_can_be_kept_all_the_same(
    admin: FlaskClient, other: FlaskClient, draft: str
) -> None:
    mine = form(admin.get(f"{draft}/sua/fees/0")) | {"amount": "12000"}
    other.post(f"{draft}/danh-sach/fees", data={"seen": mine["seen"], "do": "remove-0"})
    answer = admin.post(f"{draft}/sua/fees/0", data=mine)
    assert answer.status_code == 409
    assert "Mục bạn đang sửa đã bị bỏ." in answer.text
    assert 'value="12.000"' in answer.text or 'value="12000"' in answer.text
    assert admin.post(f"{draft}/sua/fees/0", data=form(answer) | {"again": "1"}).status_code == 303
    assert [(fee["code"], fee["amount"]) for fee in value(draft, "fees")] == [
        ("split_fee_online", 5000),
        ("split_fee_counter", 12000),
    ]


def test_a_text_saved_over_a_newer_one_is_told(admin: FlaskClient, other: FlaskClient, draft: str) -> None:
    mine = form(admin.get(f"{draft}/van-ban"))
    save(other, f"{draft}/sua/thoi-han", **{"term-0-amount": "6"})
    answer = admin.post(f"{draft}/van-ban", data=mine | {"text": "# của tôi\n" + mine["text"][0]})
    assert answer.status_code == 409
    assert "6 ngày làm việc" in words(answer)
    assert "# của tôi" in answer.text
    assert value(draft, "term") == "6 working_day"


# The whole text.


def test_the_text_is_edited_downloaded_and_taken_in_again_without_loss(admin: FlaskClient, draft: str) -> None:
    mine = form(admin.get(f"{draft}/van-ban"))
    changed = text(draft).replace("# Tách hộ", "# Bản của xã: tách hộ")
    assert admin.post(f"{draft}/van-ban", data=mine | {"text": changed}).status_code == 303
    assert text(draft) == changed
    file = admin.get(f"{draft}/tep").data
    answer = admin.post(
        "/quan-tri/thu-tuc/nhap-tep",
        data={"file": (BytesIO(file), "ban.yaml"), "text": "", "slug": ""},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    assert text(answer.location) == changed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Chọn một tệp hoặc dán văn bản."),
        ("{[", "Văn bản này không đọc được."),
        ("title: không mã", "Văn bản không ghi mã thủ tục quốc gia"),
        ('code: "9.999999"\nsector: land', "hãy đặt tên thư mục"),
    ],
)
def test_a_text_that_cannot_be_taken_in_stays_on_the_page_with_its_reason(
    admin: FlaskClient, text: str, said: str
) -> None:
    answer = admin.post("/quan-tri/thu-tuc/nhap-tep", data={"text": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert text in html.unescape(answer.text)


def test_a_text_that_cannot_be_read_is_not_saved_and_not_lost(admin: FlaskClient, draft: str) -> None:
    mine = form(admin.get(f"{draft}/van-ban"))
    answer = admin.post(f"{draft}/van-ban", data=mine | {"text": "code: [\n"})
    assert answer.status_code == 422
    assert "code: [" in answer.text
    assert text(draft) == FILE.read_text(encoding="utf-8")


# Publishing.


def test_publishing_is_refused_with_every_reason_and_its_place(admin: FlaskClient, draft: str) -> None:
    save(admin, f"{draft}/sua/thoi-han", **{"term-0-amount": "4"})
    decided = {"decision_number": "12/QĐ-UBND", "decided_on": "02/01/2026", "begins": "01/01/2030"}
    answer = save(admin, f"{draft}/cong-bo", **decided)
    said = words(answer)
    assert "Các phần thời hạn cộng lại là 5 ngày làm việc, còn thời hạn là 4." in said
    assert f'href="{draft}/sua/route"' in answer.text
    assert "12/QĐ-UBND" in answer.text
    answer = save(admin, f"{draft}/cong-bo", **decided, confirmed="1")
    assert answer.status_code == 409
    assert authoring.log() == ()


def test_what_is_not_typed_for_a_decision_is_told_beside_its_input(admin: FlaskClient, draft: str) -> None:
    answer = save(admin, f"{draft}/cong-bo", decision_number="", decided_on="31/02/2026", begins="mai")
    assert answer.status_code == 422
    for name in ("decision_number", "decided_on", "begins"):
        assert f'id="{name}-error"' in answer.text
    assert "31/02/2026" in answer.text


def test_a_draft_is_published_after_its_changes_were_shown_and_stands_in_the_log(
    admin: FlaskClient, draft: str
) -> None:
    assert save(admin, f"{draft}/sua/examples/2", name="Không có người lớn").status_code == 303
    assert save(admin, f"{draft}/sua/components/1", **{"title-vi": "Đơn đồng ý"}).status_code == 303
    admin.post(f"{draft}/ngay", data={"begins": "01/01/2030"})
    assert "Sớm hơn ngày có hiệu lực của phiên bản." in words(admin.get(draft))
    seen = authoring.open_draft(number(draft)).revision
    assert admin.post(f"{draft}/vi-du/doi-ngay", data={"seen": seen}).status_code == 303
    for index in range(len(value(draft, "examples"))):
        seen = authoring.open_draft(number(draft)).revision
        assert admin.post(f"{draft}/vi-du/{index}/lay-ngay", data={"seen": seen}).status_code == 303
    decided = {"decision_number": "12/QĐ-UBND", "decided_on": "02/01/2026", "begins": "01/01/2030"}
    shown = save(admin, f"{draft}/cong-bo", **decided)
    assert "Văn bản đồng ý cho tách hộ → Đơn đồng ý" in words(shown)
    assert "lỗi mong đợi" not in words(shown)
    answer = admin.post(f"{draft}/cong-bo", data=form(shown))
    assert answer.status_code == 303, words(answer)
    log = words(admin.get("/quan-tri/thu-tuc/nhat-ky"))
    assert "Người Thử Administrator công bố lúc" in log
    assert "Quyết định 12/QĐ-UBND ngày 02/01/2026, có hiệu lực từ 01/01/2030" in log
    assert "Văn bản đồng ý cho tách hộ → Đơn đồng ý" in log
    assert admin.get(draft).status_code == 404
    assert "công bố tại đây, QĐ 12/QĐ-UBND" in words(admin.get("/quan-tri/thu-tuc"))
    assert "Đơn đồng ý" in words(admin.get("/quan-tri/thu-tuc/1.010038/2030-01-01"))


def test_a_draft_is_thrown_away_unless_somebody_has_just_saved_it(
    admin: FlaskClient, other: FlaskClient, draft: str
) -> None:
    save(other, f"{draft}/sua/thoi-han", **{"term-0-amount": "6"})
    assert admin.post(f"{draft}/bo", data={"seen": "1"}).location == draft
    seen = authoring.open_draft(number(draft)).revision
    assert admin.post(f"{draft}/bo", data={"seen": seen}).location == "/quan-tri/thu-tuc"
    assert admin.get(draft).status_code == 404


def test_the_date_in_force_is_kept_or_told_to_be_none(admin: FlaskClient, draft: str) -> None:
    answer = admin.post(f"{draft}/ngay", data={"begins": "40/01/2030"})
    assert answer.status_code == 422
    assert "40/01/2030" in answer.text
    assert admin.post(f"{draft}/ngay", data={"begins": "01/01/2030"}).status_code == 303
    assert authoring.open_draft(number(draft)).begins == date(2030, 1, 1)


# Trying out.


def tried(admin: FlaskClient, draft: str, example: int) -> str:
    """What stands at the end of the form, gone through with the answers of an example."""
    page = admin.post(f"{draft}/nguoi-dan", data={"example": str(example)})
    pages = 0
    while "Người nộp sẽ đọc lại" not in page.text:
        assert page.status_code == 200, words(page)
        address = re.search(r'action="([^"]+/nguoi-dan/[^"]+)"', page.text)
        assert address is not None
        page = admin.post(address[1], data=form(page))
        pages += 1
        assert pages < 12
    return words(page)


def test_the_form_is_tried_as_a_citizen_without_any_dossier(admin: FlaskClient, draft: str) -> None:
    said = tried(admin, draft, 0)
    assert "Nguyễn Văn Hùng" in said
    assert "5.000 đồng" in said
    assert "5 ngày làm việc" in said


@pytest.mark.parametrize(
    ("version", "example", "term"),
    [
        ("1.010040/2026-03-15", 0, "5 ngày làm việc"),
        ("1.010040/2026-03-15", 1, "30 ngày"),  # not in the population database: a term of its own
        ("1.115663/2025-07-01", 0, "10 ngày làm việc + 10 ngày"),  # the extra of a mountain commune
    ],
)
def test_the_end_of_the_trial_says_the_term_that_the_answers_lead_to(
    admin: FlaskClient, version: str, example: int, term: str
) -> None:
    draft = str(admin.post(f"/quan-tri/thu-tuc/{version}/chep").location)
    assert f" Thời hạn giải quyết {term} " in tried(admin, draft, example)


def test_a_wrong_answer_is_told_in_the_trial_as_in_the_form(admin: FlaskClient, draft: str) -> None:
    page = admin.post(f"{draft}/nguoi-dan", data={})
    address = re.search(r'action="([^"]+/nguoi-dan/[^"]+)"', page.text)
    assert address is not None
    answer = admin.post(address[1], data=form(page) | {"personal_number": "12"})
    assert answer.status_code == 422
    assert 'id="personal_number-error"' in answer.text
    assert admin.post(address[1], data={"typed": "[1"}).status_code == 422


def test_the_desk_sees_route_dates_reasons_and_slips(admin: FlaskClient, draft: str) -> None:
    said = words(admin.get(f"{draft}/can-bo"))
    for part in ("thời hạn 5 ngày làm việc, hẹn trả", "Trưởng Công an cấp xã", "Chưa có ý kiến đồng ý", "CT05"):
        assert part in said


def test_the_desk_of_a_draft_counts_days_in_english_as_english_does(admin: FlaskClient, draft: str) -> None:
    said = words(admin.get(f"{draft}/can-bo?lang=en"))
    assert re.findall(r"\b1 days|\d,\d days", said) == []
    assert "1 day" in said
    assert re.search(r"\d\.\d+ days", said)
    outline = words(admin.get(f"{VERSION}?lang=en"))
    assert re.search(r"Share of the term \(working days\):? 0\.\d", outline)


def test_an_example_that_comes_out_otherwise_is_shown_line_by_line(admin: FlaskClient, draft: str) -> None:
    assert "Mọi ví dụ đều ra như mong đợi." in words(admin.get(f"{draft}/vi-du"))
    save(admin, f"{draft}/sua/fees/1", amount="7000")
    said = words(admin.get(f"{draft}/vi-du"))
    assert re.search(r"\d+ ví dụ không ra như mong đợi\.", said)
    assert "Tổng phí 5.000 đồng 7.000 đồng khác" in said
    assert "phí tính ra 7000, mong đợi 5000" in words(admin.get(draft))
    assert "Total fee 5,000 đồng 7,000 đồng differs" in words(admin.get(f"{draft}/vi-du?lang=en"))


def test_a_simulation_without_dossiers_says_so_and_a_wrong_date_is_told(admin: FlaskClient, draft: str) -> None:
    assert "Không có hồ sơ nào trong khoảng này" in words(admin.get(f"{draft}/mo-phong"))
    answer = admin.get(f"{draft}/mo-phong?tu=x&den=01/02/2026")
    assert answer.status_code == 422
    assert 'id="tu-error"' in answer.text
    answer = admin.get(f"{draft}/mo-phong?tu=02/02/2026&den=01/02/2026")
    assert "Ngày cuối phải sau ngày đầu." in answer.text


def test_the_simulation_of_a_bundle_shows_by_when_all_of_it_would_be_done(admin: FlaskClient) -> None:
    registration = submit("2.000986")
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    mine = str(admin.post("/quan-tri/thu-tuc/2.000986/2025-07-01/chep").location)
    quicker = text(mine).replace("term: 11 working_day", "term: 10 working_day").replace("share: 8.5", "share: 7.5")
    assert admin.post(f"{mine}/van-ban", data=form(admin.get(f"{mine}/van-ban")) | {"text": quicker}).status_code == 303
    month = f"{mine}/mo-phong?tu=01/09/2026&den=30/09/2026"
    said = words(admin.get(month))
    assert "hẹn sớm hơn hay muộn hơn tính theo ngày đó" in said
    assert "Xong tất cả: 07:00, 09/10/2026 → 07:00, 08/10/2026" in said
    assert re.search(r"Hẹn sớm hơn 1\b|1 Hẹn sớm hơn", said)
    english = words(admin.get(f"{month}&lang=en"))
    assert "All done: 07:00, 09/10/2026 → 07:00, 08/10/2026" in english


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_the_month_before_is_simulated_first(today: date, first: date, last: date) -> None:
    assert last_month(today) == (first, last)


def test_a_draft_whose_form_does_not_read_says_so_instead_of_trying(admin: FlaskClient, draft: str) -> None:
    mine = form(admin.get(f"{draft}/van-ban"))
    broken = text(draft).replace("place: commune", "place: nowhere")
    assert admin.post(f"{draft}/van-ban", data=mine | {"text": broken}).status_code == 303
    for page in ("nguoi-dan", "can-bo", "vi-du", "mo-phong"):
        answer = words(admin.get(f"{draft}/{page}"))
        assert "nên chưa chạy thử được" in answer
        assert "“nowhere” không phải câu hỏi về đơn vị hành chính." in answer


@pytest.mark.parametrize(
    "where", ["nothing", "components/99", "components/x", "form/0/fields", "route/0/title", "../x"]
)
def test_a_part_that_is_not_there_is_not_found(admin: FlaskClient, draft: str, where: str) -> None:
    assert admin.get(f"{draft}/sua/{where}").status_code == 404


def test_no_page_of_an_author_is_heavier_than_a_phone_can_carry(admin: FlaskClient, draft: str) -> None:
    for address in (draft, f"{draft}/van-ban", f"{draft}/sua/examples/0", f"{draft}/vi-du", VERSION):
        assert len(admin.get(address).data) < 100_000, address
