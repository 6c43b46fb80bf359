"""The pages on which a dossier is filled in, by a citizen or by an officer at the counter, to its submission."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import clock, fees, forms, kinds, words
from portal.domain.access import Right, Role
from portal.domain.errors import Invalid, NotFound
from portal.domain.forms import Page, Reading
from portal.domain.merging import laid_over
from portal.services.uploads import UploadRefused
from portal.usecases import bundles, drafts, duplicates, law
from portal.usecases.drafts import OpenDraft
from portal.web import blanks, desk_forms, paper_counts, papers, questions, texts
from portal.web import duplicates as duplicate_notice
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.questions import RowChange
from portal.web.resources import now, uploads
from procedures.model import Component, Field, Kind, PaperKind, Section, Text

blueprint = Blueprint("filling", __name__, url_prefix="/khai")

TOO_MANY = Text(vi="Đã có quá nhiều tệp trong hồ sơ này.", en="There are too many files in this dossier already.")
NOT_HERE = Text(vi="Đơn vị của bạn không tiếp nhận thủ tục này.", en="Your unit does not receive this procedure.")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage on the way to submission: a page of the form, the files, the place, or the review."""

    url: str
    label: str


@blueprint.post("/bat-dau/<code>")
@opens(Right.FILL)
def start(code: str) -> ResponseReturnValue:
    """Start a draft; who has one already, or a dossier under way, is asked whether to go on with that."""
    who, at = actor(), now()
    if who.role is Role.CITIZEN and not request.form.get("another"):
        begun, waiting = drafts.unfinished(who, code), drafts.under_way(who, code)
        if begun or waiting:
            latest = (begun or waiting)[0]
            procedure = law.catalogue().version(latest.procedure, latest.version)
            return render_template("filling/begun.html", begun=begun, waiting=waiting, procedure=procedure)
    channel = "online" if who.role is Role.CITIZEN else request.form.get("channel", "counter")
    draft = drafts.start(who, code, at, channel)
    return redirect(url_for("filling.resume", key=draft.key), 303)


@blueprint.get("/<key>")
@opens(Right.FILL)
def resume(key: str) -> ResponseReturnValue:
    """Go on where the draft was left: at the first page not yet visited, or at the files. Officers have one page."""
    opened = drafts.open_draft(actor(), key, now())
    if opened.is_behind:
        return taken_along(opened)
    if actor().role is not Role.CITIZEN:
        return redirect(url_for("counter.entry", key=key), 303)
    ahead = next((section for section in _sections(opened) if section.key not in opened.draft.visited), None)
    if ahead is None:
        return redirect(url_for("filling.files", key=key), 303)
    return redirect(url_for("filling.section", key=key, section=ahead.key), 303)


@blueprint.get("/<key>/trang/<section>")
@opens(Right.FILL)
def section(key: str, section: str) -> ResponseReturnValue:
    """One page of the form."""
    opened = drafts.open_draft(actor(), key, now())
    if opened.is_behind:
        return taken_along(opened)
    return _section_page(opened, _page_of(opened, section), None)


@blueprint.get("/<key>/thay-doi")
@opens(Right.FILL)
def changes(key: str) -> ResponseReturnValue:
    """What is different in the procedure since the draft was started."""
    opened = drafts.open_draft(actor(), key, now())
    if not opened.draft.moved_from:
        return redirect(url_for("filling.resume", key=key), 303)
    return render_template(
        "filling/changes.html", opened=opened, procedure=opened.procedure, onward=url_for("filling.resume", key=key)
    )


@blueprint.post("/<key>/trang/<section>")
@opens(Right.FILL)
def save_section(key: str, section: str) -> ResponseReturnValue:
    """Keep one page, right or wrong; go on if nothing is wrong."""
    who, at = actor(), now()
    posted = questions.posted()
    rows = questions.change_of_rows(posted)
    if taken_off := request.form.get("take_off"):
        drafts.detach(who, key, texts.number(taken_off) or 0, at)
    refused = take_in_files(key)
    seen = questions.seen()
    _before, read = drafts.save_section(who, key, section, posted, at, partial=bool(rows or taken_off), seen=seen)
    opened = drafts.open_draft(who, key, at)
    page = _asked_page(opened, section)
    if page is None:  # the answers have closed this very page
        return redirect(url_for("filling.resume", key=key), 303)
    if read.merged.conflicts:
        return _section_page(opened, page, read), 409
    if rows is not None:
        return _section_page(opened, page, None, rows)
    if taken_off:
        return redirect(url_for("filling.section", key=key, section=section, then=request.form.get("then")), 303)
    read.errors.update(refused)
    if read.errors or read.opened:
        return _section_page(opened, page, read), 422 if read.errors else 200
    if read.warnings and not request.form.get("warned"):
        return _section_page(opened, page, read)
    if request.form.get("then") == "review":
        return redirect(url_for("filling.review", key=key), 303)
    return redirect(_after(opened, page), 303)


