"""The traps that other portals fell into: what happened there, as a sentence about this one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from portal.domain.access import Role
from portal.domain.errors import NotPossibleNow
from portal.domain.flow import Action
from portal.domain.standing import State
from portal.domain.statistics import Listed, Period
from portal.store import database as store
from portal.store.bulk_order_models import BulkOrder
from portal.store.database import reading, transaction
from portal.store.law_models import LawDraft
from portal.store.models import Account, Dossier, Draft, Event, Notice, Payment
from portal.store.statistics import Cut
from portal.usecases import bundles, law, standing, statistics, watch
from portal.web.limits import limiter
from tests.cases import BIRTH, HOUSE, LAND, NOW, act, kept, submit
from tests.domain.naive_clock import next_working_day
from tests.people import PASSWORD, account_of, signed_in
from tests.web.test_filling import SPLIT, begin, citizen, fill, upload

A, R = Action, Role

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def connected(database: store.Database) -> store.Database:
    return database


def received(code: str = HOUSE, at: datetime = NOW) -> str:
    registration = submit(code, at)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return registration


def rows(*models: type) -> dict[str, int]:
    with reading() as session:
        return {model.__name__: session.scalar(select(func.count()).select_from(model)) or 0 for model in models}


# --- the clock ---


@on_one_database
def test_a_term_that_skips_one_holiday_does_not_land_on_the_next_one() -> None:
    days, calendar = law.official_days(), law.calendar("bao-yen")
    for start in (date(2026, 1, 1) + timedelta(days=number) for number in range(365)):
        day = next_working_day(start + timedelta(days=1), days.is_working)
        assert calendar.add_working_days(start, 1) == day
        assert calendar.add_working_days(start, 2) == next_working_day(day + timedelta(days=1), days.is_working)


@on_one_database
def test_counting_forward_and_backward_agree_over_the_longest_holidays() -> None:
    calendar = law.calendar("bao-yen")
    for start in (date(2026, 1, 15) + timedelta(days=number) for number in range(120)):
        begins = calendar.working_day_from(start)
        for amount in (1, 5, 30):
            reached = calendar.add_working_days(begins, amount)
            assert calendar.working_days_between(begins, reached) == amount
            assert calendar.add_working_days(reached, -amount) == begins


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine believes to be in Honolulu."""
    monkeypatch.setenv("TZ", "Pacific/Honolulu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@on_one_database
@pytest.mark.usefixtures("far_away")
def test_what_is_late_is_late_by_the_offices_day_wherever_the_server_stands() -> None:
    dossier = kept(received())
    assert dossier.due_on is not None
    last_evening = datetime(dossier.due_on.year, dossier.due_on.month, dossier.due_on.day, 16, 59, tzinfo=UTC)
    assert standing.promised(dossier, last_evening).state is State.TODAY
    midnight = standing.promised(dossier, last_evening + timedelta(minutes=1))
    assert midnight.state is State.LATE
    assert midnight.left is not None
    assert midnight.left.late


@on_one_database
def test_a_step_is_late_the_moment_its_time_is_over_and_not_only_after_tonights_job() -> None:
    dossier = kept(received())
    assert dossier.act_by is not None
    assert standing.handling(dossier, dossier.act_by).state is not State.LATE
    assert standing.handling(dossier, dossier.act_by + timedelta(seconds=1)).state is State.LATE


def held_for_the_applicant() -> str:
    """A house permit whose applicant has until Wednesday to complete it."""
    registration = received()
    for role in (R.ONE_STOP_OFFICER, R.HEAD_OF_OFFICE):
        act(role, registration, A.FORWARD)
    asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
    act(R.SPECIALIST, registration, A.ASK_SUPPLEMENT, **asked, answer_by=date(2026, 9, 16))
    return registration


def lapses(registration: str) -> int:
    return sum(event.action == A.LAPSE for event in kept(registration).events)


def test_two_watches_at_once_do_not_both_do_what_the_passing_of_time_decides() -> None:
    several = [held_for_the_applicant() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: watch.go_round(NOW + timedelta(days=3), batch=1), range(3)))
    assert [lapses(each) for each in several] == [1, 1, 1]


@on_one_database
def test_a_wait_of_days_is_over_after_days_however_often_the_watch_looked_or_did_not() -> None:
    often, never = held_for_the_applicant(), held_for_the_applicant()
    for minute in range(20):
        watch.go_round(NOW + timedelta(minutes=minute))
    closes = datetime(2026, 9, 16, 10, 0, tzinfo=UTC)
    watch.go_round(closes - timedelta(seconds=1))
    assert (lapses(often), lapses(never)) == (0, 0)
    watch.go_round(closes)
    assert (lapses(often), lapses(never)) == (1, 1)


