"""The token in a QR: it says what its paper says, is written in one way only, and needs the public key alone."""

from __future__ import annotations

import re
from base64 import b32decode, urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import attestation, slips
from portal.domain.attestation import Claims, Forged
from portal.domain.slips import SlipKind
from procedures.calendars import OFFICE_TIME
from tests import sample_papers

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
KEYS = {attestation.key_id(PUBLIC): PUBLIC}
CLAIMS = attestation.claims_of(sample_papers.RECEIPT)
TOKEN = attestation.attest(CLAIMS, KEY)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

instants = st.none() | st.integers(1_500_000_000, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
claims = st.builds(
    Claims,
    reference=st.text(min_size=1, max_size=40),
    kind=st.sampled_from(SlipKind),
    number=st.none() | st.text(max_size=40),
    issued_on=st.dates(date(2018, 1, 1), date(2100, 1, 1)),
    received_at=instants,
    due_at=instants,
    digest=st.binary(min_size=32, max_size=32),
)


def fault(token: str, keys: dict[bytes, Ed25519PublicKey] = KEYS) -> str:
    with pytest.raises(Forged) as raised:
        attestation.read(token, keys)
    return raised.value.fault


@given(claims)
def test_a_token_says_what_was_signed(said: Claims) -> None:
    assert attestation.read(attestation.attest(said, KEY), KEYS) == said


@pytest.mark.parametrize("name", sample_papers.ALL)
def test_a_token_holds_nothing_of_a_paper_but_reference_kind_number_dates_and_digest(name: str) -> None:
    payload = sample_papers.ALL[name]
    token = attestation.attest(attestation.claims_of(payload), KEY)
    content = cbor2.loads(cbor2.loads(b32decode(token + "=" * (-len(token) % 8))).value[2])
    received = getattr(payload, "received_at", None)
    due = payload.new_due_at if isinstance(payload, slips.Apology) else getattr(payload, "due_at", None)
    assert content == {
        2: slips.reference(payload)[1],
        6: int(datetime.combine(payload.head.issued_on, datetime.min.time(), OFFICE_TIME).timestamp()),
        -65537: [
            payload.kind.value,
            payload.head.number,
            received and int(received.timestamp()),
            due and int(due.timestamp()),
            attestation.digest(slips.text(payload)),
        ],
    }


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(LETTERS))
def test_a_token_with_any_letter_changed_is_refused(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        assert fault(changed)


@given(st.text(max_size=400) | st.text(LETTERS, max_size=400))
def test_whatever_else_is_shown_is_refused(token: str) -> None:
    assert fault(token) in ("unreadable", "unknown_key")


def test_a_token_cut_short_or_made_longer_is_refused() -> None:
    assert {fault(TOKEN[:end]) for end in range(len(TOKEN))} == {"unreadable"}
    assert {fault(TOKEN + letter * count) for letter in LETTERS for count in range(1, 9)} == {"unreadable"}
    assert fault("A" * (attestation.LONGEST + 1)) == "unreadable"


def test_a_token_of_a_key_that_is_not_known_says_so() -> None:
    assert fault(attestation.attest(CLAIMS, Ed25519PrivateKey.generate())) == "unknown_key"


def test_a_token_signed_by_somebody_else_in_the_name_of_a_known_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    assert fault(attestation.attest(CLAIMS, other), {attestation.key_id(other.public_key()): PUBLIC}) == "changed"


def test_a_token_that_names_another_algorithm_is_refused() -> None:
    protected, unprotected, payload, signature = cbor2.loads(b32decode(TOKEN + "=" * (-len(TOKEN) % 8))).value

    def token(head: Any, beside: Any = unprotected) -> str:
        return attestation.b32encode(
            cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps(head), beside, payload, signature]))
        ).decode().rstrip("=")  # fmt: skip

    head = cbor2.loads(protected)
    assert token(head) == TOKEN
    assert {fault(token(head | {1: -7})), fault(token(head | {5: 1})), fault(token(head, {4: b"x"}))} == {"unreadable"}


def test_a_token_is_what_rfc_8152_signs() -> None:
    protected, _, payload, signature = cbor2.loads(b32decode(TOKEN + "=" * (-len(TOKEN) % 8))).value
    PUBLIC.verify(signature, b"\x84\x6aSignature1" + cbor2.dumps(protected) + b"\x40" + cbor2.dumps(payload))


def test_the_same_paper_has_the_same_token_and_fits_a_small_code() -> None:
    assert attestation.attest(CLAIMS, KEY) == TOKEN
    assert re.fullmatch(r"[A-Z2-7]+", TOKEN)
    assert len(TOKEN) < 320


def test_every_change_of_a_paper_changes_its_digest() -> None:
    other = replace(sample_papers.RECEIPT, due_at=sample_papers.RECEIPT.due_at + timedelta(microseconds=1))
    assert attestation.claims_of(other).due_at == CLAIMS.due_at
    assert attestation.claims_of(other).digest != CLAIMS.digest


def test_a_public_key_is_told_as_a_json_web_key_and_read_back() -> None:
    # RFC 8037, appendix A: the key and its thumbprint.
    point = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(point + "="))
    jwk = attestation.to_jwk(key)
    assert (jwk["x"], jwk["kty"], jwk["crv"]) == (point, "OKP", "Ed25519")
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".startswith(jwk["kid"])
    assert list(attestation.from_jwks({"keys": [jwk, {"kty": "EC", "crv": "P-256", "x": "x"}]})) == [
        attestation.key_id(key)
    ]


@pytest.mark.parametrize("plain", [{}, [], None, {"keys": [{"crv": "Ed25519", "x": "AA"}]}, {"keys": [{"x": "AA"}]}])
def test_what_is_no_set_of_keys_is_refused(plain: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the promise
        attestation.from_jwks(plain)
