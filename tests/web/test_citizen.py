"""The citizen's pages in use: where a dossier is, its papers, withdrawing, and a supplement answered item by item."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.casework import Request
from portal.domain.flow import Action, Status
from portal.store.database import reading
from portal.store.models import Attachment, DueChange, Supplement
from portal.usecases import dossiers
from portal.usecases.scenes import Deed
from portal.web import answering, citizen, desk
from portal.web.filters import moment
from tests import sample_files
from tests.people import BRANCH, account_of, signed_in
from tests.web.test_desk import HOSTILE, LAND, NOW, Town, kept, submit

OFFICER = Role.ONE_STOP_OFFICER
FILE, SECTION, OTHER = "component-drawings", "section-applicant", "other"
#: Letters that only Vietnamese has, among the languages of these pages.
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
LATER = NOW + timedelta(days=1)
APPLICANT = {
    "full_name": "Hoàng Thị Mai",
    "personal_number": "010188001234",
    "birth_date": "13/03/1988",
    "sex": "female",
}


@pytest.fixture
def town(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Bảo Yên: the officers act on a Monday morning, the applicant a day later."""
    monkeypatch.setattr(desk, "now", lambda: NOW)
    for pages in (citizen, answering):
        monkeypatch.setattr(pages, "now", lambda: LATER)
    return Town(app, {})


@pytest.fixture
def mai(town: Town) -> FlaskClient:
    """The applicant, signed in."""
    return town.browser(Role.CITIZEN)


