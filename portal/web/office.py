"""What all pages of an office's own data share: their tabs, what was typed, the notice they rest on; and their log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.domain import kinds
from portal.domain.access import Right, Role, may
from portal.domain.errors import Invalid, Stale
from portal.domain.slips import FORMS, SlipKind
from portal.usecases import law, office
from portal.usecases.office import ACCOUNT, Entry
from portal.web import focus, texts
from portal.web.access import opens, visitor
from portal.web.language import language
from portal.web.resources import now
from procedures.overlay import Kind
from procedures.places import UnknownUnitError

blueprint = Blueprint("office", __name__, url_prefix="/quan-tri")
PAGE: Final = 30
#: A form may ask for so many rows of one sort.
MOST_ROWS: Final = 60
LONGEST_TEXT: Final = 300
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)

TABS: Final = (
    ("calendars.years", _l("Lịch nghỉ"), Kind.CALENDAR.value),
    ("units.units", lazy_pgettext("nhiều", "Đơn vị"), Kind.UNIT.value),
    ("admin.accounts", _l("Tài khoản"), ACCOUNT),
    ("wordings.wordings", _l("Câu chữ trên phiếu"), Kind.WORDING.value),
    ("office.log", _l("Nhật ký"), ""),
)
#: Who is warned that the next year's calendar is missing.
WARNED: Final = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
#: What the rules find, by field and code.
FAULTS: Final[Mapping[tuple[str, str], Any]] = {
    ("form", "nothing_changed"): _l("Chưa có gì thay đổi."),
    ("number", "missing"): _l("Nhập số của thông báo."),
    ("number", "too_long"): _l("Số thông báo dài quá 100 ký tự."),
    ("decided_on", "missing"): _l("Nhập ngày của thông báo, dạng ngày/tháng/năm."),
    ("decided_on", "not_yet"): _l("Ngày của thông báo chưa đến."),
    ("begins", "past"): _l("Ngày áp dụng đã qua; sớm nhất là hôm nay."),
    ("begins", "order"): _l("Đã có thay đổi áp dụng từ một ngày muộn hơn; hãy chọn ngày đó hoặc sau đó."),
    ("successor", "missing"): _l("Đơn vị kết thúc phải có đơn vị kế thừa."),
    ("role", "last_administrator"): _l("Đây là quản trị viên cuối cùng: không đổi vai trò được."),
    ("active", "last_administrator"): _l("Đây là quản trị viên cuối cùng: không khoá được."),
}


@dataclass
class Sheet:
    """A form as it was typed, and what is wrong with it by input."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def raw(self, name: str) -> str:
        """What stands in an input."""
        return self.typed.get(name, "")

    def text(self, name: str, missing: Any = None, longest: int = LONGEST_TEXT) -> str:
        """A line of text; '' and an error where it is none."""
        try:
            found = kinds.clean(self.raw(name))
        except kinds.Refusal as refusal:
            self.errors[name] = refusal.text.say(language())
            return ""
        if not found and missing is not None:
            self.errors[name] = str(missing)
        if len(found) > longest:
            self.errors[name] = _("Dài quá %(most)s ký tự.", most=longest)
        return found

    def day(self, name: str, missing: Any = None) -> date | None:
        """A day; None and, unless it may be left empty, an error where there is none."""
        raw = self.raw(name).strip()
        if not raw:
            if missing is not None:
                self.errors[name] = str(missing)
            return None
        found = _DAY.fullmatch(raw)
        with suppress(ValueError):
            if found:
                return date(*map(int, reversed(found.groups())))
        self.errors[name] = _("Nhập ngày có thật, dạng ngày/tháng/năm, ví dụ 09/02/2027.")
        return None

    def rows(self, name: str) -> range:
        """The numbers of the rows of one sort."""
        return range(min(texts.number(self.raw(f"{name}-rows")) or 0, MOST_ROWS))

    def blame(self, refused: Invalid) -> None:
        """Say what the rules found beside their inputs."""
        for name, code in refused.fields.items():
            self.errors["" if name == "form" else name] = str(FAULTS[name, code])


def sent() -> Sheet:
    """The form of this request."""
    return Sheet(request.form.to_dict())


def asked(name: str) -> str | None:
    """Which of the buttons `<name>-…` was pressed, its rest; None if none."""
    return next((key[len(name) :] for key in request.form if key.startswith(name)), None)


def without_row(typed: dict[str, str], name: str, row: int) -> None:
    """Take one row out of what was typed; the later ones move up."""
    count = Sheet(typed).rows(name).stop
    cells = {key: text for key, text in typed.items() if re.match(rf"{name}-\d+-", key)}
    for key in cells:
        del typed[key]
    for key, text in cells.items():
        number, _dash, rest = key[len(name) + 1 :].partition("-")
        if int(number) != row:
            typed[f"{name}-{int(number) - (int(number) > row)}-{rest}"] = text
    typed[f"{name}-rows"] = str(max(count - 1, 0))


