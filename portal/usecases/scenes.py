"""One action on a dossier as its consequences see it: what was ordered, by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.casework import Outcome, Request, Rules
from portal.domain.flow import Action
from portal.services.uploads import Inspected
from portal.store.models import Dossier


@dataclass(frozen=True, slots=True)
class Deed:
    """One action as a person orders it.

    `seen` is the number of the last event the person had before their eyes; a newer one is answered with Stale. `words`
    is what is said to the applicant (or by them, who withdraw), `amount` in đồng; `file` is a result that was signed
    outside the portal, or a scan; `over` is the colleague who has the dossier and from whom the person knowingly takes
    it over; `more` are further plain values to be kept with the event.
    """

    action: Action
    seen: int | None = None
    request: Request = field(default_factory=Request)
    words: str = ""
    amount: int | None = None
    file: Inspected | None = None
    over: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the consequences of an action look at."""

    session: Session
    dossier: Dossier
    actor: Actor
    deed: Deed
    outcome: Outcome
    rules: Rules
    at: datetime
