"""Lists of what offices hand to each other, and the receipt for a result that is handed over."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from portal.domain.access import Role
from portal.domain.custody import Office, Side
from portal.domain.errors import NotFound
from portal.domain.flow import Action
from portal.domain.slips import SlipKind, in_a_sentence, one_stop_shop
from portal.usecases import dossiers, handing_over, law, letterheads
from portal.usecases.scenes import Deed
from procedures.calendars import OFFICE_TIME
from tests.cases import HOUSE, LAND, NOW, RESIDENCE, act, kept, person, submit
from tests.people import BRANCH, UNIT
from tests.usecases.test_custody import worked

R = Role
pytestmark = pytest.mark.usefixtures("database")
DAY = law.office_day(NOW)
SHOP, SPECIALIST = Side(Office.SHOP, UNIT), Side(Office.SPECIALIST, UNIT)


def forwarded(code: str = HOUSE) -> str:
    registration = submit(code, fee_paid=True)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    act(R.ONE_STOP_OFFICER, registration, Action.FORWARD)
    return registration


def test_what_went_to_another_office_on_a_day_stands_on_one_list_and_what_stayed_on_none() -> None:
    registrations = [forwarded(), forwarded()]
    act(R.HEAD_OF_OFFICE, registrations[0], Action.FORWARD)  # to a specialist of the same office
    (only,) = handing_over.of_day(person(R.ONE_STOP_OFFICER), DAY)
    assert (only.bundle.giver, only.bundle.receiver, only.bundle.results, only.number) == (SHOP, SPECIALIST, False, 2)
    assert handing_over.of_day(person(R.ONE_STOP_OFFICER), DAY + timedelta(days=1)) == []


def test_a_list_tells_of_one_day_from_midnight_to_midnight_in_the_order_of_time() -> None:
    midnight = datetime.combine(DAY + timedelta(days=1), time(), OFFICE_TIME)
    passed_on = {}
    for at in (midnight, NOW + timedelta(hours=2), NOW + timedelta(hours=1)):
        registration = submit(HOUSE)
        act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
        act(R.ONE_STOP_OFFICER, registration, Action.FORWARD, at)
        passed_on[at] = kept(registration).code
    officer = person(R.ONE_STOP_OFFICER)
    (today,) = handing_over.of_day(officer, DAY)
    listed = (handing_over.make_out(officer, DAY, today.key, NOW).payload or {})["lines"]
    assert [line["code"] for line in listed] == [
        passed_on[NOW + timedelta(hours=1)],
        passed_on[NOW + timedelta(hours=2)],
    ]
    (tomorrow,) = handing_over.of_day(officer, DAY + timedelta(days=1))
    assert tomorrow.number == 1


def test_what_went_on_the_day_after_stands_on_the_lists_of_that_day_alone() -> None:
    registration = forwarded()
    for step in law.procedure_of(kept(registration)).route[1:-1]:
        action = next((a for a in (Action.APPROVE, Action.ISSUE) if a in step.actions), Action.FORWARD)
        act(R(step.role), registration, action, NOW + timedelta(days=1))
    officer = person(R.ONE_STOP_OFFICER)
    today, tomorrow = (handing_over.of_day(officer, DAY + timedelta(days=days)) for days in (0, 1))
    assert [each.bundle.results for each in today] == [False]
    assert [each.bundle.receiver for each in tomorrow if each.bundle.results] == [SHOP]


def test_results_that_come_back_have_a_list_of_their_own() -> None:
    worked(submit(HOUSE, fee_paid=True))
    results = [each for each in handing_over.of_day(person(R.LEADER), DAY) if each.bundle.results]
    assert [each.bundle.receiver for each in results] == [SHOP]


def test_a_list_is_made_out_anew_under_its_number_and_names_who_gave_and_who_took_it_up() -> None:
    registration = forwarded()
    officer = person(R.ONE_STOP_OFFICER)
    (first,) = handing_over.of_day(officer, DAY)
    slip = handing_over.make_out(officer, DAY, first.key, NOW)
    act(R.HEAD_OF_OFFICE, registration, Action.FORWARD, NOW + timedelta(hours=1))
    again = handing_over.make_out(officer, DAY, first.key, NOW)
    assert (again.number, slip.number, again.id > slip.id) == ("01/BG", "01/BG", True)
    (line,) = (again.payload or {})["lines"]
    assert line["code"] == kept(registration).code
    assert (line["giver_name"], line["receiver_name"]) == (officer.name, person(R.HEAD_OF_OFFICE).name)
    with pytest.raises(NotFound):
        handing_over.make_out(officer, DAY, "shop.bao-yen/police.bao-yen/dossiers", NOW)


def test_the_land_registry_and_the_police_see_their_own_lists_alone() -> None:
    forwarded()
    forwarded(LAND)
    forwarded(RESIDENCE)
    registry = handing_over.of_day(person(R.REGISTRY_OFFICER), DAY)
    assert [each.bundle.receiver for each in registry] == [Side(Office.REGISTRY, BRANCH)]
    police = handing_over.of_day(person(R.POLICE_OFFICER), DAY)
    assert [each.bundle.receiver for each in police] == [Side(Office.POLICE, UNIT)]
    assert len(handing_over.of_day(person(R.ONE_STOP_OFFICER), DAY)) == 3
    slip = handing_over.make_out(person(R.ONE_STOP_OFFICER), DAY, registry[0].key, NOW)
    receipt = kept(forwarded()).slips[0]
    with pytest.raises(NotFound):
        handing_over.paper_of(person(R.ONE_STOP_OFFICER), receipt.id)
    for stranger in (person(R.POLICE_OFFICER), person(R.LEADER, "nghia-do")):
        with pytest.raises(NotFound) as refused:
            handing_over.paper_of(stranger, slip.id)
        assert refused.value.code == "not_found"
    with pytest.raises(NotFound) as waiting:
        handing_over.paper_of(person(R.REGISTRY_HEAD), slip.id)
    assert waiting.value.code == "paper_not_ready"


def test_the_papers_of_the_land_registry_are_made_out_at_a_place_and_not_at_an_office() -> None:
    branch = law.unit(BRANCH)
    assert letterheads.head(branch, "01/BG", NOW, branch).place == "Bảo Yên"


def test_the_receipt_says_who_fetched_the_result_and_on_which_paper() -> None:
    registration = submit(HOUSE, fee_paid=True)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    for step in law.procedure_of(kept(registration)).route[:-1]:
        action = next((a for a in (Action.APPROVE, Action.ISSUE) if a in step.actions), Action.FORWARD)
        act(R(step.role), registration, action)
    deed = Deed(Action.HAND_OVER, words="Trả trực tiếp", more={"fetched_by": "Hoàng Văn Bình", "shown": "Giấy hẹn trả"})
    dossiers.act(person(R.ONE_STOP_OFFICER), registration, deed, NOW)
    slip = kept(registration).slips[-1]
    payload = slip.payload or {}
    assert (slip.kind, slip.number) == (SlipKind.HAND_OVER_RECEIPT, "01/BNKQ")
    assert (payload["receiver"], payload["shown"], payload["note"]) == (
        "Hoàng Văn Bình",
        "Giấy hẹn trả",
        "Trả trực tiếp",
    )
    assert [given["title"] for given in payload["papers"]] == ["GIẤY PHÉP XÂY DỰNG"]


def test_where_nobody_else_is_named_the_applicant_fetched_it() -> None:
    registration = submit(HOUSE, fee_paid=True)
    worked(registration)
    assert (kept(registration).slips[-1].payload or {})["receiver"] == "Hoàng Thị Mai"


@pytest.mark.parametrize("police", [False, True])
def test_every_body_is_called_within_a_sentence_as_it_is_not_in_a_head(police: bool) -> None:
    for unit in law.places().units:
        head = letterheads.head(unit, None, NOW, unit, police=police)
        assert head.issuer.isupper()
        assert in_a_sentence(head.issuer) == letterheads.body(unit, police=police)


@pytest.mark.parametrize(
    ("day", "called"),
    [
        (date(2025, 6, 30), "Bộ phận Tiếp nhận và Trả kết quả"),
        (date(2025, 7, 1), "Trung tâm Phục vụ hành chính công xã Bảo Yên"),
    ],
)
def test_a_shop_is_called_within_a_sentence_as_it_is_not_in_a_head(day: date, called: str) -> None:
    assert in_a_sentence(one_stop_shop("Xã Bảo Yên", day)) == called
