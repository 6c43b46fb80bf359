"""The counter: a dossier of somebody who stands there, or has written, entered on one page and received in one step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import clock, fees, forms, words
from portal.domain.access import Right
from portal.domain.errors import Invalid, NotFound
from portal.domain.forms import Reading
from portal.domain.merging import Merged, laid_over
from portal.domain.priority import Priority
from portal.domain.slips import SlipKind
from portal.store.models import Dossier, Draft
from portal.usecases import corrections, counter, dossiers, drafts, law
from portal.usecases.counter import Entry
from portal.usecases.drafts import OpenDraft
from portal.web import blanks, desk_forms, filling, paper_counts, papers, questions, scans, texts
from portal.web.access import actor, opens
from portal.web.filters import moment
from portal.web.language import language
from portal.web.questions import RowChange
from portal.web.resources import now
from procedures.model import Channel, Component, Field, PaperKind, Procedure, Text

blueprint = Blueprint("counter", __name__, url_prefix="/ban-lam-viec/quay")

#: How many procedures a search shows.
MOST_FOUND: Final = 12
#: What is searched for is cut to this many characters.
LONGEST_QUERY: Final = 200
FEE_IS: Final = Text(
    vi="Phí là {fee}. Nếu biên lai ghi đúng số này thì bấm tiếp nhận lần nữa.",
    en="The fee is {fee}. If that is what the receipt says, receive once more.",
)
#: What is written down only with the dossier: until then a page that was kept carries it along in its address.
CARRIED: Final = ("receipt_number", "term_case", "since", "no_letter", *blanks.INPUTS)
NOT_TICKED: Final = Text(vi="Chưa đánh dấu là đã nhận.", en="Not ticked as received.")
NO_FEE: Final = Text(vi="Hồ sơ này không có phí phải thu.", en="There is no fee to be paid for this dossier.")


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with what was typed, by the name of the input; the rows that a button asked for; and, by name, what
    was typed where another window had changed the same."""

    errors: dict[str, Text] = field(default_factory=dict)
    rows: RowChange | None = None
    conflicts: Mapping[str, Any] = field(default_factory=dict)


# --- which procedure ---


@blueprint.get("/")
@opens(Right.COUNTER)
def start() -> str:
    """Find the procedure by a few letters of its name, or go on with what was begun; a bare list for a script."""
    said = " ".join(request.args.get("q", "")[:LONGEST_QUERY].split())
    here = _received_here()
    found = [here[code] for code in _found(said) if code in here][: MOST_FOUND if said else None]
    by_script = request.headers.get("X-Requested-With") == "fetch"
    done = request.args.get("vua", "")
    return render_template(
        "desk/counter_found.html" if by_script else "desk/counter.html",
        said=said,
        found=[(procedure, _first_channel(procedure)) for procedure in found],
        drafts=[] if by_script else [_draft(draft) for draft in drafts.unfinished(actor())],
        done=_done(dossiers.open_dossier(actor(), done).dossier) if done and not by_script else None,
    )


def _found(said: str) -> list[str]:
    return [head.code for head in law.catalogue().search(said, law.office_day(now()))]


def _received_here() -> dict[str, Procedure]:
    """What the officer's shop receives today, by code."""
    who, today = actor(), law.office_day(now())
    versions = (law.catalogue().version(head.code, head.version) for head in law.catalogue().all_in_force(today))
    return {p.code: p for p in versions if who.unit in {unit.id for unit in law.receiving_units(p, today)}}


def _first_channel(procedure: Procedure) -> str:
    """What the officer most likely enters: what came to the counter, unless that is no regular way."""
    regular = [manner.channel for manner in procedure.manners if not manner.exceptional]
    return min(regular, key=list(words.AT_THE_COUNTER).index).value


def _draft(draft: Draft) -> dict[str, Any]:
    procedure = law.catalogue().version(draft.procedure, draft.version)
    return {
        "draft": draft,
        "title": procedure.short_title,
        "applicant": str(draft.answers.get("full_name", "")),
        "href": url_for("filling.resume", key=draft.key),
        "channel": words.AT_THE_COUNTER[draft.channel],
    }


def _done(dossier: Dossier) -> dict[str, Any]:
    """The dossier that was just received, with its receipt."""
    receipt = next((slip for slip in reversed(dossier.slips) if slip.kind == SlipKind.RECEIPT), None)
    return {"dossier": dossier, "receipt": papers.made_out(receipt, dossier) if receipt else None}


