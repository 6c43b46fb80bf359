"""The queue of one's role and unit: which dossiers wait, the most urgent first, narrowed as somebody asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.domain import queues, words
from portal.domain.access import Actor, Right, Role
from portal.domain.errors import Invalid
from portal.domain.flow import OPEN
from portal.domain.queues import Queue
from portal.domain.standing import SOON_DAYS, Limit, State
from portal.store.queues import Cursor, Narrowing, Queued
from portal.usecases import law, saved_views, standing
from portal.usecases import queues as usecase
from portal.web import bulk_orders, fragments
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now, settings
from procedures.calendars import OFFICE_TIME
from procedures.catalogue import Catalogue
from procedures.model import Channel, Step, Text

blueprint = Blueprint("queues", __name__, url_prefix="/ban-lam-viec")

#: Seconds after which a page that is seen asks for what has changed.
LIVE_EVERY: Final = 20
DUES: Final = {
    "qua_han": _l("Đã quá hạn"),
    "hom_nay": _l("Quá hạn hoặc hết hạn hôm nay"),
    "hai_ngay": _l("Còn không quá 2 ngày làm việc"),
}


@blueprint.get("/")
@opens(Right.DESK)
def queue() -> str:
    """The dossiers of one queue, the most urgent first, and how many lie in each of the others."""
    return _page(request.args)


@blueprint.get("/hang-cho")
@opens(Right.DESK)
def live() -> Response:
    """What of the page changes by itself, as it is now; 304 where the browser has it."""
    response = make_response(render_template("desk/queue_live.html", **_lists(actor(), now(), request.args)))
    response.add_etag()
    return cast(Response, response.make_conditional(request))


@blueprint.post("/cach-xem")
@opens(Right.DESK)
def save_view() -> ResponseReturnValue:
    """Name the queue as it is narrowed now."""
    who, name = actor(), request.form.get("name", "")
    open_one = queues.of(who.role, request.form.get("xem", ""))
    shows = _kept_in(open_one) | _narrowed(who, now(), open_one, request.form)[1]
    try:
        saved_views.save(who, name, shows, settings().saved_views)
    except Invalid as invalid:
        return _page(request.form, name, str(FAULTS[invalid.fields["name"]])), 400
    flash(_("Đã lưu cách xem."), "good")
    return redirect(_queue_url(shows), 303)


@blueprint.post("/cach-xem/<int:view_id>/bo")
@opens(Right.DESK)
def forget_view(view_id: int) -> ResponseReturnValue:
    """Forget a view of one's own."""
    saved_views.forget(actor(), view_id)
    flash(_("Đã bỏ cách xem."), "good")
    return redirect(url_for(".queue"), 303)


FAULTS: Final = {
    "required": _l("Hãy đặt tên cho cách xem."),
    "too_long": _l("Tên dài quá 60 ký tự."),
    "taken": _l("Bạn đã có cách xem mang tên này."),
    "too_many": _l("Bạn đã lưu đủ số cách xem được phép; hãy bỏ bớt trước."),
}


def _page(asked: Mapping[str, str], name: str = "", fault: str = "") -> str:
    who, at, spoken = actor(), now(), language()
    open_one = queues.of(who.role, asked.get("xem", ""))
    kept = _narrowed(who, at, open_one, asked)[1]
    shows = _kept_in(open_one) | kept
    views = [
        {"id": view.id, "name": view.name, "url": _queue_url(view.shows), "current": view.shows == shows}
        for view in saved_views.of(who)
    ]
    return render_template(
        "desk/queue.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        filter=_drawn_filter(spoken, request.script_root, law.catalogue(), open_one, tuple(kept.items())),
        views=views,
        shows=shows,
        view_name=name,
        view_fault=fault,
        live_url=f"{url_for('.live')}?{urlencode(shows | _place(asked))}",
        live_every=LIVE_EVERY,
        **_lists(who, at, asked),
    )


