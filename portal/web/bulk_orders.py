"""One action for several dossiers of the queue: what it would do to each, the order, and how far it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain import kinds, words
from portal.domain.access import Actor, Right, Role
from portal.domain.errors import Invalid, NotFound
from portal.domain.kinds import Context, Refusal
from portal.store.bulk_order_models import BulkItem
from portal.usecases import bulk_orders, law, standing
from portal.usecases.bulk_orders import Chosen, Errand, Progress, Prospect, Wish
from portal.web import desk_forms, filters, printing, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now
from procedures.model import Component, Field, Text

blueprint = Blueprint("bulk_orders", __name__, url_prefix="/ban-lam-viec")

#: What is ordered, where it is no action of the dossier's.
ASSIGNING: Final = Text(vi="Giao xử lý", en="Assign")
#: Why a dossier cannot be or was not done, by the code of the refusal.
REFUSALS: Final[Mapping[str, Any]] = {
    "stale": _l("Có người vừa xử lý hồ sơ này sau khi bạn chọn; xem lại rồi làm riêng."),
    "not_possible_now": _l("Việc này không làm được lúc này."),
    "held": _l("Đồng nghiệp đang xử lý hồ sơ này; mở hồ sơ nếu bạn làm thay."),
    "fee_open": _l("Chưa thu phí, lệ phí; phải thu trước khi trả kết quả."),
    "not_yours_to_assign": _l("Hồ sơ không ở bước mà bạn phân công."),
    "invalid": _l("Nội dung không hợp với hồ sơ này."),
    "forbidden": _l("Bạn không làm việc này với hồ sơ này."),
    "account_closed": _l("Tài khoản ra lệnh đã bị khóa."),
    "not_found": _l("Hồ sơ không còn ở đơn vị của bạn."),
}
_FAILED: Final = _l("Lỗi của cổng; hồ sơ chưa được làm, hãy mở hồ sơ và làm riêng.")
_KEY: Final = re.compile(r"[0-9a-f]{16,32}")
_NOTHING_TICKED: Final = Text(vi="Chọn ít nhất một hồ sơ.", en="Choose at least one dossier.")
_NOBODY_CHOSEN: Final = Text(vi="Chọn người xử lý.", en="Choose who is to have them.")


def bar(who: Actor, registrations: Sequence[str]) -> dict[str, Any]:
    """What `desk/bulk_bar.html` shows above a page of the queue that lists these dossiers."""
    return {
        "all": " ".join(registrations),
        "errands": [(errand.value, _title(errand)) for errand in bulk_orders.offered(who)],
        "sheets": [(url_for("printing.counter", layout=layout), label) for layout, label in printing.LAYOUTS.items()],
    }


@blueprint.get("/hang-loat")
@opens(Right.DESK)
def look() -> str:
    """What the errand (`viec`) would do to each of the chosen dossiers (`ho_so`); without any, what was ordered."""
    who = actor()
    asked, chosen = request.args.get("viec", ""), printing.chosen_in(request.args.getlist("ho_so"))
    if asked not in bulk_orders.offered(who):
        return _orders(who, chosen_nothing=False)
    if not chosen:
        return _orders(who, chosen_nothing=True)
    return _confirmation(who, Errand(asked), chosen, now(), None)


@blueprint.post("/hang-loat")
@opens(Right.DESK)
def give() -> ResponseReturnValue:
    """Order it for the dossiers that are ticked; what was typed comes back with whatever is refused."""
    who, at = actor(), now()
    asked, key = request.form.get("viec", ""), request.form.get("key", "")
    if asked not in set(Errand) or not _KEY.fullmatch(key):
        raise NotFound(errand=asked)
    errand, chosen = Errand(asked), printing.chosen_in(request.form.getlist("chon"))
    said, errors = _read(errand, at)
    ticked = [pair for pair in map(_chosen, request.form.getlist("ho_so")) if pair.registration in chosen]
    wish = Wish(errand, ticked, said, texts.number(request.form.get("account")))
    if not errors:
        try:
            return redirect(url_for(".progress", key=bulk_orders.give(who, key, wish, at)), 303)
        except Invalid as invalid:
            errors = {name: _fault(name) for name in invalid.fields}
    return _confirmation(who, errand, chosen, at, {each.registration for each in ticked}, errors), 400


@blueprint.get("/hang-loat/<key>")
@opens(Right.DESK)
def progress(key: str) -> str:
    """How far an order is, and what came of each dossier."""
    found = bulk_orders.progress(actor(), key)
    done = [item.dossier for item in found.items if item.settled_at and not item.refusal]
    printed = Errand(found.order.errand) is Errand.RECEIVE and found.order.done_at
    return render_template(
        "desk/bulk_progress.html",
        order=_order(found),
        found=found,
        items=[_item(item) | {"lacks": _titles(found.lacked.get(item.dossier_id, ()))} for item in found.items],
        sheets=[
            (url_for("printing.counter", layout=layout, ho_so=" ".join(each.registration for each in done)), label)
            for layout, label in printing.LAYOUTS.items()
        ]
        if printed and done
        else [],
    )


def _orders(who: Actor, *, chosen_nothing: bool) -> str:
    return render_template(
        "desk/bulk_orders.html", chosen_nothing=chosen_nothing, orders=[_order(each) for each in bulk_orders.given(who)]
    )


def _confirmation(
    who: Actor,
    errand: Errand,
    chosen: Sequence[str],
    at: datetime,
    ticked: set[str] | None,
    errors: Mapping[str, Text] | None = None,
) -> str:
    """The page that asks once more; `ticked` is None where nobody has ticked anything yet."""
    prospects = bulk_orders.look(who, errand, chosen, at)
    question = _question(errand)
    return render_template(
        "desk/bulk_confirm.html",
        errand=errand,
        title=_title(errand),
        key=secrets.token_hex(16),
        chosen=" ".join(chosen),
        prospects=[_prospect(each, errand, at, ticked) for each in prospects],
        possible=sum(each.refusal is None for each in prospects),
        question=question,
        said=request.form.get("words", ""),
        candidates=[
            (str(account.id), account.full_name, words.ROLES[Role(account.role)].say(language()))
            for account in bulk_orders.candidates(prospects)
        ]
        if errand is Errand.ASSIGN
        else [],
        account=request.form.get("account", ""),
        errors=errors or {},
    )


def _prospect(each: Prospect, errand: Errand, at: datetime, ticked: set[str] | None) -> dict[str, Any]:
    dossier = each.opened.dossier
    return {
        "registration": dossier.registration,
        "number": dossier.code or dossier.registration,
        "url": url_for("desk.dossier", registration=dossier.registration),
        "applicant": dossier.applicant_name,
        "procedure": each.opened.procedure.short_title,
        "status": dossier.status,
        "seen": dossier.seq,
        "ticked": ticked is None or dossier.registration in ticked,
        "refusal": _why_not(each, errand) if each.refusal else "",
        "what": "" if each.refusal else _outlook(each, errand, at),
        "lacks": _titles(each.lacks),
    }


def _titles(lacking: Sequence[Component]) -> str:
    return "; ".join(part.title.say(language()) for part in lacking)


def _why_not(each: Prospect, errand: Errand) -> str:
    holder = each.opened.dossier.holder_role
    if errand is Errand.RECEIVE and each.opened.dossier.received_at:
        return str(_("Hồ sơ đã được tiếp nhận."))
    if each.refusal == "not_possible_now" and holder:
        who = words.ROLES[Role(holder)].say(language())
        return str(_("Việc này không làm được lúc này; hồ sơ đang chờ: %(who)s.", who=who))
    return str(REFUSALS.get(each.refusal or "", _FAILED))


def _outlook(each: Prospect, errand: Errand, at: datetime) -> str:
    """What will come of it, in words."""
    opened = each.opened
    if errand is Errand.RECEIVE:
        due = standing.if_received(opened.dossier, at)
        return str(_("Hẹn trả kết quả lúc %(moment)s.", moment=filters.moment(due.due_at)))
    if errand is Errand.FORWARD:
        keys = [step.key for step in opened.procedure.route]
        following = opened.procedure.route[keys.index(opened.case.step) + 1]
        return str(_("Chuyển đến bước: %(step)s.", step=following.title.say(language())))
    if errand is Errand.HAND_OVER:
        return str(_("Trả kết quả cho %(name)s.", name=opened.dossier.applicant_name))
    return str(_("Đang ở bước: %(step)s.", step=opened.step.title.say(language())))


def _question(errand: Errand) -> Field | None:
    """What is said with it once for all, as the action asks on a dossier's page."""
    asked = desk_forms.ASKS[errand.action].questions if errand.action else ()
    return next((question for question in asked if question.key == "words"), None)


