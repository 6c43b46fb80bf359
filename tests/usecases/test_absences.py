"""Whoever is away is stood in for: the deputy acts on what they have, the log says so, and nobody does all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.domain import casework
from portal.domain.access import Absentee, Actor, Role
from portal.domain.casework import Request
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action, Status
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.models import Account, Dossier, Notice
from portal.usecases import absences, custody, dossiers, evidence, law
from portal.usecases.absences import Wish
from portal.usecases.scenes import Deed
from tests.cases import HOUSE, LAND, NOW, RESIDENCE, act, kept, person, submit, to_the_leader
from tests.people import account_of

A, R = Action, Role
TODAY = date(2026, 9, 14)


@pytest.fixture
def database_kind() -> str:
    """The rules are the same on both; the tables are compared elsewhere."""
    return "sqlite"


def colleague(role: Role, name: str = "second") -> Actor:
    account = account_of(role, username=f"{name}-{role.value}", full_name="Lý Thị Lan")
    return Actor(account.id, role, account.unit, account.full_name)


def away(absent: Actor, deputy: Actor | None, days: int = 5, by: Role = R.LEADER) -> int:
    assert absent.account_id is not None
    wish = Wish(absent.account_id, TODAY, TODAY + timedelta(days=days), deputy.account_id if deputy else None)
    return absences.enter(person(by), wish, NOW).id


def give(registration: str, to: Actor) -> None:
    with transaction() as session:
        dossier = session.query(Dossier).filter_by(registration=registration).one()
        dossier.holder_id = to.account_id


def do(actor: Actor, registration: str, action: Action, **request: object) -> Dossier:
    return dossiers.act(actor, registration, Deed(action, request=Request(**request)), NOW)  # type: ignore[arg-type]


def test_a_deputy_acts_on_what_the_absent_colleague_has_and_the_log_and_control_slip_say_so(
    database: store.Database,
) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    leader, head = person(R.LEADER), person(R.HEAD_OF_OFFICE)
    give(registration, leader)
    with pytest.raises(Forbidden):
        do(head, registration, A.APPROVE)
    away(leader, head)
    opened = dossiers.open_dossier(head, registration, NOW)
    assert A.APPROVE in opened.possible
    assert opened.stand_in is not None
    assert opened.stand_in.acting_for == (leader.account_id, leader.name)
    do(head, registration, A.APPROVE)
    event = kept(registration).events[-1]
    assert (event.actor_id, event.role) == (head.account_id, R.LEADER)
    assert event.details["acting_for"] == {"account": leader.account_id, "name": leader.name}
    last = custody.transfers(kept(registration))[-1]
    assert last.giver.who == f"{head.name} (thay mặt {leader.name})"
    assert list(evidence.faults()) == []


def test_a_colleague_of_the_same_role_acts_in_somebodys_place_only_on_what_they_have(database: store.Database) -> None:
    theirs, free = submit(HOUSE), submit(HOUSE)
    absent, deputy = person(R.ONE_STOP_OFFICER), colleague(R.ONE_STOP_OFFICER)
    give(theirs, absent)
    away(absent, deputy)
    for registration, said in ((theirs, True), (free, False)):
        do(deputy, registration, A.RECEIVE)
        assert ("acting_for" in kept(registration).events[-1].details) is said


def test_nobody_stands_in_before_or_after_or_once_the_colleague_is_back(database: store.Database) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    leader, head = person(R.LEADER), person(R.HEAD_OF_OFFICE)
    number = away(leader, head, days=2)
    for days, stands in ((-1, False), (0, True), (2, True), (3, False)):
        at = NOW + timedelta(days=days)
        assert (A.APPROVE in dossiers.open_dossier(head, registration, at).possible) is stands
        assert bool(absences.stood_in(head, at)) is stands
    assert [row.registration for row in absences.work_of(head, leader.account_id or 0, NOW).dossiers] == [registration]
    absences.end(leader, number, NOW)
    absences.end(leader, number, NOW)
    assert A.APPROVE not in dossiers.open_dossier(head, registration, NOW).possible
    with pytest.raises(NotFound):
        absences.work_of(head, leader.account_id or 0, NOW)


def test_a_deputy_who_was_moved_stands_in_no_longer(database: store.Database) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    leader, head = person(R.LEADER), person(R.HEAD_OF_OFFICE)
    away(leader, head)
    for moved in (replace(head, unit="bao-ha"), replace(head, role=R.POLICE_HEAD)):
        assert absences.stood_in(moved, NOW) == []
        with transaction() as session:
            dossier = session.query(Dossier).one()
            assert absences.guises(session, moved, dossier, NOW) == (moved,)


def test_only_who_heads_the_work_writes_an_absence_down_and_only_of_their_own(database: store.Database) -> None:
    officer, police, leader = person(R.ONE_STOP_OFFICER), person(R.POLICE_OFFICER), person(R.LEADER)
    with pytest.raises(Forbidden):
        away(officer, None, by=R.SPECIALIST)
    for absent, by in ((police, R.HEAD_OF_OFFICE), (leader, R.HEAD_OF_OFFICE), (officer, R.POLICE_HEAD)):
        with pytest.raises(NotFound):
            away(absent, None, by=by)
    elsewhere = account_of(R.ONE_STOP_OFFICER, "bao-ha")
    with pytest.raises(NotFound):
        away(Actor(elsewhere.id, R.ONE_STOP_OFFICER, "bao-ha"), None)
    number = away(officer, None, by=R.HEAD_OF_OFFICE)
    with pytest.raises(NotFound):
        absences.end(person(R.POLICE_HEAD), number, NOW)
    assert [row.id for row in absences.of_unit(leader, NOW)] == [number]
    assert absences.of_unit(person(R.POLICE_HEAD), NOW) == []


def test_what_does_not_fit_is_refused_beside_its_input(database: store.Database) -> None:
    officer, other, leader = person(R.ONE_STOP_OFFICER), colleague(R.ONE_STOP_OFFICER), person(R.LEADER)
    assert officer.account_id
    assert other.account_id
    police = person(R.POLICE_OFFICER)

    def refused(since: date, until: date, deputy: int | None = None) -> dict[str, str]:
        assert officer.account_id
        with pytest.raises(Invalid) as caught:
            absences.enter(leader, Wish(officer.account_id, since, until, deputy), NOW)
        return dict(caught.value.fields)

    yesterday, later = TODAY - timedelta(days=1), TODAY + timedelta(days=4)
    assert refused(yesterday, later) == {"since": "past"}
    assert refused(later, TODAY) == {"until": "order"}
    assert refused(TODAY, later, police.account_id) == {"deputy": "not_of_the_team"}
    assert refused(TODAY, later, officer.account_id) == {"deputy": "not_of_the_team"}
    away(other, None, days=1)
    assert refused(TODAY + timedelta(days=1), later, other.account_id) == {"deputy": "away"}
    away(officer, None, days=1)
    assert refused(TODAY + timedelta(days=1), later) == {"since": "away"}


def alone_until_signature(code: str = HOUSE) -> tuple[str, Actor]:
    """A dossier that one person received and, for everybody else who is away, verified to the end."""
    one = person(R.ONE_STOP_OFFICER)
    for role in (R.SPECIALIST, R.HEAD_OF_OFFICE, R.LEADER):
        away(person(role), one)
    registration = submit(code)
    do(one, registration, A.RECEIVE)
    while kept(registration).holder_role != R.LEADER:
        do(one, registration, A.FORWARD)
    return registration, one


def test_nobody_alone_receives_verifies_and_signs_not_even_for_others(database: store.Database) -> None:
    registration, one = alone_until_signature()
    opened = dossiers.open_dossier(one, registration, NOW)
    assert not {A.APPROVE, A.REFUSE} & {*opened.possible}
    assert opened.apart
    for action in (A.APPROVE, A.REFUSE):
        with pytest.raises(Forbidden) as refused:
            do(one, registration, action, reason="other")
        assert refused.value.code == "alone"
    # The absent ones had a hand in it, but not in all of it: the leader signs, back at the desk.
    do(person(R.LEADER), registration, A.APPROVE)
    assert kept(registration).decision == "approved"


def test_nor_does_somebody_else_sign_in_the_place_of_who_was_alone(database: store.Database) -> None:
    registration, one = alone_until_signature()
    opened, leader = dossiers.open_dossier(person(R.LEADER), registration, NOW), person(R.LEADER)
    in_their_place = replace(leader, acting_for=Absentee(one.account_id or 0, one.name))
    assert casework.must_not_sign(opened.case, in_their_place, opened.rules)
    assert not casework.must_not_sign(opened.case, leader, opened.rules)


def test_two_people_may_share_it(database: store.Database) -> None:
    registration, one = submit(HOUSE), person(R.ONE_STOP_OFFICER)
    away(person(R.LEADER), one)
    do(one, registration, A.RECEIVE)
    do(one, registration, A.FORWARD)
    while (role := Role(kept(registration).holder_role or "")) is not R.LEADER:
        act(role, registration, A.FORWARD)
    do(one, registration, A.APPROVE)
    assert kept(registration).decision == "approved"


def test_one_person_may_where_the_procedure_says_so(database: store.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = law.rules
    monkeypatch.setattr(law, "rules", lambda *of: replace(made(*of), one_person=True))
    registration, one = alone_until_signature()
    do(one, registration, A.APPROVE)
    assert kept(registration).decision == "approved"


def test_the_police_and_the_registry_stand_in_among_themselves(database: store.Database) -> None:
    for code, absent, deputy, by in (
        (RESIDENCE, person(R.POLICE_OFFICER), person(R.POLICE_HEAD), R.POLICE_HEAD),
        (LAND, person(R.REGISTRY_OFFICER), person(R.REGISTRY_HEAD), R.REGISTRY_HEAD),
    ):
        registration = submit(code)
        act(R.ONE_STOP_OFFICER, registration, A.RECEIVE)
        act(R.ONE_STOP_OFFICER, registration, A.FORWARD)
        while kept(registration).holder_role != absent.role and kept(registration).status == Status.PROCESSING:
            act(Role(kept(registration).holder_role or ""), registration, A.FORWARD)
        away(absent, deputy, by=by)
        assert A.FORWARD in dossiers.open_dossier(deputy, registration, NOW).possible


def test_a_deputy_is_told_when_they_are_named_and_when_the_colleague_is_back_early(database: store.Database) -> None:
    absent, deputy = person(R.SPECIALIST), colleague(R.SPECIALIST)
    with transaction() as session:
        session.get_one(Account, deputy.account_id).email = "lan@vidu.vn"
    away_id = away(absent, deputy)
    absences.end(person(R.LEADER), away_id, NOW)
    absences.end(person(R.LEADER), away_id, NOW)
    over = away(absent, deputy, days=0)
    absences.end(person(R.LEADER), over, NOW + timedelta(days=1))
    away(absent, None)
    with reading() as session:
        told = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [(each.account_id, each.kind) for each in told] == [
        (deputy.account_id, kind) for kind in ("stands_in", "stands_in_no_more", "stands_in")
    ]
    assert absent.name in told[0].body
    assert "14/09/2026" in told[0].body
    assert "19/09/2026" in told[0].body
    assert "/thay-mat" in told[0].body
