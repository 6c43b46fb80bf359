"""Which procedure do I need: a few plain questions for each sector, one on a page, that end at a procedure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.access import Right
from portal.usecases import law
from portal.web.access import opens
from portal.web.resources import now
from procedures.catalogue import UnknownProcedure
from procedures.guides import Guide, load_guides
from procedures.model import Procedure, Sector

blueprint = Blueprint("choosing", __name__, url_prefix="/chon-thu-tuc")
#: Between the numbers of the answers in an address.
SEPARATOR: Final = "-"


@blueprint.get("")
@opens(Right.PUBLIC)
def sectors() -> str:
    """Begin: which sector is it about?"""
    return render_template("public/choose_sector.html", sectors=list(load_guides()))


@blueprint.get("/<sector>")
@blueprint.get("/<sector>/<chosen>")
@opens(Right.PUBLIC)
def question(sector: str, chosen: str = "") -> ResponseReturnValue:
    """The next question after these answers, or where they have led."""
    guide = load_guides().get(Sector(sector)) if sector in set(Sector) else None
    if guide is None:
        abort(404)
    numbers = _numbers(chosen)
    try:
        steps = guide.walk(numbers)
    except IndexError:
        abort(404)
    asked = guide.after(steps)
    return render_template(
        "public/choose.html",
        sector=Sector(sector),
        steps=[(step, _address(sector, numbers[:index])) for index, step in enumerate(steps)],
        asked=asked,
        answers=[(answer, _address(sector, [*numbers, n])) for n, answer in enumerate(asked.answers, 1)]
        if asked
        else [],
        found=_procedure(steps[-1].answer.procedure) if steps and steps[-1].answer.procedure else None,
        code=steps[-1].answer.procedure if steps else None,
        advice=steps[-1].answer.advice if steps else None,
        back=_address(sector, numbers[:-1]) if numbers else url_for(".sectors"),
        deepest=_depth(guide),
    )


def _numbers(chosen: str) -> list[int]:
    numbers = chosen.split(SEPARATOR) if chosen else []
    if not all(number.isascii() and number.isdecimal() and len(number) < 3 for number in numbers):
        abort(404)
    return [int(number) for number in numbers]


def _address(sector: str, numbers: Sequence[int]) -> str:
    chosen: dict[str, Any] = {"chosen": SEPARATOR.join(map(str, numbers))} if numbers else {}
    return url_for(".question", sector=sector, **chosen)


def _procedure(code: str) -> Procedure | None:
    """The procedure as it is in force today; None where it is not."""
    try:
        return law.catalogue().in_force(code, law.office_day(now()))
    except UnknownProcedure:
        return None


def _depth(guide: Guide, key: str | None = None) -> int:
    """How many questions there are at most."""
    asked = guide.by_key[key or guide.start]
    return 1 + max((_depth(guide, answer.to) for answer in asked.answers if answer.to), default=0)
