"""The citizen's own pages: what one has handed in, where it is, what is asked of one, and what came of it."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import fees, forms, kinds, words
from portal.domain.access import Right, Role
from portal.domain.casework import DueReason
from portal.domain.errors import Invalid
from portal.domain.flow import TERMINAL, WAITING, Action, Status
from portal.domain.forms import Reading
from portal.domain.kinds import Refusal
from portal.domain.slips import SlipKind
from portal.services.uploads import UploadRefused
from portal.store.models import Dossier
from portal.usecases import dossiers, drafts, law, standing, supplements
from portal.usecases.dossiers import Deed, Opened
from portal.usecases.supplements import OpenSupplement
from portal.web import papers, questions, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.questions import RowChange
from portal.web.resources import now, uploads

blueprint = Blueprint("citizen", __name__, url_prefix="/ho-so")

PAGE = 20
#: What a citizen can do from the page of a dossier.
OFFERED = (Action.WITHDRAW, Action.REQUEST_WITHDRAWAL, Action.KEEP)


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


@blueprint.post("/<registration>/<any(withdraw, request_withdrawal, keep):action>")
@opens(Right.APPLY)
def act(registration: str, action: str) -> ResponseReturnValue:
    """Withdraw, ask to withdraw, or take that back."""
    seen = texts.number(request.form.get("seen"))
    dossiers.act(actor(), registration, Deed(Action(action), seen), now())
    flash(words.DEEDS[Action(action)].say(language()), "good")
    return redirect(url_for("citizen.dossier", registration=registration), 303)


@blueprint.get("/<registration>/bo-sung")
@opens(Right.APPLY)
def answer(registration: str) -> ResponseReturnValue:
    """What is asked for, item by item, and what was answered so far."""
    return _answer_page(supplements.open_supplement(actor(), registration), {})


@blueprint.post("/<registration>/bo-sung")
@opens(Right.APPLY)
def send_answer(registration: str) -> ResponseReturnValue:
    """Send the answer; what is still missing is said."""
    try:
        supplements.send(actor(), registration, now())
    except Invalid as incomplete:
        errors = dict.fromkeys(incomplete.fields, _("Mục này chưa có trả lời."))
        return _answer_page(supplements.open_supplement(actor(), registration), errors), 422
    flash(_("Đã gửi phần bổ sung."), "good")
    return redirect(url_for("citizen.dossier", registration=registration), 303)


@blueprint.post("/<registration>/bo-sung/<item>")
@opens(Right.APPLY)
def answer_item(registration: str, item: str) -> ResponseReturnValue:
    """Keep the answer to one item: files, a corrected page, or words."""
    who = actor()
    back = url_for("citizen.answer", registration=registration) + f"#item-{item}"
    if remove := request.form.get("remove"):
        supplements.detach(who, registration, texts.number(remove) or 0)
        return redirect(back, 303)
    if "section" in request.form:
        return _answer_section(registration, item, back)
    error = _answer_words(registration, item) if "words" in request.form else _answer_files(registration, item)
    if error:
        return _answer_page(supplements.open_supplement(who, registration), {item: error}), 422
    return redirect(back, 303)


def _answer_words(registration: str, item: str) -> str:
    """Keep what was written; gives what is wrong with it."""
    try:
        supplements.save_words(actor(), registration, item, request.form["words"])
    except Refusal as refusal:
        return refusal.text.say(language())
    return ""


def _answer_files(registration: str, item: str) -> str:
    """Take in the files that were sent; gives why some were not, each by its name."""
    sent = [file for file in request.files.getlist(f"files-{item}") if file.filename]
    errors = [] if sent else [_("Chưa chọn tệp nào.")]
    for file in sent:
        name, stream = file.filename or "", cast(BinaryIO, file.stream)
        try:
            supplements.attach(actor(), registration, item, stream, name, uploads(), now())
        except UploadRefused as refused:
            errors.append(f"{name}: {refused.reason(language())}")
        except Invalid:
            errors.append(_("Đã có quá nhiều tệp trong hồ sơ này."))
    return " ".join(errors)


def _answer_section(registration: str, item: str, back: str) -> ResponseReturnValue:
    """Keep a corrected page, or show it again: with what is wrong, a question it opened, a row more or less."""
    posted = questions.posted()
    rows = questions.change_of_rows(posted)
    read = supplements.save_section(actor(), registration, item, posted, partial=rows is not None)
    if rows is None and not read.errors and not read.opened:
        for doubt in read.warnings.values():
            flash(doubt.say(language()), "warn")
        return redirect(back, 303)
    opened = supplements.open_supplement(actor(), registration)
    errors = {} if rows else {name: text.say(language()) for name, text in read.errors.items()}
    return _answer_page(opened, errors, {item: read}, rows), 422 if errors else 200


def _draft(draft: Any) -> dict[str, Any]:
    procedure = law.catalogue().version(draft.procedure, draft.version)
    return {"procedure": procedure, "updated_at": draft.updated_at, "url": url_for("filling.resume", key=draft.key)}


def _card(dossier: Dossier) -> dict[str, Any]:
    procedure = law.catalogue().version(dossier.procedure, dossier.version)
    return {
        "title": procedure.short_title.say(language()),
        "url": url_for("citizen.dossier", registration=dossier.registration),
        "status": dossier.status,
        "number": dossier.code or dossier.registration,
        "unit": law.unit(dossier.desk_unit).name.say(language()),
        "due": standing.promised(dossier, now()),
        "waits": dossiers.waits_for_answer(dossier),
    }


def _page(opened: Opened) -> str:
    held, lang = opened.dossier, language()
    context = kinds.Context(law.office_day(held.submitted_at), law.places(), held.channel)
    return render_template(
        "citizen/dossier.html",
        opened=opened,
        dossier=held,
        procedure=opened.procedure,
        new=request.args.get("nop") == "1",
        due=standing.promised(held, now()),
        clear=_clear(opened),
        timeline_items=_timeline(opened),
        parts=forms.display(opened.procedure, held.answers, context, lang),
        files=[
            papers.listed(file, held.registration, opened.procedure.component(file.component).title.say(lang))
            for file in held.files
        ],
        papers=[_paper(held, slip) for slip in held.slips],
        waiting_papers=any(slip.sha256 is None for slip in held.slips),
        fee=fees.amount_shown(held.fee, lang) if held.received_at else _("tính khi tiếp nhận"),
        fee_known=held.received_at is not None and held.fee is not None,
        ledger=[(change, words.DUE_REASONS[DueReason(change.reason)].say(lang)) for change in held.due_changes],
        offered=[action for action in OFFERED if action in opened.possible],
        action_words=words.ACTIONS,
        waits=dossiers.waits_for_answer(held),
        answer_by=held.answer_by,
        unit=law.unit(held.desk_unit),
    )


def _clear(opened: Opened) -> dict[str, Any] | None:
    """Clear person, clear work, clear time; None once nothing is left to do."""
    held, lang = opened.dossier, language()
    if held.state in TERMINAL or held.holder_role is None:
        return None
    who = words.ROLES[Role(held.holder_role)].say(lang)
    what = words.NEXT[Status.REGISTERED] if held.answered_early else words.NEXT.get(held.state) or opened.step.title
    return {
        "who": _("Bạn") if held.holder_role == Role.CITIZEN else who,
        "unit": law.unit(held.holder_unit).name.say(lang) if held.holder_unit else "",
        "what": what.say(lang),
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
                "who": role
                if event.role in (Role.CITIZEN, Role.SYSTEM)
                else f"{role}, {law.unit(event.unit).name.say(lang)}",
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


def _unit_name(unit_id: str) -> str:
    return law.unit(unit_id).name.say(language())


def _told(event: Any) -> str:
    """What was said to the applicant with an event; notes between officers stay inside."""
    if event.action in (Action.DECLINE, Action.ASK_SUPPLEMENT, Action.ASK_DUTY, Action.REFUSE, Action.STOP):
        return str(event.details.get("words", ""))
    return ""


def _paper(dossier: Dossier, slip: Any) -> dict[str, Any]:
    ready = slip.sha256 is not None
    return {
        "title": papers.TITLES[SlipKind(slip.kind)],
        "number": slip.number,
        "at": slip.created_at,
        "url": url_for("papers.slip", registration=dossier.registration, slip_id=slip.id) if ready else "",
    }


def _answer_page(
    opened: OpenSupplement,
    errors: dict[str, str],
    typed: dict[str, Reading] | None = None,
    rows: RowChange | None = None,
) -> str:
    """The page of a supplement; `typed` is what came of an item's page and is not kept yet."""
    lang = language()
    supplement = opened.supplement
    reasons = {reason.code: reason.text.say(lang) for reason in opened.procedure.supplements}
    return render_template(
        "citizen/answer.html",
        opened=opened,
        dossier=opened.dossier,
        procedure=opened.procedure,
        supplement=supplement,
        reason=reasons.get(supplement.reason, ""),
        items=[_item(opened, item, (typed or {}).get(item["key"]), rows) for item in supplement.items],
        errors=errors,
        language=lang,
    )


