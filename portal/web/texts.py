"""What is taken for text and for a number in a request: no NUL, which no database keeps, and nothing too big."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flask import Flask, abort, current_app, request
from werkzeug.routing import IntegerConverter

_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Number(IntegerConverter):
    """A number in an address; one too big for a database is in no address of this portal."""

    regex = _NUMBER.pattern


def register(app: Flask) -> None:
    """Look at every request before its view does; whoever may not open the page has been turned away then."""
    app.url_map.converters["int"] = Number
    app.before_request(_refuse_what_is_no_text)


def number(text: str | None) -> int | None:
    """The whole number that was sent, if it is one and a database can keep it."""
    return int(text) if text and _NUMBER.fullmatch(text) else None


def has_too_many_parts() -> bool:
    """Whether a plain form has more inputs than any page; those of a form with files are counted as they are read."""
    is_plain = request.mimetype == "application/x-www-form-urlencoded"
    return is_plain and request.get_data().count(b"&") >= current_app.config["MAX_FORM_PARTS"]


def _refuse_what_is_no_text() -> None:
    if has_too_many_parts():
        abort(413)
    if request.endpoint is not None and any("\0" in text for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    """The address, and every name and value that was sent."""
    yield request.path
    for pairs in (request.args, request.form):
        for name, value in pairs.items(multi=True):
            yield name
            yield value
