"""`portal run`: web server, queue server, workers and their clock under one process, until it is asked to stop."""

from __future__ import annotations

import fcntl
import http
import http.client
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from portal.domain import words
from portal.services.processes import NotStarted, Program, Programs
from portal.services.queue_server import embedded_queue_server
from portal.settings import Settings
from portal.usecases import accounts, demonstration, start

#: The demonstration of a first start: so many dossiers, from the time of the district on.
DEMONSTRATION: Final = 3000
FIRST_DAY: Final = date(2025, 1, 1)
#: And so many more that came in the last days, so that there is work on every desk.
RUSH: Final = 150
RUSH_DAYS: Final = timedelta(days=3)
PROJECT: Final = Path(__file__).resolve().parents[2]


@click.command()
@click.option("--host", help="Địa chỉ phục vụ (PORTAL_HOST, nếu không: 127.0.0.1).")
@click.option("--port", type=int, help="Cổng phục vụ (PORTAL_PORT, nếu không: 8000).")
@click.option("--web", default=2, show_default=True, help="Số tiến trình web.")
@click.option("--workers", default=2, show_default=True, help="Số tiến trình nền.")
@click.option("--demo/--no-demo", default=True, help="Nạp dữ liệu trình diễn Bảo Yên vào cổng còn trống.")
def command(host: str | None, port: int | None, web: int, workers: int, demo: bool) -> None:
    """Chạy toàn bộ cổng trên máy này, đến khi nhấn Ctrl-C."""
    os.environ |= {name: str(value) for name, value in (("PORTAL_HOST", host), ("PORTAL_PORT", port)) if value}
    settings = Settings.from_env()
    with _alone(settings):
        _require_free(settings)
        _tidy(settings)
        start.prepare(settings, rings=False)
        if demo:
            _fill_if_empty(settings)
        try:
            with Programs(programs(settings, web=web, workers=workers), say=click.echo) as running:
                if running.start():
                    _welcome(settings)
                    running.keep()
                click.echo("Đang dừng… (stopping)")
        except NotStarted as error:
            raise click.ClickException(str(error)) from error


def _tidy(settings: Settings) -> None:
    """Make the folders of logs and of passing files, and take out of the latter what killed processes left."""
    (settings.var / "log").mkdir(exist_ok=True)
    shutil.rmtree(settings.var / "tmp", ignore_errors=True)
    (settings.var / "tmp").mkdir()


def _fill_if_empty(settings: Settings) -> None:
    """Make the demonstration in a portal that nobody has an account in yet."""
    if any(accounts.listed(staff=staff, size=1) for staff in (True, False)):
        return
    now = datetime.now(UTC)
    today = now.date()
    with click.progressbar(length=DEMONSTRATION + RUSH, label="Dữ liệu trình diễn (demonstration)") as bar:
        demonstration.fill(DEMONSTRATION, 1, FIRST_DAY, today, now, lambda done: bar.update(done - bar.pos))
        demonstration.fill(RUSH, 2, today - RUSH_DAYS, today, now)
        bar.update(RUSH)
    demonstration.dress(settings)


def _welcome(settings: Settings) -> None:
    """Say where the portal is and, with a demonstration, who can sign in to look around."""
    click.echo(f"\n  Một Cửa: {settings.base_url}\n  Ctrl-C: dừng (stop)\n")
    shown = demonstration.demonstration_accounts()
    for account in shown:
        role = words.ROLES[account.role]
        click.echo(f"  {account.sign_in:<34} {role.vi} ({role.en})")
    if shown:
        click.echo(f"\n  Mật khẩu của các tài khoản trình diễn (their password): {demonstration.PASSWORD}\n")


def programs(settings: Settings, *, web: int, workers: int) -> list[Program]:
    """What runs, in the order in which one needs the other; the workers give way to the web, for which people wait."""
    logs, python = settings.var / "log", sys.executable
    env = {"PORTAL_VAR": str(settings.var), "TMPDIR": str(settings.var / "tmp"), "PYTHONUNBUFFERED": "1"}
    granian = {
        "GRANIAN_INTERFACE": "wsgi",
        "GRANIAN_HOST": settings.host,
        "GRANIAN_PORT": str(settings.port),
        "GRANIAN_WORKERS": str(web),
        # They take in what is sent; pages are made one at a time, as more only lengthen the slowest answers.
        "GRANIAN_BLOCKING_THREADS": "64",
        "GRANIAN_RESPAWN_FAILED_WORKERS": "true",
        "GRANIAN_WORKERS_KILL_TIMEOUT": "5",
        "GRANIAN_WEBSOCKETS": "false",
    }
    serve = [python, "-m", "granian", "--working-dir", str(PROJECT), "wsgi:app"]
    return [
        *embedded_queue_server(settings),
        Program("web", serve, logs / "web.log", env | granian, answers=lambda: _serves(settings)),
        Program("workers", [python, "-m", "workers", "--workers", str(workers)], logs / "workers.log", env),
        Program("schedule", [python, "-m", "workers.schedule"], logs / "schedule.log", env),
    ]


def _serves(settings: Settings) -> bool:
    """Whether the web server answers a request."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_free(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"{settings.host}:{settings.port} không dùng được (cannot be used): {error.strerror}.\n"
                "Chọn cổng khác (choose another port): PORTAL_PORT=8001 make run"
            ) from error


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the folder, so that no second portal runs on the same data."""
    with (settings.var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(f"{settings.var} đang được dùng (is in use by a running portal).") from error
        yield
