"""The certificates that papers are sealed with: PKCS#12 files of the offices, and an authority of the portal's own.

The embedded default makes its authority at the first start, and a certificate of each issuing body when its first paper
is sealed; a file `<issuer>.p12` in the folder of given seals takes the place of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12, serialize_key_and_certificates
from cryptography.x509.oid import NameOID, ObjectIdentifier

from portal.domain.errors import PortalError
from portal.services import private_files
from portal.settings import Settings

AUTHORITY_NAME: Final = "Một Cửa – cơ quan chứng thực nhúng sẵn"
AUTHORITY_YEARS: Final = 20
SEAL_YEARS: Final = 5
RENEWED_BEFORE: Final = timedelta(days=60)
"""A certificate of our own that ends within this time is followed by a new one."""

CLOCK_SKEW: Final = timedelta(hours=1)
"""A certificate begins so much before it is made, for machines whose clocks run behind."""

LONGEST_NAME: Final = 64
"""Characters of a common name (RFC 5280, ub-common-name)."""

_YEAR: Final = timedelta(days=365)
_ROOT: Final = "authority"
_ISSUER: Final = re.compile(r"[a-z0-9-]+")
_DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey


class SealUnusable(PortalError):
    """A given PKCS#12 file cannot seal: wrong passphrase, another kind of key, not valid on that day."""

    status, code = 503, "seal_unusable"


@dataclass(frozen=True, eq=False)
class Seal:
    """What a paper is sealed with: the private key, its certificate, and the certificates above it."""

    key: PrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    def holds(self, at: datetime) -> bool:
        """Whether the certificate is valid at this instant."""
        return self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc

    @property
    def anchor(self) -> x509.Certificate:
        """What must be believed for this seal to be: the certificate that signed itself, else the seal's own."""
        return next((each for each in self.above if each.subject == each.issuer), self.certificate)


class Seals:
    """The seals of all issuing bodies; any number of processes may share the folder."""

    def __init__(self, folder: Path, passphrase: str, given: Path | None = None, given_passphrase: str = "") -> None:
        self._folder = folder
        self._passphrase = passphrase.encode()
        self._given = given
        self._given_passphrase = given_passphrase.encode() or None
        self._opened: dict[Path, tuple[int, Seal]] = {}

    def of(self, issuer: str, name: str, at: datetime) -> Seal:
        """The seal of an issuing body, made where there is none or it is about to end. Raises SealUnusable.

        Args:
            issuer: the body's key, as the slip keeps it ('bao-yen', 'cong-an-bao-yen').
            name: what the body is called on its papers.
        """
        if not _ISSUER.fullmatch(issuer):
            raise SealUnusable(issuer=issuer, why="name")
        if self._given and (path := self._given / f"{issuer}.p12").exists():
            seal = self._open(path, self._given_passphrase)
            if not seal.holds(at):
                raise SealUnusable(issuer=issuer, why="not_valid_now")
            return seal
        path = self._folder / f"{issuer}.p12"
        if (kept := self._kept(path, at)) is not None:
            return kept
        with private_files.alone_in(self._folder):
            if (kept := self._kept(path, at)) is not None:
                return kept
            self._save(path, _certified(name, self._authority(at), at))
        return self._open(path, self._passphrase)

    def anchors(self) -> Sequence[x509.Certificate]:
        """The certificates to believe in order to check papers of this portal; none before its first start."""
        paths = sorted(self._given.glob("*.p12")) if self._given else []
        given = [self._open(path, self._given_passphrase).anchor for path in paths]
        root = self._folder / f"{_ROOT}.pem"
        own = [x509.load_pem_x509_certificate(root.read_bytes())] if root.exists() else []
        return list(dict.fromkeys([*own, *given]))

    def open_all(self, at: datetime) -> Sequence[Seal]:
        """Make the authority where there is none, and open every seal there is, before processes are forked.

        The authority's own comes first. One that was given and cannot be opened is left out: whoever asks for it is
        told.
        """
        with private_files.alone_in(self._folder):
            authority = self._authority(at)
        own = [self._open(path, self._passphrase) for path in self._folder.glob("*.p12")]
        given = []
        for path in self._given.glob("*.p12") if self._given else ():
            with suppress(SealUnusable):
                given.append(self._open(path, self._given_passphrase))
        return [authority, *own, *given]

    def _kept(self, path: Path, at: datetime) -> Seal | None:
        if not path.exists():
            return None
        seal = self._open(path, self._passphrase)
        return seal if seal.holds(at) and seal.holds(at + RENEWED_BEFORE) else None

    def _authority(self, at: datetime) -> Seal:
        path = self._folder / f"{_ROOT}.p12"
        if not path.exists():
            authority = _authority(at)
            self._save(path, authority)
            pem = authority.certificate.public_bytes(Encoding.PEM)
            private_files.write(self._folder / f"{_ROOT}.pem", pem)
        return self._open(path, self._passphrase)

    def _open(self, path: Path, passphrase: bytes | None) -> Seal:
        changed = path.stat().st_mtime_ns
        opened, seal = self._opened.get(path, (0, None))
        if seal is None or opened != changed:
            seal = _loaded(path, passphrase)
            self._opened[path] = (changed, seal)
        return seal

    def _save(self, path: Path, seal: Seal) -> None:
        encryption = BestAvailableEncryption(self._passphrase)
        content = serialize_key_and_certificates(None, seal.key, seal.certificate, seal.above, encryption)
        private_files.write(path, content)


def open_seals(settings: Settings) -> Seals:
    """The seals that the settings describe."""
    folder = settings.keys_folder / "seals"
    return Seals(folder, settings.keys_passphrase, settings.seals_folder, settings.seals_passphrase)


def _loaded(path: Path, passphrase: bytes | None) -> Seal:
    try:
        found = load_pkcs12(path.read_bytes(), passphrase)
    except ValueError as error:
        raise SealUnusable(issuer=path.stem, why="passphrase_or_file") from error
    if not isinstance(found.key, PrivateKey) or found.cert is None:
        raise SealUnusable(issuer=path.stem, why="no_key_that_can_sign")
    return Seal(found.key, found.cert.certificate, tuple(each.certificate for each in found.additional_certs))


def _authority(at: datetime) -> Seal:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME)])
    certificate = (
        _begun(name, name, key, at, AUTHORITY_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(key, SHA256())
    )
    return Seal(key, certificate, ())


def _certified(body: str, authority: Seal, at: datetime) -> Seal:
    """A new key of an issuing body, certified by the portal's authority for sealing documents."""
    key = generate_private_key(SECP256R1())
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, body[:LONGEST_NAME]),
        # Where RFC 5280 counts letters, the library would count bytes, of which Vietnamese has twice as many.
        x509.NameAttribute(NameOID.COMMON_NAME, body[:LONGEST_NAME], _validate=False),
    ]
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.certificate.public_key())  # type: ignore[arg-type]
    certificate = (
        _begun(x509.Name(attributes), authority.certificate.subject, key, at, SEAL_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(above, critical=False)
        .sign(authority.key, SHA256())
    )
    return Seal(key, certificate, (authority.certificate,))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, at: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_SKEW)
        .not_valid_after(at + years * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    """Of the authority: certificates and their revocation; of a seal: documents that cannot be denied."""
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
