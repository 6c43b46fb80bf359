"""Keys and certificates: made once, kept from others, followed by new ones without making the old ones' papers bad."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from portal.domain import attestation
from portal.services.certificates import SEAL_YEARS, Seals, SealUnusable
from portal.services.keyring import Keyring
from portal.settings import Settings
from tests import sample_papers

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
CLAIMS = attestation.claims_of(sample_papers.RECEIPT)
COMMUNE = "ỦY BAN NHÂN DÂN XÃ NGHĨA ĐÔ"


def pkcs12_file(path: Path, password: bytes, key: rsa.RSAPrivateKey | dsa.DSAPrivateKey | None = None) -> None:
    """A PKCS#12 file as an office gets one from elsewhere: an RSA key, valid in 2026."""
    maker = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "UBND xã Nghĩa Đô")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key((key or maker).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(key if isinstance(key, rsa.RSAPrivateKey) else maker, hashes.SHA256())
    )
    content = pkcs12.serialize_key_and_certificates(
        b"seal", key or maker, certificate, None, BestAvailableEncryption(password)
    )
    path.write_bytes(content)


# --- keys of tokens ---


def test_a_key_is_made_at_first_use_and_is_the_same_for_every_process(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: Keyring(tmp_path / "keys", "p").current().private_bytes_raw(), range(4)))
    assert len(set(made)) == 1
    assert len(Keyring(tmp_path / "keys", "p").public()) == 1


def test_keys_are_their_owners_alone_and_useless_without_the_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    Keyring(folder, "p").current()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("current.pem",)} == {0o600}
    assert b"ENCRYPTED" in (folder / "current.pem").read_bytes()
    with pytest.raises(ValueError, match=r"(?i)password|decrypt"):
        Keyring(folder, "q").current()


def test_after_a_rotation_new_papers_have_the_new_key_and_old_ones_stay_good(tmp_path: Path) -> None:
    keyring, elsewhere = Keyring(tmp_path, "p"), Keyring(tmp_path, "p")
    old = attestation.attest(CLAIMS, keyring.current())
    assert attestation.read(old, elsewhere.public()) == CLAIMS
    name = keyring.rotate()
    for each in (keyring, elsewhere):  # without a restart
        new = attestation.attest(CLAIMS, each.current())
        assert new != old
        assert attestation.key_id(each.current().public_key()) == name
        assert {attestation.read(token, each.public()) == CLAIMS for token in (old, new)} == {True}
    assert [jwk["kid"] for jwk in keyring.jwks()["keys"]] == sorted(jwk["kid"] for jwk in keyring.jwks()["keys"])
    assert len(keyring.jwks()["keys"]) == 2


def test_a_key_whose_public_half_was_removed_is_believed_no_longer(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path, "p")
    token = attestation.attest(CLAIMS, keyring.current())
    assert attestation.read(token, keyring.public()) == CLAIMS
    next(tmp_path.glob("*.jwk")).unlink()
    with pytest.raises(attestation.Forged, match="unknown_key"):
        attestation.read(token, keyring.public())


def test_whoever_only_checks_makes_no_key(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "none", "p")
    assert (keyring.public(), keyring.jwks()) == ({}, {"keys": []})
    assert not (tmp_path / "none").exists()


# --- seals ---


def test_every_body_gets_a_certificate_of_its_own_from_one_authority(tmp_path: Path) -> None:
    seals = Seals(tmp_path, "p")
    commune, police = seals.of("nghia-do", COMMUNE, NOW), seals.of("cong-an-nghia-do", "CÔNG AN XÃ NGHĨA ĐÔ", NOW)
    (root,) = seals.anchors()
    for seal in (commune, police):
        seal.certificate.verify_directly_issued_by(root)
        assert seal.holds(NOW)
    (name,) = commune.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == COMMUNE
    assert commune.certificate.serial_number != police.certificate.serial_number
    again = Seals(tmp_path, "p").of("nghia-do", COMMUNE, NOW)
    assert again.certificate == commune.certificate


@pytest.mark.filterwarnings("ignore:Attribute's length")  # the library counts bytes, the law of names letters
def test_a_long_name_stands_whole_in_its_certificate(tmp_path: Path) -> None:
    name = "CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI KHU VỰC BẢO YÊN"
    certificate = Seals(tmp_path, "p").of("chi-nhanh-dat-dai", name, NOW).certificate
    assert {each.value for each in certificate.subject} == {"VN", name}
    assert len(name) < 64 < len(name.encode())


