"""Reading somebody's dossier is written down; hidden answers are shown for a while to whoever asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.domain.access import Actor
from portal.domain.readings import TURN, What, is_logged, turn
from portal.store import readings as store
from portal.store.database import looking, reading, transaction
from portal.store.desk_models import Reading
from portal.store.models import Dossier
from portal.store.readings import ByOffice


def note(actor: Actor, dossier: Dossier, what: What, at: datetime, of: str = "") -> frozenset[str]:
    """Write down that somebody reads a dossier; gives the hidden answers they asked for not long ago.

    `of` says which file, paper or answer. Whoever reads cannot go on unless it is written down.
    """
    if not is_logged(actor, dossier.owner_id):
        return frozenset()
    assert actor.account_id is not None
    with looking() as connection:
        found = store.mine(connection, dossier.id, actor.account_id, turn(at - TURN))
    if (turn(at), what.value, of) not in {(each.turn, each.what, each.of) for each in found}:
        row = {
            "dossier_id": dossier.id,
            "account_id": actor.account_id,
            "role": actor.role.value,
            "unit": actor.unit,
            "turn": turn(at),
            "at": at,
            "what": what.value,
            "of": of,
        }
        with transaction() as session:
            store.write(session, row)
    return frozenset(each.of for each in found if each.what == What.SENSITIVE and each.at > at - TURN)


def by_office(dossier: Dossier) -> Sequence[ByOffice]:
    """Who has read a dossier, as its owner is told: by role and unit, not by name."""
    with looking() as connection:
        return store.by_office(connection, dossier.id)


def log(dossier: Dossier, before_id: int | None, size: int) -> Sequence[Reading]:
    """Who has read a dossier, by name, the latest first."""
    with reading() as session:
        return store.log(session, dossier.id, before_id, size)
