"""A form that comes when its session is over: what was typed is shown, to be sent again once somebody is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.domain.access import Right
from portal.web import texts
from portal.web.access import came_from, right_of, visitor, wants_json

Typed = Sequence[tuple[str, str]]

_TOKEN: Final = "csrf_token"  # noqa: S105
#: Views whose forms are for whoever comes.
_OPEN_TO_ALL: Final = (None, Right.PUBLIC, Right.LINK)
#: Parts of the names of inputs whose values are shown to nobody.
_SECRET: Final = ("password", "code")
#: Inputs in which a page puts down what it began with.
_PUT_THERE: Final = frozenset({"base", "typed"})


def register(app: Flask) -> None:
    """Look at a form before the door turns away who sent it."""
    app.before_request(_before_the_door)


def kept() -> Typed:
    """What the form of this request brought, if it is worth keeping: words were typed in it, and nothing secret.

    Only of a form that stood on a page of this portal. Another site could otherwise let somebody send what it wrote.
    """
    if wants_json() or request.endpoint is None or came_from() is None:
        return ()
    if right_of(current_app.view_functions[request.endpoint]) in _OPEN_TO_ALL:
        return ()
    short = 0 < (request.content_length or 0) <= current_app.config["MAX_FORM_MEMORY_SIZE"]
    if not short or texts.has_too_many_parts():  # nobody has more read than the door would
        return ()
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != _TOKEN]
    return typed if words_of(typed) and not any(secret in name for name, _ in typed for secret in _SECRET) else ()


def words_of(typed: Typed) -> list[str]:
    """The words among it: what a person wrote, not what a page put there or offered to choose from."""
    said = ((name, value.strip()) for name, value in typed)
    return [words for name, words in said if name not in _PUT_THERE and any(sign.isspace() for sign in words)]


def page(typed: Typed) -> str:
    """What was typed, and what sends it again; of a form with files, which are lost, the way back to where it stood."""
    lost_files = any(file.filename for file in request.files.values())
    back = came_from() if lost_files else None
    return render_template("errors/resend.html", typed=typed, said=words_of(typed), back=back)


def _before_the_door() -> ResponseReturnValue | None:
    if request.method != "POST" or visitor() is not None or not (typed := kept()):
        return None
    return page(typed), 401
