"""What moves a date, through the pages: an apology, posting, a further supplement, and what the citizen reads of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.store.database import reading
from portal.store.models import Account
from portal.web import citizen, desk
from tests.cases import NOW, WORDS, act, kept, person, submit
from tests.people import signed_in

FIRST, HOUSE = "1.115689", "1.013225"
MISSING = {
    "items": "section-applicant",
    "why-section-applicant": "form_wrong",
    "says-section-applicant": "Sai ngày sinh.",
    "answer_by": "30/09/2026",
}


class Clock:
    """The time by which the pages go."""

    now = NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for pages in (desk, citizen):
        monkeypatch.setattr(pages, "now", lambda: clock.now)
    return clock


def browser(app: Flask, role: Role) -> FlaskClient:
    """Somebody of this role, signed in: the one who does the same in `tests.cases`."""
    with reading() as session:
        account = session.get(Account, person(role).account_id)
    assert account is not None
    return signed_in(app, account)


def at_the_step(code: str, wanted: str) -> str:
    registration = submit(code)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    while (dossier := kept(registration)).step != wanted:
        act(Role(dossier.holder_role or ""), registration, Action.FORWARD)
    return registration


def do(client: FlaskClient, registration: str, action: Action, **fields: Any) -> Any:
    data = {f"{action}-{key}": value for key, value in fields.items()} | {"seen": kept(registration).seq}
    return client.post(f"/ban-lam-viec/{registration}/{action}", data=data)


def page(client: FlaskClient, registration: str) -> str:
    return client.get(f"/ban-lam-viec/{registration}").text


def test_an_apology_proposes_a_date_and_the_citizen_reads_why_it_moved(app: Flask, clock: Clock) -> None:
    registration = at_the_step(HOUSE, "appraisal")
    head, mai = browser(app, Role.HEAD_OF_OFFICE), browser(app, Role.CITIZEN)
    old = kept(registration).due_at
    assert old is not None
    assert 'name="apologise-promised" ' in page(head, registration)
    earlier = do(head, registration, Action.APOLOGISE, reason="workload", words=WORDS, promised="20/09/2026")
    assert earlier.status_code == 400
    assert "Ngày hẹn lại phải sau ngày hẹn cũ." in earlier.text
    assert WORDS in earlier.text
    day = old + timedelta(days=7)
    done = do(head, registration, Action.APOLOGISE, reason="workload", words=WORDS, promised=f"{day:%d/%m/%Y}")
    assert done.status_code == 303
    assert "apologise-promised" not in page(head, registration)
    read = mai.get(f"/ho-so/{registration}").text
    assert "Cơ quan xin lỗi và hẹn lại" in read
    assert "NĐ 61/2018/NĐ-CP Điều 19 khoản 9" in read
    assert f"{day:%d/%m/%Y}" in read
    assert "Phiếu xin lỗi và hẹn lại ngày trả kết quả" in read


def test_an_apology_is_not_offered_once_it_is_too_late(app: Flask, clock: Clock) -> None:
    registration = at_the_step(HOUSE, "appraisal")
    head = browser(app, Role.HEAD_OF_OFFICE)
    due = kept(registration).due_at
    assert due is not None
    clock.now = due - timedelta(hours=1)
    assert "apologise-promised" not in page(head, registration)
    day = due + timedelta(days=7)
    late = do(head, registration, Action.APOLOGISE, reason="workload", words=WORDS, promised=f"{day:%d/%m/%Y}")
    assert late.status_code == 400
    assert "Đã quá lúc được xin lỗi" in late.text


def test_posting_is_begun_and_ended_at_the_desk_and_shown_to_the_citizen(app: Flask, clock: Clock) -> None:
    registration = at_the_step(FIRST, "posting")
    officer, mai = browser(app, Role.SPECIALIST), browser(app, Role.CITIZEN)
    before = kept(registration).due_at
    assert do(officer, registration, Action.BEGIN_INTERVAL, interval="posting").status_code == 303
    assert kept(registration).due_at > before  # type: ignore[operator]
    assert "Đang thực hiện: Niêm yết công khai, tiếp nhận phản ánh" in mai.get(f"/ho-so/{registration}").text
    assert do(officer, registration, Action.BEGIN_INTERVAL, interval="posting").status_code == 400
    clock.now = NOW + timedelta(days=7)
    assert do(officer, registration, Action.END_INTERVAL, interval="posting").status_code == 400
    ended = do(officer, registration, Action.END_INTERVAL, interval="posting", words="Không có phản ánh.")
    assert ended.status_code == 303
    seen = page(officer, registration)
    assert "Không có phản ánh." in seen
    assert "Việc không tính vào thời hạn xong sớm hơn dự kiến" in seen
    assert "Under way" not in mai.get(f"/ho-so/{registration}?lang=en").text


def test_a_further_supplement_is_proposed_read_by_the_head_and_allowed(app: Flask, clock: Clock) -> None:
    registration = at_the_step(FIRST, "verification")
    officer, head = browser(app, Role.SPECIALIST), browser(app, Role.HEAD_OF_OFFICE)
    assert do(officer, registration, Action.ASK_SUPPLEMENT, **MISSING).status_code == 303
    act(Role.CITIZEN, registration, Action.ANSWER_SUPPLEMENT, NOW + timedelta(hours=1))
    clock.now = NOW + timedelta(days=1)
    assert "ask_supplement-items" not in page(officer, registration)
    assert do(officer, registration, Action.PROPOSE_SUPPLEMENT, **MISSING).status_code == 303
    read = page(head, registration)
    assert "Đề nghị yêu cầu bổ sung lần nữa, chờ lãnh đạo đồng ý" in read
    assert "Sai ngày sinh." in read
    assert "Quyết định có yêu cầu bổ sung lần nữa không" in read
    assert do(head, registration, Action.GRANT_SUPPLEMENT).status_code == 303
    assert kept(registration).status == Status.SUPPLEMENT_ASKED
    assert "766/QĐ-TTg" in page(officer, registration)


def test_a_late_request_for_papers_is_said_to_be_late(app: Flask, clock: Clock) -> None:
    registration = at_the_step(FIRST, "verification")
    officer = browser(app, Role.SPECIALIST)
    said = "Yêu cầu bổ sung phải thông báo chậm nhất"
    assert said not in page(officer, registration)
    clock.now = NOW + timedelta(days=7)
    assert said in page(officer, registration)


def test_the_date_goes_into_the_citizens_calendar_and_moves_there_with_the_next_look(app: Flask, clock: Clock) -> None:
    registration = at_the_step(HOUSE, "appraisal")
    mai = browser(app, Role.CITIZEN)
    address = f"/ho-so/{registration}/ngay-hen.ics"
    assert address in mai.get(f"/ho-so/{registration}").text
    answer = mai.get(address)
    (first,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (answer.mimetype, first["dtstart"].dt) == ("text/calendar", kept(registration).due_at)
    assert kept(registration).applicant_name not in answer.text
    old = kept(registration).due_at
    assert old is not None
    act(Role.HEAD_OF_OFFICE, registration, Action.APOLOGISE, reason="workload", promised=old + timedelta(days=7))
    (moved,) = Calendar.from_ical(mai.get(address).data).walk("VEVENT")
    assert (moved["uid"], moved["dtstart"].dt) == (first["uid"], old + timedelta(days=7))
    assert moved["sequence"] > first["sequence"]
    assert browser(app, Role.SPECIALIST).get(address).status_code == 403
    act(Role.LEADER, registration, Action.STOP, reason="other")
    assert mai.get(address).status_code == 404
