"""What waits for whom at a unit, what people can be given, and what was given out in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.domain.access import Role, Within
from portal.domain.balancing import Task
from portal.domain.flow import OPEN, Action, Status
from portal.store.balancing_models import HandOut, HandOutLine, RuledRole, WorkProfile
from portal.store.desk_models import Claim
from portal.store.dossiers import is_one_of
from portal.store.models import Dossier, Event
from portal.store.queues import Cursor


class Waiting(NamedTuple):
    """What a list shows of a dossier that waits for somebody, named as its columns."""

    id: int
    registration: str
    code: str | None
    procedure: str
    version: date
    leg: str
    sector: str
    desk_unit: str
    status: int
    step: str
    holder_role: str
    holder_unit: str
    holder_id: int | None
    act_by: datetime
    answered_early: bool
    applicant_name: str
    commune: str | None

    @property
    def state(self) -> Status:
        """The status as the domain knows it."""
        return Status(self.status)

    @property
    def task(self) -> Task:
        """The same as something that can be given to somebody."""
        role = Role(self.holder_role)
        return Task(
            self.id, role, self.holder_unit, self.sector, self.procedure, self.commune, self.act_by, self.holder_id
        )


_TO_DO: Final = is_one_of(OPEN - {Status.RESOLVED})
_WAITING: Final = select(*(getattr(Dossier, name) for name in Waiting._fields)).where(_TO_DO)


def _inside(within: Within | None) -> list[ColumnElement[bool]]:
    return [] if within is None else [(Dossier.sector == "residence") == (within is Within.POLICE)]


def waiting(
    connection: Connection,
    unit: str,
    role: Role,
    holders: Sequence[int | None],
    after: Cursor | None,
    size: int,
    within: Within | None = None,
) -> tuple[list[Waiting], bool]:
    """One page of what waits for a role at a unit and one of these accounts, or nobody, has; and whether there is more.

    The most urgent first.
    """
    known = [holder for holder in holders if holder is not None]
    whose = [Dossier.holder_id.in_(known)] if known else []
    whose += [Dossier.holder_id.is_(None)] if None in holders else []
    query = _WAITING.where(
        Dossier.holder_unit == unit, Dossier.holder_role == role.value, or_(*whose), *_inside(within)
    )
    if after is not None:
        query = query.where(tuple_(Dossier.act_by, Dossier.id) > (after.act_by, after.id))
    rows = connection.execute(query.order_by(Dossier.act_by, Dossier.id).limit(size + 1)).all()
    return [Waiting._make(row) for row in rows[:size]], len(rows) > size


def all_waiting(connection: Connection, unit: str, roles: Iterable[Role], within: Within | None) -> list[Waiting]:
    """All that waits for these roles at a unit."""
    wanted = Dossier.holder_role.in_(sorted(role.value for role in roles))
    query = _WAITING.where(Dossier.holder_unit == unit, wanted, *_inside(within))
    return [Waiting._make(row) for row in connection.execute(query)]


def loads(session: Session, unit: str, role: Role) -> dict[int, int]:
    """How many dossiers wait for each account of a role at a unit."""
    query = (
        select(Dossier.holder_id, func.count())
        .where(_TO_DO, Dossier.holder_unit == unit, Dossier.holder_role == role.value, Dossier.holder_id.is_not(None))
        .group_by(Dossier.holder_id)
    )
    return {account: number for account, number in session.execute(query) if account is not None}


def deeds(
    connection: Connection, accounts: Sequence[int], since: datetime, actions: Iterable[Action]
) -> dict[int, list[datetime]]:
    """When each of these accounts did one of these actions since an instant."""
    query = select(Event.actor_id, Event.at).where(
        Event.actor_id.in_(accounts), Event.at >= since, Event.action.in_(sorted(action.value for action in actions))
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for account, at in connection.execute(query):
        if account is not None:
            found[account].append(at)
    return found


def profiles(session: Session, accounts: Sequence[int]) -> dict[int, WorkProfile]:
    """What these people can be given, where that was said."""
    query = select(WorkProfile).where(WorkProfile.account_id.in_(accounts))
    return {row.account_id: row for row in session.scalars(query)}


def ruled_roles(session: Session, unit: str) -> frozenset[str]:
    """The roles at a unit whose dossiers are handed to a person by rule."""
    return frozenset(session.scalars(select(RuledRole.role).where(RuledRole.unit == unit)))


def let_rule(session: Session, unit: str, role: Role, by: int, at: datetime, *, on: bool) -> None:
    """Write down, or no longer, that a rule hands out the dossiers of a role."""
    row = session.get(RuledRole, (unit, role.value))
    if on and row is None:
        session.add(RuledRole(unit=unit, role=role.value, set_at=at, set_by_id=by))
    elif not on and row is not None:
        session.delete(row)


_WITH_LINES: Final = (
    selectinload(HandOut.lines).options(
        joinedload(HandOutLine.dossier), joinedload(HandOutLine.before), joinedload(HandOutLine.after)
    ),
    joinedload(HandOut.by),
)


def hand_out(session: Session, hand_out_id: int, unit: str, *, lock: bool = False) -> HandOut | None:
    """What was given out at a unit in one go; `lock` keeps others from it until the transaction ends."""
    query = select(HandOut).where(HandOut.id == hand_out_id, HandOut.unit == unit).options(*_WITH_LINES)
    return session.scalars(query.with_for_update(of=HandOut) if lock else query).one_or_none()


def hand_outs(session: Session, unit: str, size: int) -> Sequence[HandOut]:
    """What was given out lately at a unit, the latest first."""
    query = select(HandOut).where(HandOut.unit == unit).options(*_WITH_LINES).order_by(HandOut.id.desc())
    return session.scalars(query.limit(size)).all()


def last_claim(session: Session, dossier_id: int) -> int | None:
    """The last row about who has a dossier."""
    return session.scalar(select(func.max(Claim.id)).where(Claim.dossier_id == dossier_id))
