"""Pages of the sentences on slips: which there are, and those of one slip in one form set, reworded from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Right
from portal.domain.errors import Invalid, Stale
from portal.domain.slips import FORMS, Form, SlipKind
from portal.usecases import law, office
from portal.web import office as pages
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now
from procedures.overlay import Kind
from procedures.wordings import LONGEST, Sentence, Wording, WordingError, filled

blueprint = Blueprint("wordings", __name__, url_prefix="/quan-tri")
#: What stands in a preview for what is filled in.
_SAMPLES = {
    "contact": "Bộ phận một cửa xã Bảo Yên",
    "phone": "02140000019",
    "shop": "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ BẢO YÊN",
    "registration": "MC-26-ABCD-1234",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One sentence as it is edited: what it is called, its text, and the official one."""

    name: str
    label: str
    fills: str
    text: str
    official: str


@blueprint.get("/cau-chu")
@opens(Right.ADMINISTRATION)
def wordings() -> ResponseReturnValue:
    """Which slips have sentences that can be reworded."""
    rows = [
        {
            "slip": slip,
            "form_set": form_set,
            "form": _form(slip, form_set),
            "last": office.last(Kind.WORDING, f"{slip}/{form_set}"),
        }
        for slip, form_set in law.wordings()
    ]
    return pages.page("wordings.html", "wordings.wordings", rows=rows)


@blueprint.route("/cau-chu/<slip>/<path:form_set>", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def wording(slip: str, form_set: str) -> ResponseReturnValue:
    """The sentences of one slip in one form set."""
    sentences = law.wordings().sentences(slip, form_set)
    if not sentences:
        abort(404)
    known = office.wording(slip, form_set)
    if request.method == "GET":
        today = f"{law.office_day(now()):%d/%m/%Y}"
        return _page(known, sentences, Sheet({**_typed(known), "begins": today}))
    sheet = pages.sent()
    said = {each.key: " ".join(sheet.raw(f"text-{each.key}").split()) for each in sentences}
    for each in sentences:
        try:
            each.demand(sheet.text(f"text-{each.key}", longest=LONGEST) or said[each.key])
        except WordingError as error:
            sheet.errors[f"text-{each.key}"] = error.text.say(language())
    if "preview" in request.form:
        return _page(known, sentences, sheet, 400 if sheet.errors else 200, preview=not sheet.errors)
    begins, decided_on = sheet.day("begins", _("Nhập ngày áp dụng.")), sheet.day("decided_on")
    if sheet.errors or begins is None:
        return _page(known, sentences, sheet, 400)
    try:
        office.publish_wording(
            actor(),
            Wording(slip, form_set, said),
            begins,
            pages.seen(sheet),
            now(),
            number=sheet.text("number"),
            decided_on=decided_on,
        )
    except Invalid as refused:
        sheet.blame(refused)
        return _page(known, sentences, sheet, 400)
    except Stale as stale:
        sheet.errors[""] = pages.overtaken(stale)
        return _page(office.wording(slip, form_set), sentences, sheet, 409)
    flash(_("Đã công bố câu chữ mới."), "success")
    return redirect(url_for("wordings.wording", slip=slip, form_set=form_set), 303)


def _typed(known: Wording) -> dict[str, str]:
    return {f"text-{key}": text for key, text in known.sentences.items()}


def _form(slip: str, form_set: str) -> Form:
    return FORMS[SlipKind(slip), form_set]


def _page(
    known: Wording, sentences: tuple[Sentence, ...], sheet: Sheet, status: int = 200, *, preview: bool = False
) -> ResponseReturnValue:
    questions = [
        Question(
            name=f"text-{each.key}",
            label=each.label.say(language()),
            fills=", ".join(f"{{{name}}}" for name in each.fills),
            text=sheet.raw(f"text-{each.key}"),
            official=each.text,
        )
        for each in sentences
    ]
    shown: Any = [list(filled(each.text, _SAMPLES)) for each in questions] if preview else []
    html = pages.page(
        "wording.html",
        "wordings.wordings",
        Kind.WORDING,
        known.name,
        form=_form(known.slip, known.form_set),
        questions=questions,
        preview=shown,
        sheet=sheet,
        errors=sheet.errors,
        longest=LONGEST,
    )
    return html, status
