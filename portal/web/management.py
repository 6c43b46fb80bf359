"""The manager's pages: figures of a period, where dossiers are stuck, the list behind each number, and a workbook."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.domain import words
from portal.domain.access import Actor, Right, Role, may
from portal.domain.errors import Invalid, NotFound
from portal.domain.flow import Status
from portal.domain.moment import office_day
from portal.domain.standing import State
from portal.domain.statistics import Figures, Listed, Period, Phase, Preset, Turn, preset
from portal.store.models import Dossier
from portal.store.statistics import Cut, Line, Place, Spot
from portal.store.watch import Reminder
from portal.usecases import evidence, law, missed, statistics
from portal.usecases.missed import Missed
from portal.usecases.standing import promised
from portal.usecases.statistics import ListPage, Overview, Stuck
from portal.web import charts, texts
from portal.web.access import actor, opens
from portal.web.filters import day as shown_day
from portal.web.language import language
from portal.web.resources import now
from portal.web.workbook import workbook
from procedures.catalogue import UnknownProcedure
from procedures.model import Channel, Head
from procedures.places import Unit, UnknownUnitError

blueprint = Blueprint("management", __name__)

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Years that a period can lie in.
YEARS: Final = range(2000, 2101)
PERIODS: Final = {
    Preset.THIS_MONTH: _l("Tháng này"),
    Preset.LAST_MONTH: _l("Tháng trước"),
    Preset.QUARTER: _l("Quý báo cáo này"),
    Preset.LAST_QUARTER: _l("Quý báo cáo trước"),
    Preset.YEAR: _l("Năm báo cáo này"),
}
CHANNELS: Final = {
    Channel.ONLINE: _l("Trực tuyến"),
    Channel.COUNTER: _l("Trực tiếp"),
    Channel.POST: _l("Bưu chính"),
}
#: What the figures are called in the official reports, in the order of report II.06a.
COLUMNS: Final = {
    Listed.CARRIED_OVER: _l("Kỳ trước chuyển sang"),
    Listed.RECEIVED_ONLINE: _l("Tiếp nhận trực tuyến"),
    Listed.RECEIVED_COUNTER: _l("Tiếp nhận trực tiếp, bưu chính"),
    Listed.RESOLVED_EARLY: _l("Giải quyết trước hạn"),
    Listed.RESOLVED_ON_TIME: _l("Giải quyết đúng hạn"),
    Listed.RESOLVED_LATE: _l("Giải quyết quá hạn"),
    Listed.OPEN_WITHIN: _l("Đang giải quyết trong hạn"),
    Listed.OPEN_OVER: _l("Đang giải quyết quá hạn"),
}
TITLES: Final = {
    **COLUMNS,
    Listed.RECEIVED: _l("Tiếp nhận trong kỳ"),
    Listed.RESOLVED: _l("Đã giải quyết"),
    Listed.OPEN: _l("Đang giải quyết"),
    Listed.SECOND_SUPPLEMENTS: _l("Yêu cầu bổ sung từ lần thứ hai"),
}
#: The same columns as the report groups them; the rates come last.
GROUPS: Final = (
    (_l("Tiếp nhận"), (_l("Kỳ trước"), _l("Trực tuyến"), _l("Trực tiếp, bưu chính"))),
    (_l("Đã giải quyết"), (_l("Trước hạn"), _l("Đúng hạn"), _l("Quá hạn"))),
    (_l("Đang giải quyết"), (_l("Trong hạn"), _l("Quá hạn"))),
    (_l("Tỷ lệ"), (_l("Giải quyết"), _l("Đúng hạn"))),
)
#: How the due day stands, as columns and as the titles of lists.
LEFTS: Final = {
    State.LATE: _l("Quá hạn"),
    State.TODAY: _l("Hôm nay"),
    State.SOON: _l("1–2 ngày"),
    State.WITHIN: _l("Trên 2 ngày"),
    State.NONE: _l("Không tính hạn"),
}
LEFT_TITLES: Final = {
    State.LATE: _l("Hồ sơ quá hạn"),
    State.TODAY: _l("Hồ sơ đến hạn hôm nay"),
    State.SOON: _l("Hồ sơ còn 1–2 ngày làm việc"),
    State.WITHIN: _l("Hồ sơ còn trên 2 ngày làm việc"),
    State.NONE: _l("Hồ sơ không tính thời hạn"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What a visitor looks at: the chosen period and cut, and the words of the filter as they are in the address."""

    chosen: str
    typed: dict[str, str]
    period: Period
    cut: Cut
    unit: Unit | None
    procedure: Head | None
    channel: str
    faults: dict[str, str]

    def query(self, **changes: str) -> str:
        """This view as the end of an address, with some of it changed."""
        values = {
            "tu": f"{self.period.first:%d/%m/%Y}",
            "den": f"{self.period.last:%d/%m/%Y}",
            "don_vi": self.unit.id if self.unit else "",
            "thu_tuc": self.procedure.code if self.procedure else "",
            "kenh": self.channel,
        } | changes
        return urlencode({name: value for name, value in values.items() if value})


