"""Somebody of the desk names a queue with what narrows it, finds it beside the queues, and forgets it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from portal.domain.access import Actor
from portal.domain.errors import Invalid, NotFound
from portal.store import saved_views as store
from portal.store.database import looking, transaction
from portal.store.desk_models import SavedView
from portal.store.saved_views import View

LONGEST_NAME: Final = 60


def of(actor: Actor) -> Sequence[View]:
    """The actor's own views, by name."""
    with looking() as connection:
        return store.of(connection, actor.account_id)


def save(actor: Actor, name: str, shows: Mapping[str, str], most: int) -> None:
    """Save a view of the actor's, of whom there are at most so many.

    Raises Invalid with the fault of `name`: required, too_long, taken or too_many.
    """
    assert actor.account_id is not None
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": "too_long" if name else "required"})
    with transaction() as session:
        if store.is_there(session, actor.account_id, name):
            raise Invalid({"name": "taken"})
        if store.count(session, actor.account_id) >= most:
            raise Invalid({"name": "too_many"})
        session.add(SavedView(account_id=actor.account_id, name=name, shows=dict(shows)))


def forget(actor: Actor, view_id: int) -> None:
    """Remove a view. Raises NotFound where the actor has none of this id."""
    assert actor.account_id is not None
    with transaction() as session:
        if not store.remove(session, actor.account_id, view_id):
            raise NotFound(view=view_id)
