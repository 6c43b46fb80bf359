"""`portal verify`: says in plain words what holds and what does not, with the public keys alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from portal.commands.verify import PROOF_FAULTS, SEAL_FAULTS, command
from portal.domain import attestation
from portal.domain.attestation import Link
from portal.services.signing import Notary, open_notary
from portal.settings import Settings
from portal.usecases import start
from portal.usecases.verification import Standing, Verdict
from tests.sample_papers import RECEIPT
from workers import pdf

PAGE = "https://mot-cua.example.vn/xac-minh/"


def made(notary: Notary, *, token: str = "") -> bytes:
    proof = Link(PAGE, token or notary.attest(attestation.claims_of(RECEIPT)))
    return notary.seal(
        pdf.render(RECEIPT, proof), "nghia-do", RECEIPT.head.issuer, datetime(2026, 9, 14, 2, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def paper(notary: Notary) -> bytes:
    return made(notary)


@pytest.fixture
def public(notary: Notary, paper: bytes, tmp_path: Path) -> list[str]:
    """The options that name what everybody may have of this portal."""
    jwks, roots = tmp_path / "jwks.json", tmp_path / "roots.pem"
    jwks.write_text(json.dumps(notary.keyring.jwks()))
    roots.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in notary.seals.anchors()))
    return ["--keys", str(jwks), "--trust", str(roots)]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without database and keys."""
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/no/such/folder.sqlite3")
    return tmp_path / "var"


def run(content: bytes, tmp_path: Path, *options: str) -> Result:
    (file := tmp_path / "giay.pdf").write_bytes(content)
    return CliRunner().invoke(command, [str(file), *options])


def test_a_whole_paper_is_called_good_with_who_sealed_it_and_what_it_says(
    paper: bytes, public: list[str], tmp_path: Path
) -> None:
    result = run(paper, tmp_path, *public)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "[ĐÚNG] Dấu điện tử: ỦY BAN NHÂN DÂN XÃ NGHĨA ĐÔ, ký lúc 09:00 14/09/2026; tệp còn nguyên từng byte.",
        "[ĐÚNG] Mã xác minh: ký bằng khóa của cổng, đúng với dữ liệu đính kèm.",
        "       GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "       Hồ sơ H38.02953-260713-0012; số 15/TNHS; ngày 13 tháng 7 năm 2026",
        "       Tiếp nhận: 08:30 13/07/2026",
        "       Hẹn trả: 08:30 22/07/2026",
        "Kết luận: giấy do cổng lập và chưa bị sửa.",
        f"Giấy đã bị thay thế hay thu hồi chưa thì chỉ cổng biết: quét mã QR, hoặc mở {PAGE.rstrip('/')}",
    ]


def test_a_changed_byte_is_told_and_the_paper_refused(paper: bytes, public: list[str], tmp_path: Path) -> None:
    place = len(paper) // 2
    result = run(paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :], tmp_path, *public)
    assert result.exit_code == 1
    assert f"[SAI] Dấu điện tử: {SEAL_FAULTS['changed']}." in result.stdout
    assert result.stdout.splitlines()[-1] == "Kết luận: KHÔNG được dùng tệp này làm giấy của cổng."
    assert result.stderr == ""


def test_something_added_is_told(paper: bytes, public: list[str], tmp_path: Path) -> None:
    result = run(paper + b"\n", tmp_path, *public)
    assert (result.exit_code, f"[SAI] Dấu điện tử: {SEAL_FAULTS['added_to']}." in result.stdout) == (1, True)


def test_a_sealed_paper_whose_token_is_invented_is_refused(notary: Notary, public: list[str], tmp_path: Path) -> None:
    result = run(made(notary, token="ABC"), tmp_path, *public)
    assert result.exit_code == 1
    assert "[ĐÚNG] Dấu điện tử" in result.stdout
    assert f"[SAI] Mã xác minh: {PROOF_FAULTS['unreadable']}." in result.stdout


def test_what_is_no_paper_is_refused(public: list[str], tmp_path: Path) -> None:
    result = run(b"hello", tmp_path, *public)
    assert (result.exit_code, SEAL_FAULTS["no_pdf"] in result.stdout) == (1, True)


def test_the_portals_own_machine_needs_no_options(elsewhere: Path, tmp_path: Path) -> None:
    own = open_notary(Settings.from_env())
    assert run(made(own), tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [
        (
            Verdict(Standing.VALID),
            0,
            [
                "[ĐÚNG] Hiệu lực: giấy chưa bị thay thế hay thu hồi.",
                "Kết luận: giấy do cổng lập, chưa bị sửa và còn giá trị.",
            ],
        ),
        (
            Verdict(Standing.REPLACED, number="16/TNHS", on=date(2026, 9, 15)),
            1,
            [
                "[SAI] Hiệu lực: giấy đã được thay bằng giấy số 16/TNHS, ngày 15 tháng 9 năm 2026.",
                "Kết luận: giấy do cổng lập và chưa bị sửa, nhưng KHÔNG còn giá trị.",
            ],
        ),
        (
            Verdict(Standing.REVOKED),
            1,
            [
                "[SAI] Hiệu lực: giấy đã bị thu hồi.",
                "Kết luận: giấy do cổng lập và chưa bị sửa, nhưng KHÔNG còn giá trị.",
            ],
        ),
        (Verdict(Standing.ISSUED), 0, ["Kết luận: giấy do cổng lập và chưa bị sửa."]),
        (Verdict(Standing.UNKNOWN), 0, ["Kết luận: giấy do cổng lập và chưa bị sửa."]),
        (None, 0, ["Kết luận: giấy do cổng lập và chưa bị sửa."]),
    ],
    ids=["valid", "replaced", "revoked", "blank", "not there", "no answer"],
)
def test_beside_the_portals_database_it_says_whether_a_whole_paper_still_counts(
    verdict: Verdict | None, code: int, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (there := tmp_path / "portal.sqlite3").touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{there}")
    monkeypatch.setattr(start, "stand", lambda _settings, _claims: verdict)
    result = run(made(open_notary(Settings.from_env())), tmp_path)
    assert (result.exit_code, [line for line in result.stdout.splitlines() if line in said]) == (code, said)


def test_a_paper_of_another_portal_is_refused(paper: bytes, tmp_path: Path) -> None:
    open_notary(Settings.from_env()).prepare(datetime.now(UTC))
    result = run(paper, tmp_path)
    assert result.exit_code == 1
    assert f"[SAI] Dấu điện tử: {SEAL_FAULTS['not_trusted']}." in result.stdout
    assert f"[SAI] Mã xác minh: {PROOF_FAULTS['unknown_key']}." in result.stdout


def test_without_keys_nothing_is_claimed(paper: bytes, elsewhere: Path, tmp_path: Path) -> None:
    result = run(paper, tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--keys" in result.stderr
    assert not (elsewhere / "keys").exists()


@pytest.mark.parametrize("option", ["--keys", "--trust"])
def test_keys_that_cannot_be_read_are_named(option: str, paper: bytes, tmp_path: Path) -> None:
    (junk := tmp_path / "junk").write_text("junk")
    result = run(paper, tmp_path, option, str(junk))
    assert (result.exit_code, option in result.stderr) == (2, True)
