"""What waits for whom, who is away and who stands in: the page of those who head an office, and what a deputy finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain import standing, words
from portal.domain.access import Right, Role
from portal.domain.balancing import MEASURED_DAYS
from portal.domain.errors import Invalid, NotFound
from portal.domain.moment import office_day
from portal.domain.standing import Limit
from portal.store.balancing import Waiting
from portal.store.balancing_models import Absence
from portal.store.models import Account
from portal.usecases import absences, balancing, law
from portal.usecases.absences import Wish
from portal.usecases.balancing import Line
from portal.web import charts, office, queues, texts
from portal.web.access import actor, opens
from portal.web.charts import LoadBar
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now

blueprint = Blueprint("assignment", __name__)

FAULTS: Final[Mapping[tuple[str, str], Any]] = {
    ("nguoi", "missing"): _l("Chọn người vắng."),
    ("tu", "missing"): _l("Nhập ngày bắt đầu vắng."),
    ("den", "missing"): _l("Nhập ngày vắng cuối cùng."),
    ("tu", "past"): _l("Không ghi được cho ngày đã qua."),
    ("tu", "away"): _l("Người này đã được ghi vắng trong những ngày đó."),
    ("den", "order"): _l("Ngày cuối phải từ ngày bắt đầu trở đi."),
    ("thay", "not_of_the_team"): _l("Người thay phải cùng đơn vị, cùng bộ phận và đang làm việc."),
    ("thay", "away"): _l("Người thay cũng vắng trong những ngày đó."),
}
_INPUTS: Final = {"since": "tu", "until": "den", "deputy": "thay"}


@blueprint.get("/phan-cong")
@opens(Right.ASSIGNMENT)
def overview() -> str:
    """What waits for whom, who is away or will be, and who stands in."""
    return _overview(Sheet({}))


@blueprint.post("/phan-cong/vang")
@opens(Right.ASSIGNMENT)
def enter_absence() -> ResponseReturnValue:
    """Write down that somebody is away; what was typed comes back with whatever is refused."""
    sheet = office.sent()
    account, deputy = texts.number(sheet.raw("nguoi")), texts.number(sheet.raw("thay"))
    since = sheet.day("tu", FAULTS["tu", "missing"])
    until = sheet.day("den", FAULTS["den", "missing"])
    if account is None:
        sheet.errors["nguoi"] = str(FAULTS["nguoi", "missing"])
    if account is None or since is None or until is None:
        return _overview(sheet), 400
    try:
        row = absences.enter(actor(), Wish(account, since, until, deputy), now())
    except Invalid as refused:
        names = {_INPUTS[field]: code for field, code in refused.fields.items()}
        sheet.errors |= {name: str(FAULTS[name, code]) for name, code in names.items()}
        return _overview(sheet), 400
    except NotFound:
        sheet.errors["nguoi"] = str(FAULTS["nguoi", "missing"])
        return _overview(sheet), 400
    flash(_("Đã ghi vắng từ %(since)s đến hết %(until)s.", since=_day(row.since), until=_day(row.until)), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/phan-cong/vang/<int:number>/het")
@opens(Right.ASSIGNMENT)
def end_absence(number: int) -> ResponseReturnValue:
    """Somebody is back."""
    absences.end(actor(), number, now())
    flash(_("Đã ghi người này làm việc trở lại."), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.get("/thay-mat")
@opens(Right.DESK)
def stand_ins() -> str:
    """In whose place one acts today, and what waits for each of them."""
    who, at = actor(), now()
    asked, after = texts.number(request.args.get("nguoi")), queues.read(request.args.get("sau", ""), backwards=False)
    away = absences.stood_in(who, at)
    found = [
        absences.work_of(who, each.account, at, after if each.account == asked else None)
        for each in away
        if asked in (None, each.account)
    ]
    return render_template(
        "desk/stand_ins.html",
        groups=[
            {
                "away": group.away,
                "role": words.ROLES[group.away.role],
                "rows": [row(each, at) for each in group.dossiers],
                "older_url": url_for(".stand_ins", nguoi=group.away.account, sau=queues.write(group.next))
                if group.next
                else "",
            }
            for group in found
        ],
    )


def _overview(sheet: Sheet) -> str:
    who, at = actor(), now()
    people = absences.colleagues(who)
    groups = balancing.overview(who, at)
    lines = [line for group in groups for line in group.lines]
    most = max((max(line.load.held, line.capacity or 0) for line in lines), default=0)
    return render_template(
        "desk/assignment.html",
        unit=law.unit(who.unit) if who.unit else None,
        sheet=sheet,
        errors=sheet.errors,
        people=[(str(account.id), _named(account)) for account in people],
        groups=[
            {
                "group": group,
                "role": words.ROLES[group.role],
                "lines": [{"line": line, "bar": _bar(line, most)} for line in group.lines],
            }
            for group in groups
        ],
        measured=MEASURED_DAYS,
        hand_outs=balancing.hand_outs(who),
        absences=[_absence(row, at) for row in absences.of_unit(who, at)],
    )


def _bar(line: Line, most: int) -> LoadBar:
    load = line.load
    rest = load.held - load.overdue - load.today
    parts = (("late", load.overdue), ("on-time", load.today), ("early", rest))
    return charts.load_bar(parts, most, line.capacity)


def called(account: Account) -> str:
    """Somebody's name, with what they sign in with: two may have the same."""
    return f"{account.full_name} ({account.username})" if account.username else account.full_name


def _named(account: Account) -> str:
    return f"{called(account)} – {words.ROLES[Role(account.role)].say(language())}"


def _absence(row: Absence, at: datetime) -> dict[str, Any]:
    return {
        "row": row,
        "who": _named(row.account),
        "deputy": row.deputy.full_name if row.deputy else "",
        "begun": row.since <= office_day(at),
    }


def row(each: Waiting, at: datetime) -> dict[str, Any]:
    """A dossier as lists of work show it."""
    procedure = law.procedure_of(each)
    step = procedure.step(each.step).title
    return {
        "dossier": each,
        "title": procedure.short_title,
        "what": words.next_work(each.state, step, answered_early=each.answered_early, holder=each.holder_role),
        "due": _rounded(standing.handling(each.act_by, law.moment(each.desk_unit, at, each.sector), waiting=False)),
    }


def _rounded(due: Limit) -> Limit:
    return replace(due, left=due.left.rounded) if due.left else due


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
