"""Checks a sealed paper with what everybody may have, certificates to believe and public keys; asks no database."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import pikepdf
from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.domain import attestation, slips
from portal.domain.attestation import Claims, Forged
from portal.domain.slips import PAYLOAD_NAME, PROOF_NAME, Payload

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what is wrong is said by the fault, once

SealFault = Literal["no_pdf", "no_seal", "changed", "added_to", "not_trusted"]
ProofFault = Literal["no_proof", "unreadable", "unknown_key", "changed", "other_data"]


class NotSealed(Exception):
    """The file bears no whole seal that is to be believed; `fault` says why."""

    def __init__(self, fault: SealFault) -> None:
        super().__init__(fault)
        self.fault: Final = fault


class NotProven(Exception):
    """The token of the paper does not hold, or not for its data; `fault` says why."""

    def __init__(self, fault: ProofFault) -> None:
        super().__init__(fault)
        self.fault: Final = fault


@dataclass(frozen=True, slots=True)
class Sealed:
    """By whom and, as the signer's own clock has it, when a file was sealed."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    """What the token says, the data it was made for, and where its paper can be looked up."""

    claims: Claims
    payload: Payload
    page: str


def check_seal(pdf: bytes, anchors: Iterable[x509.Certificate]) -> Sealed:
    """See that one seal covers every byte of the file, and that its certificate leads to one to be believed.

    The certificate counts if it was valid when the seal says it was set. Raises NotSealed.
    """
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    except Exception as error:  # a broken file may break the reading anywhere
        raise NotSealed("changed" if pdf.startswith(b"%PDF-") else "no_pdf") from error
    if not signatures:
        raise NotSealed("no_seal")
    if len(signatures) > 1:
        raise NotSealed("added_to")
    try:
        # It runs an event loop of its own, for which this thread may be taken.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_sealed, pdf, signatures[0], anchors).result()
    except NotSealed:
        raise
    except Exception as error:
        raise NotSealed("changed") from error


def _sealed(pdf: bytes, signature: EmbeddedPdfSignature, anchors: Iterable[x509.Certificate]) -> Sealed:
    if (at := signature.self_reported_timestamp) is None:
        raise NotSealed("changed")
    roots = [asn1.Certificate.load(each.public_bytes(Encoding.DER)) for each in anchors]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=roots, allow_fetching=False, moment=at))
    if not (status.intact and status.valid):
        raise NotSealed("changed")
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE or not status.docmdp_ok:
        raise NotSealed("added_to")
    if not _as_we_write(pdf, signature):
        raise NotSealed("changed")
    if not status.trusted:
        raise NotSealed("not_trusted")
    return Sealed(status.signing_cert.subject.native["common_name"], at)


def _as_we_write(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether what no signature covers, the container of the seal itself, is just as the portal writes it.

    Much in it means nothing: version numbers, the padding, the case of a digit, the name of an algorithm that is named
    elsewhere too. Any of it could be changed unseen, so there is only one way to write it.
    """
    _, start, end, rest = signature.byte_range
    gap = pdf[start:end]
    content = cms.ContentInfo.load(bytes.fromhex(gap[1:-1].decode("ascii")))
    written = _container(content["content"]).dump().hex().upper()
    return end + rest == len(pdf) and gap.decode("ascii") == f"<{written.ljust(len(gap) - 2, '0')}>"


def _container(signed: cms.SignedData) -> cms.ContentInfo:
    """The container anew, from nothing but what is signed in it: certificates, attributes, and the signature itself."""
    (info,) = signed["signer_infos"]
    digest = algos.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
    signer = next(each.chosen for each in signed["certificates"] if _signed_with(info, each.chosen))
    identifier = cms.IssuerAndSerialNumber({"issuer": signer.issuer, "serial_number": signer.serial_number})
    signer_info = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
        "digest_algorithm": digest,
        "signed_attrs": info["signed_attrs"],
        "signature_algorithm": info["signature_algorithm"],
        "signature": info["signature"],
    }
    data = {
        "version": "v1",
        "digest_algorithms": [digest],
        "encap_content_info": {"content_type": "data"},
        "certificates": signed["certificates"],
        "signer_infos": [signer_info],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def _signed_with(info: cms.SignerInfo, certificate: asn1.Certificate) -> bool:
    """Whether a seal names this certificate, by its number: its issuer's name is read in more than one way."""
    return bool(info["sid"].chosen["serial_number"].native == certificate.serial_number)


def check_proof(pdf: bytes, keys: Mapping[bytes, Ed25519PublicKey]) -> Proven:
    """See that one of the keys signed the token attached to a paper, and for the data attached. Raises NotProven."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            files = opened.attachments
            proof, text = (files[name].get_file().read_bytes().decode() for name in (PROOF_NAME, PAYLOAD_NAME))
    except (pikepdf.PdfError, KeyError, ValueError) as error:
        raise NotProven("no_proof") from error
    page, _, token = proof.rpartition("/")
    try:
        claims = attestation.read(token, keys)
    except Forged as forged:
        raise NotProven(forged.fault) from forged
    digest = attestation.digest(text)
    with suppress(ValueError):
        payload = slips.from_json(json.loads(text))
        if replace(attestation.claims_of(payload), digest=digest) == claims:
            return Proven(claims, payload, page)
    raise NotProven("other_data")