def take_in_files(key: str) -> dict[str, Text]:
    """Take in the files that a page sent for its questions, or for components; gives why some were not, by input."""
    refused: dict[str, Text] = {}
    for name in dict.fromkeys(request.files):
        paper = name.removeprefix("files-")
        for file in [file for file in request.files.getlist(name) if file.filename]:
            try:
                drafts.attach(actor(), key, paper, cast(BinaryIO, file.stream), file.filename or "", uploads(), now())
            except UploadRefused as why:
                refused[name] = Text(
                    vi=f"{file.filename}: {why.reason('vi')}", en=f"{file.filename}: {why.reason('en')}"
                )
            except Invalid:
                refused[name] = TOO_MANY
    return refused


@blueprint.post("/<key>/luu/<section>")
@opens(Right.FILL)
def autosave(key: str, section: str) -> ResponseReturnValue:
    """Keep what stands on a page, as far as it can be read; answers with what is computed on it.

    `base` is what the page is to send back from then on: what it keeps is no other's change.
    """
    seen = questions.seen()
    opened, read = drafts.save_section(actor(), key, section, questions.posted(), now(), partial=True, seen=seen)
    told: dict[str, Any] = {"base": json.dumps(read.merged.base)} if seen else {}
    if read.merged.conflicts:
        return jsonify(**told, conflicts=sorted(read.merged.conflicts)), 409
    if read.errors:
        return jsonify(**told, errors={name: text.say(language()) for name, text in read.errors.items()}), 422
    computed = [field for field in opened.procedure.section(section).fields if field.computed is not None]
    if computed:
        answers, lang = opened.answers, language()
        shown = {field.key: forms.shown(field, answers, opened.context, lang) for field in computed}
        told["computed"] = {name: text or _("Sẽ được tính khi đủ số liệu") for name, text in shown.items()}
    return jsonify(told) if told else ("", 204)


@blueprint.get("/<key>/giay-to")
@opens(Right.FILL)
def files(key: str) -> ResponseReturnValue:
    """The components: what is needed, and what is there."""
    opened = drafts.open_draft(actor(), key, now())
    return taken_along(opened) if opened.is_behind else _files_page(opened, {})


@blueprint.post("/<key>/giay-to")
@opens(Right.FILL)
def change_files(key: str) -> ResponseReturnValue:
    """Upload files for a component, take one off, or count papers; a refused file says why beside its component."""
    who, at = actor(), now()
    if remove := request.form.get("remove"):
        drafts.detach(who, key, texts.number(remove) or 0, at)
        return redirect(url_for("filling.files", key=key), 303)
    component = request.form.get("component", "")
    if again := request.form.get("reuse"):
        drafts.reuse(who, key, component, texts.number(again) or 0, at)
        return redirect(url_for("filling.files", key=key) + f"#component-{component}", 303)
    sent = [file for file in request.files.getlist(f"files-{component}") if file.filename]
    errors: list[str] = []
    if component and not sent:
        errors = [_("Chưa chọn tệp nào.")]
    for file in sent:
        try:
            drafts.attach(who, key, component, cast(BinaryIO, file.stream), file.filename or "", uploads(), at)
        except UploadRefused as refused:
            errors.append(f"{file.filename}: {refused.reason(language())}")
        except Invalid:
            errors.append(_("Đã có quá nhiều tệp trong hồ sơ này."))
    opened = drafts.open_draft(who, key, at)
    if errors:
        return _files_page(opened, {component: " ".join(errors)}), 422
    if component:
        return redirect(url_for("filling.files", key=key) + f"#component-{component}", 303)
    if who.role is not Role.CITIZEN:
        counted = {part.key: paper_counts.sent(part.key) for part in opened.components}
        if None in counted.values():
            return _files_page(opened, {}), 422
        drafts.save_papers(who, key, {name: counts for name, counts in counted.items() if counts}, at)
    return redirect(_after_files(opened), 303)


@blueprint.get("/<key>/noi-nop")
@opens(Right.FILL)
def place(key: str) -> ResponseReturnValue:
    """Which one-stop shop the dossier is handed in at; at the counter it is the officer's own."""
    if actor().role is not Role.CITIZEN:
        return redirect(url_for("filling.review", key=key), 303)
    return _place_page(drafts.open_draft(actor(), key, now()), "")


