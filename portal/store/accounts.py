"""Accounts as rows: found by what people sign in with, and the tries that are counted against guessing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from portal.store.models import Account, Tries


class Contact(StrEnum):
    """What an account is reached and found by; the values are its columns."""

    EMAIL = "email"
    PHONE = "phone"
    USERNAME = "username"


class Known(NamedTuple):
    """What every page needs to know of whoever is signed in, named as its columns."""

    id: int
    role: str
    unit: str | None
    full_name: str
    language: str
    active: bool
    session_epoch: int


_COLUMNS: Final = Account.__table__.c
_KNOWN: Final = select(*(_COLUMNS[name] for name in Known._fields)).where(_COLUMNS.id == bindparam("id"))


def known(connection: Connection, account_id: int) -> Known | None:
    """What pages need to know of the account with this id."""
    row = connection.execute(_KNOWN, {"id": account_id}).one_or_none()
    return None if row is None else Known._make(row)


def by_id(session: Session, account_id: int, *, lock: bool = False) -> Account | None:
    """The account with this id; `lock` keeps others from changing it until the transaction ends."""
    return session.get(Account, account_id, with_for_update=lock)


def by_ids(session: Session, account_ids: Sequence[int]) -> Sequence[Account]:
    """The accounts with these ids, in this order; one that there is not is left out."""
    found = {account.id: account for account in session.scalars(select(Account).where(Account.id.in_(account_ids)))}
    return [found[number] for number in account_ids if number in found]


def by_contact(session: Session, contact: Contact, value: str, *, lock: bool = False) -> Account | None:
    """The account with this e-mail address, phone number or user name, as it is stored."""
    query = select(Account).where(getattr(Account, contact.value) == value)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def by_personal_number(session: Session, number: str) -> Account | None:
    """The account of the person with this number."""
    return session.scalars(select(Account).where(Account.personal_number == number)).one_or_none()


def page(session: Session, *, staff: bool, after: int, size: int) -> Sequence[Account]:
    """Accounts of staff, or of citizens, in the order of their ids, from the one after `after`."""
    wanted = Account.role != "citizen" if staff else Account.role == "citizen"
    return session.scalars(select(Account).where(wanted, Account.id > after).order_by(Account.id).limit(size)).all()


def at_desks(session: Session, units: Sequence[str]) -> Sequence[Account]:
    """The accounts that may sign in at these units, in the order of their ids."""
    return session.scalars(select(Account).where(Account.unit.in_(units), Account.active).order_by(Account.id)).all()


def administrators(session: Session) -> Sequence[Account]:
    """The accounts that may sign in as administrators, kept from others until the transaction ends."""
    query = select(Account).where(Account.role == "administrator", Account.active).order_by(Account.id)
    return session.scalars(query.with_for_update()).all()


def count_try(
    session: Session, key: str, at: datetime, *, allowed: int, lock_for: timedelta, forget_after: timedelta
) -> datetime | None:
    """Count one try of what `key` names; gives the instant until which it is locked, None if the try is allowed.

    The try that is the last one allowed locks at once: tries under way side by side cannot be more than `allowed`.
    """
    session.execute(delete(Tries).where(Tries.last_at < at - forget_after))
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(make(Tries).values(key=key, number=0, last_at=at).on_conflict_do_nothing())
    tries = session.scalars(select(Tries).where(Tries.key == key).with_for_update()).one()
    if tries.locked_until is not None:
        if tries.locked_until > at:
            return tries.locked_until
        tries.number, tries.locked_until = 0, None
    tries.number, tries.last_at = tries.number + 1, at
    if tries.number >= allowed:
        tries.locked_until = at + lock_for
    return None


def forget_tries(session: Session, key: str) -> None:
    """The right answer was given: nothing is held against the next one."""
    session.execute(delete(Tries).where(Tries.key == key))
