"""Who may do what and open what, as one table.

It is used four times: at the door (a view without a mark is closed), in the use case, for the buttons, and as a filter
on lists. Not yours is answered 404, not your role 403, not now 409.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from portal.domain.flow import Action


class Role(StrEnum):
    """The roles of domain 4.1 that the path of a dossier needs."""

    CITIZEN = "citizen"
    ONE_STOP_OFFICER = "one_stop_officer"
    SPECIALIST = "specialist"
    HEAD_OF_OFFICE = "head_of_office"
    LEADER = "leader"
    CLERK = "clerk"
    POLICE_OFFICER = "police_officer"
    POLICE_HEAD = "police_head"
    REGISTRY_OFFICER = "registry_officer"
    REGISTRY_HEAD = "registry_head"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


R = Role
EVERYONE = frozenset(Role) - {R.SYSTEM}
#: Those who work on dossiers at a desk.
DESK = frozenset(
    {
        R.ONE_STOP_OFFICER, R.SPECIALIST, R.HEAD_OF_OFFICE, R.LEADER, R.CLERK,
        R.POLICE_OFFICER, R.POLICE_HEAD, R.REGISTRY_OFFICER, R.REGISTRY_HEAD,
    }
)  # fmt: skip
STAFF = DESK | {R.MANAGER, R.ADMINISTRATOR}


class Right(StrEnum):
    """What a page or command is marked with."""

    PUBLIC = "public"
    LINK = "link"  # whoever has the signed link
    ACCOUNT = "account"
    APPLY = "apply"
    FILL = "fill"
    DESK = "desk"
    COUNTER = "counter"
    READINGS = "readings"
    REGISTERS = "registers"
    LOCKING = "locking"
    STATISTICS = "statistics"
    OUTBOX = "outbox"
    ADMINISTRATION = "administration"
    AUTHORING = "authoring"
    ASSIGNMENT = "assignment"
    PHRASES = "phrases"


#: None: open to everybody, signed in or not.
RIGHTS: dict[Right, frozenset[Role] | None] = {
    Right.PUBLIC: None,
    Right.LINK: None,
    Right.ACCOUNT: EVERYONE,
    Right.APPLY: frozenset({R.CITIZEN}),
    Right.FILL: frozenset({R.CITIZEN, R.ONE_STOP_OFFICER}),
    Right.DESK: DESK,
    Right.COUNTER: frozenset({R.ONE_STOP_OFFICER}),
    # Who has read a dossier, by name.
    Right.READINGS: frozenset({R.HEAD_OF_OFFICE, R.LEADER, R.POLICE_HEAD, R.REGISTRY_HEAD}),
    Right.REGISTERS: frozenset({R.ONE_STOP_OFFICER, R.LEADER, R.CLERK}),
    Right.LOCKING: frozenset({R.LEADER}),
    Right.STATISTICS: frozenset({R.MANAGER, R.LEADER}),
    Right.OUTBOX: frozenset({R.ADMINISTRATOR}),
    Right.ADMINISTRATION: frozenset({R.ADMINISTRATOR}),
    Right.AUTHORING: frozenset({R.ADMINISTRATOR}),
    Right.ASSIGNMENT: frozenset({R.HEAD_OF_OFFICE, R.LEADER, R.POLICE_HEAD, R.REGISTRY_HEAD}),
    Right.PHRASES: frozenset({R.HEAD_OF_OFFICE, R.LEADER, R.POLICE_HEAD, R.REGISTRY_HEAD}),
}


class Scope(StrEnum):
    """Which dossiers a role may open."""

    NONE = "none"
    OWN = "own"  # those one owns, or handed in for their owner, whose consent lasts
    UNIT = "unit"  # those at one's unit
    UNIT_RESIDENCE = "unit_residence"  # those at one's unit, of the sector residence
    SERVED = "served"  # those of the sector land at the units that one's branch of the land registry serves
    ALL = "all"


SCOPES: dict[Role, Scope] = {
    R.CITIZEN: Scope.OWN,
    R.ONE_STOP_OFFICER: Scope.UNIT,
    R.SPECIALIST: Scope.UNIT,
    R.HEAD_OF_OFFICE: Scope.UNIT,
    R.LEADER: Scope.UNIT,
    R.CLERK: Scope.UNIT,
    R.POLICE_OFFICER: Scope.UNIT_RESIDENCE,
    R.POLICE_HEAD: Scope.UNIT_RESIDENCE,
    R.REGISTRY_OFFICER: Scope.SERVED,
    R.REGISTRY_HEAD: Scope.SERVED,
    R.MANAGER: Scope.ALL,
    R.ADMINISTRATOR: Scope.NONE,
    R.SYSTEM: Scope.ALL,
}


class Tie(StrEnum):
    """How one must stand to a dossier to do an action."""

    OWNER = "owner"  # the citizen whose dossier it is
    HELPER = "helper"  # who handed it in for its owner, whose consent lasts
    HOLDER = "holder"  # has the role and unit of the step the dossier is at
    RECEPTION = "reception"  # one-stop officer of the unit where the dossier is
    LEADERSHIP = "leadership"  # leader of the unit where the dossier is (or of the police, for residence)
    HEAD = "head"  # head of the office that works on it where it is
    ISSUER = "issuer"  # has the role and unit of the step that issued the result
    PORTAL = "portal"  # the portal itself


#: One of these ties is enough.
TIES: dict[Action, frozenset[Tie]] = {
    # The legs of a bundle after the first one are handed in, received and declined by the portal itself.
    Action.SUBMIT: frozenset({Tie.OWNER, Tie.HELPER, Tie.RECEPTION, Tie.PORTAL}),
    Action.RECEIVE: frozenset({Tie.RECEPTION, Tie.PORTAL}),
    Action.DECLINE: frozenset({Tie.RECEPTION, Tie.PORTAL}),
    Action.ASK_SUPPLEMENT: frozenset({Tie.HOLDER}),
    Action.ANSWER_SUPPLEMENT: frozenset({Tie.OWNER, Tie.HELPER, Tie.RECEPTION}),
    Action.ANSWER_BEFORE_RECEPTION: frozenset({Tie.OWNER, Tie.HELPER, Tie.RECEPTION}),
    Action.FORWARD: frozenset({Tie.HOLDER}),
    Action.SEND_BACK: frozenset({Tie.HOLDER}),
    Action.ASK_DUTY: frozenset({Tie.HOLDER}),
    Action.CONFIRM_DUTY: frozenset({Tie.HOLDER, Tie.RECEPTION}),
    Action.APPROVE: frozenset({Tie.HOLDER}),
    Action.REFUSE: frozenset({Tie.HOLDER}),
    Action.ISSUE: frozenset({Tie.HOLDER}),
    Action.HAND_OVER: frozenset({Tie.RECEPTION}),
    Action.CORRECT: frozenset({Tie.ISSUER}),
    Action.PAY_FEE: frozenset({Tie.RECEPTION}),
    Action.WITHDRAW: frozenset({Tie.OWNER, Tie.RECEPTION}),
    Action.REQUEST_WITHDRAWAL: frozenset({Tie.OWNER, Tie.RECEPTION}),
    Action.CONFIRM_WITHDRAWAL: frozenset({Tie.RECEPTION}),
    Action.KEEP: frozenset({Tie.OWNER, Tie.RECEPTION}),
    Action.STOP: frozenset({Tie.LEADERSHIP}),
    Action.SUCCEED: frozenset({Tie.PORTAL}),
    Action.PROPOSE_SUPPLEMENT: frozenset({Tie.HOLDER}),
    Action.GRANT_SUPPLEMENT: frozenset({Tie.HEAD, Tie.LEADERSHIP}),
    Action.DENY_SUPPLEMENT: frozenset({Tie.HEAD, Tie.LEADERSHIP, Tie.HOLDER}),
    Action.LAPSE: frozenset({Tie.PORTAL}),
    Action.BEGIN_INTERVAL: frozenset({Tie.HOLDER}),
    Action.END_INTERVAL: frozenset({Tie.HOLDER, Tie.PORTAL}),
    Action.APOLOGISE: frozenset({Tie.HOLDER, Tie.HEAD, Tie.LEADERSHIP}),
    Action.RESCHEDULE: frozenset({Tie.PORTAL}),
    Action.AMEND: frozenset({Tie.RECEPTION}),
    Action.RECTIFY: frozenset({Tie.RECEPTION}),
    Action.REVOKE_SLIP: frozenset({Tie.HEAD, Tie.LEADERSHIP}),
    Action.ADD_SCAN: frozenset({Tie.RECEPTION, Tie.HOLDER}),
}


class Claiming(StrEnum):
    """What changes which account has a dossier, among those whose step it is at."""

    TAKE = "take"  # one that nobody has
    TAKE_OVER = "take_over"  # one that a colleague has
    RELEASE = "release"  # so that nobody has it; whoever has it may always do so
    ASSIGN = "assign"  # to somebody else


#: One of these ties is enough.
CLAIMS: dict[Claiming, frozenset[Tie]] = {
    Claiming.TAKE: frozenset({Tie.HOLDER}),
    Claiming.TAKE_OVER: frozenset({Tie.HOLDER}),
    Claiming.RELEASE: frozenset({Tie.HEAD, Tie.LEADERSHIP}),
    Claiming.ASSIGN: frozenset({Tie.HEAD, Tie.LEADERSHIP}),
}


#: Who keeps the checklist of a dossier's papers: whoever has to decide on it now.
CHECKING: frozenset[Tie] = frozenset({Tie.HOLDER})


class Within(StrEnum):
    """Which part of a unit's work somebody heads."""

    OFFICE = "office"  # all but residence
    POLICE = "police"  # residence


