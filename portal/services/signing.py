"""Signs papers: the token for their QR with the portal's key, the file with the seal of the body that issues it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache, partial
from typing import Any, Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.domain import attestation
from portal.domain.attestation import Claims
from portal.services.certificates import Seal, Seals, open_seals
from portal.services.keyring import Keyring, open_keyring
from portal.settings import Settings

FIELD: Final = "DauDienTu"
REASON: Final = "Văn bản do cổng Một Cửa lập"
DIGEST: Final = "sha256"

CONTAINER: Final = 1024
"""Bytes kept free for a signature beside its certificates, of which one is rarely longer than 2 KB."""


class Notary:
    """Whatever a worker needs to sign papers."""

    def __init__(self, keyring: Keyring, seals: Seals) -> None:
        self.keyring, self.seals = keyring, seals

    def attest(self, claims: Claims) -> str:
        """The token of a paper, signed with the key of today."""
        return attestation.attest(claims, self.keyring.current())

    def seal(self, pdf: bytes, issuer: str, name: str, at: datetime) -> bytes:
        """The PDF with an invisible signature of the issuing body (PAdES B-B) that allows no change after it.

        It is added behind the file as it is, so that what made it a PDF/A-3 stays untouched. Raises SealUnusable.
        """
        return _signed(pdf, _hand(self.seals.of(issuer, name, at)), name, at)

    def prepare(self, at: datetime) -> Sequence[Seal]:
        """Make what is missing and open what there is, before processes are forked that need it; gives the seals."""
        self.keyring.current()
        return self.seals.open_all(at)

    def rehearse(self, claims: Claims, pdf: bytes, at: datetime) -> None:
        """Prepare, and sign a proof that nobody keeps: a process's first signature takes longer than its next ones."""
        hands = [_hand(seal) for seal in self.prepare(at)]
        self.attest(claims)
        _signed(pdf, hands[0], "", at)


def _signed(pdf: bytes, hand: _Hand, name: str, at: datetime) -> bytes:
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=REASON,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    sign = partial(
        _Sealer(metadata, hand, at).sign_pdf,
        IncrementalPdfFileWriter(io.BytesIO(pdf)),
        bytes_reserved=2 * (CONTAINER + hand.certificate_bytes),  # hex
    )
    # It runs an event loop of its own, for which this thread may be taken.
    with ThreadPoolExecutor(1) as thread:
        content: bytes = thread.submit(sign).result().getvalue()
    return content


def open_notary(settings: Settings) -> Notary:
    """The notary that the settings describe."""
    return Notary(open_keyring(settings), open_seals(settings))


class _Hand(Signer):
    """Signs with a key that was opened once: pyHanko's own opens it for every paper."""

    def __init__(self, seal: Seal) -> None:
        store = SimpleCertificateStore()
        for each in seal.above:
            store.register(_asn1(each))
        super().__init__(signing_cert=_asn1(seal.certificate), cert_registry=store, embed_roots=False)
        self._key = seal.key
        self.certificate_bytes = sum(len(_der(each)) for each in (seal.certificate, *seal.above))

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes((self._key.key_size + 7) // 8 + 16)
        if isinstance(self._key, EllipticCurvePrivateKey):
            return self._key.sign(data, ECDSA(hashes.SHA256()))
        return self._key.sign(data, PKCS1v15(), hashes.SHA256())


class _Sealer(PdfSigner):
    """Signs at the instant it is told, instead of reading the clock itself."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: Signer, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at
        return session


@cache
def _hand(seal: Seal) -> _Hand:
    return _Hand(seal)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(_der(certificate))
