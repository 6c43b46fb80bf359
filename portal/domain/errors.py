"""What can go wrong, drawn as a tree: each error has its HTTP status and says what is the case and what is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class PortalError(Exception):
    """Something the portal refuses or cannot do; `code` is stable, `details` are plain values for the page."""

    status = 500
    code = "error"

    def __init__(self, code: str | None = None, /, **details: Any) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.details: Mapping[str, Any] = details


class NotFound(PortalError):
    """There is no such thing, or it is not yours: both look the same from outside."""

    status, code = 404, "not_found"


class Forbidden(PortalError):
    """Your role may not do this."""

    status, code = 403, "forbidden"


class Conflict(PortalError):
    """Not now: the thing is in another state than the caller believed."""

    status, code = 409, "conflict"


class NotPossibleNow(Conflict):
    """The action is not possible in this status; `possible` names those that are."""

    code = "not_possible_now"

    def __init__(self, action: str, status_now: int | None, possible: Sequence[str]) -> None:
        super().__init__(None, action=action, status_now=status_now, possible=tuple(possible))


class Stale(Conflict):
    """Somebody else has changed the dossier since the page was opened."""

    code = "stale"


class Held(Conflict):
    """A colleague has it: `account` and `name` say who."""

    code = "held"


class Invalid(PortalError):
    """Input that cannot be accepted; `fields` maps a field's name to the code of its fault."""

    status, code = 400, "invalid"

    def __init__(self, fields: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(None, **details)
        self.fields: Mapping[str, str] = dict(fields or {})


class Unavailable(PortalError):
    """A service the portal needs does not answer; nothing was lost."""

    status, code = 503, "unavailable"
