"""The desk: a dossier with all it takes to decide, what can be done with it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import clock, codes, fees, forms, words
from portal.domain.access import Actor, Right, Role, may
from portal.domain.errors import Conflict, Held, Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.forms import Part
from portal.domain.readings import What
from portal.services.file_kinds import Kind
from portal.services.uploads import UploadRefused
from portal.store.database import one_look
from portal.store.dossiers import ACTING_FOR
from portal.store.models import Dossier, Event, Supplement
from portal.usecases import bundles, dossiers, law, readings, standing
from portal.usecases import checklists as kept_checklists
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from portal.web import (
    checklists,
    claims,
    corrections,
    deciding,
    desk_forms,
    intervals,
    ledgers,
    legs,
    papers,
    phrases,
    presence,
    printing,
    scans,
)
from portal.web.access import actor, opens
from portal.web.desk_forms import ActionForm
from portal.web.errors import ALONE
from portal.web.language import language
from portal.web.resources import now, uploads
from procedures.model import PaperKind, Text

blueprint = Blueprint("desk", __name__, url_prefix="/ban-lam-viec")


# --- one dossier ---


@blueprint.get("/<registration>")
@opens(Right.DESK)
def dossier(registration: str) -> ResponseReturnValue:
    """Everything it takes to decide, beside the files, and the actions that are possible now."""
    at = now()
    with one_look():
        return _page(dossiers.open_dossier(actor(), registration, at), at)


@blueprint.get("/<registration>/<action>")
@opens(Right.DESK)
def after_act(registration: str, action: str) -> ResponseReturnValue:
    """The address of an action opened as a page, as after signing in again: the dossier."""
    return redirect(url_for(".dossier", registration=registration, viec=action), 303)


@blueprint.post("/<registration>/<action>")
@opens(Right.DESK)
def act(registration: str, action: str) -> ResponseReturnValue:
    """Do one action; what was typed comes back with whatever is refused."""
    who, at = actor(), now()
    opened = dossiers.open_dossier(who, registration, at)
    if action not in set(Action) or Action(action) not in desk_forms.ASKS:
        raise NotFound(action=action)
    wanted, seen = Action(action), request.form.get("seen", type=int)
    if seen is None:
        raise Invalid({"seen": "required"})
    filled = desk_forms.form(wanted, opened, at).filled(request.form)
    if phrases.wanted(filled):
        return _page(opened, at, phrases.filled_in(filled, opened.dossier))
    deed, errors = desk_forms.read(filled, seen, opened, at)
    file = request.files.get(filled.name("file")) if filled.ask.file else None
    again = {filled.name("file"): desk_forms.CHOOSE_AGAIN} if file else {}
    try:
        if wanted not in opened.possible or seen != opened.dossier.seq:
            # It cannot be done, whatever was typed: the rules say why.
            dossiers.act(who, registration, Deed(wanted, seen, over=filled.over), at)
        if deed is None:
            return _page(opened, at, replace(filled, errors=errors | again)), 400
        if file:
            deed = replace(deed, file=uploads().receive(cast(BinaryIO, file.stream), file.filename or "", Kind.PDF))
        done = dossiers.act(who, registration, replace(deed, over=filled.over), at)
    except UploadRefused as refused:
        said = Text(vi=refused.reason("vi"), en=refused.reason("en"))
        return _page(opened, at, replace(filled, errors={filled.name("file"): said})), 422
    except Invalid as invalid:
        errors = desk_forms.faulty(filled, invalid.fields)
        return _page(opened, at, replace(filled, errors=errors | again)), 400
    except Held:
        errors = {filled.name("over"): claims.NOT_YET}
        return _page(opened, at, replace(filled, errors=errors | again)), 409
    except Conflict:
        return _conflict(who, registration, wanted, seen, at)
    flash(f"{words.DEEDS[wanted].say(language())}: {done.code or done.registration}", "good")
    if _holds(who, opened.dossier) and not _holds(who, done):
        return redirect(url_for("queues.queue"), 303)
    return redirect(url_for(".dossier", registration=registration), 303)


def _holds(who: Actor, dossier: Dossier) -> bool:
    return (dossier.holder_role, dossier.holder_unit) == (who.role.value, who.unit)


def _conflict(who: Actor, registration: str, wanted: Action, seen: int, at: datetime) -> ResponseReturnValue:
    """Somebody was faster: who did what, what is possible now, and all that was typed."""
    opened = dossiers.open_dossier(who, registration, at)
    since = [event for event in opened.dossier.events if event.seq > seen]
    if since and since[0].actor_id == who.account_id and since[0].action == wanted:
        # The same form sent twice: what it ordered is done.
        flash(_("Việc này đã được ghi trước đó."), "info")
        return redirect(url_for(".dossier", registration=registration), 303)
    filled = desk_forms.form(wanted, opened, at).filled(request.form)
    meanwhile = [_event(event, opened) for event in since or opened.dossier.events[-1:]]
    return _page(opened, at, filled, meanwhile), 409


def _page(
    opened: Opened, at: datetime, filled: ActionForm | None = None, meanwhile: Sequence[Mapping[str, Any]] = ()
) -> str:
    with one_look():
        return render_template("desk/dossier.html", **_shown(opened, at, filled, meanwhile))


def _shown(
    opened: Opened, at: datetime, filled: ActionForm | None, meanwhile: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    held, who = opened.dossier, actor()
    unmasked = readings.note(who, held, What.PAGE, at)
    procedure, context = opened.procedure, law.context_of(held)
    answers = forms.display(procedure, held.answers, context, language(), mask=True, unmasked=unmasked)
    found = kept_checklists.found(opened)
    blocks = [
        filled
        if filled is not None and filled.action is action
        else checklists.prefilled(desk_forms.form(action, opened, at), opened, found)
        for action in desk_forms.ASKS
        if action in opened.possible and not (action is Action.APOLOGISE and desk_forms.too_late(opened, at))
    ]
    return dict(
        dossier=held,
        procedure=procedure,
        due=standing.promised(held, at),
        holder=words.ROLES[Role(held.holder_role)] if held.holder_role else None,
        holder_unit=law.unit(held.holder_unit).name if held.holder_unit else None,
        what=words.next_work(
            held.state,
            opened.step.title,
            answered_early=held.answered_early,
            holder=held.holder_role,
            proposed=held.supplement_proposed,
        ),
        step_due=standing.handling(held, at),
        place=_place_on_route(opened),
        blocks=blocks,
        present=presence.others(who, held),
        claim=claims.shown(held, opened.stand_in or who),
        errors=filled.errors if filled else {},
        lost=filled if filled is not None and filled.action not in opened.possible else None,
        actions=words.ACTIONS,
        possible=opened.possible,
        acting_for=opened.stand_in.acting_for if opened.stand_in else None,
        apart=ALONE if opened.apart else "",
        answer_url=url_for("answering.answer", registration=held.registration)
        if dossiers.answer_action(held) in opened.possible
        else "",
        withdrawal_words=_withdrawal_words(held),
        meanwhile=meanwhile,
        **_promises(opened, at),
        answers=answers,
        phone=_phone(held, answers),
        readings_url=url_for("readings.log", registration=held.registration) if may(who, Right.READINGS) else "",
        warnings=forms.warnings(procedure, held.answers, context),
        checklist=checklists.shown(opened, context, found),
        **deciding.context(opened),
        files=[_file(opened, file) for file in held.files],
        fee_words=_fee_words(held),
        supplements=[_supplement(opened, round_) for round_ in held.supplements],
        proposal=_proposal(opened),
        notice_by=_notice_by(opened, at),
        intervals=intervals.shown(opened),
        ledger=ledgers.shown(opened),
        last_round=opened.rules.rounds is not None and opened.case.supplement_rounds >= opened.rules.rounds,
        history=[_event(event, opened) for event in reversed(held.events)],
        slips=[papers.made_out(slip, held) for slip in held.slips],
        printing=printing.offered(held),
        channel=words.CHANNELS[held.channel],
        unit=law.unit(held.desk_unit),
        received_by=law.unit(held.unit),
        legs=legs.shown(held, actor(), "desk.dossier", at),
        scans=scans.of_dossier(actor(), held),
        intake=corrections.shown(opened),
    )


def _phone(held: Dossier, answers: Sequence[Part]) -> str:
    """The applicant's phone, hidden for as long as it is among the answers."""
    hidden = any(line.key == "phone" and line.masked for part in answers for line in part.lines)
    return codes.masked(held.applicant_phone) if hidden else held.applicant_phone


