"""A result that was signed outside the portal: its file is attached when it is issued, and is the dossier's result."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.store.models import Slip
from portal.web import desk
from tests import sample_files
from tests.cases import NOW, act, kept, submit, to_the_leader
from tests.people import account_of, signed_in

SIGNED = sample_files.scan(60)


@pytest.fixture
def clerk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The clerk of the unit, on the same Monday morning."""
    monkeypatch.setattr(desk, "now", lambda: NOW)
    return signed_in(app, account_of(Role.CLERK, username="van-thu"))


@pytest.fixture
def mai(app: Flask) -> FlaskClient:
    """The applicant."""
    return signed_in(app, account_of(Role.CITIZEN))


def decided(decision: Action = Action.APPROVE) -> str:
    """A house permit on the clerk's desk; gives its registration number."""
    registration = submit()
    to_the_leader(registration)
    request = {"reason": "corridor"} if decision is Action.REFUSE else {}
    act(Role.LEADER, registration, decision, **request)
    return registration


def issue(
    client: FlaskClient,
    registration: str,
    content: bytes | None = SIGNED,
    name: str = "giấy phép.pdf",
    number: str = "",
) -> TestResponse:
    """Number and seal, as the page's form sends it: with a file, or with none chosen."""
    form = {"seen": str(kept(registration).seq), "issue-number": number}
    chosen = (BytesIO(content or b""), name if content is not None else "")
    address = f"/ban-lam-viec/{registration}/issue"
    return client.post(address, data=form | {"issue-file": chosen}, content_type="multipart/form-data")