#: Those who can stand in for each other: the office with its leaders, the police, a branch of the land registry.
TEAMS: tuple[frozenset[Role], ...] = (
    frozenset({R.ONE_STOP_OFFICER, R.SPECIALIST, R.CLERK, R.HEAD_OF_OFFICE, R.LEADER}),
    frozenset({R.POLICE_OFFICER, R.POLICE_HEAD}),
    frozenset({R.REGISTRY_OFFICER, R.REGISTRY_HEAD}),
)
#: Whose work at their unit somebody shares out, and whose absence they write down.
ARRANGED: dict[Role, frozenset[Role]] = {
    R.HEAD_OF_OFFICE: TEAMS[0] - {R.LEADER},
    R.LEADER: TEAMS[0] | TEAMS[1],
    R.POLICE_HEAD: TEAMS[1],
    R.REGISTRY_HEAD: TEAMS[2],
}


class Absentee(NamedTuple):
    """In whose place somebody acts."""

    account_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: an account in its role, at its unit (None for citizens and the portal).

    With `acting_for`, role and unit are those of the absent colleague in whose place it is done (thay mặt).
    """

    account_id: int | None
    role: Role
    unit: str | None = None
    name: str = ""
    acting_for: Absentee | None = None

    @property
    def hands(self) -> frozenset[int]:
        """The accounts whose deed it is: what is done in somebody's place is theirs too."""
        own = (self.account_id, self.acting_for.account_id if self.acting_for else None)
        return frozenset(account for account in own if account is not None)