def test_seals_are_their_owners_alone_and_useless_without_the_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "seals"
    Seals(folder, "p").of("nghia-do", COMMUNE, NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.p12")}
    assert modes == {"authority.p12": 0o600, "nghia-do.p12": 0o600}
    with pytest.raises(SealUnusable) as refused:
        Seals(folder, "q").of("nghia-do", COMMUNE, NOW)
    assert refused.value.details["why"] == "passphrase_or_file"


def test_a_certificate_about_to_end_is_followed_by_a_new_one(tmp_path: Path) -> None:
    seals = Seals(tmp_path, "p")
    first = seals.of("nghia-do", COMMUNE, NOW)
    nearly = NOW + timedelta(days=365 * SEAL_YEARS - 30)
    second = seals.of("nghia-do", COMMUNE, nearly)
    assert second.certificate != first.certificate
    assert second.certificate.issuer == first.certificate.issuer
    assert second.holds(nearly + timedelta(days=365))


@pytest.mark.parametrize("issuer", ["", "../authority", "A", "a/b", "a.b"])
def test_no_name_from_outside_becomes_a_path(issuer: str, tmp_path: Path) -> None:
    with pytest.raises(SealUnusable):
        Seals(tmp_path, "p").of(issuer, "x", NOW)


def test_a_pkcs12_file_of_the_office_takes_the_place_of_the_portals_own(tmp_path: Path) -> None:
    (given := tmp_path / "given").mkdir()
    pkcs12_file(given / "nghia-do.p12", b"office")
    seals = Seals(tmp_path / "seals", "p", given, "office")
    seal = seals.of("nghia-do", COMMUNE, NOW)
    assert isinstance(seal.key, rsa.RSAPrivateKey)
    assert seal.certificate in seals.anchors()
    assert not (tmp_path / "seals").exists(), "no authority is made where none is needed"
    assert seals.of("bao-yen", "ỦY BAN NHÂN DÂN XÃ BẢO YÊN", NOW).above


@pytest.mark.parametrize(
    ("password", "at", "why"),
    [(b"other", NOW, "passphrase_or_file"), (b"office", NOW + timedelta(days=365), "not_valid_now")],
)
def test_a_pkcs12_file_that_cannot_seal_is_named_with_the_reason(
    password: bytes, at: datetime, why: str, tmp_path: Path
) -> None:
    pkcs12_file(tmp_path / "nghia-do.p12", password)
    with pytest.raises(SealUnusable) as refused:
        Seals(tmp_path / "seals", "p", tmp_path, "office").of("nghia-do", COMMUNE, at)
    assert refused.value.details == {"issuer": "nghia-do", "why": why}


def test_a_pkcs12_file_with_a_key_that_cannot_sign_papers_is_refused(tmp_path: Path) -> None:
    pkcs12_file(tmp_path / "nghia-do.p12", b"office", dsa.generate_private_key(2048))
    with pytest.raises(SealUnusable) as refused:
        Seals(tmp_path / "seals", "p", tmp_path, "office").of("nghia-do", COMMUNE, NOW)
    assert refused.value.details["why"] == "no_key_that_can_sign"


# --- settings ---


def test_the_passphrase_of_keys_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    env = {"PORTAL_VAR": str(tmp_path)}
    first, second = Settings.from_env(env), Settings.from_env(env)
    assert len(first.keys_passphrase) == 64
    assert first.keys_passphrase == second.keys_passphrase != first.secret_key
    assert stat.S_IMODE((tmp_path / "keys-passphrase").stat().st_mode) == 0o600
    assert Settings.from_env(env | {"KEYS_PASSPHRASE": "mine"}).keys_passphrase == "mine"
    given = Settings.from_env(env | {"KEYS_FOLDER": "/k", "SEALS_FOLDER": "/s", "SEALS_PASSPHRASE": "t"})
    assert (given.keys_folder, given.seals_folder, given.seals_passphrase) == (Path("/k"), Path("/s"), "t")
    assert (first.keys_folder, first.seals_folder) == (tmp_path / "keys", None)
