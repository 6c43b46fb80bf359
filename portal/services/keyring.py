"""Keeps the keys of the tokens in the QR of papers: the one that signs, and the public half of each that ever did.

The public halves are files of their own, so that whoever only checks needs no passphrase. A key that is no longer to be
believed is taken back by removing its public file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from portal.domain.attestation import from_jwks, key_id, to_jwk
from portal.services import private_files
from portal.settings import Settings

_CURRENT: Final = "current.pem"


class Keyring:
    """The keys in one folder; any number of processes may share it."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        self._folder = folder
        self._passphrase = passphrase.encode()
        self._current: tuple[object, Ed25519PrivateKey] | None = None
        self._public: tuple[object, dict[bytes, Ed25519PublicKey]] = (None, {})

    def current(self) -> Ed25519PrivateKey:
        """The key that signs now, made at first use; read anew where it was changed."""
        path = self._folder / _CURRENT
        if not path.exists():
            with private_files.alone_in(self._folder):
                if not path.exists():
                    self._make()
        state = _state(path)
        if self._current is None or self._current[0] != state:
            key = load_pem_private_key(path.read_bytes(), self._passphrase)
            assert isinstance(key, Ed25519PrivateKey)
            self._current = (state, key)
        return self._current[1]

    def public(self) -> Mapping[bytes, Ed25519PublicKey]:
        """Every key that is to be believed, by its name; none in a portal that has not signed yet."""
        if self._public[0] != (state := _state(self._folder)):
            self._public = (state, from_jwks(self._read()))
        return self._public[1]

    def jwks(self) -> dict[str, Any]:
        """The same as a JSON Web Key Set (RFC 7517)."""
        return self._read()

    def rotate(self) -> bytes:
        """Sign with a new key from now on; gives its name. The old one's private half is gone, its papers stay good."""
        with private_files.alone_in(self._folder):
            return self._make()

    def _read(self) -> dict[str, Any]:
        files = sorted(self._folder.glob("*.jwk"))
        return {"keys": [json.loads(file.read_text(encoding="ascii")) for file in files]}

    def _make(self) -> bytes:
        key = Ed25519PrivateKey.generate()
        jwk = to_jwk(key.public_key())
        # First what the world needs to check with: a token is never signed by a key that nobody knows.
        private_files.write(self._folder / f"{jwk['kid']}.jwk", json.dumps(jwk).encode("ascii"))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase))
        private_files.write(self._folder / _CURRENT, pem)
        return key_id(key.public_key())


def open_keyring(settings: Settings) -> Keyring:
    """The keyring that the settings describe."""
    return Keyring(settings.keys_folder / "tokens", settings.keys_passphrase)


def _state(path: Path) -> object:
    """What changes when the file, or a name in the folder, does; None where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns
