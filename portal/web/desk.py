"""The desk: the queue of one's role and unit, a dossier with all it takes to decide, and what can be done now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.domain import clock, fees, forms, term_cases, words
from portal.domain.access import Actor, Right, Role
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.flow import OPEN, Action, Status
from portal.domain.kinds import Context
from portal.domain.standing import SOON_DAYS, Limit, State
from portal.services.file_kinds import Kind
from portal.services.uploads import UploadRefused
from portal.store.dossiers import Cursor, Queued, QueueFilter, Shelf
from portal.store.models import Dossier, Draft, Event, Supplement
from portal.usecases import bundles, dossiers, drafts, law, standing
from portal.usecases import desk as usecase
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from portal.web import desk_forms, fragments, intervals, ledgers, legs, papers
from portal.web.access import actor, opens
from portal.web.desk_forms import ActionForm
from portal.web.language import language
from portal.web.resources import now, uploads
from procedures.calendars import OFFICE_TIME
from procedures.catalogue import Catalogue
from procedures.model import Channel, PaperKind, Text

blueprint = Blueprint("desk", __name__, url_prefix="/ban-lam-viec")

#: What is searched for is cut to this many characters.
LONGEST_QUERY: Final = 100
#: The tabs of the queue, as they stand in the address. Only reception hands results over.
SHELVES: Final = {"": Shelf.TO_DO, "tra": Shelf.TO_FETCH, "tat_ca": Shelf.ALL}
TABS: Final = {
    Shelf.TO_DO: Text(vi="Chờ tôi xử lý", en="Waiting for me"),
    Shelf.TO_FETCH: Text(vi="Chờ trả kết quả", en="To be handed over"),
    Shelf.ALL: Text(vi="Tất cả của đơn vị", en="All of the unit"),
}
#: The statuses that a tab can be narrowed to.
NARROWING: Final = {
    Shelf.TO_DO: OPEN - {Status.RESOLVED},
    Shelf.TO_FETCH: frozenset[Status](),
    Shelf.ALL: OPEN,
}
DUES: Final = {
    "qua_han": _l("Đã quá hạn"),
    "hom_nay": _l("Quá hạn hoặc hết hạn hôm nay"),
    "hai_ngay": _l("Còn không quá 2 ngày làm việc"),
}


# --- the queue ---


@blueprint.get("/")
@opens(Right.DESK)
def queue() -> str:
    """Open dossiers, the most urgent first: those that wait for one's role, results to be fetched, all of the unit."""
    who, at = actor(), now()
    tab = request.args.get("xem", "")
    tab = tab if tab in _tabs(who) else ""
    narrowed, kept = _narrowed(who, at, SHELVES[tab])
    page = usecase.queue(who, narrowed, _cursor_asked())
    kept_and_tab = kept | ({"xem": tab} if tab else {})
    spoken, root = language(), request.script_root
    return render_template(
        "desk/queue.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        rows=Markup("").join([_row(dossier, at, spoken, root) for dossier in page.dossiers]),
        filter=_drawn_filter(spoken, root, law.catalogue(), tuple(kept_and_tab.items())),
        tabs=[
            {
                "url": _queue_url(kept | ({"xem": name} if name else {})),
                "label": TABS[SHELVES[name]].say(spoken),
                "current": name == tab,
            }
            for name in _tabs(who)
        ],
        narrowed=bool(kept),
        whole_url=_queue_url({"xem": tab} if tab else {}),
        first_url=_queue_url(kept_and_tab),
        newer_url=_queue_url(kept_and_tab | {"truoc": write(page.newer)}) if page.newer else "",
        older_url=_queue_url(kept_and_tab | {"sau": write(page.older)}) if page.older else "",
    )


def _tabs(who: Actor) -> list[str]:
    return [name for name, shelf in SHELVES.items() if shelf is not Shelf.TO_FETCH or who.role is Role.ONE_STOP_OFFICER]


def write(cursor: Cursor) -> str:
    """Where a page begins, as it stands in the address: microseconds since 1970, and the id."""
    return f"{(cursor.act_by - _EPOCH) // timedelta(microseconds=1)}.{cursor.id}"


