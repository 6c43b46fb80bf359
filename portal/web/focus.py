"""Where the focus is when a page comes again: whoever pressed a button for a row goes on at that row."""

from __future__ import annotations

from flask import Flask, g, request

from portal.domain.entries import ROW_BUTTON

#: How far a button carries its row.
_STEPS = {"up": -1, "down": 1, "remove": 0}


def register(app: Flask) -> None:
    """Give templates `row_in_focus` and `in_focus`: what they tell of gets `autofocus`."""
    app.jinja_env.globals["row_in_focus"] = row_in_focus
    app.jinja_env.globals["in_focus"] = in_focus


def keep() -> None:
    """Let the page that answers this request go on where its button stands; for whoever has obeyed the button."""
    g.row_button = next((found for key in request.form if (found := ROW_BUTTON.fullmatch(key))), None)
    g.redrawn = request.form.get("redraw", "")


def row_in_focus(name: str, rows: int) -> int | None:
    """Of the `rows` of a list the one that was added or moved, or that has the place of the one taken out.

    -1 where no row is left; None if the button was another list's, or none.
    """
    button = g.get("row_button")
    if button is None or name not in (button["list"], button["name"]):
        return None
    return rows - 1 if button["list"] else min(int(button["index"]) + _STEPS[button["change"]], rows - 1)


def in_focus(name: str) -> bool:
    """Whether the button that only draws the page again stands at what has this name."""
    return bool(name) and g.get("redrawn") == name
