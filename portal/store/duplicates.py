"""Dossiers like another one, found by person or parcel along an index of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.duplicates import WITHIN
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier

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
    of_person = _like(sought, actor, "person").where(
        Dossier.applicant_number == sought.number, Dossier.applicant_number != literal_column("''")
    )
    of_parcel = _like(sought, actor, "parcel").where(
        Dossier.parcel == sought.parcel, Dossier.parcel != literal_column("''")
    )
    found = union_all(*(query for query, key in ((of_person, sought.number), (of_parcel, sought.parcel)) if key))
    if not sought.number and not sought.parcel:
        return ()
    return session.execute(found.order_by(literal_column("submitted_at").desc()).limit(2 * MOST)).all()


def _like(sought: Sought, actor: Actor, by: str) -> Select[Any]:
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
        Dossier.procedure == sought.procedure,
        Dossier.submitted_at.between(sought.at - WITHIN, sought.at + WITHIN),
        Dossier.lead_id.is_(None),
        Dossier.id != (sought.lead_id or 0),
    )
