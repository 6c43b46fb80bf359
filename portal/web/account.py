"""Pages of accounts: signing up, confirming, signing in and out, forgotten passwords, one's own account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Right, Role
from portal.domain.errors import Invalid, NotFound
from portal.settings import Settings
from portal.store.models import Account
from portal.usecases import accounts
from portal.usecases.accounts import Locked, Unconfirmed
from portal.web import access
from portal.web.access import enter, home_of, inside, opens
from portal.web.account_forms import (
    LANGUAGES,
    SEXES,
    ChangePasswordForm,
    CodeForm,
    ContactForm,
    EmptyForm,
    ForgottenForm,
    Form,
    LanguageForm,
    NewPasswordForm,
    ProfileForm,
    SignInForm,
    SignUpForm,
    communes,
)
from portal.web.filters import clock
from portal.web.language import language, remember
from portal.web.limits import MESSAGE, SIGN_IN, SIGN_UP, limiter

blueprint = Blueprint("account", __name__)
#: What the session remembers between a form and the page that asks for the code.
_CONTACT: Final = "contact_to_confirm"
_NEXT: Final = "page_after_confirming"
_SENT: Final = _l("Đã gửi mã gồm 6 chữ số. Mã dùng được trong 15 phút.")


@blueprint.route("/tai-khoan/dang-ky", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(SIGN_UP, methods=["POST"])
def sign_up() -> ResponseReturnValue:
    """Ask for an account."""
    if (there := _signed_in_already()) is not None:
        return there
    form = SignUpForm()
    if form.validate_on_submit():
        try:
            wish = form.person(language=language())
            contact = accounts.sign_up(form.contact.data, wish, form.password.data, _settings(), _now())
        except Invalid as refused:
            form.blame(refused)
        else:
            session[_CONTACT], session[_NEXT] = contact, _next()
            return redirect(url_for("account.confirm"), 303)
    return _page("sign_up", form)


@blueprint.route("/tai-khoan/xac-nhan", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(SIGN_IN, methods=["POST"])
def confirm() -> ResponseReturnValue:
    """Type the code that the message brought."""
    form = CodeForm(contact=session.get(_CONTACT, ""))
    if form.validate_on_submit():
        found = accounts.read_identifier(form.contact.data)
        try:
            account = accounts.confirm(found[1] if found else form.contact.data, form.code.data, _settings(), _now())
        except Invalid as refused:
            form.blame(refused)
        except Locked as locked:
            form.code.errors = [_locked(locked)]
        else:
            target = inside(session.get(_NEXT))
            return _welcome(
                account, target, _("Tài khoản đã được xác nhận. Chào mừng %(name)s!", name=account.full_name)
            )
    return _page("confirm", form, known=session.get(_CONTACT))


@blueprint.post("/tai-khoan/gui-lai-ma")
@opens(Right.PUBLIC)
@limiter.limit(MESSAGE)
def send_again() -> ResponseReturnValue:
    """Have the code sent anew."""
    if contact := session.get(_CONTACT):
        accounts.send_code_again(contact, _settings(), _now())
        flash(str(_SENT), "info")
    return redirect(url_for("account.confirm"), 303)


@blueprint.route("/tai-khoan/xac-nhan/<token>", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(SIGN_IN, methods=["POST"])
def confirm_by_link(token: str) -> ResponseReturnValue:
    """The link of an e-mail: it confirms on a press of the button, not when a program merely looks at it."""
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            account = accounts.confirm_by_link(token, _settings(), _now())
        except NotFound:
            return render_template("account/link_used.html"), 404
        return _welcome(account, None, _("Tài khoản đã được xác nhận. Chào mừng %(name)s!", name=account.full_name))
    return _page("confirm_by_link", form)


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(SIGN_IN, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Prove who one is."""
    if (there := _signed_in_already()) is not None:
        return there
    form = SignInForm()
    if form.validate_on_submit():
        try:
            account = accounts.sign_in(form.identifier.data, form.password.data, _now())
        except Invalid as refused:
            form.blame(refused)
        except Locked as locked:
            form.password.errors = [_locked(locked)]
        except Unconfirmed as waiting:
            session[_CONTACT], session[_NEXT] = waiting.contact, _next()
            accounts.send_code_again(waiting.contact, _settings(), _now())
            flash(_("Tài khoản chưa được xác nhận. Chúng tôi vừa gửi lại mã."), "warning")
            return redirect(url_for("account.confirm"), 303)
        else:
            return _welcome(account, _next())
    return _page("sign_in", form, next=_next())


