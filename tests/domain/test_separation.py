"""Nobody alone receives, verifies and signs one dossier."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.access import Absentee, Actor, Role
from portal.domain.flow import Action, Status
from portal.domain.separation import Handled, alone

A, S = Action, Status
RECEIVE = (A.RECEIVE, S.REGISTERED)
PASS_ON = (A.FORWARD, S.RECEIVED)
VERIFY = (A.FORWARD, S.PROCESSING)


def log(*events: tuple[tuple[Action, Status], set[int]]) -> list[Handled]:
    return [Handled(action, before, frozenset(hands)) for (action, before), hands in events]


def test_whoever_received_and_verified_alone_may_not_sign() -> None:
    assert alone(log((RECEIVE, {1}), (PASS_ON, {2}), (VERIFY, {1}))) == {1}, "passing on is no verification"
    assert alone(log((RECEIVE, {1}), (VERIFY, {2}))) == frozenset()
    assert alone(log((RECEIVE, {1}), (VERIFY, {1}), (VERIFY, {2}))) == frozenset()
    assert alone(log((RECEIVE, set()), (VERIFY, {1}))) == frozenset(), "the portal received it"
    assert alone([]) == frozenset()


def test_receiving_what_was_completed_first_is_a_reception_too() -> None:
    assert alone(log(((A.RECEIVE, S.SUPPLEMENT_ASKED), {1}), (VERIFY, {2}))) == frozenset()


def test_what_is_done_in_somebodys_place_counts_for_both() -> None:
    deputy = Actor(1, Role.SPECIALIST, "bao-yen", "Mai", Absentee(2, "Lan"))
    assert deputy.hands == {1, 2}
    assert alone(log((RECEIVE, {1}), (VERIFY, {*deputy.hands}))) == {1}
    assert alone(log((RECEIVE, {2}), (VERIFY, {*deputy.hands}))) == {2}


@given(st.lists(st.tuples(st.sampled_from((RECEIVE, PASS_ON, VERIFY)), st.sets(st.integers(1, 3)))))
def test_nobody_is_alone_where_somebody_else_had_a_part_without_them(
    events: list[tuple[tuple[Action, Status], set[int]]],
) -> None:
    parts = [hands for what, hands in events if what is not PASS_ON]
    for account in alone(log(*events)):
        assert all(account in hands for hands in parts)
