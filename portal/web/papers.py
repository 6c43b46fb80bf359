"""Gives out files and rendered papers of a dossier to those who may open it, in a way that nothing in them can run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Actor, Right, Role
from portal.domain.errors import NotFound
from portal.domain.readings import What
from portal.domain.slips import SlipKind
from portal.services.file_kinds import Kind
from portal.services.uploads import serving_headers, thumbnail_headers
from portal.store.models import Attachment, Dossier, Slip
from portal.usecases import dossiers, drafts, readings, slips
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import files, now
from procedures.model import Procedure

blueprint = Blueprint("papers", __name__)

_CHUNK = 64 * 1024

#: What each official paper is called on pages.
TITLES = {
    SlipKind.ACKNOWLEDGEMENT: _l("Thông báo đã nhận hồ sơ nộp trực tuyến"),
    SlipKind.RECEIPT: _l("Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    SlipKind.SUPPLEMENT_REQUEST: _l("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    SlipKind.REFUSAL_OF_RECEPTION: _l("Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    SlipKind.APOLOGY: _l("Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
    SlipKind.STOPPING: _l("Thông báo dừng giải quyết hồ sơ"),
    SlipKind.RESULT: _l("Kết quả giải quyết"),
    SlipKind.RESULT_REFUSAL: _l("Văn bản từ chối giải quyết"),
    SlipKind.CONTROL: _l("Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    SlipKind.REGISTER: _l("Sổ theo dõi hồ sơ"),
    SlipKind.HAND_OVER_LIST: _l("Danh sách bàn giao"),
    SlipKind.HAND_OVER_RECEIPT: _l("Giấy biên nhận trả kết quả"),
    SlipKind.LETTER: _l("Thư chúc mừng, chia buồn"),
    SlipKind.BLANK: _l("Giấy tiếp nhận in sẵn"),
}


def listed(file: Attachment, registration: str, note: str = "") -> dict[str, Any]:
    """A file of a dossier as the macros `file_list` and `file_viewer` show it."""
    return _shown(file, "papers.attachment", "papers.thumbnail", note, registration=registration)


def title_of(component: str, procedure: Procedure) -> str:
    """What a file was handed in for; of none of the procedure's papers, if the reception was put right since."""
    title = procedure.papers.get(component)
    return title.say(language()) if title else str(_("Giấy tờ khác"))


def listed_in_draft(file: Attachment, key: str, note: str = "") -> dict[str, Any]:
    """A file of a draft, likewise."""
    return _shown(file, "papers.draft_attachment", "papers.draft_thumbnail", note, key=key)


def _shown(file: Attachment, whole: str, small: str, note: str, **of: Any) -> dict[str, Any]:
    """`whole` and `small` are the endpoints of the file and of its picture, `of` says whose it is."""
    return {
        "id": file.id,
        "name": file.name,
        "href": url_for(whole, attachment_id=file.id, **of),
        "thumbnail": url_for(small, attachment_id=file.id, **of) if file.thumbnail else None,
        "kind": file.kind,
        "pages": file.pages,
        "size": file.size,
        "sha256": file.sha256,
        "note": note,
    }


def made_out(slip: Slip, dossier: Dossier) -> dict[str, Any]:
    """An official paper as the lists of both sides show it.

    `url` is empty until the worker has made it, `original` unless the file as sent must not be shown; `gone` says that
    a result was taken back and holds no more, `replaced_by` and `revoked_at` that another paper or none stands in its
    place.
    """
    kind = SlipKind(slip.kind)
    address: dict[str, Any] = {"registration": dossier.registration, "slip_id": slip.id}
    return {
        "title": TITLES[kind],
        "number": slip.number,
        "at": slip.created_at,
        "url": url_for("papers.slip", **address) if slip.sha256 else "",
        "original": url_for("papers.slip", **address, goc=1) if slip.shown else "",
        "size": slip.size,
        "sha256": slip.sha256 if slip.name else "",
        "name": slip.name,
        "gone": kind.is_result and slip is not dossier.result,
        "replaced_by": next((other.number for other in dossier.slips if other.id == slip.replaced_by_id), ""),
        "revoked_at": slip.revoked_at,
    }


def shown_to(who: Actor, dossier: Dossier) -> list[Slip]:
    """The papers of a dossier that somebody may see who may open it.

    Its applicant sees not those of the office; who handed it in for the applicant sees no results either.
    """
    if who.role is not Role.CITIZEN:
        return list(dossier.slips)
    kinds = {SlipKind(slip.kind) for slip in dossier.slips}
    helps = who.account_id != dossier.owner_id
    seen = {kind for kind in kinds if not kind.is_internal and not (helps and kind.is_result)}
    return [slip for slip in dossier.slips if SlipKind(slip.kind) in seen]