@blueprint.get("/giay-hen/<registration>")
@opens(Right.COUNTER)
def receipt(registration: str) -> str:
    """What the page of the counter says of the dossier just received, for a script that waits for the receipt."""
    return render_template("desk/counter_done.html", done=_done(dossiers.open_dossier(actor(), registration).dossier))


@blueprint.post("/bat-dau/<code>")
@opens(Right.COUNTER)
def begin(code: str) -> ResponseReturnValue:
    """Begin the dossier of the next applicant."""
    draft = counter.begin(actor(), code, now(), request.form.get("channel", Channel.COUNTER.value))
    return redirect(url_for(".entry", key=draft.key, _anchor="personal_number"), 303)


# --- one page for the whole dossier ---


@blueprint.get("/<key>")
@opens(Right.COUNTER)
def entry(key: str) -> ResponseReturnValue:
    """All that is asked for one dossier, on one page."""
    opened = drafts.open_draft(actor(), key, now())
    return filling.taken_along(opened) if opened.is_behind else _page(opened, Faults())


@blueprint.post("/<key>")
@opens(Right.COUNTER)
def save(key: str) -> ResponseReturnValue:
    """Keep the page; then take a file off, change rows, receive the dossier, or go on at what is still missing."""
    who, at = actor(), now()
    try:
        opened = drafts.open_draft(who, key, at)
    except NotFound:
        return _received(drafts.submit(who, key, at))  # received before: the same dossier again
    if opened.is_behind:
        return filling.taken_along(opened)
    posted = questions.posted()
    rows = questions.change_of_rows(posted)
    if taken_off := request.form.get("take_off"):
        drafts.detach(who, key, texts.number(taken_off) or 0, at)
    read, faults = _keep(key, posted)
    if read.merged.conflicts:
        return _page(drafts.open_draft(who, key, at), Faults(conflicts=read.merged.conflicts)), 409
    recalled = counter.recall(who, key, at)
    opened = drafts.open_draft(who, key, at)
    if rows is not None:
        return _page(opened, Faults(rows=rows))
    if recalled is not None:
        said = _("Đã điền theo hồ sơ %(number)s; hãy hỏi lại người nộp.", number=recalled.code or recalled.registration)
        flash(said, "info")
    if faults:
        return _page(opened, Faults(faults)), 422
    if request.form.get("do") == "receive" and recalled is None:
        return _receive(opened)
    carried: dict[str, Any] = {name: said for name in CARRIED if (said := request.form.get(name, "").strip()[:64])}
    return redirect(url_for(".entry", key=key, _anchor=_next_missing(opened), **carried), 303)


@blueprint.post("/<key>/luu")
@opens(Right.COUNTER)
def autosave(key: str) -> ResponseReturnValue:
    """Keep what stands on the page, as far as it can be read; answers with the fee, the date, and what is computed.

    `base` as in `filling.autosave`.
    """
    read, errors = _keep(key, questions.posted())
    base = json.dumps(read.merged.base)
    if read.merged.conflicts:
        return jsonify(base=base, conflicts=sorted(read.merged.conflicts)), 409
    if errors:
        return jsonify(base=base, errors={name: text.say(language()) for name, text in errors.items()}), 422
    opened = drafts.open_draft(actor(), key, now())
    answers, lang = opened.answers, language()
    computed = [question for question in opened.procedure.fields.values() if question.computed is not None]
    shown = {question.key: forms.shown(question, answers, opened.context, lang) for question in computed}
    told = {name: text or _("Sẽ được tính khi đủ số liệu") for name, text in shown.items()}
    return jsonify(base=base, computed=told | _promises(opened))


def _keep(key: str, posted: Mapping[str, list[str]]) -> tuple[Reading, dict[str, Text]]:
    """Keep the page and the files sent with it; gives what came of it and what is wrong, by the name of the input."""
    opened = drafts.open_draft(actor(), key, now())
    channel, priority = request.form.get("channel", opened.draft.channel), request.form.get("priority") or None
    counted = {part.key: _counted(part) for part in opened.procedure.components}
    shapes = {name: counts for name, counts in counted.items() if counts is not None}
    kept = counter.save(actor(), key, Entry(posted, channel, priority, shapes), now(), questions.seen())
    wrong = {_tick(name): paper_counts.WRONG for name, counts in counted.items() if counts is None}
    return kept, dict(kept.errors) | wrong | filling.take_in_files(key)


def _tick(component: str) -> str:
    """The name of the box that says a component was handed in, in the shape and number the law asks for."""
    return f"have-{component}"


