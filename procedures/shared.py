"""The pages, lists of answers and records that many procedures share, by the names under which files take them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from procedures.files import FaultyFile, read

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shared:
    """What is shared, as plain values: pages by `use`, lists by `choices`, the parts of records by their kind."""

    blocks: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def shared() -> Shared:
    """All of it, read once."""
    blocks = sorted((FOLDER / "blocks").glob("*/*.yaml"))
    return Shared(
        blocks={f"{file.parent.name}/{file.stem}": value for file in blocks for value in _values(file)},
        lists=_by_name("lists"),
        records=_by_name("records"),
    )


def _by_name(folder: str) -> Mapping[str, Any]:
    return {file.stem: value for file in sorted((FOLDER / folder).glob("*.yaml")) for value in _values(file)}


def _values(file: Path) -> Iterator[Any]:
    """What the file holds; nothing where it cannot be read, which its users are told elsewhere."""
    try:
        yield read(file).value
    except FaultyFile:
        return
