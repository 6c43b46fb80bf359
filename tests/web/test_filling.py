"""A draft goes page by page to its submission, loses nothing on the way, and takes nothing harmful along."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.domain.access import Role
from portal.domain.rehearsal import posted, typed_answers
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier, Draft
from portal.usecases import accounts, law
from procedures.model import Procedure
from tests import sample_files

PASSWORD = "ruong bac thang mua gat"
SPLIT = "1.010038"
HTML = "<script>alert(1)</script>"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def procedure() -> Procedure:
    return law.catalogue().in_force(SPLIT, law.office_day(now()))


def citizen(client: FlaskClient, phone: str = "0912345678", number: str = "010188001234") -> FlaskClient:
    """Somebody with an account, signed in."""
    person = accounts.Person(
        full_name="Hoàng Thị Mai",
        personal_number=number,
        birth_date=date(1988, 3, 12),
        sex="female",
        commune="bao-yen",
        address="Thôn 2",
    )
    accounts.create_citizen(phone, person, PASSWORD, now())
    client.post("/dang-nhap", data={"identifier": phone, "password": PASSWORD})
    return client


@pytest.fixture
def mai(client: FlaskClient) -> FlaskClient:
    return citizen(client)


def begin(client: FlaskClient) -> str:
    """A new draft of a household split; gives its key."""
    answer = client.post(f"/khai/bat-dau/{SPLIT}", data={"another": "1"})
    return answer.location.rsplit("/", 1)[1]


def fill(client: FlaskClient, key: str, procedure: Procedure, changes: dict[str, Any] | None = None) -> None:
    """Answer every page as the procedure's own example does."""
    example = next(e for e in procedure.examples if e.unit == "bao-yen" and e.expect.outcome == "complete")
    typed = {**typed_answers(procedure, example), **(changes or {})}
    for section in procedure.form:
        client.post(f"/khai/{key}/trang/{section.key}", data={**posted(section, typed), "warned": "1"})
    for component in example.components or ():
        upload(client, key, component, sample_files.photo(60), "anh.jpg")


def upload(client: FlaskClient, key: str, component: str, content: bytes, name: str) -> Any:
    data = {"component": component, f"files-{component}": (BytesIO(content), name)}
    return client.post(f"/khai/{key}/giay-to", data=data, content_type="multipart/form-data")


def count(model: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_draft_becomes_one_dossier_however_often_submit_is_pressed(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    fill(mai, key, procedure)
    answers = [mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert count(Dossier) == 1


def test_the_acknowledgement_lists_what_arrived(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    fill(mai, key, procedure)
    component = procedure.components[0].key
    upload(mai, key, component, sample_files.scan(200), "bản quét.pdf")
    with reading() as session:
        file = session.scalars(select(Attachment).where(Attachment.kind == "pdf")).one()
    page = mai.get(mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).location).text
    assert "bản quét.pdf" in page
    assert file.sha256[:12] in page
    assert f"{file.pages} trang" in page


def test_an_incomplete_draft_says_what_is_missing_and_where(mai: FlaskClient) -> None:
    key = begin(mai)
    answer = mai.post(f"/khai/{key}/nop", data={"declaration": "yes"})
    assert answer.status_code == 422
    assert "Còn thiếu hoặc chưa đúng" in answer.text
    assert f"/khai/{key}/trang/" in answer.text
    assert count(Dossier) == 0


def test_a_wrong_answer_is_told_beside_its_field_and_stays_as_typed(mai: FlaskClient, procedure: Procedure) -> None:
    key, section = begin(mai), procedure.section_of("personal_number").key
    answer = mai.post(f"/khai/{key}/trang/{section}", data={"personal_number": "12345", "full_name": "Mai"})
    assert answer.status_code == 422
    assert 'value="12345"' in answer.text
    assert "12 chữ số" in answer.text
    assert 'href="#personal_number">Số định danh cá nhân: ' in answer.text
    assert 'value="12345"' in mai.get(f"/khai/{key}/trang/{section}").text


def test_autosave_keeps_half_a_page_and_says_what_it_could_not_read(mai: FlaskClient, procedure: Procedure) -> None:
    key, section = begin(mai), procedure.section_of("personal_number").key
    assert mai.post(f"/khai/{key}/luu/{section}", data={"full_name": "Bàn Thị Mẩy"}).status_code == 204
    assert "Bàn Thị Mẩy" in mai.get(f"/khai/{key}/trang/{section}").text
    answer = mai.post(f"/khai/{key}/luu/{section}", data={"birth_date": "31/02/1988"})
    assert answer.status_code == 422
    assert "birth_date" in (answer.json or {})["errors"]


def test_a_row_of_a_group_is_added_without_scripts(mai: FlaskClient, procedure: Procedure) -> None:
    group = next(field for _section, field in procedure.walk() if field.columns)
    section = procedure.section_of(group.key).key
    key, column = begin(mai), group.columns[0].key
    sent = {f"{group.key}-0-{column}": "Bàn Văn Sơn", f"add-{group.key}": "1"}
    page = mai.post(f"/khai/{key}/trang/{section}", data=sent).text
    assert "Bàn Văn Sơn" in page
    assert f'name="{group.key}-1-{column}"' in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "không có nội dung"),
        (b"<html><script>alert(1)</script></html>", "không nhận được"),
        (b"PK\x03\x04" + b"\0" * 300, "không nhận được"),
        (b"MZ" + b"\0" * 300, "không nhận được"),
        (sample_files.scan(200)[:4000], "Không mở được"),
    ],
    ids=["empty", "html", "zip", "program", "cut off"],
)
def test_a_file_that_is_no_paper_is_refused_in_plain_words(mai: FlaskClient, content: bytes, said: str) -> None:
    key = begin(mai)
    component = law.catalogue().in_force(SPLIT, law.office_day(now())).components[0].key
    answer = upload(mai, key, component, content, "giay-to.pdf")
    assert answer.status_code == 422
    assert said in answer.text
    assert count(Attachment) == 0


