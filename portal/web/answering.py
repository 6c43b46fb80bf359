"""The pages on which a supplement is answered: by the applicant, or by the officer to whom they bring the papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import forms
from portal.domain.access import Right, Role
from portal.domain.errors import Invalid
from portal.domain.forms import Reading
from portal.domain.kinds import Refusal
from portal.domain.merging import laid_over
from portal.domain.readings import What
from portal.domain.supplements import reason_of
from portal.services.uploads import UploadRefused
from portal.usecases import readings, supplements
from portal.usecases.supplements import FURTHER, OpenSupplement
from portal.web import paper_counts, papers, questions, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.questions import RowChange
from portal.web.resources import now, uploads
from procedures.model import Kind

blueprint = Blueprint("answering", __name__, url_prefix="/ho-so")


@blueprint.get("/<registration>/bo-sung")
@opens(Right.FILL)
def answer(registration: str) -> ResponseReturnValue:
    """What is asked for, item by item, and what was answered so far."""
    return _answer_page(supplements.open_supplement(actor(), registration), {})


@blueprint.post("/<registration>/bo-sung")
@opens(Right.FILL)
def send_answer(registration: str) -> ResponseReturnValue:
    """Send the answer; what is still missing is said."""
    try:
        supplements.send(actor(), registration, now())
    except Invalid as incomplete:
        errors = dict.fromkeys(incomplete.fields, _("Mục này chưa có trả lời."))
        return _answer_page(supplements.open_supplement(actor(), registration), errors), 422
    flash(_("Đã gửi phần bổ sung.") if _by_citizen() else _("Đã nhận đủ hồ sơ bổ sung."), "good")
    return redirect(_dossier_url(registration), 303)


@blueprint.post("/<registration>/bo-sung/<item>")
@opens(Right.FILL)
def answer_item(registration: str, item: str) -> ResponseReturnValue:
    """Keep the answer to one item: files, papers counted at the counter, a corrected page, or words."""
    who, back = actor(), _item_url(registration, item)
    if remove := request.form.get("remove"):
        supplements.detach(who, registration, texts.number(remove) or 0)
        return redirect(back, 303)
    if "section" in request.form:
        return _answer_section(registration, item)
    if "papers" in request.form:
        return _answer_papers(registration, item)
    error = _answer_words(registration, item) if "words" in request.form else _answer_files(registration, item)
    if error:
        opened = supplements.open_supplement(who, registration)
        return _answer_page(opened, {opened.item(item)["key"]: error}), 422
    return redirect(back, 303)


def _by_citizen() -> bool:
    return actor().role is Role.CITIZEN


def _dossier_url(registration: str) -> str:
    """Where whoever answers has the dossier before their eyes."""
    return url_for("citizen.dossier" if _by_citizen() else "desk.dossier", registration=registration)


def _item_url(registration: str, item: str) -> str:
    return url_for("answering.answer", registration=registration) + f"#item-{item}"


def _answer_papers(registration: str, item: str) -> ResponseReturnValue:
    """Keep how many papers were brought for a component; what is no number comes back as it was typed."""
    component = request.form["papers"]
    counted = paper_counts.sent(component)
    if counted is None:
        return _answer_page(supplements.open_supplement(actor(), registration), {}), 422
    supplements.save_papers(actor(), registration, item, counted)
    return redirect(_item_url(registration, item), 303)


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


def _answer_section(registration: str, item: str) -> ResponseReturnValue:
    """Keep a corrected page, or show it again: with what is wrong, a question it opened, a row more or less.

    What the correction has brought up elsewhere is said, and led to.
    """
    before = _missing(registration)
    posted = questions.posted()
    rows = questions.change_of_rows(posted)
    read = supplements.save_section(
        actor(), registration, item, posted, partial=rows is not None, seen=questions.seen()
    )
    if rows is None and not read.errors and not read.opened and not read.merged.conflicts:
        for doubt in read.warnings.values():
            flash(doubt.say(language()), "warn")
        ahead = {key: title for key, title in _missing(registration).items() if key not in before}
        if ahead:
            titles = "; ".join(ahead.values())
            flash(_("Nội dung vừa sửa làm phát sinh mục phải trả lời thêm: %(titles)s.", titles=titles), "warn")
        return redirect(_item_url(registration, next(iter(ahead), item)), 303)
    opened = supplements.open_supplement(actor(), registration)
    errors = {} if rows else {name: text.say(language()) for name, text in read.errors.items()}
    status = 409 if read.merged.conflicts else 422 if errors else 200
    return _answer_page(opened, errors, {item: read}, rows), status


def _missing(registration: str) -> dict[str, str]:
    """The titles of the items that have no answer yet, by key."""
    opened = supplements.open_supplement(actor(), registration)
    return {item["key"]: _title(opened, item) for item in opened.missing}


def _title(opened: OpenSupplement, item: Mapping[str, Any]) -> str:
    """What an item is about: a paper, a page of the form, or something else."""
    if component := item.get("component"):
        return opened.procedure.papers[component].say(language())
    if section := item.get("section"):
        return opened.procedure.section(section).title.say(language())
    return str(_("Nội dung khác"))


def _why(opened: OpenSupplement, item: Mapping[str, Any]) -> str:
    """The reason for which an item is asked for."""
    code = reason_of(item, opened.supplement.reason)
    return next((reason.text.say(language()) for reason in opened.procedure.supplements if reason.code == code), "")


def _answer_page(
    opened: OpenSupplement,
    errors: dict[str, str],
    typed: dict[str, Reading] | None = None,
    rows: RowChange | None = None,
) -> str:
    """The page of a supplement; `typed` is what came of an item's page and is not kept yet."""
    readings.note(actor(), opened.dossier, What.PAGE, now())
    lang = language()
    supplement = opened.supplement
    items = [_item(opened, item, (typed or {}).get(item["key"]), rows) for item in opened.items]
    return render_template(
        "filling/answer.html",
        by_citizen=_by_citizen(),
        dossier_url=_dossier_url(opened.dossier.registration),
        dossier=opened.dossier,
        procedure=opened.procedure,
        supplement=supplement,
        items=items,
        errors=errors,
        summary=[*_summary(opened, errors), *_wrong_counts(items)],
        language=lang,
    )


