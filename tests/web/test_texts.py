"""What is no text is refused in plain words on the form pages and the citizen's pages, before a database sees it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.store.database import reading
from portal.store.models import Draft
from tests import sample_files
from tests.people import account_of, signed_in

HOUSE = "1.013225"


@pytest.fixture
def mai(app: Any) -> FlaskClient:
    """A citizen, signed in."""
    return signed_in(app, account_of(Role.CITIZEN))


def begin(client: FlaskClient) -> str:
    answer = client.post(f"/khai/bat-dau/{HOUSE}", data={"another": "1"})
    return answer.location.rsplit("/", 1)[1]


@pytest.mark.parametrize("address", ["/ho-so/%00", "/khai/%00", "/khai/%00/xem-lai", "/ho-so/%00/bo-sung"])
def test_an_address_with_a_nul_is_refused(mai: FlaskClient, address: str) -> None:
    assert mai.get(address).status_code in (400, 404)


def test_an_answer_with_a_nul_is_refused_and_what_was_there_stays(mai: FlaskClient) -> None:
    key = begin(mai)
    for sent in ("Bàn Thị Mẩy", "B\0"):
        for way in ("luu", "trang"):
            mai.post(f"/khai/{key}/{way}/applicant", data={"full_name": sent})
    assert mai.post(f"/khai/{key}/trang/applicant", data={"full_name": "B\0"}).status_code == 400
    with reading() as session:
        assert session.query(Draft).one().answers["full_name"] == "Bàn Thị Mẩy"


def test_a_nul_in_the_name_of_a_file_does_not_keep_the_file_out(mai: FlaskClient) -> None:
    key = begin(mai)
    data = {"component": "drawings", "files-drawings": (BytesIO(sample_files.photo(60)), "a\0b.jpg")}
    answer = mai.post(f"/khai/{key}/giay-to", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303


@pytest.mark.parametrize("cursor", ["9" * 30, "²", "-1", "x", "9223372036854775808"])
def test_a_forged_cursor_gives_a_page(mai: FlaskClient, cursor: str) -> None:
    assert mai.get("/ho-so", query_string={"truoc": cursor}).status_code == 200
