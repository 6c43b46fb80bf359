"""The page on which staff find a dossier by a few words of it."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from portal.domain import words
from portal.domain.access import Right
from portal.usecases import law
from portal.usecases import lookup as usecase
from portal.web import bulk_orders, queues
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now

blueprint = Blueprint("lookup", __name__, url_prefix="/ban-lam-viec")

#: What is searched for is cut to this many characters.
LONGEST_QUERY: Final = 100


@blueprint.get("/tim", endpoint="lookup")
@opens(Right.DESK)
def page() -> str:
    """Open and ended dossiers that bear all the words, the latest first."""
    who, at = actor(), now()
    said = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", request.args.get("q", ""))[:LONGEST_QUERY].split())
    before = _before(request.args.get("sau", ""))
    found = usecase.find(who, said, before)
    spoken, root = language(), request.script_root
    return render_template(
        "desk/lookup.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        said=said,
        rows=Markup("").join([queues.row(dossier, at, spoken, root) for dossier in found.dossiers]),
        bulk=bulk_orders.bar(who, [dossier.registration for dossier in found.dossiers]),
        first_url=url_for(".lookup", q=said) if before else "",
        older_url=url_for(".lookup", q=said, sau=found.before) if found.before else "",
    )


def _before(written: str) -> int | None:
    return int(written) if re.fullmatch(r"[0-9]{1,18}", written, re.ASCII) else None
