"""Files that no row names are taken out: what a killed worker had stored, and what was of a draft that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from portal.services.files import Files
from portal.store import strays as store
from portal.store.database import reading

#: Whoever has stored a file has committed the row that names it long before it is so old.
OLD: Final = timedelta(days=1)
_DIGITS: Final = "0123456789abcdef"


def sweep(files: Files, at: datetime) -> int:
    """Take out of the store what no row names and nobody has stored for a day; gives how many files that were.

    The names are looked through a sixteenth at a time, which bounds the memory. Safe at any time: a file that is stored
    again meanwhile stays.
    """
    before = at - OLD
    return sum(
        files.remove_stored_before(before, sha256) for first in _DIGITS for sha256 in _strays(files, first, before)
    )


def _strays(files: Files, first: str, before: datetime) -> Iterator[str]:
    found = {sha256 for pair in product(first, _DIGITS) for sha256 in files.stored_before(before, "".join(pair))}
    if found:
        with reading(piecemeal=True) as session:
            found.difference_update(store.named(session, first))
    yield from sorted(found)
