"""Parts of pages that depend on nothing but what they are given, each drawn once in a process."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from markupsafe import Markup

from portal.web.language import language


def register(app: Flask) -> None:
    """Give templates `drawn`."""
    app.jinja_env.globals["drawn"] = drawn


def draw(template: str, **values: Any) -> Markup:
    """A part of a page that needs nothing of the request."""
    return Markup(current_app.jinja_env.get_template(template).render(values))  # noqa: S704 - our own template


def drawn(template: str, **values: Hashable) -> Markup:
    """The same, in the language of this page, drawn once for these values: nothing else can get into it."""
    return _drawn(template, language(), request.script_root, tuple(values.items()))


@lru_cache(maxsize=1024)
def _drawn(template: str, _language: str, _root: str, values: tuple[tuple[str, Hashable], ...]) -> Markup:
    return draw(template, **dict(values))
