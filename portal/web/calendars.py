"""Pages of the official calendar: its years, and one year drawn by months, entered and corrected from its notice."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.dates import get_month_names
from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Right
from portal.domain.errors import Invalid, Stale
from portal.domain.office_changes import reasons
from portal.usecases import law, office, rescheduling
from portal.web import office as pages
from portal.web import texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now
from procedures.calendars import YEARS, CalendarYear, DayReason, DaysOff, MakeUpDay, OfficialDays, proposed_year
from procedures.model import Text
from procedures.overlay import Kind

blueprint = Blueprint("calendars", __name__, url_prefix="/quan-tri")
FIRST: Final = 2024
_WEEKDAYS: Final = {
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month as it is drawn; `number` is '' for a day of another month."""

    number: str
    kind: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """One month as it is drawn."""

    title: str
    weeks: tuple[tuple[Cell, ...], ...]


@blueprint.get("/lich")
@opens(Right.ADMINISTRATION)
def years() -> ResponseReturnValue:
    """Which years are entered."""
    days, today = law.official_days(), law.office_day(now())
    last = max(today.year + 1, *days.entered)
    rows = [
        {
            "year": year,
            "entered": year in days.entered,
            "last": office.last(Kind.CALENDAR, str(year)),
            "off": sum(day.year == year for day in days.off),
            "make_up": sum(day.year == year for day in days.make_up),
        }
        for year in range(last, FIRST - 1, -1)
    ]
    return pages.page("years.html", "calendars.years", rows=rows)


