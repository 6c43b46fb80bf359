"""What the pages show of a bundle: one dossier to its applicant, each leg to the desk, nothing personal outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import law, statistics
from portal.web import citizen, desk, filters
from tests.cases import NOW, act, kept, person
from tests.people import signed_in
from tests.usecases.test_bundles import BIRTH, ELSEWHERE, legs, received, through

A, R = Action, Role
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages know the time at which the dossiers are handed in."""
    for room in (citizen, desk):
        monkeypatch.setattr(room, "now", lambda: NOW)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Role], FlaskClient]:
    """The browser of somebody of a role."""

    def sign_in(role: Role) -> FlaskClient:
        with reading() as session:
            account = session.get_one(Account, person(role).account_id)
        return signed_in(app, account)

    return sign_in


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def shown(moment: datetime | None) -> str:
    assert moment is not None
    return filters.moment(moment)


def test_the_applicant_sees_every_leg_with_its_date_and_the_date_for_all(
    sign_in: Callable[[Role], FlaskClient],
) -> None:
    registration = received()
    page = sign_in(R.CITIZEN).get(f"/ho-so/{registration}").text
    rows = legs(registration)
    said = text_of(page)
    for title in ("Đăng ký khai sinh", "Đăng ký thường trú cho trẻ", "Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi"):
        assert title in said
    assert f"Tất cả kết quả có chậm nhất lúc {shown(rows[''].total_due_at)}" in said
    assert said.count("Chờ đến lượt") == 2
    for key in ("residence", "health_card"):
        assert f'href="/ho-so/{rows[key].registration}"' in page


def test_the_results_of_all_legs_stand_together(sign_in: Callable[[Role], FlaskClient]) -> None:
    registration = received()
    through(registration)
    through(legs(registration)["residence"].registration)
    said = text_of(sign_in(R.CITIZEN).get(f"/ho-so/{registration}").text)
    assert "Kết quả giải quyết: Đăng ký thường trú cho trẻ" in said
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả: Cấp thẻ bảo hiểm y tế" in said


def test_what_a_leg_asks_the_applicant_for_is_said_on_the_page_of_the_whole(
    sign_in: Callable[[Role], FlaskClient],
) -> None:
    registration = received()
    through(registration)
    residence = legs(registration)["residence"].registration
    item = {"key": "a", "component": "housing_proof", "words": "Thiếu giấy tờ nhà"}
    act(
        R.POLICE_OFFICER, residence, A.ASK_SUPPLEMENT, reason="missing_paper", items=[item],
        answer_by=law.office_day(NOW) + timedelta(days=9),
    )  # fmt: skip
    browser = sign_in(R.CITIZEN)
    assert "Thủ tục “Đăng ký thường trú cho trẻ” cần bạn làm tiếp" in browser.get(f"/ho-so/{registration}").text
    own = browser.get(f"/ho-so/{residence}").text
    assert f'href="/ho-so/{registration}"' in own
    assert "Phí, lệ phí" not in text_of(own)


def test_a_desk_sees_the_other_legs_and_opens_those_it_may(sign_in: Callable[[Role], FlaskClient]) -> None:
    registration = received()
    through(registration)
    rows = legs(registration)
    links = {key: f'href="/ban-lam-viec/{row.registration}"' for key, row in rows.items()}
    police = sign_in(R.POLICE_OFFICER).get(f"/ban-lam-viec/{rows['residence'].registration}").text
    assert "Cấp thẻ bảo hiểm y tế" in text_of(police)
    assert [links[key] in police for key in ("", "health_card")] == [False, False]
    shop = sign_in(R.ONE_STOP_OFFICER).get(f"/ban-lam-viec/{registration}").text
    assert all(links[key] in shop for key in ("residence", "health_card"))


def test_a_leg_that_waits_says_in_the_queue_that_it_does(sign_in: Callable[[Role], FlaskClient]) -> None:
    received()
    said = text_of(sign_in(R.POLICE_OFFICER).get("/ban-lam-viec/?xem=tat_ca").text)
    assert "Chờ kết quả của thủ tục trước Hệ thống Một Cửa" in said
    assert "Không có hồ sơ nào ở đây" in text_of(sign_in(R.POLICE_OFFICER).get("/ban-lam-viec/").text)


def test_the_public_page_shows_the_legs_and_nothing_of_whose_they_are(client: FlaskClient) -> None:
    registration = received()
    said = text_of(client.get(f"/tra-cuu/{kept(registration).code}").text)
    assert "Đăng ký thường trú cho trẻ" in said
    assert shown(legs(registration)[""].total_due_at) in said
    assert kept(registration).applicant_name not in said


def test_the_manager_is_told_why_units_add_up_to_more_than_the_total(sign_in: Callable[[Role], FlaskClient]) -> None:
    registration = received(residence_commune=ELSEWHERE)
    through(registration)
    statistics.project()
    page = sign_in(R.MANAGER).get("/thong-ke?tu=01/09/2026&den=30/09/2026").text
    assert "Hồ sơ liên thông tính một lần ở dòng tổng cộng" in page


def test_the_guide_says_which_procedures_are_carried_out_together_and_by_when(client: FlaskClient) -> None:
    said = text_of(client.get(f"/thu-tuc/{BIRTH}").text)
    assert "Luật dành cho tất cả: 20 ngày làm việc" in said
    assert "sau khi xong: Đăng ký thường trú cho trẻ" in said
    assert "tất cả kết quả có chậm nhất lúc" in said
    english = text_of(client.get(f"/thu-tuc/{BIRTH}?lang=en").text)
    assert "Procedures carried out together" in english


LEGS_IN_FULL = (
    "Đăng ký khai sinh: trong ngày làm việc · Đăng ký thường trú cho trẻ: 7 ngày làm việc · "
    "Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi: 11 ngày làm việc · tất cả: 20 ngày làm việc"
)
LEGS_IN_SHORT = "kết quả đầu tiên: trong ngày làm việc; tất cả: 20 ngày làm việc"


def test_the_guide_and_its_sheet_say_the_term_of_every_leg(client: FlaskClient) -> None:
    said = text_of(client.get(f"/thu-tuc/{BIRTH}").text)
    assert said.count(LEGS_IN_FULL) == 2  # in the section on terms and in the summary
    assert LEGS_IN_SHORT in said
    assert LEGS_IN_FULL in text_of(client.get(f"/thu-tuc/{BIRTH}/to-huong-dan").text)
    english = text_of(client.get(f"/thu-tuc/{BIRTH}?lang=en").text)
    told = "Birth registration: the same working day · The child's permanent residence: 7 working days"
    assert told in unescape(english)


def test_a_card_says_by_when_the_first_result_and_all_of_them_come(client: FlaskClient) -> None:
    assert LEGS_IN_SHORT in text_of(client.get("/linh-vuc/civil_status").text)
    for asked_by in ({}, {"X-Requested-With": "fetch"}):
        assert LEGS_IN_SHORT in text_of(client.get("/tim?q=lien thong khai sinh", headers=asked_by).text)
    assert "first result: the same working day; all of them: 20 working days" in text_of(
        client.get("/linh-vuc/civil_status?lang=en").text
    )


def test_a_procedure_by_itself_says_its_term_alone(client: FlaskClient) -> None:
    said = text_of(client.get("/thu-tuc/1.001193").text)
    assert "trong ngày làm việc" in said
    assert "tất cả: " not in said
