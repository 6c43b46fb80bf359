"""The templates for words: the page on which heads write them, and the choice beside the words of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Right
from portal.domain.errors import Invalid
from portal.domain.phrases import FIELDS, joined
from portal.store.models import Dossier
from portal.usecases import law, phrases
from portal.web import texts
from portal.web.access import actor, opens
from portal.web.desk_forms import ActionForm
from portal.web.resources import now
from procedures.model import Text

blueprint = Blueprint("phrases", __name__, url_prefix="/mau-cau")

_FAULTS: Final[Mapping[str, Text]] = {
    "required": Text(vi="Chưa ghi gì.", en="Nothing is written."),
    "too_long": Text(vi="Dài quá.", en="Too long."),
    "unreadable": Text(vi="Có ký tự không dùng được.", en="There are letters that cannot be used."),
    "unknown_field": Text(
        vi="Có trường trong ngoặc nhọn không có trong danh sách.", en="A field in braces is not on the list."
    ),
}


@blueprint.get("/")
@opens(Right.PHRASES)
def shelf() -> str:
    """The unit's templates, each to be written anew or put away, and a place for a further one."""
    return _page()


@blueprint.post("/")
@opens(Right.PHRASES)
def write() -> ResponseReturnValue:
    """Write a template, write one anew, or put it away."""
    who, typed = actor(), request.form
    phrase_id = texts.number(typed["phrase"]) or 0 if typed.get("phrase") else None
    if phrase_id is not None and "put_away" in typed:
        phrases.put_away(who, phrase_id, now())
        flash(_("Đã cất mẫu câu."), "good")
        return redirect(url_for(".shelf"), 303)
    try:
        phrases.write(who, typed.get("title", ""), typed.get("words", ""), now(), phrase_id)
    except Invalid as invalid:
        return _page(phrase_id, {name: _FAULTS[code] for name, code in invalid.fields.items()}), 400
    flash(_("Đã lưu mẫu câu."), "good")
    return redirect(url_for(".shelf"), 303)


def _page(wrong: int | None = None, errors: Mapping[str, Text] | None = None) -> str:
    """The page; what was typed into the form that is wrong stays there."""
    who = actor()
    kept = [(phrase.id, phrase.title, phrase.words) for phrase in phrases.of_unit(who)]
    typed = (wrong, request.form.get("title", ""), request.form.get("words", ""))
    return render_template(
        "desk/phrases.html",
        unit=law.unit(who.unit) if who.unit else None,
        forms=[typed if errors and form[0] == wrong else form for form in [(None, "", ""), *kept]],
        wrong=wrong,
        errors=errors or {},
        fields=FIELDS,
        longest=(phrases.LONGEST_TITLE, phrases.LONGEST),
    )


# --- beside the words of an action ---


def offered() -> list[tuple[int, str]]:
    """What whoever words an action can choose from."""
    return [(phrase.id, phrase.title) for phrase in phrases.of_unit(actor())]


def wanted(form: ActionForm) -> bool:
    """Whether the form was sent only to have a template filled in."""
    return form.name("fill-in") in request.form


def filled_in(form: ActionForm, dossier: Dossier) -> ActionForm:
    """The form with the chosen template after the words typed so far; with none chosen, as it was."""
    chosen = texts.number(request.form.get(form.name("phrase"), ""))
    if chosen is None:
        return form
    words = joined(next(iter(form.said("words")), ""), phrases.worded(actor(), chosen, dossier))
    return replace(form, typed={**form.typed, form.name("words"): [words]})
