"""A form with records, a computed answer and a file of its own, as a citizen meets it page by page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.store.database import reading
from portal.store.models import Attachment, Draft
from portal.usecases import accounts, authoring, law
from tests import sample_files
from tests.cases import person
from tests.long_forms import text_of

CODE = "9.000001"
PAGE = """\
  - key: couple
    title: {vi: Hai bên, en: The couple}
    fields:
      - key: bride
        kind: person
        label: {vi: Bên nữ, en: Bride}
        parts: [full_name, birth_date, nationality]
      - key: years
        kind: integer
        label: {vi: Tuổi, en: Age}
        measure: tuổi
        computed: double(years_between(bride.birth_date, date('2026-08-03')))
      - key: sketch
        kind: file
        label: {vi: Sơ đồ, en: Sketch}
"""
SENT = {"bride-full_name": "Lý Thị Hoa", "bride-birth_date": "02/09/1998", "bride-nationality": "Việt Nam"}


@pytest.fixture
def mai(client: FlaskClient) -> FlaskClient:
    """Somebody signed in, where such a form is the law."""
    at = datetime.now(UTC)
    today = law.office_day(at)
    text = text_of(CODE, 0, 0, today).replace("  - use: declaration", PAGE + "  - use: declaration")
    text = text.replace("errors: [", "errors: [bride, sketch, ")
    author: Actor = person(Role.ADMINISTRATOR)
    draft = authoring.take_in(author, text, at, slug="couple", begins=today)
    authoring.publish(author, draft.id, draft.revision, at, decision_number="1/QĐ-UBND", decided_on=today)
    who = accounts.Person(
        full_name="Hoàng Thị Mai", personal_number="010188001234", birth_date=date(1988, 3, 12), sex="female",
        commune="bao-yen", address="Thôn 2",
    )  # fmt: skip
    accounts.create_citizen("0912345678", who, "ruong bac thang mua gat", at)
    client.post("/dang-nhap", data={"identifier": "0912345678", "password": "ruong bac thang mua gat"})
    return client


def begin(client: FlaskClient) -> str:
    return str(client.post(f"/khai/bat-dau/{CODE}").location.rsplit("/", 1)[1])


def send(client: FlaskClient, key: str, **more: Any) -> Any:
    return client.post(f"/khai/{key}/trang/couple", data=SENT | more, content_type="multipart/form-data")


def test_a_record_a_computed_answer_and_a_file_are_filled_in_without_scripts(mai: FlaskClient) -> None:
    key = begin(mai)
    page = mai.get(f"/khai/{key}/trang/couple").text
    assert 'enctype="multipart/form-data"' in page
    assert 'name="years"' not in page
    missing = send(mai, key)
    assert missing.status_code == 422
    assert 'href="#sketch">Sơ đồ: ' in missing.text
    assert "27 tuổi" in missing.text
    refused = send(mai, key, sketch=(BytesIO(b"MZ" + b"\0" * 300), "so-do.pdf"))
    assert refused.status_code == 422
    assert "so-do.pdf: " in refused.text
    assert send(mai, key, sketch=(BytesIO(sample_files.photo(60)), "so-do.jpg")).status_code == 303
    review = mai.get(f"/khai/{key}/xem-lai").text
    for shown in ("Bên nữ: Họ, chữ đệm và tên", "27 tuổi", "so-do.jpg", f"/khai/{key}/trang/couple?then=review#bride-"):
        assert shown in review


def test_a_file_of_the_form_is_taken_off_again(mai: FlaskClient) -> None:
    key = begin(mai)
    send(mai, key, sketch=(BytesIO(sample_files.photo(60)), "so-do.jpg"))
    with reading() as session:
        file = session.scalars(select(Attachment)).one()
    assert file.component == "sketch"
    assert send(mai, key, take_off=str(file.id)).status_code == 303
    with reading() as session:
        assert session.scalars(select(Attachment)).all() == []
        assert "sketch" not in session.scalars(select(Draft)).one().answers


def test_autosave_answers_with_what_is_computed(mai: FlaskClient) -> None:
    key = begin(mai)
    answer = mai.post(f"/khai/{key}/luu/couple", data=SENT)
    assert (answer.status_code, answer.json) == (200, {"computed": {"years": "27 tuổi"}})
