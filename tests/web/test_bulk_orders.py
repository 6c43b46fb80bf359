"""Several dossiers from the queue: chosen, looked at once more, ordered, and followed to the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.web import bulk_orders, queues
from procedures.catalogue import load_catalogue
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.people import account_of, signed_in

PAGE = "/ban-lam-viec/hang-loat"
Work = Callable[[], None]


@pytest.fixture
def officer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The browser of a one-stop officer on a Monday morning."""
    for pages in (queues, bulk_orders):
        monkeypatch.setattr(pages, "now", lambda: NOW)
    return signed_in(app, account_of(Role.ONE_STOP_OFFICER))


def form(page: str) -> dict[str, str | list[str]]:
    """What the confirmation page sends if nothing is changed on it."""
    sent: dict[str, str | list[str]] = dict(re.findall(r'type="hidden" name="(viec|key|chon)" value="([^"]*)"', page))
    sent["ho_so"] = re.findall(r'name="ho_so"[^>]*value="([^"]+)" checked', page)
    return sent


def test_chosen_in_the_queue_confirmed_once_done_in_the_background_and_printed(
    officer: FlaskClient, work: Work
) -> None:
    chosen = [submit(HOUSE), submit(HOUSE), submit(HOUSE)]
    queue = officer.get("/ban-lam-viec/").text
    boxes = re.findall(r'type="checkbox" form="hang-loat" name="ho_so" value="([^"]+)"', queue)
    assert set(boxes) == set(chosen)
    (whole,) = re.findall(r'name="ho_so" value="([^"]+)" data-pick-all', queue)
    assert whole.split() == boxes

    page = officer.get(PAGE, query_string={"viec": "receive", "ho_so": chosen[:2]}).text
    assert page.count("Hẹn trả kết quả lúc") == 2
    ordered = officer.post(PAGE, data=form(page))
    assert ordered.status_code == 303
    assert officer.post(PAGE, data=form(page)).location == ordered.location

    before = officer.get(ordered.location).text
    assert "Xong 0 trên 2 hồ sơ." in before
    assert "data-running" in before
    work()
    after = officer.get(ordered.location).text
    assert "Xong 2 trên 2 hồ sơ." in after
    assert "data-running" not in after
    assert [kept(one).state for one in chosen] == [Status.RECEIVED, Status.RECEIVED, Status.REGISTERED]
    print_url = unescape(re.findall(r'href="(/ban-lam-viec/in/hai-ban[^"]+)"', after)[0])
    assert officer.get(print_url).mimetype == "application/pdf"
    assert "Xong 2 trên 2 hồ sơ." in officer.get(PAGE).text


def test_the_box_for_the_whole_page_chooses_all_of_it_without_a_script(officer: FlaskClient) -> None:
    first, second = submit(HOUSE), submit(HOUSE)
    page = officer.get(PAGE, query_string={"viec": "receive", "ho_so": [f"{first} {second}", second]}).text
    assert len(form(page)["ho_so"]) == 2


@pytest.mark.parametrize("errand", ["receive", "forward", "hand_over"])
def test_a_bulk_action_with_nothing_selected_says_so_and_is_no_error(officer: FlaskClient, errand: str) -> None:
    for chosen in ([], [""], ["  "]):
        answer = officer.get(PAGE, query_string={"viec": errand, "ho_so": chosen})
        assert answer.status_code == 200
        assert "Chưa chọn hồ sơ nào" in answer.text


def test_nothing_ticked_on_the_confirmation_is_said_beside_the_list_and_orders_nothing(officer: FlaskClient) -> None:
    sent = form(officer.get(PAGE, query_string={"viec": "receive", "ho_so": submit(HOUSE)}).text)
    answer = officer.post(PAGE, data=sent | {"ho_so": []})
    assert answer.status_code == 400
    assert "Chọn ít nhất một hồ sơ." in answer.text
    assert "Chưa giao việc hàng loạt nào" in officer.get(PAGE).text


