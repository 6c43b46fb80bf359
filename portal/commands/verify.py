"""`portal verify`: whether a paper is the portal's own and unchanged; needs the public keys alone, and no database.

On the portal's own machine it also says whether the paper still counts, which no key can tell.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.domain import attestation, slips
from portal.domain.numerals import long_date
from portal.services import checking
from portal.services.certificates import open_seals
from portal.services.checking import NotProven, NotSealed, Proven, Sealed
from portal.services.keyring import open_keyring
from portal.settings import Settings, database_there
from procedures.calendars import OFFICE_TIME

SEAL_FAULTS: Final[Mapping[checking.SealFault, str]] = {
    "no_pdf": "tệp không phải là PDF",
    "no_seal": "tệp không mang dấu điện tử",
    "changed": "tệp đã bị sửa sau khi ký, hoặc không phải do cổng ký",
    "added_to": "tệp đã bị thêm nội dung sau khi ký",
    "not_trusted": "chứng thư không do cơ quan được tin cậy cấp, hoặc không còn hạn vào lúc ký",
}
PROOF_FAULTS: Final[Mapping[checking.ProofFault, str]] = {
    "no_proof": "tệp không đính kèm mã xác minh và dữ liệu",
    "unreadable": "mã xác minh không đọc được",
    "unknown_key": "mã xác minh ký bằng khóa không có trong các khóa công khai",
    "changed": "mã xác minh đã bị sửa hoặc bị làm giả",
    "other_data": "dữ liệu đính kèm không phải là dữ liệu mà mã xác minh được cấp cho",
}
GOOD, BAD = "ĐÚNG", "SAI"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--keys", type=click.File("rb"), help="Khóa công khai (JWKS), nếu không lấy của cổng trên máy này.")
@click.option("--trust", type=click.File("rb"), help="Chứng thư gốc được tin cậy (PEM), nếu không lấy của cổng này.")
def command(file: Path, keys: Any, trust: Any) -> None:
    """Giấy trong FILE (PDF) có đúng do cổng lập và còn nguyên vẹn hay không; mã thoát 0 là đúng, 1 là không.

    Trên máy của cổng còn cho biết giấy đã bị thay thế hay thu hồi chưa; nếu rồi thì mã thoát cũng là 1.
    """
    known, anchors = _known(keys.read() if keys else None), _anchors(trust.read() if trust else None)
    if not known or not anchors:
        raise click.UsageError("máy này chưa có khóa công khai và chứng thư của cổng; hãy cho biết --keys và --trust.")
    content = file.read_bytes()
    try:
        sealed: Sealed | NotSealed = checking.check_seal(content, anchors)
    except NotSealed as fault:
        sealed = fault
    try:
        proven: Proven | NotProven = checking.check_proof(content, known)
    except NotProven as fault:
        proven = fault
    gone = None
    if isinstance(sealed, Sealed) and isinstance(proven, Proven) and keys is None and database_there(os.environ):
        gone = _gone(proven)
    click.echo("\n".join(_said(sealed, proven, gone)))
    if gone or not (isinstance(sealed, Sealed) and isinstance(proven, Proven)):
        raise SystemExit(1)


def _gone(proven: Proven) -> str | None:
    """Why the paper no longer counts, '' if it does; None where the portal's database does not say."""
    from portal.usecases import start  # not needed, nor what it brings along, where there is no database
    from portal.usecases.verification import Standing

    verdict = start.stand(Settings.from_env(), proven.claims)
    if verdict is None or verdict.standing in (Standing.UNKNOWN, Standing.ISSUED):  # a blank counts for nothing yet
        return None
    since = f", {long_date(verdict.on)}" if verdict.on else ""
    if verdict.standing is Standing.REPLACED:
        return f"đã được thay bằng giấy số {verdict.number}{since}"
    return f"đã bị thu hồi{since}" if verdict.standing is Standing.REVOKED else ""


def _known(jwks: bytes | None) -> Mapping[bytes, Ed25519PublicKey]:
    if jwks is None:
        return open_keyring(Settings.from_env()).public()
    try:
        return attestation.from_jwks(json.loads(jwks))
    except ValueError:
        raise click.BadParameter("không phải là bộ khóa công khai JWKS.", param_hint="--keys") from None


def _anchors(pem: bytes | None) -> Sequence[x509.Certificate]:
    if pem is None:
        return open_seals(Settings.from_env()).anchors()
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise click.BadParameter("không phải là chứng thư PEM.", param_hint="--trust") from None


def _said(sealed: Sealed | NotSealed, proven: Proven | NotProven, gone: str | None) -> Iterator[str]:
    if isinstance(sealed, Sealed):
        at = sealed.at.astimezone(OFFICE_TIME)
        yield f"[{GOOD}] Dấu điện tử: {sealed.by}, ký lúc {at:%H:%M %d/%m/%Y}; tệp còn nguyên từng byte."
    else:
        yield f"[{BAD}] Dấu điện tử: {SEAL_FAULTS[sealed.fault]}."
    if isinstance(proven, NotProven):
        yield f"[{BAD}] Mã xác minh: {PROOF_FAULTS[proven.fault]}."
    else:
        yield f"[{GOOD}] Mã xác minh: ký bằng khóa của cổng, đúng với dữ liệu đính kèm."
        yield from _paper(proven)
    if gone:
        yield f"[{BAD}] Hiệu lực: giấy {gone}."
        yield "Kết luận: giấy do cổng lập và chưa bị sửa, nhưng KHÔNG còn giá trị."
    elif gone is not None:
        yield f"[{GOOD}] Hiệu lực: giấy chưa bị thay thế hay thu hồi."
        yield "Kết luận: giấy do cổng lập, chưa bị sửa và còn giá trị."
    elif isinstance(sealed, Sealed) and isinstance(proven, Proven):
        yield "Kết luận: giấy do cổng lập và chưa bị sửa."
        yield f"Giấy đã bị thay thế hay thu hồi chưa thì chỉ cổng biết: quét mã QR, hoặc mở {proven.page}"
    else:
        yield "Kết luận: KHÔNG được dùng tệp này làm giấy của cổng."


def _paper(proven: Proven) -> Iterator[str]:
    claims = proven.claims
    yield f"       {slips.form_of(proven.payload).title}"
    about = slips.reference(proven.payload)[0] if claims.kind.is_of_unit else "Hồ sơ"
    yield f"       {about} {claims.reference}; số {claims.number or '(không có)'}; {long_date(claims.issued_on)}"
    for label, instant in (("Tiếp nhận", claims.received_at), ("Hẹn trả", claims.due_at)):
        if instant:
            yield f"       {label}: {instant.astimezone(OFFICE_TIME):%H:%M %d/%m/%Y}"
