"""A small application with the portal's templates, static files and filters, and nothing behind them."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, render_template_string, request
from flask_babel import Babel
from flask_wtf import CSRFProtect

from portal.web import assets, filters, focus, fonts, fragments

ROOT = Path(__file__).resolve().parents[2]


def look_app(folder: Path) -> Flask:
    """The application; `folder` keeps the cut fonts. `?lang=en` asks for English."""
    app = Flask("look", static_folder=ROOT / "static", template_folder=ROOT / "templates", root_path=str(ROOT))
    app.config.update(SECRET_KEY="a key for tests", TESTING=True, BABEL_DEFAULT_LOCALE="vi")
    Babel(app, locale_selector=lambda: request.args.get("lang", "vi"))
    CSRFProtect(app)
    assets.register(app)
    filters.register(app)
    focus.register(app)
    fragments.register(app)
    fonts.register(app, folder)
    return app


def draw(app: Flask, source: str, lang: str = "vi", **context: object) -> str:
    """What a template says within a request."""
    with app.test_request_context(f"/?lang={lang}"):
        return render_template_string(source, language=lang, **context)
