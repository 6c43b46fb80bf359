"""Officers' notes on a dossier's page: read there and written there, by the desk alone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Right
from portal.usecases import notes
from portal.web.access import actor, opens
from portal.web.resources import now

blueprint = Blueprint("notes", __name__, url_prefix="/ban-lam-viec")


@blueprint.post("/<registration>/ghi-chu")
@opens(Right.DESK)
def write(registration: str) -> ResponseReturnValue:
    """Write a note; an empty one is none."""
    words = request.form.get("note", "")
    if words.strip():
        notes.write(actor(), registration, words, now())
        flash(_("Đã ghi chú nội bộ."), "good")
    return redirect(url_for("desk.dossier", registration=registration, _anchor="ghi-chu"), 303)
