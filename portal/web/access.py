"""The door: every view is marked with the right it needs, and a view without a mark is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from portal.domain.access import Actor, Right, Role, may
from portal.domain.errors import Forbidden
from portal.store import accounts
from portal.store.database import looking, reading
from portal.store.models import Account
from portal.usecases import scans

P = ParamSpec("P")
T = TypeVar("T")
_MARK: Final = "portal_right"
#: Where the session keeps since when somebody is signed in.
SIGNED_IN: Final = "signed_in_at"


def opens(right: Right) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a view: those who have this right may open it. Stands under the route's decorator."""

    def mark(view: Callable[P, T]) -> Callable[P, T]:
        setattr(view, _MARK, right)
        return view

    return mark


def right_of(view: Callable[..., Any]) -> Right | None:
    """The right a view is marked with; None for one without a mark."""
    mark: Right | None = getattr(view, _MARK, None)
    return mark


def unmarked(app: Flask) -> list[str]:
    """The endpoints whose views bear no mark, and are therefore closed."""
    return sorted(endpoint for endpoint, view in app.view_functions.items() if right_of(view) is None)


class SignedIn:
    """Whoever is signed in, as Flask-Login and templates want them."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, account: Account | accounts.Known) -> None:
        self.account = account
        self.full_name = account.full_name
        self.role = Role(account.role)
        #: The one who acts, as the domain knows them.
        self.actor = Actor(account.id, self.role, account.unit, account.full_name)

    def get_id(self) -> str:
        """What the session keeps: the account, and the epoch that ends when all its sessions must end."""
        return f"{self.account.id}.{self.account.session_epoch}"


def register(app: Flask) -> None:
    """Put the door in front of every view."""
    app.before_request(_door)
    setattr(app.view_functions["static"], _MARK, Right.PUBLIC)
    manager = LoginManager()
    manager.user_loader(_load)
    manager.init_app(app)


def visitor() -> Actor | None:
    """Who makes this request; None if nobody is signed in."""
    return current_user.actor if current_user.is_authenticated else None


def actor() -> Actor:
    """Who makes this request, on a page that needs somebody. Raises Forbidden if nobody is signed in."""
    who = visitor()
    if who is None:
        raise Forbidden("not_signed_in")
    return who


def account() -> Account:
    """The account of whoever is signed in. Raises Forbidden."""
    number = actor().account_id
    with reading() as store:
        found = accounts.by_id(store, number) if number is not None else None
    if found is None:
        raise Forbidden("not_signed_in")
    return found


def enter(account: Account) -> None:
    """Begin a session of this account; whatever the browser's session held before is gone."""
    session.clear()
    session.permanent = True
    session[SIGNED_IN] = int(datetime.now(UTC).timestamp())
    login_user(SignedIn(account))


def leave() -> None:
    """End this browser's session."""
    logout_user()
    session.clear()


def home_of(role: Role) -> str:
    """Where somebody of this role begins."""
    choices = {
        Role.CITIZEN: ("citizen.dossiers",),
        Role.MANAGER: ("management.statistics",),
        Role.ADMINISTRATOR: ("admin.outbox",),
    }.get(role, ("queues.queue",))
    endpoint = next((name for name in choices if name in current_app.view_functions), None)
    return url_for(endpoint) if endpoint else "/"


def inside(target: str | None) -> str | None:
    """The target if it is a plain path of this portal that a browser cannot take for another place; else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "\\" in target or any(ord(sign) < 0x20 for sign in target):
        return None
    return target


def came_from() -> str | None:
    """The path of the portal's page on which this request was made; None where the browser does not say."""
    referrer = urlsplit(request.referrer or "")
    return inside(referrer.path) if referrer.netloc == request.host else None


def look_away() -> None:
    """Take whoever makes this request for nobody, without asking the database: it may be what has failed."""
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def wants_json() -> bool:
    """Whether a script asked, not a person: answers are then JSON."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def _door() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such page: Flask itself answers
    right = right_of(current_app.view_functions[request.endpoint])
    if request.mimetype != "multipart/form-data" or right is Right.PUBLIC or (right is Right.LINK and not _has_link()):
        # Files are handed in by somebody who is signed in, or has a link for it; everything else is small.
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if right in (Right.PUBLIC, Right.LINK):
        return None
    if right is None:
        raise Forbidden("unmarked", endpoint=request.endpoint)
    who = visitor()
    if may(who, right):
        return None
    if who is None:
        return _ask_to_sign_in()
    raise Forbidden(right=right.value, role=who.role.value)


def _has_link() -> bool:
    """Whether this request came by a link to add files that is still good."""
    token = (request.view_args or {}).get("token", "")
    return scans.is_good(token, current_app.config["PORTAL"], datetime.now(UTC))


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return jsonify(error="not_signed_in"), 401
    if request.method not in ("GET", "HEAD"):
        flash(_("Phiên làm việc đã kết thúc. Hãy đăng nhập rồi gửi lại."), "warning")
    return redirect(url_for("account.sign_in", next=_page_to_return_to()), 303)


def _page_to_return_to() -> str | None:
    """The page to show after signing in: the one asked for or, where it takes forms only, the one the form was on."""
    if request.method in ("GET", "HEAD") or _can_be_opened(request.path):
        return request.full_path.rstrip("?")
    return came_from()


def _can_be_opened(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return True


def _load(kept: str) -> SignedIn | None:
    """The account a session names, unless the session has expired or was ended, or the account was closed."""
    number, _dot, epoch = kept.partition(".")
    since = session.get(SIGNED_IN, 0)
    lifetime: timedelta = current_app.permanent_session_lifetime
    if datetime.now(UTC).timestamp() > since + lifetime.total_seconds():
        return None
    with looking() as store:
        found = accounts.known(store, int(number))
    if found is None or not found.active or str(found.session_epoch) != epoch:
        return None
    return SignedIn(found)
