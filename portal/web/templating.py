"""How templates are kept: each with the globals it was loaded with, in one plain dict."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment


class Templates(Environment):
    """Flask's environment, but that a template looks for globals in one place instead of a chain of them.

    Every include and import goes through all of them. All globals are set before the first template is loaded.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template: those given to it before those of the environment."""
        return {**self.globals, **(d or {})}


def register(app: Flask) -> None:
    """Let this application keep its templates so."""
    app.jinja_environment = Templates
