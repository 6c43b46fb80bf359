"""The letter that goes with a result, and those who get none."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store.models import Slip
from portal.usecases import dossiers, law
from portal.usecases.scenes import Deed
from tests.cases import BIRTH, HOUSE, NOW, act, kept, person, submit

R = Role
pytestmark = pytest.mark.usefixtures("database")


def resolved(code: str = BIRTH, more: dict[str, Any] | None = None, refused: bool = False, **columns: Any) -> str:
    """A dossier whose result was issued."""
    registration = submit(code, **columns)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    procedure = law.procedure_of(kept(registration))
    for step in procedure.route[:-1]:
        if "issue" in step.actions:
            deed = Deed(Action.ISSUE, more=more or {})
            dossiers.act(person(R(step.role)), registration, deed, NOW)
        elif "approve" in step.actions and refused:
            act(R(step.role), registration, Action.REFUSE, reason=procedure.refusals[0].code)
        else:
            act(R(step.role), registration, Action.APPROVE if "approve" in step.actions else Action.FORWARD)
    return registration


def letters(registration: str) -> list[Slip]:
    return [slip for slip in kept(registration).slips if slip.kind == SlipKind.LETTER]


def test_a_letter_goes_with_the_certificate_signed_by_the_leader_and_without_any_number_of_a_person() -> None:
    registration = resolved()
    (letter,) = letters(registration)
    payload, dossier = letter.payload or {}, kept(registration)
    assert payload["name"] == dossier.answers["child_name"]
    assert payload["signature"]["name"] == person(R.LEADER).name
    assert payload["issuer"] == "Ủy ban nhân dân xã Bảo Yên"
    assert dossier.answers["personal_number"] not in str({**payload, "tracking_url": ""})
    assert "birth_news" in payload["wording"]


@pytest.mark.parametrize(
    "left_out",
    [{"letter_declined": True}, {"more": {"without_letter": True}}, {"refused": True}, {"code": HOUSE}],
    ids=["the applicant wants none", "the officer leaves it out", "refused", "no such procedure"],
)
def test_no_letter_goes_to_who_wants_none_and_with_nothing_but_a_granted_result(left_out: dict[str, Any]) -> None:
    assert letters(resolved(**left_out)) == []


def test_the_letter_goes_with_a_result_that_is_taken_back() -> None:
    registration = resolved()
    signing = next(step for step in law.procedure_of(kept(registration)).route if "approve" in step.actions)
    act(R.CLERK, registration, Action.CORRECT, reason="other", to_step=signing.key)
    act(R.LEADER, registration, Action.APPROVE)
    act(R.CLERK, registration, Action.ISSUE)
    first, second = letters(registration)
    assert (first.replaced_by_id is not None, second.replaced_by_id) == (True, None)
