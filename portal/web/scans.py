"""Scans by phone: the QR on the desk's pages, the page it leads to, and the files as they come in."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Actor, Right
from portal.domain.errors import Invalid, NotFound
from portal.domain.readings import What
from portal.services.uploads import UploadRefused
from portal.store.models import Dossier
from portal.usecases import dossiers, drafts, readings, scans
from portal.usecases.scans import Of
from portal.web import papers
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.limits import SCAN, limiter
from portal.web.resources import now, settings, uploads

blueprint = Blueprint("scans", __name__)

QR_TYPE = "image/svg+xml"


# --- at the desk ---


@blueprint.get("/ban-lam-viec/quay/<key>/ma-quet.svg")
@opens(Right.COUNTER)
def draft_code(key: str) -> Response:
    """The QR by which a phone adds files to a draft of one's own."""
    return _code(Of.DRAFT, key)


@blueprint.get("/ban-lam-viec/quay/<key>/tep-quet")
@opens(Right.COUNTER)
def draft_files(key: str) -> str:
    """The files of a draft, for a script that looks for new ones."""
    return render_template("desk/scans_list.html", scans=of_draft(key))


@blueprint.get("/ban-lam-viec/<registration>/ma-quet.svg")
@opens(Right.DESK)
def dossier_code(registration: str) -> Response:
    """The QR by which a phone adds files to a dossier."""
    return _code(Of.DOSSIER, registration)


@blueprint.get("/ban-lam-viec/<registration>/tep-quet")
@opens(Right.DESK)
def dossier_files(registration: str) -> str:
    """The files of a dossier, for a script that looks for new ones."""
    dossier = dossiers.open_dossier(actor(), registration).dossier
    readings.note(actor(), dossier, What.PAGE, now())
    return render_template("desk/scans_list.html", scans=of_dossier(actor(), dossier))


def of_draft(key: str) -> dict[str, Any]:
    """What the part of the counter's page about scans shows."""
    opened = drafts.open_draft(actor(), key, now())
    return {
        "link": _link(Of.DRAFT, key),
        "code": url_for("scans.draft_code", key=key),
        "again": url_for("scans.draft_files", key=key),
        "files": [
            papers.listed_in_draft(file, key, opened.paper(file.component).say(language()))
            for file in opened.draft.attachments
        ],
    }


def of_dossier(who: Actor, dossier: Dossier) -> dict[str, Any] | None:
    """The same of a dossier's page; None where no scans are added."""
    if not scans.may_scan(who, dossier):
        return None
    return {
        "link": _link_of(dossier),
        "code": url_for("scans.dossier_code", registration=dossier.registration),
        "again": url_for("scans.dossier_files", registration=dossier.registration),
        "files": [papers.listed(file, dossier.registration) for file in dossier.files],
    }


def _link_of(dossier: Dossier) -> str:
    return url_for("scans.page", token=scans.invite_to(actor(), dossier, settings(), now()))


def _link(of: Of, key: str) -> str:
    return url_for("scans.page", token=scans.invite(actor(), of, key, settings(), now()))


def _code(of: Of, key: str) -> Response:
    address = f"{settings().base_url}{_link(of, key)}"
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True, light="#fff")
    # In an SVG of its own the name space must be said.
    answer = Response(drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), mimetype=QR_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- on the phone ---


@blueprint.get("/quet/<token>")
@opens(Right.LINK)
@limiter.limit(SCAN)
def page(token: str) -> ResponseReturnValue:
    """Choose a paper and photograph it; nothing that is there already can be seen."""
    return _page(token)


@blueprint.post("/quet/<token>")
@opens(Right.LINK)
@limiter.limit(SCAN)
def send(token: str) -> ResponseReturnValue:
    """Take in what was photographed; a refused file says why."""
    sent = [file for file in request.files.getlist("files") if file.filename]
    errors = [] if sent else [_("Chưa chọn tệp nào.")]
    for file in sent:
        name, stream = file.filename or "", cast(BinaryIO, file.stream)
        try:
            scans.add(token, request.form.get("component", ""), stream, name, uploads(), settings(), now())
        except UploadRefused as refused:
            errors.append(f"{name}: {refused.reason(language())}")
        except Invalid:
            errors.append(_("Đã có quá nhiều tệp trong hồ sơ này."))
        except NotFound as gone:
            if gone.code != "not_found":
                return _over()
            errors.append(_("Hãy chọn giấy tờ."))
    if errors:
        return _page(token, " ".join(dict.fromkeys(errors)))
    flash(_("Đã nhận %(count)s tệp.", count=len(sent)), "good")
    return redirect(url_for(".page", token=token), 303)


def _page(token: str, error: str = "") -> ResponseReturnValue:
    try:
        place = scans.follow(token, settings(), now())
    except NotFound:
        return _over()
    chosen = request.form.get("component", place.papers[0].key if place.papers else "")
    drawn = render_template(
        "public/scan.html",
        procedure=place.procedure,
        papers=[(paper.key, paper.title.say(language())) for paper in place.papers],
        chosen=chosen,
        error=error,
        action=url_for(".send", token=token),
    )
    return (drawn, 422) if error else drawn


def _over() -> ResponseReturnValue:
    return render_template("public/scan_over.html"), 404
