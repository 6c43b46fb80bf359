"""Every import contract breaks when an import that it forbids is planted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

PLANTED = [
    ("layers", "portal/domain/flow.py", "import portal.store.models"),
    ("layers", "procedures/model.py", "import portal.domain.flow"),
    ("layers", "portal/store/models.py", "import portal.services.queue"),
    ("layers", "portal/usecases/dossiers.py", "import portal.web.access"),
    ("layers", "portal/web/access.py", "import workers.jobs"),
    ("workers", "portal/commands/run.py", "import workers.jobs"),
    ("pure", "portal/domain/flow.py", "import flask"),
    ("pure", "portal/domain/clock.py", "import sqlalchemy"),
    ("pure", "procedures/model.py", "import redis"),
    ("database", "portal/web/access.py", "import sqlalchemy"),
    ("database", "workers/jobs.py", "from sqlalchemy.orm import Session"),
    ("web", "portal/usecases/dossiers.py", "import flask"),
    ("web", "portal/commands/run.py", "import flask"),
    ("queue", "portal/usecases/dossiers.py", "import rq"),
    ("queue", "portal/services/files.py", "import redis"),
    ("seals", "portal/usecases/slips.py", "import pyhanko.sign"),
    ("seals", "portal/services/certificates.py", "import asn1crypto.x509"),
    ("pdf", "workers/jobs.py", "import weasyprint"),
    ("pdf", "portal/web/access.py", "import weasyprint"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code that may be spoilt."""
    for package in ("portal", "procedures", "workers"):
        shutil.copytree(
            PROJECT / package, tmp_path / package, ignore=lambda _, names: [n for n in names if "yaml" in n]
        )
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(tree: Path, *contracts: str) -> list[str]:
    """Names of the contracts (all, if none are named) that do not hold in a tree."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    for contract in contracts:
        command += ["--contract", contract]
    done = subprocess.run(command, cwd=tree, env={"PYTHONPATH": "."}, capture_output=True, text=True, timeout=60)
    names = re.findall(r"^(.+) BROKEN(?: \(.*\))?$", done.stdout, re.MULTILINE)
    assert done.returncode == (1 if names else 0), done.stdout + done.stderr
    return names


def test_all_contracts_hold(tree: Path) -> None:
    assert broken(tree) == []


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, contract: str, file: str, line: str) -> None:
    with (tree / file).open("a") as code:
        code.write(f"\n{line}\n")
    (name,) = (c["name"] for c in CONTRACTS if c["id"] == contract)
    assert broken(tree, contract) == [name]


def test_every_contract_is_seen_to_break() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in PLANTED}
