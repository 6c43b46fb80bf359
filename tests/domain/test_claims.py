"""Who may change which account has a dossier: over every role and everybody who may have it."""

from __future__ import annotations

from itertools import product

import pytest

from portal.domain import claims
from portal.domain.access import DESK, Actor, Claiming, Role, Whereabouts
from portal.domain.errors import Forbidden, Held

R, C = Role, Claiming
ME, COLLEAGUE = 1, 2


def where(holder: Role | None = R.SPECIALIST) -> Whereabouts:
    return Whereabouts(9, "bao-yen", "construction", "chi-nhanh", holder, "bao-yen", R.CLERK, "bao-yen")


def me(role: Role = R.SPECIALIST, unit: str = "bao-yen") -> Actor:
    return Actor(ME, role, unit)


@pytest.mark.parametrize(
    ("holder_id", "now"), [(None, (C.TAKE,)), (ME, (C.RELEASE,)), (COLLEAGUE, (C.TAKE_OVER,))]
)  # fmt: skip
def test_whose_step_it_is_takes_what_is_free_gives_back_their_own_and_takes_over(
    holder_id: int | None, now: tuple[Claiming, ...]
) -> None:
    assert claims.possible(me(), where(), holder_id) == now


@pytest.mark.parametrize("role", [R.HEAD_OF_OFFICE, R.LEADER])
def test_who_heads_the_work_assigns_and_frees_but_does_not_take(role: Role) -> None:
    assert claims.possible(me(role), where(), None) == (C.ASSIGN,)
    assert claims.possible(me(role), where(), COLLEAGUE) == (C.RELEASE, C.ASSIGN)
    with pytest.raises(Forbidden):
        claims.demand(C.TAKE, me(role), where(), None)


@pytest.mark.parametrize("holder_id", [None, ME, COLLEAGUE])
def test_nobody_else_changes_anything_and_nobody_at_all_while_no_office_has_to_act(holder_id: int | None) -> None:
    for role, holder in product(Role, (*DESK, R.CITIZEN, R.SYSTEM, None)):
        elsewhere = claims.possible(me(role, "bao-ha"), where(holder), holder_id)
        assert elsewhere in ((), (C.RELEASE,)), "only what one has oneself is given back from elsewhere"
        if holder not in DESK:
            assert claims.possible(me(role), where(holder), holder_id) == ()
    assert claims.possible(Actor(None, R.SYSTEM), where(), holder_id) == ()


def test_what_a_colleague_has_is_not_taken_but_knowingly_taken_over() -> None:
    with pytest.raises(Held):
        claims.demand(C.TAKE, me(), where(), COLLEAGUE)
    claims.demand(C.TAKE_OVER, me(), where(), COLLEAGUE)


def test_a_colleague_is_in_the_way_of_those_of_the_same_step_alone() -> None:
    assert claims.in_the_way(me(), where(), COLLEAGUE) == COLLEAGUE
    assert claims.in_the_way(me(), where(), ME) is None
    assert claims.in_the_way(me(), where(), None) is None
    for role in set(Role) - {R.SPECIALIST}:
        assert claims.in_the_way(me(role), where(), COLLEAGUE) is None
