"""The page of what offices handed to each other on a day: lists to be printed and signed by both."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import words
from portal.domain.access import Right
from portal.domain.errors import NotFound
from portal.domain.slips import SlipKind
from portal.services.file_kinds import Kind
from portal.services.uploads import serving_headers
from portal.usecases import handing_over, law
from portal.usecases.handing_over import List
from portal.web import papers
from portal.web.access import actor, opens
from portal.web.resources import now

blueprint = Blueprint("hand_overs", __name__)


@blueprint.get("/ban-giao", endpoint="day")
@opens(Right.DESK)
def page() -> str:
    """What went from one office to another on a day, today if none is named."""
    who, today = actor(), law.office_day(now())
    asked = request.args.get("ngay", "").strip()
    day = _read(asked)
    return render_template(
        "desk/hand_overs.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        day=day or today,
        asked=asked,
        wrong=bool(asked) and day is None,
        lists=[_shown(each) for each in handing_over.of_day(who, day or today)],
    )


@blueprint.post("/ban-giao")
@opens(Right.DESK)
def make_out() -> ResponseReturnValue:
    """Make out one of the lists of a day."""
    day = _read(request.form.get("day", ""))
    if day is None:
        raise NotFound(day=request.form.get("day", ""))
    handing_over.make_out(actor(), day, request.form.get("key", ""), now())
    flash(_("Đang lập: %(paper)s", paper=papers.TITLES[SlipKind.HAND_OVER_LIST]), "good")
    return redirect(url_for("hand_overs.day", ngay=f"{day:%d/%m/%Y}"), 303)


@blueprint.get("/ban-giao/giay/<int:slip_id>")
@opens(Right.DESK)
def paper(slip_id: int) -> Response:
    """A rendered list."""
    slip = handing_over.paper_of(actor(), slip_id)
    assert slip.sha256 is not None
    name = f"ban-giao-{slip.number.replace('/', '-')}.pdf"
    return papers.stored(slip.sha256, serving_headers(name, Kind.PDF, inline=True))


def _read(text: str) -> date | None:
    """A day as people write it here; None for what is none."""
    parts = text.strip().split("/")
    if len(parts) != len("dmy") or not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    day, month, year = (int(part) for part in parts)
    try:
        return date(year, month, day) if year >= 2000 else None
    except ValueError:
        return None


def _shown(each: List) -> dict[str, Any]:
    made = each.paper
    return {
        "list": each,
        "giver": handing_over.name(each.bundle.giver),
        "receiver": handing_over.name(each.bundle.receiver),
        "url": url_for("hand_overs.paper", slip_id=made.id) if made and made.sha256 else "",
    }
