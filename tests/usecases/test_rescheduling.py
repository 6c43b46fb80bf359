"""A holiday announced later moves promised dates only by order: those of open dossiers, once, each told and logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.ledger import DueReason
from portal.store import database as store
from portal.store import office as book
from portal.store import watch as watch_store
from portal.store.database import reading
from portal.store.models import Notice
from portal.usecases import evidence, office, rescheduling, watch
from procedures.calendars import DayReason, DaysOff, Session, WorkingHours
from procedures.model import Text
from tests.cases import BIRTH, HOUSE, act, kept, submit, to_the_leader
from tests.people import account_of

A, R = Action, Role
#: The day after dossiers were received; and the notice of it.
AT = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
DECIDED = date(2026, 9, 15)
DUE, LATER = datetime(2026, 9, 23, 2, 0, tzinfo=UTC), datetime(2026, 9, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def admin(database: store.Database) -> Iterator[Actor]:
    """An administrator, on a Tuesday of September 2026."""
    with time_machine.travel(AT, tick=False):
        account = account_of(Role.ADMINISTRATOR)
        yield Actor(account.id, Role.ADMINISTRATOR, None, account.full_name)
    book.look_again()


def announce(admin: Actor, *days: date, seen: int = 0) -> office.Entry:
    """Say that besides the days known these are off."""
    year = office.year(2026)
    assert year is not None
    off = [DaysOff(day, DayReason.HOLIDAY, Text(vi="Nghỉ thêm", en="A further day off")) for day in days]
    entered = replace(year, off=(*year.off, *off))
    return office.publish_year(admin, entered, seen, AT, number="TB 77", decided_on=DECIDED)


def received(code: str = HOUSE) -> str:
    registration = submit(code)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    return registration


def counted(year: int = 2026) -> rescheduling.Preview:
    """What the last change of a year would move, counted to the end."""
    for order_id in rescheduling.waiting():
        rescheduling.work(order_id, AT)
    found = rescheduling.preview(year)
    assert found is not None
    return found


def test_without_an_order_every_dossier_keeps_its_date(admin: Actor) -> None:
    registration = received()
    received(BIRTH)  # due on the same day, before the one that is off
    announce(admin, date(2026, 9, 17))
    found = counted()
    assert (found.order.examined, found.counts.later, found.counts.sooner) == (2, 1, 0)
    (move, dossier) = found.moves[0]
    assert (dossier.registration, move.old_due_at, move.new_due_at) == (registration, DUE, LATER)
    assert kept(registration).due_at == DUE
    assert rescheduling.waiting() == []


def test_without_an_order_the_watch_still_looks_when_the_new_calendar_says(admin: Actor) -> None:
    """A date on Wednesday is apologised for by Monday once Tuesday is off: so that is prepared on Friday already."""
    registration = received()
    watch.go_round(AT)
    friday = datetime(2026, 9, 18, 0, 0, tzinfo=UTC)
    announce(admin, date(2026, 9, 22))
    assert watch.go_round(AT).seen == 1
    assert watch.go_round(AT).seen == 0
    watch.go_round(friday - timedelta(seconds=1))
    assert kept(registration).apology_by is None
    watch.go_round(friday)
    dossier = kept(registration)
    assert (dossier.due_at, dossier.apology_by) == (DUE, datetime(2026, 9, 21, 10, 0, tzinfo=UTC))


def test_the_watch_counts_again_where_a_unit_keeps_other_hours(admin: Actor) -> None:
    registration = received()
    watch.go_round(AT)
    before, commune = kept(registration).watch_at, office.unit("bao-yen")
    assert commune is not None
    assert before is not None
    mornings = WorkingHours((Session(time(8), time(12)),), valid_from=date(2026, 9, 15))
    until_now = replace(commune.hours[-1], valid_to=date(2026, 9, 14))
    entered = replace(commune, hours=(*commune.hours[:-1], until_now, mornings))
    office.publish_unit(admin, entered, date(2026, 9, 15), 0, AT)
    book.look_again()
    watch.go_round(AT)
    after = kept(registration).watch_at
    assert after is not None
    assert after > before


def test_a_count_that_is_broken_off_is_begun_again(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    registrations = [received() for _ in range(3)]
    watch.go_round(AT)
    announce(admin, date(2026, 9, 22))

    def broken(*_args: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as killed:
        killed.setattr(watch_store, "mark", broken)
        with pytest.raises(OSError, match="killed"):
            watch.go_round(AT, batch=2)
    assert watch.go_round(AT, batch=2).seen == len(registrations)


def test_an_order_moves_what_was_shown_and_says_why_in_ledger_log_and_message(admin: Actor) -> None:
    registration = received()
    announce(admin, date(2026, 9, 17))
    counted()
    rescheduling.give_order(admin, 2026, AT)
    rescheduling.give_order(admin, 2026, AT + timedelta(hours=1))
    found = counted()
    assert found.order.ordered_at == AT
    dossier = kept(registration)
    assert dossier.due_at == LATER
    assert dossier.due_changes[-1].reason == DueReason.CALENDAR_CHANGED
    assert (dossier.events[-1].role, dossier.events[-1].details["words"]) == (
        R.SYSTEM, "Thông báo số TB 77 ngày 15/09/2026",
    )  # fmt: skip
    assert (found.counts.moved, found.order.done_at) == (1, AT)
    newest = office.log()[0]
    assert (newest.kind, newest.published_by, newest.decision_number) == (office.ORDER, admin.name, "TB 77")
    assert [line.vi for line in newest.diff] == ["Số hồ sơ được dời ngày hẹn: 0 → 1"]
    assert list(evidence.faults()) == []


def test_the_applicant_is_told_the_new_date(admin: Actor) -> None:
    registration = submit(HOUSE, applicant_email="mai@example.vn")
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
    announce(admin, date(2026, 9, 17))
    counted()
    rescheduling.give_order(admin, 2026, AT)
    counted()
    with reading() as session:
        (told,) = session.scalars(select(Notice).where(Notice.kind == "date_moved")).all()
    assert "24/09/2026" in told.body


def test_what_is_finished_keeps_its_date_and_is_not_even_counted(admin: Actor) -> None:
    done = submit(HOUSE)
    to_the_leader(done)
    act(R.LEADER, done, A.APPROVE)
    act(R.CLERK, done, A.ISSUE)
    announce(admin, date(2026, 9, 17))
    assert counted().order.examined == 0


def test_whoever_finishes_before_the_order_reaches_it_keeps_the_date(admin: Actor) -> None:
    registration = received()
    announce(admin, date(2026, 9, 17))
    counted()
    act(R.LEADER, registration, A.STOP, reason="other")
    rescheduling.give_order(admin, 2026, AT)
    found = counted()
    assert (found.counts.settled, found.counts.moved) == (1, 0)
    assert kept(registration).due_at == DUE


def test_an_order_repeated_and_broken_off_moves_each_dossier_once(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrations = [received() for _ in range(5)]
    monkeypatch.setattr(rescheduling, "COUNTED", 2)
    monkeypatch.setattr(rescheduling, "MOVED", 2)
    announce(admin, date(2026, 9, 17))
    (order_id,) = rescheduling.waiting()
    assert rescheduling._count_on(order_id, AT)
    assert counted().counts.all == 5
    for _ in range(2):
        rescheduling.give_order(admin, 2026, AT)
    assert rescheduling._move_on(order_id, AT)
    counted()
    rescheduling.work(order_id, AT)
    for registration in registrations:
        assert [change.reason for change in kept(registration).due_changes] == ["received", "calendar_changed"]
    assert [entry.kind for entry in office.log()] == [office.ORDER, "calendar"]


def test_a_day_taken_back_moves_dates_forward_again(admin: Actor) -> None:
    registration = received()
    first = announce(admin, date(2026, 9, 17))
    counted()
    rescheduling.give_order(admin, 2026, AT)
    counted()
    year = office.year(2026)
    assert year is not None
    office.publish_year(
        admin, replace(year, off=year.off[:-1]), first.seq, AT, number="TB 78", decided_on=DECIDED
    )  # fmt: skip
    assert counted().counts.sooner == 1
    rescheduling.give_order(admin, 2026, AT)
    counted()
    assert kept(registration).due_at == DUE


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (lambda admin: rescheduling.give_order(admin, 2026, AT), Invalid),
        (lambda admin: rescheduling.give_order(admin, 2025, AT), NotFound),
        (lambda _admin: rescheduling.give_order(Actor(1, Role.MANAGER), 2026, AT), Forbidden),
    ],
    ids=["still counting", "nothing changed", "a manager"],
)
def test_nothing_is_ordered_unseen_or_by_others(
    admin: Actor, order: Callable[[Actor], None], refusal: type[Exception]
) -> None:
    received()
    announce(admin, date(2026, 9, 17))
    with pytest.raises(refusal):
        order(admin)
