"""Prints papers at one click: two copies on a sheet or in large letters, of one dossier or of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.domain.access import Right
from portal.domain.errors import Invalid, NotFound
from portal.domain.readings import What
from portal.domain.slips import SlipKind
from portal.services.file_kinds import Kind
from portal.services.printing import Layout
from portal.services.uploads import serving_headers
from portal.store.models import Dossier, Slip
from portal.usecases import dossiers, printing, readings
from portal.web import papers
from portal.web.access import actor, opens
from portal.web.resources import files, now

blueprint = Blueprint("printing", __name__)

LAYOUTS: Final = {Layout.TWICE: _l("In 2 bản"), Layout.LARGE: _l("In chữ to")}
#: So many dossiers are printed at once: a few pages of the queue.
MOST: Final = 100
#: Seconds after which a page that waits for a paper asks again.
PATIENCE: Final = 2


def offered(dossier: Dossier) -> dict[str, Any]:
    """What can be printed about a dossier, as the partial template `desk/printing.html` shows it."""
    needed = printing.for_the_counter(dossier)
    return {
        "needed": papers.TITLES[SlipKind(needed.kind)] if needed else "",
        "sheets": _links("printing.counter", ho_so=dossier.registration) if needed else [],
        "others": [_one(slip, dossier) for slip in printing.holding(dossier) if slip is not needed and slip.sha256],
    }


def _one(slip: Slip, dossier: Dossier) -> dict[str, Any]:
    links = _links("printing.paper", registration=dossier.registration, slip_id=slip.id)
    return {"title": papers.TITLES[SlipKind(slip.kind)], "number": slip.number, "sheets": links}


def _links(endpoint: str, **of: Any) -> list[dict[str, Any]]:
    return [{"label": label, "url": url_for(endpoint, layout=layout, **of)} for layout, label in LAYOUTS.items()]


@blueprint.get("/ho-so/<registration>/giay/<int:slip_id>/in/<layout>")
@opens(Right.ACCOUNT)
def paper(registration: str, slip_id: int, layout: str) -> Response:
    """One paper that counts, laid out for the printer."""
    dossier = dossiers.open_dossier(actor(), registration).dossier
    seen = papers.shown_to(actor(), dossier)
    found = next((slip for slip in printing.holding(dossier) if slip.id == slip_id and slip in seen), None)
    if found is None:
        raise NotFound(slip=slip_id)
    return _sheets([(dossier, found)], _layout(layout), f"{found.kind}-{dossier.code or registration}")


@blueprint.get("/ban-lam-viec/in/<layout>")
@opens(Right.DESK)
def counter(layout: str) -> ResponseReturnValue:
    """What the counter needs of one dossier or several (`ho_so`), in one file; a page where not all of it is there."""
    chosen = chosen_in(request.args.getlist("ho_so"))
    wanted = printing.wanted(actor(), chosen)
    if chosen and all(each.is_there for each in wanted):
        if not wanted:
            raise NotFound
        number = wanted[0].dossier.code or wanted[0].dossier.registration
        return _sheets([(each.dossier, each.slip) for each in wanted if each.slip], _layout(layout), f"in-{number}")
    return _page(wanted, _layout(layout))


def chosen_in(sent: Iterable[str]) -> list[str]:
    """The registration numbers that were sent, each once: a value is one of them or, of a whole page, many."""
    chosen = list(dict.fromkeys(number for value in sent for number in value.split()))
    if len(chosen) > MOST:
        raise Invalid({"ho_so": "too_many"})
    return chosen


def _page(wanted: Sequence[printing.Wanted], layout: Layout) -> Response:
    """Which papers are there, which are being made, and which dossiers have none; it waits for those being made."""
    there = [each.dossier.registration for each in wanted if each.is_there]
    page = make_response(
        render_template(
            "desk/print_page.html",
            wanted=[
                {
                    "number": each.dossier.code or each.dossier.registration,
                    "url": url_for("desk.dossier", registration=each.dossier.registration),
                    "applicant": each.dossier.applicant_name,
                    "title": papers.TITLES[SlipKind(each.slip.kind)] if each.slip else "",
                    "is_there": each.is_there,
                }
                for each in wanted
            ],
            there_url=url_for(".counter", layout=layout, ho_so=" ".join(there)) if there else "",
        )
    )
    if wanted and all(each.slip for each in wanted):
        page.headers["Refresh"] = str(PATIENCE)
    return page


def _layout(asked: str) -> Layout:
    if asked not in set(Layout):
        raise NotFound(layout=asked)
    return Layout(asked)


def _sheets(wanted: Sequence[tuple[Dossier, Slip]], layout: Layout, name: str) -> Response:
    """The file for the printer; whoever prints a paper reads it, and that is written down."""
    for dossier, slip in wanted:
        readings.note(actor(), dossier, What.PAPER, now(), str(slip.id))
    laid_out = printing.laid_out([slip for _, slip in wanted], layout, files())
    headers = serving_headers(f"{name}-{layout}.pdf", Kind.PDF, inline=True)
    return Response(laid_out, headers={**headers, "X-Frame-Options": "SAMEORIGIN"})
