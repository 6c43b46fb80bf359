"""A form that comes when its session is over: what was typed is shown, to be sent again once somebody is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.domain.access import Right
from portal.web.access import came_from, right_of, visitor, wants_json

Typed = Sequence[tuple[str, str]]

_TOKEN: Final = "csrf_token"  # noqa: S105
#: Views whose forms are for whoever comes, and may hold passwords and codes.
_OPEN_TO_ALL: Final = (None, Right.PUBLIC, Right.LINK)


def register(app: Flask) -> None:
    """Look at a form before the door turns away who sent it."""
    app.before_request(_before_the_door)


def kept() -> Typed:
    """What the form of this request brought, if it is worth keeping: words were typed in it, and no password.

    Only of a form that stood on a page of this portal. Another site could otherwise let somebody send what it wrote.
    """
    if wants_json() or request.endpoint is None or came_from() is None:
        return ()
    if right_of(current_app.view_functions[request.endpoint]) in _OPEN_TO_ALL:
        return ()
    if not 0 < (request.content_length or 0) <= current_app.config["MAX_FORM_MEMORY_SIZE"]:
        return ()  # no more is read for nobody
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != _TOKEN]
    return typed if words_of(typed) and not any("password" in name for name, _ in typed) else ()


def words_of(typed: Typed) -> list[str]:
    """The words among it: what a person wrote, not what a page put there or offered to choose from."""
    return [value.strip() for _, value in typed if " " in value.strip()]


def page(typed: Typed) -> str:
    """What was typed, with a button that sends it again and, where nobody is signed in, the way to do that first."""
    return render_template("errors/resend.html", typed=typed, said=words_of(typed), files=bool(request.files))


def _before_the_door() -> ResponseReturnValue | None:
    if request.method != "POST" or visitor() is not None or not (typed := kept()):
        return None
    return page(typed), 401
