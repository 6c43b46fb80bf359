"""What the QR of a paper says under the portal's signature, so that anybody can check it with the public key alone.

It is a CWT (RFC 8392) with Ed25519 (RFC 8152), written in the letters that a QR packs closest: beside a JWS of the same
content the code has a sixth fewer modules a side, and a browser reads it with thirty lines of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal, NamedTuple

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.domain import slips
from portal.domain.slips import Apology, Payload, SlipKind
from procedures.calendars import OFFICE_TIME

LONGEST: Final = 1000
"""More characters than any token has."""

_ALGORITHM, _KEY_ID, _EDDSA = 1, 4, -8  # RFC 8152, of the protected header
_SUBJECT, _ISSUED_AT = 2, 6  # RFC 8392, of the claims
_SAID: Final = -65537  # of our own: kind, number, received at, due at, digest
_SIGN1: Final = 18
_KEY_ID_BYTES: Final = 6
_TOKEN: Final = re.compile(r"[A-Z2-7]+")

Fault = Literal["unreadable", "unknown_key", "changed"]


class Forged(ValueError):
    """Not a token that this key signed; `fault` says whether it could be read, whether the key is known."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Link(NamedTuple):
    """Where a paper is checked: the address of the page, and the token, which a QR packs closer than the address."""

    page: str
    token: str = ""

    def __str__(self) -> str:
        return self.page + self.token


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token holds of its paper: nothing but what the paper's holder has in hand.

    `reference` is the dossier's code, before reception its registration number; the instants are those the paper
    promises, in whole seconds. `digest` is the SHA-256 of the data attached to the paper, letter by letter.
    """

    reference: str
    kind: SlipKind
    number: str | None
    issued_on: date
    received_at: datetime | None
    due_at: datetime | None
    digest: bytes


def claims_of(payload: Payload) -> Claims:
    """What the token of this paper has to say."""
    return Claims(
        reference=slips.reference(payload)[1],
        kind=payload.kind,
        number=payload.head.number,
        issued_on=payload.head.issued_on,
        received_at=_whole(getattr(payload, "received_at", None)),
        due_at=_whole(payload.new_due_at if isinstance(payload, Apology) else getattr(payload, "due_at", None)),
        digest=digest(slips.text(payload)),
    )


def digest(text: str) -> bytes:
    """SHA-256 of the data that a paper carries."""
    return hashlib.sha256(text.encode()).digest()


def attest(claims: Claims, key: Ed25519PrivateKey) -> str:
    """The signed token: capital letters and digits (base 32), always the same for the same claims and key."""
    protected = _cbor({_ALGORITHM: _EDDSA, _KEY_ID: key_id(key.public_key())})
    said = [claims.kind.value, claims.number, _number(claims.received_at), _number(claims.due_at), claims.digest]
    issued = datetime.combine(claims.issued_on, time(), OFFICE_TIME)
    payload = _cbor({_SUBJECT: claims.reference, _ISSUED_AT: _number(issued), _SAID: said})
    return _written(protected, payload, key.sign(_signed(protected, payload)))


def read(token: str, keys: Mapping[bytes, Ed25519PublicKey]) -> Claims:
    """What a token says, once its signature has been checked with the key it names. Raises Forged."""
    if len(token) > LONGEST or not _TOKEN.fullmatch(token):
        raise Forged("unreadable")
    try:
        protected, _, payload, signature = cbor2.loads(b32decode(token + "=" * (-len(token) % 8))).value
        named = cbor2.loads(protected)[_KEY_ID]
        # One way of writing only: else a letter could be changed that says nothing.
        whole = _written(protected, payload, signature) == token
        if not whole or _cbor({_ALGORITHM: _EDDSA, _KEY_ID: named}) != protected or type(named) is not bytes:
            raise Forged("unreadable")
    except Exception as error:  # what strangers write may break the reading anywhere
        raise Forged("unreadable") from error
    if (key := keys.get(named)) is None:
        raise Forged("unknown_key")
    try:
        key.verify(signature, _signed(protected, payload))
    except InvalidSignature:
        raise Forged("changed") from None
    return _claims(cbor2.loads(payload))


def _claims(plain: Mapping[int, Any]) -> Claims:
    kind, number, received, due, digest = plain[_SAID]
    return Claims(
        reference=plain[_SUBJECT],
        kind=SlipKind(kind),
        number=number,
        issued_on=datetime.fromtimestamp(plain[_ISSUED_AT], OFFICE_TIME).date(),
        received_at=_instant(received),
        due_at=_instant(due),
        digest=digest,
    )


def key_id(key: Ed25519PublicKey) -> bytes:
    """The name of a key: the first bytes of its thumbprint (RFC 7638)."""
    plain = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": _base64(key.public_bytes_raw())}, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).digest()[:_KEY_ID_BYTES]


def to_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """A public key as JSON Web Key (RFC 8037)."""
    names = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig"}
    return names | {"kid": _base64(key_id(key)), "x": _base64(key.public_bytes_raw())}


def from_jwks(plain: Mapping[str, Any]) -> dict[bytes, Ed25519PublicKey]:
    """The keys of a JSON Web Key Set by their names. Raises ValueError for what is none."""
    try:
        points = [each["x"] for each in plain["keys"] if each["crv"] == "Ed25519"]
        keys = [Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "=" * (-len(x) % 4))) for x in points]
    except (TypeError, KeyError) as error:
        raise ValueError("not a JSON Web Key Set") from error
    return {key_id(key): key for key in keys}


def _written(protected: bytes, payload: bytes, signature: bytes) -> str:
    whole = _cbor(cbor2.CBORTag(_SIGN1, [protected, {}, payload, signature]))
    return b32encode(whole).decode().rstrip("=")


def _signed(protected: bytes, payload: bytes) -> bytes:
    return _cbor(["Signature1", protected, b"", payload])


def _cbor(value: Any) -> bytes:
    encoded: bytes = cbor2.dumps(value)
    return encoded


def _whole(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(microsecond=0) if instant else None


def _number(instant: datetime | None) -> int | None:
    return int(instant.timestamp()) if instant else None


def _instant(number: int | None) -> datetime | None:
    return None if number is None else datetime.fromtimestamp(number, UTC)


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
