"""Sealed papers: good to validators that know nothing of the portal, and refused when one byte has changed."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from portal.domain import attestation, slips
from portal.domain.attestation import Link
from portal.services import checking, signing
from portal.services.certificates import Seals, SealUnusable
from portal.services.checking import NotProven, NotSealed
from portal.services.keyring import Keyring
from portal.services.signing import Notary
from tests import sample_papers
from tests.sample_papers import RECEIPT
from tests.services.test_keys import pkcs12_file
from workers import pdf

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
PAGE = "https://mot-cua.example.vn/xac-minh/"
ISSUER = RECEIPT.head.issuer


def drawn(notary: Notary, payload: slips.Payload = RECEIPT) -> bytes:
    """A paper with its token, as it is before it is sealed."""
    return pdf.render(payload, Link(PAGE, notary.attest(attestation.claims_of(payload))))


@pytest.fixture(scope="module")
def paper(notary: Notary) -> bytes:
    """A sealed receipt."""
    return notary.seal(drawn(notary), "nghia-do", ISSUER, NOW)


@pytest.fixture(scope="module")
def anchors(notary: Notary, paper: bytes) -> list[x509.Certificate]:
    return list(notary.seals.anchors())


@pytest.fixture(scope="module")
def refusal(anchors: list[x509.Certificate]) -> Callable[[bytes], str]:
    """Why a file is not taken for a sealed paper; empty for one that is."""

    def why(content: bytes) -> str:
        try:
            checking.check_seal(content, anchors)
        except NotSealed as fault:
            return fault.fault
        return ""

    return why


def pdfsig(content: bytes, folder: Path) -> str:
    """What poppler's validator says, which shares no code with what signed."""
    file = folder / "paper.pdf"
    file.write_bytes(content)
    return subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout


def container(content: bytes) -> tuple[bytes, bytes]:
    """What a seal covers, and the seal itself, cut out of the file by hand."""
    found = re.search(rb"/ByteRange ?\[0 (\d+) (\d+) (\d+)", content)
    assert found
    end, start, length = (int(number) for number in found.groups())
    return content[:end] + content[start : start + length], bytes.fromhex(content[end + 1 : start - 1].decode())


def openssl_verifies(content: bytes, roots: list[x509.Certificate], folder: Path) -> bool:
    """Whether OpenSSL takes the seal for a CMS signature of the covered bytes by somebody the roots certified."""
    covered, der = container(content)
    (folder / "covered").write_bytes(covered)
    (folder / "der").write_bytes(cms.ContentInfo.load(der).dump())
    (folder / "roots.pem").write_bytes(b"".join(root.public_bytes(Encoding.PEM) for root in roots))
    command = "openssl cms -verify -binary -inform DER -in der -content covered -CAfile roots.pem -purpose any -out out"
    return subprocess.run([*command.split()], cwd=folder, capture_output=True, check=False).returncode == 0


# --- independent validators ---


def test_an_independent_validator_finds_the_seal_valid_and_over_the_whole_document(
    paper: bytes, tmp_path: Path
) -> None:
    said = pdfsig(paper, tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert f"Signer Certificate Common Name: {ISSUER}" in said
    assert said.count("Signature #") == 1


@pytest.mark.parametrize("name", ["register", "hand-over list", "hand-over receipt", "letter about a birth"])
def test_papers_of_units_and_letters_are_sealed_like_any_other(name: str, notary: Notary, tmp_path: Path) -> None:
    sealed = notary.seal(drawn(notary, sample_papers.ALL[name]), "nghia-do", ISSUER, NOW)
    assert "Signature is Valid." in pdfsig(sealed, tmp_path)


def test_an_independent_validator_finds_a_changed_byte(paper: bytes, tmp_path: Path) -> None:
    place = len(paper) // 3
    changed = paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :]
    assert "Signature is Valid." not in pdfsig(changed, tmp_path)