def _lists(who: Actor, at: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """The names of the queues with how much lies in each, and the page of the one that is open."""
    open_one = queues.of(who.role, asked.get("xem", ""))
    narrowed, kept = _narrowed(who, at, open_one, asked)
    page = usecase.queue(who, open_one, narrowed, at, _cursor_asked(asked))
    here, spoken, root = _kept_in(open_one), language(), request.script_root
    hours = settings().online_ack_hours
    tabs = [
        {
            "url": _queue_url(_kept_in(each)),
            "label": each.called(hours).say(spoken),
            "count": _count(page.counts[each.key]),
            "current": each is open_one,
        }
        for each in queues.seen_by(who.role)
    ]
    return {
        "tabs": tabs,
        "said": _(
            "%(queue)s: %(count)s hồ sơ",
            queue=open_one.called(hours).say(spoken),
            count=_count(page.counts[open_one.key]),
        ),
        "rows": Markup("").join([row(dossier, at, spoken, root) for dossier in page.dossiers]),
        "bulk": bulk_orders.bar(who, [dossier.registration for dossier in page.dossiers]),
        "narrowed": bool(kept),
        "paged": bool(_place(asked)),
        "whole_url": _queue_url(here),
        "first_url": _queue_url(here | kept),
        "newer_url": _queue_url(here | kept | {"truoc": write(page.newer)}) if page.newer else "",
        "older_url": _queue_url(here | kept | {"sau": write(page.older)}) if page.older else "",
    }


def _kept_in(open_one: Queue) -> dict[str, str]:
    """A queue as it stands in the address."""
    return {"xem": open_one.key} if open_one.key else {}


def _count(number: int) -> str:
    return str(number) if number <= queues.MOST_COUNTED else f"{queues.MOST_COUNTED}+"


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


def _place(asked: Mapping[str, str]) -> dict[str, str]:
    """Where the page begins, as it stands in the address."""
    cursor = _cursor_asked(asked)
    return {"truoc" if cursor.backwards else "sau": write(cursor)} if cursor else {}


def _cursor_asked(asked: Mapping[str, str]) -> Cursor | None:
    before = read(asked.get("truoc", ""), backwards=True)
    return before or read(asked.get("sau", ""), backwards=False)


def _narrowed(who: Actor, at: datetime, open_one: Queue, given: Mapping[str, str]) -> tuple[Narrowing, dict[str, str]]:
    """What narrows the queue, and the same as it stands in the address; what is not known does not narrow."""
    asked = {name: given.get(name, "") for name in ("thu_tuc", "tinh_trang", "kenh", "han")}
    known = {
        "thu_tuc": asked["thu_tuc"] if asked["thu_tuc"] in law.catalogue().codes else "",
        "tinh_trang": asked["tinh_trang"] if asked["tinh_trang"] in {str(int(s)) for s in open_one.statuses} else "",
        "kenh": asked["kenh"] if asked["kenh"] in set(Channel) else "",
        "han": asked["han"] if asked["han"] in DUES and open_one.due is None else "",
    }
    narrowed = Narrowing(
        procedure=known["thu_tuc"] or None,
        status=int(known["tinh_trang"]) if known["tinh_trang"] else None,
        channel=known["kenh"] or None,
        due_before=_due_before(known["han"], who, at),
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
def _drawn_filter(
    spoken: str, _root: str, catalogue: Catalogue, open_one: Queue, kept: tuple[tuple[str, str], ...]
) -> Markup:
    """The filter of a queue, filled in as it stands in the address; the same for everybody."""
    return fragments.draw(
        "desk/queue_filter.html",
        queue=open_one.key,
        kept=dict(kept),
        procedures=[(code, catalogue.versions(code)[-1].short_title.say(spoken)) for code in catalogue.codes],
        statuses=[(str(int(status)), words.STATUSES[status].say(spoken)) for status in sorted(open_one.statuses)],
        channels=[(channel.value, words.CHANNELS[channel].say(spoken)) for channel in Channel],
        dues=DUES.items() if open_one.due is None else (),
    )


def row(dossier: Queued, at: datetime, spoken: str, root: str) -> Markup:
    """One line of the queue, or of what was found; of what has ended, how its promise was kept."""
    due = standing.handling(dossier, at) if dossier.state in OPEN else standing.promised(dossier, at)
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
        what=_what(dossier, step).say(spoken) if dossier.state in OPEN else "",
        holder=words.ROLES[Role(dossier.holder_role)].say(spoken) if dossier.holder_role else "",
        channel=words.CHANNELS[dossier.channel].say(spoken),
        due=due,
        look=LOOKS.get(due.state, ""),
    )


def _what(dossier: Queued, step: Step) -> Text:
    return words.next_work(dossier.state, step.title, answered_early=dossier.answered_early, holder=dossier.holder_role)


LOOKS: Final = {State.LATE: "row-late", State.TODAY: "row-soon", State.SOON: "row-soon"}
