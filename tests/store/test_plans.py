"""How the databases find a page of a queue: along an index that has its order, whoever looks and however narrowly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event

from portal.domain.access import Actor, Role
from portal.domain.lookup import sought
from portal.domain.queues import QUEUES, seen_by
from portal.store import database as store
from portal.store import dossiers, hand_overs, lookup, queues, word_index
from portal.store.database import transaction
from portal.store.models import DossierWord
from portal.store.queues import Cursor, Narrowing
from portal.usecases.queues import spans
from tests.people import BRANCH, UNIT

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
FORWARD, BACK = Cursor(AT, 7), Cursor(AT, 7, backwards=True)


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


def planned(database: store.Database, statement: str, values: Any, index: str | None = None) -> str:
    """How a database would go about a statement; a table of a few rows as if it had a million."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            # A table of a few rows is read whole, and sorted; and along any index, where many rows want this one.
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            for other in LARGER_INDEXES - {index} if index else ():
                connection.exec_driver_sql(f"DROP INDEX {other}")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values))


#: Those that PostgreSQL could take instead of one of fewer rows; dropped in a transaction that is given up.
LARGER_INDEXES = {"ix_dossiers_queue", "ix_dossiers_unit_open", "ix_dossiers_land_open", "ix_dossiers_waiting"}
#: The index that serves a queue, unless the role looks at the land dossiers of several units.
SERVED_BY = {
    "": "ix_dossiers_queue", "cua_toi": "ix_dossiers_held", "qua_han": "ix_dossiers_queue",
    "hom_nay": "ix_dossiers_queue", "hai_ngay": "ix_dossiers_queue", "cham_nhan": "ix_dossiers_new",
    "sau_15h": "ix_dossiers_next_day", "cho_dan": "ix_dossiers_waiting", "cho_y_kien": "ix_dossiers_consulting",
    "tra": "ix_dossiers_to_fetch", "tat_ca": "ix_dossiers_unit_open",
}  # fmt: skip
OF_LAND = {"cho_dan": "ix_dossiers_land_waiting", "tat_ca": "ix_dossiers_land_open"}
NARROWED = Narrowing(status=4, channel="online", procedure="x")
ROLES = {Role.ONE_STOP_OFFICER: UNIT, Role.POLICE_OFFICER: UNIT, Role.REGISTRY_OFFICER: BRANCH}


@pytest.mark.parametrize("narrowed", [Narrowing(), NARROWED], ids=["whole", "narrowed"])
@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_each_queue_is_read_in_its_order_from_an_index(
    database: store.Database, role: Role, narrowed: Narrowing
) -> None:
    actor = Actor(1, role, ROLES[role])
    for queue, cursor in product(QUEUES, (None, FORWARD, BACK)):
        index = (OF_LAND if role is Role.REGISTRY_OFFICER else {}).get(queue.key, SERVED_BY[queue.key])
        # As the page asks: by a status that the queue can hold.
        asked = narrowed if narrowed.status in queue.statuses else replace(narrowed, status=None)
        with statements() as sent, store.looking() as connection:
            queues.page(connection, actor, queue, spans(actor, AT), asked, cursor, 30)
        told = planned(database, *sent[-1], index)
        assert index in told, (queue.key, told)
        assert "TEMP B-TREE" not in told, (queue.key, told)
        assert "Sort" not in told, (queue.key, told)


@pytest.mark.parametrize("role", ROLES)
def test_all_queues_are_counted_by_short_walks_along_their_indexes(database: store.Database, role: Role) -> None:
    actor = Actor(1, role, ROLES[role])
    with statements() as sent, store.looking() as connection:
        queues.counts(connection, actor, spans(actor, AT))
    told = planned(database, *sent[-1])
    if database.is_sqlite:
        for queue in seen_by(role):
            assert (OF_LAND if role is Role.REGISTRY_OFFICER else {}).get(queue.key, SERVED_BY[queue.key]) in told
    assert told.count("Limit" if not database.is_sqlite else "USING") >= len(seen_by(role))
    assert "Seq Scan" not in told, told
    assert "SCAN dossiers" not in told.replace("SCAN dossiers USING", ""), told


@pytest.mark.parametrize("role", ROLES)
def test_words_are_looked_up_along_their_index(database: store.Database, role: Role) -> None:
    """However many dossiers bear them: no statement reads more than the head of a range."""
    with transaction() as session:
        # Something must be found for all the statements to be sent.
        place = word_index.LAND if role is Role.REGISTRY_OFFICER else ROLES[role]
        session.add_all(DossierWord(place=place, word=word, dossier_id=7) for word in ("hoang", "mai"))
    with statements() as sent, store.looking() as connection:
        lookup.found(connection, Actor(1, role, ROLES[role]), sought("hoang ma"), 9, 30)
    asked = [each for each in sent if "dossier" in each[0]]
    assert len(asked) == 5  # each word, the rarest, its dossiers, those that may be opened
    for statement, values in asked:
        told = planned(database, statement, values)
        assert not re.search(r"SCAN (dossiers|dossier_words)|Seq Scan", told), told
        if "LIMIT" in statement and "ORDER BY dossier_words" in statement and not database.is_sqlite:
            assert "Index Only Scan" in told, told


def test_what_went_from_hand_to_hand_on_a_day_is_found_by_what_was_handed_on_that_day(database: store.Database) -> None:
    with statements() as sent, store.reading() as session:
        hand_overs.handed_on(session, Actor(1, Role.ONE_STOP_OFFICER, UNIT), [UNIT], AT, AT + timedelta(days=1))
    (asked,) = [each for each in sent if "FROM events" in each[0]]
    assert "ix_events_handed_on" in planned(database, *asked)


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
