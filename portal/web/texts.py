"""Refuses requests that hold what is no text: a NUL, which nobody types and no database keeps."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, abort, request


def guard(blueprint: Blueprint) -> None:
    """Look at every request for these pages before its view does; the door has been passed then."""
    blueprint.before_request(_refuse_what_is_no_text)


def _refuse_what_is_no_text() -> None:
    if any("\0" in text for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    """The address, and every name and value that was sent."""
    yield request.path
    for pairs in (request.args, request.form):
        for name, value in pairs.items(multi=True):
            yield name
            yield value