@blueprint.post("/<key>/noi-nop")
@opens(Right.FILL)
def choose_place(key: str) -> ResponseReturnValue:
    """Keep the chosen shop."""
    who, at = actor(), now()
    if who.role is not Role.CITIZEN:
        return redirect(url_for("filling.review", key=key), 303)
    try:
        drafts.choose_unit(who, key, request.form.get("unit", ""), at)
    except Invalid:
        return _place_page(drafts.open_draft(who, key, at), _("Hãy chọn nơi nộp hồ sơ.")), 422
    return redirect(url_for("filling.review", key=key), 303)


@blueprint.get("/<key>/xem-lai")
@opens(Right.FILL)
def review(key: str) -> ResponseReturnValue:
    """All that was answered and handed in, the fee, the date, and what is missing."""
    opened = drafts.open_draft(actor(), key, now())
    return taken_along(opened) if opened.is_behind else _review_page(opened)


@blueprint.post("/<key>/nop")
@opens(Right.FILL)
def submit(key: str) -> ResponseReturnValue:
    """Hand the dossier in: once, however often this is pressed."""
    who, at = actor(), now()
    try:
        opened = drafts.open_draft(who, key, at)
    except NotFound:
        dossier = drafts.submit(who, key, at)  # submitted before: the same dossier again
    else:
        if opened.is_behind:
            return taken_along(opened)
        declared = _declaration(opened)
        if declared is not None:
            drafts.save_section(who, key, declared.key, questions.posted(), at)
        on_paper, unread = blanks.read()
        if unread:
            return _review_page(opened, on_paper=unread), 422
        try:
            case = desk_forms.chosen_case(request.form.get("term_case"))
            dossier = drafts.submit(who, key, at, case, without_letter="no_letter" in request.form, on_paper=on_paper)
        except drafts.Incomplete as incomplete:
            return _review_page(drafts.open_draft(who, key, at), incomplete.verdict), 422
        except Invalid as invalid:
            if not (refused := blanks.said(invalid.fields)):
                raise
            return _review_page(drafts.open_draft(who, key, at), on_paper=refused), 422
    if who.role is Role.CITIZEN:
        return redirect(url_for("citizen.dossier", registration=dossier.registration, nop=1), 303)
    flash(_("Đã tiếp nhận hồ sơ %(code)s.", code=dossier.code), "good")
    return redirect(url_for("desk.dossier", registration=dossier.registration), 303)


@blueprint.post("/<key>/bo")
@opens(Right.FILL)
def discard(key: str) -> ResponseReturnValue:
    """Throw the draft away."""
    who = actor()
    drafts.discard(who, key)
    flash(_("Đã bỏ hồ sơ đang điền."), "info")
    return redirect(url_for("citizen.dossiers" if who.role is Role.CITIZEN else "counter.start"), 303)


def taken_along(opened: OpenDraft) -> ResponseReturnValue:
    """Take a draft along to the version now in force, and show what is different there."""
    drafts.catch_up(actor(), opened.draft.key, now())
    return redirect(url_for("filling.changes", key=opened.draft.key), 303)


def _sections(opened: OpenDraft) -> tuple[Section, ...]:
    """The pages to go through; the declaration stands on the review."""
    declared = _declaration(opened)
    return tuple(section for section in opened.sections if section is not declared)


def _declaration(opened: OpenDraft) -> Section | None:
    """The page that holds nothing but the declaration."""
    for part in opened.procedure.form:
        if all(question.kind is Kind.DECLARATION for question in part.fields):
            return part
    return None


def _page_of(opened: OpenDraft, section: str) -> Page:
    page = _asked_page(opened, section)
    if page is None:
        raise NotFound(section=section)
    return page


def _asked_page(opened: OpenDraft, section: str) -> Page | None:
    return opened.page(section) if section in {part.key for part in _sections(opened)} else None


def _section_page(opened: OpenDraft, page: Page, read: Reading | None, rows: RowChange | None = None) -> str:
    key, section = opened.draft.key, page.section
    conflicts = questions.conflicts(opened.procedure, section.key, read, opened.context) if read else []
    answers = laid_over(opened.answers, read.merged.conflicts) if read else opened.answers
    seen, lang = opened.values, language()
    errors = {name: text.say(lang) for name, text in read.errors.items()} if read else {}
    return render_template(
        "filling/section.html",
        opened=opened,
        procedure=opened.procedure,
        page=page,
        steps=_steps(opened, section.key),
        questions=[
            questions.question(field, answers, opened.context, rows, seen) | {"files": uploaded(opened, field)}
            for field in page.fields
        ],
        base=questions.base(opened.procedure, section.key, opened.draft.answers),
        conflicts=conflicts,
        uploads=any(field.kind is Kind.FILE for field in page.fields),
        errors=errors,
        summary=[(name, questions.in_summary(_label(page, name), message)) for name, message in errors.items()],
        warnings=[text.say(lang) for text in read.warnings.values()] if read else [],
        opened_now=bool(read and read.opened and not read.errors),
        action=url_for("filling.save_section", key=key, section=section.key),
        autosave=url_for("filling.autosave", key=key, section=section.key),
        back=_back(opened, page),
        then=request.values.get("then", ""),
        language=lang,
    )


