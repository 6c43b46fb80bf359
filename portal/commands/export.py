"""`portal export`: dossiers or events as JSON Lines on standard output, for hand-over and for independent checking."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from portal.settings import Settings
from portal.usecases import export, start


@click.group()
def command() -> None:
    """Xuất dữ liệu, mỗi dòng một đối tượng JSON."""


@command.command()
def dossiers() -> None:
    """Mọi hồ sơ đã nộp, không kể bản nháp."""
    _print(export.dossiers())


@command.command()
def events() -> None:
    """Mọi sự kiện, theo thứ tự ghi."""
    _print(export.events())


def _print(rows: Iterable[Mapping[str, Any]]) -> None:
    start.prepare(Settings.from_env())
    out = sys.stdout.buffer
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for row in rows:
        out.write(f"{encode(row)}\n".encode())
    out.flush()