def _item(
    opened: OpenSupplement, item: dict[str, Any], typed: Reading | None, rows: RowChange | None
) -> dict[str, Any]:
    lang, key = language(), item["key"]
    shown: dict[str, Any] = {
        "key": key,
        "asked": item.get("words", ""),
        "answered": opened.is_answered(item),
        "url": url_for("citizen.answer_item", registration=opened.dossier.registration, item=key),
    }
    reply = opened.supplement.replies.get(key, {})
    if component := item.get("component"):
        registration = opened.dossier.registration
        files = [papers.listed(file, registration) for file in opened.files if file.component == component]
        return shown | {"kind": "files", "title": opened.procedure.component(component).title.say(lang), "files": files}
    if section := item.get("section"):
        part = opened.procedure.section(section)
        answers = typed.answers if typed else opened.answers
        page = next(
            (page for page in forms.pages(opened.procedure, answers, opened.context) if page.section is part), None
        )
        asked = [
            questions.question(field, answers, opened.context, rows if typed else None)
            for field in (page.fields if page else part.fields)
        ]
        return shown | {
            "kind": "section",
            "title": part.title.say(lang),
            "section": section,
            "questions": asked,
            "opened": bool(typed and typed.opened and not typed.errors and not rows),
        }
    return shown | {
        "kind": "words",
        "title": _("Nội dung khác"),
        "words": request.form.get("words") if shown["url"] == request.path else reply.get("words", ""),
    }
