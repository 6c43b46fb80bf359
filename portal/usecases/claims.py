"""Officers take a dossier, give it back, or are given it; who has it is known to all whose step it is at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain import casework
from portal.domain import claims as rules
from portal.domain.access import Actor, Claiming, Role, Whereabouts
from portal.domain.errors import Held, Invalid, NotFound
from portal.domain.moment import office_day
from portal.store import absences, accounts
from portal.store import claims as store
from portal.store import dossiers as found
from portal.store.database import reading, transaction
from portal.store.desk_models import Claim
from portal.store.models import Account, Dossier
from portal.usecases import law

#: How many rows of the log a page shows.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a dossier, as somebody sees it: what they can change, whose place they would act in, and the log."""

    holder: Account | None
    possible: tuple[Claiming, ...]
    in_the_way: Account | None
    log: Sequence[Claim]


def standing(actor: Actor, dossier: Dossier) -> Standing:
    """Who has a dossier that the actor may open."""
    where = _whereabouts(dossier)
    with reading() as session:
        holder = _account(session, dossier.holder_id)
        log = store.log(session, dossier.id, _SHOWN)
    stands = rules.in_the_way(actor, where, dossier.holder_id) is not None
    return Standing(holder, rules.possible(actor, where, dossier.holder_id), holder if stands else None, log)


def possible(actor: Actor, dossier: Dossier) -> tuple[Claiming, ...]:
    """What the actor can change now about who has a dossier."""
    return rules.possible(actor, _whereabouts(dossier), dossier.holder_id)


def in_the_way(actor: Actor, dossier: Dossier) -> int | None:
    """The account of a colleague in whose place the actor would act; None if there is none."""
    return rules.in_the_way(actor, _whereabouts(dossier), dossier.holder_id)


def take(actor: Actor, registration: str, at: datetime, over: int | None = None) -> None:
    """Have a dossier from now on; once more is no harm. `over` is the colleague it is knowingly taken over from.

    Raises NotFound, Forbidden, Held: a colleague has it who is not `over`.
    """
    with transaction() as session:
        dossier = _locked(session, registration, actor)
        if dossier.holder_id == actor.account_id:
            return
        claiming = Claiming.TAKE_OVER if over is not None and dossier.holder_id == over else Claiming.TAKE
        change(session, dossier, claiming, actor.account_id, actor, at)


def release(actor: Actor, registration: str, at: datetime) -> None:
    """Let nobody have a dossier: one's own or, for who heads the work, anybody's. Raises NotFound, Forbidden."""
    with transaction() as session:
        dossier = _locked(session, registration, actor)
        if dossier.holder_id is not None:
            change(session, dossier, Claiming.RELEASE, None, actor, at)


def assign(actor: Actor, registration: str, account_id: int, at: datetime) -> None:
    """Give a dossier to somebody whose step it is at.

    Raises NotFound, Forbidden, Invalid: `account` (not_of_the_step, away).
    """
    with transaction() as session:
        dossier = _locked(session, registration, actor)
        if dossier.holder_id != account_id:
            change(session, dossier, Claiming.ASSIGN, account_id, actor, at)


def change(
    session: Session, dossier: Dossier, claiming: Claiming, holder_id: int | None, actor: Actor, at: datetime
) -> None:
    """Decide and write down who has a locked dossier, inside the caller's transaction.

    Raises Forbidden, Held, Invalid: see `take` and `assign`.
    """
    try:
        rules.demand(claiming, actor, _whereabouts(dossier), dossier.holder_id)
    except Held:
        raise _held(session, dossier.holder_id) from None
    if claiming is Claiming.ASSIGN and not _works_there(accounts.by_id(session, holder_id or 0), dossier):
        raise Invalid({"account": "not_of_the_step"})
    if claiming is Claiming.ASSIGN and holder_id is not None and absences.is_away(session, holder_id, office_day(at)):
        raise Invalid({"account": "away"})
    store.hand(session, dossier, claiming, holder_id, actor, at)


def respect(session: Session, dossier: Dossier, actor: Actor, over: int | None, at: datetime) -> None:
    """Before somebody acts: who knowingly acts in the place of a colleague who has the dossier takes it over.

    Raises Held: not knowingly.
    """
    colleague = rules.in_the_way(actor, _whereabouts(dossier), dossier.holder_id)
    if colleague is None:
        return
    if colleague != over:
        raise _held(session, colleague)
    store.hand(session, dossier, Claiming.TAKE_OVER, actor.account_id, actor, at)


def _works_there(account: Account | None, dossier: Dossier) -> bool:
    """Whether an account has the role and unit of the step that a dossier is at."""
    return (
        account is not None
        and account.active
        and (account.role, account.unit) == (dossier.holder_role, dossier.holder_unit)
    )


def _locked(session: Session, registration: str, actor: Actor) -> Dossier:
    dossier = found.find(session, registration, actor, lock=True)
    if dossier is None:
        raise NotFound(registration=registration)
    return dossier


def _whereabouts(dossier: Dossier) -> Whereabouts:
    """Where it stands; who has to act now need not be who does the step, as while the applicant is waited for."""
    where = casework.whereabouts(found.case_of(dossier), law.rules_of(dossier))
    role = Role(dossier.holder_role) if dossier.holder_role else None
    return replace(where, holder_role=role, holder_unit=dossier.holder_unit)


def _held(session: Session, account_id: int | None) -> Held:
    account = _account(session, account_id)
    return Held(account=account_id, name=account.full_name if account else "")


def _account(session: Session, account_id: int | None) -> Account | None:
    return accounts.by_id(session, account_id) if account_id is not None else None