@blueprint.route("/lich/<int:number>", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def year(number: int) -> ResponseReturnValue:
    """One year: drawn, listed, entered or corrected."""
    if number not in YEARS:
        abort(404)
    known = office.year(number)
    if request.method == "GET":
        entered = known or CalendarYear(number, (), ())
        return _page(number, known, Sheet(_typed(entered)))
    typed = request.form.to_dict()
    if "propose" in typed:
        _propose(number, typed)
        return _page(number, known, Sheet(typed))
    if pages.change_rows(typed, "off", "make"):
        return _page(number, known, Sheet(typed))
    return _publish(number, known, Sheet(typed))


@blueprint.get("/lich/<int:number>/ngay-hen")
@opens(Right.ADMINISTRATION)
def moves(number: int) -> ResponseReturnValue:
    """Which promised dates the last change of a year would move, or has moved."""
    return _moves_page(number)


@blueprint.post("/lich/<int:number>/ngay-hen")
@opens(Right.ADMINISTRATION)
def order_moves(number: int) -> ResponseReturnValue:
    """Order that they are moved."""
    try:
        rescheduling.give_order(actor(), number, now())
    except Invalid:
        return _moves_page(number, still_counting=True)
    flash(_("Đã ghi lệnh dời ngày hẹn; cổng đang thực hiện và báo cho từng người nộp."), "success")
    return redirect(url_for("calendars.moves", number=number), 303)


def _moves_page(number: int, *, still_counting: bool = False) -> ResponseReturnValue:
    found = rescheduling.preview(number, texts.number(request.args.get("sau")) or 0)
    if found is None:
        abort(404)
    older = url_for("calendars.moves", number=number, sau=found.next) if found.next else ""
    html = pages.page("moves.html", "calendars.years", year=number, found=found, older=older)
    return html, 409 if still_counting else 200


def _publish(number: int, known: CalendarYear | None, sheet: Sheet) -> ResponseReturnValue:
    entered = read(number, sheet)
    notice, decided_on = sheet.text("number"), sheet.day("decided_on")
    if entered is None or sheet.errors:
        return _page(number, known, sheet, 400)
    try:
        office.publish_year(actor(), entered, pages.seen(sheet), now(), number=notice, decided_on=decided_on)
    except Invalid as refused:
        sheet.blame(refused)
        return _page(number, known, sheet, 400)
    except Stale as stale:
        sheet.errors[""] = pages.overtaken(stale)
        return _page(number, office.year(number), sheet, 409)
    flash(_("Đã công bố lịch nghỉ năm %(year)s.", year=number), "success")
    return redirect(url_for("calendars.year", number=number), 303)


def read(year: int, sheet: Sheet) -> CalendarYear | None:
    """The year that was typed; None where something in it cannot be, which is then said beside its input."""
    taken: set[date] = set()
    off = tuple(_read_off(year, sheet, taken))
    swapped = {day for run in off if run.reason is DayReason.SWAP for day in run}
    make_up = tuple(_read_make_up(year, sheet, taken, swapped))
    return None if sheet.errors else CalendarYear(year, off, make_up)


def _read_off(year: int, sheet: Sheet, taken: set[date]) -> Iterator[DaysOff]:
    worked = {sheet.raw(f"make-{row}-instead").strip() for row in sheet.rows("make")}
    for row in sheet.rows("off"):
        cell = f"off-{row}-"
        if not any(sheet.raw(cell + part).strip() for part in ("first", "last", "vi", "en")):
            continue
        first, last = sheet.day(cell + "first", _("Nhập ngày nghỉ.")), sheet.day(cell + "last")
        vi, en = sheet.text(cell + "vi", _("Nhập tên tiếng Việt.")), sheet.text(cell + "en", _("Nhập tên tiếng Anh."))
        reason = sheet.raw(cell + "reason")
        if reason not in reasons():
            sheet.errors[cell + "reason"] = _("Chọn lý do nghỉ.")
            continue
        if first is None or cell + "last" in sheet.errors or not _is_run(year, sheet, cell, first, last):
            continue
        run = DaysOff(first, DayReason(reason), Text(vi=vi or "–", en=en or "–"), last)
        if any(day in taken for day in run):
            sheet.errors[cell + "first"] = _("Ngày này đã có ở một dòng khác.")
        elif run.reason is DayReason.SWAP and not {_written(day) for day in run} <= worked:
            sheet.errors[cell + "reason"] = _("Ngày nghỉ hoán đổi cần một ngày làm bù ở bảng dưới.")
        taken.update(run)
        yield run


def _is_run(year: int, sheet: Sheet, cell: str, first: date, last: date | None) -> bool:
    if first.year != year:
        sheet.errors[cell + "first"] = _("Ngày phải thuộc năm %(year)s.", year=year)
        return False
    if last is not None and not (first <= last and last.year == year):
        sheet.errors[cell + "last"] = _("Ngày cuối phải từ ngày đầu trở đi, trong năm %(year)s.", year=year)
        return False
    return True


def _read_make_up(year: int, sheet: Sheet, taken: set[date], swapped: set[date]) -> Iterator[MakeUpDay]:
    for row in sheet.rows("make"):
        cell = f"make-{row}-"
        if not any(sheet.raw(cell + part).strip() for part in ("day", "instead")):
            continue
        day = sheet.day(cell + "day", _("Nhập ngày làm bù."))
        instead = sheet.day(cell + "instead", _("Nhập ngày nghỉ được làm bù."))
        if day is not None and (day.year != year or day.weekday() < 5):
            sheet.errors[cell + "day"] = _("Ngày làm bù là thứ Bảy hoặc Chủ nhật của năm %(year)s.", year=year)
        elif day in taken:
            sheet.errors[cell + "day"] = _("Ngày này đã có ở một dòng khác.")
        if instead is not None and instead not in swapped:
            sheet.errors[cell + "instead"] = _("Ngày này phải là một ngày nghỉ hoán đổi ở bảng trên.")
        if day is not None and instead is not None:
            taken.add(day)
            yield MakeUpDay(day, instead)


def _typed(entered: CalendarYear) -> dict[str, str]:
    typed = {"off-rows": str(len(entered.off)), "make-rows": str(len(entered.make_up))}
    for row, run in enumerate(entered.off):
        typed |= {
            f"off-{row}-first": _written(run.first),
            f"off-{row}-last": _written(run.last) if run.last else "",
            f"off-{row}-reason": run.reason.value,
            f"off-{row}-vi": run.name.vi,
            f"off-{row}-en": run.name.en,
        }
    for row, made_up in enumerate(entered.make_up):
        typed |= {
            f"make-{row}-day": _written(made_up.day),
            f"make-{row}-instead": _written(made_up.instead_of),
        }
    return typed


def _propose(number: int, typed: dict[str, str]) -> None:
    """Add what the package knows and is not typed yet; what is typed stays."""
    sheet, proposed = Sheet(typed), _typed(proposed_year(number))
    for name, key in (("off", "first"), ("make", "day")):
        there = {sheet.raw(f"{name}-{row}-{key}").strip() for row in sheet.rows(name)}
        count = sheet.rows(name).stop
        for row in Sheet(proposed).rows(name):
            cell = f"{name}-{row}-"
            if proposed[cell + key] not in there:
                found = {part.removeprefix(cell): text for part, text in proposed.items() if part.startswith(cell)}
                typed.update({f"{name}-{count}-{part}": text for part, text in found.items()})
                count += 1
        typed[f"{name}-rows"] = str(min(count, pages.MOST_ROWS))


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _page(number: int, known: CalendarYear | None, sheet: Sheet, status: int = 200) -> ResponseReturnValue:
    html = pages.page(
        "year.html",
        "calendars.years",
        Kind.CALENDAR,
        str(number),
        year=number,
        entered=known,
        sheet=sheet,
        errors=sheet.errors,
        promised_url=url_for("calendars.moves", number=number) if rescheduling.is_open(number) else "",
        months=list(months(number, law.official_days())),
        weekdays=_WEEKDAYS[language()],
        reasons=[(reason.value, reason.words.say(language())) for reason in reasons()],
    )
    return html, status


def months(year: int, days: OfficialDays) -> Iterator[Month]:
    """The months of a year with their days as they are known now."""
    names = get_month_names("wide", "stand-alone", language())
    for month in range(1, 13):
        weeks = Calendar().monthdatescalendar(year, month)
        cells = tuple(tuple(_cell(day, month, days) for day in week) for week in weeks)
        yield Month(names[month], cells)


def _cell(day: date, month: int, days: OfficialDays) -> Cell:
    if day.month != month:
        return Cell("")
    off: Any = days.reason_off(day)
    if off is None:
        return Cell(str(day.day), "make-up" if day in days.make_up else "", _("làm bù") if day in days.make_up else "")
    kind = "weekend" if off.reason is DayReason.WEEKEND else "off"
    return Cell(str(day.day), kind, off.name.say(language()) if kind == "off" else "")
