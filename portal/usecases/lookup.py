"""Staff find a dossier, open or ended, by a few words of it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.access import Actor
from portal.domain.lookup import sought
from portal.store import lookup as store
from portal.store.database import looking
from portal.store.queues import Queued

PAGE = 30


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found, the latest dossier first; `before`: the id before which to go on, None at the end."""

    dossiers: list[Queued]
    before: int | None


def find(actor: Actor, typed: str, before: int | None = None, size: int = PAGE) -> Found:
    """The dossiers that the actor may open and that bear all the words typed, before this id."""
    with looking() as connection:
        return Found(*store.found(connection, actor, sought(typed), before, size))
