"""The page of one account of somebody who works here: renamed, moved, closed, given a new password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import words
from portal.domain.access import STAFF, Right, Role
from portal.domain.errors import Invalid, Stale
from portal.store.models import Account
from portal.usecases import law, office, staff
from portal.usecases.staff import Wish
from portal.web import account_forms
from portal.web import office as pages
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now

blueprint = Blueprint("staff", __name__, url_prefix="/quan-tri")


@blueprint.route("/tai-khoan/<int:number>", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def account(number: int) -> ResponseReturnValue:
    """One account, with what was changed of it."""
    known = staff.find(number)
    if request.method == "GET":
        return _page(known, Sheet(_typed(known)))
    sheet = pages.sent()
    role = sheet.raw("role")
    if role not in STAFF:
        sheet.errors["role"] = _("Chọn vai trò.")
        return _page(known, sheet, 400)
    wish = Wish(
        full_name=sheet.raw("full_name"),
        role=Role(role),
        unit=sheet.raw("unit") or None,
        active=sheet.raw("active") != "no",
        password=sheet.raw("password"),
    )
    try:
        staff.change(actor(), number, pages.seen(sheet), wish, now())
    except Invalid as refused:
        _blame(sheet, refused)
        return _page(known, sheet, 400)
    except Stale as stale:
        sheet.errors[""] = pages.overtaken(stale)
        return _page(staff.find(number), sheet, 409)
    flash(_("Đã đổi tài khoản %(name)s.", name=known.username or known.full_name), "success")
    return redirect(url_for("staff.account", number=number), 303)


def _blame(sheet: Sheet, refused: Invalid) -> None:
    for name, code in refused.fields.items():
        said = account_forms.FAULTS.get((name, code)) or pages.FAULTS[name, code]
        sheet.errors["" if name == "form" else name] = str(said)


def _typed(known: Account) -> dict[str, str]:
    return {
        "full_name": known.full_name,
        "role": known.role,
        "unit": known.unit or "",
        "active": "yes" if known.active else "no",
    }


def _page(known: Account, sheet: Sheet, status: int = 200) -> ResponseReturnValue:
    today = law.office_day(now())
    units = {unit.id: unit.name.say(language()) for unit in law.places().alive(today)}
    if known.unit:
        units.setdefault(known.unit, law.unit(known.unit).name.say(language()))
    html = pages.page(
        "account.html",
        "admin.accounts",
        office.ACCOUNT,
        str(known.id),
        account=known,
        sheet=sheet,
        errors=sheet.errors,
        roles=[(role.value, words.ROLES[role].say(language())) for role in Role if role in STAFF],
        units=list(units.items()),
    )
    return html, status
