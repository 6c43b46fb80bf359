"""The index of the words that dossiers are found by, written with each dossier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, inspect
from sqlalchemy.orm import Mapper

from portal.store.models import Dossier

#: Where land dossiers are found of all units, as a branch of the land registry looks for them.
LAND: Final = "*land"
#: What the index keeps of a word.
LONGEST_WORD: Final = 128


def places(unit: str, sector: str) -> tuple[str, ...]:
    """At which places a dossier is found."""
    return (unit, LAND) if sector == "land" else (unit,)


def rows(dossier_id: int, unit: str, sector: str, search: str) -> Iterator[tuple[str, str, int]]:
    """The rows of the index of one dossier: place, word, id."""
    for word in dict.fromkeys(word[:LONGEST_WORD] for word in search.split()):
        for place in places(unit, sector):
            yield place, word, dossier_id


def keep(_mapper: Mapper[Any], connection: Connection, dossier: Dossier) -> None:
    """Whoever writes what a dossier is found by, or where, writes the index with it."""
    changed = inspect(dossier).attrs
    if any(each.history.has_changes() for each in (changed.search, changed.desk_unit, changed.sector)):
        place = "?, ?, ?" if connection.dialect.name == "sqlite" else "%s, %s, %s"
        words = list(rows(dossier.id, dossier.desk_unit, dossier.sector, dossier.search or ""))
        if words:
            statement = f"INSERT INTO dossier_words (place, word, dossier_id) VALUES ({place}) ON CONFLICT DO NOTHING"  # noqa: S608 - no values of others
            connection.exec_driver_sql(statement, words)
