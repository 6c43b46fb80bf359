"""What an applicant answers to a supplement becomes part of the dossier when it is sent: all of it, and not before."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.domain.rehearsal import posted, typed_answers
from portal.store.database import transaction
from portal.store.models import Dossier
from portal.usecases import law
from portal.web import answering, citizen, desk
from tests import sample_files
from tests.cases import HOUSE, NOW, RESIDENCE, act, kept, submit
from tests.people import account_of, signed_in

LATER = NOW + timedelta(days=1)
FILE = {"key": "file", "component": "drawings"}


@pytest.fixture
def mai(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The applicant, signed in, a day after reception."""
    monkeypatch.setattr(desk, "now", lambda: LATER)
    for pages in (citizen, answering):
        monkeypatch.setattr(pages, "now", lambda: LATER)
    return signed_in(app, account_of(Role.CITIZEN))


def asked(items: list[dict[str, Any]], code: str = HOUSE, *, received: bool = True, **columns: Any) -> str:
    """A dossier of which these items were asked; gives its registration number."""
    registration = submit(code, **columns)
    if received:
        act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    request: dict[str, Any] = {"reason": "missing_paper", "items": items, "answer_by": date(2026, 10, 30)}
    act(Role.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, **request)
    return registration


def text(answer: TestResponse) -> str:
    """What stands on the page's main part, as its reader reads it."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page_of(registration: str) -> dict[str, str]:
    """The applicant's page of the form, as it stands in the dossier."""
    answers = kept(registration).answers
    keys = ("full_name", "personal_number", "birth_date", "sex", "phone", "email", "permanent_address", "commune")
    given = {key: str(answers[key]) for key in keys if key in answers}
    return given | {"section": "applicant", "birth_date": "12/03/1988"}


def test_a_file_is_no_part_of_the_dossier_before_the_answer_is_sent(app: Flask, mai: FlaskClient) -> None:
    registration = asked([FILE])
    data = {"files-file": (BytesIO(sample_files.photo(60)), "mặt cắt.jpg")}
    mai.post(f"/ho-so/{registration}/bo-sung/file", data=data, content_type="multipart/form-data")
    assert "mặt cắt.jpg" in mai.get(f"/ho-so/{registration}/bo-sung").text
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="hoa"))
    assert "mặt cắt.jpg" not in officer.get(f"/ban-lam-viec/{registration}").text
    assert kept(registration).files == []
    mai.post(f"/ho-so/{registration}/bo-sung")
    assert "mặt cắt.jpg" in officer.get(f"/ban-lam-viec/{registration}").text
    assert [file.name for file in kept(registration).files] == ["mặt cắt.jpg"]


@pytest.mark.parametrize("received", [True, False])
def test_a_corrected_name_is_the_name_everywhere(mai: FlaskClient, received: bool) -> None:
    registration = asked([{"key": "page", "section": "applicant"}], received=received)
    sent = page_of(registration) | {"full_name": "Lý Thị Pham"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 303, answer.text
    assert kept(registration).applicant_name == "Hoàng Thị Mai"
    mai.post(f"/ho-so/{registration}/bo-sung")
    dossier = kept(registration)
    assert dossier.answers["full_name"] == dossier.applicant_name == "Lý Thị Pham"
    assert "ly thi pham" in dossier.search
    assert registration.lower() in dossier.search
    assert (dossier.status == Status.PROCESSING) is received


def test_the_desk_sees_at_a_glance_what_an_answer_has_changed(app: Flask, mai: FlaskClient) -> None:
    registration = asked([{"key": "page", "section": "applicant"}, FILE])
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="hoa"))
    mai.post(f"/ho-so/{registration}/bo-sung/page", data=page_of(registration) | {"full_name": "Lý Thị Pham"})
    data = {"files-file": (BytesIO(sample_files.photo(60)), "mặt cắt.jpg")}
    mai.post(f"/ho-so/{registration}/bo-sung/file", data=data, content_type="multipart/form-data")
    assert 'id="thay-doi"' not in officer.get(f"/ban-lam-viec/{registration}").text
    mai.post(f"/ho-so/{registration}/bo-sung")
    page = officer.get(f"/ban-lam-viec/{registration}").text
    glance = page[page.index('id="thay-doi"') :].partition("</section>")[0]
    assert "<del>Hoàng Thị Mai</del>" in glance
    assert "<ins>Lý Thị Pham</ins>" in glance
    assert "mặt cắt.jpg" in glance