def change_rows(typed: dict[str, str], *names: str) -> bool:
    """Add or remove the row that a button asks for; whether one did."""
    for name in names:
        if f"add-{name}" in typed:
            focus.keep()
            typed[f"{name}-rows"] = str(min(Sheet(typed).rows(name).stop + 1, MOST_ROWS))
            return True
        number = texts.number(asked(f"remove-{name}-"))
        if number is not None:
            focus.keep()
            without_row(typed, name, number)
            return True
    return False


def seen(sheet: Sheet) -> int:
    """The change that was the last one when the form was opened."""
    return texts.number(sheet.raw("seen")) or 0


def overtaken(stale: Stale) -> str:
    """What whoever was overtaken is told."""
    said = _(
        "%(name)s vừa thay đổi mục này. Những gì bạn nhập vẫn còn; hãy xem thay đổi mới nhất bên dưới rồi công bố lại.",
        name=stale.details["by"],
    )
    return str(said)


def tabs(current: str) -> list[dict[str, Any]]:
    """The tabs above these pages."""
    return [{"url": url_for(name), "label": label, "current": name == current} for name, label, _kind in TABS]


def page(template: str, current: str, kind: str = "", name: str = "", **context: Any) -> str:
    """A page of these data, with the changes of what it is about."""
    entries = office.log(kind, name, size=10) if name else []
    return render_template(
        f"admin/office/{template}",
        tabs=tabs(current),
        history=entries,
        seen=entries[0].seq if entries else 0,
        **context,
    )


@blueprint.get("/nhat-ky")
@opens(Right.ADMINISTRATION)
def log() -> ResponseReturnValue:
    """Every change of these data, the newest first."""
    chosen = request.args.get("loai", "")
    rows = office.log(chosen or None, before=texts.number(request.args.get("before")), size=PAGE + 1)
    more = len(rows) > PAGE
    older = url_for("office.log", loai=chosen or None, before=rows[PAGE - 1].seq) if more else ""
    lines = [{"entry": entry, "title": title(entry), "url": address(entry)} for entry in rows[:PAGE]]
    choices = [(kind, label) for _name, label, kind in TABS if kind]
    return page("log.html", "office.log", lines=lines, chosen=chosen, choices=choices, older_url=older)


def title(entry: Entry) -> str:
    """What an entry of the log is about."""
    match entry.kind:
        case Kind.CALENDAR:
            said = _("Lịch nghỉ năm %(year)s", year=entry.name)
        case Kind.UNIT:
            said = _("Đơn vị: %(name)s", name=unit_name(entry.name))
        case Kind.WORDING:
            said = _("Câu chữ: %(name)s", name=slip_name(entry.name))
        case office.ORDER:
            said = _("Dời ngày hẹn theo lịch nghỉ năm %(year)s", year=entry.name.partition("/")[0])
        case _:
            said = _("Tài khoản số %(number)s", number=entry.name)
    return str(said)


def unit_name(unit_id: str) -> str:
    """What a unit is called today."""
    try:
        return law.unit(unit_id).name.say(language())
    except UnknownUnitError:
        return unit_id


def slip_name(name: str) -> str:
    """What a slip of a form set is called, and which form it is."""
    slip, _slash, form_set = name.partition("/")
    form = FORMS[SlipKind(slip), form_set]
    return " – ".join(filter(None, (form.title.capitalize(), form.label)))


def address(entry: Entry) -> str:
    """The page of what an entry is about."""
    match entry.kind:
        case Kind.CALENDAR:
            return url_for("calendars.year", number=int(entry.name))
        case Kind.UNIT:
            return url_for("units.unit", unit_id=entry.name)
        case Kind.WORDING:
            slip, _slash, form_set = entry.name.partition("/")
            return url_for("wordings.wording", slip=slip, form_set=form_set)
        case office.ORDER:
            return url_for("calendars.moves", number=int(entry.name.partition("/")[0]))
    return url_for("staff.account", number=int(entry.name))


@blueprint.app_context_processor
def warning() -> dict[str, Any]:
    """What stands on every page of administrators and managers while the next year is not entered."""
    who = visitor() if request.endpoint else None
    if who is None or who.role not in WARNED or (missing := office.missing_year(now())) is None:
        return {}
    link = url_for("calendars.year", number=missing) if may(who, Right.ADMINISTRATION) else ""
    return {"missing_calendar": {"year": missing, "url": link}}
