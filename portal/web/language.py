"""Which language a page speaks: Vietnamese, unless the visitor chose English here or in the account."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, get_babel, get_translations
from flask_login import current_user
from markupsafe import Markup
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

LANGUAGES: Final = ("vi", "en")
COOKIE: Final = "language"
YEAR: Final = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Let every page choose its language, and remember a choice made by `?lang=`."""
    app.config |= {"BABEL_DEFAULT_LOCALE": "vi", "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh"}
    Babel(app, locale_selector=choose)
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _gettext_for_templates()
    app.after_request(_remember)
    app.context_processor(_for_templates)


def language() -> str:
    """The language of this page: 'vi' or 'en'; chosen once, for a page asks for it with every text."""
    found: str | None = g.get("language")
    if found is None:
        asked = (get_babel().locale_selector or choose)()
        found = g.language = asked if asked in LANGUAGES else "vi"
    return found


def choose() -> str:
    """The choice made just now, else the one this browser remembers, else the account's, else Vietnamese."""
    if not request:
        return "vi"
    chosen = [request.args.get("lang"), request.cookies.get(COOKIE)]
    return next((code for code in chosen if code in LANGUAGES), None) or _of_account() or "vi"


def remember(response: Response, code: str) -> None:
    """Have this browser keep a language."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(COOKIE, code, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)


def _of_account() -> str | None:
    signed_in = current_user
    return signed_in.account.language if signed_in and signed_in.is_authenticated else None


def _remember(response: Response) -> Response:
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and chosen != request.cookies.get(COOKIE):
        remember(response, chosen)
    return response


def _for_templates() -> dict[str, Any]:
    return {"language": language(), "other_language_url": _other_language_url()}


def _other_language_url() -> str:
    """This page in the other language; the home page where this one cannot simply be opened."""
    other = "en" if language() == "vi" else "vi"
    args = {name: value for name, value in request.args.to_dict(flat=False).items() if name != "lang"} | {
        "lang": [other]
    }
    adapter = current_app.create_url_adapter(request)
    try:
        assert adapter is not None
        if request.endpoint is not None and request.method in ("GET", "HEAD"):
            return adapter.build(request.endpoint, {**args, **(request.view_args or {})})
        endpoint, values = adapter.match(request.path, method="GET")
        return adapter.build(endpoint, {**args, **values})
    except (NotFound, MethodNotAllowed, RequestRedirect, AssertionError):
        return f"/?lang={other}"


def _gettext_for_templates() -> Callable[..., Markup]:
    """`_` for templates: as Flask-Babel's, but each text is looked up once in each language."""

    @lru_cache(maxsize=8192)
    def said(_language: str, message: str, whole: bool) -> Markup:
        text = Markup(get_translations().ugettext(message))  # noqa: S704 - texts of our own
        return text % {} if whole else text

    def gettext(message: str, **variables: object) -> Markup:
        text = said(language(), message, not variables)
        return text % variables if variables else text

    return gettext