@blueprint.get("/thong-ke", endpoint="statistics")
@opens(Right.STATISTICS)
def statistics_page() -> str:
    """Figures by unit and by procedure, where dossiers are stuck, and a chart of twelve months."""
    view, who = _view(actor()), actor()
    read, today, spoken = statistics.project(batches=1), office_day(now()), language()
    key = (read, today, spoken, who.role, view.chosen, view.query(), *view.faults.values())
    kept: OrderedDict[Hashable, str] = current_app.extensions.setdefault(_PAGES, OrderedDict())
    if key not in kept:
        kept[key] = _figures(view, who, today)
        while len(kept) > MOST_PAGES:
            kept.popitem(last=False)
    return render_template(
        "management/statistics.html",
        figures=Markup(kept[key]),  # noqa: S704 - our own template
        missed=missed.count(view.cut.units, now()),
        missed_url=url_for(".missed_dates", don_vi=view.unit.id if view.unit else None),
        proof=evidence.standing(),
    )


#: Under this name an application keeps the pages it has drawn: what they show changes only with the next event or day.
_PAGES: Final = "management_pages"
MOST_PAGES: Final = 64


def _figures(view: View, who: Actor, today: date) -> str:
    found = statistics.overview(view.period, view.cut)
    return render_template(
        "management/figures.html",
        view=view,
        found=found,
        figures=list(COLUMNS),
        groups=GROUPS,
        presets=_presets(view),
        rows_by_unit=[(law.unit(unit), numbers, view.query(don_vi=unit)) for unit, numbers in found.units],
        rows_by_procedure=[(_newest(code), numbers, view.query(thu_tuc=code)) for code, numbers in found.procedures],
        chart=_chart(found),
        stuck=[_stuck_row(row, view) for row in statistics.stuck(view.cut.units, today)],
        lefts=LEFTS,
        **_choices(who),
    )


@blueprint.get("/thong-ke/danh-sach/<what>")
@opens(Right.STATISTICS)
def listed(what: str) -> str:
    """The dossiers behind one figure."""
    if what not in set(Listed):
        raise NotFound(list=what)
    view, kind = _view(actor()), Listed(what)
    page = statistics.listed(kind, view.period, view.cut, _place())
    return _list(TITLES[kind], view, page, url_for(".listed", what=what))


@blueprint.get("/thong-ke/dang-o")
@opens(Right.STATISTICS)
def standing() -> str:
    """The dossiers that stand at one step now."""
    view = _view(actor())
    try:
        turn, phase = Turn(request.args["luot"]), Phase(request.args["giai_doan"])
        left = State(request.args["han"]) if "han" in request.args else None
        title = LEFT_TITLES[left] if left else _("Hồ sơ chưa kết thúc")
    except (KeyError, ValueError):
        raise NotFound(list="standing") from None
    code, step = view.cut.procedure, request.args.get("buoc")
    units = view.cut.units or tuple(unit.id for unit in law.places().units)
    spot = Spot(units, code, step, turn, phase)
    page = statistics.standing_at(spot, left, office_day(now()), _place())
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in _SPOT}
    return _list(title, view, page, url_for(".standing", **kept), now_standing=True)


