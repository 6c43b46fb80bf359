"""The life of a dossier as one table: which action leads from which status to which, and what the legal clock does.

The ten statuses are those of the national synchronisation specification. From `MOVES` come what is possible now, the
buttons, the texts of refusals, the database's CHECKs, the groups of the statistics and the diagram in the README.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Status(IntEnum):
    """The national status codes 1–10."""

    REGISTERED = 1
    RECEIVED = 2
    NOT_RECEIVED = 3
    PROCESSING = 4
    SUPPLEMENT_ASKED = 5
    DUTY_ASKED = 6
    WITHDRAWN = 7
    STOPPED = 8
    RESOLVED = 9
    HANDED_OVER = 10


TERMINAL = frozenset({Status.NOT_RECEIVED, Status.WITHDRAWN, Status.STOPPED, Status.HANDED_OVER})
WAITING = frozenset({Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED})
#: The term runs: an office works on it.
RUNNING = frozenset({Status.RECEIVED, Status.PROCESSING})
OPEN = frozenset(Status) - TERMINAL
#: It ended, and nothing was decided.
GIVEN_UP = frozenset({Status.STOPPED, Status.WITHDRAWN})
#: Reaching one of these after reception is the end instant of the statistics (Decision 766, indicator 2.1).
ENDED = frozenset({Status.RESOLVED, Status.HANDED_OVER, Status.STOPPED, Status.WITHDRAWN})


class Action(StrEnum):
    """What people, and sometimes the portal itself, do to a dossier."""

    SUBMIT = "submit"
    RECEIVE = "receive"
    DECLINE = "decline"
    ASK_SUPPLEMENT = "ask_supplement"
    ANSWER_SUPPLEMENT = "answer_supplement"
    ANSWER_BEFORE_RECEPTION = "answer_before_reception"
    FORWARD = "forward"
    SEND_BACK = "send_back"
    ASK_DUTY = "ask_duty"
    CONFIRM_DUTY = "confirm_duty"
    APPROVE = "approve"
    REFUSE = "refuse"
    ISSUE = "issue"
    HAND_OVER = "hand_over"
    CORRECT = "correct"
    PAY_FEE = "pay_fee"
    REQUEST_WITHDRAWAL = "request_withdrawal"
    WITHDRAW = "withdraw"
    CONFIRM_WITHDRAWAL = "confirm_withdrawal"
    KEEP = "keep"
    STOP = "stop"
    SUCCEED = "succeed"
    PROPOSE_SUPPLEMENT = "propose_supplement"
    GRANT_SUPPLEMENT = "grant_supplement"
    DENY_SUPPLEMENT = "deny_supplement"
    LAPSE = "lapse"
    BEGIN_INTERVAL = "begin_interval"
    END_INTERVAL = "end_interval"
    APOLOGISE = "apologise"
    RESCHEDULE = "reschedule"
    AMEND = "amend"
    RECTIFY = "rectify"
    REVOKE_SLIP = "revoke_slip"
    ADD_SCAN = "add_scan"


class Clock(StrEnum):
    """What a move does to the legal clock."""

    NONE = "none"
    START = "start"
    HOLD = "hold"
    RELEASE = "release"  # restarts or resumes, as the procedure (supplement) or the law (duty) says
    MOVE = "move"  # by a fact of its own: an interval, a promise, a day off announced meanwhile
    END = "end"


class Need(StrEnum):
    """What an action cannot do without."""

    REASON = "reason"
    ITEMS = "items"
    ANSWER_BY = "answer_by"
    NUMBER = "number"
    INTERVAL = "interval"
    PROMISE = "promised"


#: Actions that are done for one reason alone, and its code: a dossier is withdrawn because its applicant wishes so.
STANDING_REASONS: dict[Action, str] = {
    Action.WITHDRAW: "applicant_wish",
    Action.CONFIRM_WITHDRAWAL: "applicant_wish",
}


#: Actions by which the applicant is asked for what is missing; each is one round.
ASKING: frozenset[Action] = frozenset({Action.ASK_SUPPLEMENT, Action.GRANT_SUPPLEMENT})


#: Actions by which a dossier goes to another step of its route.
HANDS_ON: frozenset[Action] = frozenset(
    {Action.FORWARD, Action.SEND_BACK, Action.APPROVE, Action.REFUSE, Action.ISSUE, Action.CORRECT}
)


class Only(StrEnum):
    """Whether a row holds only before, or only after, the dossier was received."""

    BEFORE_RECEPTION = "before_reception"
    AFTER_RECEPTION = "after_reception"


@dataclass(frozen=True, slots=True)
class Move:
    """One row: `action` leads from `before` (None: nothing yet) to `after`."""

    action: Action
    before: Status | None
    after: Status
    clock: Clock = Clock.NONE
    needs: frozenset[Need] = frozenset()
    only: Only | None = None

    def holds(self, received: bool) -> bool:
        """Whether this row holds for a dossier that was, or was not, received."""
        return self.only is None or (self.only is Only.AFTER_RECEPTION) == received


def _rows(
    action: Action,
    befores: tuple[Status | None, ...],
    after: Status | None,
    clock: Clock = Clock.NONE,
    *needs: Need,
    only: Only | None = None,
) -> list[Move]:
    """The rows of one action; `after` None keeps the status."""
    return [Move(action, b, b if after is None else after, clock, frozenset(needs), only) for b in befores]  # type: ignore[arg-type]


S = Status
_RUNNING = tuple(sorted(RUNNING))
_HELD = (S.SUPPLEMENT_ASKED, S.DUTY_ASKED)
_ASKING = (Need.REASON, Need.ITEMS, Need.ANSWER_BY)

MOVES: tuple[Move, ...] = (
    *_rows(Action.SUBMIT, (None,), S.REGISTERED),
    *_rows(Action.RECEIVE, (S.REGISTERED,), S.RECEIVED, Clock.START),
    # Papers asked for before reception have come and the officer accepts: only now does the clock start.
    *_rows(Action.RECEIVE, (S.SUPPLEMENT_ASKED,), S.RECEIVED, Clock.START, only=Only.BEFORE_RECEPTION),
    *_rows(Action.DECLINE, (S.REGISTERED,), S.NOT_RECEIVED, Clock.NONE, Need.REASON),
    *_rows(Action.ASK_SUPPLEMENT, (S.REGISTERED,), S.SUPPLEMENT_ASKED, Clock.NONE, *_ASKING),
    # A further round before reception, when the answer is still not complete.
    *_rows(Action.ASK_SUPPLEMENT, (S.SUPPLEMENT_ASKED,), None, Clock.NONE, *_ASKING, only=Only.BEFORE_RECEPTION),
    *_rows(Action.ASK_SUPPLEMENT, _RUNNING, S.SUPPLEMENT_ASKED, Clock.HOLD, *_ASKING),
    # The answer before reception waits for an officer to accept it.
    *_rows(Action.ANSWER_BEFORE_RECEPTION, (S.SUPPLEMENT_ASKED,), None, only=Only.BEFORE_RECEPTION),
    *_rows(Action.ANSWER_SUPPLEMENT, (S.SUPPLEMENT_ASKED,), S.PROCESSING, Clock.RELEASE, only=Only.AFTER_RECEPTION),
    # Nobody is asked a second time unless a head allows it (NĐ 63/2010 Art 20.4).
    *_rows(Action.PROPOSE_SUPPLEMENT, _RUNNING, None, Clock.NONE, *_ASKING),
    *_rows(Action.GRANT_SUPPLEMENT, _RUNNING, S.SUPPLEMENT_ASKED, Clock.HOLD, Need.ANSWER_BY),
    *_rows(Action.DENY_SUPPLEMENT, _RUNNING, None),
    # The applicant's time is over by law: the dossier goes back to whoever asked, to be refused.
    *_rows(Action.LAPSE, (S.SUPPLEMENT_ASKED,), S.PROCESSING, Clock.RELEASE, only=Only.AFTER_RECEPTION),
    *_rows(Action.FORWARD, _RUNNING, S.PROCESSING),
    *_rows(Action.SEND_BACK, (S.PROCESSING,), None, Clock.NONE, Need.REASON),
    *_rows(Action.ASK_DUTY, (S.PROCESSING,), S.DUTY_ASKED, Clock.HOLD, Need.ANSWER_BY),
    *_rows(Action.CONFIRM_DUTY, (S.DUTY_ASKED,), S.PROCESSING, Clock.RELEASE, Need.NUMBER),
    *_rows(Action.BEGIN_INTERVAL, (S.PROCESSING,), None, Clock.MOVE, Need.INTERVAL),
    *_rows(Action.END_INTERVAL, (S.PROCESSING, *_HELD), None, Clock.MOVE, Need.INTERVAL),
    *_rows(Action.APOLOGISE, _RUNNING, None, Clock.MOVE, Need.REASON, Need.PROMISE),
    *_rows(Action.RESCHEDULE, (*_RUNNING, *_HELD), None, Clock.MOVE, only=Only.AFTER_RECEPTION),
    *_rows(Action.APPROVE, (S.PROCESSING,), None),
    *_rows(Action.REFUSE, (S.PROCESSING,), None, Clock.NONE, Need.REASON),
    *_rows(Action.ISSUE, (S.PROCESSING,), S.RESOLVED, Clock.END),
    *_rows(Action.HAND_OVER, (S.RESOLVED,), S.HANDED_OVER, Clock.END),
    *_rows(Action.CORRECT, (S.RESOLVED,), S.PROCESSING, Clock.NONE, Need.REASON),
    *_rows(Action.PAY_FEE, (*_RUNNING, *_HELD, S.RESOLVED), None, Clock.NONE, Need.NUMBER, only=Only.AFTER_RECEPTION),
    *_rows(Action.WITHDRAW, (S.REGISTERED,), S.WITHDRAWN, Clock.END),
    *_rows(Action.REQUEST_WITHDRAWAL, (*_RUNNING, *_HELD), None),
    *_rows(Action.CONFIRM_WITHDRAWAL, (*_RUNNING, *_HELD), S.WITHDRAWN, Clock.END),
    # The citizen takes the wish to withdraw back.
    *_rows(Action.KEEP, (*_RUNNING, *_HELD), None),
    *_rows(Action.STOP, (*_RUNNING, *_HELD), S.STOPPED, Clock.END, Need.REASON),
    # What was taken down at reception is corrected, and the receipt made out anew.
    *_rows(Action.AMEND, (*_RUNNING, *_HELD), None, Clock.NONE, Need.REASON, only=Only.AFTER_RECEPTION),
    # A reception itself is put right: its time, its unit, its procedure; on the day it was entered, see casework.
    *_rows(Action.RECTIFY, _RUNNING, None, Clock.MOVE, Need.REASON),
    # A paper can be taken back at any time, after the dossier has ended too.
    *_rows(Action.REVOKE_SLIP, tuple(Status), None, Clock.NONE, Need.REASON),
    # A paper that was brought to the counter comes to a received dossier as a picture.
    *_rows(Action.ADD_SCAN, (*_RUNNING, *_HELD, S.RESOLVED), None, only=Only.AFTER_RECEPTION),
    # A unit ends; its open dossiers go on under the successor, with code, version and due date as they were.
    *_rows(Action.SUCCEED, tuple(sorted(OPEN)), None),
)

_BY_ACTION: dict[tuple[Action, Status | None], Move] = {(m.action, m.before): m for m in MOVES}


def move_for(action: Action, before: Status | None) -> Move | None:
    """The row for this action from this status, or None where there is none."""
    return _BY_ACTION.get((action, before))


def actions_from(before: Status | None) -> tuple[Action, ...]:
    """The actions that have a row from this status, in the order of the table."""
    return tuple(m.action for m in MOVES if m.before == before)


def diagram() -> str:
    """The table as a Mermaid state diagram, for the README."""
    edges: dict[tuple[str, str], list[str]] = {}
    for m in MOVES:
        if m.before != m.after:
            edges.setdefault((str(int(m.before)) if m.before else "[*]", str(int(m.after))), []).append(m.action.value)
    lines = ["stateDiagram-v2"]
    lines += [f"    {int(s)}: {int(s)} {s.name.lower()}" for s in Status]
    lines += [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in edges.items()]
    lines += [f"    {int(s)} --> [*]" for s in sorted(TERMINAL)]
    return "\n".join(lines)
