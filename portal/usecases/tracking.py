"""What anybody may see of a dossier who has its number: how far it is, and nothing about whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.attestation import Link
from portal.domain.flow import Status
from portal.domain.standing import Limit
from portal.settings import Settings
from portal.store import dossiers as store
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import bundles, law, standing
from procedures.model import Text

_base_url = ""


def configure(settings: Settings) -> None:
    """Say under which address the portal is reached."""
    global _base_url
    _base_url = settings.base_url


def url(dossier: Dossier) -> str:
    """The public tracking page of a dossier: by its random number, which cannot be guessed."""
    return f"{_base_url}/tra-cuu/{dossier.registration}"


def reminders_url() -> str:
    """The page on which whoever works at a desk finds what they are reminded of."""
    return f"{_base_url}/nhac-viec"


def stand_ins_url() -> str:
    """The page on which a deputy finds what absent colleagues have."""
    return f"{_base_url}/thay-mat"


def papers_url() -> str:
    """The page where any paper is checked."""
    return f"{_base_url}/xac-minh"


def proof(token: str) -> Link:
    """The page where the paper with this token is checked."""
    return Link(f"{_base_url}/xac-minh/", token)


@dataclass(frozen=True, slots=True)
class PublicLeg:
    """The public side of one procedure of a bundle; `status` is None before the bundle is received."""

    title: Text
    unit: Text
    status: Status | None
    waits: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicView:
    """The public side of a dossier (TT 01/2018 Art 16.2.d: number and how far it is, nothing personal)."""

    registration: str
    code: str | None
    procedure: str
    version: date
    leg: str
    unit: str
    status: Status
    step: str
    answered_early: bool
    submitted_on: date
    received_at: datetime | None
    due: Limit
    ended_on: date | None
    holder_role: str | None
    holder_unit: str | None
    act_by: datetime | None
    legs: tuple[PublicLeg, ...]
    #: The number of the stopped dossier in whose place it stands, and of the one in its own place.
    before: str | None
    after: str | None


def look_up(key: str, at: datetime) -> PublicView | None:
    """The public side of the dossier with this registration number or code."""
    with reading() as session:
        dossier = store.by_public_key(session, key.strip().upper())
        if dossier is None:
            return None
        before, after = store.linked(session, dossier)
    return _public(dossier, _number(before), _number(after), at)


def _number(dossier: Dossier | None) -> str | None:
    return None if dossier is None else dossier.code or dossier.registration


def _public(dossier: Dossier, before: str | None, after: str | None, at: datetime) -> PublicView:
    return PublicView(
        registration=dossier.registration,
        code=dossier.code,
        procedure=dossier.procedure,
        version=dossier.version,
        leg=dossier.leg,
        unit=dossier.desk_unit,
        status=dossier.state,
        step=dossier.step,
        answered_early=dossier.answered_early,
        submitted_on=law.office_day(dossier.submitted_at),
        received_at=dossier.received_at,
        due=standing.promised(dossier, at),
        ended_on=dossier.ended_on,
        holder_role=dossier.holder_role,
        holder_unit=dossier.holder_unit,
        act_by=dossier.act_by,
        legs=tuple(
            PublicLeg(
                title=leg.title,
                unit=leg.unit.name if leg.unit else leg.authority,
                status=leg.dossier.state if leg.dossier else None,
                waits=leg.waits or leg.dossier is None,
                due_at=leg.due_at,
            )
            for leg in bundles.seen(dossier)
        ),
        before=before,
        after=after,
    )
