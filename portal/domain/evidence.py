"""Evidence that a log was not changed: each row's hash covers its content and the hash of the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

#: Under this name the details of an event keep the digest of the row of the ledger that it wrote.
LEDGER: Final = "ledger"

#: The fields of a dossier's event that its hash covers, in this order.
COVERED = (
    "dossier_id", "seq", "at", "actor_id", "role", "action", "before", "after", "step", "unit", "due_on", "reason",
    "details",
)  # fmt: skip


def event_hash(previous: str, event: Mapping[str, Any], covered: Sequence[str] = COVERED) -> str:
    """SHA-256 (hex) over the previous event's hash ('' for the first) and this event's covered fields."""
    return digest([previous, *map(event.__getitem__, covered)])


def first_broken(events: Iterable[Mapping[str, Any]], covered: Sequence[str] = COVERED) -> int | None:
    """The number of the first event whose hash or number is wrong, or None for a whole chain."""
    previous = ""
    for expected, event in enumerate(events, 1):
        if event["seq"] != expected or event["hash"] != event_hash(previous, event, covered):
            return expected
        previous = event["hash"]
    return None


def digest(values: Sequence[Any]) -> str:
    """SHA-256 (hex) over values in their order."""
    content = _ENCODE([_plain(value) if isinstance(value, date) else value for value in values])
    return hashlib.sha256(content.encode()).hexdigest()


def _plain(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat()


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode
