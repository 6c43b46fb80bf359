"""Puts the web application together: settings, database, door, languages, pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.services import logs
from portal.settings import Settings
from portal.usecases import start
from portal.web import (
    access,
    account,
    admin,
    answering,
    assets,
    assignment,
    authoring,
    blanks,
    bodies,
    bulk_orders,
    calendars,
    checklists,
    choosing,
    citizen,
    claims,
    corrections,
    counter,
    desk,
    editing,
    errors,
    filling,
    filters,
    focus,
    fonts,
    fragments,
    hand_overs,
    headers,
    health,
    helpers,
    language,
    limits,
    lookup,
    management,
    navigation,
    notes,
    office,
    papers,
    phrases,
    presence,
    printing,
    public,
    queues,
    readings,
    rectifications,
    registers,
    reminders,
    requests,
    resending,
    scans,
    sharing,
    staff,
    templating,
    texts,
    trials,
    units,
    verification,
    viewer,
    wordings,
)

PROJECT: Final = Path(__file__).resolve().parents[1]
#: The rooms of the house, each with its pages.
ROOMS: Final = (
    public,
    verification,
    choosing,
    account,
    filling,
    answering,
    corrections,
    rectifications,
    blanks,
    citizen,
    helpers,
    queues,
    lookup,
    checklists,
    notes,
    phrases,
    viewer,
    counter,
    scans,
    desk,
    claims,
    readings,
    presence,
    papers,
    printing,
    bulk_orders,
    reminders,
    assignment,
    sharing,
    registers,
    hand_overs,
    management,
    admin,
    authoring,
    editing,
    trials,
    office,
    calendars,
    units,
    wordings,
    staff,
    health,
)
#: What a form without files may weigh, in bytes.
FORM_MAX: Final = 1024 * 1024
#: How many files of the largest size one upload may hold.
FILES_AT_ONCE: Final = 5


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI application, connected to its database and bell; the tables must be there already."""
    settings = settings or Settings.from_env()
    logs.configure()
    start.connect(settings)
    app = Flask("portal", static_folder=PROJECT / "static", template_folder=PROJECT / "templates")
    _configure(app, settings)
    _believe_proxies(app, settings.trusted_proxies)
    # The order is the order in which a request meets them: it is numbered, then passes the door, then the rest.
    templating.register(app)
    requests.register(app)
    resending.register(app)
    access.register(app)
    texts.register(app)
    language.register(app)
    CSRFProtect(app)
    limits.register(app, settings)
    errors.register(app)
    headers.register(app)
    filters.register(app)
    assets.register(app)
    fonts.register(app, settings.var / "fonts")
    navigation.register(app)
    fragments.register(app)
    focus.register(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    most = app.config["MAX_CONTENT_LENGTH"]
    app.wsgi_app = bodies.BodyFirst(app.wsgi_app, FORM_MAX, most)  # type: ignore[method-assign]
    return app


def _believe_proxies(app: Flask, number: int) -> None:
    """Take a visitor's address from so many proxies of our own in front; what others wrote before them is not read."""
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=0)  # type: ignore[method-assign]


def _configure(app: Flask, settings: Settings) -> None:
    app.config |= {
        "PORTAL": settings,
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure_cookies else "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        # A form may be filled in for as long as its session lives.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": FILES_AT_ONCE * settings.upload_max_bytes + FORM_MAX,
        "MAX_FORM_MEMORY_SIZE": FORM_MAX,
        "MAX_FORM_PARTS": 2000,
    }
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
