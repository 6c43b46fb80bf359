"""Sharing out work: who has how much, what of it will be late; giving it out by hand or by rule; taking it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import balancing as rules
from portal.domain.access import (
    ARRANGED,
    DESK,
    PORTAL,
    Actor,
    Claiming,
    Right,
    Role,
    Within,
    arranges,
    may,
    reminded_of,
)
from portal.domain.balancing import Given, Officer, Standing, Task
from portal.domain.errors import Forbidden, Invalid, NotFound, PortalError
from portal.domain.flow import Status
from portal.domain.moment import office_day
from portal.domain.workdays import midnight
from portal.store import absences, accounts
from portal.store import balancing as store
from portal.store import claims as handed
from portal.store import dossiers as found
from portal.store.balancing import Waiting
from portal.store.balancing_models import HandOut, HandOutLine, WorkProfile
from portal.store.database import looking, reading, transaction
from portal.store.models import Account, Dossier
from portal.store.queues import Cursor
from portal.usecases import claims, law

#: Dossiers given out in one go, the most urgent first.
MOST: Final = 200
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Load:
    """How much waits for somebody (or, of a role, for nobody yet), how much of it today and past its time.

    `late` is how many will not be done in time at their own pace; None where they have none, for want of deeds.
    """

    held: int = 0
    today: int = 0
    overdue: int = 0
    late: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One person: what waits for them, what they can be given, and until which day they are away, if they are."""

    account: Account
    load: Load
    profile: WorkProfile | None
    away_until: date | None

    @property
    def capacity(self) -> int | None:
        """How many may wait for them; None for as many as come."""
        return self.profile.capacity if self.profile else None


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one role, what nobody of them has taken, and whether it is handed out by rule as it comes."""

    role: Role
    lines: tuple[Line, ...]
    free: Load
    by_rule: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Whose dossiers are given out: those of one account, or those of a role that nobody has."""

    role: Role
    account: Account | None

    @property
    def holder(self) -> int | None:
        """The account that has them."""
        return self.account.id if self.account else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom each dossier would go to, the most urgent first; None for one that nobody can take."""

    source: Source
    lines: tuple[tuple[Waiting, Account | None], ...]


# --- looking ---


def overview(actor: Actor, at: datetime) -> list[Group]:
    """The people whose work an actor shares out, by role, with what waits for them. Raises Forbidden."""
    unit = _unit(actor)
    roles = sorted(ARRANGED[actor.role], key=list(Role).index)
    with looking() as connection:
        held = store.all_waiting(connection, unit, roles, _within(actor))
    with reading() as session:
        people = [one for one in accounts.at_desks(session, [unit]) if arranges(actor, Role(one.role), one.unit)]
        profiles = store.profiles(session, [one.id for one in people])
        away = _away(session, people, at)
        ruled = store.ruled_roles(session, unit)
    paces = _paces(people, unit, at)
    by_holder: dict[tuple[str, int | None], list[Waiting]] = defaultdict(list)
    for each in held:
        by_holder[each.holder_role, each.holder_id].append(each)
    return [
        Group(
            role,
            tuple(
                Line(
                    one,
                    _load(by_holder[role, one.id], unit, at, paces.get(one.id), away.get(one.id)),
                    profiles.get(one.id),
                    away.get(one.id),
                )
                for one in people
                if one.role == role
            ),
            _load(by_holder[role, None], unit, at),
            role in ruled,
        )
        for role in roles
        if any(one.role == role for one in people) or by_holder[role, None]
    ]


def source(actor: Actor, account_id: int | None, role: Role | None) -> Source:
    """Whose dossiers are to be given out: an account's, else a role's that nobody has. Raises Forbidden, NotFound."""
    unit = _unit(actor)
    if account_id is not None:
        with reading() as session:
            account = accounts.by_id(session, account_id)
        if account is None or not arranges(actor, Role(account.role), account.unit):
            raise NotFound(account=account_id)
        return Source(Role(account.role), account)
    if role is None or not arranges(actor, role, unit):
        raise NotFound(role=role)
    return Source(role, None)


def listed(actor: Actor, whose: Source, after: Cursor | None, size: int = PAGE) -> tuple[list[Waiting], Cursor | None]:
    """One page of dossiers that can be given out, the most urgent first, and where the next begins."""
    with looking() as connection:
        rows, more = store.waiting(connection, _unit(actor), whose.role, [whose.holder], after, size, _within(actor))
    return rows, Cursor(rows[-1].act_by, rows[-1].id) if more else None


def able(actor: Actor, role: Role, at: datetime) -> list[Account]:
    """Those of a role who are there to be given something."""
    with reading() as session:
        people = [one for one in accounts.at_desks(session, [_unit(actor)]) if one.role == role]
        away = _away(session, people, at)
    return [one for one in people if one.id not in away]


def plan(actor: Actor, whose: Source, at: datetime, most: int = MOST) -> Plan:
    """Whom these dossiers would go to by rule."""
    unit = _unit(actor)
    with looking() as connection:
        rows, _more = store.waiting(connection, unit, whose.role, [whose.holder], None, most, _within(actor))
    with reading() as session:
        officers = _officers(session, unit, whose.role, at)
        people = {one.id: one for one in accounts.at_desks(session, [unit])}
    given = rules.spread([row.task for row in rows], officers)
    return Plan(whose, tuple((row, people.get(given[row.id] or 0)) for row in rows))


def hand_out(actor: Actor, hand_out_id: int) -> HandOut:
    """What was given out in one go, with what came of each dossier. Raises NotFound."""
    unit = _unit(actor)
    with reading() as session:
        row = store.hand_out(session, hand_out_id, unit)
    if row is None or not _is_of(actor, row):
        raise NotFound(hand_out=hand_out_id)
    return row


def hand_outs(actor: Actor, size: int = 5) -> list[HandOut]:
    """What was given out lately of the work that the actor shares out, the latest first."""
    with reading() as session:
        return [row for row in store.hand_outs(session, _unit(actor), size) if _is_of(actor, row)]


# --- doing ---


def give(actor: Actor, wishes: Mapping[str, int], before: int | None, at: datetime) -> HandOut:
    """Give dossiers (by registration) to accounts, as far as each is still where it was; writes what came of each.

    Raises Forbidden, and Invalid: `chon` (none, too_many).
    """
    unit = _unit(actor)
    if not 0 < len(wishes) <= MOST:
        raise Invalid({"chon": "none" if not wishes else "too_many"})
    with transaction() as session:
        assert actor.account_id is not None
        made = HandOut(unit=unit, at=at, by_id=actor.account_id)
        session.add(made)
        session.flush()
        # In one order for everybody, so that two who give out the same ones wait for each other.
        for registration, account_id in sorted(wishes.items()):
            dossier = found.find(session, registration, actor, lock=True)
            if dossier is None:
                continue
            line = HandOutLine(
                hand_out_id=made.id, dossier_id=dossier.id, before_id=dossier.holder_id, after_id=account_id,
                seq=dossier.seq,
            )  # fmt: skip
            line.fault = _given(session, dossier, before, account_id, actor, at)
            session.flush()
            line.claim_id = store.last_claim(session, dossier.id)
            session.add(line)
    return made


def _given(session: Session, dossier: Dossier, before: int | None, account_id: int, actor: Actor, at: datetime) -> str:
    """Give one dossier; '' or why it stayed."""
    if dossier.holder_id != before:
        return "moved"
    try:
        claims.change(session, dossier, Claiming.ASSIGN, account_id, actor, at)
    except PortalError as refused:
        return next(iter(getattr(refused, "fields", {}).values()), refused.code)
    return ""


def undo(actor: Actor, hand_out_id: int, at: datetime) -> HandOut:
    """Take back what was given out and nobody has touched since. Safe to repeat. Raises Forbidden, NotFound."""
    unit = _unit(actor)
    with transaction() as session:
        made = store.hand_out(session, hand_out_id, unit, lock=True)
        if made is None or not _is_of(actor, made):
            raise NotFound(hand_out=hand_out_id)
        if made.undone_at is None:
            made.undone_at, made.undone_by_id = at, actor.account_id
            for line in made.lines:
                line.returned = not line.fault and _returned(session, line, actor, at)
    return made


def _returned(session: Session, line: HandOutLine, actor: Actor, at: datetime) -> bool:
    dossier = session.get_one(Dossier, line.dossier_id, with_for_update=True, populate_existing=True)
    moved = store.last_claim(session, dossier.id) != line.claim_id
    given = Given(dossier.id, line.before_id, line.after_id, line.seq)
    if not rules.returnable(given, Standing(dossier.holder_id, dossier.seq, moved)):
        return False
    # As it was, also where whoever had it is away: it is their own.
    handed.hand(
        session, dossier, Claiming.RELEASE if line.before_id is None else Claiming.ASSIGN, line.before_id, actor, at
    )
    return True


def hand_by_rule(session: Session, dossier: Dossier, at: datetime) -> None:
    """Give a dossier that has come to a step to one of its people, where the unit lets a rule do that."""
    role, unit = dossier.holder_role, dossier.holder_unit
    if dossier.holder_id is not None or role is None or unit is None or role not in DESK:
        return
    if dossier.state is Status.RESOLVED or role not in store.ruled_roles(session, unit):
        return
    assert dossier.act_by is not None
    task = Task(dossier.id, Role(role), unit, dossier.sector, dossier.procedure, dossier.commune, dossier.act_by)
    chosen = rules.spread([task], _officers(session, unit, Role(role), at))[dossier.id]
    if chosen is not None:
        handed.hand(session, dossier, Claiming.ASSIGN, chosen, PORTAL, at)


def let_rule(actor: Actor, role: Role, *, on: bool, at: datetime) -> None:
    """Let a rule hand out the dossiers of a role as they come, or leave them free. Raises Forbidden, NotFound."""
    unit = _unit(actor)
    if not arranges(actor, role, unit):
        raise NotFound(role=role)
    with transaction() as session:
        assert actor.account_id is not None
        store.let_rule(session, unit, role, actor.account_id, at, on=on)


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody can be given at once; `capacity` None is as many as come, no skills or places are all."""

    capacity: int | None
    skills: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def set_profile(actor: Actor, account_id: int, profile: Profile, at: datetime) -> None:
    """Say what somebody can be given. Raises Forbidden, NotFound, Invalid (`capacity`: out_of_range)."""
    whose = source(actor, account_id, None)
    if profile.capacity is not None and not 0 <= profile.capacity <= HIGHEST:
        raise Invalid({"capacity": "out_of_range"})
    assert whose.account is not None
    assert actor.account_id is not None
    with transaction() as session:
        row = session.get(WorkProfile, whose.account.id) or WorkProfile(account_id=whose.account.id)
        row.capacity, row.skills, row.places = profile.capacity, list(profile.skills), list(profile.places)
        row.set_at, row.set_by_id = at, actor.account_id
        session.add(row)


