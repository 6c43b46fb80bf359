"""What anybody who holds a paper may ask: whether the portal made it out, and whether it still counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import attestation
from portal.domain.attestation import Claims, Forged
from portal.domain.slips import FORMS, SlipKind
from portal.services.certificates import Seals, open_seals
from portal.services.keyring import Keyring, open_keyring
from portal.settings import Settings
from portal.store.blank_models import BlankReceipt
from portal.store.database import reading
from portal.store.models import Slip
from portal.usecases import law

_keyring: Keyring
_seals: Seals


def configure(settings: Settings) -> None:
    """Say where the keys are."""
    global _keyring, _seals
    _keyring, _seals = open_keyring(settings), open_seals(settings)


def jwks() -> Mapping[str, Any]:
    """The public keys of the tokens, those of before too (RFC 7517)."""
    return _keyring.jwks()


def anchors() -> Sequence[x509.Certificate]:
    """The certificates to believe in order to check the seals of papers."""
    return _seals.anchors()


class Standing(StrEnum):
    """How a paper stands."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"
    ISSUED = "issued"  # a receipt printed ahead, on which no dossier is entered yet
    ENTERED = "entered"  # one on which a dossier is
    UNKNOWN = "unknown"  # signed by the portal, and not to be found in it
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a paper stands, and what its token says, unless that is forged: nothing but what its holder has in hand.

    `number` and `on` name the paper that stands in its place; of a revoked one `on` is since when, None for a result
    that was taken back to be corrected. Why is not told: the reason is about a person. Of a receipt printed ahead they
    are the code of the dossier that was taken down on it, and the day it was entered.
    """

    standing: Standing
    claims: Claims | None = None
    number: str | None = None
    on: date | None = None
    #: What stands at the head of the paper; a kind of paper has several titles, by its form. Empty where it is gone.
    title: str = ""


def look_up(token: str) -> Verdict:
    """How the paper with this token stands."""
    try:
        claims = attestation.read(token, _keyring.public())
    except Forged:
        return Verdict(Standing.FORGED)
    return stand(claims)


def stand(claims: Claims) -> Verdict:
    """How the paper stands whose token, proven to be the portal's own, says this."""
    with reading() as session:
        # Two papers that say the very same are one to their holder: it stands as the later one does.
        query = select(Slip).where(Slip.digest == claims.digest.hex()).order_by(Slip.id.desc()).limit(1)
        slip = session.scalar(query)
        if slip is None:
            return Verdict(Standing.UNKNOWN, claims)
        return replace(_judged(session, slip, claims), title=_title(slip))


def _title(slip: Slip) -> str:
    form = FORMS.get((SlipKind(slip.kind), str((slip.payload or {}).get("form_set"))))
    return form.title if form else ""


def _judged(session: Session, slip: Slip, claims: Claims) -> Verdict:
    if slip.revoked_at is not None:
        return Verdict(Standing.REVOKED, claims, on=law.office_day(slip.revoked_at))
    if slip.kind == SlipKind.BLANK:
        blank = session.get_one(BlankReceipt, slip.id)
        if blank.dossier is None or blank.entered_at is None:
            return Verdict(Standing.ISSUED, claims)
        return Verdict(Standing.ENTERED, claims, number=blank.dossier.code, on=law.office_day(blank.entered_at))
    if slip.replaced_by is not None:
        last = _last(slip.replaced_by)
        return Verdict(Standing.REPLACED, claims, number=last.number, on=law.office_day(last.created_at))
    if SlipKind(slip.kind).is_result and slip.dossier is not None and slip is not slip.dossier.result:
        return Verdict(Standing.REVOKED, claims)
    return Verdict(Standing.VALID, claims)


def _last(slip: Slip) -> Slip:
    while slip.replaced_by is not None:
        slip = slip.replaced_by
    return slip