def test_html_in_a_field_is_text_on_every_page(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    fill(mai, key, procedure, {"permanent_address": HTML})
    review = mai.get(f"/khai/{key}/xem-lai").text
    page = mai.get(mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).location).text
    for shown in (review, page):
        assert HTML not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_another_persons_draft_and_dossier_are_not_to_be_found(
    app: Any, mai: FlaskClient, procedure: Procedure
) -> None:
    key = begin(mai)
    fill(mai, key, procedure)
    place = mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).location
    with reading() as session:
        file = session.scalars(select(Attachment.id)).first()
    stranger = citizen(app.test_client(), "0987654321", "010188004321")
    other = begin(mai)
    for address in (
        f"/khai/{other}/xem-lai",
        place,
        f"{place.split('?')[0]}/tep/{file}",
        f"{place.split('?')[0]}/giay/1",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(f"/khai/{other}/nop").status_code == 404


def test_a_form_without_its_token_changes_nothing(mai: FlaskClient) -> None:
    answer = mai.post(f"/khai/bat-dau/{SPLIT}", data={"another": "1"}, csrf=False)
    assert answer.status_code == 400
    assert count(Draft) == 0


def test_a_dossier_from_the_post_is_received_as_it_is_entered(client: FlaskClient, procedure: Procedure) -> None:
    accounts.create_staff(Role.ONE_STOP_OFFICER, "bao-yen", "mot-cua", "Lương Thị Hoa", PASSWORD, now())
    client.post("/dang-nhap", data={"identifier": "mot-cua", "password": PASSWORD})
    answer = client.post(f"/khai/bat-dau/{SPLIT}", data={"channel": "counter"})
    key = answer.location.rsplit("/", 1)[1]
    fill(client, key, procedure)
    papers = {f"paper-{component.key}-original": "1" for component in procedure.components}
    client.post(f"/khai/{key}/giay-to", data=papers)
    answer = client.post(f"/khai/{key}/nop", data={"declaration": "yes"})
    assert answer.status_code == 303, answer.text
    with reading() as session:
        dossier = session.scalars(select(Dossier)).one()
    assert (dossier.status, dossier.channel, dossier.owner_id) == (2, "counter", None)
    assert dossier.code is not None
    assert dossier.papers


def test_the_review_leads_to_the_paper_that_is_missing_and_to_the_place_not_yet_chosen(mai: FlaskClient) -> None:
    key = mai.post("/khai/bat-dau/1.013225").location.rsplit("/", 1)[1]
    with transaction() as session:
        draft = session.scalars(select(Draft)).one()
        draft.answers = {name: value for name, value in draft.answers.items() if name != "commune"}
    page = mai.get(f"/khai/{key}/xem-lai").text
    anchors = re.findall(rf'href="/khai/{key}/giay-to#(component-\w+)"', page)
    assert anchors
    files = mai.get(f"/khai/{key}/giay-to").text
    for anchor in anchors:
        assert f'id="{anchor}"' in files
    assert "Hãy chọn nơi nộp hồ sơ." in page
    assert f'href="/khai/{key}/noi-nop"' in page


def test_an_officer_whose_unit_does_not_receive_a_procedure_is_told_so(client: FlaskClient) -> None:
    accounts.create_staff(Role.ONE_STOP_OFFICER, "huyen-bao-yen", "huyen", "Lương Thị Hoa", PASSWORD, now())
    client.post("/dang-nhap", data={"identifier": "huyen", "password": PASSWORD})
    key = client.post(f"/khai/bat-dau/{SPLIT}", data={"channel": "counter"}).location.rsplit("/", 1)[1]
    answer = client.post(f"/khai/{key}/nop", data={"declaration": "yes"})
    assert answer.status_code == 422
    assert "Đơn vị của bạn không tiếp nhận thủ tục này." in answer.text
    assert count(Dossier) == 0


def test_the_fee_on_the_review_knows_the_exemption_that_is_claimed(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    assert "5.000 đồng" in mai.get(f"/khai/{key}/xem-lai").text
    fill(mai, key, procedure, {"fee_exemption": "poor"})
    assert "Không thu" in mai.get(f"/khai/{key}/xem-lai").text


def test_who_has_a_draft_or_a_dossier_under_way_is_offered_it_first(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    page = mai.post(f"/khai/bat-dau/{SPLIT}")
    assert page.status_code == 200
    assert f'href="/khai/{key}"' in page.text
    fill(mai, key, procedure)
    place = mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).location.split("?")[0]
    page = mai.post(f"/khai/bat-dau/{SPLIT}")
    assert page.status_code == 200
    assert "Bạn đã có hồ sơ của thủ tục này" in page.text
    assert f'href="{place}"' in page.text
    assert mai.post(f"/khai/bat-dau/{SPLIT}", data={"another": "1"}).status_code == 303


def test_each_answer_on_the_review_leads_to_its_question_and_back(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    fill(mai, key, procedure)
    review = mai.get(f"/khai/{key}/xem-lai").text
    links = re.findall(rf'href="(/khai/{key}/trang/\w+\?then=review)#([\w-]+)"', review)
    assert len(links) > 10
    for address, anchor in links:
        assert f'id="{anchor}"' in mai.get(address).text, anchor
    section = procedure.section_of("phone")
    typed = typed_answers(procedure, next(e for e in procedure.examples if e.expect.outcome == "complete"))
    sent = {**posted(section, typed), "then": "review", "warned": "1", "phone": "0987654321"}
    answer = mai.post(f"/khai/{key}/trang/{section.key}", data=sent)
    assert answer.location == f"/khai/{key}/xem-lai"
    assert "0987654321" in mai.get(answer.location).text


def test_a_draft_of_an_earlier_version_is_taken_along_when_it_is_opened(mai: FlaskClient) -> None:
    key = mai.post("/khai/bat-dau/1.013225").location.rsplit("/", 1)[1]
    with transaction() as session:
        draft = session.scalars(select(Draft)).one()
        draft.version = date(2024, 12, 30)
    for path in ("", "/xem-lai", "/giay-to"):
        with transaction() as session:
            draft = session.scalars(select(Draft)).one()
            draft.version = date(2024, 12, 30)
        assert mai.get(f"/khai/{key}{path}").location == f"/khai/{key}/thay-doi"
    page = mai.get(f"/khai/{key}/thay-doi").text
    assert "được yêu cầu khác trước" in page
    assert mai.get(f"/khai/{key}").location.startswith(f"/khai/{key}/trang/")
    assert "Xem những gì đã thay đổi" in mai.get(f"/khai/{key}/xem-lai").text


def test_a_file_is_used_for_another_paper_from_the_page_of_the_files(mai: FlaskClient, procedure: Procedure) -> None:
    key = begin(mai)
    fill(mai, key, procedure, {"head_consent": "written"})
    first, second = "ct01", "written_consent"
    upload(mai, key, first, sample_files.photo(60), "anh.jpg")
    page = mai.get(f"/khai/{key}/giay-to").text
    (file,) = set(re.findall(r'<option value="(\d+)">anh.jpg', page))
    answer = mai.post(f"/khai/{key}/giay-to", data={"component": second, "reuse": file})
    assert answer.location == f"/khai/{key}/giay-to#component-{second}"
    assert count(Attachment) == 2
