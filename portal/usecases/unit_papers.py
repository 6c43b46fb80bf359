"""Official papers about the work of a unit, not about one dossier: found by what they are about, sealed like any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.domain import slips as paper
from portal.store.database import ring_after_commit
from portal.store.models import Slip
from portal.usecases import law, letterheads, slips
from procedures.places import Unit


def make_out(
    session: Session,
    issuer: Unit,
    about: str,
    payload: paper.Payload,
    number: str,
    at: datetime,
    *,
    police: bool = False,
) -> Slip:
    """Freeze what a paper says, let it stand in the place of the one before about the same, and ring for the worker."""
    payload = replace(payload, wording=law.wording(payload.kind.value, payload.form_set, law.office_day(at)))
    slip = Slip(
        dossier_id=None,
        about=about,
        kind=payload.kind.value,
        number=number,
        payload=paper.to_json(payload),
        issuer=letterheads.seal(issuer, police=police),
        created_at=at,
    )
    session.add(slip)
    session.flush()
    before = (Slip.about == about, Slip.id < slip.id, Slip.replaced_by_id.is_(None), Slip.revoked_at.is_(None))
    session.execute(update(Slip).where(*before).values(replaced_by_id=slip.id))
    ring_after_commit(session, slips.RENDER, slip.id)
    return slip


def standing(session: Session, about: Sequence[str]) -> dict[str, Slip]:
    """The papers that hold, by what they are about."""
    query = select(Slip).where(Slip.about.in_(about), Slip.replaced_by_id.is_(None))
    return {str(slip.about): slip for slip in session.scalars(query.order_by(Slip.id))}
