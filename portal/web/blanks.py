"""The pages of receipts printed ahead for an outage, and what the counter says of a dossier taken down on one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Actor, Right
from portal.domain.errors import Invalid, NotFound
from portal.domain.numerals import day_from
from portal.services import printing
from portal.services.file_kinds import Kind
from portal.services.uploads import serving_headers
from portal.store.blank_models import BlankReceipt
from portal.usecases import blanks, law
from portal.usecases.blanks import OnPaper
from portal.web import papers, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import files, now
from procedures.calendars import OFFICE_TIME
from procedures.model import Text

blueprint = Blueprint("blanks", __name__, url_prefix="/giay-in-san")

#: How many are printed where nothing else is asked for.
BATCH: Final = 10
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.hg]| giờ )([0-5][0-9])", re.ASCII)

FAULTS: Final[Mapping[str, Text]] = {
    "required": Text(vi="Xin điền mục này.", en="Please fill this in."),
    "unknown": Text(vi="Đơn vị không có giấy in sẵn mang số này.", en="Your unit has no blank receipt of this number."),
    "used": Text(vi="Giấy này đã được nhập cho một hồ sơ khác.", en="Another dossier was entered on this blank."),
    "void": Text(vi="Giấy này đã hủy.", en="This blank is void."),
    "day": Text(vi="Ngày ghi theo dạng ngày/tháng/năm.", en="A day is written day/month/year."),
    "clock": Text(vi="Giờ ghi theo dạng 14:05.", en="A time is written 14:05."),
    "in_the_future": Text(vi="Thời gian này chưa tới.", en="This time has not come yet."),
    "before_printing": Text(vi="Lúc đó giấy chưa được in.", en="The blank had not been printed by then."),
    "too_long_ago": Text(
        vi="Đã quá lâu: không nhập được nữa, hãy hỏi quản trị.", en="Too long ago to be entered; ask the administrator."
    ),
    "out_of_range": Text(vi=f"Mỗi lần in từ 1 đến {blanks.MOST} giấy.", en=f"From 1 to {blanks.MOST} at a time."),
}


@blueprint.get("", endpoint="blanks")
@opens(Right.COUNTER)
def shelf() -> ResponseReturnValue:
    """The blank receipts of one's unit, the newest first, and how to print more."""
    return _shelf({})


@blueprint.post("")
@opens(Right.COUNTER)
def print_more() -> ResponseReturnValue:
    """Make out a batch with the next serials."""
    try:
        made = blanks.print_batch(actor(), texts.number(request.form.get("many")) or 0, now())
    except Invalid:
        return _shelf({"many": FAULTS["out_of_range"]}), 422
    flash(_("Đang lập giấy số %(first)s đến %(last)s.", first=str(made[0]), last=str(made[-1])), "good")
    return redirect(url_for(".blanks"), 303)


@blueprint.get("/tap.pdf")
@opens(Right.COUNTER)
def sheets() -> Response:
    """The blanks of a page that can still be handed out, two copies of each on a sheet, for the printer."""
    before = texts.number(request.args.get("truoc"))
    ready = [blank.slip.sha256 for blank in reversed(blanks.page(actor(), before, unused=True).blanks)]
    found = [sha256 for sha256 in ready if sha256]
    if not found:
        raise NotFound("paper_not_ready")
    laid_out = printing.sheets((files().open(sha256) for sha256 in found), printing.Layout.TWICE)
    return Response(laid_out, headers=serving_headers("giay-in-san.pdf", Kind.PDF, inline=True))


@blueprint.get("/<int:slip_id>.pdf")
@opens(Right.COUNTER)
def paper(slip_id: int) -> Response:
    """One blank as it was sealed."""
    blank = blanks.find(actor(), slip_id)
    if blank.slip.sha256 is None:
        raise NotFound("paper_not_ready", slip=slip_id)
    return papers.stored(blank.slip.sha256, serving_headers(f"{blank.slip.number}.pdf", Kind.PDF, inline=True))


@blueprint.get("/<int:slip_id>/huy")
@opens(Right.COUNTER)
def ask_void(slip_id: int) -> ResponseReturnValue:
    """Why a blank is spoiled or lost."""
    return _void_page(blanks.find(actor(), slip_id), {})


