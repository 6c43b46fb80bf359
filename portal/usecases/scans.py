"""Scans by phone: a signed link, good for an hour, by which files are added to one draft or dossier, and nothing else.

Whoever follows the link acts for the one who showed it, as long as that one could still add files there; it tells
nothing of the applicant, only which papers the procedure asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from portal.domain.access import Actor, Role, may_act
from portal.domain.casework import whereabouts
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import OPEN, Action
from portal.services import identity
from portal.services.uploads import Uploads
from portal.settings import Settings
from portal.store import accounts
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier
from portal.usecases import dossiers, drafts, law
from portal.usecases.scenes import Deed
from procedures.model import Component, Procedure

_PURPOSE: Final = "scan"


class Of(StrEnum):
    """What files are added to."""

    DRAFT = "draft"
    DOSSIER = "dossier"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads: for whom one acts there, and the papers that the procedure asks for."""

    of: Of
    key: str
    actor: Actor
    procedure: Procedure
    papers: Sequence[Component]


def invite(actor: Actor, of: Of, key: str, settings: Settings, at: datetime) -> str:
    """The token of a link to add files to a draft of the actor's own, or to a dossier that they may scan for.

    Raises NotFound, Forbidden.
    """
    _place(actor, of, key, at)
    return _sign(actor, of, key, settings, at)


def invite_to(actor: Actor, dossier: Dossier, settings: Settings, at: datetime) -> str:
    """The same for a dossier that the actor has open. Raises Forbidden."""
    _demand(actor, dossier)
    return _sign(actor, Of.DOSSIER, dossier.registration, settings, at)


def _sign(actor: Actor, of: Of, key: str, settings: Settings, at: datetime) -> str:
    return identity.sign(settings.secret_key, _PURPOSE, [of.value, key, actor.account_id], at)


def is_good(token: str, settings: Settings, at: datetime) -> bool:
    """Whether a token was signed here, not too long ago; what it leads to may have ended meanwhile."""
    return identity.signed(settings.secret_key, _PURPOSE, token, at) is not None


def follow(token: str, settings: Settings, at: datetime) -> Place:
    """Where a token leads. Raises NotFound for one that is forged or too old, or where no files can be added now."""
    values = identity.signed(settings.secret_key, _PURPOSE, token, at)
    if values is None:
        raise NotFound("link_used")
    of, key, account_id = values
    with reading() as session:
        account = accounts.by_id(session, account_id)
    if account is None or not account.active:
        raise NotFound("link_used")
    try:
        return _place(Actor(account.id, Role(account.role), account.unit, account.full_name), Of(of), key, at)
    except Forbidden:
        raise NotFound("link_used") from None


def add(
    token: str, component: str, stream: BinaryIO, name: str, uploads: Uploads, settings: Settings, at: datetime
) -> Attachment:
    """Take in a file. Raises NotFound, UploadRefused with a plain reason, Invalid for too many files."""
    place = follow(token, settings, at)
    if component not in {paper.key for paper in place.papers}:
        raise NotFound(component=component)
    if place.of is Of.DRAFT:
        return drafts.attach(place.actor, place.key, component, stream, name, uploads, at)
    return _attach(place, component, stream, name, uploads, at)


def may_scan(actor: Actor, dossier: Dossier) -> bool:
    """Whether this actor may add scans: the desk that received it or has it now, while it is open."""
    standing = whereabouts(store.case_of(dossier), law.rules_of(dossier))
    return dossier.state in OPEN and may_act(actor, Action.ADD_SCAN, standing)


def _place(actor: Actor, of: Of, key: str, at: datetime) -> Place:
    if of is Of.DRAFT:
        opened = drafts.open_draft(actor, key, at)
        return Place(of, key, actor, opened.procedure, opened.components)
    with reading() as session:
        dossier = _dossier(session, actor, key)
        procedure = law.procedure_of(dossier)
    return Place(of, key, actor, procedure, procedure.components)


def _dossier(session: Session, actor: Actor, registration: str, *, lock: bool = False) -> Dossier:
    dossier = store.find(session, registration, actor, lock=lock)
    if dossier is None:
        raise NotFound(registration=registration)
    _demand(actor, dossier)
    return dossier


def _demand(actor: Actor, dossier: Dossier) -> None:
    if not may_scan(actor, dossier):
        raise Forbidden(registration=dossier.registration)


def _attach(place: Place, component: str, stream: BinaryIO, name: str, uploads: Uploads, at: datetime) -> Attachment:
    # Stored under its content before the row that names it commits.
    inspected = uploads.receive(stream, name)
    with transaction() as session:
        dossier = _dossier(session, place.actor, place.key, lock=True)
        if len(dossier.attachments) >= drafts.MOST_FILES:
            raise Invalid({component: "too_many_files"}, limit=drafts.MOST_FILES)
        for file in dossier.attachments:
            if file.component == component and file.sha256 == inspected.sha256:
                return file
        attachment = drafts.attachment_of(inspected, component, place.actor, at)
        dossier.attachments.append(attachment)
        if dossier.received_at is not None:  # before that, the receipt will list it
            deed = Deed(Action.ADD_SCAN, file=inspected, more={"component": component})
            dossiers.perform(session, dossier, place.actor, deed, at)
    return attachment