@blueprint.get("/thong-ke/qua-hen")
@opens(Right.STATISTICS)
def missed_dates() -> str:
    """Where people failed to act: dossiers that passed their date with neither a result nor an apology."""
    who, at = actor(), now()
    unit = _unit(who, request.args.get("don_vi", ""))
    units = (unit.id,) if unit else None
    found = missed.page(units, at, _place())
    kept: dict[str, Any] = {"don_vi": unit.id} if unit else {}
    return render_template(
        "management/missed.html",
        unit=unit,
        units=_choices(who)["units"],
        count=found.count,
        rows=[_missed_row(each, at) for each in found.rows],
        older=url_for(".missed_dates", **kept, sau=f"{found.next[0].isoformat()}.{found.next[1]}")
        if found.next
        else "",
        back=url_for(".statistics", **kept),
    )


@blueprint.get("/thong-ke/kiem-tra")
@opens(Right.STATISTICS)
def proof() -> str:
    """What the nightly proof found: logs that are broken, dossiers and due dates that do not agree with them."""
    unit = _unit(actor(), request.args.get("don_vi", ""))
    rows, following = evidence.page((unit.id,) if unit else None, texts.number(request.args.get("sau", "")) or 0)
    return render_template(
        "management/proof.html",
        unit=unit,
        proof=evidence.standing(),
        rows=[(flaw, dossier, _address(dossier) if dossier else "") for flaw, dossier in rows],
        flaws=words.FLAWS,
        older=url_for(".proof", don_vi=unit.id if unit else None, sau=following) if following else "",
        back=url_for(".statistics", don_vi=unit.id if unit else None),
    )


def _missed_row(each: Missed, at: datetime) -> dict[str, Any]:
    line = each.dossier
    return {
        "each": each,
        "dossier": line,
        "procedure": law.procedure_of(line).short_title,
        "unit": law.unit(line.desk_unit).name,
        "holder": words.ROLES[Role(line.holder_role)] if line.holder_role else None,
        "holder_unit": law.unit(line.holder_unit).name if line.holder_unit else None,
        "due": promised(line, at),
        "warnings": [(warning, words.ROLES[Role(warning.holder_role)]) for warning in each.warnings],
        "href": _address(line),
    }


_SPOT: Final = ("buoc", "luot", "giai_doan", "han")


@blueprint.get("/thong-ke/thong-ke.xlsx")
@opens(Right.STATISTICS)
def download() -> Response:
    """The page's figures as a workbook."""
    view = _view(actor())
    statistics.project(batches=1)
    found = statistics.overview(view.period, view.cut)
    heads = [str(title) for title in COLUMNS.values()]
    rates = [_("Tỷ lệ giải quyết (%)"), _("Tỷ lệ đúng hạn (%)"), str(TITLES[Listed.SECOND_SUPPLEMENTS])]
    spoken = language()
    units = [(law.unit(unit), numbers) for unit, numbers in found.units]
    procedures = [(_newest(code), numbers) for code, numbers in found.procedures]
    title = _(
        "Thống kê giải quyết thủ tục hành chính từ ngày %(first)s đến ngày %(last)s",
        first=shown_day(view.period.first),
        last=shown_day(view.period.last),
    )
    total = ["", _("Tổng cộng"), *_cells(found.total)]
    content = workbook(
        title,
        [
            (
                _("Theo đơn vị"),
                [_("Mã đơn vị"), _("Đơn vị"), *heads, *rates],
                [*([unit.code or "", unit.name.say(spoken), *_cells(numbers)] for unit, numbers in units), total],
            ),
            (
                _("Theo thủ tục"),
                [_("Mã thủ tục"), _("Thủ tục"), *heads, *rates],
                [*([p.code, p.short_title.say(spoken), *_cells(numbers)] for p, numbers in procedures), total],
            ),
            (
                _("Theo tháng"),
                [_("Tháng"), *(str(TITLES[what]) for what in _BY_MONTH)],
                [
                    [f"{month:%m/%Y}", counted.received, counted.early, counted.on_time, counted.late]
                    for month, counted in found.months
                ],
            ),
        ],
    )
    name = f"thong-ke-{view.period.first:%Y%m%d}-{view.period.last:%Y%m%d}.xlsx"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_BY_MONTH: Final = (Listed.RECEIVED, Listed.RESOLVED_EARLY, Listed.RESOLVED_ON_TIME, Listed.RESOLVED_LATE)


