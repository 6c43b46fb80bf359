"""Whether a paper counts: as it was made out, after another took its place, and when it was taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from portal.domain import attestation
from portal.domain.access import Role
from portal.domain.attestation import Claims, Link
from portal.domain.errors import Conflict, Invalid
from portal.domain.flow import Action
from portal.domain.slips import Payload, SlipKind, from_json
from portal.services.files import open_files
from portal.services.keyring import Keyring, open_keyring
from portal.settings import Settings
from portal.store import database as store
from portal.store.database import transaction
from portal.store.models import Dossier, Slip
from portal.usecases import slips, verification
from portal.usecases.verification import Standing, Verdict
from tests.cases import HOUSE, NOW, act, kept, person, submit, to_the_leader

LATER = NOW + timedelta(days=1)
K = SlipKind
OFFICER = Role.ONE_STOP_OFFICER


class Unsealed:
    """Signs tokens, and leaves files as they are: what is asked here is not about files."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def attest(self, claims: Claims) -> str:
        return attestation.attest(claims, self.keyring.current())

    def seal(self, pdf: bytes, issuer: str, name: str, at: datetime) -> bytes:
        return pdf


@pytest.fixture
def token(database: store.Database, settings: Settings) -> Callable[[Slip], str]:
    """Renders a paper that waits, and gives what its QR says."""
    notary, files = Unsealed(open_keyring(settings)), open_files(settings.files_url)

    def rendered(slip: Slip) -> str:
        proofs: list[Link] = []

        def draw(_payload: Payload, proof: Link) -> bytes:
            proofs.append(proof)
            return str(proof).encode()

        assert slips.render(slip.id, draw, notary, files, NOW)
        assert proofs[0].page == f"{settings.base_url}/xac-minh/"
        return proofs[0].token

    return rendered


def papers(registration: str, *kinds: SlipKind) -> list[Slip]:
    return [slip for slip in kept(registration).slips if SlipKind(slip.kind) in kinds]


def again(registration: str, kind: SlipKind, at: datetime = LATER) -> Slip:
    """The same paper made out once more, as a correction does."""
    with transaction() as session:
        dossier = session.get(Dossier, kept(registration).id)
        assert dossier
        return slips.make_out(session, dossier, kind, person(OFFICER), at)


def received(code: str = HOUSE) -> tuple[str, Slip]:
    registration = submit(code)
    act(OFFICER, registration, Action.RECEIVE)
    (receipt,) = papers(registration, K.RECEIPT)
    return registration, receipt


def test_a_paper_that_was_made_out_is_valid_and_says_what_its_token_says(token: Callable[[Slip], str]) -> None:
    registration, receipt = received()
    verdict = verification.look_up(token(receipt))
    assert receipt.payload
    title = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
    assert verdict == Verdict(Standing.VALID, attestation.claims_of(from_json(receipt.payload)), title=title)
    assert verdict.claims
    assert verdict.claims.reference == kept(registration).code


def test_a_row_keeps_the_digest_by_which_its_token_names_it(token: Callable[[Slip], str]) -> None:
    registration, receipt = received()
    assert receipt.digest is None
    claims = verification.look_up(token(receipt)).claims
    (rendered,) = papers(registration, K.RECEIPT)
    assert claims
    assert rendered.digest == claims.digest.hex()


def test_a_receipt_made_out_anew_takes_the_place_of_the_old_one_and_its_place_in_the_register(
    token: Callable[[Slip], str],
) -> None:
    registration, first = received()
    old = token(first)
    second = again(registration, K.RECEIPT)
    verdict = verification.look_up(old)
    assert (verdict.standing, verdict.number) == (Standing.REPLACED, second.number)
    assert verdict.on == LATER.date()
    assert verification.look_up(token(second)).standing is Standing.VALID
    assert first.payload
    assert second.payload
    assert second.payload["book"] == first.payload["book"]
    assert second.number != first.number


def test_an_old_receipt_names_the_last_of_those_that_came_after_it(token: Callable[[Slip], str]) -> None:
    registration, first = received()
    old = token(first)
    second = again(registration, K.RECEIPT)
    third = again(registration, K.RECEIPT, LATER + timedelta(days=1))
    middle = token(second)
    for each in (old, middle):
        verdict = verification.look_up(each)
        assert (verdict.standing, verdict.number, verdict.on) == (
            Standing.REPLACED,
            third.number,
            (LATER + timedelta(days=1)).date(),
        )


def test_a_receipt_takes_the_place_of_no_other_paper_and_of_no_other_dossiers_receipt(
    token: Callable[[Slip], str],
) -> None:
    (registration, first), (_, other) = received(), received()
    with transaction() as session:
        dossier = session.get(Dossier, kept(registration).id)
        assert dossier
        acknowledgement = slips.make_out(session, dossier, K.ACKNOWLEDGEMENT, person(OFFICER), NOW)
    tokens = [token(acknowledgement), token(other)]
    again(registration, K.RECEIPT)
    assert [verification.look_up(each).standing for each in tokens] == [Standing.VALID] * 2
    assert verification.look_up(token(first)).standing is Standing.REPLACED


