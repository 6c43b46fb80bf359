"""Two officers on one dossier: one of them has it, all of the step know who, and nobody is passed over unknowingly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from portal.domain.access import Actor, Role
from portal.domain.casework import Request
from portal.domain.errors import Forbidden, Held, Invalid, NotFound
from portal.domain.flow import Action
from portal.store import database as store
from portal.usecases import claims, dossiers, evidence
from portal.usecases.scenes import Deed
from tests.cases import NOW, WORDS, act, kept, person, submit
from tests.people import account_of

R = Role


@pytest.fixture(autouse=True)
def whole_logs(database: store.Database) -> Iterator[None]:
    """Every log is whole after every test."""
    yield
    assert list(evidence.faults()) == []


@pytest.fixture
def first(database: store.Database) -> Actor:
    return person(R.ONE_STOP_OFFICER)


@pytest.fixture
def second(first: Actor) -> Actor:
    return colleague(R.ONE_STOP_OFFICER)


def colleague(role: Role, **columns: str) -> Actor:
    account = account_of(role, username=f"{role}-khac", full_name="Vàng A Sử", **columns)
    return Actor(account.id, role, account.unit, account.full_name)


def log(registration: str) -> list[tuple[str, int | None, int | None]]:
    rows = claims.standing(person(R.LEADER), kept(registration)).log
    return [(row.claiming, row.holder_id, row.by_id) for row in reversed(rows)]


def test_of_two_who_take_a_dossier_at_once_one_has_it_and_the_other_is_told_who(first: Actor, second: Actor) -> None:
    for _ in range(5):
        registration, start = submit(), Barrier(2)
        with ThreadPoolExecutor(2) as desks:
            told = list(desks.map(partial(taken_from, registration, start), (first, second)))
        holder = kept(registration).holder
        assert holder is not None
        assert sorted(told) == ["", holder.full_name]
        assert log(registration) == [("take", holder.id, holder.id)]


def taken_from(registration: str, start: Barrier, who: Actor) -> str:
    """Take it when the other does; gives who was faster, if anybody."""
    start.wait()
    try:
        claims.take(who, registration, NOW)
    except Held as held:
        return str(held.details["name"])
    return ""


def test_taking_twice_is_no_harm_and_releasing_lets_the_next_one_take_it(first: Actor, second: Actor) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    claims.take(first, registration, NOW)
    claims.release(first, registration, NOW)
    claims.release(first, registration, NOW)
    claims.take(second, registration, NOW)
    a, b = first.account_id, second.account_id
    assert log(registration) == [("take", a, a), ("release", None, a), ("take", b, b)]


def test_it_is_taken_over_only_from_the_colleague_who_was_seen_to_have_it(first: Actor, second: Actor) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    for over in (None, second.account_id, 0):
        with pytest.raises(Held):
            claims.take(second, registration, NOW, over)
    claims.take(second, registration, NOW, first.account_id)
    assert kept(registration).holder_id == second.account_id
    assert log(registration)[-1] == ("take_over", second.account_id, second.account_id)


def test_who_acts_on_what_a_colleague_has_is_told_so_and_changes_nothing_unless_knowingly(
    first: Actor, second: Actor
) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    with pytest.raises(Held) as told:
        dossiers.act(second, registration, Deed(Action.RECEIVE), NOW)
    assert told.value.details == {"account": first.account_id, "name": first.name}
    assert (kept(registration).seq, kept(registration).code) == (1, None)
    dossiers.act(second, registration, Deed(Action.RECEIVE, over=first.account_id), NOW)
    assert kept(registration).received_at == NOW
    assert log(registration)[-1] == ("take_over", second.account_id, second.account_id)


def test_it_is_nobodys_once_it_passes_to_another_step_and_stays_whose_it_is_while_it_does_not(first: Actor) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    assert kept(registration).holder_id == first.account_id, "reception leaves it at the first step"
    act(R.ONE_STOP_OFFICER, registration, Action.FORWARD)
    assert kept(registration).holder_id is None
    head = person(R.HEAD_OF_OFFICE)
    claims.take(head, registration, NOW)
    act(R.HEAD_OF_OFFICE, registration, Action.FORWARD)
    assert kept(registration).holder_id is None


def test_while_the_applicant_is_waited_for_nobody_has_it_and_nobody_takes_it(first: Actor) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    wanted = ({"key": "other", "words": "Xin nói rõ."},)
    wish = Request(reason="missing_paper", items=wanted, answer_by=NOW.date().replace(day=28))
    dossiers.act(first, registration, Deed(Action.ASK_SUPPLEMENT, request=wish, words=WORDS), NOW)
    assert kept(registration).holder_id is None
    with pytest.raises(Forbidden):
        claims.take(first, registration, NOW)


def test_another_role_acts_beside_whoever_has_it(first: Actor) -> None:
    registration = submit()
    claims.take(first, registration, NOW)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    act(R.LEADER, registration, Action.STOP, reason="other", words=WORDS)
    assert kept(registration).holder_id is None, "what is at its end is nobody's"


def test_a_head_assigns_to_somebody_of_the_step_and_to_nobody_else(first: Actor, second: Actor) -> None:
    registration, head = submit(), person(R.LEADER)
    assert first.account_id is not None
    assert second.account_id is not None
    claims.assign(head, registration, second.account_id, NOW)
    claims.assign(head, registration, first.account_id, NOW)
    assert log(registration)[-1] == ("assign", first.account_id, head.account_id)
    left = colleague(R.SPECIALIST)
    gone = account_of(R.ONE_STOP_OFFICER, username="da-nghi", active=False)
    elsewhere = account_of(R.ONE_STOP_OFFICER, "bao-ha")
    for account_id in (left.account_id, head.account_id, gone.id, elsewhere.id, 0, 999_999):
        assert account_id is not None
        with pytest.raises(Invalid):
            claims.assign(head, registration, account_id, NOW)
    with pytest.raises(Forbidden):
        claims.assign(first, registration, second.account_id, NOW)
    claims.release(head, registration, NOW)
    assert kept(registration).holder_id is None


def test_whoever_may_not_open_it_does_not_learn_that_there_is_one(first: Actor) -> None:
    registration = submit()
    elsewhere = account_of(R.ONE_STOP_OFFICER, "bao-ha")
    stranger = Actor(elsewhere.id, R.ONE_STOP_OFFICER, "bao-ha")
    for deed in (claims.take, claims.release):
        with pytest.raises(NotFound):
            deed(stranger, registration, NOW)
