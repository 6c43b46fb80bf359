"""Local proof of who somebody is: password hashes, codes sent by message, and signed links that expire."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeSerializer

#: OWASP's numbers for argon2id: 19 MiB, two rounds, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: A code is good for this long, and for at most as long again.
CODE_LIFE: Final = timedelta(minutes=15)
CODE_DIGITS: Final = 6
LINK_LIFE: Final = timedelta(minutes=60)


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is nothing to compare with."""
    decoy = _decoy()
    try:
        return _HASHER.verify(kept or decoy, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether a hash was made with other numbers than today's."""
    return _HASHER.check_needs_rehash(kept)


def code(key: str, purpose: str, about: Sequence[str], at: datetime) -> str:
    """Six digits that say that a message arrived: made of the purpose, what it is about and the time; kept nowhere."""
    return _code(key, purpose, about, _window(at))


def is_code(key: str, purpose: str, about: Sequence[str], typed: str, at: datetime) -> bool:
    """Whether these digits were made for the same purpose and about the same, not long ago."""
    window = _window(at)
    digits = "".join(typed.split())
    return any(
        hmac.compare_digest(_code(key, purpose, about, w).encode(), digits.encode()) for w in (window, window - 1)
    )


def sign(key: str, purpose: str, values: Sequence[Any], at: datetime) -> str:
    """A signed text for a link, good for LINK_LIFE."""
    return _signer(key, purpose).dumps([int((at + LINK_LIFE).timestamp()), *values])


def signed(key: str, purpose: str, text: str, at: datetime) -> list[Any] | None:
    """The values of a signed text; None if it is forged, for another purpose, or too old."""
    try:
        until, *values = _signer(key, purpose).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return values if at.timestamp() <= until else None


def sign_for_good(key: str, purpose: str, values: Sequence[Any]) -> str:
    """A signed text for a link that stays good."""
    return str(_signer(key, f"{purpose}.for-good").dumps(list(values)))


def signed_for_good(key: str, purpose: str, text: str) -> list[Any] | None:
    """The values of such a text; None if it is forged or for another purpose."""
    try:
        return list(_signer(key, f"{purpose}.for-good").loads(text))
    except (BadSignature, ValueError, TypeError):
        return None


def digest(*parts: str) -> str:
    """A fingerprint that tells nothing of what it was made of."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _window(at: datetime) -> int:
    return int(at.timestamp() // CODE_LIFE.total_seconds())


def _code(key: str, purpose: str, about: Sequence[str], window: int) -> str:
    said = json.dumps([purpose, *about, window]).encode()
    number = int.from_bytes(hmac.digest(key.encode(), said, "sha256")[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _signer(key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"portal.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})


@cache
def _decoy() -> str:
    return hash_password("nobody has this password")
