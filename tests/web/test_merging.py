"""A page filled in in two windows: what only one changed is kept, what both changed is chosen, nothing is lost."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import drafts, supplements
from tests.cases import HOUSE, act, person, submit
from tests.people import signed_in

R = Role
PAGE = "applicant"


@pytest.fixture
def database_kind() -> str:
    """What is merged is plain values: one kind is enough."""
    return "sqlite"


def browser(app: Flask, role: Role) -> FlaskClient:
    with reading() as session:
        return signed_in(app, session.get_one(Account, person(role).account_id))


@pytest.fixture
def key(app: Flask) -> str:
    return drafts.start(person(R.CITIZEN), HOUSE, datetime.now(UTC)).key


def form_of(page: str, base: bool = True) -> dict[str, str]:
    """What a browser would send of the page as it stands: text inputs, chosen answers, and what was shown."""
    sent = {}
    for tag in re.findall(r"<input [^>]*>", page):
        known = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if known.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if known.get("name", "csrf_token") not in ("csrf_token", "warned", "q"):
            sent[known["name"]] = known.get("value", "")
    if not base:
        sent.pop("base")
    return sent


def kept(key: str) -> dict[str, Any]:
    return dict(drafts.open_draft(person(R.CITIZEN), key, datetime.now(UTC)).draft.answers)


def test_what_only_one_of_two_windows_changed_is_kept_of_both(app: Flask, key: str) -> None:
    here, there = browser(app, R.CITIZEN), browser(app, R.CITIZEN)
    address = f"/khai/{key}/trang/{PAGE}"
    mine, theirs = form_of(here.get(address).text), form_of(there.get(address).text)
    there.post(f"/khai/{key}/luu/{PAGE}", data=theirs | {"full_name": "Vàng A Sử"})
    here.post(f"/khai/{key}/luu/{PAGE}", data=mine | {"birth_date": "05/02/1988"})
    assert (kept(key)["full_name"], kept(key)["birth_date"]) == ("Vàng A Sử", "1988-02-05")


def test_what_both_changed_is_shown_side_by_side_and_chosen(app: Flask, key: str) -> None:
    here, there = browser(app, R.CITIZEN), browser(app, R.CITIZEN)
    address = f"/khai/{key}/trang/{PAGE}"
    mine, theirs = form_of(here.get(address).text), form_of(there.get(address).text)
    there.post(f"/khai/{key}/luu/{PAGE}", data=theirs | {"full_name": "Vàng A Sử", "birth_date": "01/01/1981"})
    answer = here.post(address, data=mine | {"full_name": "Vàng A Súa", "birth_date": "02/02/1982"})
    assert answer.status_code == 409
    page = html.unescape(answer.text)
    for text in ("Bản đã lưu ở nơi khác: Vàng A Sử", "Bản của bạn: Vàng A Súa"):
        assert text in page
    assert (kept(key)["full_name"], kept(key)["birth_date"]) == ("Vàng A Sử", "1981-01-01")
    again = form_of(answer.text) | {"undecided": "full_name"}
    assert again["full_name"] == "Vàng A Súa", "what was typed stands in its input"
    undecided = ["full_name", "birth_date"]
    waits = here.post(address, data=again | {"undecided": undecided})
    assert waits.status_code == 409, "nothing is chosen by itself"
    here.post(address, data=again | {"undecided": undecided, "stays-full_name": "theirs", "stays-birth_date": "mine"})
    assert (kept(key)["full_name"], kept(key)["birth_date"]) == ("Vàng A Sử", "1982-02-02")


def test_one_window_that_saves_again_and_again_never_contradicts_itself(app: Flask, key: str) -> None:
    here = browser(app, R.CITIZEN)
    sent = form_of(here.get(f"/khai/{key}/trang/{PAGE}").text)
    for name in ("V", "Vàng", "Vàng A", "Vàng A Sử"):
        answer = here.post(f"/khai/{key}/luu/{PAGE}", data=sent | {"full_name": name})
        assert answer.status_code == 200, answer.text
        sent["base"] = answer.json["base"]
    assert kept(key)["full_name"] == "Vàng A Sử"


def test_a_save_by_itself_in_a_window_left_behind_keeps_the_others_answer_and_says_so(app: Flask, key: str) -> None:
    here, there = browser(app, R.CITIZEN), browser(app, R.CITIZEN)
    address = f"/khai/{key}/trang/{PAGE}"
    mine, theirs = form_of(here.get(address).text), form_of(there.get(address).text)
    there.post(f"/khai/{key}/luu/{PAGE}", data=theirs | {"full_name": "Vàng A Sử"})
    answer = here.post(f"/khai/{key}/luu/{PAGE}", data=mine | {"full_name": "Vàng A Súa", "birth_date": "05/02/1988"})
    assert (answer.status_code, answer.json["conflicts"]) == (409, ["full_name"])
    assert (kept(key)["full_name"], kept(key)["birth_date"]) == ("Vàng A Sử", "1988-02-05")
    later = here.post(address, data=mine | {"full_name": "Vàng A Súa", "base": answer.json["base"]})
    assert later.status_code == 409
    assert "Bản của bạn: Vàng A Súa" in html.unescape(later.text)


@pytest.mark.parametrize(
    "base",
    [
        None,
        "",
        "{",
        "[]",
        "7",
        '{"full_name": {"typed": []}}',
        "[" * 3000,
        '{"full_name": "\\ud800", "birth_date": NaN}',
    ],
)
def test_a_page_that_does_not_say_what_it_showed_is_kept_as_it_was_sent(app: Flask, key: str, base: str | None) -> None:
    here = browser(app, R.CITIZEN)
    sent = form_of(here.get(f"/khai/{key}/trang/{PAGE}").text, base=False) | {"full_name": "Vàng A Sử"}
    answer = here.post(f"/khai/{key}/luu/{PAGE}", data=sent | ({} if base is None else {"base": base}))
    assert answer.status_code in (200, 204, 409)
    assert answer.status_code == 409 or kept(key)["full_name"] == "Vàng A Sử"


def test_applicant_and_counter_correct_the_same_page_of_a_form_and_neither_is_lost(app: Flask) -> None:
    at = datetime.now(UTC)
    registration = submit(at=at)
    wish: dict[str, Any] = {
        "reason": "missing_paper",
        "items": ({"key": "section-applicant", "section": "applicant", "words": "Sai."},),
        "answer_by": at.date() + timedelta(days=14),
    }
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    act(R.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, at, **wish)
    citizen, officer = browser(app, R.CITIZEN), browser(app, R.ONE_STOP_OFFICER)
    address = f"/ho-so/{registration}/bo-sung"
    theirs, mine = form_of(citizen.get(address).text), form_of(officer.get(address).text)
    item = f"{address}/section-applicant"
    first = citizen.post(item, data=theirs | {"full_name": "Vàng A Sử"})
    assert first.status_code == 303
    answer = officer.post(item, data=mine | {"full_name": "Vàng A Súa", "birth_date": "05/02/1988"})
    assert answer.status_code == 409
    again = form_of(answer.text)
    assert (again["full_name"], again["birth_date"]) == ("Vàng A Súa", "05/02/1988")
    chosen = again | {"undecided": "full_name", "stays-full_name": "mine"}
    assert officer.post(item, data=chosen).status_code == 303
    opened = supplements.open_supplement(person(R.CITIZEN), registration)
    assert (opened.answers["full_name"], opened.answers["birth_date"]) == ("Vàng A Súa", "1988-02-05")
    assert json.loads(again["base"])["full_name"] == "Vàng A Sử"
