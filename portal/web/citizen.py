"""The citizen's own pages: what one has handed in, where it is, what is asked of one, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import fees, forms, kinds, words
from portal.domain.access import Right, Role
from portal.domain.custody import OFFICES, Office
from portal.domain.errors import NotFound
from portal.domain.fees import FeeLine
from portal.domain.flow import TERMINAL, WAITING, Action, Status
from portal.domain.kinds import Refusal
from portal.store.models import Dossier, Event
from portal.usecases import corrections, dossiers, drafts, law, standing
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from portal.web import appointments, helpers, intervals, ledgers, papers, readings, texts
from portal.web import legs as shown_legs
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.legs import ShownLeg
from portal.web.resources import now

blueprint = Blueprint("citizen", __name__, url_prefix="/ho-so")

PAGE = 20
#: The most that is kept of what somebody writes.
LONGEST_WORDS = 2000
#: What a citizen can do from the page of a dossier.
OFFERED = (Action.WITHDRAW, Action.REQUEST_WITHDRAWAL, Action.KEEP)
#: What says to, or by, the applicant why it is done.
TOLD = frozenset(
    {
        Action.DECLINE, Action.ASK_SUPPLEMENT, Action.ASK_DUTY, Action.REFUSE, Action.STOP,
        Action.REQUEST_WITHDRAWAL, Action.WITHDRAW, Action.GRANT_SUPPLEMENT, Action.APOLOGISE, Action.END_INTERVAL,
    }
)  # fmt: skip


@blueprint.get("", endpoint="dossiers")
@opens(Right.APPLY)
def own_dossiers() -> ResponseReturnValue:
    """Drafts to go on with, and everything handed in, the newest first."""
    who = actor()
    before = request.args.get("truoc", "")
    found = dossiers.own(who, texts.number(before), PAGE + 1)
    return render_template(
        "citizen/dossiers.html",
        drafts=[] if before else [_draft(draft) for draft in drafts.unfinished(who)],
        dossiers=[_card(dossier) for dossier in found[:PAGE]],
        older=url_for("citizen.dossiers", truoc=found[PAGE - 1].id) if len(found) > PAGE else "",
        newer=url_for("citizen.dossiers") if before else "",
    )


@blueprint.get("/<registration>")
@opens(Right.APPLY)
def dossier(registration: str) -> ResponseReturnValue:
    """One's own dossier: who holds it, what is next, by when, and everything that belongs to it."""
    return _page(dossiers.open_dossier(actor(), registration))


@blueprint.get("/<registration>/ngay-hen.ics")
@opens(Right.APPLY)
def appointment(registration: str) -> ResponseReturnValue:
    """The promised date for one's own calendar; there is none before reception, nor after the end."""
    held = dossiers.open_dossier(actor(), registration).dossier
    if held.due_at is None or held.ended_at is not None:
        raise NotFound(registration=registration)
    page = url_for("citizen.dossier", registration=registration, _external=True)
    content = appointments.appointment(held, law.procedure_of(held), law.unit(held.desk_unit), page, now(), language())
    name = {"Content-Disposition": f'attachment; filename="{held.code}.ics"'}
    return Response(content, mimetype="text/calendar", headers=name)


@blueprint.post("/<registration>/<any(withdraw, request_withdrawal, keep):action>")
@opens(Right.APPLY)
def act(registration: str, action: str) -> ResponseReturnValue:
    """Withdraw, ask to withdraw (why is said in words, by whoever wants to), or take that back."""
    typed = request.form.get("words", "")
    try:
        why = kinds.clean(typed, lines=True)[:LONGEST_WORDS]
    except Refusal as refusal:
        opened = dossiers.open_dossier(actor(), registration)
        return _page(opened, {action: (typed, refusal.text.say(language()))}), 422
    deed = Deed(Action(action), texts.number(request.form.get("seen")), words=why)
    dossiers.act(actor(), registration, deed, now())
    flash(words.DEEDS[Action(action)].say(language()), "good")
    return redirect(url_for("citizen.dossier", registration=registration), 303)


