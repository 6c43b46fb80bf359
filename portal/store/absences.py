"""Absences as rows: those of a unit, of somebody, and those in which somebody stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.absences import Away
from portal.domain.access import Role
from portal.store.balancing_models import Absence
from portal.store.models import Account

_WITH_NAMES = (joinedload(Absence.account), joinedload(Absence.deputy))


def away(row: Absence) -> Away:
    """An absence as the domain knows it."""
    account = row.account
    return Away(row.account_id, account.full_name, Role(account.role), row.unit, row.since, row.until, row.deputy_id)


def not_over(session: Session, unit: str, today: date) -> Sequence[Absence]:
    """The absences at a unit that go on or are still to come, the first ones first."""
    query = select(Absence).where(Absence.unit == unit, Absence.until >= today, Absence.ended_at.is_(None))
    return session.scalars(query.order_by(Absence.since, Absence.id).options(*_WITH_NAMES)).all()


def of_accounts(session: Session, accounts: Iterable[int], today: date) -> Sequence[Absence]:
    """The absences of these people that go on or are still to come."""
    query = select(Absence).where(
        Absence.account_id.in_(sorted(accounts)), Absence.until >= today, Absence.ended_at.is_(None)
    )
    return session.scalars(query).all()


def is_away(session: Session, account: int, day: date) -> bool:
    """Whether somebody is away on a day."""
    return any(row.since <= day for row in of_accounts(session, [account], day))


def stood_in(session: Session, deputy: int, day: date) -> list[Away]:
    """Those in whose place this account acts on a day; nobody who was given another role or unit since."""
    return [
        Away(row.account_id, row.full_name, Role(row.role), row.unit, row.since, row.until, row.deputy_id)
        for row in session.execute(_STOOD_IN, {"deputy": deputy, "day": day})
    ]


#: Asked on every page of a dossier: as plain columns, and made once.
_STOOD_IN = (
    select(
        Absence.account_id,
        Account.full_name,
        Account.role,
        Absence.unit,
        Absence.since,
        Absence.until,
        Absence.deputy_id,
    )
    .join(Account, Account.id == Absence.account_id)
    .where(
        Absence.deputy_id == bindparam("deputy"),
        Absence.until >= bindparam("day"),
        Absence.since <= bindparam("day"),
        Absence.ended_at.is_(None),
        Account.unit == Absence.unit,
    )
    .order_by(Absence.id)
)


def find(session: Session, absence_id: int) -> Absence | None:
    """One absence, kept from others until the transaction ends."""
    return session.get(Absence, absence_id, with_for_update=True)
