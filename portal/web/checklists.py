"""The checklist on a dossier's page: what was found of each paper, and what of it stands in requests and refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import forms
from portal.domain.access import Right
from portal.domain.checklists import FOUND, Entry, Found, Mark, sentence, trace
from portal.domain.errors import Invalid
from portal.domain.flow import Action
from portal.domain.kinds import Context
from portal.usecases import checklists, dossiers, law
from portal.usecases.dossiers import Opened
from portal.web import questions
from portal.web.access import actor, opens
from portal.web.desk_forms import ActionForm
from portal.web.filters import moment
from portal.web.language import language
from portal.web.resources import now

blueprint = Blueprint("checklists", __name__, url_prefix="/ban-lam-viec")

#: Refusals begin with what was found of the papers.
_REFUSING: Final = frozenset({Action.DECLINE, Action.REFUSE})


@blueprint.post("/<registration>/kiem-tra-giay-to")
@opens(Right.DESK)
def keep(registration: str) -> ResponseReturnValue:
    """Keep what was found of the papers; of what a colleague marked meanwhile, ask which of both stays."""
    posted, chosen = request.form, questions.chosen()
    marked = [name.removeprefix("found-") for name in posted if name.startswith("found-")]
    keys = [key for key in marked if chosen.get(key) != questions.THEIRS]
    try:
        marks = {
            key: Mark(Found(posted[f"found-{key}"]), posted.get(f"reason-{key}", ""), posted.get(f"words-{key}", ""))
            for key in keys
        }
    except ValueError:
        raise Invalid({"checklist": "unknown"}) from None
    shown = {key: posted.get(f"was-{key}", "") for key in keys}
    undecided = {key for key, which in chosen.items() if which != questions.MINE}
    kept = checklists.save(actor(), registration, marks, shown, now(), undecided)
    if kept.theirs:
        return _both_versions(registration, marks, kept.theirs), 409
    flash(_("Đã lưu kết quả kiểm tra giấy tờ."), "good")
    return redirect(url_for("desk.dossier", registration=registration, _anchor="thanh-phan"), 303)


def _both_versions(registration: str, mine: Mapping[str, Mark], theirs: Mapping[str, Entry]) -> str:
    """A page with both versions of what two officers have marked; the rest is kept already."""
    dossier = dossiers.open_dossier(actor(), registration).dossier
    procedure = law.procedure_of(dossier)
    reasons = {reason.code: reason.text.say(language()) for reason in procedure.supplements}
    return render_template(
        "desk/checklist_both.html",
        dossier=dossier,
        both=[
            (
                questions.conflict(
                    key,
                    procedure.papers[key].say(language()),
                    f"{_said(entry.mark, reasons)} ({entry.by}, {moment(entry.at)})",
                    _said(mine[key], reasons),
                ),
                mine[key],
                trace(entry.mark),
            )
            for key, entry in theirs.items()
        ],
    )


def _said(mark: Mark, reasons: Mapping[str, str]) -> str:
    state = FOUND[mark.found].say(language()) if mark.found else _("Chưa xem")
    return " – ".join(filter(None, [state, reasons.get(mark.reason, ""), mark.words]))


def shown(opened: Opened, context: Context, found: Mapping[str, Entry]) -> dict[str, Any]:
    """Every component that these answers offer or that was handed in: whether it is needed, what came, what was found.

    `keeps`: whether whoever looks may change it.
    """
    held = opened.dossier
    files = Counter(file.component for file in held.files)
    needed = {part.key for part in forms.required_components(opened.procedure, held.answers, context)}
    offered = {part.key for part in forms.offered_components(opened.procedure, held.answers, context)}
    steps = {step.key: step.title for step in opened.procedure.route}
    papers = [
        {
            "component": part,
            "needed": part.key in needed,
            "files": files[part.key],
            "sheets": sum(held.papers.get(part.key, {}).values()),
            "mark": found[part.key].mark if part.key in found else Mark(),
            "was": trace(found[part.key].mark if part.key in found else Mark()),
            "kept": found.get(part.key),
            "step": steps.get(found[part.key].step) if part.key in found else None,
        }
        for part in opened.procedure.components
        if part.key in offered or files[part.key] or held.papers.get(part.key)
    ]
    return {
        "papers": papers,
        "keeps": checklists.may_save(actor(), opened),
        "reasons": opened.procedure.supplements,
        "states": FOUND,
    }


def prefilled(form: ActionForm, opened: Opened, found: Mapping[str, Entry]) -> ActionForm:
    """A form of the desk with what was found of the papers filled in; what is typed on it already stays."""
    lacking = {key: entry.mark for key, entry in found.items() if entry.mark.found.lacks}
    if not lacking:
        return form
    if form.ask.items:
        items = {f"component-{key}": mark for key, mark in lacking.items()}
        filled = {form.name("items"): list(items)}
        for key, mark in items.items():
            filled |= {form.name(f"why-{key}"): [mark.reason], form.name(f"says-{key}"): [mark.words]}
        return replace(form, typed={**filled, **form.typed})
    if form.action in _REFUSING:
        listed = {reason.code: reason.text.vi for reason in opened.procedure.supplements}
        papers = opened.procedure.papers
        lines = [sentence(papers[key].vi, mark, listed.get(mark.reason, "")) for key, mark in lacking.items()]
        return replace(form, typed={form.name("words"): ["\n".join(lines)], **form.typed})
    return form
