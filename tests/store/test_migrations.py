"""The migrations: they make what the models say, on both databases, keep what is there, and can be gone back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from portal.store import schema
from portal.store.database import Database
from portal.store.models import Dossier
from portal.store.tables import Base

ADVICE = "after a change of the models: portal init, then alembic revision --autogenerate --message 'What it does'"


@pytest.fixture
def empty_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Address of a database without any table."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    url: str = request.getfixturevalue("make_postgresql")("migrations")
    return url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database without any table."""
    database = Database(empty_url)
    yield database
    database.close()


def described(database: Database) -> dict[str, Any]:
    """All that the database itself says of its tables."""
    found = inspect(database.engine)
    return {
        table: {
            # In no order: what a migration adds comes last in a table, and where it belongs in a model.
            "columns": sorted(
                (column["name"], str(column["type"]), column["nullable"], str(column["default"]))
                for column in found.get_columns(table)
            ),
            "primary key": found.get_pk_constraint(table),
            "references": sorted(found.get_foreign_keys(table), key=str),
            "unique": sorted(found.get_unique_constraints(table), key=str),
            "checks": sorted(found.get_check_constraints(table), key=str),
            "indexes": sorted(plain(index) for index in found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def plain(index: Mapping[str, Any]) -> str:
    """An index in words; its condition is an object that equals no other."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_the_migrations_make_exactly_what_the_models_say(empty: Database) -> None:
    with empty.changing() as connection:
        Base.metadata.create_all(connection)
    wanted = described(empty)
    with empty.changing() as connection:
        Base.metadata.drop_all(connection)
    assert schema.upgrade(empty)
    assert described(empty) == wanted, ADVICE
    with empty.changing() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == [], ADVICE


def test_a_database_of_today_is_left_alone(empty: Database) -> None:
    assert schema.upgrade(empty)
    before = described(empty)
    assert not schema.upgrade(empty)
    assert described(empty) == before


def test_every_migration_can_be_gone_back_and_forth_with_rows_in_the_tables(empty: Database) -> None:
    schema.upgrade(empty)
    newest = described(empty)
    fill(empty)
    with empty.changing() as connection:
        script = ScriptDirectory.from_config(schema.configuration(connection))
    for revision in script.walk_revisions():
        schema.downgrade(empty, revision.down_revision or "base")  # type: ignore[arg-type]
        schema.upgrade(empty, revision.revision)
    schema.upgrade(empty)
    assert described(empty) == newest


def test_dossiers_of_before_are_found_by_their_words(empty: Database) -> None:
    schema.upgrade(empty)
    at = datetime(2026, 9, 14, tzinfo=UTC)
    with empty.writers() as session, session.begin():
        session.add(
            Dossier(
                registration="DK-1", procedure="1.115668", version=at.date(), sector="land", channel="online",
                unit="bao-ha", desk_unit="bao-ha", status=1, step="x", step_since=at, applicant_name="Hoàng Mai",
                applicant_phone="0912345678", answers={"map_sheet": 7, "parcel_number": 12}, papers={}, submitted_at=at,
            )
        )  # fmt: skip
    schema.downgrade(empty, "0024")
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        found = set(connection.execute(text("SELECT place, word FROM dossier_words WHERE dossier_id = 1")).all())
        search = connection.execute(text("SELECT search FROM dossiers")).scalar_one()
    words = {"hoang", "mai", "dk-1", "0912345678", "7/12"}
    assert found == {(place, word) for place in ("bao-ha", "*land") for word in words}
    assert set(search.split()) == words


def test_processes_that_start_together_make_the_tables_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        made = list(pool.map(schema.upgrade, databases))
    assert sorted(made) == [False, False, False, True]
    for database in databases:
        database.close()


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("alembic.operations.Operations.create_index", break_down)
    with pytest.raises(RuntimeError, match="in the middle"):
        schema.upgrade(empty)
    assert described(empty) == {}
    monkeypatch.undo()
    assert schema.upgrade(empty)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_references_hold_again_after_tables_were_changed(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.changing() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 0
    with empty.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    with pytest.raises(RuntimeError, match="references to nothing"), empty.changing() as connection:
        connection.execute(
            text(
                "INSERT INTO notices (account_id, kind, channel, recipient, subject, body, created_at, "
                "next_attempt_at, attempts) VALUES (99, 'k', 'sms', 'r', 's', 'b', '2026-01-01', '2026-01-01', 0)"
            )
        )


def fill(database: Database) -> None:
    """Put a few rows that refer to each other into the tables."""
    now = datetime.now(UTC)
    with database.changing() as connection:
        connection.execute(
            Base.metadata.tables["accounts"].insert(),
            {"username": "a", "role": "citizen", "full_name": "A", "created_at": now, "session_epoch": 0},
        )
        connection.execute(
            Base.metadata.tables["notices"].insert(),
            {
                "account_id": 1, "kind": "k", "channel": "sms", "recipient": "r", "subject": "s", "body": "b",
                "created_at": now, "next_attempt_at": now, "attempts": 0,
            },
        )  # fmt: skip