@on_one_database
def test_a_step_done_again_has_its_own_time_again_and_the_due_date_stays() -> None:
    registration = received()
    to_the_leader_from_reception(registration)
    promised, later = kept(registration).due_at, NOW + timedelta(days=2)
    act(R.LEADER, registration, A.SEND_BACK, later, reason="other")
    again = kept(registration)
    assert (again.due_at, again.step_since) == (promised, later)
    assert again.act_by is not None
    assert again.act_by > later


def to_the_leader_from_reception(registration: str) -> None:
    for role in (R.ONE_STOP_OFFICER, R.HEAD_OF_OFFICE, R.SPECIALIST, R.SPECIALIST, R.HEAD_OF_OFFICE):
        act(role, registration, A.FORWARD)


@on_one_database
def test_the_applicants_own_time_is_not_added_to_the_time_of_whoever_goes_on() -> None:
    registration = held_for_the_applicant()
    later = NOW + timedelta(days=1)
    act(R.CITIZEN, registration, A.ANSWER_SUPPLEMENT, later)
    assert kept(registration).step_since == later


@on_one_database
def test_nor_is_what_was_waited_for_before_reception_added_to_the_time_of_reception() -> None:
    registration, later = submit(), NOW + timedelta(days=3)
    asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
    act(R.ONE_STOP_OFFICER, registration, A.ASK_SUPPLEMENT, NOW, **asked, answer_by=date(2026, 9, 30))
    act(R.CITIZEN, registration, A.ANSWER_BEFORE_RECEPTION, later)
    answered = kept(registration)
    assert answered.act_by == law.calendar("bao-yen").add_working_time(later, timedelta(hours=8))
    received_at = later + timedelta(hours=6)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, received_at)
    at_reception = kept(registration)
    assert at_reception.step_since == received_at
    assert standing.handling(at_reception, received_at + timedelta(hours=1)).state is not State.LATE


# --- numbers ---


@on_one_database
def test_dossiers_that_belong_together_are_each_counted_once_when_they_are_received() -> None:
    registration = submit("2.000986", applicant_phone="0912345678")
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    statistics.project()
    day = law.office_day(NOW)
    assert statistics.figures_of(Period(day, day), Cut()).received == 1
    with reading() as session:
        lead = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        waiting = [row.registration for row in bundles.of(session, lead) if row.received_at is None]
    assert len(waiting) == 2
    listed = statistics.listed(Listed.RECEIVED, Period(day, day), Cut())
    assert [line.code for line in listed.lines] == [kept(registration).code]


@on_one_database
def test_a_number_and_the_list_it_opens_are_one_question() -> None:
    for code in (HOUSE, BIRTH, LAND):
        received(code)
    act(R.LEADER, received(), A.STOP, NOW + timedelta(hours=1), reason="other")
    statistics.project()
    period = Period(law.office_day(NOW), law.office_day(NOW) + timedelta(days=30))
    figures = statistics.figures_of(period, Cut())
    for what in Listed:
        assert len(statistics.listed(what, period, Cut()).lines) == getattr(figures, what), what


# --- what people do ---


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@on_one_database
@pytest.mark.usefixtures("quick")
def test_opening_a_page_writes_nothing_no_payment_no_draft_no_event(app: Flask) -> None:
    registration = submit(fee=75_000, fee_lines=[])
    watched = (Dossier, Draft, Event, LawDraft, Notice, Payment)
    before = rows(*watched)
    opened = 0
    for role in (R.CITIZEN, R.ONE_STOP_OFFICER, R.MANAGER, R.ADMINISTRATOR):
        client = signed_in(app, account_of(role, username=f"looks-{role}"))
        for address in _pages(app, registration):
            opened += client.get(address).status_code == 200
    assert opened > 60
    assert rows(*watched) == before


def _pages(app: Flask, registration: str) -> Iterator[str]:
    """Every address that can be opened without knowing more than a procedure, a dossier and a year."""
    known: dict[str, Any] = {"code": HOUSE, "registration": registration, "year": 2026, "sector": "construction"}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= known.keys() and rule.endpoint != "static":
                built = app.url_map.bind("localhost").build(rule.endpoint, {k: known[k] for k in rule.arguments})
                yield unescape(built)


@on_one_database
def test_a_fee_is_paid_once_however_often_it_is_confirmed() -> None:
    registration = received()
    with transaction() as session:
        session.execute(update(Dossier).values(fee=75_000))
    paid = {"number": "BL 1", "amount": 75_000}
    act(R.ONE_STOP_OFFICER, registration, A.PAY_FEE, **paid)
    with pytest.raises(NotPossibleNow):
        act(R.ONE_STOP_OFFICER, registration, A.PAY_FEE, **paid)
    assert rows(Payment) == {"Payment": 1}
    assert kept(registration).fee_paid


