"""The page of reminders: apologies that wait to be signed, and steps whose time runs out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from portal.domain import words
from portal.domain.access import Right, Role
from portal.domain.standing import Limit
from portal.store.queues import Cursor
from portal.store.watch import Place, Reminder, Shelf
from portal.store.watch_models import ApologyPreparation
from portal.usecases import law, reminders, standing
from portal.web import queues
from portal.web.access import actor, opens
from portal.web.resources import now

blueprint = Blueprint("reminders", __name__)

#: The tabs, as they stand in the address.
TABS: Final = {
    "": (Shelf.APOLOGIES, _l("Phiếu xin lỗi chờ ký")),
    "buoc": (Shelf.WARNED, _l("Thời gian của bước")),
}


@blueprint.get("/nhac-viec", endpoint="reminders")
@opens(Right.DESK)
def page() -> str:
    """What one's own work or, for who heads an office, all of it needs soon."""
    who, at = actor(), now()
    tab = request.args.get("xem", "")
    tab = tab if tab in TABS else ""
    shelf, _label = TABS[tab]
    found = reminders.page(who, shelf, at, _place())
    return render_template(
        "desk/reminders.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        apologies=shelf is Shelf.APOLOGIES,
        rows=[_row(each, found.prepared.get(each.id), at) for each in found.reminders],
        tabs=[
            {"url": _url(name), "label": label, "current": name == tab, "count": found.counts[each]}
            for name, (each, label) in TABS.items()
        ],
        first_url=_url(tab),
        older_url=_url(tab, sau=queues.write(Cursor(*found.next))) if found.next else "",
    )


def _place() -> Place | None:
    cursor = queues.read(request.args.get("sau", ""), backwards=False)
    return (cursor.act_by, cursor.id) if cursor else None


def _url(tab: str, **more: str) -> str:
    return url_for("reminders.reminders", xem=tab or None, **more)  # type: ignore[arg-type]


def _row(each: Reminder, prepared: ApologyPreparation | None, at: datetime) -> dict[str, Any]:
    procedure = law.procedure_of(each)
    step = procedure.step(each.step).title
    return {
        "dossier": each,
        "title": procedure.short_title,
        "what": words.next_work(each.state, step, answered_early=each.answered_early, holder=each.holder_role),
        "holder": words.ROLES[Role(each.holder_role)] if each.holder_role else None,
        "due": _whole(standing.handling(each, at)),
        "promised": prepared.promised if prepared else None,
    }


def _whole(due: Limit) -> Limit:
    return Limit(due.state, due.at, due.left.rounded, due.provisional) if due.left else due
