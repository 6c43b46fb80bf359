"""The connection to the database and the only commit; bells for the workers ring after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

_WRITES = "portal_writes"
_BELLS = "portal_bells"


class Database:
    """One database and how to open sessions on it.

    Args:
        url: SQLAlchemy address; SQLite is opened in WAL mode with foreign keys on.
        ring: called with (job, key) for each bell of a committed transaction.
    """

    def __init__(self, url: str, ring: Callable[[str, str], None] | None = None) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.ring = ring or (lambda _job, _key: None)
        self.engine = _engine(self.url)
        self.readers = sessionmaker(self.engine, expire_on_commit=False)
        self.writers = sessionmaker(self.engine.execution_options(**{_WRITES: True}), expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A connection in whose transaction tables may be made and changed; it commits on leaving."""
        with self.engine.execution_options(**{_WRITES: True}).connect() as connection:
            raw = connection.connection.driver_connection
            # SQLite changes a table by making it anew: references to it rest meanwhile, and are checked at the end.
            if self.is_sqlite:
                raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    yield connection
                    if self.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                        raise RuntimeError(f"references to nothing: {broken}")
            finally:
                if self.is_sqlite:
                    raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]

    def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            with self.engine.connect() as connection:
                return bool(connection.exec_driver_sql("SELECT 1").scalar())
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


_current: Database | None = None


def connect(url: str, ring: Callable[[str, str], None] | None = None) -> Database:
    """Open the database that `transaction` and `reading` use from now on, in this process."""
    global _current
    if _current is not None:
        _current.close()
    _current = Database(url, ring)
    return _current


def current() -> Database:
    """The database this process is connected to."""
    if _current is None:
        raise RuntimeError("connect() has not been called")
    return _current


@contextmanager
def transaction() -> Iterator[Session]:
    """One use case: all of it is committed on leaving, or nothing; then the bells ring.

    A bell that cannot be rung is not an error: the row that waits is the memory, and a sweep rings again.
    """
    database = current()
    with database.writers(info={_BELLS: []}) as session:
        with session.begin():
            yield session
        bells: list[tuple[str, str]] = session.info[_BELLS]
    for job, key in bells:
        database.ring(job, key)


@contextmanager
def reading() -> Iterator[Session]:
    """A session for looking only; nothing it does is kept."""
    with current().readers() as session:
        yield session


def ring_after_commit(session: Session, job: str, key: object) -> None:
    """Have `job` rung for `key` once this transaction is committed."""
    session.info[_BELLS].append((job, str(key)))


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _open(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the portal says itself when a transaction begins
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that will write takes the lock at once, so that two writers queue instead of one of them
        # failing half-way when it wants to turn its read lock into a write lock.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
