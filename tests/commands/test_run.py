"""`portal run` says plainly why it cannot start, and starts nothing then."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.commands import run
from portal.services.processes import Running


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a program would be a fault."""
    monkeypatch.setattr(Running, "start", lambda self: pytest.fail(f"{self.program.name} was started"))


def portal_run(var: Path, *options: str) -> Result:
    """Run the command on a folder."""
    return CliRunner().invoke(run.command, options, env={"PORTAL_VAR": str(var)})


def test_a_port_that_is_taken_is_named_with_what_to_type(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = portal_run(tmp_path, "--port", str(port))
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.output
    assert "PORTAL_PORT=" in result.output


def test_two_portals_never_share_a_folder(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = portal_run(tmp_path)
    assert result.exit_code == 1
    assert str(tmp_path) in result.output


def test_a_folder_whose_name_is_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    result = portal_run(tmp_path / ("d" * 100), "--port", str(port))
    assert result.exit_code == 1
    assert "PORTAL_VAR" in result.output
