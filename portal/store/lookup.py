"""Finds dossiers by words, along short ranges of the index of their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select, text, union

from portal.domain.access import SCOPES, Actor, Scope
from portal.domain.lookup import Sought
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier, DossierWord
from portal.store.queues import Queued
from portal.store.word_index import LAND, LONGEST_WORD

#: How many words that begin alike are followed.
MOST_STARTS: Final = 40
#: How far the words are counted to see which is the rarest.
RARE: Final = 500
#: How many dossiers of the rarest word are looked at in one go, and how many goes there are for one page.
WINDOW: Final = 200
MOST_WINDOWS: Final = 5


def found(
    connection: Connection, actor: Actor, words: Sequence[Sought], before: int | None, size: int
) -> tuple[list[Queued], int | None]:
    """Dossiers that the actor may open and that bear all these words, the latest first; and before which id to go on.

    The work is bounded however many there are: where the rarest word is borne by many dossiers and the others by few of
    them, a page may hold less than there is room for, or nothing, and yet go on.
    """
    place = _place(actor)
    if not words or place is None:
        return [], None
    meant = [_meant(connection, place, each) for each in words]
    if not all(meant):
        return [], None
    rarest = meant[0] if len(meant) == 1 else meant[_rarest(connection, place, meant)]
    ids: list[int] = []
    for _window in range(MOST_WINDOWS):
        candidates = _bearing(connection, place, rarest, before)
        ids += [row.id for row in _seen(connection, actor, candidates) if _all_among(words, row.search)]
        if len(ids) > size:
            return _shown(connection, ids[:size]), ids[size - 1]
        if len(candidates) < WINDOW:
            return _shown(connection, ids), None
        before = candidates[-1]
    return _shown(connection, ids), before


def _place(actor: Actor) -> str | None:
    return LAND if SCOPES[actor.role] is Scope.SERVED else actor.unit


def _all_among(words: Sequence[Sought], search: str) -> bool:
    borne = [word[:LONGEST_WORD] for word in search.split()]
    return all(each.is_among(borne) for each in words)


#: The words from one on and before another, each found by one step along the index.
_WORDS: Final = text("""
    WITH RECURSIVE met(word) AS (
        SELECT min(word) FROM dossier_words WHERE place = :place AND word >= :first AND word < :after
        UNION ALL
        SELECT (SELECT min(further.word) FROM dossier_words AS further
            WHERE further.place = :place AND further.word > met.word AND further.word < :after)
        FROM met WHERE met.word IS NOT NULL
    )
    SELECT word FROM met WHERE word IS NOT NULL LIMIT :most""")


def _meant(connection: Connection, place: str, sought: Sought) -> list[str]:
    """The words that are meant by one; of one that only begins so, those that there are at the place."""
    word = sought.word[:LONGEST_WORD]
    if not sought.start:
        return [word]
    after = word[:-1] + chr(ord(word[-1]) + 1)
    return list(
        connection.execute(_WORDS, {"place": place, "first": word, "after": after, "most": MOST_STARTS}).scalars()
    )


def _rarest(connection: Connection, place: str, meant: Sequence[Sequence[str]]) -> int:
    """Which of the words, by its number, is borne by the fewest dossiers, as far as they are counted."""
    walks = (_walk(place, words, None).limit(RARE).subquery() for words in meant)
    counts = (select(func.count()).select_from(walk).scalar_subquery() for walk in walks)
    counted = connection.execute(select(*counts)).one()
    return min(range(len(meant)), key=lambda number: counted[number])


def _bearing(connection: Connection, place: str, words: Sequence[str], before: int | None) -> Sequence[int]:
    """The latest dossiers before an id that bear one of these words: the heads of so many short walks, merged."""
    latest = DossierWord.dossier_id.desc()
    heads = (_walk(place, [word], before).order_by(latest).limit(WINDOW).subquery() for word in words)
    bearing = union(*(select(head.c.dossier_id) for head in heads)).subquery()
    query = select(bearing.c.dossier_id).order_by(bearing.c.dossier_id.desc()).limit(WINDOW)
    return connection.execute(query).scalars().all()


def _walk(place: str, words: Sequence[str], before: int | None) -> Select[Any]:
    """The rows of words at a place, from an id on backwards."""
    named = DossierWord.word == words[0] if len(words) == 1 else DossierWord.word.in_(words)
    query = select(DossierWord.dossier_id).where(DossierWord.place == place, named)
    return query if before is None else query.where(DossierWord.dossier_id < before)


def _seen(connection: Connection, actor: Actor, ids: Iterable[int]) -> Sequence[Any]:
    """Of these dossiers those that the actor may open, with the words they are found by now."""
    query = select(Dossier.id, Dossier.search).where(Dossier.id.in_(list(ids)), scope_filter(actor))
    return connection.execute(query.order_by(Dossier.id.desc())).all()


def _shown(connection: Connection, ids: Sequence[int]) -> list[Queued]:
    if not ids:
        return []
    query = select(*(getattr(Dossier, name) for name in Queued._fields)).where(Dossier.id.in_(ids))
    return [Queued._make(row) for row in connection.execute(query.order_by(Dossier.id.desc()))]