def _counted(part: Component) -> dict[str, int] | None:
    """The papers counted for a component; a tick without numbers means what the law asks for. None: no numbers."""
    counted = paper_counts.sent(part.key)
    return _as_asked(part) if counted == {} and request.form.get(_tick(part.key)) else counted


def _as_asked(part: Component) -> dict[str, int]:
    return {_first_shape(part).value: part.copies}


def _first_shape(part: Component) -> PaperKind:
    return next((shape for shape in part.kinds if shape in paper_counts.SHAPES), PaperKind.ORIGINAL)


def _next_missing(opened: OpenDraft) -> str:
    """Where to go on: the first question or paper without its answer, or the button that receives."""
    problem = next(iter(opened.verdict.problems), None)
    if problem is None:
        return "receive"
    return problem.name if problem.section else _tick(problem.name)


def _receive(opened: OpenDraft) -> ResponseReturnValue:
    who, key, at = actor(), opened.draft.key, now()
    paid_under = request.form.get("receipt_number", "").strip()[:64]
    if paid_under and opened.verdict.complete and (fault := _not_as_paid(opened)):
        return _page(opened, Faults({"receipt_number": fault})), 422
    on_paper, unread = blanks.read()
    if unread:
        return _page(opened, Faults(unread)), 422
    try:
        dossier = drafts.submit(
            who,
            key,
            at,
            desk_forms.chosen_case(request.form.get("term_case")),
            paid_under or None,
            without_letter="no_letter" in request.form,
            since_previous=request.form.get("since") == "previous",
            on_paper=on_paper,
        )
    except drafts.Incomplete as incomplete:
        problems = incomplete.verdict.problems
        faults = dict((p.name, p.message) if p.section else (_tick(p.name), NOT_TICKED) for p in problems)
        return _page(opened, Faults(faults or {"channel": filling.NOT_HERE})), 422
    except Invalid as invalid:
        if refused := blanks.said(invalid.fields):
            return _page(opened, Faults(refused)), 422
        if "number" not in invalid.fields:
            raise
        return _page(opened, Faults({"receipt_number": desk_forms.FAULTS["receipt_used"]})), 422
    return _received(dossier)


def _not_as_paid(opened: OpenDraft) -> Text | None:
    """Why a receipt cannot be for the fee of this dossier: there is none, or it is not the one the officer saw."""
    fee = _promises(opened)["fee"]
    if not fees.fee_note(opened.procedure, opened.draft.answers, opened.context).total:
        return NO_FEE
    return None if request.form.get("fee_seen") == fee else FEE_IS.filled(fee=fee)


def _received(dossier: Dossier) -> ResponseReturnValue:
    flash(_("Đã tiếp nhận hồ sơ %(code)s.", code=dossier.code), "good")
    return redirect(url_for(".start", vua=dossier.registration), 303)


def _page(opened: OpenDraft, faults: Faults) -> str:
    lang, draft, procedure = language(), opened.draft, opened.procedure
    pages = forms.pages(procedure, draft.answers, opened.context)
    asked = {question.key: question for page in pages for question in page.fields}
    errors = {name: text.say(lang) for name, text in faults.errors.items()}
    typed = laid_over(opened.answers | counter.beside(draft), faults.conflicts)
    needed = {part.key for part in forms.required_components(procedure, draft.answers, opened.context)}
    return render_template(
        "desk/counter_entry.html",
        opened=opened,
        procedure=procedure,
        sections=[(page.section, list(_questions(opened, typed, page.fields, faults.rows))) for page in pages],
        components=[
            _component(opened, part, part.key in needed, typed.get(counter.PAPERS, {})) for part in opened.components
        ],
        base=questions.base(procedure, None, draft.answers, counter.beside(draft)),
        conflicts=_conflicts(opened, faults.conflicts),
        channel=typed[counter.CHANNEL],
        channels=_channels(procedure),
        priority=typed.get(counter.PRIORITY, ""),
        priorities=[(group.value, words.PRIORITIES[group].say(lang)) for group in Priority],
        term_case=desk_forms.term_case(procedure),
        errors=errors,
        summary=[
            (name, questions.in_summary(_label(opened, asked, name), message)) for name, message in errors.items()
        ],
        warnings=[(w.label.say(lang), w.message.say(lang)) for w in opened.verdict.warnings if draft.revision],
        missing=len(opened.verdict.problems),
        receipt_number=request.values.get("receipt_number", ""),
        chosen_case=request.values.get("term_case", ""),
        letter=words.LETTERS.get(procedure.result.letter or ""),
        no_letter="no_letter" in request.values,
        on_paper=blanks.asked(actor(), draft.channel, faults.errors),
        previous=corrections.stopped_before(draft),
        since=request.values.get("since", "previous"),
        promises=_promises(opened),
        scans=scans.of_draft(draft.key),
        language=lang,
    )