def _cells(numbers: Figures) -> list[Any]:
    rates = [None if rate is None else float(rate) for rate in (numbers.resolution_rate, numbers.on_time_rate)]
    return [*(getattr(numbers, what) for what in COLUMNS), *rates, numbers.second_supplements]


# --- what the visitor asked for ---


def _view(who: Actor) -> View:
    asked, today = request.args, office_day(now())
    faults: dict[str, str] = {}
    period = _dates(faults) if "tu" in asked or "den" in asked else None
    chosen = "" if period or faults else asked.get("ky", "")
    if period is None:
        chosen = chosen if chosen in set(Preset) or faults else Preset.THIS_MONTH.value
        whole = preset(Preset(chosen or Preset.THIS_MONTH.value), today)
        # A period that still runs is shown as it stands today.
        period = Period(whole.first, min(whole.last, today))
    typed = {name: asked.get(name, "")[:10] if faults else shown_day(day) for name, day in _ends(period)}
    unit = _unit(who, asked.get("don_vi", ""))
    procedure = _procedure(asked.get("thu_tuc", ""))
    channel = asked.get("kenh", "") if asked.get("kenh") in set(Channel) else ""
    cut = Cut((unit.id,) if unit else None, procedure.code if procedure else None, channel or None)
    return View(chosen, typed, period, statistics.allowed(who, cut), unit, procedure, channel, faults)


def _ends(period: Period) -> tuple[tuple[str, date], ...]:
    return ("tu", period.first), ("den", period.last)


def _dates(faults: dict[str, str]) -> Period | None:
    """The dates typed into the filter; what is wrong with them goes into `faults`, by field."""
    typed = {}
    for field in ("tu", "den"):
        try:
            typed[field] = datetime.strptime(request.args.get(field, ""), "%d/%m/%Y").date()  # noqa: DTZ007 - a day
        except ValueError:
            faults[field] = _("Ghi ngày theo mẫu 09/02/2026.")
        else:
            if typed[field].year not in YEARS:
                faults[field] = _("Ghi một năm từ %(first)s đến %(last)s.", first=YEARS[0], last=YEARS[-1])
    if faults:
        return None
    try:
        return Period(typed["tu"], typed["den"])
    except ValueError:
        faults["den"] = _("Ngày cuối kỳ không được trước ngày đầu kỳ.")
        return None


def _unit(who: Actor, asked: str) -> Unit | None:
    """The unit asked for; a leader always looks at the one they lead. Raises NotFound for none there is."""
    if who.role is not Role.MANAGER:
        return law.unit(who.unit) if who.unit else None
    try:
        return law.unit(asked) if asked else None
    except UnknownUnitError:
        raise NotFound(unit=asked) from None


def _procedure(code: str) -> Head | None:
    try:
        return _newest(code) if code else None
    except UnknownProcedure:
        raise NotFound(procedure=code) from None


