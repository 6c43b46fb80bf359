"""Dossiers like another one, found by person or parcel along an index of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.duplicates import WITHIN
from portal.store import office
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier
from procedures.overlay import Office

#: More than so many are not listed.
MOST = 10


@dataclass(frozen=True, slots=True)
class Sought:
    """What the others must have in common with a dossier, or with a draft (`lead_id` None), around when it came."""

    procedure: str
    number: str
    parcel: str
    at: datetime
    lead_id: int | None = None


def like(session: Session, sought: Sought, actor: Actor) -> Sequence[Row[Any]]:
    """The dossiers like it, the newest first; `open` tells whether the actor may open it. Legs of bundles are left out.

    One that has both the person and the parcel in common is there twice.
    """
    if not sought.number and not sought.parcel:
        return ()
    named = {
        "number": sought.number,
        "parcel": sought.parcel,
        "procedure": sought.procedure,
        "since": sought.at - WITHIN,
        "until": sought.at + WITHIN,
        "itself": sought.lead_id or 0,
    }
    # An applicant is never told of others; nobody else's scope depends on the account.
    query = _likes(Actor(None, actor.role, actor.unit), office.known(), bool(sought.number), bool(sought.parcel))
    return session.execute(query, named).all()


@lru_cache(maxsize=256)
def _likes(actor: Actor, _known: Office, by_person: bool, by_parcel: bool) -> Select[Any]:
    """The statement that finds them, kept: making it takes longer than asking it."""
    of_person = _like(actor, "person").where(
        Dossier.applicant_number == bindparam("number"), Dossier.applicant_number != literal_column("''")
    )
    of_parcel = _like(actor, "parcel").where(
        Dossier.parcel == bindparam("parcel"), Dossier.parcel != literal_column("''")
    )
    found = union_all(*([of_person] if by_person else []), *([of_parcel] if by_parcel else []))
    return select(found.order_by(literal_column("submitted_at").desc()).limit(2 * MOST).subquery())


def _like(actor: Actor, by: str) -> Select[Any]:
    return select(
        Dossier.id,
        Dossier.registration,
        Dossier.code,
        Dossier.applicant_name,
        Dossier.desk_unit,
        Dossier.status,
        Dossier.submitted_at.label("submitted_at"),
        case((scope_filter(actor), literal(True)), else_=literal(False)).label("open"),
        literal(by).label("by"),
    ).where(
        Dossier.procedure == bindparam("procedure"),
        Dossier.submitted_at.between(bindparam("since"), bindparam("until")),
        Dossier.lead_id.is_(None),
        Dossier.id != bindparam("itself"),
    )
