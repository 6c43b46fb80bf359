"""Bulk orders as rows: given, gone through one dossier at a time, and looked at by whoever gave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload, lazyload, load_only

from portal.domain.flow import Action
from portal.store.bulk_order_models import BulkItem, BulkOrder
from portal.store.models import Dossier, Event


class Counts(NamedTuple):
    """How many dossiers an order names, how many were gone through, and how many of those were refused."""

    all: int
    settled: int
    refused: int


def of_account(session: Session, account_id: int, key: str) -> BulkOrder | None:
    """Somebody's own order."""
    return session.scalars(
        select(BulkOrder).where(BulkOrder.key == key, BulkOrder.ordered_by_id == account_id)
    ).one_or_none()


def newest(session: Session, account_id: int, size: int) -> Sequence[BulkOrder]:
    """Somebody's own orders, the newest first."""
    own = select(BulkOrder).where(BulkOrder.ordered_by_id == account_id)
    return session.scalars(own.order_by(BulkOrder.id.desc()).limit(size)).all()


def locked(session: Session, order_id: int) -> BulkOrder | None:
    """An order, kept from others until the transaction ends."""
    return session.scalars(
        select(BulkOrder).where(BulkOrder.id == order_id).with_for_update(of=BulkOrder)
    ).one_or_none()


def waiting(session: Session) -> Sequence[int]:
    """The orders that are not at their end."""
    return session.scalars(select(BulkOrder.id).where(BulkOrder.done_at.is_(None)).order_by(BulkOrder.id)).all()


def unsettled(session: Session, order_id: int) -> Sequence[tuple[int, str]]:
    """The dossiers of an order that were not gone through yet: place and registration number."""
    query = select(BulkItem.place, Dossier.registration).join(Dossier, Dossier.id == BulkItem.dossier_id)
    left = query.where(BulkItem.order_id == order_id, BulkItem.settled_at.is_(None)).order_by(BulkItem.place)
    return [(row.place, row.registration) for row in session.execute(left)]


def unsettled_item(session: Session, order_id: int, place: int) -> BulkItem | None:
    """One of them, if it still is; only under the lock of its order can that not change."""
    left = select(BulkItem).where(BulkItem.order_id == order_id, BulkItem.place == place, BulkItem.settled_at.is_(None))
    return session.scalars(left).one_or_none()


def items(session: Session, order_id: int) -> Sequence[BulkItem]:
    """All of an order, as they were chosen, with what their dossiers are called and whose they are."""
    named = joinedload(BulkItem.dossier).options(
        load_only(Dossier.registration, Dossier.code, Dossier.applicant_name), lazyload(Dossier.lead)
    )
    of_it = select(BulkItem).where(BulkItem.order_id == order_id).options(named)
    return session.scalars(of_it.order_by(BulkItem.place)).all()


def receptions(session: Session, order_id: int) -> Sequence[Row[Any]]:
    """What the log says of the reception of each dossier that an order received, and by which law it goes."""
    of_it = (BulkItem.order_id == order_id, BulkItem.settled_at.is_not(None), BulkItem.refusal.is_(None))
    query = (
        select(Event.dossier_id, Event.details, Dossier.procedure, Dossier.version, Dossier.leg)
        .join(BulkItem, BulkItem.dossier_id == Event.dossier_id)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(*of_it, Event.action == Action.RECEIVE.value)
    )
    return session.execute(query).all()


def counts(session: Session, order_ids: Sequence[int]) -> dict[int, Counts]:
    """How far these orders are."""
    query = select(BulkItem.order_id, func.count(), func.count(BulkItem.settled_at), func.count(BulkItem.refusal))
    rows = session.execute(query.where(BulkItem.order_id.in_(order_ids)).group_by(BulkItem.order_id))
    return {order_id: Counts(*numbers) for order_id, *numbers in rows}
