"""The pages and lists of answers that many procedures share, by the names under which files take them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from procedures.files import FaultyFile, read

FOLDER: Final = Path(__file__).parent


@lru_cache(maxsize=1)
def blocks() -> Mapping[str, Any]:
    """Every shared page by the name that `use` takes, as its plain values."""
    found = sorted((FOLDER / "blocks").glob("*/*.yaml"))
    return {f"{file.parent.name}/{file.stem}": value for file in found for value in _values(file)}


@lru_cache(maxsize=1)
def lists() -> Mapping[str, Any]:
    """Every shared list of answers by the name that `choices` takes, as its plain values."""
    return {file.stem: value for file in sorted((FOLDER / "lists").glob("*.yaml")) for value in _values(file)}


def _values(file: Path) -> Iterator[Any]:
    """What the file holds; nothing where it cannot be read, which its users are told elsewhere."""
    try:
        yield read(file).value
    except FaultyFile:
        return
