"""Who else has a dossier open at the desk right now."""

from __future__ import annotations

from collections.abc import Sequence

from portal.domain.access import Actor
from portal.domain.errors import NotFound
from portal.services.presence import Presence
from portal.store import accounts, dossiers
from portal.store.database import reading
from portal.store.models import Account, Dossier


def enter(presence: Presence, actor: Actor, dossier: Dossier) -> Sequence[Account]:
    """Say that the actor has a dossier open; gives the others who have."""
    if actor.account_id is None:
        return ()
    others = presence.enter(f"dossier:{dossier.id}", actor.account_id)
    if not others:
        return ()
    with reading() as session:
        return accounts.by_ids(session, others)


def stay(presence: Presence, actor: Actor, registration: str) -> Sequence[Account]:
    """The same for a page that was open already. Raises NotFound."""
    with reading() as session:
        dossier = dossiers.find(session, registration, actor)
    if dossier is None:
        raise NotFound(registration=registration)
    return enter(presence, actor, dossier)