def uploaded(opened: OpenDraft, field: Field) -> list[dict[str, Any]]:
    """The files that were sent for a question, if it asks for some."""
    files = opened.draft.attachments if field.kind is Kind.FILE else ()
    return [papers.listed_in_draft(file, opened.draft.key) for file in files if file.component == field.key]


def _label(page: Page, name: str) -> str:
    """What an input on the page is called; of a group's column with the number of its row."""
    field = next(field for field in page.fields if field.key == name.partition("-")[0])
    return forms.label_of(field, name).say(language())


def _stages(opened: OpenDraft) -> Iterator[tuple[str, Stage]]:
    key, lang = opened.draft.key, language()
    for section in _sections(opened):
        url = url_for("filling.section", key=key, section=section.key)
        yield section.key, Stage(url, section.title.say(lang))
    yield "files", Stage(url_for("filling.files", key=key), _("Giấy tờ"))
    if actor().role is Role.CITIZEN:
        yield "place", Stage(url_for("filling.place", key=key), _("Nơi nộp"))
    yield "review", Stage(url_for("filling.review", key=key), _("Xem lại và nộp"))


def _steps(opened: OpenDraft, current: str) -> list[dict[str, Any]]:
    """The stages, for the step indicator."""
    stages = list(_stages(opened))
    position = [name for name, _stage in stages].index(current)
    states = ["done" if index < position else "now" if index == position else "next" for index in range(len(stages))]
    return [
        {"label": stage.label, "state": state, "url": stage.url}
        for (_name, stage), state in zip(stages, states, strict=True)
    ]


def _after(opened: OpenDraft, page: Page) -> str:
    names = list(_stages(opened))
    position = [name for name, _stage in names].index(page.section.key)
    return names[position + 1][1].url


def _back(opened: OpenDraft, page: Page) -> str:
    names = list(_stages(opened))
    position = [name for name, _stage in names].index(page.section.key)
    return names[position - 1][1].url if position else ""


def _after_files(opened: OpenDraft) -> str:
    return dict(_stages(opened)).get("place", dict(_stages(opened))["review"]).url


def _files_page(opened: OpenDraft, errors: dict[str, str]) -> str:
    needed = {c.key for c in forms.required_components(opened.procedure, opened.draft.answers, opened.context)}
    return render_template(
        "filling/files.html",
        opened=opened,
        procedure=opened.procedure,
        steps=_steps(opened, "files"),
        components=[_component(opened, component, component.key in needed) for component in opened.components],
        left_over=[
            papers.listed_in_draft(file, opened.draft.key, opened.paper(file.component).say(language()))
            for file in opened.left_over
        ],
        errors=errors,
        counting=actor().role is not Role.CITIZEN,
        action=url_for("filling.change_files", key=opened.draft.key),
        back=list(_stages(opened))[len(_sections(opened)) - 1][1].url,
    )


def _component(opened: OpenDraft, component: Component, required: bool) -> dict[str, Any]:
    mine = [file for file in opened.draft.attachments if file.component == component.key]
    # A file that is there already may serve this paper too; of each content one is offered.
    others = {file.sha256: file for file in opened.draft.attachments if file.component != component.key}
    offered = {} if mine and not component.many else others
    return {
        "component": component,
        "required": required,
        "files": [papers.listed_in_draft(file, opened.draft.key) for file in mine],
        "others": [
            (file.id, f"{file.name} ({opened.paper(file.component).say(language())})")
            for sha256, file in offered.items()
            if sha256 not in {own.sha256 for own in mine}
        ],
        "counts": paper_counts.inputs(component.key, opened.draft.papers.get(component.key, {})),
    }


def _place_page(opened: OpenDraft, error: str) -> str:
    likely = drafts.likely_unit(opened)
    return render_template(
        "filling/place.html",
        opened=opened,
        procedure=opened.procedure,
        steps=_steps(opened, "place"),
        units=drafts.units_for(opened),
        likely=likely,
        error=error,
        today=opened.context.today,
        action=url_for("filling.choose_place", key=opened.draft.key),
        back=url_for("filling.files", key=opened.draft.key),
    )