def read(written: str, *, backwards: bool) -> Cursor | None:
    """The cursor back from the address; None where it is none."""
    found = re.fullmatch(r"([0-9]{1,17})\.([0-9]{1,18})", written, re.ASCII)
    if found is None:
        return None
    return Cursor(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]), backwards)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _cursor_asked() -> Cursor | None:
    before = read(request.args.get("truoc", ""), backwards=True)
    return before or read(request.args.get("sau", ""), backwards=False)


def _narrowed(who: Actor, at: datetime, shelf: Shelf) -> tuple[QueueFilter, dict[str, str]]:
    """What narrows the queue, and the same as it stands in the address; what is not known does not narrow."""
    asked = {name: request.args.get(name, "") for name in ("q", "thu_tuc", "tinh_trang", "kenh", "han")}
    said = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", asked["q"])[:LONGEST_QUERY].split())
    known = {
        "q": said,
        "thu_tuc": asked["thu_tuc"] if asked["thu_tuc"] in law.catalogue().codes else "",
        "tinh_trang": asked["tinh_trang"] if asked["tinh_trang"] in {str(int(s)) for s in NARROWING[shelf]} else "",
        "kenh": asked["kenh"] if asked["kenh"] in set(Channel) else "",
        "han": asked["han"] if asked["han"] in DUES else "",
    }
    narrowed = QueueFilter(
        shelf=shelf,
        procedure=known["thu_tuc"] or None,
        status=int(known["tinh_trang"]) if known["tinh_trang"] else None,
        channel=known["kenh"] or None,
        due_before=_due_before(known["han"], who, at),
        words=said,
    )
    return narrowed, {name: value for name, value in known.items() if value}


def _due_before(due: str, who: Actor, at: datetime) -> datetime | None:
    today = law.office_day(at)
    if due == "qua_han":
        return at
    if due == "hom_nay":
        return _midnight_after(today)
    if due == "hai_ngay" and who.unit:
        return _midnight_after(law.calendar(who.unit).add_working_days(today, SOON_DAYS))
    return None


def _midnight_after(day: Any) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), OFFICE_TIME)


def _queue_url(values: Mapping[str, str]) -> str:
    return url_for(".queue") + (f"?{urlencode(values)}" if values else "")


@lru_cache(maxsize=256)
def _drawn_filter(spoken: str, _root: str, catalogue: Catalogue, kept: tuple[tuple[str, str], ...]) -> Markup:
    """The filter, filled in as it stands in the address; the same for everybody."""
    statuses = NARROWING[SHELVES[dict(kept).get("xem", "")]]
    return fragments.draw(
        "desk/queue_filter.html",
        kept=dict(kept),
        procedures=[(code, catalogue.versions(code)[-1].short_title.say(spoken)) for code in catalogue.codes],
        statuses=[(str(int(status)), words.STATUSES[status].say(spoken)) for status in sorted(statuses)],
        channels=[(channel.value, words.CHANNELS[channel].say(spoken)) for channel in Channel],
        dues=DUES.items(),
    )


def _row(dossier: Queued, at: datetime, spoken: str, root: str) -> Markup:
    """One line of the queue."""
    due = standing.handling(dossier, at)
    shown = Limit(due.state, due.at, due.left.rounded, due.provisional) if due.left else due
    return _drawn_row(spoken, root, dossier, shown)


@lru_cache(maxsize=4096)
def _drawn_row(spoken: str, _root: str, dossier: Queued, due: Limit) -> Markup:
    """One line of the queue; drawn once, for most lines are the same when somebody comes back from a dossier.

    It depends on what it is given alone: who has not found the dossier in the database does not find its line here.
    """
    procedure = law.procedure_of(dossier)
    step = procedure.step(dossier.step)
    return fragments.draw(
        "desk/queue_row.html",
        dossier=dossier,
        title=procedure.short_title.say(spoken),
        what=words.next_work(
            dossier.state, step.title, answered_early=dossier.answered_early, holder=dossier.holder_role
        ).say(spoken),
        holder=words.ROLES[Role(dossier.holder_role)].say(spoken) if dossier.holder_role else "",
        channel=words.CHANNELS[dossier.channel].say(spoken),
        due=due,
        look=LOOKS.get(due.state, ""),
    )