def test_openssl_follows_the_certificate_to_the_authority_and_to_no_other(
    paper: bytes, anchors: list[x509.Certificate], tmp_path: Path
) -> None:
    assert openssl_verifies(paper, anchors, tmp_path)
    other = Seals(tmp_path / "other", "p")
    other.open_all(NOW)
    assert not openssl_verifies(paper, list(other.anchors()), tmp_path)


def test_the_seal_is_one_of_pades_with_the_certificate_bound_and_the_time_told(paper: bytes) -> None:
    _, der = container(paper)
    signed = cms.ContentInfo.load(der)["content"]
    attributes = {each["type"].native for each in signed["signer_infos"][0]["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes, "PAdES tells it in the file"
    with pikepdf.open(io.BytesIO(paper)) as opened:
        signature = opened.Root.AcroForm.Fields[0].V
        assert str(signature.SubFilter) == "/ETSI.CAdES.detached"
        assert str(signature.M) == "D:20260914020000Z"
        assert int(signature.Reference[0].TransformParams.P) == 1, "no change is allowed"


# --- what it was before stays ---


def test_a_sealed_paper_is_still_the_tagged_pdf_a_it_was_with_its_data(paper: bytes, notary: Notary) -> None:
    bare = drawn(notary)
    assert paper.startswith(bare), "added behind the file, every byte of which stays"
    with pikepdf.open(io.BytesIO(paper)) as opened:
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
        assert bool(opened.Root.MarkInfo.Marked)
        assert "/K" in opened.Root.StructTreeRoot
        assert [str(intent.S) for intent in opened.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert list(opened.attachments) == [slips.PAYLOAD_NAME, slips.PROOF_NAME]
        attached = opened.attachments[slips.PAYLOAD_NAME]
        assert json.loads(attached.get_file().read_bytes()) == slips.to_json(RECEIPT)
        assert not {"/OpenAction", "/AA"} & set(opened.Root.keys())
        # PDF/A-3, 6.3.2: printed, never hidden; and nothing of it is drawn.
        (widget,) = opened.pages[0].Annots
        assert int(widget.F) & 4
        assert not int(widget.F) & 0b100011
        assert [float(side) for side in widget.Rect] == [0, 0, 0, 0]


def test_the_page_looks_as_it_did_before_it_was_sealed(paper: bytes, notary: Notary) -> None:
    def picture(content: bytes) -> bytes:
        with pypdfium2.PdfDocument(content) as opened:
            return opened[0].render(scale=1).to_pil().tobytes()

    assert picture(paper) == picture(drawn(notary))


@pytest.mark.parametrize("name", sample_papers.ALL)
def test_the_code_on_a_paper_is_read_off_its_picture_and_holds_its_token(name: str, notary: Notary) -> None:
    payload = sample_papers.ALL[name]
    with pypdfium2.PdfDocument(drawn(notary, payload)) as opened:
        picture = opened[0].render(scale=200 / 72).to_pil()
    # Only codes of this kind: who looks for every kind may take other marks on the page for one.
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert code.ec_level == "M"
    assert code.text.startswith(PAGE)
    token = code.text.removeprefix(PAGE)
    assert attestation.read(token, notary.keyring.public()) == attestation.claims_of(payload)


# --- changes ---


def test_a_whole_paper_is_taken(paper: bytes, anchors: list[x509.Certificate]) -> None:
    sealed = checking.check_seal(paper, anchors)
    assert (sealed.by, sealed.at) == (ISSUER, NOW)


@examples(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_paper_with_any_byte_changed_is_refused(
    place: float, change: int, paper: bytes, refusal: Callable[[bytes], str]
) -> None:
    at = int(place * len(paper))
    assert refusal(paper[:at] + bytes([paper[at] ^ change]) + paper[at + 1 :])


@examples(max_examples=120)
@given(data=st.data(), change=st.integers(1, 255))
def test_what_no_signature_covers_cannot_be_changed_either(
    data: st.DataObject, change: int, paper: bytes, refusal: Callable[[bytes], str]
) -> None:
    _, der = container(paper)
    start = paper.index(der.hex().upper().encode("ascii"))
    at = data.draw(st.integers(0, len(der) - 1))
    changed = bytearray(der)
    changed[at] ^= change
    assert refusal(paper[:start] + changed.hex().upper().encode("ascii") + paper[start + 2 * len(der) :])


def test_digits_of_the_seal_in_another_case_are_a_change(paper: bytes, refusal: Callable[[bytes], str]) -> None:
    _, der = container(paper)
    written = der.hex().upper().encode("ascii")
    assert refusal(paper.replace(written, written.lower())) == "changed"


@pytest.mark.parametrize("added", [b"\n", b" ", b"%", b"\n%%EOF\n", b"\0"])
def test_a_byte_behind_the_file_is_a_change(added: bytes, paper: bytes, refusal: Callable[[bytes], str]) -> None:
    assert refusal(paper + added)
    assert refusal(paper[:-1])


def test_an_update_behind_the_file_is_refused_whatever_it_changes(
    paper: bytes, refusal: Callable[[bytes], str]
) -> None:
    def updated(change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(paper))
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        assert out.getvalue().startswith(paper)
        assert out.getvalue() != paper
        return out.getvalue()

    def nothing(writer: IncrementalPdfFileWriter) -> None:
        writer.add_object(generic.NumberObject(1))

    def language(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Lang"] = generic.TextStringObject("en")
        writer.update_root()

    def page(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]["/Kids"][0]
        pages["/Rotate"] = generic.NumberObject(90)
        writer.update_container(pages)

    assert [refusal(updated(change)) for change in (nothing, language, page)] == ["added_to"] * 3


def test_a_second_seal_over_everything_is_something_added(
    paper: bytes, notary: Notary, refusal: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SigningError):
        notary.seal(paper, "bao-yen", "ỦY BAN NHÂN DÂN XÃ BẢO YÊN", NOW)
    monkeypatch.setattr(signing, "FIELD", "Another")
    monkeypatch.setattr(PdfSigner, "_enforce_certification_constraints", lambda *_: None)
    monkeypatch.setattr(
        signing, "PdfSignatureMetadata", lambda **told: PdfSignatureMetadata(**told | {"certify": False})
    )
    assert refusal(notary.seal(paper, "bao-yen", "ỦY BAN NHÂN DÂN XÃ BẢO YÊN", NOW)) == "added_to"


def test_a_paper_sealed_by_somebody_else_is_not_trusted(
    notary: Notary, refusal: Callable[[bytes], str], tmp_path: Path
) -> None:
    forger = Notary(notary.keyring, Seals(tmp_path, "p"))
    assert refusal(forger.seal(drawn(notary), "nghia-do", ISSUER, NOW)) == "not_trusted"


def test_a_seal_counts_by_the_time_it_was_set(notary: Notary, anchors: list[x509.Certificate], tmp_path: Path) -> None:
    pkcs12_file(tmp_path / "nghia-do.p12", b"office")
    given_ = Seals(tmp_path / "seals", "p", tmp_path, "office")
    sealed = Notary(notary.keyring, given_).seal(drawn(notary), "nghia-do", ISSUER, NOW)
    # Valid in 2026 alone, and looked at whenever these tests are run.
    assert checking.check_seal(sealed, given_.anchors()).by == "UBND xã Nghĩa Đô"


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04"])
def test_what_is_no_pdf_is_called_so(content: bytes, refusal: Callable[[bytes], str]) -> None:
    assert refusal(content) == "no_pdf"


def test_a_paper_without_a_seal_is_called_so(notary: Notary, refusal: Callable[[bytes], str]) -> None:
    assert refusal(drawn(notary)) == "no_seal"


def test_a_paper_sealed_with_the_rsa_key_of_a_pkcs12_file_is_as_good_and_as_hard_to_change(
    notary: Notary, tmp_path: Path
) -> None:
    (given_ := tmp_path / "given").mkdir()
    pkcs12_file(given_ / "nghia-do.p12", b"office")
    seals = Seals(tmp_path / "seals", "p", given_, "office")
    paper = Notary(notary.keyring, seals).seal(drawn(notary), "nghia-do", ISSUER, NOW)
    assert checking.check_seal(paper, seals.anchors())
    assert "Signature is Valid." in pdfsig(paper, tmp_path)
    _, der = container(paper)
    start = paper.index(der.hex().upper().encode("ascii"))
    for at in range(0, len(der), 17):
        changed = bytearray(der)
        changed[at] ^= 1
        with pytest.raises(NotSealed):
            checking.check_seal(
                paper[:start] + changed.hex().upper().encode("ascii") + paper[start + 2 * len(der) :], seals.anchors()
            )


def test_a_given_seal_that_cannot_be_opened_keeps_no_worker_from_starting_and_seals_nothing(
    notary: Notary, tmp_path: Path
) -> None:
    (given_ := tmp_path / "given").mkdir()
    pkcs12_file(given_ / "bao-ha.p12", b"office")
    pkcs12_file(given_ / "nghia-do.p12", b"another passphrase")
    workers = Notary(notary.keyring, Seals(tmp_path / "seals", "p", given_, "office"))
    workers.rehearse(attestation.claims_of(RECEIPT), drawn(notary), NOW)
    assert workers.seal(drawn(notary), "bao-ha", ISSUER, NOW)
    with pytest.raises(SealUnusable):
        workers.seal(drawn(notary), "nghia-do", ISSUER, NOW)


def test_a_paper_is_sealed_and_checked_where_an_event_loop_runs(notary: Notary) -> None:
    async def both() -> str:
        paper = notary.seal(drawn(notary), "nghia-do", ISSUER, NOW)
        return checking.check_seal(paper, notary.seals.anchors()).by

    assert asyncio.run(both()) == ISSUER


# --- token and data ---


def test_token_and_data_of_a_paper_belong_together(paper: bytes, notary: Notary) -> None:
    proven = checking.check_proof(paper, notary.keyring.public())
    assert proven.claims == attestation.claims_of(RECEIPT)
    assert proven.payload == RECEIPT
    assert proven.page == PAGE.rstrip("/")


def test_the_token_of_another_paper_proves_nothing(notary: Notary) -> None:
    other = replace(RECEIPT, due_at=RECEIPT.due_at + timedelta(days=1))
    borrowed = pdf.render(other, Link(PAGE, notary.attest(attestation.claims_of(RECEIPT))))
    with pytest.raises(NotProven, match="other_data"):
        checking.check_proof(borrowed, notary.keyring.public())


def test_a_token_that_says_another_date_than_its_data_proves_nothing(notary: Notary) -> None:
    claims = attestation.claims_of(RECEIPT)
    lying = replace(claims, due_at=NOW)
    with pytest.raises(NotProven, match="other_data"):
        checking.check_proof(pdf.render(RECEIPT, Link(PAGE, notary.attest(lying))), notary.keyring.public())


@pytest.mark.parametrize(("token", "fault"), [("", "no_proof"), ("ABC", "unreadable")])
def test_a_paper_without_a_token_or_with_an_invented_one_proves_nothing(token: str, fault: str, notary: Notary) -> None:
    invented = pdf.render(RECEIPT, Link(PAGE, token) if token else None)
    with pytest.raises(NotProven, match=fault):
        checking.check_proof(invented, notary.keyring.public())


def test_a_token_of_another_portal_proves_nothing(paper: bytes, tmp_path: Path) -> None:
    other = Keyring(tmp_path, "p")
    other.current()
    with pytest.raises(NotProven, match="unknown_key"):
        checking.check_proof(paper, other.public())
