"""Pages of the units and their shops: both eras listed, one edited, a new one entered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Right
from portal.domain.errors import Invalid, Stale
from portal.usecases import law, office
from portal.web import office as pages
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now
from procedures.calendars import ReceptionHours, Session, Sessions, WorkingHours
from procedures.model import Sector, Text
from procedures.overlay import Kind
from procedures.places import Agency, PlacesError, Shop, Unit, UnitKind

blueprint = Blueprint("units", __name__, url_prefix="/quan-tri")
KINDS: Final = {
    UnitKind.COMMUNE: _l("Xã"),
    UnitKind.TOWNSHIP: _l("Thị trấn"),
    UnitKind.DISTRICT: _l("Huyện"),
    UnitKind.LAND_REGISTRY: _l("Chi nhánh đăng ký đất đai"),
}
WEEKDAYS: Final = {"5": _l("Thứ Bảy"), "6": _l("Chủ nhật")}
_ID: Final = re.compile(r"[a-z][a-z0-9-]{1,62}")
_CLOCK: Final = re.compile(r"(\d{1,2})[:hg.](\d{2})", re.ASCII)
#: The halves of a day, each opening and closing.
_HALVES: Final = (("am_opens", "am_closes"), ("pm_opens", "pm_closes"))


@blueprint.get("/don-vi")
@opens(Right.ADMINISTRATION)
def units() -> ResponseReturnValue:
    """The units that stand, those to come, and those that have ended."""
    today, every = law.office_day(now()), law.places().units
    groups = [
        (_("Đang hoạt động"), [unit for unit in every if unit.alive(today)]),
        (_("Sắp hoạt động"), [unit for unit in every if unit.valid_from and unit.valid_from > today]),
        (_("Đã kết thúc"), [unit for unit in every if unit.valid_to and unit.valid_to < today]),
    ]
    return pages.page("units.html", "units.units", groups=[group for group in groups if group[1]], kinds=KINDS)


@blueprint.route("/don-vi/moi", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def new() -> ResponseReturnValue:
    """A unit that was not there before."""
    first = {"hours-rows": "1", "reception-rows": "0", "mountain": "yes", "begins": _written(law.office_day(now()))}
    return _edited(None, Sheet(first) if request.method == "GET" else None)


@blueprint.route("/don-vi/<unit_id>", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def unit(unit_id: str) -> ResponseReturnValue:
    """One unit with its shop, hours and end."""
    known = office.unit(unit_id)
    if known is None:
        abort(404)
    typed = {**_typed(known), "begins": _written(law.office_day(now()))}
    return _edited(known, Sheet(typed) if request.method == "GET" else None)


def _edited(known: Unit | None, fresh: Sheet | None) -> ResponseReturnValue:
    if fresh is not None:
        return _page(known, fresh)
    typed = request.form.to_dict()
    typed["receives"] = ",".join(request.form.getlist("receives"))
    sheet = Sheet(typed)
    if pages.change_rows(typed, "hours", "reception"):
        return _page(known, sheet)
    entered = read(known, sheet)
    begins, decided_on = sheet.day("begins", _("Nhập ngày áp dụng.")), sheet.day("decided_on")
    number = sheet.text("number")
    if entered is None or begins is None or sheet.errors:
        return _page(known, sheet, 400)
    try:
        office.publish_unit(actor(), entered, begins, pages.seen(sheet), now(), number=number, decided_on=decided_on)
    except Invalid as refused:
        sheet.blame(refused)
        return _page(known, sheet, 400)
    except PlacesError as error:
        sheet.errors[""] = error.text.say(language())
        return _page(known, sheet, 400)
    except Stale as stale:
        sheet.errors[""] = pages.overtaken(stale)
        return _page(office.unit(entered.id), sheet, 409)
    flash(_("Đã công bố đơn vị %(name)s.", name=entered.name.say(language())), "success")
    return redirect(url_for("units.unit", unit_id=entered.id), 303)


def read(known: Unit | None, sheet: Sheet) -> Unit | None:
    """The unit that was typed; None where something in it cannot be, which is then said beside its input."""
    agency = sheet.text("agency", _("Nhập mã cơ quan."), 64)
    vi, en = sheet.text("name_vi", _("Nhập tên tiếng Việt.")), sheet.text("name_en", _("Nhập tên tiếng Anh."))
    # An id that was made up stays marked so until it is changed.
    made_up = known is not None and known.agency == Agency(agency, demonstration=True)
    said: dict[str, Any] = {
        "name": Text(vi=vi or "–", en=en or "–"),
        "agency": Agency(agency, demonstration=made_up),
        "code": sheet.text("code", longest=16) or None,
        "parent": sheet.raw("parent") or None,
        "valid_to": sheet.day("valid_to"),
        "successor": sheet.raw("successor") or None,
        "mountain": sheet.raw("mountain") == "yes",
        "registry": sheet.raw("registry") or None,
        "shop": _shop(known, sheet),
        "hours": tuple(_hours(sheet)),
        "reception": tuple(_reception(sheet)),
    }
    if known is not None:
        return None if sheet.errors else replace(known, **said)
    unit_id, kind = sheet.raw("id").strip(), sheet.raw("kind")
    if not _ID.fullmatch(unit_id):
        sheet.errors["id"] = _("Gồm chữ thường không dấu, chữ số và gạch nối, bắt đầu bằng chữ.")
    elif office.unit(unit_id) is not None:
        sheet.errors["id"] = _("Mã định danh này đã có đơn vị dùng.")
    if kind not in set(UnitKind):
        sheet.errors["kind"] = _("Chọn loại đơn vị.")
    valid_from = sheet.day("valid_from", _("Nhập ngày bắt đầu hoạt động."))
    return None if sheet.errors else Unit(id=unit_id, kind=UnitKind(kind), valid_from=valid_from, **said)


def _shop(known: Unit | None, sheet: Sheet) -> Shop | None:
    receives = tuple(sector for sector in Sector if sector.value in sheet.raw("receives").split(","))
    parts = {name: sheet.text(name) for name in ("shop_vi", "shop_en", "address_vi", "address_en", "phone")}
    if not receives and not any(parts.values()):
        return None
    for name, text in parts.items():
        if not text:
            sheet.errors.setdefault(name, _("Nhập đủ tên, địa chỉ và điện thoại của bộ phận một cửa."))
    if not receives:
        sheet.errors["receives"] = _("Chọn ít nhất một lĩnh vực, hoặc để trống cả bộ phận một cửa.")
    if sheet.errors:
        return None
    shop = Shop(
        name=Text(vi=parts["shop_vi"], en=parts["shop_en"]),
        address=Text(vi=parts["address_vi"], en=parts["address_en"]),
        phone=parts["phone"],
        receives=receives,
    )
    # An address that was made up stays marked so until it is changed.
    before = known.shop if known else None
    same = before is not None and (before.address, before.phone) == (shop.address, shop.phone)
    return replace(shop, demonstration=same and before is not None and before.demonstration)


def _hours(sheet: Sheet) -> Iterator[WorkingHours]:
    """The rows, the first without a day; each holds until the day before the next, so that no day is without hours."""
    rows: list[tuple[date | None, Sessions, str]] = []
    for row in sheet.rows("hours"):
        cell = f"hours-{row}-"
        since = sheet.day(cell + "from", _("Nhập ngày bắt đầu.")) if row else None
        if found := _sessions(sheet, cell, _HALVES):
            rows.append((since, found, cell))
    for index, (since, found, cell) in enumerate(rows):
        following = rows[index + 1][0] if index + 1 < len(rows) else None
        if since is not None and index > 1 and (before := rows[index - 1][0]) is not None and before >= since:
            sheet.errors[cell + "from"] = _("Ngày phải sau ngày của dòng trước.")
        yield WorkingHours(found, since, following - timedelta(days=1) if following else None)


def _reception(sheet: Sheet) -> Iterator[ReceptionHours]:
    for row in sheet.rows("reception"):
        cell = f"reception-{row}-"
        sector, weekday = sheet.raw(cell + "sector"), sheet.raw(cell + "weekday")
        if sector not in set(Sector):
            sheet.errors[cell + "sector"] = _("Chọn lĩnh vực.")
        if weekday not in WEEKDAYS:
            sheet.errors[cell + "weekday"] = _("Chọn ngày.")
        found = _sessions(sheet, cell, _HALVES)
        if found and sector in set(Sector) and weekday in WEEKDAYS:
            yield ReceptionHours(Sector(sector), int(weekday), found)


def _sessions(sheet: Sheet, cell: str, halves: tuple[tuple[str, str], ...]) -> Sessions:
    found: list[Session] = []
    for opens_at, closes_at in halves:
        if not (sheet.raw(cell + opens_at).strip() or sheet.raw(cell + closes_at).strip()):
            continue
        start, end = _clock(sheet, cell + opens_at), _clock(sheet, cell + closes_at)
        if start is not None and end is not None:
            if start >= end or (found and found[-1].closes >= start):
                sheet.errors[cell + closes_at] = _("Giờ trong ngày phải theo thứ tự, giữa hai buổi có nghỉ.")
                return ()
            found.append(Session(start, end))
    if not found and not any(name.startswith(cell) for name in sheet.errors):
        sheet.errors[cell + halves[0][0]] = _("Nhập giờ của ít nhất một buổi.")
    return tuple(found)


def _clock(sheet: Sheet, name: str) -> time | None:
    found = _CLOCK.fullmatch(sheet.raw(name).strip().lower())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        sheet.errors[name] = _("Nhập giờ dạng 07:30.")
        return None
    return time(int(found[1]), int(found[2]))


def _typed(known: Unit) -> dict[str, str]:
    shop = known.shop
    typed = {
        "name_vi": known.name.vi,
        "name_en": known.name.en,
        "code": known.code or "",
        "agency": known.agency.id,
        "parent": known.parent or "",
        "valid_to": _written(known.valid_to),
        "successor": known.successor or "",
        "mountain": "yes" if known.mountain else "no",
        "registry": known.registry or "",
        "hours-rows": str(len(known.hours)),
        "reception-rows": str(len(known.reception)),
    }
    if shop is not None:
        typed |= {
            "shop_vi": shop.name.vi,
            "shop_en": shop.name.en,
            "address_vi": shop.address.vi,
            "address_en": shop.address.en,
            "phone": shop.phone,
            "receives": ",".join(sector.value for sector in shop.receives),
        }
    for row, hours in enumerate(known.hours):
        typed[f"hours-{row}-from"] = _written(hours.valid_from)
        typed |= _typed_sessions(f"hours-{row}-", hours.sessions)
    for row, reception in enumerate(known.reception):
        typed[f"reception-{row}-sector"] = reception.sector.value
        typed[f"reception-{row}-weekday"] = str(reception.weekday)
        typed |= _typed_sessions(f"reception-{row}-", reception.sessions)
    return typed


def _typed_sessions(cell: str, sessions: Sessions) -> dict[str, str]:
    """An afternoon alone stands in the second half."""
    halves = _HALVES[1:] if len(sessions) == 1 and sessions[0].opens.hour >= 12 else _HALVES
    typed: dict[str, str] = {}
    for (opens_at, closes_at), session in zip(halves, sessions, strict=False):
        typed |= {cell + opens_at: f"{session.opens:%H:%M}", cell + closes_at: f"{session.closes:%H:%M}"}
    return typed


def _written(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _page(known: Unit | None, sheet: Sheet, status: int = 200) -> ResponseReturnValue:
    every = [unit for unit in law.places().units if known is None or unit.id != known.id]
    names = [(unit.id, f"{unit.name.say(language())} ({unit.id})") for unit in every]
    html = pages.page(
        "unit.html",
        "units.units",
        Kind.UNIT,
        known.id if known else "",
        unit=known,
        sheet=sheet,
        errors=sheet.errors,
        kinds=[(kind.value, str(label)) for kind, label in KINDS.items()],
        others=names,
        registries=[(unit.id, unit.name.say(language())) for unit in every if unit.kind is UnitKind.LAND_REGISTRY],
        sectors=[(sector.value, sector.label.say(language())) for sector in Sector],
        weekdays=[(key, str(label)) for key, label in WEEKDAYS.items()],
        waiting=office.open_dossiers(known.id) if known and sheet.raw("valid_to") else 0,
    )
    return html, status
