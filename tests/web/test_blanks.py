"""The counter's pages of blank receipts: printed, voided, and entered with the dossier that was taken down on one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.services.files import open_files
from portal.settings import Settings
from portal.store.database import transaction
from portal.store.models import Slip
from portal.web import blanks, filling
from tests import sample_files
from tests.cases import NOW, kept
from tests.people import account_of, signed_in
from tests.usecases.test_outage import CAME, officer, printed, row_of, whole_draft

R = Role


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    for pages in (blanks, filling):
        monkeypatch.setattr(pages, "now", lambda: NOW)


@pytest.fixture
def counter(app: Flask) -> FlaskClient:
    """The browser of a second officer of the one-stop shop."""
    return signed_in(app, account_of(R.ONE_STOP_OFFICER, "bao-yen", username="mot-cua-2"))


@pytest.fixture
def own(app: Flask) -> FlaskClient:
    """The browser of the officer who fills in the draft."""
    number = officer().account_id
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{number}.0"
        session["signed_in_at"] = int(NOW.timestamp()) + 10**8
    return client


def test_a_batch_is_made_out_listed_and_printed(counter: FlaskClient, settings: Settings) -> None:
    assert "Chưa có giấy in sẵn" in counter.get("/giay-in-san").text
    assert counter.get("/giay-in-san/tap.pdf").status_code == 404
    assert counter.post("/giay-in-san", data={"many": "0"}).status_code == 422
    assert counter.post("/giay-in-san", data={"many": "many"}).status_code == 422
    assert counter.post("/giay-in-san", data={"many": "2"}).status_code == 303
    listed = counter.get("/giay-in-san").text
    assert "02947-2026-0001" in listed
    assert "Một số giấy đang lập" in listed
    stored = open_files(settings.files_url).put_bytes(sample_files.plain_pdf())
    with transaction() as session:
        for slip in session.query(Slip):
            slip.sha256, slip.size, slip.rendered_at = stored.sha256, stored.size, NOW
    assert counter.get("/giay-in-san/tap.pdf").data.startswith(b"%PDF")
    (first, *_more) = re.findall(r"/giay-in-san/\d+\.pdf", counter.get("/giay-in-san").text)
    assert counter.get(first).data.startswith(b"%PDF")


def test_a_spoiled_blank_is_voided_with_a_word_on_why(counter: FlaskClient) -> None:
    (serial, *_rest) = printed()
    address = f"/giay-in-san/{row_of(serial).slip_id}/huy"
    assert address in counter.get("/giay-in-san").text
    assert counter.post(address, data={"words": " "}).status_code == 422
    assert counter.post(address, data={"words": "viết hỏng"}).status_code == 303
    assert "Đã hủy: viết hỏng" in counter.get("/giay-in-san").text
    assert "Giấy này đã dùng hoặc đã hủy." in counter.get(address).text


def test_the_counter_is_asked_only_where_there_are_blanks(own: FlaskClient) -> None:
    key = whole_draft()
    assert "paper-serial" not in own.get(f"/khai/{key}/xem-lai").text
    printed()
    assert "paper-serial" in own.get(f"/khai/{key}/xem-lai").text


def declared(own: FlaskClient, key: str) -> dict[str, str]:
    """The declaration, ticked."""
    page = own.get(f"/khai/{key}/xem-lai").text
    return dict.fromkeys(re.findall(r'type="checkbox" id="[^"]+" name="([^"]+)"', page), "yes")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"paper-serial": "02947-2026-1"}, "paper-day"),
        ({"paper-serial": "02947-2026-1", "paper-day": "10/09/2026", "paper-clock": "25:00"}, "paper-clock"),
        ({"paper-serial": "02947-2026-77", "paper-day": "10/09/2026", "paper-clock": "14:20"}, "paper-serial"),
        ({"paper-serial": "02947-2026-1", "paper-day": "14/09/2026", "paper-clock": "23:00"}, "paper-clock"),
        ({"paper-day": "10/09/2026", "paper-clock": "14:20"}, "paper-serial"),
    ],
)
def test_what_is_wrong_with_it_stands_beside_its_input_and_nothing_is_received(
    own: FlaskClient, said: dict[str, str], name: str
) -> None:
    printed()
    key = whole_draft()
    answer = own.post(f"/khai/{key}/nop", data=declared(own, key) | said)
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    for typed in said.values():
        assert f'value="{typed}"' in answer.text


def test_a_dossier_is_entered_with_its_serial_and_its_true_time(own: FlaskClient) -> None:
    (serial, *_rest) = printed()
    key = whole_draft()
    said = {"paper-serial": "02947-2026-1", "paper-day": "10/09/2026", "paper-clock": "14h20"}
    answer = own.post(f"/khai/{key}/nop", data=declared(own, key) | said)
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)
    dossier = kept(answer.location.rpartition("/")[2])
    assert (dossier.received_at, row_of(serial).dossier_id) == (CAME, dossier.id)
    assert "Đã nhập:" in own.get("/giay-in-san").text