#: The portal itself, as it appears in the log.
PORTAL = Actor(None, Role.SYSTEM, None, "Một Cửa")


def may(actor: Actor | None, right: Right) -> bool:
    """Whether this actor (None: nobody signed in) has the right."""
    roles = RIGHTS[right]
    return roles is None or (actor is not None and actor.role in roles)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a dossier stands, as far as rights are concerned.

    `unit` is the unit it is at now, `registry` the branch of the land registry that serves this unit, `holder_*` those
    of the step it is at, `issuer_*` those of the step that numbers the result. `begun`: whether it is an office's to
    deal with; a leg of a bundle that waits for another one is not.
    """

    owner_id: int | None
    unit: str
    sector: str
    registry: str
    holder_role: Role | None
    holder_unit: str | None
    issuer_role: Role | None
    issuer_unit: str | None
    begun: bool = True
    helper_id: int | None = None


def may_open(actor: Actor, where: Whereabouts) -> bool:
    """Whether this actor may open the dossier that stands there."""
    match SCOPES[actor.role]:
        case Scope.ALL:
            return True
        case Scope.OWN:
            return actor.account_id is not None and actor.account_id in (where.owner_id, where.helper_id)
        case Scope.UNIT:
            return where.unit == actor.unit
        case Scope.UNIT_RESIDENCE:
            return where.unit == actor.unit and where.sector == "residence"
        case Scope.SERVED:
            return where.sector == "land" and where.registry == actor.unit
        case Scope.NONE:
            return False


def ties(actor: Actor, where: Whereabouts) -> Iterable[Tie]:
    """How this actor stands to the dossier."""
    if actor.role is R.SYSTEM:
        yield Tie.PORTAL
        return
    if actor.role is R.CITIZEN:
        if actor.account_id is not None and actor.account_id == where.owner_id:
            yield Tie.OWNER
        if actor.account_id is not None and actor.account_id == where.helper_id:
            yield Tie.HELPER
        return
    if not where.begun:
        return
    if actor.role == where.holder_role and actor.unit == where.holder_unit:
        yield Tie.HOLDER
    if actor.role == where.issuer_role and actor.unit == where.issuer_unit:
        yield Tie.ISSUER
    if actor.role is R.REGISTRY_HEAD and actor.unit == where.registry and where.sector == "land":
        yield Tie.HEAD
    if actor.unit == where.unit:
        if actor.role is R.HEAD_OF_OFFICE and where.sector != "residence":
            yield Tie.HEAD
        if actor.role is R.ONE_STOP_OFFICER:
            yield Tie.RECEPTION
        if actor.role is R.LEADER or (actor.role is R.POLICE_HEAD and where.sector == "residence"):
            yield Tie.LEADERSHIP


def may_act(actor: Actor, action: Action, where: Whereabouts) -> bool:
    """Whether this actor stands to the dossier as the action asks."""
    return bool(TIES[action].intersection(ties(actor, where)))


def may_check(actor: Actor, where: Whereabouts) -> bool:
    """Whether this actor keeps the checklist of the dossier's papers."""
    return bool(CHECKING.intersection(ties(actor, where)))


