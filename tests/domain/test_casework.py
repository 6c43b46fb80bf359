"""One action on one dossier: the table of moves holds for everybody, and the legal clock obeys it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import clock, ledger
from portal.domain.access import PORTAL, TIES, Actor, Role, Tie
from portal.domain.casework import (
    Case,
    Decision,
    Interlude,
    Outcome,
    Request,
    Rules,
    Stop,
    apology_by,
    may_be_rectified_on,
    possible,
    submitted,
)
from portal.domain.casework import step as do
from portal.domain.errors import Forbidden, Invalid, NotPossibleNow
from portal.domain.flow import ENDED, MOVES, OPEN, WAITING, Action, Clock, Move, Need, Status
from portal.domain.ledger import DueReason, Entry
from portal.domain.moment import Moment
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, load_official_days
from procedures.places import load_places
from procedures.terms import Term

A, S, R = Action, Status, Role
UNIT, HEIR = "bao-yen", "bao-ha"
CALENDAR = WorkCalendar.of(load_places().by_id(UNIT), load_official_days())
#: A Monday morning.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
OWNER = 7
HELPER = 70
ASK = Request(reason="missing", items=[{"key": "a"}], answer_by=date(2026, 9, 30))
ALL = replace(ASK, number="BL 1", to_unit=HEIR, interval="posting", promised=NOW + timedelta(days=30))


def stop(key: str, role: Role, share: str | None, *powers: Action) -> Stop:
    return Stop(key, role, False, Decimal(share) if share else None, frozenset(powers))


ROUTE = (
    stop("reception", R.ONE_STOP_OFFICER, "0.5", A.RECEIVE, A.ASK_SUPPLEMENT, A.FORWARD),
    stop("examination", R.SPECIALIST, "3", A.FORWARD, A.ASK_SUPPLEMENT),
    stop("duty", R.SPECIALIST, "2", A.FORWARD, A.SEND_BACK, A.ASK_SUPPLEMENT, A.ASK_DUTY),
    stop("signature", R.LEADER, "1", A.APPROVE, A.REFUSE, A.SEND_BACK),
    stop("numbering", R.CLERK, "0.5", A.ISSUE, A.SEND_BACK),
    stop("return", R.ONE_STOP_OFFICER, None, A.HAND_OVER),
)
RULES = Rules(
    "construction", Term.parse("7 working_day"), True, ROUTE, "registry",
    positions={stop.key: number for number, stop in enumerate(ROUTE)},
    interludes={"posting": Interlude("posting", "posting", Term.parse("15 day"), True, "NĐ 101/2024/NĐ-CP")},
    refuse_within=Term.parse("1 working_day"),
)  # fmt: skip
PAUSING = replace(RULES, restarts=False)

#: Where a dossier of a status is, unless the action has a step of its own.
HOME = {S.PROCESSING: "examination", S.SUPPLEMENT_ASKED: "examination", S.DUTY_ASKED: "duty"}
HOME |= dict.fromkeys((S.RESOLVED, S.HANDED_OVER, S.STOPPED), "return")
STEP_OF = {A.SEND_BACK: "signature", A.ASK_DUTY: "duty", A.APPROVE: "signature", A.REFUSE: "signature"}
STEP_OF |= {A.ISSUE: "numbering"}
#: What besides status and step must be so for an action to be possible.
READY: dict[Action, dict[str, Any]] = {
    A.ISSUE: {"decision": Decision.APPROVED},
    A.PAY_FEE: {"fee_open": True},
    A.CONFIRM_WITHDRAWAL: {"withdrawal_asked": True},
    A.KEEP: {"withdrawal_asked": True},
    A.RECEIVE: {"answered_early": True},
    A.PROPOSE_SUPPLEMENT: {"supplement_rounds": 1},
    A.GRANT_SUPPLEMENT: {"supplement_rounds": 1, "proposed": True},
    A.DENY_SUPPLEMENT: {"supplement_rounds": 1, "proposed": True},
    A.END_INTERVAL: {"intervals": {"posting": NOW}},
}
NEVER_RECEIVED = {S.REGISTERED, S.NOT_RECEIVED}
STATES = [(s, r) for s in S for r in (False, True) if not (r and s in NEVER_RECEIVED)]
STATES = [(s, r) for s, r in STATES if r or s in NEVER_RECEIVED | {S.SUPPLEMENT_ASKED, S.WITHDRAWN}]


def case_of(status: Status, received: bool, action: Action | None = None, **changes: Any) -> Case:
    """A case in a state, ready for an action as far as the state allows."""
    step = HOME.get(status, "reception") if received else "reception"
    if status is S.PROCESSING and action is not None:
        step = STEP_OF.get(action, step)
    known: dict[str, Any] = {
        "status": status,
        "unit": UNIT,
        "owner_id": OWNER,
        "helper_id": HELPER,
        "step": step,
        "step_since": NOW,
    }
    if received:
        due = clock.due_date(RULES.term, NOW, CALENDAR)
        promised = Entry(DueReason.RECEIVED, NOW, None, due.due_at, "", NOW, None, RULES.term)
        known |= {"received_at": NOW, "due_at": due.due_at, "due_on": due.due_on, "ledger": (promised,)}
        known |= {"held_since": NOW} if status in WAITING else {}
        known |= {"ended_at": NOW, "ended_on": date(2026, 9, 14)} if status in ENDED else {}
    ready = READY.get(action, {}) if action else {}
    if action is A.ASK_SUPPLEMENT and status is S.SUPPLEMENT_ASKED:
        ready = {"answered_early": True}
    return Case(**known | ready | changes)


def actor_for(tie: Tie, case: Case) -> Actor:
    """Somebody who stands so to the case."""
    match tie:
        case Tie.OWNER:
            return Actor(OWNER, R.CITIZEN)
        case Tie.HELPER:
            return Actor(HELPER, R.CITIZEN)
        case Tie.PORTAL:
            return PORTAL
        case Tie.HOLDER:
            return Actor(3, RULES.stop(case.step).role, case.unit)
    roles = {
        Tie.RECEPTION: R.ONE_STOP_OFFICER,
        Tie.LEADERSHIP: R.LEADER,
        Tie.ISSUER: R.CLERK,
        Tie.HEAD: R.HEAD_OF_OFFICE,
    }
    return Actor(4, roles[tie], case.unit)


def at(days: float = 0) -> Moment:
    return Moment(NOW + timedelta(days=days), CALENDAR)


def make(case: Case, action: Action, days: float = 0, rules: Rules = RULES, request: Request = ALL) -> Outcome:
    """The action by somebody who may."""
    (tie, *_) = sorted(TIES[action])
    return do(case, action, actor_for(tie, case), at(days), rules, request)


def row(action: Action, status: Status, received: bool) -> Move | None:
    return next((m for m in MOVES if m.action is action and m.before is status and m.holds(received)), None)


@pytest.mark.parametrize("action", [a for a in A if a is not A.SUBMIT])
@pytest.mark.parametrize(("status", "received"), STATES)
def test_exactly_the_rows_that_hold_are_possible_for_whoever_may(
    status: Status, received: bool, action: Action
) -> None:
    case = case_of(status, received, action)
    move = row(action, status, received)
    for tie in TIES[action]:
        actor = actor_for(tie, case)
        allowed = possible(case, actor, RULES)
        assert (action in allowed) == (move is not None)
        if move is not None:
            day = 0 if action is A.RECTIFY else 1
            assert do(case, action, actor, at(day), RULES, ALL).case.status is move.after
            continue
        with pytest.raises(NotPossibleNow) as refused:
            do(case, action, actor, at(1), RULES, ALL)
        assert refused.value.details["possible"] == tuple(a.value for a in allowed)


@pytest.mark.parametrize("action", list(A))
@pytest.mark.parametrize(
    "stranger",
    [Actor(1, R.MANAGER), Actor(2, R.ADMINISTRATOR), Actor(OWNER + 1, R.CITIZEN), Actor(3, R.LEADER, HEIR)],
    ids=lambda actor: actor.role.value,
)
@pytest.mark.parametrize(("status", "received"), STATES)
def test_who_can_never_do_it_is_forbidden_it_in_every_status(
    status: Status, received: bool, stranger: Actor, action: Action
) -> None:
    with pytest.raises(Forbidden):
        do(case_of(status, received, action), action, stranger, at(), RULES, ALL)


def test_who_holds_it_at_another_step_is_told_not_now() -> None:
    case = case_of(S.PROCESSING, True)
    with pytest.raises(NotPossibleNow) as refused:
        do(case, A.APPROVE, Actor(4, R.LEADER, UNIT), at(), RULES, ALL)
    assert refused.value.details == {
        "action": "approve",
        "status_now": 4,
        "possible": ("apologise", "stop", "revoke_slip"),
    }


GIVEN: dict[Need, Any] = {Need.REASON: None, Need.ITEMS: (), Need.ANSWER_BY: None, Need.NUMBER: None}
GIVEN |= {Need.INTERVAL: None, Need.PROMISE: None}


@pytest.mark.parametrize(
    ("move", "need"), [(m, n) for m in MOVES for n in sorted(m.needs)], ids=lambda x: getattr(x, "action", x)
)
def test_an_action_without_what_it_needs_is_invalid(move: Move, need: Need) -> None:
    assert move.before is not None
    received = (move.before, True) in STATES and move.holds(True)
    case = case_of(move.before, received, move.action)
    with pytest.raises(Invalid) as refused:
        make(case, move.action, request=replace(ALL, **{need.value: GIVEN[need]}))
    assert refused.value.fields == {need.value: "required"}


def test_the_clock_starts_at_reception() -> None:
    outcome = make(case_of(S.REGISTERED, False), A.RECEIVE)
    due = clock.due_date(RULES.term, NOW, CALENDAR)
    assert (outcome.case.received_at, outcome.case.due_at, outcome.case.due_on) == (NOW, due.due_at, due.due_on)
    assert outcome.due_move is not None
    assert (outcome.due_move.old, outcome.due_move.reason) == (None, DueReason.RECEIVED)


@pytest.mark.parametrize(("action", "status"), [(m.action, m.before) for m in MOVES if m.clock is Clock.HOLD])
def test_a_held_dossier_keeps_its_due_date(action: Action, status: Status) -> None:
    before = case_of(status, True, action)
    outcome = make(before, action, 1)
    assert outcome.due_move is None
    assert outcome.case.held_since == at(1).instant
    assert (outcome.case.due_at, outcome.case.due_on) == (before.due_at, before.due_on)


def test_an_answered_supplement_restarts_the_clock_or_resumes_it_as_the_procedure_says() -> None:
    held = make(case_of(S.PROCESSING, True), A.ASK_SUPPLEMENT, 1).case
    assert held.due_at is not None
    assert held.held_since is not None
    restarted, resumed = make(held, A.ANSWER_SUPPLEMENT, 8), make(held, A.ANSWER_SUPPLEMENT, 8, PAUSING)
    assert restarted.case.due_at == clock.due_date(RULES.term, at(8).instant, CALENDAR).due_at
    again = clock.resume(held.due_at, held.held_since, at(8).instant, CALENDAR, RULES.term)
    assert resumed.case.due_at == again.due_at
    assert held.due_at < resumed.case.due_at < restarted.case.due_at
    for outcome, reason in ((restarted, DueReason.SUPPLEMENT_RESTART), (resumed, DueReason.SUPPLEMENT_RESUME)):
        assert outcome.case.status is S.PROCESSING
        assert outcome.case.held_since is None
        assert outcome.due_move is not None
        assert (outcome.due_move.old, outcome.due_move.reason) == (held.due_at, reason)


def test_a_confirmed_duty_resumes_the_clock_even_where_supplements_restart_it() -> None:
    held = make(case_of(S.PROCESSING, True, A.ASK_DUTY), A.ASK_DUTY, 1).case
    assert held.due_at is not None
    assert held.held_since is not None
    outcome = make(held, A.CONFIRM_DUTY, 8)
    assert outcome.case.due_at == clock.resume(held.due_at, held.held_since, at(8).instant, CALENDAR, RULES.term).due_at
    assert outcome.due_move is not None
    assert outcome.due_move.reason is DueReason.DUTY_RESUME


def test_the_applicants_lapsed_time_resumes_the_clock_even_where_an_answer_restarts_it() -> None:
    held = make(case_of(S.PROCESSING, True), A.ASK_SUPPLEMENT, 1).case
    lapsed = make(held, A.LAPSE, 8, replace(RULES, refuse_within=Term.parse("1 working_day")))
    assert held.due_at is not None
    assert held.held_since is not None
    assert lapsed.due_move is not None
    assert lapsed.due_move.reason is DueReason.SUPPLEMENT_RESUME
    assert lapsed.case.due_at == clock.resume(held.due_at, held.held_since, at(8).instant, CALENDAR, RULES.term).due_at


def test_a_second_request_after_reception_is_proposed_to_a_head_and_never_made_by_the_officer_alone() -> None:
    once = case_of(S.PROCESSING, True, supplement_rounds=1)
    with pytest.raises(NotPossibleNow) as refused:
        make(once, A.ASK_SUPPLEMENT)
    assert A.PROPOSE_SUPPLEMENT in refused.value.details["possible"]
    proposed = make(once, A.PROPOSE_SUPPLEMENT).case
    assert make(proposed, A.GRANT_SUPPLEMENT).case.supplement_rounds == 2
    assert make(proposed, A.DENY_SUPPLEMENT).case.status is S.PROCESSING
    with pytest.raises(NotPossibleNow):
        make(once, A.PROPOSE_SUPPLEMENT, rules=replace(RULES, rounds=1))


def test_an_apology_moves_the_date_until_the_last_working_day_before_it_is_over_and_only_once() -> None:
    case = case_of(S.PROCESSING, True)
    until = apology_by(case, RULES, at())
    assert case.due_at is not None
    assert until < case.due_at
    assert until.astimezone(OFFICE_TIME).date() < case.due_at.astimezone(OFFICE_TIME).date()
    asked = replace(ALL, promised=case.due_at + timedelta(days=7))

    def apologise(case: Case, instant: datetime) -> Outcome:
        return do(case, A.APOLOGISE, actor_for(Tie.HOLDER, case), Moment(instant, CALENDAR), RULES, asked)

    in_time = apologise(case, until)
    assert in_time.case.apologised
    assert in_time.case.due_at == asked.promised
    with pytest.raises(Invalid) as late:
        apologise(case, until + timedelta(seconds=1))
    assert late.value.fields == {"promised": "too_late"}
    with pytest.raises(NotPossibleNow):
        apologise(in_time.case, until)


def test_the_date_of_an_apology_lies_after_the_old_one_and_no_later_than_the_law_allows() -> None:
    case = case_of(S.PROCESSING, True)
    assert case.due_at is not None
    limited = replace(RULES, delay=Term.parse("10 day"))

    def promise(promised: datetime) -> Outcome:
        return do(case, A.APOLOGISE, actor_for(Tie.HOLDER, case), at(), limited, replace(ALL, promised=promised))

    last = clock.planned_end(case.due_at, Term.parse("10 day"), CALENDAR)
    assert promise(last).case.due_at == last
    for promised, fault in ((case.due_at, "not_later"), (last + timedelta(minutes=1), "beyond_the_law")):
        with pytest.raises(Invalid) as refused:
            promise(promised)
        assert refused.value.fields == {"promised": fault}


def test_an_interval_that_goes_on_is_not_begun_again_while_another_may_be() -> None:
    measuring = Interlude("measuring", "measuring", Term.parse("5 day"), True, "NĐ 101/2024/NĐ-CP")
    rules = replace(RULES, interludes={**RULES.interludes, "measuring": measuring})
    case = case_of(S.PROCESSING, True)

    def begin(case: Case, key: str) -> Case:
        asked = replace(ALL, interval=key)
        return do(case, A.BEGIN_INTERVAL, actor_for(Tie.HOLDER, case), at(1), rules, asked).case

    posted = begin(case, "posting")
    with pytest.raises(Invalid) as refused:
        begin(posted, "posting")
    assert refused.value.fields == {"interval": "unknown"}
    assert begin(posted, "measuring").intervals.keys() == {"posting", "measuring"}


def test_an_interval_that_took_longer_than_the_law_excludes_moves_the_date_no_further() -> None:
    case = case_of(S.PROCESSING, True)
    begun = do(case, A.BEGIN_INTERVAL, actor_for(Tie.HOLDER, case), at(1), RULES, ALL).case
    late = Moment(NOW + timedelta(days=40), CALENDAR)
    ended = do(begun, A.END_INTERVAL, actor_for(Tie.HOLDER, case), late, RULES, ALL)
    assert (ended.due_move, ended.case.due_at, ended.case.intervals) == (None, begun.due_at, {})


def test_nothing_is_approved_while_an_interval_goes_on() -> None:
    case = case_of(S.PROCESSING, True, A.APPROVE)
    leader = actor_for(Tie.HOLDER, case)
    assert A.APPROVE in possible(case, leader, RULES)
    posted = case._replace(intervals={"posting": NOW})
    assert A.APPROVE not in possible(posted, leader, RULES)
    with pytest.raises(NotPossibleNow):
        do(posted, A.APPROVE, leader, at(), RULES, ALL)


def test_a_supplement_before_reception_starts_no_clock_until_an_officer_accepts_the_answer() -> None:
    asked = make(case_of(S.REGISTERED, False), A.ASK_SUPPLEMENT).case
    assert A.RECEIVE not in possible(asked, actor_for(Tie.RECEPTION, asked), RULES)
    answered = make(asked, A.ANSWER_BEFORE_RECEPTION, 3)
    assert answered.case.status is S.SUPPLEMENT_ASKED
    assert answered.case.due_at is None
    assert answered.holder is not None
    assert answered.holder.role is R.ONE_STOP_OFFICER
    assert A.ANSWER_BEFORE_RECEPTION not in possible(answered.case, actor_for(Tie.OWNER, asked), RULES)
    received = make(answered.case, A.RECEIVE, 4).case
    assert (received.status, received.received_at) == (S.RECEIVED, at(4).instant)
    assert received.supplement_rounds == 0


def test_a_dossier_is_sent_back_to_the_step_before_or_to_an_earlier_one_but_never_to_reception() -> None:
    case = case_of(S.PROCESSING, True, A.SEND_BACK, decision=Decision.APPROVED)
    assert make(case, A.SEND_BACK).case.step == "duty"
    back = make(case, A.SEND_BACK, request=replace(ALL, to_step="examination")).case
    assert (back.step, back.decision, back.due_at) == ("examination", None, case.due_at)
    for wrong in ("reception", "signature", "return", "nowhere"):
        with pytest.raises(Invalid):
            make(case, A.SEND_BACK, request=replace(ALL, to_step=wrong))


def test_a_correction_keeps_the_end_and_the_due_date() -> None:
    case = case_of(S.RESOLVED, True, decision=Decision.APPROVED)
    corrected = make(case, A.CORRECT, 5).case
    assert (corrected.status, corrected.decision) == (S.PROCESSING, None)
    kept = ("ended_at", "ended_on", "due_at", "due_on", "received_at")
    assert all(getattr(corrected, name) == getattr(case, name) for name in kept)
    again = corrected._replace(step="numbering", decision=Decision.APPROVED)
    assert make(again, A.ISSUE, 6).case.ended_at == case.ended_at


def test_a_result_is_given_away_only_once_its_fee_is_paid_but_a_refusal_in_any_case() -> None:
    case = case_of(S.RESOLVED, True, fee_open=True, decision=Decision.APPROVED)
    with pytest.raises(NotPossibleNow):
        make(case, A.HAND_OVER)
    assert make(make(case, A.PAY_FEE).case, A.HAND_OVER).case.status is S.HANDED_OVER
    assert make(case._replace(decision=Decision.REFUSED), A.HAND_OVER).case.status is S.HANDED_OVER


@given(st.data())
def test_on_every_legal_walk_person_task_and_time_are_clear_and_a_dossier_ends_once(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from([RULES, PAUSING]))
    moment = at()
    start = submitted(Case(None, UNIT, OWNER, fee_open=data.draw(st.booleans())), rules, moment)
    outcome = do(start, A.SUBMIT, Actor(OWNER, R.CITIZEN), moment, rules, Request())
    for _ in range(data.draw(st.integers(1, 25))):
        case = outcome.case
        people = [Actor(4, role, case.unit) for role in R if role not in (R.CITIZEN, R.SYSTEM)]
        people += [Actor(OWNER, R.CITIZEN), PORTAL]
        moves = [(who, action) for who in people for action in possible(case, who, rules)]
        clear_or_over(outcome, moves)
        if case.status not in OPEN:
            return
        moment = Moment(moment.instant + timedelta(hours=data.draw(st.integers(0, 100))), CALENDAR)
        # Only the walker knows that it is too late to apologise or to put a reception right; the one who acts is told.
        late = {A.APOLOGISE} if case.due_at is not None and moment.instant > apology_by(case, rules, moment) else set()
        late |= {A.RECTIFY} if case.ledger and moment.day != may_be_rectified_on(case) else set()
        who, action = data.draw(st.sampled_from([move for move in moves if move[1] not in late]))
        promised = case.due_at + timedelta(days=data.draw(st.integers(1, 40))) if case.due_at else None
        outcome = do(case, action, who, moment, rules, replace(ALL, promised=promised))
        assert ledger.balance(outcome.case.ledger) == outcome.case.due_at
        for name in ("received_at", "ended_at", "ended_on"):
            assert getattr(case, name) is None or getattr(outcome.case, name) == getattr(case, name)
        if outcome.case.ledger:
            assert ledger.recount(outcome.case.ledger, rules.term, CALENDAR).due_at == outcome.case.due_at
        if outcome.case.due_at != case.due_at:
            assert outcome.due_move is not None
            assert (outcome.due_move.old, outcome.due_move.new) == (case.due_at, outcome.case.due_at)


def clear_or_over(outcome: Outcome, moves: list[tuple[Actor, Action]]) -> None:
    """Clear person, clear task, clear time while a dossier is open; once it is over, papers can be revoked at most."""
    case, holder = outcome.case, outcome.holder
    assert case.status is not None
    assert (case.due_at is None) == (case.received_at is None) == (case.due_on is None)
    if case.status in ENDED and case.received_at is not None:
        assert case.ended_at is not None
    assert (case.ended_at is None) == (case.ended_on is None)
    if case.status not in OPEN:
        assert holder is None
        assert {action for _who, action in moves} == {A.REVOKE_SLIP}
        return
    assert holder is not None
    assert holder.act_by.tzinfo is not None
    assert any(who.role is holder.role and who.unit == holder.unit for who, _ in moves)
    assert (case.held_since is not None) == (case.status in WAITING and case.received_at is not None)
