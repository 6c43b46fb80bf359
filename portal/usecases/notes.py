"""Officers' notes on a dossier: each is written once and stays, for the eyes of the desk alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from portal.domain.access import DESK, Actor
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.kinds import Refusal, clean
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.store.remark_models import Note

LONGEST: Final = 2000


def of(actor: Actor, dossier: Dossier) -> Sequence[Note]:
    """The notes on a dossier that the actor has opened, the newest first. Raises Forbidden but for the desk."""
    _at_the_desk(actor)
    with reading() as session:
        return session.scalars(select(Note).where(Note.dossier_id == dossier.id).order_by(Note.id.desc())).all()


def write(actor: Actor, registration: str, words: str, at: datetime) -> None:
    """Write a note. Raises NotFound for a dossier one may not open, Invalid for no words or too many."""
    _at_the_desk(actor)
    try:
        kept = clean(words, lines=True)
    except Refusal:
        raise Invalid({"note": "unreadable"}) from None
    if not kept or len(kept) > LONGEST:
        raise Invalid({"note": "too_long" if kept else "required"})
    with transaction() as session:
        dossier = store.find(session, registration, actor)
        if dossier is None:
            raise NotFound(registration=registration)
        session.add(Note(dossier_id=dossier.id, at=at, by_id=actor.account_id, words=kept))


def _at_the_desk(actor: Actor) -> None:
    if actor.role not in DESK:
        raise Forbidden(role=actor.role.value)
