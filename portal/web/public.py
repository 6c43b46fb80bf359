"""Pages for everybody: finding a procedure, its guide, the one-stop shops, and how far a dossier is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import segno
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.domain import clock, codes, conditions, words
from portal.domain.access import Right, Role
from portal.domain.clock import DueDate
from portal.usecases import bundles, law, tracking
from portal.web import texts
from portal.web.access import opens
from portal.web.language import language
from portal.web.limits import LOOK_UP, limiter
from procedures.catalogue import NotYetInForce, UnknownProcedure
from procedures.guides import load_popular
from procedures.model import Component, Fee, Procedure, Sector, Text
from procedures.places import Places, Unit, UnitKind

blueprint = Blueprint("public", __name__)

#: What is searched for is cut to this many characters.
LONGEST_QUERY: Final = 200
#: How many procedures are shown at once.
RESULTS_ON_A_PAGE: Final = 24
RESULTS_WHILE_TYPING: Final = 8
#: The administrative units of today stand from this day; the district and its communes ended the day before.
COMMUNES_ALONE_FROM: Final = date(2025, 7, 1)
UNKNOWN_NUMBER: Final = _l("Không có hồ sơ nào mang số này. Hãy so lại từng chữ, từng số với giấy tiếp nhận.")
NOT_A_NUMBER: Final = _l(
    "Đây không phải số đăng ký hay mã hồ sơ. Số đăng ký như DK-7K2M-PQ9X-3VTA, mã hồ sơ như H38.02947-260126-0007."
)


@blueprint.app_template_filter("channel")
def _channel(channel: str) -> str:
    """What a channel is called."""
    return words.CHANNELS[channel].say(language())


@blueprint.get("/")
@opens(Right.PUBLIC)
def home() -> ResponseReturnValue:
    """The first page: search, sectors, tracking, and how it works."""
    today = law.office_day(_now())
    offered = law.catalogue().all_in_force(today)
    sectors = [(sector, [p for p in offered if p.sector is sector]) for sector in Sector]
    by_code = {procedure.code: procedure for procedure in offered}
    popular = [by_code[code] for code in load_popular() if code in by_code]
    return render_template("public/home.html", sectors=sectors, popular=popular, shops=_shops(today), today=today)


@blueprint.get("/linh-vuc/<sector>")
@opens(Right.PUBLIC)
def sector(sector: str) -> ResponseReturnValue:
    """The procedures of one sector."""
    if sector not in set(Sector):
        return _not_found(_("Không có lĩnh vực này."))
    chosen = Sector(sector)
    offered = law.catalogue().all_in_force(law.office_day(_now()), chosen)
    return render_template("public/sector.html", sector=chosen, offered=offered, sectors=list(Sector))


@blueprint.get("/tim")
@opens(Right.PUBLIC)
def search() -> ResponseReturnValue:
    """The procedures that say some words, with or without diacritics; a bare list for a script that asks."""
    said = " ".join(request.args.get("q", "")[:LONGEST_QUERY].split())
    found = law.catalogue().search(said, law.office_day(_now()))
    by_script = request.headers.get("X-Requested-With") == "fetch"
    size = RESULTS_WHILE_TYPING if by_script else RESULTS_ON_A_PAGE
    number = min(max(texts.number(request.args.get("trang", "1")) or 1, 1), max(-(-len(found) // size), 1))
    answer = make_response(
        render_template(
            "public/results.html" if by_script else "public/search.html",
            said=said,
            found=found[(number - 1) * size : number * size],
            total=len(found),
            number=number,
            pages=-(-len(found) // size),
            sectors=list(Sector),
        )
    )
    answer.vary.add("X-Requested-With")
    return answer


@blueprint.get("/thu-tuc/<code>")
@opens(Right.PUBLIC)
def procedure(code: str) -> ResponseReturnValue:
    """The guide of a procedure, with every part that NĐ 63/2010/NĐ-CP Article 8.2 asks for."""
    return _guide("public/procedure.html", code)


@blueprint.get("/thu-tuc/<code>/to-huong-dan")
@opens(Right.PUBLIC)
def sheet(code: str) -> ResponseReturnValue:
    """The guide on one sheet of paper for the notice board, with a QR that leads to the whole of it."""
    return _guide("public/sheet.html", code)


def _guide(template: str, code: str) -> ResponseReturnValue:
    now = _now()
    today = law.office_day(now)
    try:
        shown = law.catalogue().in_force(code, today)
    except NotYetInForce as early:
        return _not_found(_("Thủ tục này chỉ áp dụng từ ngày %(day)s.", day=f"{early.first:%d/%m/%Y}"))
    except UnknownProcedure:
        return _not_found(_("Không có thủ tục nào mang mã này. Hãy tìm bằng tên việc cần làm."))
    units = law.receiving_units(shown, today)
    unit = next((unit for unit in units if unit.id == request.args.get("unit")), units[0] if units else None)
    promise = _promise(shown, unit, now) if unit else None
    address = f"{current_app.config['PORTAL'].base_url}{url_for('public.procedure', code=code)}"
    return render_template(
        template,
        procedure=shown,
        papers=[(component, _needed(component, shown)) for component in shown.components],
        fees=[(fee, _fee_applies(fee, shown)) for fee in shown.fees],
        units=units,
        unit=unit,
        today=today,
        now=now,
        promise=promise,
        together=bundles.promise(shown, {}, unit.id, now, promise.due_at) if unit and promise else None,
        mountain=[unit for unit in units if unit.mountain],
        start=_start(shown),
        address=address,
        qr=_qr,
    )


def _qr(address: str) -> Markup:
    """The QR of an address, to be drawn in the page; error correction M survives a crumpled corner."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704 - made here


