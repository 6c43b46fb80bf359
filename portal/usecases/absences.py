"""Who is away and who stands in: written down by whoever heads their work, and obeyed wherever somebody acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.absences import Away, Holding, in_place, overlap, stands_in
from portal.domain.access import DESK, Actor, Right, Role, arranges, can_stand_in, may
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.moment import office_day
from portal.domain.notices import NoticeKind
from portal.store import absences as store
from portal.store import accounts, balancing
from portal.store.balancing import Waiting
from portal.store.balancing_models import Absence
from portal.store.database import looking, reading, transaction
from portal.store.models import Account, Dossier
from portal.store.queues import Cursor
from portal.usecases import law, notices, tracking

#: Dossiers on a page.
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """Who shall be away on which days, both included, and who stands in, if anybody."""

    account_id: int
    since: date
    until: date
    deputy_id: int | None = None


def enter(actor: Actor, wish: Wish, at: datetime) -> Absence:
    """Write an absence down, and tell who stands in.

    Raises Forbidden, NotFound (not somebody whose work the actor shares out), and Invalid: `since` (past,
    away), `until` (order), `deputy` (not_of_the_team, away).
    """
    if not may(actor, Right.ASSIGNMENT) or actor.account_id is None:
        raise Forbidden()
    today = office_day(at)
    if wish.since < today:
        raise Invalid({"since": "past"})
    if wish.until < wish.since:
        raise Invalid({"until": "order"})
    with transaction() as session:
        absent = arranged(session, actor, wish.account_id)
        deputy = None if wish.deputy_id is None else accounts.by_id(session, wish.deputy_id)
        if wish.deputy_id is not None and (deputy is None or not _fits(deputy, absent)):
            raise Invalid({"deputy": "not_of_the_team"})
        known = store.of_accounts(session, {absent.id, *([deputy.id] if deputy else [])}, today)
        for field, account in (("since", absent), ("deputy", deputy)):
            days = [(row.since, row.until) for row in known if account is not None and row.account_id == account.id]
            if overlap(wish.since, wish.until, days):
                raise Invalid({field: "away"})
        row = Absence(
            account_id=absent.id,
            unit=absent.unit,
            since=wish.since,
            until=wish.until,
            deputy_id=wish.deputy_id,
            entered_at=at,
            entered_by_id=actor.account_id,
        )
        session.add(row)
        _tell(session, NoticeKind.STANDS_IN, row, absent, deputy, at)
    return row


def end(actor: Actor, absence_id: int, at: datetime) -> None:
    """Somebody is back, or will not be away after all; the deputy is told. Safe to repeat.

    Raises Forbidden, NotFound.
    """
    if not may(actor, Right.ASSIGNMENT):
        raise Forbidden()
    with transaction() as session:
        row = store.find(session, absence_id)
        if row is None:
            raise NotFound(absence=absence_id)
        absent = arranged(session, actor, row.account_id)
        if row.ended_at is None:
            row.ended_at, row.ended_by_id = at, actor.account_id
            if row.until >= office_day(at):
                _tell(session, NoticeKind.STANDS_IN_NO_MORE, row, absent, row.deputy, at)


def _tell(
    session: Session, kind: NoticeKind, row: Absence, absent: Account, deputy: Account | None, at: datetime
) -> None:
    """Tell the deputy, if there is one who can be reached; the page of stand-ins says it to everybody."""
    recipient = notices.of_account(deputy) if deputy is not None and deputy.active else None
    if recipient is None:
        return
    values = {
        "absent": absent.full_name,
        "unit": law.unit(row.unit).name.say(recipient.language),
        "since": f"{row.since:%d/%m/%Y}",
        "until": f"{row.until:%d/%m/%Y}",
        "link": tracking.stand_ins_url(),
    }
    notices.write(session, kind, recipient, at, values)


def of_unit(actor: Actor, at: datetime) -> Sequence[Absence]:
    """Who of those whose work the actor shares out is away or will be."""
    if actor.unit is None:
        return ()
    with reading() as session:
        found = store.not_over(session, actor.unit, office_day(at))
    return [row for row in found if arranges(actor, Role(row.account.role), row.account.unit)]


def stood_in(actor: Actor, at: datetime) -> Sequence[Away]:
    """In whose place the actor acts today."""
    if actor.account_id is None or actor.role not in DESK:
        return ()
    day = office_day(at)
    with reading() as session:
        return [away for away in store.stood_in(session, actor.account_id, day) if stands_in(actor, away, day)]


@dataclass(frozen=True, slots=True)
class StandIn:
    """What an absent colleague has, as far as it fits on a page, and where the next one begins."""

    away: Away
    dossiers: Sequence[Waiting]
    next: Cursor | None


def work_of(actor: Actor, account_id: int, at: datetime, after: Cursor | None = None, size: int = PAGE) -> StandIn:
    """What waits for a colleague in whose place the actor acts today. Raises NotFound."""
    found = next((each for each in stood_in(actor, at) if each.account == account_id), None)
    if found is None:
        raise NotFound(account=account_id)
    # One that nobody has is theirs only where the deputy's own role does not reach it: see `in_place`.
    holders = [account_id, *([None] if found.role is not actor.role else [])]
    with looking() as connection:
        rows, more = balancing.waiting(connection, found.unit, found.role, holders, after, size)
    return StandIn(found, rows, Cursor(rows[-1].act_by, rows[-1].id) if more else None)


def colleagues(actor: Actor) -> Sequence[Account]:
    """Those whose work the actor shares out, in the order of their ids."""
    if actor.unit is None:
        return ()
    with reading() as session:
        found = accounts.at_desks(session, [actor.unit])
    return [account for account in found if arranges(actor, Role(account.role), account.unit)]


def guises(session: Session, actor: Actor, dossier: Dossier, at: datetime) -> tuple[Actor, ...]:
    """As whom somebody can act on a dossier: in the place of an absent colleague who has it first, then as themself."""
    return guises_of(session, actor, at)(dossier)


def guises_of(session: Session, actor: Actor, at: datetime) -> Callable[[Dossier], tuple[Actor, ...]]:
    """The same for any dossier, with one look at who is away."""
    if actor.account_id is None or actor.role not in DESK:
        return lambda _dossier: (actor,)
    day = office_day(at)
    away = store.stood_in(session, actor.account_id, day)

    def on(dossier: Dossier) -> tuple[Actor, ...]:
        role = Role(dossier.holder_role) if dossier.holder_role else None
        return (*in_place(actor, Holding(role, dossier.holder_unit, dossier.holder_id), away, day), actor)

    return on


def arranged(session: Session, actor: Actor, account_id: int) -> Account:
    """The account of somebody whose work the actor shares out. Raises NotFound."""
    account = accounts.by_id(session, account_id)
    if account is None or not account.active or not arranges(actor, Role(account.role), account.unit):
        raise NotFound(account=account_id)
    return account


def _fits(deputy: Account, absent: Account) -> bool:
    if not deputy.active or deputy.id == absent.id:
        return False
    return can_stand_in((Role(deputy.role), deputy.unit), (Role(absent.role), absent.unit))