@on_one_database
@pytest.mark.usefixtures("quick")
def test_a_session_that_dies_while_a_fee_is_taken_takes_none_and_begins_nothing_anew(app: Flask) -> None:
    officer, registration = account_of(R.ONE_STOP_OFFICER, username="mot-cua"), received()
    with transaction() as session:
        session.execute(update(Dossier).values(fee=75_000))
    browser, page = signed_in(app, officer), f"/ban-lam-viec/{registration}/pay_fee"
    paid = {"seen": "2", "pay_fee-number": "BL 1", "pay_fee-submit": "1"}
    with transaction() as session:
        session.execute(update(Account).values(session_epoch=Account.session_epoch + 1))

    asked = browser.post(page, data=paid)
    assert asked.status_code == 303
    assert asked.location == f"/dang-nhap?next={page}"
    assert rows(Payment) == {"Payment": 0}

    back = browser.post(asked.location, data={"identifier": officer.username, "password": PASSWORD})
    assert back.location == page
    assert "75.000 đồng" in browser.get(page, follow_redirects=True).text
    assert browser.post(page, data=paid).status_code == 303
    assert rows(Payment) == {"Payment": 1}


@on_one_database
@pytest.mark.usefixtures("quick")
def test_going_back_and_answering_otherwise_is_as_if_it_had_been_answered_so_at_first(client: FlaskClient) -> None:
    first = client.get("/chon-thu-tuc/land/4-2").text
    client.get("/chon-thu-tuc/land/1")
    client.get("/chon-thu-tuc/land")
    assert without_token(client.get("/chon-thu-tuc/land/4-2").text) == without_token(first)


def without_token(page: str) -> str:
    return re.sub(r'nonce-\S+|value="[^"]{40,}"', "", page)


@on_one_database
def test_nothing_that_was_applied_for_once_keeps_anybody_from_applying_again(client: FlaskClient) -> None:
    mai = citizen(client)
    procedure = law.catalogue().in_force(SPLIT, law.office_day(datetime.now(UTC)))
    for _ in range(2):
        key = begin(mai)
        fill(mai, key, procedure)
        assert mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).status_code == 303
    assert rows(Dossier) == {"Dossier": 2}


@on_one_database
def test_a_file_that_was_refused_keeps_no_later_page_from_being_saved(client: FlaskClient) -> None:
    mai = citizen(client)
    key = begin(mai)
    procedure = law.catalogue().in_force(SPLIT, law.office_day(datetime.now(UTC)))
    section, paper = procedure.section_of("personal_number").key, procedure.components[0].key
    refused = upload(mai, key, paper, b"no picture", "anh.jpg")
    assert refused.status_code == 422
    assert "anh.jpg" in refused.text
    assert mai.post(f"/khai/{key}/luu/{section}", data={"full_name": "Bàn Thị Mẩy"}).status_code == 204
    assert "Bàn Thị Mẩy" in mai.get(f"/khai/{key}/trang/{section}").text


@on_one_database
def test_a_draft_is_kept_until_its_dossier_is_whatever_breaks_while_it_is_handed_in(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    mai = citizen(client)
    key = begin(mai)
    fill(mai, key, law.catalogue().in_force(SPLIT, law.office_day(datetime.now(UTC))))

    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power")

    with monkeypatch.context() as broken:
        broken.setattr("portal.usecases.slips.make_out", power_cut)
        assert mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).status_code == 500
    assert rows(Dossier, Draft) == {"Dossier": 0, "Draft": 1}
    assert mai.post(f"/khai/{key}/nop", data={"declaration": "yes"}).status_code == 303
    assert rows(Dossier) == {"Dossier": 1}


@on_one_database
@pytest.mark.usefixtures("quick")
def test_a_bulk_action_with_nothing_chosen_is_answered_and_not_an_error(app: Flask) -> None:
    officer = signed_in(app, account_of(R.ONE_STOP_OFFICER))
    for errand in ("receive", "forward", "hand_over"):
        assert officer.get(f"/ban-lam-viec/hang-loat?viec={errand}").status_code < 400
        assert officer.post("/ban-lam-viec/hang-loat", data={"viec": errand, "key": uuid4().hex}).status_code == 400
    assert rows(BulkOrder) == {"BulkOrder": 0}


@on_one_database
def test_nobody_is_written_to_about_a_draft(client: FlaskClient, work: Callable[[], None]) -> None:
    mai = citizen(client)
    begin(mai)
    watch.go_round(datetime.now(UTC) + timedelta(days=60))
    work()
    assert rows(Notice) == {"Notice": 0}
