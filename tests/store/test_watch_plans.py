"""How the databases find what the watch looks at and what people are reminded of: along indexes of these alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from portal.domain.access import Actor, Role
from portal.store import database as store
from portal.store import watch
from portal.store.watch import Shelf
from tests.people import UNIT
from tests.store.test_plans import statements

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
PLACE = (AT, 7)


def due() -> None:
    with store.reading() as session:
        watch.due(session, AT, PLACE, 500)


def reminders(shelf: Shelf, role: Role) -> None:
    with store.looking() as connection:
        watch.reminders(connection, shelf, Actor(1, role, UNIT), AT, PLACE, 30)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (due, "ix_dossiers_watch"),
        (lambda: reminders(Shelf.WARNED, Role.SPECIALIST), "ix_dossiers_warned"),
        (lambda: reminders(Shelf.WARNED, Role.POLICE_HEAD), "ix_dossiers_warned"),
        (lambda: reminders(Shelf.APOLOGIES, Role.HEAD_OF_OFFICE), "ix_dossiers_apology"),
        (lambda: reminders(Shelf.APOLOGIES, Role.LEADER), "ix_dossiers_apology"),
    ],
    ids=["due", "warned", "warned, head", "apologies", "apologies, leader"],
)
def test_it_is_read_in_its_order_from_an_index(database: store.Database, look: Callable[[], None], index: str) -> None:
    with statements() as sent:
        look()
    statement, values = next(each for each in sent if "FROM dossiers" in each[0])
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        told = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values))
    assert index in told, told
    assert "TEMP B-TREE" not in told, told
    assert "Sort" not in told, told