def _place() -> Place | None:
    """Where a list goes on: `2026-02-09.17`."""
    asked = request.args.get("sau", "")
    if not asked:
        return None
    day, _dot, last = asked.partition(".")
    number = texts.number(last)
    try:
        if number is not None:
            return date.fromisoformat(day), number
    except ValueError:
        pass
    raise Invalid({"sau": "malformed"})


def _newest(code: str) -> Head:
    return law.catalogue().versions(code)[-1]


def _choices(who: Actor) -> dict[str, Any]:
    """What the filter offers; a leader has no unit to choose."""
    spoken = language()
    units = sorted(law.places().units, key=lambda unit: (unit.valid_to is not None, unit.code or ""))
    return {
        "units": [
            (unit.id, _unit_label(unit, spoken)) for unit in units if unit.shop is not None and who.role is Role.MANAGER
        ],
        "procedures": [(code, _newest(code).short_title.say(spoken)) for code in law.catalogue().codes],
        "channels": list(CHANNELS.items()),
    }


def _unit_label(unit: Unit, spoken: str) -> str:
    """Two units may bear one code, and two one name: the code and the last day tell them apart."""
    label = f"{unit.name.say(spoken)} ({unit.code})"
    return _("%(unit)s, đến %(day)s", unit=label, day=shown_day(unit.valid_to)) if unit.valid_to else label


# --- what the page shows ---


def _presets(view: View) -> list[dict[str, Any]]:
    """Tabs of the periods with a name; the rest of the filter stays."""
    address = url_for(".statistics")
    return [
        {
            "url": f"{address}?{view.query(tu='', den='', ky=name.value)}",
            "label": label,
            "current": view.chosen == name,
        }
        for name, label in PERIODS.items()
    ]


def _chart(found: Overview) -> charts.Chart:
    series = [
        charts.Series("early", _("Trước hạn")),
        charts.Series("on-time", _("Đúng hạn")),
        charts.Series("late", _("Quá hạn")),
    ]
    rows = [(f"{month:%m/%y}", (kept.early, kept.on_time, kept.late)) for month, kept in found.months]
    return charts.columns(series, rows)


@dataclass(frozen=True, slots=True)
class StuckRow:
    """Where dossiers stand, in words, and the end of the address of their list."""

    row: Stuck
    who: Any
    procedure: Head
    query: str


def _stuck_row(row: Stuck, view: View) -> StuckRow:
    place = {"buoc": row.step.key, "luot": row.turn.value, "giai_doan": row.phase.value}
    return StuckRow(row, _holder(row), _newest(row.procedure), view.query(thu_tuc=row.procedure, **place))


def _holder(row: Stuck) -> Any:
    if row.turn is Turn.OFFICE:
        return words.ROLES[Role(row.step.role)]
    return words.STATUSES[Status.SUPPLEMENT_ASKED if row.turn is Turn.SUPPLEMENT else Status.DUTY_ASKED]


def _list(title: Any, view: View, page: ListPage, address: str, now_standing: bool = False) -> str:
    joint = "&" if "?" in address else "?"
    older = f"{address}{joint}{view.query(sau=f'{page.next[0].isoformat()}.{page.next[1]}')}" if page.next else ""
    return render_template(
        "management/list.html",
        title=title,
        view=view,
        lines=[_line(line) for line in page.lines],
        older=older,
        back=f"{url_for('.statistics')}?{view.query()}",
        now_standing=now_standing,
        channels={channel.value: label for channel, label in CHANNELS.items()},
    )


def _line(line: Line) -> dict[str, Any]:
    return {
        "line": line,
        "procedure": _newest(line.procedure),
        "unit": law.unit(line.unit),
        "at_unit": law.unit(line.at_unit),
        "href": _address(line),
    }


def _address(line: Line | Reminder | Dossier) -> str:
    """A dossier's page for those who work on dossiers, its public page for those who only look on."""
    if may(actor(), Right.DESK):
        return url_for("desk.dossier", registration=line.registration)
    return url_for("public.track_dossier", key=line.registration)
