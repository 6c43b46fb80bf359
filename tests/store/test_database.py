"""The connection: a session for looking needs no transaction, and one that was lost while it rested is made anew."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from portal.store import database as store
from portal.store.database import looking, one_look, reading


@pytest.fixture
def database_kind() -> str:
    """SQLite has no connection that could be lost."""
    return "postgresql"


def test_a_connection_that_was_lost_while_it_rested_is_replaced(
    database: store.Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading() as session:
        mine = session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
    monkeypatch.setattr(store, "_FRESH", 0.0)
    with reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) not in (None, mine)


def test_looking_leaves_no_transaction_open_between_two_statements(database: store.Database, database_url: str) -> None:
    with reading() as session, psycopg.connect(database_url, autocommit=True) as other:
        mine = session.scalar(text("SELECT pg_backend_pid()"))
        state = other.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [mine]).fetchone()
    assert state == ("idle",)


def test_one_look_reads_through_one_session_until_it_is_left(database: store.Database) -> None:
    with reading() as alone:
        pass
    with one_look():
        with reading() as first, reading() as second, reading(piecemeal=True) as bit_by_bit:
            assert first is second
            assert first is not bit_by_bit
        with one_look(), reading() as inner, looking() as connection:
            assert inner is first
            assert connection is first.connection()
        with reading() as still:
            assert still is first
    with reading() as after:
        assert after not in (alone, first)
