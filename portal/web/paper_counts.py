"""The papers that an officer counts at the counter, by their shape: drawn beside a component, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request

from portal.web.language import language
from procedures.model import PaperKind, Text

SHAPES: Final = (PaperKind.ORIGINAL, PaperKind.CERTIFIED_COPY, PaperKind.COPY)
MOST: Final = 99
WRONG: Final = Text(vi=f"Số bản là số nguyên từ 0 đến {MOST}.", en=f"A whole number from 0 to {MOST}.")


def inputs(component: str, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    """One input for each shape: name, label, what stands in it (as typed, if it was just sent), and what is wrong."""
    return [
        {
            "name": _name(component, shape),
            "label": shape.label.say(language()),
            "value": request.form.get(_name(component, shape), counted.get(shape.value, "")),
            "error": WRONG.say(language()) if _read(component, shape) is None else "",
        }
        for shape in SHAPES
    ]


def sent(component: str) -> dict[str, int] | None:
    """How many papers of each shape were typed for a component; None where something typed is no such number."""
    counted = {shape.value: _read(component, shape) for shape in SHAPES}
    known = {shape: number for shape, number in counted.items() if number}
    return None if None in counted.values() else known


def _read(component: str, shape: PaperKind) -> int | None:
    typed = request.form.get(_name(component, shape), "").strip()
    if not typed:
        return 0
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST)) else MOST + 1
    return number if number <= MOST else None


def _name(component: str, shape: PaperKind) -> str:
    return f"paper-{component}-{shape.value}"