def test_what_is_emptied_on_a_corrected_page_is_gone(mai: FlaskClient) -> None:
    procedure_answers = {"email": "mai@vidu.vn"}
    registration = asked([{"key": "page", "section": "contact"}], answers=procedure_answers)
    assert kept(registration).answers["email"] == "mai@vidu.vn"
    sent = {"section": "contact", "phone": "0912345678", "email": ""}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 303, answer.text
    mai.post(f"/ho-so/{registration}/bo-sung")
    assert "email" not in kept(registration).answers
    assert kept(registration).applicant_email == ""


def test_a_row_is_added_to_a_corrected_page_and_nothing_typed_is_lost(mai: FlaskClient) -> None:
    registration = asked([{"key": "page", "section": "new_household"}], RESIDENCE)
    sent = {"section": "new_household", "members-0-full_name": "Bàn Văn Sơn", "add-members": "1"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent)
    assert answer.status_code == 200
    assert "Bàn Văn Sơn" in answer.text
    assert 'name="members-1-full_name"' in answer.text
    sent = {"section": "new_household", "members-0-full_name": "Bàn Văn Sơn", "members-1-full_name": "Bàn Thị Mẩy"}
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=sent | {"remove-members-0": "1"})
    assert "Bàn Văn Sơn" not in answer.text
    assert "Bàn Thị Mẩy" in answer.text


def test_words_that_are_no_text_are_told_and_stay(mai: FlaskClient) -> None:
    registration = asked([{"key": "other"}])
    answer = mai.post(f"/ho-so/{registration}/bo-sung/other", data={"words": "Tôi đã \x07 nộp."})
    assert answer.status_code == 422
    assert "nộp." in answer.text
    assert kept(registration).supplements[0].replies == {}


def test_an_answer_pressed_twice_is_sent_once(mai: FlaskClient) -> None:
    registration = asked([{"key": "other"}])
    mai.post(f"/ho-so/{registration}/bo-sung/other", data={"words": "Đã nộp."})
    assert {mai.post(f"/ho-so/{registration}/bo-sung").status_code for _ in range(3)} == {303}
    events = [event.action for event in kept(registration).events]
    assert events.count(Action.ANSWER_SUPPLEMENT) == 1


# --- what a correction brings up elsewhere ---

CHILD = {
    "full_name": "Nguyễn Thị Mai Chi",
    "birth_date": "05/02/2020",
    "sex": "female",
    "personal_number": "010320001234",
    "relation": "child",
}


def page(code: str, section: str, **changes: Any) -> dict[str, Any]:
    """A page of the form as a browser sends it, filled in from the first example of the procedure."""
    procedure = law.catalogue().in_force(code, law.office_day(NOW))
    typed = typed_answers(procedure, procedure.examples[0]) | changes
    return {"section": section, **posted(procedure.section(section), typed)}


def members() -> list[dict[str, str]]:
    """The members of the first example's new household."""
    procedure = law.catalogue().in_force(RESIDENCE, law.office_day(NOW))
    return list(typed_answers(procedure, procedure.examples[0])["members"])


