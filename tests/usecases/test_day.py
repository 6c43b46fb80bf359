"""Some days at one commune: 300 dossiers, five officers, one away; no date passes without a result or an apology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.casework import Request
from portal.domain.flow import OPEN, Action, Status
from portal.domain.ledger import DueReason
from portal.store import database as store
from portal.store.database import looking, reading
from portal.store.models import Dossier, DueChange
from portal.store.watch import Shelf, count_missed
from portal.usecases import absences, balancing, dossiers, law, reminders, watch
from portal.usecases.absences import Wish
from portal.usecases.scenes import Deed
from procedures.calendars import OFFICE_TIME
from tests.cases import BIRTH, HOUSE, UNIT, person, submit
from tests.people import account_of

A, R = Action, Role
MARITAL = "1.004873"
#: What comes on Friday, and what on Monday while one is away; a birth is registered within the day, a marital status is
#: told within three, a house is permitted within seven.
FRIDAY, MONDAY = {MARITAL: 54, HOUSE: 6}, {BIRTH: 60, MARITAL: 170, HOUSE: 10}
FIRST_DAY = date(2026, 9, 11)
HOURS = (8, 9, 10, 11, 14, 15, 16)
#: How many dossiers an officer handles in an hour; the head, the leader and the clerk sign what lies there.
EACH = {R.ONE_STOP_OFFICER: 24, R.SPECIALIST: 4}
SIGNING = (R.HEAD_OF_OFFICE, R.LEADER, R.CLERK)
DEEDS = {
    (R.ONE_STOP_OFFICER, Status.REGISTERED): A.RECEIVE,
    (R.LEADER, Status.PROCESSING): A.APPROVE,
    (R.CLERK, Status.PROCESSING): A.ISSUE,
}


@pytest.fixture
def database_kind() -> str:
    """The rules are the same on both, and a day is long."""
    return "sqlite"


def hours(days: int) -> Iterator[datetime]:
    """The hours at which people work, from the first day on."""
    day = FIRST_DAY
    for _number in range(days):
        yield from (datetime.combine(day, time(hour), OFFICE_TIME) for hour in HOURS)
        day = law.calendar(UNIT).add_working_days(day, 1)


def officer(role: Role, name: str) -> Actor:
    account = account_of(role, username=name, full_name=name)
    return Actor(account.id, role, account.unit, name)


def work(actor: Actor, at: datetime, *, held: bool) -> None:
    """Do what waits for somebody, the most urgent first: what they have or, of who signs, all that lies there."""
    mine = Dossier.holder_id == actor.account_id if held else Dossier.holder_role == actor.role.value
    with looking() as connection:
        query = select(Dossier.registration, Dossier.status).where(mine, Dossier.status.in_(sorted(OPEN - {9})))
        query = query.order_by(Dossier.due_at, Dossier.act_by, Dossier.id).limit(EACH.get(actor.role, 1000))
        waiting = connection.execute(query).all()
    for registration, status in waiting:
        action = DEEDS.get((actor.role, Status(status)), A.FORWARD)
        dossiers.act(actor, registration, Deed(action), at)
        if action is A.RECEIVE:
            dossiers.act(actor, registration, Deed(A.FORWARD), at)


def apologise(leader: Actor, at: datetime) -> None:
    """Sign what apologies the watch has prepared, each as late as an apology may be signed."""
    page = reminders.page(leader, Shelf.APOLOGIES, at, size=1000)
    for each in page.reminders:
        assert each.apology_by is not None
        if each.apology_by > at + timedelta(hours=1):
            continue
        request = Request(reason="workload", promised=page.prepared[each.id].promised)
        dossiers.act(leader, each.registration, Deed(A.APOLOGISE, request=request), at)


def missed(at: datetime) -> int:
    with looking() as connection:
        return count_missed(connection, [UNIT], law.office_day(at))


@pytest.mark.timeout(600)
def test_no_dossier_passes_its_date_without_a_result_or_an_apology(database: store.Database) -> None:
    counter = [officer(R.ONE_STOP_OFFICER, f"Quầy {number}") for number in (1, 2)]
    specialists = [officer(R.SPECIALIST, f"Chuyên viên {number}") for number in (1, 2, 3)]
    head, leader = person(R.HEAD_OF_OFFICE), person(R.LEADER)
    signers = [person(role) for role in SIGNING]
    absent = specialists[-1]
    days = list(hours(8))
    for role in EACH:
        balancing.let_rule(head, role, on=True, at=days[0])
    coming = {days[5]: FRIDAY, days[13]: {code: many % 6 for code, many in MONDAY.items()}}
    coming |= {hour: {code: many // 6 for code, many in MONDAY.items()} for hour in days[7:13]}
    for at in days:
        for code, many in coming.get(at, {}).items():
            for _number in range(many):
                submit(code, at)
        if at == days[7]:
            fall_ill(absent, head, at)
        watch.go_round(at)
        apologise(leader, at)
        for one in (*counter, *(s for s in specialists if at < days[7] or s is not absent)):
            work(one, at, held=True)
        for one in signers:
            work(one, at, held=False)
        assert missed(at) == 0
    assert missed(days[-1] + timedelta(days=30)) == 0, "nothing is left"
    every_promise_was_kept_or_explained()


def fall_ill(absent: Actor, head: Actor, at: datetime) -> None:
    """On Monday one calls in sick: what they have goes to the others, and nothing more comes to them."""
    assert absent.account_id is not None
    today = law.office_day(at)
    absences.enter(head, Wish(absent.account_id, today, today + timedelta(days=14)), at)
    plan = balancing.plan(head, balancing.source(head, absent.account_id, None), at)
    assert plan.lines
    wishes = {row.registration: account.id for row, account in plan.lines if account}
    balancing.give(head, wishes, absent.account_id, at)


def every_promise_was_kept_or_explained() -> None:
    with reading() as session:
        done = session.scalars(select(Dossier)).all()
        ledgers: dict[int, list[DueChange]] = {each.id: [] for each in done}
        for row in session.scalars(select(DueChange).order_by(DueChange.id)):
            ledgers[row.dossier_id].append(row)
    assert len(done) == 300
    assert {each.state for each in done} == {Status.RESOLVED}
    told = Counter[str]()
    for each in done:
        first, *later = ledgers[each.id]
        assert [row.reason for row in later] in ([], [DueReason.APOLOGY])
        for row in later:
            assert row.old_due_at is not None
            assert row.at <= row.old_due_at, "the citizen is told before the date passes"
        assert each.ended_on is not None
        assert each.due_on is not None
        assert each.ended_on <= each.due_on, "the date that was promised last is kept"
        late = law.office_day(first.new_due_at) < each.ended_on
        assert not late or later
        told["late" if late else "in time"] += 1
    assert told["late"] > 20, "there was more to do than could be done"
