"""Pages of administrators: the messages that went out or wait, and the accounts of those who work here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import AnyOf, InputRequired

from portal.domain import words
from portal.domain.access import STAFF, Right, Role
from portal.domain.codes import masked
from portal.domain.errors import Invalid
from portal.store.models import Notice
from portal.usecases import accounts, law, notices
from portal.usecases import staff as staff_accounts
from portal.usecases.staff import Wish
from portal.web import office, texts
from portal.web.access import actor, opens
from portal.web.account_forms import Form
from portal.web.language import language

blueprint = Blueprint("admin", __name__, url_prefix="/quan-tri")
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the outbox shows it: whom it went to only in outline."""

    notice: Notice
    recipient: str
    tone: str
    state: str


@blueprint.get("/hop-thu-di")
@opens(Right.OUTBOX)
def outbox() -> ResponseReturnValue:
    """Messages, the newest first."""
    before, after = _number("before"), _number("after")
    rows, more = notices.outbox(before, after, PAGE)
    newer = (more if after is not None else before is not None) and bool(rows)
    older = (after is not None or more) and bool(rows)
    return render_template(
        "admin/outbox.html",
        lines=[_line(row) for row in rows],
        newer_url=url_for("admin.outbox", after=rows[0].id) if newer else "",
        older_url=url_for("admin.outbox", before=rows[-1].id) if older else "",
        by_mail=bool(current_app.config["PORTAL"].mail_url),
    )


@blueprint.get("/tai-khoan", endpoint="accounts")
@opens(Right.ADMINISTRATION)
def staff() -> ResponseReturnValue:
    """Who works here, in which role, at which unit."""
    after = _number("after") or 0
    rows = accounts.listed(staff=True, after=after, size=PAGE + 1)
    older = url_for("admin.accounts", after=rows[PAGE - 1].id) if len(rows) > PAGE else ""
    shown = [
        {
            "account": row,
            "role": words.ROLES[Role(row.role)].say(language()),
            "unit": law.unit(row.unit).name.say(language()) if row.unit else "",
        }
        for row in rows[:PAGE]
    ]
    return render_template("admin/accounts.html", rows=shown, older_url=older, tabs=office.tabs("admin.accounts"))


class StaffForm(Form):
    """An account for somebody who works at a unit."""

    username = StringField(validators=[InputRequired(_l("Nhập tên đăng nhập."))])
    full_name = StringField(validators=[InputRequired(_l("Nhập họ, chữ đệm và tên."))])
    role = StringField(validators=[AnyOf(sorted(STAFF), _l("Chọn vai trò."))])
    unit = StringField()
    password = PasswordField(validators=[InputRequired(_l("Nhập mật khẩu đầu tiên."))])


@blueprint.route("/tai-khoan/moi", methods=["GET", "POST"])
@opens(Right.ADMINISTRATION)
def new_account() -> ResponseReturnValue:
    """Enter somebody who works here."""
    form = StaffForm()
    if form.validate_on_submit():
        try:
            wish = Wish(form.full_name.data, Role(form.role.data), form.unit.data or None, password=form.password.data)
            account = staff_accounts.enter(actor(), form.username.data, wish, datetime.now(UTC))
        except Invalid as refused:
            form.blame(refused)
        else:
            flash(_("Đã tạo tài khoản %(name)s.", name=account.username), "success")
            return redirect(url_for("admin.accounts"), 303)
    faults = form.faults()
    roles = [(role.value, words.ROLES[role].say(language())) for role in Role if role in STAFF]
    page = render_template("admin/new_account.html", form=form, errors=faults, roles=roles, units=_units())
    return page, 400 if faults else 200


def _units() -> list[tuple[str, str]]:
    today = law.office_day(datetime.now(UTC))
    return [(unit.id, unit.name.say(language())) for unit in law.places().alive(today)]


def _line(notice: Notice) -> Line:
    tone, state = _state(notice)
    return Line(notice, outline(notice.recipient), tone, state)


def _state(notice: Notice) -> tuple[str, Any]:
    if notice.sent_at is not None:
        return ("plain", _("Chỉ có ở đây")) if notice.fault == notices.NO_CARRIER else ("good", _("Đã gửi"))
    if notice.failed_at is not None:
        return "bad", _("Không gửi được")
    return "wait", _("Chờ gửi")


def outline(contact: str) -> str:
    """A phone number or e-mail address that its owner recognises and nobody else can use."""
    name, at, place = contact.partition("@")
    return f"{name[:2]}{'•' * max(len(name) - 2, 1)}{at}{place}" if at else masked(contact)


def _number(name: str) -> int | None:
    return texts.number(request.args.get(name))