@blueprint.post("/dang-xuat")
@opens(Right.ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """Leave, with every browser: a cookie left behind or copied somewhere opens nothing any more."""
    mine = access.actor().account_id
    assert mine is not None
    accounts.end_sessions(mine)
    access.leave()
    flash(_("Đã đăng xuất."), "info")
    return redirect("/", 303)


@blueprint.route("/quen-mat-khau", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(MESSAGE, methods=["POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link to set a new password."""
    form = ForgottenForm()
    if form.validate_on_submit():
        accounts.ask_reset(form.identifier.data, _settings(), _now())
        return render_template("account/forgotten_sent.html")
    return _page("forgotten", form)


@blueprint.route("/dat-lai-mat-khau/<token>", methods=["GET", "POST"])
@opens(Right.PUBLIC)
@limiter.limit(SIGN_IN, methods=["POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set a new password by the link."""
    if not accounts.is_reset_link(token, _settings(), _now()):
        return render_template("account/link_used.html"), 404
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            account = accounts.reset(token, form.password.data, _settings(), _now())
        except Invalid as refused:
            form.blame(refused)
        else:
            return _welcome(account, None, _("Đã đặt mật khẩu mới. Mọi phiên đăng nhập khác đã kết thúc."))
    return _page("reset", form)


@blueprint.route("/tai-khoan", methods=["GET", "POST"])
@opens(Right.ACCOUNT)
def profile() -> ResponseReturnValue:
    """What one's own account knows."""
    account = access.account()
    if account.role != Role.CITIZEN:
        return _profile_of_staff(account)
    form = ProfileForm(data=_as_typed(account))
    if form.validate_on_submit():
        wish = form.person(commune=form.commune.data, address=form.address.data or "", language=form.language.data)
        try:
            changed = accounts.change_person(account.id, wish)
        except Invalid as refused:
            form.blame(refused)
        else:
            return _saved(changed)
    return _page("profile", form, account=account, communes=communes(), languages=LANGUAGES)


@blueprint.route("/tai-khoan/mat-khau", methods=["GET", "POST"])
@opens(Right.ACCOUNT)
@limiter.limit(SIGN_IN, methods=["POST"])
def password() -> ResponseReturnValue:
    """Change one's own password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        mine = access.actor().account_id
        assert mine is not None
        try:
            account = accounts.change_password(mine, form.old_password.data, form.password.data, _now())
        except Invalid as refused:
            form.blame(refused)
        except Locked as locked:
            form.old_password.errors = [_locked(locked)]
        else:
            said = _("Đã đổi mật khẩu. Mọi phiên đăng nhập khác đã kết thúc.")
            return _welcome(account, url_for("account.profile"), said)
    return _page("password", form)


@blueprint.route("/tai-khoan/lien-he", methods=["GET", "POST"])
@opens(Right.ACCOUNT)
@limiter.limit(MESSAGE, methods=["POST"])
def contact() -> ResponseReturnValue:
    """Add or replace the phone number or e-mail address."""
    form = ContactForm()
    if form.validate_on_submit():
        try:
            session[_CONTACT] = accounts.ask_contact(access.account().id, form.contact.data, _settings(), _now())
        except Invalid as refused:
            form.blame(refused)
        else:
            return redirect(url_for("account.confirm_contact"), 303)
    return _page("contact", form, account=access.account())


@blueprint.route("/tai-khoan/lien-he/xac-nhan", methods=["GET", "POST"])
@opens(Right.ACCOUNT)
@limiter.limit(SIGN_IN, methods=["POST"])
def confirm_contact() -> ResponseReturnValue:
    """Type the code that was sent to the new contact."""
    if _CONTACT not in session:
        return redirect(url_for("account.contact"), 303)
    form = CodeForm(contact=session[_CONTACT])
    if form.validate_on_submit():
        mine, new = access.account().id, session[_CONTACT]
        try:
            accounts.confirm_contact(mine, new, form.code.data, _settings(), _now())
        except Invalid as refused:
            form.blame(refused)
        except Locked as locked:
            form.code.errors = [_locked(locked)]
        else:
            session.pop(_CONTACT)
            flash(_("Đã ghi nhận liên hệ mới."), "success")
            return redirect(url_for("account.profile"), 303)
    return _page("confirm_contact", form, known=session[_CONTACT])


def _profile_of_staff(account: Account) -> ResponseReturnValue:
    """Those who work here are entered by the administrator; what they choose themselves is their language."""
    form = LanguageForm(obj=account)
    if form.validate_on_submit():
        return _saved(accounts.change_language(account.id, form.language.data))
    return _page("profile_staff", form, account=account, languages=LANGUAGES)


def _saved(account: Account) -> ResponseReturnValue:
    flash(_("Đã lưu thông tin tài khoản."), "success")
    response = current_app.make_response(redirect(url_for("account.profile"), 303))
    remember(response, account.language)
    return response


def _as_typed(account: Account) -> dict[str, str | None]:
    """What the form shows of an account before anything is typed."""
    return {
        "full_name": account.full_name,
        "personal_number": account.personal_number,
        "birth_date": f"{account.birth_date:%d/%m/%Y}" if account.birth_date else "",
        "sex": account.sex,
        "commune": account.commune,
        "address": account.address,
        "language": account.language,
    }


def _page(name: str, form: Form, **context: object) -> ResponseReturnValue:
    """The page of a form: what was typed stands in it again, with every fault beside its field; never a password."""
    faults = form.faults()
    return render_template(
        f"account/{name}.html", form=form, errors=faults, sexes=SEXES, **context
    ), 400 if faults else 200


def _welcome(account: Account, target: str | None, said: str = "") -> ResponseReturnValue:
    """Begin the session and go where the person wanted to go."""
    enter(account)
    if said:
        flash(said, "success")
    return redirect(target or home_of(Role(account.role)), 303)


def _signed_in_already() -> ResponseReturnValue | None:
    who = access.visitor()
    return None if who is None else redirect(_next() or home_of(who.role), 303)


def _locked(locked: Locked) -> str:
    said: str = _("Đã thử quá nhiều lần, nên tạm khoá đến %(time)s. Hãy thử lại sau giờ đó.", time=clock(locked.until))
    return said


def _next() -> str | None:
    return inside(request.args.get("next"))


def _settings() -> Settings:
    settings: Settings = current_app.config["PORTAL"]
    return settings


def _now() -> datetime:
    return datetime.now(UTC)
