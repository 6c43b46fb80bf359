"""Who may open and do what: the tables, role by role."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.access import (
    DESK,
    RIGHTS,
    SCOPES,
    TIES,
    Actor,
    Right,
    Role,
    Scope,
    Tie,
    Whereabouts,
    may,
    may_act,
    may_open,
)
from portal.domain.flow import Action

HERE = Whereabouts(
    owner_id=7,
    unit="bao-yen",
    sector="land",
    registry="registry",
    holder_role=Role.REGISTRY_OFFICER,
    holder_unit="registry",
    issuer_role=Role.REGISTRY_OFFICER,
    issuer_unit="registry",
)


def test_every_right_role_and_action_has_its_row() -> None:
    assert set(RIGHTS) == set(Right)
    assert set(SCOPES) == set(Role)
    assert set(TIES) == set(Action)


@pytest.mark.parametrize("right", [right for right in Right if right not in (Right.PUBLIC, Right.LINK)])
def test_nobody_signed_in_has_only_the_public_right(right: Right) -> None:
    assert not may(None, right)
    assert may(None, Right.PUBLIC)


def test_a_citizen_opens_their_own_dossier_and_nobody_elses() -> None:
    assert may_open(Actor(7, Role.CITIZEN), HERE)
    assert not may_open(Actor(8, Role.CITIZEN), HERE)
    assert not may_open(Actor(None, Role.CITIZEN), replace(HERE, owner_id=None))


def test_a_helper_opens_and_answers_what_they_handed_in_and_does_no_more() -> None:
    helper, where = Actor(8, Role.CITIZEN), replace(HERE, helper_id=8)
    assert may_open(helper, where)
    assert {action for action in Action if may_act(helper, action, where)} == {
        Action.SUBMIT,
        Action.ANSWER_SUPPLEMENT,
        Action.ANSWER_BEFORE_RECEPTION,
    }
    assert not may_open(Actor(None, Role.CITIZEN), where)
    assert not may_open(Actor(8, Role.SPECIALIST, "bao-ha"), where)


@pytest.mark.parametrize("role", sorted(role for role in DESK if SCOPES[role] is Scope.UNIT))
def test_staff_open_the_dossiers_of_their_unit_only(role: Role) -> None:
    assert may_open(Actor(1, role, "bao-yen"), HERE)
    assert not may_open(Actor(1, role, "bao-ha"), HERE)


@pytest.mark.parametrize("role", [Role.POLICE_OFFICER, Role.POLICE_HEAD])
def test_the_police_open_residence_dossiers_only(role: Role) -> None:
    assert not may_open(Actor(1, role, "bao-yen"), HERE)
    assert may_open(Actor(1, role, "bao-yen"), replace(HERE, sector="residence"))


@pytest.mark.parametrize("role", [Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD])
def test_a_branch_of_the_registry_opens_land_dossiers_at_the_units_it_serves(role: Role) -> None:
    assert may_open(Actor(1, role, "registry"), HERE)
    assert not may_open(Actor(1, role, "registry"), replace(HERE, registry="another"))
    assert not may_open(Actor(1, role, "registry"), replace(HERE, sector="construction"))
    assert not may_open(Actor(1, role), replace(HERE, registry=""))


def test_an_administrator_opens_no_dossier() -> None:
    assert not may_open(Actor(1, Role.ADMINISTRATOR, "bao-yen"), HERE)


def test_only_the_one_at_the_step_holds_it() -> None:
    assert may_act(Actor(1, Role.REGISTRY_OFFICER, "registry"), Action.FORWARD, HERE)
    assert not may_act(Actor(1, Role.REGISTRY_HEAD, "registry"), Action.FORWARD, HERE)
    assert not may_act(Actor(1, Role.REGISTRY_OFFICER, "elsewhere"), Action.FORWARD, HERE)


def test_only_a_leader_stops_and_only_reception_hands_over() -> None:
    allowed = {
        action: {
            role for role in Role for unit in ("bao-yen", "registry") if may_act(Actor(9, role, unit), action, HERE)
        }
        for action in (Action.STOP, Action.HAND_OVER)
    }
    assert allowed == {Action.STOP: {Role.LEADER}, Action.HAND_OVER: {Role.ONE_STOP_OFFICER}}


def test_the_portal_itself_moves_dossiers_begins_legs_of_bundles_keeps_time_and_no_more() -> None:
    begins = {Action.SUBMIT, Action.RECEIVE, Action.DECLINE}
    keeps_time = {Action.LAPSE, Action.END_INTERVAL, Action.RESCHEDULE}
    assert {action for action in Action if Tie.PORTAL in TIES[action]} == {Action.SUCCEED} | begins | keeps_time
