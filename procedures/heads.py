"""Keeps the heads of versions that were read and found in order, so that the next start need not read them whole.

A head is kept under a digest of all it was made of: the text, the path it is read as, the shared parts of forms, and
the code that reads. What changes in any of them is read anew; a kept file that is missing or spoilt costs time alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pydantic import ValidationError

from procedures.model import Head, Part

FOLDER: Final = Path(__file__).parent


class Kept(Part):
    """A head, and the title as lists sort it."""

    head: Head
    order: str


class _File(Part):
    made_of: str
    kept: Mapping[str, Kept]


@cache
def made_of() -> str:
    """SHA-256 (hex) over the code that reads procedures and the parts their files take in."""
    digest = hashlib.sha256()
    for file in sorted([*FOLDER.glob("*.py"), *(f for name in SHARED for f in (FOLDER / name).rglob("*.yaml"))]):
        digest.update(f"{file.relative_to(FOLDER)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


#: Folders of parts that procedure files take in.
SHARED: Final = ("blocks", "lists", "records")


def digest_of(path: str, sha256: str) -> str:
    """Under which a text of this SHA-256 is kept that is read as if it stood at this path."""
    return hashlib.sha256(f"{path}\0{sha256}".encode()).hexdigest()


class Heads:
    """The kept heads; without a file they are kept for as long as this lives."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._saved = 0

    @cached_property
    def _kept(self) -> dict[str, Kept]:
        kept = dict(_read(self._file)) if self._file else {}
        self._saved = len(kept)
        return kept

    def get(self, digest: str) -> Kept | None:
        """The head kept under this digest."""
        return self._kept.get(digest)

    def put(self, digest: str, kept: Kept) -> None:
        """Keep a head; `save` writes it down."""
        self._kept[digest] = kept

    def save(self) -> None:
        """Write down what is new. Where that is not possible the next start takes longer, and that is all."""
        if self._file is None or len(self._kept) == self._saved:
            return
        text = _File(made_of=made_of(), kept=self._kept).model_dump_json()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", encoding="utf-8", dir=self._file.parent, delete=False) as new:
                new.write(text)
            os.replace(new.name, self._file)
            self._saved = len(self._kept)


def _read(file: Path) -> Mapping[str, Kept]:
    try:
        found = _File.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return {}
    return found.kept if found.made_of == made_of() else {}