def arranges(actor: Actor, role: Role, unit: str | None) -> bool:
    """Whether somebody shares out the work of a role at a unit, and writes down who is away."""
    return actor.unit == unit and role in ARRANGED.get(actor.role, ())


def can_stand_in(deputy: tuple[Role, str | None], absent: tuple[Role, str | None]) -> bool:
    """Whether one of a role at a unit may be made the deputy of one of another: they are of one team."""
    return deputy[1] == absent[1] and any({deputy[0], absent[0]} <= team for team in TEAMS)


def reminded_of(actor: Actor) -> tuple[Within | None, Role | None]:
    """Of whose work at their unit somebody is reminded: within which part, and of which role; None is all."""
    match actor.role:
        case R.LEADER | R.REGISTRY_HEAD:
            return None, None
        case R.HEAD_OF_OFFICE:
            return Within.OFFICE, None
        case R.POLICE_HEAD:
            return Within.POLICE, None
    return None, actor.role


def is_reminded_of(actor: Actor, unit: str, role: Role, sector: str) -> bool:
    """Whether somebody is reminded of the work of a role at a unit; the same rule as `reminded_of`."""
    within, own = reminded_of(actor)
    inside = within is None or (sector == "residence") is (within is Within.POLICE)
    return actor.unit == unit and inside and own in (None, role)