def _draft(draft: Any) -> dict[str, Any]:
    procedure = law.catalogue().version(draft.procedure, draft.version)
    return {"procedure": procedure, "updated_at": draft.updated_at, "url": url_for("filling.resume", key=draft.key)}


def _card(dossier: Dossier) -> dict[str, Any]:
    procedure = law.procedure_of(dossier)
    return {
        "title": procedure.short_title.say(language()),
        "url": url_for("citizen.dossier", registration=dossier.registration),
        "status": dossier.status,
        "number": dossier.code or dossier.registration,
        "unit": law.unit(dossier.desk_unit).name.say(language()),
        "due": standing.promised(dossier, now()),
        "waits": dossiers.waits_for_answer(dossier),
    }


def _page(opened: Opened, typed: Mapping[str, tuple[str, str]] | None = None) -> str:
    """One's own dossier; `typed` are words that could not be kept, by action, with what is wrong with them."""
    held, lang = opened.dossier, language()
    context = law.context_of(held)
    legs = shown_legs.shown(held, actor(), "citizen.dossier", now())
    made = [*_made_out(held), *(paper for leg in legs if not held.lead_id for paper in _of_leg(leg, held))]
    return render_template(
        "citizen/dossier.html",
        opened=opened,
        helped=helpers.done_for(held),
        links=_links(opened),
        dossier=held,
        procedure=opened.procedure,
        new=request.args.get("nop") == "1",
        due=standing.promised(held, now()),
        clear=_clear(opened),
        timeline_items=_timeline(opened),
        parts=forms.display(opened.procedure, held.answers, context, lang),
        files=[
            papers.listed(file, held.registration, papers.title_of(file.component, opened.procedure))
            for file in held.files
        ],
        papers=made,
        waiting_papers=any(not paper["url"] for paper in made),
        legs=legs,
        of_bundle=held.head if held.lead_id else None,
        fee=fees.amount_shown(held.fee, lang) if held.received_at else _("tính khi tiếp nhận"),
        fee_known=held.received_at is not None and held.fee is not None,
        ledger=ledgers.shown(opened),
        intervals=[one for one in intervals.shown(opened) if one.ended_at is None and not held.ended_at],
        offered=[action for action in OFFERED if action in opened.possible],
        action_words=words.ACTIONS,
        typed=typed or {},
        waits=dossiers.waits_for_answer(held),
        answer_by=held.answer_by,
        unit=law.unit(held.desk_unit),
        fee_lines=[_fee_line(FeeLine.from_json(line)) for line in held.fee_lines],
        duty=next((duty for duty in held.duties if duty.confirmed_at is None), None),
        overdue=held.answer_by is not None and held.answer_by < law.office_day(now()),
        read_by=readings.told(held),
        afterwards=words.AFTERWARDS.get(held.state),
        why_ended=_why_ended(held),
    )


def _why_ended(held: Dossier) -> str:
    """What was written of why it was stopped or not received."""
    ended = [event for event in held.events if event.action in (Action.STOP, Action.DECLINE)]
    return _told(ended[-1]) if ended else ""


def _links(opened: Opened) -> dict[str, tuple[str, str] | None]:
    """Number and page of the stopped dossier `before` this one, and of the one in its place, `after`."""
    return {name: _link(other) for name, other in zip(("before", "after"), corrections.linked(opened), strict=True)}


def _link(other: Dossier | None) -> tuple[str, str] | None:
    if other is None:
        return None
    number = other.code or other.registration
    if other.owner_id == actor().account_id:
        return number, url_for("citizen.dossier", registration=other.registration)
    return number, url_for("public.track_dossier", key=number)


def _made_out(held: Dossier) -> list[dict[str, Any]]:
    return [papers.made_out(slip, held) for slip in papers.shown_to(actor(), held)]