def _summary(opened: OpenSupplement, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong, to be read first: where it leads to, and the name of the item or question with it."""
    titles = {item["key"]: _title(opened, item) for item in opened.items}
    told = []
    for name, message in errors.items():
        if name in titles:
            told.append((f"item-{name}", questions.in_summary(titles[name], message)))
        else:
            label = forms.label_of(opened.procedure.fields[name.partition("-")[0]], name).say(language())
            told.append((name, questions.in_summary(label, message)))
    return told


def _wrong_counts(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    counts = [count for item in items for count in item.get("counts", ())]
    return [(count["name"], f"{count['label']}: {count['error']}") for count in counts if count["error"]]


def _item(
    opened: OpenSupplement, item: Mapping[str, Any], typed: Reading | None, rows: RowChange | None
) -> dict[str, Any]:
    key = item["key"]
    further = key.startswith(FURTHER)
    shown: dict[str, Any] = {
        "key": key,
        "title": _title(opened, item),
        "further": further,
        "why": "" if further else _why(opened, item),
        "asked": item.get("words", ""),
        "answered": opened.is_answered(item),
        "url": url_for("answering.answer_item", registration=opened.dossier.registration, item=key),
    }
    reply = opened.supplement.replies.get(key, {})
    if component := item.get("component"):
        registration = opened.dossier.registration
        files = [papers.listed(file, registration) for file in opened.files if file.component == component]
        counts = [] if _by_citizen() else paper_counts.inputs(component, reply.get("papers", {}))
        return shown | {"kind": "files", "files": files, "component": component, "counts": counts}
    if section := item.get("section"):
        part = opened.procedure.section(section)
        kept = laid_over(typed.answers, typed.merged.conflicts) if typed else opened.answers
        page = forms.page(opened.procedure, section, kept, opened.context)
        answers = forms.with_computed(opened.procedure, kept, opened.context)
        seen = forms.values(opened.procedure, kept, opened.context)
        asked = [
            questions.question(field, answers, opened.context, rows if typed else None, seen)
            for field in (page.fields if page else part.fields)
            if field.kind is not Kind.FILE  # asked for as a paper of its own
        ]
        return shown | {
            "kind": "section",
            "section": section,
            "questions": asked,
            "base": questions.base(opened.procedure, section, opened.answers),
            "conflicts": questions.conflicts(opened.procedure, section, typed, opened.context) if typed else [],
            "opened": bool(typed and typed.opened and not typed.errors and not rows),
        }
    return shown | {
        "kind": "words",
        "words": request.form.get("words") if shown["url"] == request.path else reply.get("words", ""),
    }
