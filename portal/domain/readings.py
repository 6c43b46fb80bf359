"""Reading what is somebody's own: what is written down of it, how often, and how long what was asked for is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.domain.access import Actor


class What(StrEnum):
    """What of a dossier was read."""

    PAGE = "page"
    FILE = "file"
    PAPER = "paper"
    SENSITIVE = "sensitive"  # an answer that is hidden until it is asked for


#: Reading the same again within this time is the same reading; so long what was asked for stays open.
TURN: Final = timedelta(minutes=30)


def turn(at: datetime) -> int:
    """In which half hour since 1970 an instant lies."""
    return int(at.timestamp()) // int(TURN.total_seconds())


def is_logged(actor: Actor, owner_id: int | None) -> bool:
    """Whether it is written down that this actor reads the dossier of this owner: one's own is not."""
    return actor.account_id is not None and actor.account_id != owner_id