def profile_of(actor: Actor, account_id: int) -> tuple[Account, Profile]:
    """Somebody, and what they can be given. Raises Forbidden, NotFound."""
    whose = source(actor, account_id, None)
    assert whose.account is not None
    with reading() as session:
        row = session.get(WorkProfile, account_id)
    return whose.account, Profile(row.capacity, tuple(row.skills), tuple(row.places)) if row else Profile(None)


#: No capacity is higher: whoever means that has none.
HIGHEST: Final = 9999


# --- what they have in common ---


def _unit(actor: Actor) -> str:
    """The unit whose work somebody shares out. Raises Forbidden."""
    if not may(actor, Right.ASSIGNMENT) or actor.unit is None or actor.account_id is None:
        raise Forbidden()
    return actor.unit


def _within(actor: Actor) -> Within | None:
    return reminded_of(actor)[0]


def _is_of(actor: Actor, row: HandOut) -> bool:
    return all(arranges(actor, Role(line.after.role), line.after.unit) for line in row.lines)


def _away(session: Session, people: Iterable[Account], at: datetime) -> dict[int, date]:
    """Who of these people is away now, and until which day."""
    today = office_day(at)
    rows = absences.of_accounts(session, [one.id for one in people], today)
    return {row.account_id: row.until for row in rows if row.since <= today}


