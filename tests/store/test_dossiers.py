"""Which dossiers a list shows is the same rule as which dossier may be opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.domain import casework
from portal.domain.access import DESK, Actor, Role, may_open
from portal.store import database as store
from portal.store import office
from portal.store.database import reading, transaction
from portal.store.dossiers import case_of, find, scope_filter
from portal.store.models import Dossier
from portal.usecases import law
from procedures.places import Agency, Places, load_places
from tests.people import BRANCH, account_of

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
SECOND = "chi-nhanh-thu-hai"
UNITS = ["bao-yen", "bao-ha", "nghia-do"]
#: One procedure of each sector.
CODES = ["1.001193", "1.010038", "1.013225", "1.115668"]
REGISTRY = {Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD}


@pytest.fixture
def owners(database: store.Database) -> tuple[int, int]:
    """Two citizens who between them own a dossier of every sector at two units; one more belongs to nobody."""
    first = account_of(Role.CITIZEN, username="first").id
    second = account_of(Role.CITIZEN, username="second").id
    with transaction() as session:
        places = [(code, unit) for code in CODES for unit in ("bao-yen", "bao-ha")]
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
                    helper_id=(None, first, second, None)[number % 4],
                    applicant_name="Hoàng Thị Mai",
                    answers={},
                    submitted_at=AT,
                )
            )
    return first, second


def opened_by(actor: Actor, dossiers: Sequence[Dossier]) -> set[str]:
    """Those of these dossiers that the table of rights opens."""
    return {
        d.registration
        for d in dossiers
        if may_open(actor, casework.whereabouts(case_of(d), law.rules(d.procedure, d.version, d.desk_unit)))
    }


@pytest.mark.parametrize("role", list(Role))
def test_a_list_shows_exactly_the_dossiers_that_may_be_opened(owners: tuple[int, int], role: Role) -> None:
    homes = [BRANCH] if role in REGISTRY else ["bao-yen", "bao-ha", "nghia-do"] if role in DESK else [None]
    for actor in [Actor(account, role, home) for account in (*owners, 999) for home in homes]:
        with reading() as session:
            dossiers = session.scalars(select(Dossier)).all()
            shown = set(session.scalars(select(Dossier.registration).where(scope_filter(actor))))
            found = {d.registration for d in dossiers if find(session, d.registration, actor) is not None}
        assert len(dossiers) == 2 * len(CODES)
        assert shown == opened_by(actor, dossiers) == found


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[str]], None]:
    """Let a second branch of the land registry serve some units."""
    places = load_places()
    second = replace(places.by_id(BRANCH), id=SECOND, agency=Agency("H38.000088"))
    # Rules kept of another map of units would not know of it.
    monkeypatch.setattr(law, "_rules", law._rules.__wrapped__)

    def serve(units: set[str]) -> None:
        served = (replace(unit, registry=SECOND) if unit.id in units else unit for unit in places.units)
        changed = Places((*served, second))
        known = replace(office.known(), places=changed)
        monkeypatch.setattr(office, "known", lambda: known)

    return serve


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_each_of_two_branches_sees_the_land_dossiers_of_the_units_it_serves(
    owners: tuple[int, int], serve: Callable[[set[str]], None]
) -> None:
    serve({"bao-ha"})
    with reading() as session:
        land = session.scalars(select(Dossier).where(Dossier.sector == "land")).all()
        shown = {
            branch: set(session.scalars(select(Dossier.registration).where(scope_filter(officer))))
            for branch in (BRANCH, SECOND)
            for officer in [Actor(1, Role.REGISTRY_OFFICER, branch)]
        }
    at = {unit: {dossier.registration for dossier in land if dossier.desk_unit == unit} for unit in UNITS}
    assert shown == {BRANCH: at["bao-yen"], SECOND: at["bao-ha"]}
    assert all(shown.values())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(UNITS)), st.sampled_from(Role), st.sampled_from([BRANCH, SECOND, *UNITS, None]))
def test_whichever_branch_serves_a_unit_the_list_is_what_may_be_opened(
    owners: tuple[int, int], serve: Callable[[set[str]], None], second: set[str], role: Role, home: str | None
) -> None:
    serve(second)
    actor = Actor(owners[0], role, home)
    with reading() as session:
        dossiers = session.scalars(select(Dossier)).all()
        shown = set(session.scalars(select(Dossier.registration).where(scope_filter(actor))))
    assert shown == opened_by(actor, dossiers)


def test_somebody_without_an_account_owns_nothing_not_even_what_has_no_owner(owners: tuple[int, int]) -> None:
    with reading() as session:
        query = select(Dossier.id).where(scope_filter(Actor(None, Role.CITIZEN)))
        shown = session.scalars(query).all()
    assert shown == []
