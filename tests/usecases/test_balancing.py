"""Sharing out work: given by right alone, by rule or by hand, and taken back as long as nobody has touched it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action
from portal.store import database as store
from portal.store.balancing_models import HandOut
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import absences, balancing, claims, dossiers
from portal.usecases.absences import Wish
from portal.usecases.balancing import Line, Profile, Source
from portal.usecases.scenes import Deed
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.people import account_of

A, R = Action, Role
TODAY = date(2026, 9, 14)


@pytest.fixture
def database_kind() -> str:
    """The rules are the same on both; the tables are compared elsewhere."""
    return "sqlite"


def officer(name: str, role: Role = R.ONE_STOP_OFFICER) -> Actor:
    account = account_of(role, username=name, full_name=name)
    return Actor(account.id, role, account.unit, name)


def has(registration: str) -> int | None:
    return kept(registration).holder_id


def ill(absent: Actor, by: Role = R.HEAD_OF_OFFICE) -> None:
    assert absent.account_id is not None
    absences.enter(person(by), Wish(absent.account_id, TODAY, TODAY + timedelta(days=2)), NOW)


def of(actor: Actor, by: Role = R.HEAD_OF_OFFICE) -> Source:
    return balancing.source(person(by), actor.account_id, None)


def planned(source: Source, by: Role = R.HEAD_OF_OFFICE) -> dict[str, int]:
    plan = balancing.plan(person(by), source, NOW)
    return {row.registration: account.id for row, account in plan.lines if account is not None}


def line_of(actor: Actor, by: Role = R.HEAD_OF_OFFICE) -> Line:
    groups = balancing.overview(person(by), NOW)
    return next(line for group in groups for line in group.lines if line.account.id == actor.account_id)


def number(actor: Actor) -> int:
    assert actor.account_id is not None
    return actor.account_id


def test_an_absent_colleagues_dossiers_are_spread_evenly_and_taken_back_but_for_those_touched(
    database: store.Database,
) -> None:
    absent, one, two, full = officer("absent"), officer("one"), officer("two"), officer("full")
    head = person(R.HEAD_OF_OFFICE)
    balancing.set_profile(head, number(full), Profile(0), NOW)
    registrations = [submit(HOUSE, NOW + timedelta(minutes=n)) for n in range(6)]
    for registration in registrations:
        claims.take(absent, registration, NOW)
    mine = submit(HOUSE)
    claims.take(one, mine, NOW)
    ill(absent)
    wishes = planned(of(absent))
    assert sorted(wishes) == sorted(registrations)
    made = balancing.give(head, wishes, absent.account_id, NOW)
    assert [line.fault for line in balancing.hand_out(head, made.id).lines] == [""] * 6
    assert sorted([line_of(one).load.held, line_of(two).load.held]) == [3, 4]
    assert (line_of(absent).load.held, line_of(full).load.held) == (0, 0)

    worked, passed = registrations[0], registrations[1]
    act_as = {number(one): one, number(two): two}
    claims.release(act_as[wishes[passed]], passed, NOW)
    claims.take(act_as[wishes[passed]], passed, NOW)
    dossiers.act(act_as[wishes[worked]], worked, Deed(A.RECEIVE), NOW)
    undone = balancing.undo(head, made.id, NOW)
    assert undone.undone_at == NOW
    assert {has(registration) for registration in registrations[2:]} == {absent.account_id}
    assert has(worked) == wishes[worked], "somebody has worked on it"
    assert has(passed) == wishes[passed], "it changed hands, if only there and back"
    lines = {line.dossier_id: line.returned for line in balancing.hand_out(head, made.id).lines}
    assert sorted(lines.values()) == [False, False, True, True, True, True]
    claims.assign(head, registrations[2], number(one), NOW)
    balancing.undo(head, made.id, NOW)
    assert has(registrations[2]) == one.account_id, "it is taken back once"


def test_each_dossier_is_given_or_says_why_it_stayed(database: store.Database) -> None:
    one, absent, clerk = officer("one"), officer("absent"), officer("clerk", R.CLERK)
    head = person(R.HEAD_OF_OFFICE)
    free, taken, residence = submit(HOUSE), submit(HOUSE), submit("1.010038")
    claims.take(one, taken, NOW)
    ill(absent)

    def stayed(wishes: dict[str, int]) -> list[str]:
        made = balancing.give(head, wishes, None, NOW)
        return [line.fault for line in balancing.hand_out(head, made.id).lines]

    assert stayed({free: number(absent)}) == ["away"]
    assert stayed({free: number(clerk)}) == ["not_of_the_step"]
    assert stayed({taken: number(one)}) == ["moved"]
    assert stayed({residence: number(one)}) == ["forbidden"], "the office's head does not head the police's work"
    assert stayed({free: number(one)}) == [""]
    assert (has(free), has(residence)) == (one.account_id, None)
    for wishes in ({}, {f"DK-{n}": 1 for n in range(balancing.MOST + 1)}):
        with pytest.raises(Invalid):
            balancing.give(head, wishes, None, NOW)


def test_only_who_heads_the_work_sees_shares_out_and_takes_back(database: store.Database) -> None:
    one, head, police = officer("one"), person(R.HEAD_OF_OFFICE), person(R.POLICE_HEAD)
    made = balancing.give(head, {submit(HOUSE): number(one)}, None, NOW)
    for refused in (
        lambda: balancing.overview(one, NOW),
        lambda: balancing.give(one, {"DK-1": 1}, None, NOW),
        lambda: balancing.undo(one, made.id, NOW),
        lambda: balancing.let_rule(one, R.SPECIALIST, on=True, at=NOW),
        lambda: balancing.set_profile(one, number(one), Profile(3), NOW),
    ):
        with pytest.raises(Forbidden):
            refused()
    for unknown in (
        lambda: balancing.undo(police, made.id, NOW),
        lambda: balancing.hand_out(police, made.id),
        lambda: balancing.source(police, one.account_id, None),
        lambda: balancing.source(head, None, R.LEADER),
        lambda: balancing.let_rule(police, R.SPECIALIST, on=True, at=NOW),
        lambda: balancing.set_profile(police, number(one), Profile(3), NOW),
    ):
        with pytest.raises(NotFound):
            unknown()
    assert balancing.hand_outs(police) == []
    assert [row.id for row in balancing.hand_outs(head)] == [made.id]


def test_what_comes_to_a_role_goes_to_a_person_by_rule_once_that_is_switched_on(database: store.Database) -> None:
    one, two, absent = (officer(name, R.SPECIALIST) for name in ("one", "two", "absent"))
    head = person(R.HEAD_OF_OFFICE)
    ill(absent)

    def come() -> int | None:
        registration = submit(HOUSE)
        act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
        act(R.ONE_STOP_OFFICER, registration, A.FORWARD)
        act(R.HEAD_OF_OFFICE, registration, A.FORWARD)
        assert kept(registration).holder_role == R.SPECIALIST
        return has(registration)

    assert come() is None
    balancing.let_rule(head, R.SPECIALIST, on=True, at=NOW)
    balancing.let_rule(head, R.SPECIALIST, on=True, at=NOW)
    assert sorted([come(), come()], key=str) == sorted([one.account_id, two.account_id], key=str)
    balancing.let_rule(head, R.SPECIALIST, on=False, at=NOW)
    assert come() is None
    balancing.let_rule(head, R.ONE_STOP_OFFICER, on=True, at=NOW)
    assert has(submit(HOUSE)) == person(R.ONE_STOP_OFFICER).account_id, "from the very first step on"


def test_load_today_overdue_and_what_will_be_late_are_told_of_each(database: store.Database) -> None:
    one, head = officer("one"), person(R.HEAD_OF_OFFICE)
    assert line_of(one).load == balancing.Load(0, 0, 0, 0)
    registration = submit(HOUSE)
    claims.take(one, registration, NOW)
    assert line_of(one).load == balancing.Load(1, 0, 0, None), "nothing was handed on yet: it is not measured"
    group = balancing.overview(head, NOW + timedelta(days=1))
    load = next(line.load for each in group for line in each.lines if line.account.id == one.account_id)
    assert (load.today, load.overdue) == (1, 0)
    done = submit(HOUSE)
    dossiers.act(one, done, Deed(A.RECEIVE), NOW)
    dossiers.act(one, done, Deed(A.FORWARD), NOW)
    assert line_of(one).load.late == 0, "one a day, and a day is left"
    second = submit(HOUSE)
    claims.take(one, second, NOW)
    assert line_of(one).load.late == 1, "the second one will be done after another day"
    ill(one)
    assert line_of(one).load.late == 2, "nothing is done meanwhile"


def test_what_somebody_can_be_given_is_kept_and_obeyed(database: store.Database) -> None:
    one, two, head = officer("one"), officer("two"), person(R.HEAD_OF_OFFICE)
    assert balancing.profile_of(head, number(one))[1] == Profile(None)
    wished = Profile(1, ("construction",), ())
    balancing.set_profile(head, number(one), wished, NOW)
    assert balancing.profile_of(head, number(one))[1] == wished
    with pytest.raises(Invalid):
        balancing.set_profile(head, number(one), Profile(balancing.HIGHEST + 1), NOW)
    balancing.set_profile(head, number(two), Profile(None, ("land",)), NOW)
    free = balancing.source(head, None, R.ONE_STOP_OFFICER)
    for minutes in range(3):
        submit(HOUSE, NOW + timedelta(minutes=minutes))
    given = list(planned(free).values())
    assert sorted(given) == sorted([number(one), number(two), number(two)])
    assert given[0] == one.account_id, "who knows the work comes first, as long as there is room"


def test_nothing_is_given_twice_to_two_who_share_out_at_once(database: store.Database) -> None:
    one, two, head, leader = officer("one"), officer("two"), person(R.HEAD_OF_OFFICE), person(R.LEADER)
    registration = submit(HOUSE)
    balancing.give(head, {registration: number(one)}, None, NOW)
    balancing.give(leader, {registration: number(two)}, None, NOW)
    assert has(registration) == one.account_id
    with reading() as session:
        rows = session.scalars(select(HandOut).order_by(HandOut.id)).all()
        assert [[line.fault for line in row.lines] for row in rows] == [[""], ["moved"]]
        assert session.query(Dossier).count() == 1
