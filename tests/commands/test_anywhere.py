"""Every command works on an empty folder, without server, queue or workers, and makes the database if it needs one."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from portal.cli import main

WORKS = {
    "due": "due --term '8 working_day' --unit 02953 --received 2026-02-06T08:30",
    "procedures": "procedures check",
    "statistics": "statistics --from 2026-01-01 --to 2026-03-31 --json",
    "export dossiers": "export dossiers",
    "export events": "export events",
    "demo": "demo --dossiers 3 --from 2026-01-01 --to 2026-02-01",
    "init": "init",
    "proof": "proof",
    "keys": "keys list",
}
WITHOUT_DATABASE = {"due", "procedures", "keys"}
#: What serves until it is stopped, and what is asked about a paper, which tests/commands/test_verify.py does.
TRIED_ELSEWHERE = {"run", "verify"}


@pytest.mark.parametrize("name", WORKS)
def test_a_command_works_on_an_empty_folder(name: str, tmp_path: Path) -> None:
    var = tmp_path / "not" / "there yet"
    command = [Path(sys.executable).with_name("portal"), *shlex.split(WORKS[name])]
    env = {"PATH": os.environ["PATH"], "PORTAL_VAR": str(var)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "queue_unreachable" not in done.stdout + done.stderr  # none of them needs a queue server
    assert (var / "portal.sqlite3").exists() == (name not in WITHOUT_DATABASE)


def test_every_command_is_tried() -> None:
    tried = {name.split()[0] for name in WORKS}
    assert tried | TRIED_ELSEWHERE == set(main.list_commands(None))  # type: ignore[arg-type]
