"""`portal keys`: shows which keys are believed, and changes the one that signs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.commands.keys import command


def test_a_rotation_adds_a_key_and_signs_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))

    def said(name: str) -> list[str]:
        return CliRunner().invoke(command, [name]).stdout.splitlines()

    (first,) = said("list")
    (rotated,) = said("rotate")
    name = rotated.removeprefix("Khóa mới: ")
    assert first.startswith("* ")
    assert sorted(said("list")) == sorted([f"  {first[2:]}", f"* {name}"])
