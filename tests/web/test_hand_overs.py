"""The page of what offices hand to each other, and the answers about a result that is handed over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.usecases import handing_over, law
from tests.cases import HOUSE, NOW, act, person, submit
from tests.web.test_registers import browser


@pytest.fixture
def database_kind() -> str:
    """Pages ask what the use cases prove on both."""
    return "sqlite"


def test_a_list_of_the_day_is_made_out_and_opened(app: Flask, work: Callable[[], None]) -> None:
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    act(Role.ONE_STOP_OFFICER, registration, Action.FORWARD)
    with time_machine.travel(NOW, tick=False):
        officer = browser(app, Role.ONE_STOP_OFFICER)
        (only,) = handing_over.of_day(person(Role.ONE_STOP_OFFICER), law.office_day(NOW))
        assert only.key in officer.get("/ban-giao").text
        sent = officer.post("/ban-giao", data={"day": "14/09/2026", "key": only.key})
        assert sent.location == "/ban-giao?ngay=14/09/2026"
        assert officer.post("/ban-giao", data={"day": "14/09/2026", "key": "no/such/list"}).status_code == 404
        work()
        page = officer.get("/ban-giao?ngay=14/09/2026").text
        address = "/ban-giao/giay/" + page.partition('href="/ban-giao/giay/')[2].partition('"')[0]
        paper = officer.get(address)
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")


@pytest.mark.parametrize("typed", ["31/02/2026", "hôm nay", "1/1/1", "٣/1/2026"])
def test_what_is_no_day_is_said_beside_the_question(app: Flask, typed: str) -> None:
    page = browser(app, Role.LEADER).get("/ban-giao", query_string={"ngay": typed})
    assert (page.status_code, "Nhập ngày theo dạng" in page.text, typed in page.text) == (200, True, True)
