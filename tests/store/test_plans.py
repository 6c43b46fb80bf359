"""How the databases find a page of a queue: along an index that has its order, whoever looks and however narrowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from portal.domain.access import Actor, Role
from portal.store import database as store
from portal.store import dossiers
from portal.store.dossiers import Cursor, QueueFilter, Shelf
from tests.people import BRANCH, UNIT

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
FORWARD, BACK = Cursor(AT, 7), Cursor(AT, 7, backwards=True)
ALL = QueueFilter(shelf=Shelf.ALL)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """The statements sent meanwhile, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        sent.append((statement, values))

    engine = store.current().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("cursor", [None, FORWARD, BACK], ids=["first", "forward", "back"])
@pytest.mark.parametrize(
    ("role", "unit", "narrowed", "index"),
    [
        (Role.ONE_STOP_OFFICER, UNIT, QueueFilter(), "ix_dossiers_queue"),
        (Role.ONE_STOP_OFFICER, UNIT, QueueFilter(channel="online", due_before=AT), "ix_dossiers_queue"),
        (Role.ONE_STOP_OFFICER, UNIT, QueueFilter(shelf=Shelf.TO_FETCH, words="mai"), "ix_dossiers_to_fetch"),
        (Role.ONE_STOP_OFFICER, UNIT, ALL, "ix_dossiers_unit_open"),
        (Role.ONE_STOP_OFFICER, UNIT, QueueFilter(shelf=Shelf.ALL, status=1, words="mai"), "ix_dossiers_unit_open"),
        (Role.POLICE_OFFICER, UNIT, ALL, "ix_dossiers_unit_open"),
        (Role.REGISTRY_OFFICER, BRANCH, ALL, "ix_dossiers_land_open"),
        (Role.REGISTRY_OFFICER, BRANCH, QueueFilter(shelf=Shelf.ALL, procedure="x"), "ix_dossiers_land_open"),
    ],
)
def test_a_page_of_a_queue_is_read_in_its_order_from_an_index(
    database: store.Database, role: Role, unit: str, narrowed: QueueFilter, index: str, cursor: Cursor | None
) -> None:
    with statements() as sent, store.looking() as connection:
        dossiers.queue(connection, Actor(1, role, unit), narrowed, cursor, 30)
    (statement, values) = sent[-1]
    with database.engine.connect() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        else:
            # A table of a few rows is read whole, and sorted: here as if it had a million.
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        told = "\n".join(str(row[-1]) for row in plan)
    assert index in told, told
    assert "TEMP B-TREE" not in told, told
    assert "Sort" not in told, told


def test_dossiers_of_a_month_are_found_by_the_day_of_their_reception(database: store.Database) -> None:
    """Drafts of the law are tried out on them; a million others of before and after are not looked at."""
    with statements() as sent, store.reading() as session:
        dossiers.received_between(session, "x", AT, AT, 7, 50)
        dossiers.received_under(session, "x", AT.date(), AT)
    # Who begins a transaction also looks at what has been published, which is another table.
    for statement, values in [each for each in sent if each[0].startswith("SELECT") and "FROM dossiers" in each[0]]:
        with database.engine.connect() as connection:
            if not database.is_sqlite:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                # A table without rows is read along any index; of these two, many rows want the other.
                connection.exec_driver_sql("ALTER TABLE dossiers DROP CONSTRAINT pk_dossiers CASCADE")
            explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
            told = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values))
        assert "ix_dossiers_unit_received" in told, told
