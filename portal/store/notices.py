"""Messages as rows: those that wait, and pages of all of them for the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.models import Notice


def locked(session: Session, notice_id: int) -> Notice | None:
    """The message with this id, kept from other workers until the transaction ends."""
    return session.get(Notice, notice_id, with_for_update=True)


def waiting(session: Session, now: datetime, before: datetime, size: int) -> Sequence[int]:
    """Messages written before this instant whose next attempt is due, the longest waiting first."""
    query = select(Notice.id).where(
        Notice.sent_at.is_(None), Notice.failed_at.is_(None), Notice.next_attempt_at <= now, Notice.created_at < before
    )
    return session.scalars(query.order_by(Notice.next_attempt_at).limit(size)).all()


def page(session: Session, *, before: int | None, after: int | None, size: int) -> tuple[Sequence[Notice], bool]:
    """One page of messages, the newest first, and whether there are more in that direction."""
    query = select(Notice)
    if after is not None:
        rows = session.scalars(query.where(Notice.id > after).order_by(Notice.id).limit(size + 1)).all()
        return rows[:size][::-1], len(rows) > size
    if before is not None:
        query = query.where(Notice.id < before)
    rows = session.scalars(query.order_by(Notice.id.desc()).limit(size + 1)).all()
    return rows[:size], len(rows) > size