def text(answer: TestResponse) -> str:
    """What stands on the page's main part, as its reader reads it."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def results(registration: str) -> list[Slip]:
    """The papers of a dossier that are results."""
    return [slip for slip in kept(registration).slips if slip.kind.startswith("result")]


def test_the_attached_file_is_the_result_and_nothing_is_rendered_for_it(
    clerk: FlaskClient, mai: FlaskClient, work: Callable[[], None]
) -> None:
    registration = decided()
    page = clerk.get(f"/ban-lam-viec/{registration}").text
    form = page.partition(f'action="/ban-lam-viec/{registration}/issue"')[2].partition("</form>")[0]
    assert form.startswith(' enctype="multipart/form-data"')
    assert 'type="file"' in form
    assert issue(clerk, registration).status_code == 303
    (result,) = results(registration)
    work()
    (later,) = results(registration)
    digest = hashlib.sha256(SIGNED).hexdigest()
    assert later.sha256 == result.sha256 == digest
    assert (later.kind, later.number, later.name, later.payload) == ("result", "01/GPXD", "giấy phép.pdf", None)
    assert later.rendered_at == NOW
    dossier = kept(registration)
    assert (dossier.status, dossier.result) == (Status.RESOLVED, next(s for s in dossier.slips if s.id == later.id))
    attached = dossier.events[-1].details["attached"]
    assert attached == {"name": "giấy phép.pdf", "sha256": digest, "size": len(SIGNED), "pages": 1}
    for client, address in ((mai, f"/ho-so/{registration}"), (clerk, f"/ban-lam-viec/{registration}")):
        shown = client.get(address)
        assert "bản đính kèm: giấy phép.pdf" in text(shown)
        assert digest[:10] in shown.text
        assert f'href="/ho-so/{registration}/giay/{later.id}"' in shown.text
        assert client.get(f"/ho-so/{registration}/giay/{later.id}").data == SIGNED


def test_a_refusal_that_was_signed_elsewhere_is_attached_as_one(clerk: FlaskClient) -> None:
    registration = decided(Action.REFUSE)
    assert issue(clerk, registration).status_code == 303
    assert [slip.kind for slip in results(registration)] == ["result_refusal"]


def test_with_no_file_chosen_the_portal_makes_the_result_itself(clerk: FlaskClient) -> None:
    registration = decided()
    assert issue(clerk, registration, None).status_code == 303
    (result,) = results(registration)
    assert (result.name, result.sha256) == (None, None)
    assert result.payload is not None
    assert "attached" not in kept(registration).events[-1].details


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "không có nội dung"),
        (sample_files.photo(60), "chỉ nhận tệp PDF"),
        (sample_files.HTML, "chỉ nhận tệp PDF"),
        (sample_files.archive(), "chỉ nhận tệp PDF"),
        (sample_files.encrypted_pdf(), "mật khẩu"),
        (sample_files.plain_pdf(5000), "nhiều hơn 200 trang"),
        (sample_files.cut_off(sample_files.scan(200)), "Không mở được"),
    ],
    ids=["empty", "picture", "html", "zip", "encrypted", "5,000 pages", "cut off"],
)
def test_a_file_that_is_no_paper_is_refused_beside_its_field_and_nothing_typed_is_lost(
    clerk: FlaskClient, content: bytes, said: str
) -> None:
    registration = decided()
    answer = issue(clerk, registration, content, number="15/GPXD")
    assert answer.status_code == 422
    error = re.search(r'id="issue-file-error">(.*?)</p>', answer.text, re.S)
    assert error is not None
    assert said in html.unescape(error[1])
    assert 'value="15/GPXD"' in answer.text
    assert kept(registration).status == Status.PROCESSING
    assert results(registration) == []


def test_what_in_an_attached_file_could_run_is_not_shown_but_the_original_is_kept(
    clerk: FlaskClient, mai: FlaskClient
) -> None:
    registration, armed = decided(), sample_files.armed_pdf()
    assert issue(clerk, registration, armed).status_code == 303
    (result,) = results(registration)
    address = f"/ho-so/{registration}/giay/{result.id}"
    assert f'href="{address}?goc=1"' in mai.get(f"/ho-so/{registration}").text
    shown, original = mai.get(address), mai.get(f"{address}?goc=1")
    assert shown.data != armed
    assert b"app.alert" not in shown.data
    assert original.data == armed
    assert result.sha256 == hashlib.sha256(armed).hexdigest()
    assert original.headers["Content-Disposition"].startswith("attachment")


def test_the_number_on_an_attached_paper_is_no_other_papers(clerk: FlaskClient) -> None:
    numbers = []
    for typed in ("2/GPXD", "", "003", "QĐ-77/UBND"):
        registration = decided()
        assert issue(clerk, registration, number=typed).status_code == 303
        numbers.append(results(registration)[0].number)
    registration = decided()
    issue(clerk, registration, None)
    numbers.append(results(registration)[0].number)
    assert numbers == ["2/GPXD", "01/GPXD", "03/GPXD", "QĐ-77/UBND", "04/GPXD"]
    taken = decided()
    for given in ("1/GPXD", "02/GPXD", "3", "4/GPXD"):
        answer = issue(clerk, taken, number=given)
        assert answer.status_code == 400
        assert "Số này đã cấp cho văn bản khác trong sổ." in text(answer)
        assert "Hãy chọn lại tệp." in text(answer)
        assert f'value="{given}"' in answer.text
    assert results(taken) == []


def test_a_number_without_a_paper_that_bears_it_is_refused(clerk: FlaskClient) -> None:
    registration = decided()
    answer = issue(clerk, registration, None, number="15/GPXD")
    assert answer.status_code == 400
    assert "Chỉ ghi số khi đính kèm văn bản" in text(answer)
    assert 'value="15/GPXD"' in answer.text
    assert kept(registration).status == Status.PROCESSING


def test_a_file_sent_after_somebody_else_was_faster_is_not_taken(clerk: FlaskClient) -> None:
    registration = decided()
    form = {"seen": "1", "issue-number": "15/GPXD", "issue-file": (BytesIO(SIGNED), "giấy phép.pdf")}
    answer = clerk.post(f"/ban-lam-viec/{registration}/issue", data=form, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert 'value="15/GPXD"' in answer.text
    assert results(registration) == []


def test_after_a_correction_the_new_result_holds_and_the_old_one_says_it_holds_no_more(
    clerk: FlaskClient, mai: FlaskClient
) -> None:
    registration, gone = decided(), "đã thu hồi để sửa, không còn hiệu lực"
    issue(clerk, registration)
    assert gone not in text(mai.get(f"/ho-so/{registration}"))
    act(Role.CLERK, registration, Action.CORRECT, reason="other", to_step="signature")
    assert text(mai.get(f"/ho-so/{registration}")).count(gone) == 1
    act(Role.LEADER, registration, Action.APPROVE)
    new = sample_files.scan(80, seed=9)
    assert issue(clerk, registration, new, "giấy phép sửa.pdf").status_code == 303
    first, second = results(registration)
    dossier = kept(registration)
    assert dossier.result is not None
    assert (dossier.result.id, second.sha256) == (second.id, hashlib.sha256(new).hexdigest())
    assert first.sha256 == hashlib.sha256(SIGNED).hexdigest()
    for client, address in ((mai, f"/ho-so/{registration}"), (clerk, f"/ban-lam-viec/{registration}")):
        said = text(client.get(address))
        before, replaced, after = said.partition("đã thay bằng giấy số")
        assert replaced
        assert replaced not in after
        assert before.rfind("giấy phép.pdf") > before.rfind("giấy phép sửa.pdf")


def test_only_who_numbers_and_seals_attaches_a_result(app: Flask, clerk: FlaskClient) -> None:
    registration = decided()
    for role in (Role.SPECIALIST, Role.ONE_STOP_OFFICER, Role.CITIZEN):
        stranger = signed_in(app, account_of(role, username=f"x-{role}"))
        assert issue(stranger, registration).status_code in (403, 404, 409)
    assert results(registration) == []