@pytest.mark.parametrize("kind", K)
def test_only_rounds_of_supplements_stand_beside_each_other(kind: SlipKind) -> None:
    replaced = slips.replaced_by(kind)
    assert (kind in replaced) is (kind is not K.SUPPLEMENT_REQUEST)
    assert replaced - {kind} == ({K.RESULT, K.RESULT_REFUSAL, K.LETTER} - {kind} if kind.is_result else set())


def test_a_result_taken_back_is_revoked_and_replaced_once_another_is_issued(token: Callable[[Slip], str]) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    act(Role.LEADER, registration, Action.APPROVE)
    act(Role.CLERK, registration, Action.ISSUE)
    (first,) = papers(registration, K.RESULT)
    old = token(first)
    assert verification.look_up(old).standing is Standing.VALID
    act(Role.CLERK, registration, Action.CORRECT, LATER, reason="other", to_step="signature")
    taken_back = verification.look_up(old)
    assert (taken_back.standing, taken_back.on) == (Standing.REVOKED, None)
    act(Role.LEADER, registration, Action.APPROVE, LATER)
    act(Role.CLERK, registration, Action.ISSUE, LATER)
    _, second = papers(registration, K.RESULT)
    assert verification.look_up(old) == Verdict(
        Standing.REPLACED, taken_back.claims, number=second.number, on=LATER.date(), title="GIẤY PHÉP XÂY DỰNG"
    )
    assert verification.look_up(token(second)).standing is Standing.VALID


def test_a_revoked_paper_says_since_when_and_not_why(token: Callable[[Slip], str]) -> None:
    registration, receipt = received()
    said = token(receipt)
    with transaction() as session:
        slip = session.get(Slip, receipt.id)
        assert slip
        slips.revoke(session, slip, "Bà Mai đã nhận nhầm giấy của người khác", LATER)
    verdict = verification.look_up(said)
    assert (verdict.standing, verdict.on, verdict.number) == (Standing.REVOKED, LATER.date(), None)
    assert "Mai" not in str(verdict)
    (slip,) = papers(registration, K.RECEIPT)
    assert slip.revoked_why == "Bà Mai đã nhận nhầm giấy của người khác"


def test_a_revoked_paper_stays_revoked_when_another_is_made_out(token: Callable[[Slip], str]) -> None:
    registration, receipt = received()
    said = token(receipt)
    with transaction() as session:
        slip = session.get(Slip, receipt.id)
        assert slip
        slips.revoke(session, slip, "Ghi sai tên", LATER)
    again(registration, K.RECEIPT)
    assert verification.look_up(said).standing is Standing.REVOKED


def test_nothing_is_revoked_twice_without_a_reason_or_after_it_was_replaced(database: store.Database) -> None:
    registration, receipt = received()

    def revoke(slip_id: int, reason: str) -> None:
        with transaction() as session:
            slip = session.get(Slip, slip_id)
            assert slip
            slips.revoke(session, slip, reason, LATER)

    with pytest.raises(Invalid):
        revoke(receipt.id, "  ")
    second = again(registration, K.RECEIPT)
    with pytest.raises(Conflict):
        revoke(receipt.id, "Ghi sai tên")
    revoke(second.id, "Ghi sai tên")
    with pytest.raises(Conflict):
        revoke(second.id, "Ghi sai tên")


def test_a_token_of_a_paper_that_is_not_here_is_unknown_and_any_other_forged(
    token: Callable[[Slip], str], settings: Settings
) -> None:
    _, receipt = received()
    said = token(receipt)
    claims = verification.look_up(said).claims
    assert claims
    elsewhere = attestation.attest(
        Claims("H38.0-260914-0001", K.RECEIPT, None, claims.issued_on, None, None, bytes(32)),
        open_keyring(settings).current(),
    )
    assert verification.look_up(elsewhere).standing is Standing.UNKNOWN
    assert verification.look_up(said[:-1]) == verification.look_up("") == Verdict(Standing.FORGED)


def test_a_paper_of_before_a_rotation_of_keys_is_still_valid(token: Callable[[Slip], str], settings: Settings) -> None:
    (_, first), (_, second) = received(), received()
    old = token(first)
    open_keyring(settings).rotate()
    new = token(second)
    assert {verification.look_up(each).standing for each in (old, new)} == {Standing.VALID}
    assert len(verification.jwks()["keys"]) == 2


def test_papers_of_the_police_bear_the_seal_of_the_police(database: store.Database) -> None:
    _, house = received(HOUSE)
    _, residence = received("1.010038")
    assert (house.issuer, residence.issuer) == ("bao-yen", "cong-an-bao-yen")
