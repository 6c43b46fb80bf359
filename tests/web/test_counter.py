"""The counter: found by a few letters, filled in on one page, known applicants recalled, received in one step."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.domain.flow import Status
from portal.domain.rehearsal import posted, typed_answers
from portal.store.database import reading
from portal.store.desk_models import Reading
from portal.store.models import Account, Dossier, Draft, Payment
from portal.usecases import law
from portal.web import counter, filling
from procedures.model import Procedure
from tests import cases, sample_files
from tests.people import UNIT, account_of, signed_in

#: A Monday morning on which everything is open.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
EXTRACT, LODGER, HOUSE, BIRTH = "2.000635", "1.004194", "1.013225", "1.001193"
START = "/ban-lam-viec/quay/"
NUMBER = "010092003456"


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    for pages in (counter, filling):
        monkeypatch.setattr(pages, "now", lambda: NOW)


@pytest.fixture
def hoa(app: Flask) -> Account:
    return account_of(Role.ONE_STOP_OFFICER)


@pytest.fixture
def desk(app: Flask, hoa: Account) -> FlaskClient:
    """The browser of the officer at the counter."""
    return signed_in(app, hoa)


def version(code: str) -> Procedure:
    return law.catalogue().in_force(code, law.office_day(NOW))


def example(code: str = EXTRACT, **changes: str) -> dict[str, list[str]]:
    """What is typed on the page for the first example of a procedure, best at Bảo Yên, with its papers ticked."""
    procedure = version(code)
    complete = [one for one in procedure.examples if one.expect.outcome == "complete"]
    typed = typed_answers(procedure, max(complete, key=lambda one: one.unit == UNIT))
    fields = {name: texts for section in procedure.form for name, texts in posted(section, typed).items()}
    fields |= {name: [text] for name, text in changes.items()}
    return fields | {f"have-{part.key}": ["yes"] for part in procedure.components}


def begin(desk: FlaskClient, code: str = EXTRACT) -> str:
    answer = desk.post(f"{START}bat-dau/{code}", data={"channel": "counter"})
    assert answer.status_code == 303
    return str(answer.location).partition("#")[0]


def receive(desk: FlaskClient, page: str, fields: dict[str, Any]) -> TestResponse:
    return desk.post(page, data={"channel": "counter", **fields, "do": "receive"})


def rows(table: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def last() -> Dossier:
    with reading() as session:
        return session.scalars(select(Dossier).order_by(Dossier.id.desc()).limit(1)).one()


def received(code: str = BIRTH, **columns: Any) -> str:
    """A dossier that somebody of this number handed in before."""
    answers = {"full_name": "Lò Văn Inh", "phone": "0912000111", "personal_number": NUMBER}
    return cases.submit(code, NOW, applicant_number=NUMBER, answers=answers, **columns)


# --- which procedure ---


def test_the_counter_offers_what_this_shop_receives_today_by_whatever_way(desk: FlaskClient) -> None:
    begins = re.findall(r'action="[^"]+/bat-dau/([^"]+)"', desk.get(START).text)
    today = law.office_day(NOW)
    here = {
        head.code
        for head in law.catalogue().all_in_force(today)
        if "bao-yen" in {unit.id for unit in law.receiving_units(version(head.code), today)}
    }
    assert set(begins) == here
    assert len(begins) == len(here)


@pytest.mark.parametrize(("typed", "code"), [("trich luc", EXTRACT), ("tam tru", LODGER), ("2.000635", EXTRACT)])
def test_a_few_letters_find_the_procedure_and_it_has_the_focus(desk: FlaskClient, typed: str, code: str) -> None:
    page = desk.get(START, query_string={"q": typed}).text
    first = re.search(r'action="[^"]+/bat-dau/([^"]+)".*?<button[^>]*?( autofocus)?>', page, re.DOTALL)
    assert first is not None
    assert first.groups() == (code, " autofocus")


def test_a_script_that_asks_while_one_types_gets_the_bare_list(desk: FlaskClient) -> None:
    page = desk.get(START, query_string={"q": "trich luc"}, headers={"X-Requested-With": "fetch"}).text
    assert f"bat-dau/{EXTRACT}" in page
    assert "<html" not in page


def test_a_dossier_begun_and_left_untouched_is_gone_on_with(desk: FlaskClient) -> None:
    assert begin(desk) == begin(desk)
    assert rows(Draft) == 1
    desk.post(begin(desk), data={"full_name": "Lò Văn Inh"})
    begin(desk)
    assert rows(Draft) == 2


# --- one page, one step ---


def test_one_page_and_one_press_make_a_received_dossier_with_its_receipt(desk: FlaskClient) -> None:
    page = begin(desk)
    answer = receive(desk, page, example(copies="3"))
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
    dossier = last()
    assert (dossier.status, dossier.channel, dossier.fee) == (Status.RECEIVED, "counter", 24_000)
    assert dossier.papers == {"application": {"original": 1}, "authorisation": {"original": 1}}
    done = desk.get(answer.location).text
    assert dossier.code is not None
    assert dossier.code in done
    assert "Giấy hẹn đang được lập" in done
    assert f'data-refresh="{START}giay-hen/{dossier.registration}"' in done


@pytest.mark.parametrize("procedure", [EXTRACT, LODGER, HOUSE, BIRTH])
def test_every_kind_of_form_fits_on_the_page(desk: FlaskClient, procedure: str) -> None:
    page = begin(desk, procedure)
    shown = desk.get(page)
    assert len(shown.data) < 100_000
    answer = receive(desk, page, example(procedure))
    if answer.status_code == 422:  # some answers bring up further questions
        answer = receive(desk, page, example(procedure))
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
    assert last().procedure == procedure


@pytest.mark.parametrize(
    ("code", "channel", "fee"),
    [(LODGER, "counter", 15_000), (LODGER, "online", 7_000), (EXTRACT, "post", 24_000)],
)
def test_the_way_it_came_is_kept_and_decides_about_the_fee(
    desk: FlaskClient, code: str, channel: str, fee: int
) -> None:
    answer = receive(desk, begin(desk, code), example(code) | {"channel": [channel]})
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
    assert (last().channel, last().status, last().fee) == (channel, Status.RECEIVED, fee)


def test_a_way_by_which_it_cannot_come_is_refused(desk: FlaskClient) -> None:
    page = begin(desk)
    assert receive(desk, page, example() | {"channel": ["fax"]}).status_code == 400
    assert rows(Dossier) == 0


def test_what_is_missing_is_said_beside_its_place_and_nothing_typed_is_lost(desk: FlaskClient) -> None:
    page = begin(desk)
    fields = example(full_name="Lò Văn Inh", copies="")
    del fields["have-application"]
    answer = receive(desk, page, fields | {"receipt_number": ["BL 7"], "priority": ["elderly"]})
    assert answer.status_code == 422
    for name in ("copies", "have-application"):
        assert f'id="{name}-error"' in answer.text
        assert f'href="#{name}"' in answer.text
    for kept in ('value="Lò Văn Inh"', 'value="BL 7"', '<option value="elderly" selected>'):
        assert kept in answer.text
    assert rows(Dossier) == 0
    assert 'value="Lò Văn Inh"' in desk.get(page).text


def test_enter_keeps_the_page_and_goes_to_the_first_place_without_an_answer(desk: FlaskClient) -> None:
    page = begin(desk)
    answer = desk.post(page, data=example(copies="") | {"channel": ["counter"]})
    assert answer.status_code == 303
    assert answer.location.endswith("#copies")
    answer = desk.post(page, data=example() | {"channel": ["counter"]})
    assert answer.location.endswith("#receive")
    assert rows(Dossier) == 0


def test_what_is_written_down_only_at_reception_outlives_keeping_the_page(desk: FlaskClient) -> None:
    answer = desk.post(begin(desk), data=example() | {"channel": ["counter"], "receipt_number": ["BL 7"]})
    again = desk.get(str(answer.location)).text
    assert 'value="BL 7"' in again
    answer = desk.post(begin(desk, BIRTH), data=example(BIRTH) | {"channel": ["counter"], "no_letter": ["yes"]})
    assert 'name="no_letter" value="yes" checked' in desk.get(str(answer.location)).text


@pytest.mark.parametrize("wanted", [True, False])
def test_who_wants_no_letter_with_the_result_says_so_at_the_counter(desk: FlaskClient, wanted: bool) -> None:
    fields = example(BIRTH) | ({} if wanted else {"no_letter": ["yes"]})
    assert receive(desk, begin(desk, BIRTH), fields).status_code == 303
    assert last().letter_declined is not wanted


def test_a_mistyped_answer_is_said_at_once(desk: FlaskClient) -> None:
    answer = desk.post(begin(desk), data={"channel": "counter", "personal_number": "12"})
    assert answer.status_code == 422
    assert 'id="personal_number-error"' in answer.text
    assert 'value="12"' in answer.text


def test_a_number_of_papers_that_is_none_is_said_beside_them(desk: FlaskClient) -> None:
    answer = receive(desk, begin(desk), example() | {"paper-application-original": ["một"]})
    assert answer.status_code == 422
    assert 'id="have-application-error"' in answer.text


def test_a_tick_is_taken_back_by_the_tick_alone_and_numbers_count_without_it(desk: FlaskClient) -> None:
    page = begin(desk)
    desk.post(page, data={"channel": "counter", "have-application": "yes"})
    assert re.search(r'name="have-application" value="yes" checked', desk.get(page).text)
    fields = dict.fromkeys(re.findall(r'name="(paper-[^"]+)" value=""', desk.get(page).text), "")
    desk.post(page, data={"channel": "counter", **fields})
    assert " checked>\n        <span>Đã nhận" not in desk.get(page).text
    desk.post(page, data={"channel": "counter", "paper-application-copy": "2"})
    with reading() as session:
        assert session.scalars(select(Draft.papers)).one() == {"application": {"copy": 2}}


def test_a_scan_sent_with_the_page_is_taken_in(desk: FlaskClient) -> None:
    page = begin(desk)
    scan = {"files-application": (BytesIO(sample_files.photo(60)), "to-khai.jpg")}
    desk.post(page, data={"channel": "counter", **scan})
    assert "to-khai.jpg" in desk.get(page).text
    broken = {"files-application": (BytesIO(b"no picture"), "hong.jpg")}
    answer = desk.post(page, data={"channel": "counter", **broken})
    assert answer.status_code == 422
    assert 'href="#files-application"' in answer.text


def test_pressed_twice_it_is_the_same_dossier(desk: FlaskClient) -> None:
    page = begin(desk)
    first, second = receive(desk, page, example()), receive(desk, page, example())
    assert first.location == second.location
    assert rows(Dossier) == 1


def test_autosave_tells_the_fee_and_the_date(desk: FlaskClient) -> None:
    page = begin(desk)
    told = desk.post(f"{page}/luu", data=example(copies="2") | {"channel": ["counter"]}).get_json()["computed"]
    assert told["fee"] == "16.000 đồng"
    assert told["due"] == "17:00, 14/09/2026"


# --- two windows ---


def window(desk: FlaskClient, page: str) -> dict[str, list[str]]:
    """What a window that shows the page sends back untouched."""
    base = re.search(r'name="base" value="([^"]*)"', desk.get(page).text)
    assert base is not None
    return {"channel": ["counter"], "base": [html.unescape(base[1])]}


def kept() -> Draft:
    with reading() as session:
        return session.scalars(select(Draft)).one()


def test_what_two_windows_changed_apart_is_kept_of_both(desk: FlaskClient) -> None:
    page = begin(desk)
    here, there = window(desk, page), window(desk, page)
    desk.post(page, data=there | {"phone": ["0977777777"], "priority": ["elderly"], "have-application": ["yes"]})
    answer = desk.post(page, data=here | {"full_name": ["Lò Văn Inh"], "have-authorisation": ["yes"]})
    assert answer.status_code == 303
    draft = kept()
    assert (draft.answers["phone"], draft.answers["full_name"]) == ("0977777777", "Lò Văn Inh")
    assert draft.priority == "elderly"
    assert draft.papers == {"application": {"original": 1}, "authorisation": {"original": 1}}


def test_what_both_windows_changed_is_shown_in_both_versions_and_received_only_once_chosen(desk: FlaskClient) -> None:
    page = begin(desk)
    here, there = window(desk, page), window(desk, page)
    counted = "paper-application-original"
    theirs = {"full_name": ["Lò Văn Inh"], "channel": ["post"], "priority": ["poor"], counted: ["2"]}
    desk.post(page, data=there | theirs)
    mine = example(full_name="Lò Văn Ính") | {"channel": ["online"], "priority": ["elderly"], counted: ["3"]}
    answer = desk.post(page, data=here | mine | {"do": "receive"})
    assert answer.status_code == 409
    for said in ("Lò Văn Inh", "Bưu chính công ích", "Người nghèo", "2 bản chính"):
        assert f"Bản đã lưu ở nơi khác: {said}" in answer.text
    for said in ("Lò Văn Ính", "Trực tuyến, làm giúp tại quầy", "Người cao tuổi", "3 bản chính"):
        assert f"Bản của bạn: {said}" in answer.text
    for typed in ('value="Lò Văn Ính"', '<option value="elderly" selected>', f'name="{counted}" value="3"'):
        assert typed in answer.text
    assert (kept().answers["full_name"], kept().channel) == ("Lò Văn Inh", "post")
    assert rows(Dossier) == 0

    asked = ["full_name", "channel", "priority", "have-application"]
    assert sorted(re.findall(r'name="undecided" value="([^"]+)"', answer.text)) == sorted(asked)
    chosen = dict(zip((f"stays-{name}" for name in asked), ["mine", "theirs", "theirs", "mine"], strict=True))
    now_there = re.search(r'name="base" value="([^"]*)"', answer.text)
    assert now_there is not None
    again = mine | {"base": [html.unescape(now_there[1])], "undecided": asked}
    assert desk.post(page, data=again | {"do": "receive"}).status_code == 409  # nothing was chosen
    assert desk.post(page, data=again | chosen | {"do": "receive"}).status_code == 303
    dossier = last()
    assert (dossier.answers["full_name"], dossier.channel, dossier.priority) == ("Lò Văn Ính", "post", "poor")
    assert dossier.papers["application"] == {"original": 3}


def test_autosave_says_that_both_windows_changed_something_and_its_own_saving_is_none(desk: FlaskClient) -> None:
    page = begin(desk)
    here, there = window(desk, page), window(desk, page)
    first = desk.post(f"{page}/luu", data=here | {"full_name": ["Lò Văn"]})
    assert desk.post(f"{page}/luu", data=here | {"full_name": ["Lò Văn Inh"]}).status_code == 409
    mine = here | {"base": [first.get_json()["base"]], "full_name": ["Lò Văn Inh"]}
    assert desk.post(f"{page}/luu", data=mine).status_code == 200
    refused = desk.post(f"{page}/luu", data=there | {"full_name": ["Lò Thị"], "phone": ["0977777777"]})
    assert (refused.status_code, refused.get_json()["conflicts"]) == (409, ["full_name"])
    assert (kept().answers["full_name"], kept().answers["phone"]) == ("Lò Văn Inh", "0977777777")


@pytest.mark.parametrize("base", ['{"have": 5}', '{"have": {"application": 5}, "channel": []}', '{"full_name": {}}'])
def test_a_base_that_no_page_sends_breaks_nothing(desk: FlaskClient, base: str) -> None:
    page = begin(desk)
    desk.post(page, data={"channel": "counter", "full_name": "Lò Văn Inh", "have-application": "yes"})
    answer = desk.post(page, data={"channel": "post", "base": base, "full_name": "Lò", "have-authorisation": "yes"})
    assert answer.status_code in (303, 409)


# --- the fee ---


def test_a_fee_paid_at_once_is_kept_with_its_receipt(desk: FlaskClient) -> None:
    answer = receive(desk, begin(desk), example(copies="2") | {"receipt_number": ["BL-1"], "fee_seen": ["16.000 đồng"]})
    assert answer.status_code == 303
    with reading() as session:
        paid = session.scalars(select(Payment)).one()
    assert (paid.amount, paid.receipt_number, last().fee_paid) == (16_000, "BL-1", True)


def test_a_receipt_for_another_sum_than_the_fee_is_asked_about(desk: FlaskClient) -> None:
    page = begin(desk)
    answer = receive(desk, page, example(copies="2") | {"receipt_number": ["BL-1"], "fee_seen": ["8.000 đồng"]})
    assert answer.status_code == 422
    assert "Phí là 16.000 đồng." in answer.text
    assert 'name="fee_seen" value="16.000 đồng"' in answer.text
    assert rows(Dossier) == 0


def test_a_receipt_is_for_one_dossier_alone(desk: FlaskClient) -> None:
    paid = {"receipt_number": ["BL-1"], "fee_seen": ["16.000 đồng"]}
    receive(desk, begin(desk), example(copies="2") | paid)
    answer = receive(desk, begin(desk), example(copies="2") | paid)
    assert answer.status_code == 422
    assert "Số biên lai này đã ghi cho hồ sơ khác." in answer.text
    assert rows(Dossier) == 1


def test_where_nothing_is_to_be_paid_there_is_no_receipt(desk: FlaskClient) -> None:
    answer = receive(desk, begin(desk), example(fee_exemption="poor") | {"receipt_number": ["BL-1"]})
    assert answer.status_code == 422
    assert "không có phí phải thu" in answer.text


# --- who applied here before ---


def test_a_known_applicant_is_filled_in_by_the_personal_number_and_that_is_written_down(
    desk: FlaskClient, hoa: Account
) -> None:
    registration = received()
    page = begin(desk)
    answer = desk.post(page, data={"channel": "counter", "personal_number": NUMBER})
    shown = desk.get(answer.location.partition("#")[0]).text
    for known in ("Lò Văn Inh", "0912000111"):
        assert f'value="{known}"' in shown
    assert registration in shown
    with reading() as session:
        read = session.scalars(select(Reading)).all()
    assert {(one.account_id, one.dossier_id, one.what, one.of) for one in read} == {
        (hoa.id, last().id, "page", ""),
        (hoa.id, last().id, "sensitive", "phone"),
    }


def test_what_was_typed_is_never_overwritten_by_what_is_known(desk: FlaskClient) -> None:
    received()
    page = begin(desk)
    desk.post(page, data={"channel": "counter", "personal_number": NUMBER, "phone": "0977777777"})
    shown = desk.get(page).text
    assert 'value="0977777777"' in shown
    assert 'value="Lò Văn Inh"' in shown
    other = begin(desk, LODGER)
    desk.post(other, data={"channel": "counter", "personal_number": NUMBER, "full_name": "Lò Văn Khác"})
    assert "0912000111" not in desk.get(other).text
    assert rows(Reading) == 2


def test_who_is_recalled_is_looked_at_before_anything_is_received(desk: FlaskClient) -> None:
    received()
    fields = example(personal_number=NUMBER)
    del fields["full_name"]
    assert receive(desk, begin(desk), fields).status_code == 303
    assert rows(Dossier) == 1


def test_an_applicant_of_another_unit_is_not_known_here(desk: FlaskClient) -> None:
    received(unit="nghia-do", desk_unit="nghia-do")
    page = begin(desk)
    desk.post(page, data={"channel": "counter", "personal_number": NUMBER})
    assert "Lò Văn Inh" not in desk.get(page).text
    assert rows(Reading) == 0


# --- who is helped first ---


def test_a_group_that_is_helped_first_is_a_mark_and_moves_no_date(desk: FlaskClient) -> None:
    receive(desk, begin(desk), example())
    plain = last()
    receive(desk, begin(desk), example() | {"priority": ["disabled"]})
    first = last()
    assert (first.priority, first.due_at, first.act_by) == ("disabled", plain.due_at, plain.act_by)
    for page in ("/ban-lam-viec/", f"/ban-lam-viec/{first.registration}"):
        assert "Ưu tiên: Người khuyết tật" in desk.get(page).text
    assert "Ưu tiên:" not in desk.get(f"/ban-lam-viec/{plain.registration}").text


def test_a_group_that_the_decree_does_not_name_is_refused(desk: FlaskClient) -> None:
    assert receive(desk, begin(desk), example() | {"priority": ["friends"]}).status_code == 400


# --- who may ---


def test_a_dossier_being_entered_is_its_officers_alone(app: Flask, desk: FlaskClient) -> None:
    page = begin(desk)
    other = signed_in(app, account_of(Role.ONE_STOP_OFFICER, username="another"))
    assert other.get(page).status_code == 404
    assert other.post(page, data={}).status_code == 404
    assert signed_in(app, account_of(Role.SPECIALIST)).get(page).status_code == 403


def test_the_page_of_a_later_version_says_what_is_different(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "now", lambda: datetime(2026, 2, 2, 2, 0, tzinfo=UTC))
    page = begin(desk, LODGER)
    monkeypatch.setattr(counter, "now", lambda: NOW)
    answer = desk.get(page)
    assert answer.status_code == 303
    assert answer.location.endswith("/thay-doi")
