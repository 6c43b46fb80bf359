"""Dossiers that went from hand to hand on a day, found by the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from portal.domain.access import Actor
from portal.domain.flow import HANDS_ON
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier, Event

#: Written out in the statement, not bound: only then does the partial index of these actions serve it.
_HANDS_ON = Event.action.in_(
    bindparam("hands_on", sorted(action.value for action in HANDS_ON), expanding=True, literal_execute=True)
)


def handed_on(
    session: Session, actor: Actor, units: Iterable[str], since: datetime, until: datetime
) -> Sequence[Dossier]:
    """The dossiers that the actor may open and that went on at these units meanwhile, with their logs, in order."""
    here = select(Event.dossier_id).where(Event.unit.in_(sorted(units)), Event.at >= since, Event.at < until, _HANDS_ON)
    query = (
        select(Dossier)
        .where(Dossier.id.in_(here), scope_filter(actor))
        .options(
            selectinload(Dossier.events).selectinload(Event.actor),
            selectinload(Dossier.due_changes),
        )
        .order_by(Dossier.id)
    )
    return session.scalars(query).all()