def test_what_cannot_be_done_is_listed_with_why_and_cannot_be_ticked(officer: FlaskClient) -> None:
    ready, gone = submit(HOUSE), submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, gone, Action.RECEIVE)
    page = officer.get(PAGE, query_string={"viec": "receive", "ho_so": [gone, ready]}).text
    assert form(page)["ho_so"] == [f"{ready}.{kept(ready).seq}"]
    assert "Hồ sơ đã được tiếp nhận." in page
    page = officer.get(PAGE, query_string={"viec": "forward", "ho_so": [gone, ready]}).text
    assert "Việc này không làm được lúc này; hồ sơ đang chờ: Cán bộ một cửa." in page


def test_a_dossier_that_moved_on_after_the_confirmation_is_told_as_refused(officer: FlaskClient, work: Work) -> None:
    moved, still = submit(HOUSE), submit(HOUSE)
    sent = form(officer.get(PAGE, query_string={"viec": "receive", "ho_so": [moved, still]}).text)
    act(Role.ONE_STOP_OFFICER, moved, Action.RECEIVE)
    ordered = officer.post(PAGE, data=sent)
    work()
    page = officer.get(ordered.location).text
    assert "Có người vừa xử lý hồ sơ này" in page
    assert "1 hồ sơ không làm được." in page
    assert kept(still).state is Status.RECEIVED


def test_words_that_are_missing_come_back_beside_their_field_with_all_that_was_ticked(officer: FlaskClient) -> None:
    registration = submit(HOUSE)
    sent = form(officer.get(PAGE, query_string={"viec": "forward", "ho_so": registration}).text)
    assert sent["ho_so"] == []
    answer = officer.post(PAGE, data=sent | {"viec": "hand_over", "words": ""})
    assert answer.status_code == 400
    assert "errors" in answer.text


def test_a_head_gives_several_dossiers_to_an_officer(app: Flask, officer: FlaskClient, work: Work) -> None:
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    head = signed_in(app, account_of(Role.HEAD_OF_OFFICE))
    page = head.get(PAGE, query_string={"viec": "assign", "ho_so": registration}).text
    assert head.post(PAGE, data=form(page)).status_code == 400
    to = person(Role.ONE_STOP_OFFICER).account_id
    assert f'value="{to}"' in page
    assert head.post(PAGE, data=form(page) | {"account": str(to)}).status_code == 303
    work()
    assert kept(registration).holder_id == to


def test_an_order_is_nobody_elses_to_see_and_a_form_that_is_none_orders_nothing(
    app: Flask, officer: FlaskClient
) -> None:
    sent = form(officer.get(PAGE, query_string={"viec": "receive", "ho_so": submit(HOUSE)}).text)
    address = officer.post(PAGE, data=sent).location
    clerk = signed_in(app, account_of(Role.CLERK))
    assert clerk.get(address).status_code == 404
    assert clerk.post(PAGE, data=sent | {"key": "0" * 32}).status_code == 403
    assert officer.post(PAGE, data=sent | {"key": "x"}).status_code == 404
    assert officer.post(PAGE, data=sent | {"viec": "approve"}).status_code == 404
    many = " ".join(f"DK-{number}" for number in range(200))
    assert officer.get(PAGE, query_string={"viec": "receive", "ho_so": many}).status_code == 400


def test_what_a_dossier_lacks_is_said_before_it_is_received_and_after_and_in_the_log(
    officer: FlaskClient, work: Work
) -> None:
    procedure = load_catalogue().in_force(HOUSE, NOW.date())
    whole = submit(HOUSE, papers={part: {"copy": 1} for part in procedure.papers})
    lacking = submit(HOUSE, papers={part: {"copy": 1} for part in procedure.papers if part != "drawings"})
    drawings = procedure.papers["drawings"].vi
    page = officer.get(PAGE, query_string={"viec": "receive", "ho_so": [whole, lacking]}).text
    assert page.count(f"Còn thiếu giấy tờ: {drawings}.") == 1
    assert page.count("bỏ chọn để xem và yêu cầu bổ sung") == 1
    ordered = officer.post(PAGE, data=form(page))
    assert "Đã nhận khi còn thiếu" not in officer.get(ordered.location).text
    work()
    after = officer.get(ordered.location).text
    assert after.count(f"Đã nhận khi còn thiếu giấy tờ: {drawings}.") == 1
    assert kept(lacking).events[-1].details["lacks"] == ["drawings"]
    assert "lacks" not in kept(whole).events[-1].details
    alone = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, alone, Action.RECEIVE)
    assert "drawings" in kept(alone).events[-1].details["lacks"]