def _read(errand: Errand, at: datetime) -> tuple[str, dict[str, Text]]:
    """What was said, or what is wrong with it."""
    if (question := _question(errand)) is None:
        return "", {}
    try:
        context = Context(law.office_day(at), law.places())
        return kinds.read(question, request.form.getlist("words"), context) or "", {}
    except Refusal as refusal:
        return "", {"words": refusal.text}


def _fault(field: str) -> Text:
    return {"ho_so": _NOTHING_TICKED, "account": _NOBODY_CHOSEN}.get(field, kinds.REQUIRED)


def _chosen(sent: str) -> Chosen:
    """A ticked dossier as its box says it: registration number, and the last event that was seen."""
    registration, _dot, seen = sent.rpartition(".")
    return Chosen(registration, texts.number(seen) or 0)


def _title(errand: Errand) -> Text:
    return words.ACTIONS[errand.action] if errand.action else ASSIGNING


def _order(found: Progress) -> dict[str, Any]:
    return {
        "title": _title(Errand(found.order.errand)),
        "url": url_for(".progress", key=found.order.key),
        "at": found.order.ordered_at,
        "done_at": found.order.done_at,
        "counts": found.counts,
    }


def _item(item: BulkItem) -> dict[str, Any]:
    dossier = item.dossier
    return {
        "number": dossier.code or dossier.registration,
        "url": url_for("desk.dossier", registration=dossier.registration),
        "applicant": dossier.applicant_name,
        "settled": item.settled_at is not None,
        "refusal": REFUSALS.get(item.refusal, _FAILED) if item.refusal else "",
    }