def _conflicts(opened: OpenDraft, mine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was changed on the page and in another window, as the macro `both_versions` draws it."""
    procedure, answers = opened.procedure, opened.draft.answers
    read = Reading(answers, merged=Merged(conflicts=dict(mine)))
    asked = [questions.conflicts(procedure, section.key, read, opened.context) for section in procedure.form]
    theirs = counter.beside(opened.draft)
    shown = [
        questions.conflict(name, _label(opened, {}, name), _said(name, theirs), _said(name, laid_over(theirs, mine)))
        for name in mine
        if name.partition("-")[0] in theirs
    ]
    return [*(one for section in asked for one in section), *shown]


def _said(name: str, beside: Mapping[str, Any]) -> str:
    """What stands beside the questions under a name, in words; '' for nothing."""
    key, _dash, part = name.partition("-")
    value = beside.get(key)
    if key == counter.PAPERS:
        counts = (isinstance(value, Mapping) and value.get(part)) or {}
        return ", ".join(
            f"{n} {shape.label.say(language()).lower()}" for shape in PaperKind if (n := counts.get(shape))
        )
    names = words.AT_THE_COUNTER if key == counter.CHANNEL else words.PRIORITIES
    return names[value].say(language()) if value else ""


def _questions(
    opened: OpenDraft, answers: Mapping[str, Any], fields: tuple[Field, ...], rows: RowChange | None
) -> Iterator[dict[str, Any]]:
    """The questions of a page; the personal number first, by which the rest may be known."""
    seen = opened.values
    for question in sorted(fields, key=lambda question: question.key != "personal_number"):
        drawn = questions.question(question, answers, opened.context, rows, seen)
        yield drawn | {"files": filling.uploaded(opened, question)}


def _component(opened: OpenDraft, part: Component, required: bool, received: Mapping[str, Any]) -> dict[str, Any]:
    counted = received.get(part.key) or {}
    return {
        "component": part,
        "required": required,
        "tick": _tick(part.key),
        "ticked": bool(counted),
        "shape": _first_shape(part).label.say(language()),
        "files": [
            papers.listed_in_draft(file, opened.draft.key)
            for file in opened.draft.attachments
            if file.component == part.key
        ],
        # What the tick says already needs no numbers, so that it is also taken back by the tick alone.
        "counts": paper_counts.inputs(part.key, {} if counted == _as_asked(part) else counted),
    }


def _channels(procedure: Procedure) -> list[tuple[str, str, str]]:
    """How the dossier may have come, with what the law says of a way that is not the regular one."""
    lang = language()
    found = sorted(procedure.manners, key=lambda manner: list(words.AT_THE_COUNTER).index(manner.channel))
    return [
        (m.channel.value, words.AT_THE_COUNTER[m.channel].say(lang), m.text.say(lang) if m.exceptional else "")
        for m in found
    ]


def _label(opened: OpenDraft, asked: Mapping[str, Field], name: str) -> str:
    """What an input of the page is called."""
    key = name.partition("-")[0]
    if name.startswith(_tick("")):
        return opened.paper(name.removeprefix(_tick(""))).say(language())
    if key in asked:
        return forms.label_of(asked[key], name).say(language())
    titles = {
        "receipt_number": _("Số biên lai"),
        counter.CHANNEL: _("Cách nộp"),
        counter.PRIORITY: _("Thuộc nhóm được ưu tiên"),
        counter.PAPERS: _("Giấy tờ"),
    }
    return titles.get(name) or blanks.LABELS.get(name) or opened.paper(name.removeprefix("files-")).say(language())


def _promises(opened: OpenDraft) -> dict[str, str]:
    """What the answers so far come to: the fee, and when the result would be due."""
    note = fees.fee_note(opened.procedure, opened.draft.answers, opened.context)
    unit = law.unit(opened.draft.unit) if opened.draft.unit else None
    due = ""
    if unit is not None:
        here = law.moment(unit.id, now(), opened.procedure.sector.value)
        found = clock.due_date(opened.term(unit), here.instant, here.calendar)
        due = moment(found.due_at)
    return {"fee": fees.amount_shown(note.total, language()), "due": due}
