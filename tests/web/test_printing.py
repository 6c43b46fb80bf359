"""Printing at one click: what the counter needs, of one dossier or several, to those who may open the papers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store.models import Slip
from portal.usecases import printing as papers
from portal.usecases import readings, slips
from portal.web import printing
from tests.cases import HOUSE, NOW, act, kept, person, submit, to_the_leader
from tests.people import account_of, signed_in

Work = Callable[[], None]
COUNTER = "/ban-lam-viec/in/hai-ban"


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """The browser of somebody at the counter."""
    return signed_in(app, account_of(Role.ONE_STOP_OFFICER))


def received() -> str:
    """A dossier that was just received."""
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    return registration


def paper(registration: str, kind: SlipKind) -> Slip:
    return next(slip for slip in reversed(kept(registration).slips) if slip.kind == kind)


def printed(answer: TestResponse) -> list[str]:
    """The text of each sheet."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    with pypdfium2.PdfDocument(answer.data) as opened:
        return [page.get_textpage().get_text_range() for page in opened]


def test_one_click_on_the_dossiers_page_prints_two_copies_of_the_receipt_on_one_sheet(
    officer: FlaskClient, work: Work
) -> None:
    registration = received()
    work()
    page = officer.get(f"/ban-lam-viec/{registration}").text
    twice, large = re.findall(rf'href="(/ban-lam-viec/in/[^"]*{registration})"', page)
    answer = officer.get(twice)
    (sheet,) = printed(answer)
    code = kept(registration).code
    assert code
    assert sheet.count(f"Mã hồ sơ: {code}") == 2
    (sheet,) = printed(officer.get(large))
    assert sheet.count(f"Mã hồ sơ: {code}") == 1
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_right_after_reception_the_page_waits_for_the_receipt_and_then_prints_it(
    officer: FlaskClient, work: Work
) -> None:
    registration = received()
    address = f"{COUNTER}?ho_so={registration}"
    waits = officer.get(address)
    assert waits.mimetype == "text/html"
    assert waits.headers["Refresh"] == "2"
    assert "Đang lập: Giấy tiếp nhận hồ sơ" in waits.text
    work()
    assert len(printed(officer.get(address))) == 1


def test_a_batch_is_one_file_in_the_order_of_the_list_and_says_whose_paper_is_missing(
    officer: FlaskClient, work: Work
) -> None:
    first, second = received(), received()
    work()
    sheets = printed(officer.get(f"{COUNTER}?ho_so={second}&ho_so={first}"))
    assert [str(kept(one).code) in sheet for one, sheet in zip((second, first), sheets, strict=True)] == [True, True]
    assert printed(officer.get(f"{COUNTER}?ho_so={second} {first}")) == sheets
    without = submit(HOUSE)
    page = officer.get(f"{COUNTER}?ho_so={first}&ho_so={without}")
    assert "Chưa có giấy nào để in." in page.text
    assert "Refresh" not in page.headers
    (there,) = re.findall(rf'href="(/ban-lam-viec/in/hai-ban\?ho_so={first})"', page.text)
    assert len(printed(officer.get(there))) == 1


def test_whoever_prints_a_paper_has_read_it_and_that_is_written_down(officer: FlaskClient, work: Work) -> None:
    registration = received()
    work()
    printed(officer.get(f"{COUNTER}?ho_so={registration}"))
    receipt = paper(registration, SlipKind.RECEIPT)
    assert [(each.what, each.of) for each in readings.log(kept(registration), None, 9)] == [("paper", str(receipt.id))]


def test_printing_with_nothing_chosen_says_so_and_is_no_error(officer: FlaskClient) -> None:
    for address in (COUNTER, f"{COUNTER}?ho_so=", f"{COUNTER}?ho_so=+"):
        answer = officer.get(address)
        assert answer.status_code == 200
        assert "Chưa chọn hồ sơ nào" in answer.text


def test_a_selection_that_is_too_large_or_not_ones_own_is_refused(app: Flask, officer: FlaskClient, work: Work) -> None:
    registration = received()
    work()
    many = " ".join(f"DK-{number}" for number in range(printing.MOST + 1))
    assert officer.get(f"{COUNTER}?ho_so={many}").status_code == 400
    assert officer.get(f"/ban-lam-viec/in/a3?ho_so={registration}").status_code == 404
    stranger = signed_in(app, account_of(Role.ONE_STOP_OFFICER, "nghia-do"))
    assert stranger.get(f"{COUNTER}?ho_so={registration}").status_code == 404


def test_an_applicant_prints_their_own_paper_in_large_letters_and_none_of_the_offices(app: Flask, work: Work) -> None:
    registration = received()
    slips.request(person(Role.ONE_STOP_OFFICER), registration, SlipKind.CONTROL, NOW)
    work()
    citizen = app.test_client()
    with citizen.session_transaction() as session:
        session["_user_id"] = f"{person(Role.CITIZEN).account_id}.0"
        session["signed_in_at"] = int(datetime.now(UTC).timestamp())
    receipt, control = (paper(registration, kind).id for kind in (SlipKind.RECEIPT, SlipKind.CONTROL))
    assert len(printed(citizen.get(f"/ho-so/{registration}/giay/{receipt}/in/chu-to"))) == 1
    assert citizen.get(f"/ho-so/{registration}/giay/{control}/in/chu-to").status_code == 404
    assert citizen.get(f"{COUNTER}?ho_so={registration}").status_code == 403


def test_a_paper_that_counts_no_longer_is_not_printed_again(officer: FlaskClient, work: Work) -> None:
    registration = received()
    work()
    with slips.transaction() as session:
        slips.revoke(session, session.get_one(Slip, paper(registration, SlipKind.RECEIPT).id), "Nhập sai.", NOW)
    old = paper(registration, SlipKind.RECEIPT).id
    assert officer.get(f"/ho-so/{registration}/giay/{old}/in/hai-ban").status_code == 404
    assert "Chưa có giấy nào để in." in officer.get(f"{COUNTER}?ho_so={registration}").text


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.usefixtures("database")
def test_a_result_that_was_taken_back_is_not_printed_and_what_goes_over_the_counter_is_for_the_applicant() -> None:
    registration = submit(HOUSE, fee_paid=True)
    to_the_leader(registration)
    act(Role.LEADER, registration, Action.APPROVE)
    act(Role.CLERK, registration, Action.ISSUE)
    issued = kept(registration)
    assert (counter_paper := papers.for_the_counter(issued)) is not None
    assert counter_paper.kind == SlipKind.RESULT
    for kind in (SlipKind.CONTROL, SlipKind.LETTER):
        issued.slips.append(Slip(kind=kind, number="1", payload={}, issuer="bao-yen", created_at=NOW))
        assert papers.for_the_counter(issued) is counter_paper
    act(Role.CLERK, registration, Action.CORRECT, reason="other")
    assert SlipKind.RESULT not in {slip.kind for slip in papers.holding(kept(registration))}