def text(answer: TestResponse) -> str:
    """What stands on the page's main part, as its reader reads it."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def act(town: Town, registration: str, action: Action, request: Request | None = None, words: str = "") -> None:
    """What the one-stop officer does."""
    deed = Deed(action, request=request or Request(), words=words)
    dossiers.act(town.actor(OFFICER), registration, deed, NOW)


def ask(town: Town, registration: str, words: str = "Mời bổ sung.") -> None:
    """Receive a dossier, and ask for a file, a page of the form and something else."""
    act(town, registration, Action.RECEIVE)
    items = [
        {"key": FILE, "component": "drawings", "words": "Thiếu mặt cắt móng."},
        {"key": SECTION, "section": "applicant", "words": "Sai ngày sinh."},
        {"key": OTHER, "words": words},
    ]
    request = Request(reason="missing_paper", items=items, answer_by=date(2026, 9, 16))
    act(town, registration, Action.ASK_SUPPLEMENT, request, words)


def attach(client: FlaskClient, registration: str, content: bytes, name: str) -> TestResponse:
    """Upload one file for the item that asks for one."""
    data = {f"files-{FILE}": (BytesIO(content), name)}
    return client.post(f"/ho-so/{registration}/bo-sung/{FILE}", data=data, content_type="multipart/form-data")


def correct(client: FlaskClient, registration: str, **changes: str) -> TestResponse:
    """Send the corrected page of the form."""
    data = {"section": "applicant", **APPLICANT, **changes}
    return client.post(f"/ho-so/{registration}/bo-sung/{SECTION}", data=data)


def say(client: FlaskClient, registration: str, words: str) -> TestResponse:
    """Answer in words."""
    return client.post(f"/ho-so/{registration}/bo-sung/{OTHER}", data={"words": words})


def act_as_owner(client: FlaskClient, registration: str, action: Action) -> TestResponse:
    """Press the button of an action, which the page must offer."""
    address = f"/ho-so/{registration}/{action.value}"
    assert f'action="{address}"' in client.get(f"/ho-so/{registration}").text
    return client.post(address, data={"seen": kept(registration).seq})


# --- where it is, and its papers ---


def test_the_page_says_who_holds_the_dossier_what_is_next_and_by_when(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    page = text(mai.get(f"/ho-so/{registration}"))
    assert "Cán bộ một cửa" in page
    assert "Kiểm tra và tiếp nhận hồ sơ" in page
    act(town, registration, Action.RECEIVE)
    act(town, registration, Action.FORWARD)
    held = kept(registration)
    page = text(mai.get(f"/ho-so/{registration}"))
    assert held.act_by is not None
    assert "Lãnh đạo phòng" in page
    assert "Bảo Yên" in page
    assert moment(held.act_by) in page
    assert held.code is not None
    assert held.code in page
    waiting = submit(town)
    ask(town, waiting)
    page = text(mai.get(f"/ho-so/{waiting}"))
    assert "Bạn" in page
    assert "Bổ sung, hoàn thiện hồ sơ" in page
    assert "16/09/2026" in page


def test_what_the_land_registry_did_is_told_with_its_name_and_not_the_communes(town: Town, mai: FlaskClient) -> None:
    registration = submit(town, LAND)
    act(town, registration, Action.RECEIVE)
    act(town, registration, Action.FORWARD)
    assert kept(registration).holder_role == Role.REGISTRY_HEAD
    dossiers.act(town.actor(Role.REGISTRY_HEAD, BRANCH), registration, Deed(Action.FORWARD), NOW)
    done = text(mai.get(f"/ho-so/{registration}")).partition("Diễn biến")[2]
    assert "Cán bộ một cửa, Xã Bảo Yên" in done
    branch = "Chi nhánh Văn phòng đăng ký đất đai"
    assert f"Lãnh đạo {branch}, {branch} khu vực Bảo Yên" in done


def test_a_paper_is_said_to_be_made_until_it_can_be_downloaded(
    town: Town, mai: FlaskClient, work: Callable[[], None]
) -> None:
    registration = submit(town)
    act(town, registration, Action.RECEIVE)
    papers = rf'href="(/ho-so/{registration}/giay/\d+)"'
    waiting = mai.get(f"/ho-so/{registration}").text
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in waiting
    assert "đang lập" in waiting
    assert not re.findall(papers, waiting)
    work()
    ready = mai.get(f"/ho-so/{registration}").text
    assert "đang lập" not in ready
    found = re.findall(papers, ready)
    assert found
    for address in found:
        assert mai.get(address).data.startswith(b"%PDF-")


# --- withdrawing ---


def test_a_dossier_not_yet_received_is_withdrawn_at_once(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    assert act_as_owner(mai, registration, Action.WITHDRAW).status_code == 303
    assert kept(registration).status == Status.WITHDRAWN
    assert f'action="/ho-so/{registration}/' not in mai.get(f"/ho-so/{registration}").text


def test_of_a_stopped_dossier_the_page_says_why_and_not_that_it_was_in_time(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    act(town, registration, Action.RECEIVE)
    why = "Đất đang có tranh chấp, tòa án đã thụ lý vụ việc."
    dossiers.act(
        town.actor(Role.LEADER), registration, Deed(Action.STOP, request=Request(reason="other"), words=why), NOW
    )
    page = text(mai.get(f"/ho-so/{registration}")).partition("Diễn biến")[0]
    assert f"Lý do: {why}" in page
    assert "Không tính hạn nữa" in page
    assert "Đúng hạn" not in page


def test_after_reception_a_withdrawal_is_asked_for_and_taken_back(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    act(town, registration, Action.RECEIVE)
    assert f"/{Action.WITHDRAW.value}" not in mai.get(f"/ho-so/{registration}").text
    act_as_owner(mai, registration, Action.REQUEST_WITHDRAWAL)
    assert "bộ phận một cửa sẽ xác nhận" in text(mai.get(f"/ho-so/{registration}"))
    assert kept(registration).withdrawal_asked
    act_as_owner(mai, registration, Action.KEEP)
    assert not kept(registration).withdrawal_asked
    assert kept(registration).status == Status.RECEIVED


@pytest.mark.parametrize(("received", "action"), [(False, Action.WITHDRAW), (True, Action.REQUEST_WITHDRAWAL)])
def test_why_somebody_withdraws_may_be_said_in_words_and_is_text_everywhere(
    town: Town, mai: FlaskClient, received: bool, action: Action
) -> None:
    registration = submit(town)
    if received:
        act(town, registration, Action.RECEIVE)
    address, why = f"/ho-so/{registration}/{action.value}", f"Tôi không xây nữa. {HOSTILE}"
    answer = mai.post(address, data={"seen": kept(registration).seq, "words": why})
    assert answer.status_code == 303
    for page in (mai.get(f"/ho-so/{registration}"), town.browser(OFFICER).get(f"/ban-lam-viec/{registration}")):
        assert "Tôi không xây nữa." in text(page)
        assert HOSTILE not in page.text


def test_the_officer_who_confirms_a_withdrawal_reads_why_and_the_log_keeps_a_code(town: Town, mai: FlaskClient) -> None:
    registration, officer = submit(town), town.browser(OFFICER)
    act(town, registration, Action.RECEIVE)
    words = {"seen": kept(registration).seq, "words": "Gia đình đổi ý."}
    mai.post(f"/ho-so/{registration}/request_withdrawal", data=words)
    page = text(officer.get(f"/ban-lam-viec/{registration}"))
    assert "Người nộp đề nghị rút hồ sơ; Bộ phận Một cửa xác nhận hoặc giữ lại. Lý do: Gia đình đổi ý." in page
    act(town, registration, Action.CONFIRM_WITHDRAWAL)
    events = dossiers.open_dossier(town.actor(OFFICER), registration).dossier.events[-2:]
    assert [(event.reason, event.details.get("words")) for event in events] == [
        (None, "Gia đình đổi ý."),
        ("applicant_wish", None),
    ]
    assert "Theo đề nghị của người nộp hồ sơ" in text(officer.get(f"/ban-lam-viec/{registration}"))


def test_words_of_a_withdrawal_that_are_no_text_are_told_and_stay(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    answer = mai.post(f"/ho-so/{registration}/withdraw", data={"seen": 1, "words": "Tôi đổi \x07 ý."})
    assert answer.status_code == 422
    assert "Có ký tự không nhập được" in text(answer)
    assert "đổi" in answer.text
    assert kept(registration).status == Status.REGISTERED


# --- answering a supplement ---


def test_a_supplement_is_answered_item_by_item_and_the_new_due_date_stands_with_its_reason(
    town: Town, mai: FlaskClient
) -> None:
    registration = submit(town)
    ask(town, registration)
    promised = kept(registration).due_at
    asked = text(mai.get(f"/ho-so/{registration}/bo-sung"))
    for words in ("Thiếu mặt cắt móng.", "Sai ngày sinh.", "Mời bổ sung.", "16/09/2026"):
        assert words in asked
    assert asked.count("Chưa trả lời") == 3
    assert attach(mai, registration, sample_files.photo(60), "mặt cắt.jpg").status_code == 303
    assert correct(mai, registration).status_code == 303
    assert say(mai, registration, "Tôi đã nộp đủ.").status_code == 303
    page = text(mai.get(f"/ho-so/{registration}/bo-sung"))
    assert page.count("Đã có trả lời") == 3
    assert "mặt cắt.jpg" in page
    sent = mai.post(f"/ho-so/{registration}/bo-sung")
    assert sent.status_code == 303
    done = kept(registration)
    assert done.status == Status.PROCESSING
    assert done.answers["birth_date"] == "1988-03-13"
    with reading() as session:
        change = session.scalars(select(DueChange).order_by(DueChange.id.desc())).first()
    assert change is not None
    assert done.due_at is not None
    assert (change.old_due_at, change.new_due_at) == (promised, done.due_at)
    page = text(mai.get(sent.location))
    assert "Đã nhận đủ hồ sơ bổ sung" in page
    assert moment(done.due_at) in page
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 303  # pressed twice: nothing more happens
    assert kept(registration).seq == done.seq


def test_sending_early_names_what_is_missing_and_loses_nothing(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    ask(town, registration)
    say(mai, registration, "Tôi đã nộp đủ.")
    attach(mai, registration, sample_files.photo(60), "mặt cắt.jpg")
    early = mai.post(f"/ho-so/{registration}/bo-sung")
    assert early.status_code == 422
    section = early.text.partition(f'id="item-{SECTION}"')[2].partition("</section>")[0]
    assert "Mục này chưa có trả lời." in section
    assert early.text.count("Mục này chưa có trả lời.") == 2  # beside the item, and first of all
    assert f'href="#item-{SECTION}"' in early.text
    assert "Tôi đã nộp đủ." in early.text
    assert "mặt cắt.jpg" in early.text
    assert kept(registration).status == Status.SUPPLEMENT_ASKED
    correct(mai, registration)
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 303


def test_a_wrong_correction_is_told_beside_its_field_and_stays_as_typed(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    ask(town, registration)
    answer = correct(mai, registration, personal_number="12345")
    assert answer.status_code == 422
    assert 'value="12345"' in answer.text
    assert 'href="#personal_number">Số định danh cá nhân: ' in answer.text
    with reading() as session:
        assert session.scalars(select(Supplement.replies)).one() == {}


def test_a_file_is_taken_off_the_answer_again(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    ask(town, registration)
    attach(mai, registration, sample_files.photo(60), "nhầm.jpg")
    with reading() as session:
        file = session.scalars(select(Attachment.id)).one()
    mai.post(f"/ho-so/{registration}/bo-sung/{FILE}", data={"remove": str(file)})
    assert "nhầm.jpg" not in mai.get(f"/ho-so/{registration}/bo-sung").text


UNTAKEN = [
    (sample_files.HTML, "không nhận được"),
    (sample_files.archive(), "không nhận được"),
    (sample_files.encrypted_pdf(), "mật khẩu"),
    (sample_files.plain_pdf(5000), "nhiều hơn 200 trang"),
    (sample_files.cut_off(sample_files.scan(200)), "Không mở được"),
]
UNTAKEN_NAMES = ["html", "zip", "encrypted", "5,000 pages", "cut off"]


@pytest.mark.parametrize(("content", "said"), UNTAKEN, ids=UNTAKEN_NAMES)
def test_a_file_of_an_answer_that_is_no_paper_is_refused_in_plain_words(
    town: Town, mai: FlaskClient, content: bytes, said: str
) -> None:
    registration = submit(town)
    ask(town, registration)
    say(mai, registration, "Tôi đã nộp đủ.")
    answer = attach(mai, registration, content, "giay-to.pdf")
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Tôi đã nộp đủ." in answer.text
    assert files() == []


@pytest.mark.parametrize(("content", "said"), UNTAKEN, ids=UNTAKEN_NAMES)
def test_a_file_of_a_draft_that_is_no_paper_is_refused_in_plain_words(
    mai: FlaskClient, content: bytes, said: str
) -> None:
    begun = mai.post("/khai/bat-dau/1.013225", data={"another": "1"}).location
    data = {"component": "drawings", "files-drawings": (BytesIO(content), "giay-to.pdf")}
    key = begun.rsplit("/", 1)[1]
    answer = mai.post(f"/khai/{key}/giay-to", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in text(answer)
    assert files() == []


def files() -> list[Any]:
    """The files that were taken in."""
    with reading() as session:
        return list(session.scalars(select(Attachment.id)))


def test_another_persons_supplement_is_not_there(town: Town) -> None:
    registration = submit(town)
    ask(town, registration)
    stranger = signed_in(town.app, account_of(Role.CITIZEN, username="somebody-else"))
    assert stranger.get(f"/ho-so/{registration}/bo-sung").status_code == 404
    assert stranger.post(f"/ho-so/{registration}/bo-sung").status_code == 404
    assert say(stranger, registration, "Không phải của tôi.").status_code == 404


def test_what_an_officer_writes_is_text_on_the_citizens_pages(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    ask(town, registration, HOSTILE)
    for address in (f"/ho-so/{registration}", f"/ho-so/{registration}/bo-sung"):
        page = mai.get(address).text
        assert HOSTILE not in page
        assert html.escape(HOSTILE) in page


def test_the_pages_are_complete_in_english(town: Town, mai: FlaskClient) -> None:
    registration = submit(town)
    ask(town, registration, "Please bring it.")
    given = [str(value) for value in kept(registration).answers.values() if VIETNAMESE.search(str(value))]
    own = [*sorted(given, key=len, reverse=True), "Bảo Yên", "Lào Cai", "Thiếu mặt cắt móng.", "Sai ngày sinh."]
    for address in ("/ho-so", f"/ho-so/{registration}", f"/ho-so/{registration}/bo-sung"):
        page = text(mai.get(f"{address}?lang=en"))
        for name in own:
            page = page.replace(name, "")
        page = re.sub(r"\d+/\d{4}/\S+", "", page)  # the signs of laws are the same in every language
        assert VIETNAMESE.findall(page) == [], page
