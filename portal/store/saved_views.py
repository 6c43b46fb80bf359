"""The views that somebody of the desk has saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.orm import Session

from portal.store.desk_models import SavedView


class View(NamedTuple):
    """A saved view, named as its columns."""

    id: int
    name: str
    shows: dict[str, Any]


def of(connection: Connection, account_id: int | None) -> Sequence[View]:
    """The views of an account, by name."""
    return [View._make(row) for row in connection.execute(_OF, {"account": account_id})]


_OF = (
    select(SavedView.id, SavedView.name, SavedView.shows)
    .where(SavedView.account_id == bindparam("account"))
    .order_by(SavedView.name)
)


def count(session: Session, account_id: int) -> int:
    """How many views an account has."""
    return session.scalar(select(func.count()).where(SavedView.account_id == account_id)) or 0


def is_there(session: Session, account_id: int, name: str) -> bool:
    """Whether an account has a view of this name."""
    query = select(SavedView.id).where(SavedView.account_id == account_id, SavedView.name == name)
    return session.scalar(query) is not None


def remove(session: Session, account_id: int, view_id: int) -> bool:
    """Remove a view of an account; gives whether there was one."""
    query = delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == account_id)
    return bool(session.execute(query.returning(SavedView.id)).all())