@blueprint.post("/<int:slip_id>/huy")
@opens(Right.COUNTER)
def void(slip_id: int) -> ResponseReturnValue:
    """Take a blank out of use for good."""
    who = actor()
    words = request.form.get("words", "").strip()[:500]
    if not words:
        return _void_page(blanks.find(who, slip_id), {"words": FAULTS["required"]}), 422
    blank = blanks.void(who, slip_id, words, now())
    flash(_("Đã hủy giấy số %(number)s.", number=blank.slip.number), "good")
    return redirect(url_for(".blanks"), 303)


def _void_page(blank: BlankReceipt, errors: Mapping[str, Text]) -> str:
    told = {name: text.say(language()) for name, text in errors.items()}
    return render_template("desk/blank_void.html", blank=_shown(blank), errors=told)


def _shelf(errors: Mapping[str, Text]) -> str:
    who, before = actor(), texts.number(request.args.get("truoc"))
    found = blanks.page(who, before)
    rows = [_shown(blank) for blank in found.blanks]
    return render_template(
        "desk/blanks.html",
        unit=law.unit(who.unit) if who.unit else None,
        rows=rows,
        many=request.form.get("many", str(BATCH)),
        most=blanks.MOST,
        days=current_app.config["PORTAL"].late_entry_days,
        errors={name: text.say(language()) for name, text in errors.items()},
        sheets_url=url_for(".sheets", truoc=before) if any(row["usable"] and row["url"] for row in rows) else "",
        making=any(row["usable"] and not row["url"] for row in rows),
        older_url=url_for(".blanks", truoc=found.older) if found.older else "",
    )


def _shown(blank: BlankReceipt) -> dict[str, Any]:
    slip, dossier = blank.slip, blank.dossier
    usable = dossier is None and slip.revoked_at is None
    return {
        "serial": slip.number,
        "at": slip.created_at,
        "url": url_for("blanks.paper", slip_id=slip.id) if slip.sha256 else "",
        "usable": usable,
        "void_url": url_for("blanks.ask_void", slip_id=slip.id) if usable else "",
        "revoked_at": slip.revoked_at,
        "revoked_why": slip.revoked_why,
        "entered_at": blank.entered_at,
        "dossier": dossier,
    }


# --- at the counter ---


def asked(who: Actor, channel: str, errors: Mapping[str, Text] | None = None) -> dict[str, Any] | None:
    """What the counter is asked about a blank receipt before a dossier is received; None where there is no blank."""
    if channel == "online" or not blanks.any_unused(who):
        return None
    said = {name: request.values.get(f"paper-{name}", "") for name in ("serial", "day", "clock")}
    return {"said": said, "errors": errors or {}, "open": any(said.values())}


#: What its inputs are called.
LABELS: Final[Mapping[str, Any]] = {
    "paper-serial": _l("Số giấy in sẵn"),
    "paper-day": _l("Ngày nhận ghi trên giấy"),
    "paper-clock": _l("Giờ nhận ghi trên giấy"),
}
INPUTS: Final = tuple(LABELS)


def read() -> tuple[OnPaper | None, dict[str, Text]]:
    """What was typed of a blank receipt, None for nothing; and what is wrong with it, by the names of the inputs."""
    serial, day, clock = (request.form.get(f"paper-{name}", "").strip() for name in ("serial", "day", "clock"))
    if not (serial or day or clock):
        return None, {}
    on, at = day_from(day), clock_from(clock)
    errors = {
        "serial": "" if serial else "required",
        "day": "" if on else "day" if day else "required",
        "clock": "" if at else "clock" if clock else "required",
    }
    if on is None or at is None or not serial:
        return None, said({name: code for name, code in errors.items() if code})
    return OnPaper(serial, _instant(on, at), current_app.config["PORTAL"].late_entry_days), {}


def said(faults: Mapping[str, str]) -> dict[str, Text]:
    """What is wrong with a blank receipt in words, by the names of the inputs; nothing about what is none of it."""
    inputs = {"received_at": "clock"}
    return {
        f"paper-{inputs.get(name, name)}": FAULTS[code]
        for name, code in faults.items()
        if name in ("serial", "day", "clock", "received_at") and code in FAULTS
    }


def clock_from(typed: str) -> time | None:
    """The time of day that was typed; None for what is none."""
    found = _CLOCK.fullmatch(typed.lower())
    return time(int(found[1]), int(found[2])) if found else None


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, OFFICE_TIME)
