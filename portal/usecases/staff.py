"""What an administrator decides of the accounts of those who work here; each change is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain import office_changes
from portal.domain.access import STAFF, Actor, Role
from portal.domain.amendments import Change
from portal.domain.errors import Invalid, NotFound, Stale
from portal.domain.office_changes import Facts
from portal.store import accounts as store
from portal.store import publications
from portal.store.database import reading, transaction
from portal.store.models import Account
from portal.usecases import accounts, law, office
from procedures.writing import as_yaml


@dataclass(frozen=True, slots=True)
class Wish:
    """What an account shall be; `password` is a new one, '' keeps the old."""

    full_name: str
    role: Role
    unit: str | None
    active: bool = True
    password: str = ""


def find(account_id: int) -> Account:
    """An account of somebody who works here. Raises NotFound."""
    with reading() as session:
        return _staff(session, account_id)


def enter(actor: Actor, username: str, wish: Wish, at: datetime) -> Account:
    """Make an account. Raises Forbidden, and Invalid as `accounts.create_staff`."""
    office.administrator(actor)

    def write(session: Session, account: Account) -> None:
        publications.hold(session, alone=True)
        _record(session, actor, account, office_changes.differences({}, _facts(account)), at)

    return accounts.create_staff(wish.role, wish.unit, username, wish.full_name, wish.password, at, then=write)


def change(actor: Actor, account_id: int, seen: int, wish: Wish, at: datetime) -> Account:
    """Change an account; whoever has it is signed out if its role, unit or password changes, or it is closed.

    Raises Forbidden, NotFound, Stale, and Invalid: `full_name`, `unit`, `password`, `form` (nothing_changed), `role` or
    `active` (last_administrator).
    """
    office.administrator(actor)
    name = accounts.staff_name(wish.full_name)
    accounts.demand_place(wish.role, wish.unit)
    with transaction() as session:
        publications.hold(session, alone=True)
        administrators = store.administrators(session)
        account = _staff(session, account_id, lock=True)
        newest = publications.listed(session, [office.ACCOUNT], name=str(account_id), size=1)
        if (newest[0].seq if newest else 0) != seen:
            raise Stale(seen=seen, now=newest[0].seq, by=newest[0].published_by.full_name)
        if [one.id for one in administrators] == [account_id]:
            _keep_one(wish)
        before, place = _facts(account), (account.role, account.unit, account.active)
        account.full_name, account.role, account.unit, account.active = name, wish.role.value, wish.unit, wish.active
        changes = office_changes.differences(before, _facts(account))
        if wish.password:
            accounts.set_password(session, account, wish.password, at)
            changes = (*changes, office_changes.NEW_PASSWORD)
        elif place != (account.role, account.unit, account.active):
            account.session_epoch += 1
        if not changes:
            raise Invalid({"form": "nothing_changed"})
        _record(session, actor, account, changes, at)
    return account


def _keep_one(wish: Wish) -> None:
    """Without an administrator nobody could let anybody in again."""
    if wish.role is not Role.ADMINISTRATOR:
        raise Invalid({"role": "last_administrator"})
    if not wish.active:
        raise Invalid({"active": "last_administrator"})


def _staff(session: Session, account_id: int, *, lock: bool = False) -> Account:
    account = store.by_id(session, account_id, lock=lock)
    if account is None or account.role not in STAFF:
        raise NotFound(account=account_id)
    return account


def _facts(account: Account) -> Facts:
    unit = law.unit(account.unit).name if account.unit else None
    return office_changes.of_account(account.full_name, account.role, unit, active=account.active)


def _record(session: Session, actor: Actor, account: Account, changes: tuple[Change, ...], at: datetime) -> None:
    text = as_yaml(
        {
            "username": account.username,
            "full_name": account.full_name,
            "role": account.role,
            "unit": account.unit,
            "active": account.active,
        }
    )
    office.record(session, actor, office.ACCOUNT, str(account.id), law.office_day(at), text, changes, at)
