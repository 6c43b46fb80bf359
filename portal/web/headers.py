"""What every answer tells the browser: to load nothing from elsewhere, run nothing inline, and be framed by nobody."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, request, session

from portal.domain.access import Right
from portal.web.access import SIGNED_IN, right_of


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


_POLICY: Final = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
#: What an answer says unless it says something else itself.
_ALWAYS: Final = {
    "Content-Security-Policy": _written(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    """Add the headers to every answer that does not set its own."""
    app.after_request(_add)


def show_in_own_frame(response: Response) -> Response:
    """Let the portal's own pages show this answer in a frame: a file beside a form, a PDF."""
    # The browser's own PDF viewer counts as an object.
    policy = _POLICY | {"frame-ancestors": "'self'", "object-src": "'self'"}
    response.headers["Content-Security-Policy"] = _written(policy)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _add(response: Response) -> Response:
    _name_no_host(response)
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store" if _is_personal() else "no-cache"
    return response


def _name_no_host(response: Response) -> None:
    """A redirect that the address map made up leads to whatever host the request named; here it is only a path."""
    place = urlsplit(response.location or "")
    if place.netloc and place.netloc == request.host:
        response.location = urlunsplit(("", "", "/" + place.path.lstrip("/"), place.query, place.fragment))
        response.set_data(b"")  # it names the host once more


def _is_personal() -> bool:
    """Whether this answer was made for one person: at a shared computer the next one must not find it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and right_of(view) is not Right.PUBLIC:
        return True
    return SIGNED_IN in session
