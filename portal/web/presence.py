"""Who else has a dossier open: on its page from the start, and kept fresh by a small script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, current_app, render_template

from portal.domain.access import Actor, Right
from portal.services.presence import Presence
from portal.store.models import Account, Dossier
from portal.usecases import presence
from portal.web.access import actor, opens
from portal.web.resources import settings

blueprint = Blueprint("presence", __name__, url_prefix="/ban-lam-viec")

_KEPT: Final = "portal_presence"


@blueprint.get("/<registration>/ai-dang-mo")
@opens(Right.DESK)
def here(registration: str) -> str:
    """Say that one still has the dossier open; gives the part of its page that tells who else has."""
    return render_template("desk/present.html", present=presence.stay(_presence(), actor(), registration))


def others(who: Actor, dossier: Dossier) -> Sequence[Account]:
    """Who else has a dossier open that somebody opens now."""
    return presence.enter(_presence(), who, dossier)


def _presence() -> Presence:
    """One per application and process, made at its first use."""
    kept: Presence | None = current_app.extensions.get(_KEPT)
    if kept is None:
        kept = current_app.extensions[_KEPT] = Presence(settings().redis_url)
    return kept
