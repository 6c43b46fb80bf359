"""Who has read a dossier, told to its owner and to who heads the work; and hidden answers, shown when asked for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.domain import forms, words
from portal.domain.access import Right, Role
from portal.domain.errors import NotFound
from portal.domain.readings import What
from portal.domain.slips import SlipKind
from portal.store.desk_models import Reading
from portal.store.models import Dossier
from portal.usecases import dossiers, law, readings
from portal.usecases.dossiers import Opened
from portal.web import papers, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now

blueprint = Blueprint("readings", __name__)

PAGE: Final = 50
READ: Final = {
    What.PAGE: _l("Trang hồ sơ"),
    What.FILE: _l("Tệp đã nộp"),
    What.PAPER: _l("Giấy tờ đã lập"),
    What.SENSITIVE: _l("Mục được che"),
}


@blueprint.post("/ban-lam-viec/<registration>/hien-muc")
@opens(Right.DESK)
def reveal(registration: str) -> ResponseReturnValue:
    """Show a hidden answer for a while; that it was asked for is written down first."""
    who, name = actor(), request.form.get("muc", "")
    opened = dossiers.open_dossier(who, registration)
    if name not in _hidden(opened):
        raise NotFound(answer=name)
    readings.note(who, opened.dossier, What.SENSITIVE, now(), name)
    return redirect(url_for("desk.dossier", registration=registration, _anchor=f"muc-{name}"), 303)


@blueprint.get("/ho-so/<registration>/luot-xem")
@opens(Right.READINGS)
def log(registration: str) -> str:
    """Who has read a dossier, by name, the latest first."""
    opened = dossiers.open_dossier(actor(), registration)
    found = readings.log(opened.dossier, texts.number(request.args.get("truoc", "")), PAGE + 1)
    return render_template(
        "desk/readings.html",
        dossier=opened.dossier,
        rows=[_row(each, opened) for each in found[:PAGE]],
        older=url_for(".log", registration=registration, truoc=found[PAGE - 1].id) if len(found) > PAGE else "",
        newer=url_for(".log", registration=registration) if request.args.get("truoc") else "",
    )


def told(dossier: Dossier) -> list[dict[str, Any]]:
    """Who has read a dossier, as `citizen/readings.html` tells its owner: role and unit, how often, when last."""
    return [
        {
            "who": words.ROLES[Role(each.role)],
            "unit": law.unit(each.unit).name if each.unit else None,
            "times": each.times,
            "asked": each.asked,
            "last_at": each.last_at,
        }
        for each in readings.by_office(dossier)
    ]


def laid_open(opened: Opened, sections: Collection[str]) -> None:
    """Write down that somebody is shown these pages of the form with nothing hidden."""
    who, at = actor(), now()
    readings.note(who, opened.dossier, What.PAGE, at)
    for name in _hidden(opened, sections):
        readings.note(who, opened.dossier, What.SENSITIVE, at, name)


def _hidden(opened: Opened, sections: Collection[str] | None = None) -> dict[str, str]:
    """The label of each hidden answer on these pages of the form (None: on all), by the name of its line."""
    held = opened.dossier
    parts = forms.display(opened.procedure, held.answers, law.context_of(held), language(), mask=True)
    asked = (part for part in parts if sections is None or part.section in sections)
    return {line.name: line.label for part in asked for line in part.lines if line.masked}


def _row(each: Reading, opened: Opened) -> dict[str, Any]:
    what = What(each.what)
    return {
        "who": each.account.full_name,
        "role": words.ROLES[Role(each.role)],
        "unit": law.unit(each.unit).name if each.unit else None,
        "at": each.at,
        "what": READ[what],
        "of": _named(what, each.of, opened),
    }


def _named(what: What, of: str, opened: Opened) -> str:
    """Which file, paper or answer it was; '' if it is no longer there."""
    match what:
        case What.FILE:
            return next((file.name for file in opened.dossier.all_attachments if str(file.id) == of), "")
        case What.PAPER:
            return next(
                (str(papers.TITLES[SlipKind(slip.kind)]) for slip in opened.dossier.slips if str(slip.id) == of), ""
            )
        case What.SENSITIVE:
            return _hidden(opened).get(of, "")
    return ""
