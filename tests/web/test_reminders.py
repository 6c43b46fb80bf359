"""Reminders: seen by the holder and the head and nobody else, page by page; the apology is signed with its date."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from portal.domain.access import DESK, Actor, Role, is_reminded_of
from portal.domain.flow import Action
from portal.store import database as store
from portal.store.database import looking, reading, transaction
from portal.store.models import Account, Dossier, Notice
from portal.store.watch import Shelf
from portal.store.watch import reminders as found
from portal.usecases import reminders, watch
from portal.web import desk
from portal.web import reminders as pages
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.people import UNIT, account_of, signed_in
from tests.usecases.test_watch import PREPARED

A, R = Action, Role


@pytest.fixture
def house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """A house permit whose apology was prepared this morning, and that its reception has long used up its time for."""
    monkeypatch.setattr(pages, "now", lambda: PREPARED)
    monkeypatch.setattr(desk, "now", lambda: PREPARED)
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    watch.go_round(PREPARED)
    return registration


def browser(app: Flask, role: Role, unit: str = UNIT) -> FlaskClient:
    """Somebody of a role at a unit, signed in."""
    with reading() as session:
        account = session.get_one(Account, person(role, unit).account_id)
    return signed_in(app, account)


def codes(page: str) -> set[str]:
    return set(re.findall(r'<a class="code"[^>]*>([^<]+)</a>', page))


@pytest.mark.parametrize("tab", ["", "?xem=buoc"])
@pytest.mark.parametrize("role", sorted(DESK))
def test_a_reminder_is_seen_by_who_holds_the_dossier_and_who_heads_them_alone(
    app: Flask, house: str, role: Role, tab: str
) -> None:
    page = browser(app, role).get(f"/nhac-viec{tab}").text
    assert codes(page) == ({kept(house).code} if role in {R.ONE_STOP_OFFICER, R.HEAD_OF_OFFICE, R.LEADER} else set())


def test_another_unit_sees_nothing_of_it(app: Flask, house: str) -> None:
    assert codes(browser(app, R.LEADER, "nghia-do").get("/nhac-viec").text) == set()


@pytest.mark.parametrize("role", sorted(DESK))
@pytest.mark.parametrize("sector", ["residence", "construction"])
def test_the_message_and_the_page_remind_the_same_people(house: str, role: Role, sector: str) -> None:
    with transaction() as session:
        session.execute(update(Dossier).values(sector=sector))
    who = Actor(1, role, "bao-yen")
    with looking() as connection:
        rows, _more = found(connection, Shelf.WARNED, who, PREPARED, None, 5)
    assert bool(rows) is is_reminded_of(who, "bao-yen", R.ONE_STOP_OFFICER, sector)


def test_an_apology_is_signed_with_the_date_that_was_prepared_and_then_is_gone(app: Flask, house: str) -> None:
    officer = browser(app, R.ONE_STOP_OFFICER)
    page = officer.get("/nhac-viec").text
    assert "Nêu nguyên nhân và ký" in page
    held = officer.get(f"/ban-lam-viec/{house}").text
    block = re.search(r"<details[^>]* open[^>]*>(?:(?!</details>).)*apologise-promised.*?</details>", held, re.S)
    assert block, "the block of the apology stands open"
    day = re.search(r'name="apologise-promised"[^>]*value="([^"]+)"', block[0]) or re.search(
        r'value="([^"]+)"[^>]*name="apologise-promised"', block[0]
    )
    prepared = reminders.promised(kept(house))
    assert day is not None
    assert prepared is not None
    assert html.unescape(day[1]) == f"{prepared:%d/%m/%Y}"
    said = {
        "seen": str(kept(house).seq),
        "apologise-reason": "workload",
        "apologise-words": "Số lượng hồ sơ tăng đột biến trong tháng này.",
        "apologise-promised": day[1],
    }
    assert officer.post(f"/ban-lam-viec/{house}/apologise", data=said).status_code == 303
    assert codes(officer.get("/nhac-viec").text) == set()
    assert [slip.kind for slip in kept(house).slips][-1] == "apology"


def test_pages_follow_each_other_and_ask_no_more_for_more_rows(
    app: Flask, house: str, database: store.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in range(1, 5):
        registration = submit(HOUSE)
        act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, NOW + timedelta(minutes=minute))
    officer = browser(app, R.ONE_STOP_OFFICER)
    sizes = {}
    for number in (1, 5):
        sent: list[str] = []
        with counting(database, sent):
            sizes[number] = (len(codes(officer.get("/nhac-viec?xem=buoc").text)), len(sent))
        watch.go_round(PREPARED)
    assert (sizes[1][0], sizes[5][0]) == (1, 5)
    assert sizes[1][1] == sizes[5][1]
    paged = reminders.page
    monkeypatch.setattr(reminders, "page", lambda *each: paged(*each, size=2))
    seen, address = list[str](), "/nhac-viec?xem=buoc"
    while address:
        page = officer.get(address).text
        seen += sorted(codes(page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 5


class counting:  # noqa: N801 - reads as a statement
    """The statements sent meanwhile."""

    def __init__(self, database: store.Database, sent: list[str]) -> None:
        self._engine, self._sent = database.engine, sent

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._sent.append(statement)

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._note)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


@pytest.fixture
def reached(house: str) -> Iterator[str]:
    """The same, where the head has an e-mail address and the officer none."""
    account_of(R.HEAD_OF_OFFICE, username="truong-phong", email="truong.phong@example.vn")
    account_of(R.POLICE_HEAD, email="cong.an@example.vn")
    return house


def test_late_steps_are_told_in_one_message_a_person_and_once(reached: str) -> None:
    for _ in range(2):
        registration = submit(HOUSE)
        act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    watch.go_round(PREPARED)
    assert reminders.send_digests(PREPARED) == 1
    with reading() as session:
        (sent,) = session.scalars(select(Notice).where(Notice.kind == "steps_late")).all()
    assert (sent.recipient, sent.subject) == ("truong.phong@example.vn", "3 hồ sơ đã quá thời gian của bước")
    assert sent.body.count("/nhac-viec") == 1
    assert reminders.send_digests(PREPARED) == 0