def _fee_words(held: Dossier) -> str:
    """The fee frozen at reception, and whether it is paid."""
    if held.lead_id is not None:
        return str(_("thu cùng hồ sơ liên thông %(code)s", code=held.head.code))
    if held.received_at is None:
        return str(_("tính khi tiếp nhận"))
    said = fees.amount_shown(held.fee, language())
    if not held.fee:
        return said
    paid = _("đã thu") if held.fee_paid else _("chưa thu")
    return f"{said} ({paid})"


def _place_on_route(opened: Opened) -> str:
    keys = [step.key for step in opened.procedure.route]
    return str(_("Bước %(index)s trên %(count)s", index=keys.index(opened.case.step) + 1, count=len(keys)))


def _promises(opened: Opened, at: datetime) -> dict[str, Any]:
    """When the result, and of a bundle all results, would be due if the dossier were received now."""
    if Action.RECEIVE not in opened.possible:
        return {"promised": None, "promised_total": None}
    held, due = opened.dossier, standing.if_received(opened.dossier, at)
    all_of_it = bundles.promise(opened.procedure, held.answers, held.desk_unit, at, due.due_at)
    return {"promised": due, "promised_total": all_of_it.total if all_of_it else None}


def _file(opened: Opened, file: Any) -> dict[str, Any]:
    registration = opened.dossier.registration
    listed = papers.listed(file, registration, papers.title_of(file.component, opened.procedure))
    return listed | {"viewer": url_for("viewer.page", registration=registration, attachment_id=file.id)}