@blueprint.get("/don-vi")
@opens(Right.PUBLIC)
def units() -> ResponseReturnValue:
    """The one-stop shops of today, and the units of both eras with their successors."""
    today, places = law.office_day(_now()), law.places()
    communes = [unit for unit in places.units if unit.kind is not UnitKind.LAND_REGISTRY]
    return render_template(
        "public/units.html",
        shops=_shops(today),
        today=today,
        before=[(unit, _followers(places, unit)) for unit in communes if unit.alive(_last_day_of_district())],
        after=[(unit, places.predecessors(unit.id)) for unit in communes if unit.alive(COMMUNES_ALONE_FROM)],
        twice={unit.code for unit in communes if unit.code and len(places.bearers(unit.code)) > 1},
        registries=[unit for unit in places.alive(today) if unit.kind is UnitKind.LAND_REGISTRY],
    )


@blueprint.get("/tra-cuu")
@opens(Right.PUBLIC)
@limiter.limit(LOOK_UP)
def track() -> ResponseReturnValue:
    """Ask for the number of a dossier, and go to its page."""
    typed = request.args.get("so", "")
    if not typed.strip():
        return render_template("public/track.html", typed="", error="")
    key = _read_number(typed)
    if key is None:
        return _nothing_by(typed, NOT_A_NUMBER)
    if tracking.look_up(key, _now()) is None:
        return _nothing_by(typed, UNKNOWN_NUMBER)
    return redirect(url_for("public.track_dossier", key=key), 303)


@blueprint.get("/tra-cuu/<path:key>")
@opens(Right.PUBLIC)
@limiter.limit(LOOK_UP)
def track_dossier(key: str) -> ResponseReturnValue:
    """How far a dossier is, for whoever has its number; nothing about whose it is."""
    number = _read_number(key)
    if number is None:
        return _nothing_by(key, NOT_A_NUMBER)
    if number != key:
        return redirect(url_for("public.track_dossier", key=number), 302)
    view = tracking.look_up(number, _now())
    if view is None:
        return _nothing_by(key, UNKNOWN_NUMBER)
    shown = law.procedure_of(view)
    return _unlisted(
        render_template(
            "public/track_dossier.html",
            view=view,
            number=number,
            procedure=shown,
            unit=law.unit(view.unit),
            holder=words.ROLES[Role(view.holder_role)] if view.holder_role else None,
            holder_unit=law.unit(view.holder_unit).name if view.holder_unit else None,
            afterwards=words.AFTERWARDS.get(view.status),
            next_work=words.next_work(
                view.status, shown.step(view.step).title, answered_early=view.answered_early, holder=view.holder_role
            ),
        )
    )


def _promise(procedure: Procedure, unit: Unit, now: datetime) -> DueDate:
    """When the result would be due if the unit received a complete dossier now."""
    return clock.due_date(
        procedure.term_for(mountain=unit.mountain), now, law.calendar(unit.id, procedure.sector.value)
    )


def _needed(component: Component, procedure: Procedure) -> str:
    """When a paper is needed."""
    offered, required = component.when, component.required
    if required is False:
        return str(_("Nếu có"))
    # One condition can be said in words; of two, what decides whether the paper is asked for at all.
    condition = offered or (None if isinstance(required, bool) else required)
    if condition is None:
        return str(_("Bắt buộc"))
    return _when(conditions.in_words(condition, procedure)) or str(_("Tùy trường hợp, tờ khai sẽ hỏi"))


def _fee_applies(fee: Fee, procedure: Procedure) -> str:
    """When a fee is due at all; empty where always."""
    return _when(conditions.in_words(fee.condition, procedure)) if fee.condition else ""


def _when(condition: Text | None) -> str:
    return str(_("Khi %(condition)s", condition=condition.say(language()))) if condition else ""


def _start(procedure: Procedure) -> str | None:
    """Where a draft of this procedure is begun; None where it is not received online."""
    regular = any(manner.channel == "online" for manner in procedure.manners)
    exists = "filling.start" in current_app.view_functions
    return url_for("filling.start", code=procedure.code) if regular and exists else None


def _shops(on: date) -> list[Unit]:
    """The units with a one-stop shop on a day."""
    return [unit for unit in law.places().alive(on) if unit.shop is not None]


def _followers(places: Places, unit: Unit) -> tuple[Unit, ...]:
    """Who goes on with an ended unit's work; a district's is shared out among many, which its communes name."""
    return () if unit.kind is UnitKind.DISTRICT else places.heirs(unit.id)


def _last_day_of_district() -> date:
    return COMMUNES_ALONE_FROM - timedelta(days=1)


def _read_number(typed: str) -> str | None:
    """The registration number or dossier code that somebody typed, as it is stored."""
    return codes.read_registration_number(typed) or codes.read_dossier_code(typed)


def _nothing_by(typed: str, why: object) -> ResponseReturnValue:
    return _unlisted(render_template("public/track.html", typed=typed[:LONGEST_QUERY], error=str(why))), 404


def _unlisted(page: str) -> Response:
    """A page that search engines are to leave alone."""
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _not_found(message: str) -> ResponseReturnValue:
    ways = [
        {"url": url_for("public.search"), "label": _("Tìm thủ tục")},
        {"url": url_for("public.home"), "label": _("Về trang đầu")},
    ]
    return render_template("errors/404.html", message=message, possible=ways), 404


def _now() -> datetime:
    return datetime.now(UTC)
