"""A file beside a dossier's page: one page at a time as a picture, to be leafed through, turned and enlarged.

Everything is a link, so that it works without scripts, on phones that show no PDF in a frame, and by keyboard.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request, url_for

from portal.domain.access import Right
from portal.domain.errors import NotFound
from portal.domain.readings import What
from portal.services.file_kinds import Kind
from portal.services.uploads import UploadRefused, thumbnail_headers
from portal.store.models import Attachment, Dossier
from portal.usecases import dossiers, readings
from portal.web import texts
from portal.web.access import actor, opens
from portal.web.headers import show_in_own_frame
from portal.web.resources import files, now, uploads

blueprint = Blueprint("viewer", __name__, url_prefix="/ban-lam-viec")

#: How large a page can be shown, in percent of the frame it stands in; and by how much it grows at a time.
SMALLEST: Final = 50
LARGEST: Final = 300
STEP: Final = 50
#: The longer side of a page at 100 %, in pixels, and how wide it stands on the screen.
SIDE: Final = 1100
WIDTH: Final = 560


@blueprint.get("/<registration>/tep/<int:attachment_id>")
@opens(Right.DESK)
def page(registration: str, attachment_id: int) -> Response:
    """One page of a file with what turns to the others: `?trang=2&xoay=90&phong=150`."""
    found, _dossier = _find(registration, attachment_id)
    last = max(found.pages, 1)
    number = min(max(_asked("trang", 1), 1), last)
    turn, size = _turn(), _size()

    def to(trang: int = number, xoay: int = turn, phong: int = size) -> str:
        values = {"trang": trang, "xoay": xoay % 360, "phong": phong}
        return url_for(".page", registration=registration, attachment_id=attachment_id, **values)  # type: ignore[arg-type]

    picture = url_for(
        ".picture", registration=registration, attachment_id=attachment_id, number=number, xoay=turn, phong=size
    )
    whole = url_for("papers.attachment", registration=registration, attachment_id=attachment_id)
    drawn = render_template(
        "desk/viewer.html",
        file=found,
        number=number,
        last=last,
        picture=picture,
        whole=whole,
        width=WIDTH * size // 100,
        size=size,
        previous=to(trang=number - 1) if number > 1 else "",
        following=to(trang=number + 1) if number < last else "",
        left=to(xoay=turn - 90),
        right=to(xoay=turn + 90),
        smaller=to(phong=size - STEP) if size > SMALLEST else "",
        larger=to(phong=size + STEP) if size < LARGEST else "",
    )
    return show_in_own_frame(make_response(drawn))


@blueprint.get("/<registration>/tep/<int:attachment_id>/trang/<int:number>")
@opens(Right.DESK)
def picture(registration: str, attachment_id: int, number: int) -> Response:
    """One page of a file as a picture, drawn in the sandbox."""
    found, dossier = _find(registration, attachment_id)
    if not 1 <= number <= max(found.pages, 1):
        raise NotFound(page=number)
    readings.note(actor(), dossier, What.FILE, now(), str(found.id))
    kind = Kind(found.kind).shown_kind if found.shown else Kind(found.kind)
    side = SIDE * max(_size(), 100) // 100
    with files().open(found.shown or found.sha256) as file:
        try:
            drawn = uploads().page(file, kind, number - 1, _turn(), side)
        except UploadRefused:
            raise NotFound(page=number) from None
    return Response(drawn, headers=thumbnail_headers())


def _find(registration: str, attachment_id: int) -> tuple[Attachment, Dossier]:
    dossier = dossiers.open_dossier(actor(), registration).dossier
    found = next((file for file in dossier.files if file.id == attachment_id), None)
    if found is None:
        raise NotFound(attachment=attachment_id)
    return found, dossier


def _asked(name: str, otherwise: int) -> int:
    found = texts.number(request.args.get(name))
    return otherwise if found is None else found


def _turn() -> int:
    """By how many degrees the page is turned to the right; what is no quarter turn is none."""
    return _asked("xoay", 0) // 90 % 4 * 90


def _size() -> int:
    return min(max(_asked("phong", 100), SMALLEST), LARGEST) // STEP * STEP
