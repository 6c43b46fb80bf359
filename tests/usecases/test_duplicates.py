"""Likely duplicates: the same procedure within 90 days, and one person or one parcel; others' dossiers stay unnamed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from portal.domain.access import Actor, Role
from portal.store import duplicates as store
from portal.store.database import Database, reading
from portal.store.duplicates import Sought
from portal.usecases import duplicates
from tests.cases import BIRTH, HOUSE, NOW, kept, person, submit

NUMBER, PARCEL = "010188001234", "bao-yen/14/125"
DAY = timedelta(days=1)


def like(registration: str, actor: Actor) -> tuple[dict[str, tuple[bool, bool]], bool]:
    """What is said of the dossiers like one: what each has in common, and whether there are others."""
    found = duplicates.of_dossier(actor, kept(registration))
    return {one.registration: (one.person, one.parcel) for one in found.known}, found.elsewhere


def test_the_same_person_or_parcel_within_90_days_is_told_with_what_is_in_common(database: Database) -> None:
    officer = person(Role.ONE_STOP_OFFICER)
    mine = submit(applicant_number=NUMBER, parcel=PARCEL)
    both = submit(at=NOW + 89 * DAY, applicant_number=NUMBER, parcel=PARCEL)
    parcel = submit(at=NOW - 3 * DAY, applicant_number="010188009999", parcel=PARCEL)
    submit(at=NOW + 91 * DAY, applicant_number=NUMBER)
    submit(BIRTH, applicant_number=NUMBER)
    submit(applicant_number="", parcel="")
    assert like(mine, officer) == ({both: (True, True), parcel: (False, True)}, False)


def test_of_dossiers_that_one_may_not_open_it_is_said_only_that_there_are_some(database: Database) -> None:
    mine = submit(applicant_number=NUMBER)
    theirs = submit(unit="nghia-do", applicant_number=NUMBER)
    assert like(mine, person(Role.ONE_STOP_OFFICER)) == ({}, True)
    assert like(mine, person(Role.POLICE_OFFICER)) == ({}, True)
    assert like(theirs, person(Role.ONE_STOP_OFFICER, "nghia-do")) == ({}, True)


def test_dossiers_without_person_and_parcel_are_like_no_other(database: Database) -> None:
    nobody = submit()
    submit()
    assert like(nobody, person(Role.ONE_STOP_OFFICER)) == ({}, False)


def test_both_are_found_along_an_index(database: Database) -> None:
    with database.engine.connect() as connection:
        for name, column in (("ix_dossiers_person", "applicant_number"), ("ix_dossiers_parcel", "parcel")):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
            asked = f"SELECT id FROM dossiers WHERE procedure = 'x' AND {column} = 'y' AND {column} <> ''"
            assert name in str(connection.execute(text(explain + asked)).all())


def test_two_dossiers_that_are_like_it_cost_one_statement(database: Database) -> None:
    submit(applicant_number=NUMBER, parcel=PARCEL)
    with reading() as session:
        rows = store.like(session, Sought(HOUSE, NUMBER, PARCEL, NOW), person(Role.ONE_STOP_OFFICER))
    assert sorted(row.by for row in rows) == ["parcel", "person"]