def test_a_question_that_a_correction_opens_on_another_page_is_led_to_and_asked_before_sending(
    mai: FlaskClient,
) -> None:
    registration = asked([{"key": "household", "section": "new_household"}], RESIDENCE)
    before = mai.get(f"/ho-so/{registration}/bo-sung")
    assert "further-" not in before.text
    with_a_child = page(RESIDENCE, "new_household", members=[*members(), CHILD])
    answer = mai.post(f"/ho-so/{registration}/bo-sung/household", data=with_a_child)
    assert answer.location == f"/ho-so/{registration}/bo-sung#item-further-section-consent", answer.text
    led_to = mai.get(answer.location)
    assert "Nội dung vừa sửa làm phát sinh mục phải trả lời thêm: " in html.unescape(led_to.text)
    assert "Mục này không nằm trong yêu cầu" in text(led_to)
    assert 'name="guardian_name"' in led_to.text
    early = mai.post(f"/ho-so/{registration}/bo-sung")
    assert early.status_code == 422
    assert kept(registration).status == Status.SUPPLEMENT_ASKED
    guardian = {"guardian_name": "Bàn Văn Sơn", "guardian_number": "010190001237", "guardian_consent": "signature"}
    consent = page(RESIDENCE, "consent", **guardian)
    answer = mai.post(f"/ho-so/{registration}/bo-sung/further-section-consent", data=consent)
    assert answer.status_code == 303, text(answer)
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 303
    answers = kept(registration).answers
    assert answers["guardian_name"] == "Bàn Văn Sơn"
    assert answers["members"][-1]["full_name"] == CHILD["full_name"]


def test_a_paper_that_a_correction_makes_necessary_is_asked_for_before_sending(mai: FlaskClient) -> None:
    registration = asked([{"key": "page", "section": "building"}])
    answer = mai.post(f"/ho-so/{registration}/bo-sung/page", data=page(HOUSE, "building", adjoining="yes"))
    further = f"/ho-so/{registration}/bo-sung/further-component-adjoining_commitment"
    assert answer.location == f"/ho-so/{registration}/bo-sung#item-further-component-adjoining_commitment", text(answer)
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 422
    data = {"files-further-component-adjoining_commitment": (BytesIO(sample_files.plain_pdf()), "cam kết.pdf")}
    assert mai.post(further, data=data, content_type="multipart/form-data").status_code == 303
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 303
    assert [file.component for file in kept(registration).files] == ["adjoining_commitment"]


def test_what_was_missing_before_anything_was_corrected_keeps_nobody_from_answering(mai: FlaskClient) -> None:
    registration = asked([{"key": "page", "section": "applicant"}])
    with transaction() as session:
        dossier = session.scalars(select(Dossier)).one()
        dossier.answers = {key: value for key, value in dossier.answers.items() if key != "parcel_number"}
    mai.post(f"/ho-so/{registration}/bo-sung/page", data=page_of(registration))
    assert mai.post(f"/ho-so/{registration}/bo-sung").status_code == 303
    assert kept(registration).status == Status.PROCESSING


# --- at the counter ---


@pytest.fixture
def officer(app: Flask, mai: FlaskClient) -> FlaskClient:
    """The officer at the counter of the applicant's own shop."""
    return signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="hoa", full_name="Lương Thị Hoa"))


@pytest.mark.parametrize("received", [True, False])
def test_what_is_brought_to_the_counter_is_entered_by_the_officer_on_the_applicants_own_pages(
    officer: FlaskClient, received: bool
) -> None:
    registration = asked([FILE, {"key": "page", "section": "applicant"}, {"key": "other"}], received=received)
    address = f"/ho-so/{registration}/bo-sung"
    data = {"files-file": (BytesIO(sample_files.plain_pdf()), "bản quét.pdf")}
    assert officer.post(f"{address}/file", data=data, content_type="multipart/form-data").status_code == 303
    counted = {"papers": "drawings", "paper-drawings-original": "1", "paper-drawings-copy": "2"}
    assert officer.post(f"{address}/file", data=counted).status_code == 303
    corrected = page_of(registration) | {"full_name": "Lý Thị Pham"}
    assert officer.post(f"{address}/page", data=corrected).status_code == 303
    assert officer.post(f"{address}/other", data={"words": "Đã giải thích tại quầy."}).status_code == 303
    sent = officer.post(address)
    assert sent.location == f"/ban-lam-viec/{registration}"
    dossier = kept(registration)
    assert dossier.answers["full_name"] == dossier.applicant_name == "Lý Thị Pham"
    assert dossier.papers["drawings"] == {"original": 1, "copy": 2}
    assert [(file.name, file.uploaded_by_id) for file in dossier.files] == [
        ("bản quét.pdf", dossier.events[-1].actor_id)
    ]
    last = dossier.events[-1]
    assert (last.actor.full_name if last.actor else "", last.role) == ("Lương Thị Hoa", Role.ONE_STOP_OFFICER)
    assert last.action == (Action.ANSWER_SUPPLEMENT if received else Action.ANSWER_BEFORE_RECEPTION)
    shown = text(officer.get(sent.location))
    for words in (
        "Đã nhận đủ hồ sơ bổ sung" if received else "Đã gửi hồ sơ bổ sung",
        "Đã giải thích tại quầy.",
        "3 bản giấy",
        "bản quét.pdf",
    ):
        assert words in shown


