"""Setting up asks for nothing unpinned, names no address, and says what to type where it may not install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements-setup.lock", "requirements.lock", "requirements-dev.lock"]
PINNED = re.compile(
    r"^([a-z0-9.\[\]-]+)==(\S+)((?: ;.*)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock file names, by package."""
    return {name: version for name, version, *_ in PINNED.findall((PROJECT / lock).read_text())}


def plain(requirement: str) -> str:
    """The package's name in a requirement, as lock files write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~! ]", requirement)[0].lower())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_names_versions_and_hashes_and_nothing_else(lock: str) -> None:
    assert PINNED.sub("", (PROJECT / lock).read_text()) == ""
    assert pins(lock)


def test_the_lock_files_hold_every_dependency() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = {plain(requirement) for requirement in project["project"]["dependencies"]}
    assert wanted <= set(pins("requirements.lock"))
    groups = project["dependency-groups"]
    assert wanted | {plain(requirement) for requirement in groups["dev"]} <= set(pins("requirements-dev.lock"))
    assert {plain(requirement) for requirement in groups["setup"]} <= set(pins("requirements-setup.lock"))


def test_tests_run_on_what_production_runs_on() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A tree whose Python packages could be installed, on a machine without the system packages, root or sudo."""
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(PROJECT / name, tmp_path)
    stubs = {
        "bin/dpkg-query": "exit 1",
        "bin/id": "echo 1000",
        "bin/sudo": "exit 1",
        ".venv/bin/uv": "touch installed",
    }
    for name, script in stubs.items():
        stub = tmp_path / name
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(f"#!/bin/sh\n{script}\n")
        stub.chmod(0o755)
    return tmp_path


def make(tree: Path, target: str) -> subprocess.CompletedProcess[str]:
    """Run make where the stubs come first."""
    path = f"{tree / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(["make", target], cwd=tree, env={"PATH": path}, capture_output=True, text=True, timeout=60)


def test_without_the_right_to_install_it_says_exactly_what_to_type_and_stops(bare: Path) -> None:
    done = make(bare, "setup")
    assert done.returncode != 0
    assert (
        "\n  sudo apt-get update && sudo apt-get install --no-install-recommends"
        " libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2\n" in done.stderr
    )
    assert not (bare / "installed").exists()


def test_what_is_there_is_not_installed_again(bare: Path) -> None:
    (bare / "bin/dpkg-query").write_text("#!/bin/sh\necho installed\n")
    assert make(bare, "setup").returncode == 0
    (bare / "installed").unlink()
    assert make(bare, "setup").returncode == 0
    assert not (bare / "installed").exists()


def test_an_old_python_is_refused_by_name(bare: Path) -> None:
    (bare / ".venv/bin/uv").unlink()
    (bare / "bin/python3").write_text("#!/bin/sh\nexit 1\n")
    (bare / "bin/python3").chmod(0o755)
    done = make(bare, "setup")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr


def test_make_help_lists_every_target_a_person_types() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    listed = set(re.findall(r"^(\w+) ", make(PROJECT, "help").stdout, re.MULTILINE))
    assert listed == set(re.findall(r"^\.PHONY: (\w+)$", makefile, re.MULTILINE))
    assert {"run", "setup", "test", "check", "bench", "lock", "clean", "help"} <= listed