def _officers(session: Session, unit: str, role: Role, at: datetime) -> list[Officer]:
    """Everybody of a role at a unit as the rules see them."""
    people = [one for one in accounts.at_desks(session, [unit]) if one.role == role]
    profiles = store.profiles(session, [one.id for one in people])
    loads, away = store.loads(session, unit, role), _away(session, people, at)
    return [_officer(one, loads.get(one.id, 0), profiles.get(one.id), absent=one.id in away) for one in people]


def _officer(account: Account, load: int, profile: WorkProfile | None, *, absent: bool) -> Officer:
    assert account.unit is not None
    known = Officer(account.id, Role(account.role), account.unit, load, absent=absent)
    if profile is None:
        return known
    return known._replace(capacity=profile.capacity, skills=frozenset(profile.skills), places=frozenset(profile.places))


def _paces(people: Sequence[Account], unit: str, at: datetime) -> dict[int, timedelta]:
    """The pace of whoever has handed anything on lately."""
    since = midnight(law.calendar(unit).add_working_days(office_day(at), -rules.MEASURED_DAYS))
    with looking() as connection:
        deeds = store.deeds(connection, [one.id for one in people], since, rules.HANDING_ON)
    measured = {account: rules.measured(instants) for account, instants in deeds.items()}
    return {account: pace for account, pace in measured.items() if pace is not None}


def _load(
    held: Sequence[Waiting], unit: str, at: datetime, pace: timedelta | None = None, away_until: date | None = None
) -> Load:
    calendar, tomorrow = law.calendar(unit), midnight(office_day(at) + timedelta(days=1))
    late = None
    if pace is not None or not held:
        back = at if away_until is None else midnight(away_until + timedelta(days=1))
        left = [calendar.working_time_between(at, each.act_by) for each in held]
        late = rules.late(left, pace or timedelta(), calendar.working_time_between(at, back))
    return Load(
        held=len(held),
        today=sum(at <= each.act_by < tomorrow for each in held),
        overdue=sum(each.act_by < at for each in held),
        late=late,
    )