def test_papers_brought_are_added_to_those_the_dossier_has(officer: FlaskClient) -> None:
    registration = asked([FILE], papers={"drawings": {"copy": 1}, "land_paper": {"original": 1}})
    address = f"/ho-so/{registration}/bo-sung"
    officer.post(f"{address}/file", data={"papers": "drawings", "paper-drawings-copy": "2"})
    assert kept(registration).papers["drawings"] == {"copy": 1}
    officer.post(address)
    assert kept(registration).papers == {"drawings": {"copy": 3}, "land_paper": {"original": 1}}


@pytest.mark.parametrize("typed", ["hai", "-1", "100", "1,5", "²"])
def test_a_number_of_papers_that_is_none_is_told_beside_its_field_and_stays(officer: FlaskClient, typed: str) -> None:
    registration = asked([FILE])
    counted = {"papers": "drawings", "paper-drawings-copy": typed}
    answer = officer.post(f"/ho-so/{registration}/bo-sung/file", data=counted)
    assert answer.status_code == 422
    assert 'id="paper-drawings-copy-error"' in answer.text
    assert 'href="#paper-drawings-copy">Bản sao: ' in answer.text
    assert f'value="{typed}"' in answer.text
    assert kept(registration).supplements[0].replies == {}


def test_no_paper_is_counted_where_none_was_seen(mai: FlaskClient) -> None:
    registration = asked([FILE])
    assert 'name="paper-drawings-copy"' not in mai.get(f"/ho-so/{registration}/bo-sung").text
    counted = {"papers": "drawings", "paper-drawings-copy": "2"}
    assert mai.post(f"/ho-so/{registration}/bo-sung/file", data=counted).status_code == 403
    assert kept(registration).supplements[0].replies == {}


def test_an_answer_begun_at_home_is_finished_at_the_counter(mai: FlaskClient, officer: FlaskClient) -> None:
    registration = asked([FILE, {"key": "other"}])
    mai.post(f"/ho-so/{registration}/bo-sung/other", data={"words": "Tôi sẽ mang bản vẽ đến."})
    assert "Tôi sẽ mang bản vẽ đến." in officer.get(f"/ho-so/{registration}/bo-sung").text
    officer.post(f"/ho-so/{registration}/bo-sung/file", data={"papers": "drawings", "paper-drawings-original": "1"})
    assert officer.post(f"/ho-so/{registration}/bo-sung").status_code == 303
    assert kept(registration).status == Status.PROCESSING


@pytest.mark.parametrize(
    ("role", "unit", "refused"),
    [
        (Role.ONE_STOP_OFFICER, "nghia-do", 404),
        (Role.SPECIALIST, None, 403),
        (Role.LEADER, None, 403),
        (Role.CLERK, None, 403),
        (Role.MANAGER, None, 403),
        (Role.ADMINISTRATOR, None, 403),
    ],
)
def test_nobody_else_answers_for_the_applicant(
    app: Flask, mai: FlaskClient, role: Role, unit: str | None, refused: int
) -> None:
    registration = asked([{"key": "other"}])
    stranger = signed_in(app, account_of(role, unit, username="somebody"))
    address = f"/ho-so/{registration}/bo-sung"
    assert stranger.get(address).status_code == refused
    assert stranger.post(f"{address}/other", data={"words": "Thay."}).status_code == refused
    assert stranger.post(address).status_code == refused
    assert kept(registration).supplements[0].replies == {}
