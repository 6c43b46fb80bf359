"""The connection to the database and the only commit; bells for the workers ring after it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

_WRITES = "portal_writes"
_BELLS = "portal_bells"
#: Seconds for which a connection may lie unused and is still taken to be alive.
_FRESH: Final = 2.0


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
        # PostgreSQL shows each statement what is committed when it begins, in a transaction or not: to look only, we
        # spare the beginning and the end, each a way to the server and back. SQLite is no way off.
        self.glances = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.lookers = sessionmaker(self.glances, expire_on_commit=False)
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
#: The session that all look through, while `one_look` lasts.
_look: ContextVar[Session | None] = ContextVar("look", default=None)


def connect(url: str, ring: Callable[[str, str], None] | None = None) -> Database:
    """Open the database that `transaction` and `reading` use from now on, in this process."""
    global _current
    if _current is not None:
        _current.close()
    _current = Database(url, ring)
    return _current


def connected() -> Database | None:
    """The database this process is connected to, if any."""
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
def reading(*, piecemeal: bool = False) -> Iterator[Session]:
    """A session for looking only; nothing it does is kept. `piecemeal`: long results are fetched bit by bit."""
    database, shared = current(), _look.get()
    if shared is not None and not piecemeal:
        yield shared
        return
    # Only a transaction keeps a result open on the server.
    with (database.readers if piecemeal else database.lookers)() as session:
        yield session


@contextmanager
def looking() -> Iterator[Connection]:
    """A connection for looking at plain rows, for what every page asks: it costs much less than a session."""
    shared = _look.get()
    if shared is not None:
        yield shared.connection()
        return
    with current().glances.connect() as connection:
        yield connection


@contextmanager
def one_look() -> Iterator[None]:
    """Whatever is read until this is left is read in one session: for a page that is put together from many places.

    It opens one session instead of many, brings no row twice, and on SQLite sees one moment.
    """
    if _look.get() is not None:
        yield
        return
    with current().lookers() as session:
        token = _look.set(session)
        try:
            yield
        finally:
            _look.reset(token)


def ring_after_commit(session: Session, job: str, key: object) -> None:
    """Have `job` rung for `key` once this transaction is committed."""
    session.info[_BELLS].append((job, str(key)))


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=5, max_overflow=10)
        _ask_after_rest(engine)
        return engine
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


def _ask_after_rest(engine: Engine) -> None:
    """Ask a connection whether it is still there before it is used again, unless it was used a moment ago."""

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error