LOOKS: Final = {State.LATE: "row-late", State.TODAY: "row-soon", State.SOON: "row-soon"}


# --- one dossier ---


@blueprint.get("/<registration>")
@opens(Right.DESK)
def dossier(registration: str) -> ResponseReturnValue:
    """Everything it takes to decide, beside the files, and the actions that are possible now."""
    return _page(dossiers.open_dossier(actor(), registration), now())


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
    opened = dossiers.open_dossier(who, registration)
    if action not in set(Action) or Action(action) not in desk_forms.ASKS:
        raise NotFound(action=action)
    wanted, seen = Action(action), request.form.get("seen", type=int)
    if seen is None:
        raise Invalid({"seen": "required"})
    filled = desk_forms.form(wanted, opened, at).filled(request.form)
    deed, errors = desk_forms.read(filled, seen, opened, at)
    file = request.files.get(filled.name("file")) if filled.ask.file else None
    again = {filled.name("file"): desk_forms.CHOOSE_AGAIN} if file else {}
    try:
        if wanted not in opened.possible or seen != opened.dossier.seq:
            # It cannot be done, whatever was typed: the rules say why.
            dossiers.act(who, registration, Deed(wanted, seen), at)
        if deed is None:
            return _page(opened, at, replace(filled, errors=errors | again)), 400
        if file:
            deed = replace(deed, file=uploads().receive(cast(BinaryIO, file.stream), file.filename or "", Kind.PDF))
        done = dossiers.act(who, registration, deed, at)
    except UploadRefused as refused:
        said = Text(vi=refused.reason("vi"), en=refused.reason("en"))
        return _page(opened, at, replace(filled, errors={filled.name("file"): said})), 422
    except Invalid as invalid:
        errors = desk_forms.faulty(filled, invalid.fields)
        return _page(opened, at, replace(filled, errors=errors | again)), 400
    except Conflict:
        return _conflict(who, registration, wanted, seen, at)
    flash(f"{words.DEEDS[wanted].say(language())}: {done.code or done.registration}", "good")
    if _holds(who, opened.dossier) and not _holds(who, done):
        return redirect(url_for(".queue"), 303)
    return redirect(url_for(".dossier", registration=registration), 303)


def _holds(who: Actor, dossier: Dossier) -> bool:
    return (dossier.holder_role, dossier.holder_unit) == (who.role.value, who.unit)


def _conflict(who: Actor, registration: str, wanted: Action, seen: int, at: datetime) -> ResponseReturnValue:
    """Somebody was faster: who did what, what is possible now, and all that was typed."""
    opened = dossiers.open_dossier(who, registration)
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
    held = opened.dossier
    procedure, context = opened.procedure, law.context_of(held)
    blocks = [
        filled if filled is not None and filled.action is action else desk_forms.form(action, opened, at)
        for action in desk_forms.ASKS
        if action in opened.possible and not (action is Action.APOLOGISE and desk_forms.too_late(opened, at))
    ]
    return render_template(
        "desk/dossier.html",
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
        errors=filled.errors if filled else {},
        lost=filled if filled is not None and filled.action not in opened.possible else None,
        actions=words.ACTIONS,
        possible=opened.possible,
        answer_url=url_for("answering.answer", registration=held.registration)
        if dossiers.answer_action(held) in opened.possible
        else "",
        withdrawal_words=_withdrawal_words(held),
        meanwhile=meanwhile,
        **_promises(opened, at),
        answers=forms.display(procedure, held.answers, context, language()),
        warnings=forms.check_all(procedure, held.answers, context).warnings,
        papers=_papers(opened, context),
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
        channel=words.CHANNELS[held.channel],
        unit=law.unit(held.desk_unit),
        received_by=law.unit(held.unit),
        legs=legs.shown(held, actor(), "desk.dossier", at),
    )


def _fee_words(held: Dossier) -> str:
    """The fee frozen at reception, and whether it is paid."""
    if held.lead_id is not None:
        return str(_("thu cùng hồ sơ liên thông %(code)s", code=held.head.code))
    if held.received_at is None:
        return str(_("tính khi tiếp nhận"))
    said = fees.amount_shown(held.fee, language())
    if not held.fee:
        return said
    return f"{said} ({_('đã thu') if held.fee_paid else _('chưa thu')})"


