"""Helping somebody to hand in: whom one helps, who helps oneself, and the end of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import words
from portal.domain.access import Right
from portal.domain.errors import Invalid
from portal.domain.flow import Action
from portal.store.dossiers import ACTING_FOR
from portal.store.models import Dossier
from portal.usecases import drafts, helping, law
from portal.usecases.accounts import Locked
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.limits import MESSAGE, SIGN_IN, limiter
from portal.web.resources import now, settings
from procedures.model import Channel, Text

blueprint = Blueprint("helpers", __name__, url_prefix="/giup-ho")

FAULTS = {
    "required": Text(vi="Mục này bắt buộc phải có.", en="This is required."),
    "unreadable": Text(
        vi="Ghi số điện thoại hoặc thư điện tử của người đó.", en="Give their phone number or e-mail address."
    ),
    "own": Text(vi="Đây là liên hệ của chính bạn.", en="This is your own contact."),
    "wrong": Text(vi="Mã không đúng hoặc đã hết hạn.", en="The code is wrong or no longer good."),
}
WAIT = Text(vi="Đã thử quá nhiều lần. Hãy thử lại sau một giờ.", en="Too many tries. Please try again in an hour.")


@blueprint.get("")
@opens(Right.APPLY)
def overview() -> str:
    """Whom one helps and who helps oneself."""
    return _page({})


@blueprint.post("")
@opens(Right.APPLY)
@limiter.limit(MESSAGE)
def ask() -> ResponseReturnValue:
    """Send a code to whoever is to be helped."""
    try:
        helping.ask(actor(), request.form.get("name", ""), request.form.get("contact", ""), settings(), now())
    except (Invalid, Locked) as fault:
        return _page(_said(fault, "contact")), 422
    flash(_("Đã gửi mã. Hãy hỏi người đó mã vừa nhận được."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/<int:number>/ma")
@opens(Right.APPLY)
@limiter.limit(SIGN_IN)
def agree(number: int) -> ResponseReturnValue:
    """Type the code that was sent to whoever is to be helped."""
    try:
        helping.agree(actor(), number, request.form.get(f"code-{number}", ""), settings(), now())
    except (Invalid, Locked) as fault:
        return _page({f"code-{number}": message for message in _said(fault, "code").values()}), 422
    flash(_("Đã có sự đồng ý. Bạn có thể nộp hồ sơ hộ."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/<int:number>/bat-dau")
@opens(Right.APPLY)
def begin(number: int) -> ResponseReturnValue:
    """Begin a dossier for whoever agreed."""
    try:
        draft = drafts.start(actor(), request.form.get("procedure", ""), now(), helping_id=number)
    except Invalid:
        flash(_("Không bắt đầu được hồ sơ này."), "warning")
        return redirect(url_for(".overview"), 303)
    return redirect(url_for("filling.resume", key=draft.key), 303)


@blueprint.post("/<int:number>/ket-thuc")
@opens(Right.APPLY)
def end(number: int) -> ResponseReturnValue:
    """End a consent, as its owner or as the helper."""
    helping.end(actor(), number, now())
    flash(_("Việc nộp hộ đã kết thúc."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.get("/ket-thuc/<token>")
@opens(Right.PUBLIC)
def ask_to_end(token: str) -> str:
    """Ask somebody who came by the link of their message whether it is to end: a mere look ends nothing."""
    return render_template("public/end_help.html", helping=helping.linked(token, settings()), token=token)


@blueprint.post("/ket-thuc/<token>")
@opens(Right.PUBLIC)
def end_by_link(token: str) -> ResponseReturnValue:
    """End a consent by the link of one's message."""
    helping.end_by_link(token, settings(), now())
    flash(_("Việc nộp hộ đã kết thúc."), "good")
    return redirect(url_for(".ask_to_end", token=token), 303)


def done_for(dossier: Dossier) -> list[dict[str, Any]]:
    """What a helper did with a dossier in its owner's name, as both are told; with its events."""
    return [
        {"who": event.actor.full_name, "deed": words.DEEDS[Action(event.action)], "at": event.at}
        for event in dossier.events
        if event.role == "citizen" and ACTING_FOR in event.details and event.actor is not None
    ]


def _said(fault: Invalid | Locked, name: str) -> dict[str, str]:
    if isinstance(fault, Locked):
        return {name: WAIT.say(language())}
    return {field: FAULTS[code].say(language()) for field, code in fault.fields.items()}


def _page(errors: dict[str, str]) -> str:
    who, today = actor(), law.office_day(now())
    online = [
        procedure
        for head in law.catalogue().all_in_force(today)
        if Channel.ONLINE in (procedure := law.catalogue().version(head.code, head.version)).channels
    ]
    return render_template(
        "citizen/helping.html",
        helped=helping.by_me(who),
        used=helping.used(who),
        helpers=helping.for_me(who),
        handed_in=[
            (dossier, law.procedure_of(dossier).short_title.say(language())) for dossier in helping.handed_in(who)
        ],
        procedures=sorted((procedure.short_title.say(language()), procedure.code) for procedure in online),
        errors=errors,
        name=request.form.get("name", ""),
        contact=request.form.get("contact", ""),
    )
