"""Who has read a dossier, as rows: written once for each person, thing and half hour, and told to whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, joinedload

from portal.domain.readings import What
from portal.store.desk_models import Reading

_IDENTITY = [Reading.dossier_id, Reading.account_id, Reading.turn, Reading.what, Reading.of]


class Mine(NamedTuple):
    """What somebody has read of a dossier: in which half hour, when first, and what."""

    turn: int
    at: datetime
    what: str
    of: str


class ByOffice(NamedTuple):
    """How often, and when last, those of a role at a unit have read a dossier; `asked`: hidden answers asked for."""

    role: str
    unit: str | None
    times: int
    asked: int
    last_at: datetime


def mine(connection: Connection, dossier_id: int, account_id: int, since: int) -> Sequence[Mine]:
    """What an account has read of a dossier since this half hour."""
    named = {"dossier": dossier_id, "account": account_id, "since": since}
    return [Mine._make(row) for row in connection.execute(_MINE, named)]


_MINE = select(Reading.turn, Reading.at, Reading.what, Reading.of).where(
    Reading.dossier_id == bindparam("dossier"),
    Reading.account_id == bindparam("account"),
    Reading.turn >= bindparam("since"),
)


def write(session: Session, row: dict[str, Any]) -> None:
    """Write a reading, unless it is written already."""
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(make(Reading).values(row).on_conflict_do_nothing(index_elements=_IDENTITY))


def by_office(connection: Connection, dossier_id: int) -> Sequence[ByOffice]:
    """Who has read a dossier, as its owner is told: by role and unit, the latest first."""
    asked = func.sum(case((Reading.what == What.SENSITIVE.value, 1), else_=0))
    last = func.max(Reading.at)
    query = (
        select(Reading.role, Reading.unit, func.count(Reading.turn.distinct()), asked, last)
        .where(Reading.dossier_id == dossier_id)
        .group_by(Reading.role, Reading.unit)
        .order_by(last.desc())
    )
    return [ByOffice._make(row) for row in connection.execute(query)]


def log(session: Session, dossier_id: int, before_id: int | None, size: int) -> Sequence[Reading]:
    """Who has read a dossier, the latest first, from before this id on."""
    query = select(Reading).where(Reading.dossier_id == dossier_id).options(joinedload(Reading.account))
    if before_id is not None:
        query = query.where(Reading.id < before_id)
    return session.scalars(query.order_by(Reading.id.desc()).limit(size)).all()
