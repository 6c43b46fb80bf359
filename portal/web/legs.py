"""The legs of a bundle as pages show them: what each is, how far it is, who holds it, and by when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from portal.domain import words
from portal.domain.access import Actor, Role
from portal.domain.flow import Status
from portal.domain.standing import Limit, State
from portal.store.models import Dossier
from portal.usecases import bundles, dossiers, law, standing
from portal.usecases.bundles import SeenLeg
from procedures.model import Text


@dataclass(frozen=True, slots=True)
class ShownLeg:
    """One row of the table of legs; `href` is empty where it is the page itself, or may not be opened."""

    title: Text
    here: bool
    href: str
    code: str
    status: Status | None
    waits: bool
    after: tuple[Text, ...]
    who: Text | None
    unit: Text
    what: Text | None
    due: Limit
    asked: bool
    dossier: Dossier | None


def shown(dossier: Dossier, actor: Actor, endpoint: str, at: datetime) -> list[ShownLeg]:
    """The legs of the bundle a dossier belongs to; `endpoint` is the page of a dossier for whoever looks."""
    return [_shown(leg, dossier, endpoint, at) for leg in bundles.seen(dossier, actor)]


def _shown(leg: SeenLeg, looked_at: Dossier, endpoint: str, at: datetime) -> ShownLeg:
    row = leg.dossier
    if row is None:
        nothing_yet = Limit(State.NONE)
        return ShownLeg(
            leg.title, False, "", "", None, True, leg.after, None, leg.authority, None, nothing_yet, False, None
        )
    here = row.id == looked_at.id
    step = law.procedure_of(row).step(row.step).title
    what = words.next_work(row.state, step, answered_early=row.answered_early, holder=row.holder_role)
    return ShownLeg(
        title=leg.title,
        here=here,
        href=url_for(endpoint, registration=row.registration) if leg.opens and not here else "",
        code=row.code or "",
        status=row.state,
        waits=leg.waits,
        after=leg.after,
        who=words.ROLES[Role(row.holder_role)] if row.holder_role else None,
        unit=leg.unit.name if leg.unit else leg.authority,
        what=what if row.holder_role else None,
        due=Limit(State.NONE, leg.due_at) if leg.waits else standing.promised(row, at),
        asked=dossiers.waits_for_answer(row) or row.state is Status.DUTY_ASKED,
        dossier=row,
    )
