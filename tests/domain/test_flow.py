"""The table of moves is the law of a dossier's life: what domain 4.2 allows, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.domain.flow import MOVES, OPEN, TERMINAL, Action, Clock, Need, Status, actions_from, diagram

#: The transitions of domain 4.2, status by status (a status that stays is not one).
ALLOWED = {
    1: {2, 3, 5, 7},
    2: {4, 5, 7, 8},
    3: set(),
    4: {5, 6, 7, 8, 9},
    5: {2, 4, 7, 8},
    6: {4, 7, 8},
    7: set(),
    8: set(),
    9: {4, 10},
    10: set(),
}


@pytest.mark.parametrize("before", list(Status))
def test_from_each_status_exactly_the_transitions_of_the_law_lead_on(before: Status) -> None:
    reached = {int(m.after) for m in MOVES if m.before is before and m.after is not before}
    assert reached == ALLOWED[before]


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_leaves_a_terminal_status_but_its_papers_can_be_revoked(status: Status) -> None:
    assert actions_from(status) == (Action.REVOKE_SLIP,)


def test_a_dossier_begins_only_by_being_submitted() -> None:
    assert actions_from(None) == (Action.SUBMIT,)


def test_no_two_rows_hold_for_the_same_action_status_and_reception() -> None:
    keys = [(m.action, m.before, received) for m in MOVES for received in (True, False) if m.holds(received)]
    assert len(keys) == len(set(keys))


def test_the_clock_is_held_exactly_on_the_way_into_waiting_after_reception() -> None:
    held = {(m.before, m.after) for m in MOVES if m.clock is Clock.HOLD}
    assert held == {(2, 5), (4, 5), (4, 6)}


def test_whoever_says_no_says_why() -> None:
    saying_no = {Action.DECLINE, Action.REFUSE, Action.STOP, Action.SEND_BACK, Action.CORRECT, Action.ASK_SUPPLEMENT}
    assert all(Need.REASON in m.needs for m in MOVES if m.action in saying_no)


def test_every_action_has_a_row_and_every_open_status_a_way_out() -> None:
    assert {m.action for m in MOVES} == set(Action)
    assert all(actions_from(status) for status in OPEN)


def test_the_diagram_in_the_readme_is_the_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert diagram() in readme
