"""The register book (sổ theo dõi hồ sơ): one for each unit, sector and year, numbered without a gap, in volumes.

It is form 06 of TT 01/2018/TT-VPCP, 07 of TT 03/2025/TT-VPCP.
"""

from __future__ import annotations

from datetime import date
from typing import Final

VOLUME: Final = 300
"""Entries of one volume, so many as a worker prints well within its time. The numbers run on from volume to volume."""


def volume(year: int, number: int) -> str:
    """The volume in which a number stands: '2026/01'."""
    return f"{year}/{_place(number):02d}"


def volumes(year: int, entries: int) -> tuple[str, ...]:
    """The volumes of a book with so many entries; one that has none has a first volume all the same."""
    return tuple(f"{year}/{place:02d}" for place in range(1, _place(max(entries, 1)) + 1))


def span(volume: str, entries: int) -> tuple[int, int]:
    """The first and last number of a volume of a book with so many entries."""
    place = int(volume.rpartition("/")[2])
    return (place - 1) * VOLUME + 1, min(place * VOLUME, entries)


def may_be_locked(year: int, today: date) -> bool:
    """Whether the book of a year can be locked: once nobody can receive a dossier in it any more."""
    return year < today.year


def _place(number: int) -> int:
    return (number - 1) // VOLUME + 1