def _duplicates(opened: OpenDraft) -> dict[str, Any] | None:
    """Dossiers that are likely the same matter, told to an officer; a citizen is told of their own at the beginning."""
    who = actor()
    return None if who.role is Role.CITIZEN else duplicate_notice.shown(duplicates.of_draft(who, opened, now()))


def _review_page(
    opened: OpenDraft, tried: forms.Verdict | None = None, on_paper: Mapping[str, Text] | None = None
) -> str:
    """All of the draft; `tried` is what kept it from being handed in just now."""
    lang, key = language(), opened.draft.key
    declared = _declaration(opened)
    verdict = tried or opened.verdict
    stages = dict(_stages(opened))
    problems = [
        {
            "label": problem.label.say(lang),
            "message": problem.message.say(lang),
            "url": stages[problem.section].url + f"#{problem.name}"
            if problem.section in stages
            else stages["files"].url + f"#component-{problem.name}",
        }
        for problem in verdict.problems
        if declared is None or problem.section != declared.key
    ]
    unit = drafts.likely_unit(opened)
    if unit is None:
        problems.append(_nowhere(stages))
    note = fees.fee_note(opened.procedure, opened.draft.answers, opened.context)
    due = _due(opened, unit.id) if unit else None
    parts = forms.display(opened.procedure, opened.draft.answers, opened.context, lang)
    return render_template(
        "filling/review.html",
        opened=opened,
        procedure=opened.procedure,
        steps=_steps(opened, "review"),
        parts=[(part, _changeable(part, stages)) for part in parts if declared is None or part.section != declared.key],
        section_urls={name: stage.url for name, stage in stages.items()},
        files=[
            papers.listed_in_draft(file, opened.draft.key, _title(opened, file.component))
            for file in opened.draft.attachments
        ],
        papers=[(_title(opened, name), counts) for name, counts in opened.draft.papers.items()],
        paper_titles={kind.value: kind.label.say(lang) for kind in PaperKind},
        problems=problems,
        warnings=[(w.label.say(lang), w.message.say(lang)) for w in verdict.warnings],
        unit=unit,
        note=note,
        total=fees.amount_shown(note.total, lang),
        due=due,
        duplicates=_duplicates(opened),
        together=bundles.promise(opened.procedure, opened.draft.answers, unit.id, now(), due.due_at)
        if unit and due
        else None,
        term=opened.term(unit).words(lang),
        declared=[questions.question(field, opened.draft.answers, opened.context) for field in declared.fields]
        if declared
        else [],
        errors=_undeclared(opened, declared) if tried and declared else {},
        by_citizen=actor().role is Role.CITIZEN,
        term_case=desk_forms.term_case(opened.procedure),
        letter=words.LETTERS.get(opened.procedure.result.letter or ""),
        no_letter="no_letter" in request.form,
        on_paper=blanks.asked(actor(), opened.draft.channel, on_paper),
        action=url_for("filling.submit", key=key),
        language=lang,
    )


def _changeable(part: forms.Part, stages: dict[str, Stage]) -> list[dict[str, str]]:
    """The lines of a page, each with the address of its question, from where one comes back here."""
    to = f"{stages[part.section].url}?then=review" if part.section in stages else ""
    return [
        {"label": line.label, "value": line.value, "href": f"{to}#{line.name}" if to else ""} for line in part.lines
    ]


def _nowhere(stages: dict[str, Stage]) -> dict[str, str]:
    """The problem that no one-stop shop is chosen yet, or that the officer's own does not receive this procedure."""
    if "place" in stages:
        return {"label": _("Nơi nộp"), "message": _("Hãy chọn nơi nộp hồ sơ."), "url": stages["place"].url}
    return {"label": _("Nơi nộp"), "message": NOT_HERE.say(language()), "url": url_for("counter.start")}


def _undeclared(opened: OpenDraft, declared: Section) -> dict[str, str]:
    """The error beside the declaration, if it was not made."""
    missing = any(problem.section == declared.key for problem in opened.verdict.problems)
    return {field.key: kinds.REQUIRED.say(language()) for field in declared.fields} if missing else {}


def _title(opened: OpenDraft, component: str) -> str:
    return opened.paper(component).say(language())


def _due(opened: OpenDraft, unit_id: str) -> clock.DueDate:
    """The honest date: today and the term, if the dossier were received now."""
    moment = law.moment(unit_id, now(), opened.procedure.sector.value)
    return clock.due_date(opened.term(law.unit(unit_id)), moment.instant, moment.calendar)
