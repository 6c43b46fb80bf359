"""One action on one dossier, decided from plain values: what is possible, and what comes of it.

`step` is the only function that assigns a status. The web, the workers and the demonstration's history all go through
it, so a rule holds everywhere or nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from portal.domain import clock, ledger
from portal.domain.access import TIES, Actor, Role, Tie, Whereabouts, may_act
from portal.domain.errors import Forbidden, Invalid, NotPossibleNow
from portal.domain.flow import ENDED, MOVES, TERMINAL, WAITING, Action, Clock, Move, Need, Status
from portal.domain.ledger import DueReason, Entry
from portal.domain.moment import Moment, office_day
from portal.domain.separation import SIGNING
from procedures.terms import Term


class Decision(StrEnum):
    """What the one who signs decided."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Stop:
    """One step of a route: who holds the dossier there, for how many working days at most, and what may be done.

    `at_registry`: done at the land registry's branch instead of the unit the dossier is at. `share` is None for a step
    outside the clock and for same-day procedures.
    """

    key: str
    role: Role
    at_registry: bool
    share: Decimal | None
    powers: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Interlude:
    """A stretch of work with a length of its own that a procedure knows: posting, measuring, another body's opinion.

    `excluded`: the term does not run meanwhile, for `length` at most; without a length, for as long as it takes.
    `silence_consents`: where no opinion comes in time, that is consent.
    """

    key: str
    kind: str
    length: Term | None
    excluded: bool
    rule: str
    silence_consents: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What casework needs to know of the procedure version a dossier runs under, at its unit.

    `term` includes the mountain extra where it applies; `same_day` terms need no shares. `restarts`: a supplement asked
    after reception restarts the clock instead of pausing it. `registry`: the branch of the land registry that serves
    the unit, '' where none does. `ack_hours`: working hours within which an online dossier is answered. `rounds`: how
    often supplements may be asked after reception, None for as often as a head allows; `notice_within`: how soon after
    reception at the latest; `refuse_within`: how soon a dossier is refused whose applicant did not answer in time.
    `delay`: by how much the term may be prolonged where the law says so. `one_person` may receive, verify and sign.
    `bundled`: it is of a bundle of procedures.
    """

    sector: str
    term: Term
    restarts: bool
    route: tuple[Stop, ...]
    registry: str
    ack_hours: int = 8
    term_rule: str = ""
    supplement_rule: str = "NĐ 61/2018/NĐ-CP Điều 19 khoản 4"
    positions: Mapping[str, int] = field(default_factory=dict)
    interludes: Mapping[str, Interlude] = field(default_factory=dict)
    rounds: int | None = None
    notice_within: Term | None = None
    refuse_within: Term | None = None
    delay: Term | None = None
    one_person: bool = False
    bundled: bool = False

    def stop(self, key: str) -> Stop:
        """The step with this key."""
        return self.route[self.positions[key]]

    def unit_of(self, stop: Stop, unit: str) -> str:
        """The unit that does a step of a dossier which is at `unit`."""
        return self.registry if stop.at_registry else unit

    def issuer(self) -> Stop:
        """The step that numbers and seals the result."""
        return _issuer(self)


@lru_cache(maxsize=1024)
def _issuer(rules: Rules) -> Stop:
    return next(stop for stop in rules.route if Action.ISSUE in stop.powers)


NO_INTERVALS: Final[Mapping[str, datetime]] = MappingProxyType({})


class Case(NamedTuple):
    """A dossier as casework sees it; `status` is None before it is submitted.

    `begins_by`: by when a further leg of a bundle begins at the latest; None for every other dossier. `ledger`: every
    row of the due date's, the last of which comes to `due_at`; `intervals`: those that go on, by key, with
    when they began. `proposed`: a further round of supplements waits for a head to allow it. `alone` are the
    accounts that received and verified it with nobody else; `helper_id` handed it in for its owner.
    """

    status: Status | None
    unit: str
    owner_id: int | None = None
    step: str = ""
    step_since: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    due_provisional: bool = False
    held_since: datetime | None = None
    answer_by: date | None = None
    ended_at: datetime | None = None
    ended_on: date | None = None
    handed_over_at: datetime | None = None
    decision: Decision | None = None
    supplement_rounds: int = 0
    answered_early: bool = False
    withdrawal_asked: bool = False
    fee_open: bool = False
    begins_by: datetime | None = None
    ledger: tuple[Entry, ...] = ()
    intervals: Mapping[str, datetime] = NO_INTERVALS
    proposed: bool = False
    alone: frozenset[int] = frozenset()
    helper_id: int | None = None

    @property
    def apologised(self) -> bool:
        """Whether another date was promised with an apology, which happens once (NĐ 61/2018/NĐ-CP Art 19.9)."""
        return any(entry.reason is DueReason.APOLOGY for entry in self.ledger)

    @property
    def waits_for_a_leg(self) -> bool:
        """Whether it is a leg of a bundle whose turn has not come."""
        return self.status is Status.REGISTERED and self.begins_by is not None


@dataclass(frozen=True, slots=True)
class Request:
    """What comes with an action: a reason's code, items asked for or answered, a day, a number, a step, a unit.

    `term_case`: which of the cases that only an officer can tell applies to a dossier that is received. `interval`: the
    key of one that begins or ends; `body`: who is asked for an opinion. `promised`: the new date of an apology.
    `received_at`: when a dossier came that was taken down on paper first, or that was received at another time than
    was written down; None for now, or for the time that stands.
    """

    reason: str | None = None
    items: Sequence[Mapping[str, Any]] = ()
    answer_by: date | None = None
    number: str | None = None
    to_step: str | None = None
    to_unit: str | None = None
    term_case: str | None = None
    interval: str | None = None
    body: str | None = None
    promised: datetime | None = None
    received_at: datetime | None = None


class Holder(NamedTuple):
    """Clear person, clear time: who has to act now, and by when; `unit` is None for the citizen."""

    role: Role
    unit: str | None
    act_by: datetime


class Outcome(NamedTuple):
    """What comes of an action: the case afterwards, who holds it, and the row for the ledger, if the date moved."""

    action: Action
    before: Status | None
    case: Case
    holder: Holder | None
    due_move: Entry | None


#: The kind of interval, and its key, in which another body is asked for its opinion.
CONSULTATION: Final = "consultation"
APOLOGY_RULE: Final = "NĐ 61/2018/NĐ-CP Điều 19 khoản 9"

#: The rows of each action from each status.
_ROWS: dict[tuple[Action, Status | None], tuple[Move, ...]] = {
    (m.action, m.before): tuple(other for other in MOVES if (other.action, other.before) == (m.action, m.before))
    for m in MOVES
}

#: Actions that only those steps may do whose route gives them the power.
POWERS = frozenset(
    {
        Action.FORWARD,
        Action.SEND_BACK,
        Action.ASK_SUPPLEMENT,
        Action.ASK_DUTY,
        Action.APPROVE,
        Action.REFUSE,
        Action.ISSUE,
    }
)
#: Actions that come with the power for another one.
POWER_BEHIND: Mapping[Action, Action] = {Action.PROPOSE_SUPPLEMENT: Action.ASK_SUPPLEMENT}


def whereabouts(case: Case, rules: Rules) -> Whereabouts:
    """Where the dossier stands, as far as rights are concerned."""
    begun = not case.waits_for_a_leg
    return _whereabouts(rules, case.unit, case.step or rules.route[0].key, case.owner_id, case.helper_id, begun)


@lru_cache(maxsize=4096)
def _whereabouts(
    rules: Rules, unit: str, step: str, owner_id: int | None, helper_id: int | None, begun: bool
) -> Whereabouts:
    stop, issuer = rules.stop(step), rules.issuer()
    return Whereabouts(
        owner_id=owner_id,
        unit=unit,
        sector=rules.sector,
        registry=rules.registry,
        holder_role=stop.role,
        holder_unit=rules.unit_of(stop, unit),
        issuer_role=issuer.role,
        issuer_unit=rules.unit_of(issuer, unit),
        begun=begun,
        helper_id=helper_id,
    )


def possible(case: Case, actor: Actor, rules: Rules) -> tuple[Action, ...]:
    """The actions this actor can do now, in the order of the table of moves."""
    apart = must_not_sign(case, actor, rules)
    return tuple(action for action in _allowed(case, actor, rules) if not (apart and action in SIGNING))


def _allowed(case: Case, actor: Actor, rules: Rules) -> tuple[Action, ...]:
    where = whereabouts(case, rules)
    found = dict.fromkeys(m.action for m in MOVES if _holds(m, case, rules) and may_act(actor, m.action, where))
    return tuple(found)


def must_not_sign(case: Case, actor: Actor, rules: Rules) -> bool:
    """Whether somebody could sign now, but is the only one who received and verified the dossier."""
    if rules.one_person or not actor.hands & case.alone:
        return False
    return not SIGNING.isdisjoint(_allowed(case, actor, rules))


def earlier_steps(case: Case, rules: Rules) -> tuple[Stop, ...]:
    """The steps a dossier can be sent back to: those after reception and before the present one."""
    return rules.route[first_to_work(rules) : rules.positions[case.step]]


def first_to_work(rules: Rules) -> int:
    """The position of the first step after reception; a leg that the portal receives begins with it."""
    return 1 if Action.RECEIVE in rules.route[0].powers else 0


def submitted(case: Case, rules: Rules, moment: Moment) -> Case:
    """A new case as `step` expects it for SUBMIT: at the first step of its route."""
    return case._replace(step=rules.route[0].key, step_since=moment.instant)


def step(case: Case, action: Action, actor: Actor, moment: Moment, rules: Rules, request: Request) -> Outcome:
    """Do one action on one dossier.

    Raises:
        Forbidden: the actor can never do this to this dossier; 'alone', if another one must sign what they handled.
        NotPossibleNow: not in this status or at this step; it names what is possible.
        Invalid: something the action needs is missing.
    """
    move = next((m for m in _ROWS.get((action, case.status), ()) if _holds(m, case, rules)), None)
    where = whereabouts(case, rules)
    if not may_act(actor, action, where):
        if not _could_act(actor, action, case, rules):
            raise Forbidden(action=action.value)
        move = None
    if move is None:
        allowed = possible(case, actor, rules)
        raise NotPossibleNow(action.value, case.status, [a.value for a in allowed])
    if action in SIGNING and must_not_sign(case, actor, rules):
        raise Forbidden("alone", action=action.value)
    _demand(move, request)
    after, due_move = _apply(move, case, moment, rules, request)
    return Outcome(action, case.status, after, holder(after, rules, moment), due_move)


def holder(case: Case, rules: Rules, moment: Moment) -> Holder | None:
    """Who has to act on this case now, and by when; None once nothing is left to do."""
    if case.status is None or case.status in TERMINAL:
        return None
    if case.waits_for_a_leg:
        return Holder(Role.SYSTEM, None, case.begins_by or moment.instant)
    reception = rules.route[0]
    if case.status is Status.REGISTERED or (case.status is Status.SUPPLEMENT_ASKED and case.answered_early):
        assert case.step_since is not None
        return Holder(reception.role, case.unit, clock.within_hours(case.step_since, rules.ack_hours, moment.calendar))
    if case.status in WAITING:
        return Holder(Role.CITIZEN, None, clock.closing(case.answer_by or moment.day, moment.calendar))
    stop = rules.stop(case.step)
    unit = rules.unit_of(stop, case.unit)
    role = _head_of(stop, rules) if case.proposed else stop.role
    assert case.due_at is not None
    assert case.step_since is not None
    if case.status is Status.RESOLVED or stop.share is None:
        return Holder(role, unit, max(case.due_at, case.step_since))
    limit = clock.step_limit(case.step_since, stop.share, moment.calendar)
    return Holder(role, unit, min(limit, case.due_at))


def _head_of(stop: Stop, rules: Rules) -> Role:
    """Who heads the office that does a step."""
    if stop.at_registry:
        return Role.REGISTRY_HEAD
    return Role.POLICE_HEAD if rules.sector == "residence" else Role.HEAD_OF_OFFICE


def _holds(move: Move, case: Case, rules: Rules) -> bool:
    """Whether a row of the table holds for this case, whoever acts."""
    if move.before is not case.status or not move.holds(case.received_at is not None):
        return False
    if case.status is None:
        return True
    stop, position = rules.stop(case.step), rules.positions[case.step]
    if case.proposed and (move.action in POWERS or move.action in POWER_BEHIND):
        return False
    match move.action:
        case Action.RECEIVE | Action.ASK_SUPPLEMENT if case.status is Status.SUPPLEMENT_ASKED:
            return case.answered_early
        case Action.ASK_SUPPLEMENT if case.received_at is not None and case.supplement_rounds:
            return False
        case Action.PROPOSE_SUPPLEMENT:
            further = rules.rounds is None or case.supplement_rounds < rules.rounds
            return bool(case.supplement_rounds) and further and Action.ASK_SUPPLEMENT in stop.powers
        case Action.GRANT_SUPPLEMENT | Action.DENY_SUPPLEMENT:
            return case.proposed
        case Action.LAPSE:
            return rules.refuse_within is not None
        case Action.BEGIN_INTERVAL:
            return stop.share is not None and bool(rules.interludes.keys() - case.intervals.keys())
        case Action.END_INTERVAL:
            return bool(case.intervals)
        case Action.APOLOGISE:
            return not case.apologised
        case Action.AMEND:
            # What the legs of a bundle share is corrected at the first one.
            return case.begins_by is None
        case Action.RECTIFY:
            return not rules.bundled and only_received(case)
        case Action.APPROVE if case.intervals:
            return False
        case Action.ANSWER_BEFORE_RECEPTION:
            return not case.answered_early
        case Action.ISSUE:
            return Action.ISSUE in stop.powers and case.decision is not None
        case Action.SEND_BACK:
            return Action.SEND_BACK in stop.powers and position > first_to_work(rules)
        case Action.REQUEST_WITHDRAWAL:
            return not case.withdrawal_asked
        case Action.CONFIRM_WITHDRAWAL | Action.KEEP:
            return case.withdrawal_asked
        case Action.PAY_FEE:
            return case.fee_open
        case Action.HAND_OVER:
            # A fee that is open must be paid before the result is given away; a refusal is given in any case.
            return not (case.fee_open and case.decision is Decision.APPROVED)
        case action if action in POWERS:
            return action in stop.powers
    return True


def _could_act(actor: Actor, action: Action, case: Case, rules: Rules) -> bool:
    """Whether the actor stands on the route of this dossier with the power for the action, only not at this step."""
    if Tie.HOLDER not in TIES[action]:
        return False
    stops = [s for s in rules.route if s.role is actor.role and rules.unit_of(s, case.unit) == actor.unit]
    power = POWER_BEHIND.get(action, action)
    return any(power not in POWERS or power in s.powers for s in stops)


def _demand(move: Move, request: Request) -> None:
    """Refuse an action that comes without what it needs."""
    if not move.needs:
        return
    given = {
        Need.REASON: request.reason,
        Need.ITEMS: request.items,
        Need.ANSWER_BY: request.answer_by,
        Need.NUMBER: request.number,
        Need.INTERVAL: request.interval,
        Need.PROMISE: request.promised,
    }
    missing = {need.value: "required" for need in sorted(move.needs) if not given[need]}
    if missing:
        raise Invalid(missing)


def _apply(move: Move, case: Case, moment: Moment, rules: Rules, request: Request) -> tuple[Case, Entry | None]:
    """The case after a move, and what it does to the due date."""
    changes: dict[str, Any] = {"status": move.after, **_consequences(move.action, case, moment, request)}
    destination = _destination(move.action, case, rules, request)
    if destination != case.step:
        changes |= {"step": destination, "step_since": moment.instant}
    due_move = None
    match move.clock:
        case Clock.START:
            received_at = changes["received_at"] = request.received_at or moment.instant
            # Reception has its share of the term from now on: what it waited for before was not the office's time.
            changes["step_since"] = moment.instant
            if received_at > moment.instant:
                raise Invalid({"received_at": "in_the_future"})
            due_move = _count(case, moment, rules, DueReason.RECEIVED, rules.term_rule, changes, received_at)
        case Clock.HOLD:
            changes["held_since"] = moment.instant
        case Clock.RELEASE:
            due_move = _release(move.action, case, moment, rules, changes)
        case Clock.MOVE:
            due_move = _MOVES[move.action](case, moment, rules, request, changes)
        case Clock.END if case.received_at is not None and case.ended_at is None and move.after in ENDED:
            changes |= {"ended_at": moment.instant, "ended_on": moment.day}
    return case._replace(**changes), due_move


def _consequences(action: Action, case: Case, moment: Moment, request: Request) -> dict[str, Any]:
    """What an action changes besides status, step and clock."""
    match action:
        case Action.ASK_SUPPLEMENT:
            rounds = case.supplement_rounds + (case.received_at is not None)
            return {"answer_by": request.answer_by, "supplement_rounds": rounds, "answered_early": False}
        case Action.PROPOSE_SUPPLEMENT:
            return {"proposed": True}
        case Action.DENY_SUPPLEMENT:
            return {"proposed": False}
        case Action.GRANT_SUPPLEMENT:
            rounds = case.supplement_rounds + 1
            return {"answer_by": request.answer_by, "supplement_rounds": rounds, "proposed": False}
        case Action.ASK_DUTY:
            return {"answer_by": request.answer_by}
        case Action.ANSWER_BEFORE_RECEPTION:
            return {"answered_early": True, "answer_by": None, "step_since": moment.instant}
        case Action.APPROVE:
            return {"decision": Decision.APPROVED}
        case Action.REFUSE:
            return {"decision": Decision.REFUSED}
        case Action.SEND_BACK | Action.CORRECT:
            return {"decision": None}
        case Action.HAND_OVER:
            return {"handed_over_at": moment.instant}
        case Action.PAY_FEE:
            return {"fee_open": False}
        case Action.REQUEST_WITHDRAWAL:
            return {"withdrawal_asked": True}
        case Action.KEEP:
            return {"withdrawal_asked": False}
        case Action.SUCCEED:
            return {"unit": request.to_unit}
        case Action.RECTIFY:
            return {"unit": request.to_unit or case.unit, "received_at": request.received_at or case.received_at}
    return {}


def _destination(action: Action, case: Case, rules: Rules, request: Request) -> str:
    """The step the dossier is at after an action."""
    position = rules.positions[case.step]
    match action:
        case Action.FORWARD | Action.APPROVE:
            return rules.route[position + 1].key
        case Action.REFUSE:
            return rules.issuer().key
        case Action.ISSUE:
            return rules.route[-1].key
        case Action.SEND_BACK | Action.CORRECT:
            return _earlier(case, rules, request.to_step)
    return case.step


def _earlier(case: Case, rules: Rules, wanted: str | None) -> str:
    """The step to go back to: the one wanted, or the one before."""
    steps = earlier_steps(case, rules)
    if wanted is None:
        return steps[-1].key
    if wanted not in {s.key for s in steps}:
        raise Invalid({"to_step": "unknown"})
    return wanted


def _enter(case: Case, entry: Entry, moment: Moment, rules: Rules, changes: dict[str, Any]) -> Entry:
    """Write a row of the ledger, and the due date it comes to, into the changes."""
    row, due = ledger.enter(case.ledger, entry, rules.term, moment.calendar)
    changes |= {
        "ledger": (*case.ledger, row),
        "due_at": due.due_at,
        "due_on": due.due_on,
        "due_provisional": due.provisional,
    }
    return row


def _row(
    reason: DueReason, moment: Moment, rule: str, since: datetime, until: datetime | None = None, **more: Any
) -> Entry:
    """A row whose dates are still to be found."""
    return Entry(reason, moment.instant, None, moment.instant, rule, since, until, **more)


def _count(
    case: Case,
    moment: Moment,
    rules: Rules,
    reason: DueReason,
    rule: str,
    changes: dict[str, Any],
    since: datetime | None = None,
) -> Entry:
    """Count the whole term, from now if nothing else is said."""
    entry = _row(reason, moment, rule, since or moment.instant, term=rules.term)
    return _enter(case, entry, moment, rules, changes)


def _release(action: Action, case: Case, moment: Moment, rules: Rules, changes: dict[str, Any]) -> Entry:
    """Let the clock run again: from the start (61/2018 Art 19.4) or from where it was held."""
    assert case.held_since is not None
    changes |= {"held_since": None, "answer_by": None, "step_since": moment.instant}
    supplement = case.status is Status.SUPPLEMENT_ASKED
    if supplement and rules.restarts and action is not Action.LAPSE:
        return _count(case, moment, rules, DueReason.SUPPLEMENT_RESTART, rules.supplement_rule, changes)
    reason = DueReason.SUPPLEMENT_RESUME if supplement else DueReason.DUTY_RESUME
    rule = rules.supplement_rule if supplement else rules.term_rule
    return _enter(case, _row(reason, moment, rule, case.held_since, moment.instant), moment, rules, changes)


def _begin_interval(
    case: Case, moment: Moment, rules: Rules, request: Request, changes: dict[str, Any]
) -> Entry | None:
    """Begin an interval: where the law excludes it, the date moves by its length at once."""
    interlude = rules.interludes.get(request.interval or "")
    if interlude is None or interlude.key in case.intervals:
        raise Invalid({"interval": "unknown"})
    if interlude.kind == CONSULTATION and not request.body:
        raise Invalid({"body": "required"})
    changes["intervals"] = {**case.intervals, interlude.key: moment.instant}
    if not interlude.excluded or interlude.length is None:
        return None
    until = clock.planned_end(moment.instant, interlude.length, moment.calendar)
    entry = _row(DueReason.INTERVAL_BEGUN, moment, interlude.rule, moment.instant, until, interval=interlude.key)
    return _enter(case, entry, moment, rules, changes)


def _end_interval(case: Case, moment: Moment, rules: Rules, request: Request, changes: dict[str, Any]) -> Entry | None:
    """End an interval: the date follows how long it took, but no more than the length that the law excludes."""
    interlude = rules.interludes.get(request.interval or "")
    if interlude is None or interlude.key not in case.intervals:
        raise Invalid({"interval": "unknown"})
    changes["intervals"] = {key: begun for key, begun in case.intervals.items() if key != interlude.key}
    if not interlude.excluded:
        return None
    if interlude.length is None:
        since = case.intervals[interlude.key]
        entry = _row(DueReason.INTERVAL_RESUME, moment, interlude.rule, since, moment.instant, interval=interlude.key)
        return _enter(case, entry, moment, rules, changes)
    begun = next((e for e in reversed(case.ledger) if e.interval == interlude.key), None)
    if begun is None or begun.until is None or begun.until <= moment.instant:
        return None
    entry = _row(DueReason.INTERVAL_ENDED, moment, interlude.rule, begun.since, moment.instant, interval=interlude.key)
    return _enter(case, entry, moment, rules, changes)


def _apologise(case: Case, moment: Moment, rules: Rules, request: Request, changes: dict[str, Any]) -> Entry:
    """Promise another date, once, before the last working day of the old one (NĐ 61/2018/NĐ-CP Art 19.9)."""
    assert case.due_at is not None and request.promised is not None
    if moment.instant > apology_by(case, rules, moment):
        raise Invalid({"promised": "too_late"})
    if request.promised <= case.due_at:
        raise Invalid({"promised": "not_later"})
    if rules.delay is not None and request.promised > clock.planned_end(case.due_at, rules.delay, moment.calendar):
        raise Invalid({"promised": "beyond_the_law"})
    entry = _row(DueReason.APOLOGY, moment, APOLOGY_RULE, moment.instant)._replace(new=request.promised)
    return _enter(case, entry, moment, rules, changes)


def _reschedule(case: Case, moment: Moment, rules: Rules, _request: Request, changes: dict[str, Any]) -> Entry:
    """Count the same facts again by a calendar that was changed meanwhile."""
    return _enter(case, _row(DueReason.CALENDAR_CHANGED, moment, "", moment.instant), moment, rules, changes)


def only_received(case: Case) -> bool:
    """Whether nothing has happened to a dossier since its reception but that it was passed on."""
    begun = case.supplement_rounds or case.proposed or case.decision or case.withdrawal_asked or case.intervals
    return not begun and all(entry.reason in _OF_RECEPTION for entry in case.ledger)


_OF_RECEPTION: Final = frozenset({DueReason.RECEIVED, DueReason.RECTIFIED, DueReason.CALENDAR_CHANGED})


def may_be_rectified_on(case: Case) -> date:
    """The only day on which a reception can be put right: the office day on which it was entered.

    For nearly all that is the day of reception; one taken down on paper is entered later. Statistics count a dossier on
    the day it was entered, and what was counted up to a day stays: so what they count by (procedure, unit) is not
    changed once that day is over, and the dossier is stopped and a linked one opened instead.
    """
    return office_day(case.ledger[0].at)


def _rectify(case: Case, moment: Moment, rules: Rules, _request: Request, changes: dict[str, Any]) -> Entry | None:
    """Count the term anew from the time, and by the procedure and the unit, that hold instead of what was entered.

    The time stays on the day that the code bears (TT 01/2018/TT-VPCP Art 19), for a code is never another one. Where
    the same comes of it as before, no row is written.
    """
    assert case.received_at is not None
    since: datetime = changes["received_at"]
    if moment.day != may_be_rectified_on(case):
        raise Invalid({"day": "over"})
    if since > moment.instant:
        raise Invalid({"received_at": "in_the_future"})
    if office_day(since) != office_day(case.received_at):
        raise Invalid({"received_at": "another_day"})
    counted = ledger.course(case.ledger, rules.term)
    if (counted.term, counted.since) == (rules.term, since) and counted.due(moment.calendar).due_at == case.due_at:
        return None
    return _count(case, moment, rules, DueReason.RECTIFIED, rules.term_rule, changes, since)


_MOVES: Mapping[Action, Callable[[Case, Moment, Rules, Request, dict[str, Any]], Entry | None]] = {
    Action.BEGIN_INTERVAL: _begin_interval,
    Action.END_INTERVAL: _end_interval,
    Action.APOLOGISE: _apologise,
    Action.RESCHEDULE: _reschedule,
    Action.RECTIFY: _rectify,
}


def apology_by(case: Case, rules: Rules, moment: Moment) -> datetime:
    """Until when an apology may move the due date: the end of the working day before it.

    Of a term of one working day or less, until the due instant itself, as there is no such day.
    """
    assert case.due_at is not None and case.due_on is not None
    if rules.term.same_day or (rules.term.working_days is not None and rules.term.working_days <= 1):
        return case.due_at
    return clock.closing(clock.apology_deadline(case.due_on, moment.calendar), moment.calendar)