@blueprint.post("/ho-so/<registration>/phieu-kiem-soat")
@opens(Right.DESK)
def make_out_control(registration: str) -> ResponseReturnValue:
    """Make out the control slip, which says how the dossier stands now; it is listed with the other papers."""
    slips.request(actor(), registration, SlipKind.CONTROL, now())
    flash(_("Đang lập: %(paper)s", paper=TITLES[SlipKind.CONTROL]), "good")
    return redirect(url_for("desk.dossier", registration=registration, _anchor="giay-da-lap"), 303)


@blueprint.get("/ho-so/<registration>/tep/<int:attachment_id>")
@opens(Right.ACCOUNT)
def attachment(registration: str, attachment_id: int) -> Response:
    """A file of a dossier; `?goc=1` gives the file as it was sent, to be saved."""
    who, dossier = actor(), dossiers.open_dossier(actor(), registration).dossier
    found = _one(dossier.all_attachments, attachment_id)
    readings.note(who, dossier, What.FILE, now(), str(found.id))
    return _file(found)


@blueprint.get("/ho-so/<registration>/tep/<int:attachment_id>/anh-nho")
@opens(Right.ACCOUNT)
def thumbnail(registration: str, attachment_id: int) -> Response:
    """The small picture of a file."""
    return _thumbnail(dossiers.open_dossier(actor(), registration).dossier.all_attachments, attachment_id)


@blueprint.get("/khai/<key>/tep/<int:attachment_id>")
@opens(Right.FILL)
def draft_attachment(key: str, attachment_id: int) -> Response:
    """A file of one's own draft."""
    return _file(_one(drafts.open_draft(actor(), key, now()).draft.attachments, attachment_id))


@blueprint.get("/khai/<key>/tep/<int:attachment_id>/anh-nho")
@opens(Right.FILL)
def draft_thumbnail(key: str, attachment_id: int) -> Response:
    """The small picture of a file of one's own draft."""
    return _thumbnail(drafts.open_draft(actor(), key, now()).draft.attachments, attachment_id)


@blueprint.get("/ho-so/<registration>/giay/<int:slip_id>")
@opens(Right.ACCOUNT)
def slip(registration: str, slip_id: int) -> Response:
    """A rendered or attached paper; one that still waits for the worker is not there yet. `?goc=1`: as it was sent."""
    dossier = dossiers.open_dossier(actor(), registration).dossier
    found = next((paper for paper in shown_to(actor(), dossier) if paper.id == slip_id), None)
    if found is None or found.sha256 is None:
        raise NotFound("paper_not_ready" if found else None, slip=slip_id)
    readings.note(actor(), dossier, What.PAPER, now(), str(found.id))
    name = f"{found.kind}-{dossier.code or dossier.registration}.pdf"
    if request.args.get("goc"):
        return stored(found.sha256, serving_headers(found.name or name, Kind.PDF, inline=False))
    return stored(found.shown or found.sha256, serving_headers(name, Kind.PDF, inline=True))


def _file(found: Attachment) -> Response:
    """A file, shown in the page; where it is not harmless the safe copy is shown, and the original only saved."""
    kind = Kind(found.kind)
    if request.args.get("goc"):
        return stored(found.sha256, serving_headers(found.name, kind, inline=False))
    shown = kind.shown_kind if found.shown else kind
    return stored(found.shown or found.sha256, serving_headers(found.name, shown, inline=True))


def _thumbnail(attachments: Iterable[Attachment], attachment_id: int) -> Response:
    found = _one(attachments, attachment_id)
    if found.thumbnail is None:
        raise NotFound(attachment=attachment_id)
    return stored(found.thumbnail, thumbnail_headers())


def _one(attachments: Iterable[Attachment], attachment_id: int) -> Attachment:
    found = next((file for file in attachments if file.id == attachment_id), None)
    if found is None:
        raise NotFound(attachment=attachment_id)
    return found


def stored(sha256: str, headers: dict[str, str]) -> Response:
    """A stored file, sent piece by piece."""
    file = files().open(sha256)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_CHUNK):
                yield piece

    # The file's own policy says who may frame it: the portal's pages, beside a form.
    return Response(pieces(), headers={**headers, "X-Frame-Options": "SAMEORIGIN"})