def _place_on_route(opened: Opened) -> str:
    keys = [step.key for step in opened.procedure.route]
    return str(_("Bước %(index)s trên %(count)s", index=keys.index(opened.case.step) + 1, count=len(keys)))


def _promises(opened: Opened, at: datetime) -> dict[str, Any]:
    """When the result, and of a bundle all results, would be due if the dossier were received now."""
    if Action.RECEIVE not in opened.possible:
        return {"promised": None, "promised_total": None}
    held, due = opened.dossier, _promise(opened, at)
    all_of_it = bundles.promise(opened.procedure, held.answers, held.desk_unit, at, due.due_at)
    return {"promised": due, "promised_total": all_of_it.total if all_of_it else None}


def _promise(opened: Opened, at: datetime) -> clock.DueDate:
    """When the result would be due if the dossier were received now, under the version then in force."""
    unit = law.unit(opened.dossier.desk_unit)
    version = law.catalogue().in_force(opened.dossier.procedure, law.office_day(at))
    case = term_cases.told_by(version, opened.dossier.answers, law.context_of(opened.dossier))
    term = version.term_for(mountain=unit.mountain, case=case)
    return clock.due_date(term, at, law.calendar(unit.id, opened.dossier.sector))


def _papers(opened: Opened, context: Context) -> list[dict[str, Any]]:
    """Every component that these answers offer or that was handed in: whether it is needed, and what came for it."""
    held = opened.dossier
    files = Counter(file.component for file in held.files)
    needed = {part.key for part in forms.required_components(opened.procedure, held.answers, context)}
    offered = {part.key for part in forms.offered_components(opened.procedure, held.answers, context)}
    return [
        {
            "component": part,
            "needed": part.key in needed,
            "files": files[part.key],
            "sheets": sum(held.papers.get(part.key, {}).values()),
        }
        for part in opened.procedure.components
        if part.key in offered or files[part.key] or held.papers.get(part.key)
    ]


def _file(opened: Opened, file: Any) -> dict[str, Any]:
    title = opened.procedure.papers.get(file.component)
    return papers.listed(file, opened.dossier.registration, title.say(language()) if title else file.component)


def _supplement(opened: Opened, asked: Any) -> dict[str, Any]:
    return {
        "asked": asked,
        "reason": _reason(asked.reason, opened),
        "items": [(desk_forms.asked_item(opened, kept), _reply(asked, kept["key"])) for kept in asked.items],
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
    items = [desk_forms.asked_item(opened, kept) for kept in asked.items]
    return {"asked": asked, "reason": _reason(asked.reason, opened), "wanted": items}


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
        "role": words.ROLES[Role(event.role)],
        "at": event.at,
        "step": route.get(event.step),
        "status": event.after,
        "reason": _reason(event.reason, opened),
        "words": event.details.get("words", ""),
        "number": event.details.get("number", ""),
        "amount": event.details.get("amount"),
        "attached": event.details.get("attached"),
    }


# --- the counter ---


@blueprint.get("/nhap-ho-so")
@opens(Right.COUNTER)
def counter() -> str:
    """Enter a dossier for somebody at the counter or by post: choose the procedure, or go on with a draft."""
    who, today = actor(), law.office_day(now())
    offered = [
        h for h in law.catalogue().all_in_force(today) if who.unit in {u.id for u in law.receiving_units(h, today)}
    ]
    here = [law.catalogue().version(head.code, head.version) for head in offered]
    received = [(p, [m for m in p.manners if m.channel is not Channel.ONLINE]) for p in here]
    return render_template(
        "desk/counter.html",
        unit=law.unit(who.unit) if who.unit else None,
        procedures=[(procedure, manners) for procedure, manners in received if manners],
        channels=words.CHANNELS,
        drafts=[_draft(draft) for draft in drafts.unfinished(who)],
    )


def _draft(draft: Draft) -> dict[str, Any]:
    procedure = law.catalogue().version(draft.procedure, draft.version)
    return {
        "draft": draft,
        "title": procedure.short_title,
        "applicant": str(draft.answers.get("full_name", "")),
        "href": url_for("filling.resume", key=draft.key),
        "channel": words.CHANNELS[draft.channel],
    }
