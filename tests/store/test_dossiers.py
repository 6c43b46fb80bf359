"""Which dossiers a list shows is the same rule as which dossier may be opened."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.domain import casework
from portal.domain.access import DESK, Actor, Role, may_open
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.dossiers import case_of, find, scope_filter
from portal.store.models import Dossier
from portal.usecases import law
from tests.people import account_of

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
REGISTRY = {Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD}


@pytest.fixture
def owners(database: store.Database) -> tuple[int, int]:
    """Two citizens who between them own a dossier of every procedure at two units; one more belongs to nobody."""
    first = account_of(Role.CITIZEN, username="first").id
    second = account_of(Role.CITIZEN, username="second").id
    with transaction() as session:
        places = [(code, unit) for code in law.catalogue().codes for unit in ("bao-yen", "bao-ha")]
        for number, (code, unit) in enumerate(places):
            procedure = law.catalogue().in_force(code, law.office_day(AT))
            session.add(
                Dossier(
                    registration=f"R{number}",
                    procedure=code,
                    version=procedure.version,
                    sector=procedure.sector.value,
                    channel="online",
                    unit="bao-yen",
                    desk_unit=unit,
                    status=1,
                    step=procedure.route[0].key,
                    step_since=AT,
                    owner_id=(first, second, None)[number % 3],
                    applicant_name="Hoàng Thị Mai",
                    answers={},
                    submitted_at=AT,
                )
            )
    return first, second


@pytest.mark.parametrize("role", list(Role))
def test_a_list_shows_exactly_the_dossiers_that_may_be_opened(owners: tuple[int, int], role: Role) -> None:
    homes = [law.LAND_REGISTRY] if role in REGISTRY else ["bao-yen", "bao-ha", "nghia-do"] if role in DESK else [None]
    for actor in [Actor(account, role, home) for account in (*owners, 999) for home in homes]:
        with reading() as session:
            dossiers = session.scalars(select(Dossier)).all()
            shown = set(session.scalars(select(Dossier.registration).where(scope_filter(actor))))
            found = {d.registration for d in dossiers if find(session, d.registration, actor) is not None}
        assert len(dossiers) == 8
        opened = {
            d.registration
            for d in dossiers
            if may_open(actor, casework.whereabouts(case_of(d), law.rules(d.procedure, d.version, d.desk_unit)))
        }
        assert shown == opened == found


def test_somebody_without_an_account_owns_nothing_not_even_what_has_no_owner(owners: tuple[int, int]) -> None:
    with reading() as session:
        query = select(Dossier.id).where(scope_filter(Actor(None, Role.CITIZEN)))
        shown = session.scalars(query).all()
    assert shown == []