def _supplement(opened: Opened, asked: Any) -> dict[str, Any]:
    return {
        "asked": asked,
        "items": [
            (desk_forms.asked_item(opened, kept, asked.reason), _reply(asked, kept["key"])) for kept in asked.items
        ],
    }


def _notice_by(opened: Opened, at: datetime) -> datetime | None:
    """Until when supplements were to be asked for, once that is over and they still could be."""
    within, received_at = opened.rules.notice_within, opened.case.received_at
    if within is None or received_at is None or Action.ASK_SUPPLEMENT not in opened.possible:
        return None
    calendar = law.calendar(opened.dossier.desk_unit, opened.dossier.sector)
    by = clock.closing(clock.due_date(within, received_at, calendar).due_on, calendar)
    return by if at > by else None


def _proposal(opened: Opened) -> dict[str, Any] | None:
    """The further round of supplements that waits for a head's consent."""
    asked = next((one for one in opened.dossier.proposals if one.settled_at is None), None)
    if asked is None:
        return None
    return {"asked": asked, "wanted": [desk_forms.asked_item(opened, kept, asked.reason) for kept in asked.items]}


def _reply(asked: Supplement, key: str) -> str:
    """What was answered in words or brought on paper, once the answer was sent."""
    reply = asked.replies.get(key, {}) if asked.answered_at else {}
    papers_brought = [f"{PaperKind(shape).label.say(language())}: {n}" for shape, n in reply.get("papers", {}).items()]
    return str(reply.get("words") or "; ".join(papers_brought))


def _withdrawal_words(held: Dossier) -> str:
    """Why the applicant wishes to withdraw, if they said so."""
    asked = [event for event in held.events if event.action == Action.REQUEST_WITHDRAWAL]
    return str(asked[-1].details.get("words", "")) if held.withdrawal_asked and asked else ""


def _reason(code: str | None, opened: Opened) -> Text | None:
    """The words of a reason's code."""
    if code is None:
        return None
    known = {reason.code: reason.text for reason in (*opened.procedure.refusals, *opened.procedure.supplements)}
    known |= words.STANDING_REASONS
    return known.get(code, desk_forms.OTHER_REASON)


def _event(event: Event, opened: Opened) -> dict[str, Any]:
    route = {step.key: step.title for step in opened.procedure.route}
    return {
        "deed": words.DEEDS[Action(event.action)],
        "who": event.actor.full_name if event.actor else None,
        "acting_for": event.details.get(ACTING_FOR, {}).get("name", ""),
        "role": words.ROLES[Role(event.role)],
        "at": event.at,
        "step": route.get(event.step),
        "status": event.after,
        "reason": _reason(event.reason, opened),
        "words": words.said_with_an_event(str(event.details.get("words", "")), event.role, language()),
        "number": event.details.get("number", ""),
        "amount": event.details.get("amount"),
        "attached": event.details.get("attached"),
    }
