"""Dossiers in tests: handed in from the first example of their procedure, and worked on by people of one unit."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from portal.domain import forms
from portal.domain.access import DESK, Actor, Role
from portal.domain.casework import Request
from portal.domain.flow import Action
from portal.domain.kinds import Context
from portal.domain.rehearsal import fill_in, typed_answers
from portal.store.database import reading, transaction
from portal.store.models import Account, Dossier
from portal.usecases import dossiers, law
from portal.usecases.scenes import Deed
from tests.people import BRANCH, UNIT, account_of

HOUSE, BIRTH, LAND, RESIDENCE = "1.013225", "1.001193", "1.115668", "1.010038"
#: A Monday morning on which everything is open.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
WORDS = "Hồ sơ chưa đúng quy định, xin xem lại từng giấy tờ."
REGISTRY = {Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD}


def person(role: Role, unit: str = UNIT) -> Actor:
    """Somebody of a role at a unit (the registry's people at the registry), the same one every time."""
    home = BRANCH if role in REGISTRY else unit if role in DESK else None
    with reading() as session:
        query = select(Account).where(Account.role == role.value, Account.unit == home)
        account = session.scalars(query).first()
    account = account or account_of(role, home)
    return Actor(account.id, role, account.unit, account.full_name)


def submit(code: str = HOUSE, at: datetime = NOW, unit: str = UNIT, **columns: Any) -> str:
    """A dossier as a citizen hands it in; gives its registration number. `answers` are laid over the example's (the
    first one's, if no other is given)."""
    procedure = law.catalogue().in_force(code, law.office_day(at))
    channel = columns.get("channel", "online")
    context = Context(law.office_day(at), law.places(), channel)
    example = columns.pop("example", procedure.examples[0])
    typed = typed_answers(procedure, example) | columns.pop("answers", {})
    answers = fill_in(procedure, typed, context)
    citizen = person(Role.CITIZEN)
    known: dict[str, Any] = {
        "registration": f"DK-{secrets.token_hex(6)}",
        "procedure": code,
        "version": procedure.version,
        "sector": procedure.sector.value,
        "channel": channel,
        "unit": unit,
        "desk_unit": unit,
        "owner_id": citizen.account_id,
        "applicant_name": "Hoàng Thị Mai",
        "search": "",
        "answers": forms.final_answers(procedure, answers, context),
        "papers": {},
        "fee_lines": [],
        "submitted_at": at,
        "seq": 0,
        "last_hash": "",
        "supplement_rounds": 0,
    }
    dossier = Dossier(**known | columns)
    with transaction() as session:
        dossiers.begin(session, dossier, citizen, at)
    return dossier.registration


def act(
    role: Role, registration: str, action: Action, at: datetime = NOW, unit: str = UNIT, seen: int | None = None,
    words: str = WORDS, amount: int | None = None, **request: Any,
) -> Dossier:  # fmt: skip
    """One action of somebody of this role."""
    deed = Deed(action, seen, Request(**request), words, amount)
    return dossiers.act(person(role, unit), registration, deed, at)


def kept(registration: str) -> Dossier:
    """The dossier as it stands in the database, with all that belongs to it."""
    return dossiers.open_dossier(Actor(None, Role.MANAGER), registration).dossier


def to_the_leader(registration: str, at: datetime = NOW) -> None:
    """A house permit from reception to the leader's desk."""
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    for role in (
        Role.ONE_STOP_OFFICER, Role.HEAD_OF_OFFICE, Role.SPECIALIST, Role.SPECIALIST, Role.HEAD_OF_OFFICE,
    ):  # fmt: skip
        act(role, registration, Action.FORWARD, at)