def _of_leg(leg: ShownLeg, held: Dossier) -> list[dict[str, Any]]:
    """The papers of a further leg, which stand with those of the first one."""
    if leg.dossier is None or leg.dossier.id == held.id:
        return []
    return [paper | {"of": leg.title.say(language())} for paper in _made_out(leg.dossier)]


def _fee_line(line: FeeLine) -> dict[str, str]:
    """One fee as it was frozen at reception: what for, how much, and what explains the amount."""
    amount = fees.amount_shown(line.amount, language())
    return {
        "label": line.name.say(language()),
        "value": f"{amount} ({line.note.say(language())})" if line.note else amount,
    }


def _delivery(held: Dossier) -> str:
    """How a result comes to its applicant: as they asked for, else at the counter, with its address and hours."""
    match held.answers.get("result_delivery"):
        case "post":
            return str(_("Kết quả được gửi qua bưu chính đến địa chỉ bạn đã đăng ký."))
        case "online":
            return str(_("Bản điện tử ở mục Văn bản của hồ sơ."))
    unit, lang = law.unit(held.desk_unit), language()
    assert unit.shop is not None
    shop, address = unit.shop.name.say(lang), unit.shop.address.say(lang)
    hours = unit.opening(law.office_day(now())).say(lang)
    return str(_("Tại %(shop)s, %(address)s. %(hours)s.", shop=shop, address=address, hours=hours))


def _clear(opened: Opened) -> dict[str, Any] | None:
    """Clear person, clear work, clear time; None once nothing is left to do."""
    held, lang = opened.dossier, language()
    if held.state in TERMINAL or held.holder_role is None:
        return None
    who = words.ROLES[Role(held.holder_role)].say(lang)
    what = words.next_work(
        held.state,
        opened.step.title,
        answered_early=held.answered_early,
        holder=held.holder_role,
        proposed=held.supplement_proposed,
    )
    return {
        "who": _("Bạn") if held.holder_role == Role.CITIZEN else who,
        "unit": law.unit(held.holder_unit).name.say(lang) if held.holder_unit else "",
        "what": what.say(lang),
        "note": _delivery(held) if held.state is Status.RESOLVED else "",
        "by": held.act_by,
    }


def _timeline(opened: Opened) -> list[dict[str, Any]]:
    """What happened, and the steps still to come."""
    held, lang = opened.dossier, language()
    done: list[dict[str, Any]] = []
    for event in held.events:
        role = words.ROLES[Role(event.role)].say(lang)
        stopped = event.after in (Status.NOT_RECEIVED, Status.STOPPED)
        done.append(
            {
                "state": "stopped" if stopped else "done",
                "title": words.DEEDS[Action(event.action)].say(lang),
                "who": role if event.role in (Role.CITIZEN, Role.SYSTEM) else f"{role}, {_of_unit(event, opened)}",
                "at": event.at,
                "note": _told(event),
            }
        )
    if held.state in TERMINAL:
        return done
    clear = _clear(opened)
    if clear is not None:
        state = "waiting" if held.state in WAITING and not held.answered_early else "now"
        done.append({"state": state, "title": clear["what"], "who": clear["who"], "due": clear["by"]})
    position = opened.rules.positions[held.step]
    done += [{"state": "next", "title": step.title.say(lang)} for step in opened.procedure.route[position + 1 :]]
    return done


def _of_unit(event: Event, opened: Opened) -> str:
    """The unit of the officer who did it: not where the dossier lies, if that is the commune and they the registry."""
    from_registry = OFFICES.get(Role(event.role)) is Office.REGISTRY
    return _unit_name((from_registry and opened.rules.registry) or event.unit)


def _unit_name(unit_id: str) -> str:
    return law.unit(unit_id).name.say(language())


def _told(event: Any) -> str:
    """What was said to the applicant with an event, or by them; notes between officers stay inside."""
    if event.action not in TOLD:
        return ""
    return words.said_with_an_event(str(event.details.get("words", "")), event.role, language())
