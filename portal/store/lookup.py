"""Finds dossiers by words, along short ranges of the index of their words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, func, select, text, union

from portal.domain.access import SCOPES, Actor, Scope
from portal.domain.lookup import Sought
from portal.store import office
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier, DossierWord
from portal.store.queues import Queued
from portal.store.word_index import LAND, LONGEST_WORD
from procedures.overlay import Office

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
    named = {f"words_{number}": list(words) for number, words in enumerate(meant)}
    counted = connection.execute(_counting(len(meant)), {"place": place, "most": RARE, **named}).one()
    return min(range(len(meant)), key=lambda number: counted[number])


def _bearing(connection: Connection, place: str, words: Sequence[str], before: int | None) -> Sequence[int]:
    """The latest dossiers before an id that bear one of these words: the heads of so many short walks, merged."""
    named = {f"word_{number}": word for number, word in enumerate(words)}
    query = _merging(len(words), before is not None)
    return connection.execute(query, {"place": place, "before": before, "most": WINDOW, **named}).scalars().all()


# Statements are kept: making one takes longer than asking it.


@lru_cache
def _counting(words: int) -> Select[Any]:
    named = (DossierWord.word.in_(bindparam(f"words_{number}", expanding=True)) for number in range(words))
    walks = (_WALK.where(name).limit(_MOST).subquery() for name in named)
    return select(*(select(func.count()).select_from(walk).scalar_subquery() for walk in walks))


@lru_cache
def _merging(words: int, goes_on: bool) -> Select[Any]:
    latest = DossierWord.dossier_id.desc()
    walk = _WALK.where(DossierWord.dossier_id < bindparam("before")) if goes_on else _WALK
    named = (DossierWord.word == bindparam(f"word_{number}") for number in range(words))
    heads = (walk.where(name).order_by(latest).limit(_MOST).subquery() for name in named)
    bearing = union(*(select(head.c.dossier_id) for head in heads)).subquery()
    return select(bearing.c.dossier_id).order_by(bearing.c.dossier_id.desc()).limit(_MOST)


_MOST: Final = bindparam("most", type_=Dossier.id.type)
#: The rows of words at a place.
_WALK: Final = select(DossierWord.dossier_id).where(DossierWord.place == bindparam("place"))
_THESE: Final = Dossier.id.in_(bindparam("ids", expanding=True))
_SHOWN: Final = select(*(getattr(Dossier, name) for name in Queued._fields)).where(_THESE).order_by(Dossier.id.desc())


@lru_cache(maxsize=256)
def _seeing(actor: Actor, _known: Office) -> Select[Any]:
    of: tuple[Any, ...] = (Dossier.id, Dossier.search)
    return select(*of).where(_THESE, scope_filter(actor)).order_by(Dossier.id.desc())


def _seen(connection: Connection, actor: Actor, ids: Sequence[int]) -> Sequence[Any]:
    """Of these dossiers those that the actor may open, with the words they are found by now."""
    query = _seeing(Actor(None, actor.role, actor.unit), office.known())
    return connection.execute(query, {"ids": list(ids)}).all()


def _shown(connection: Connection, ids: Sequence[int]) -> list[Queued]:
    return [Queued._make(row) for row in connection.execute(_SHOWN, {"ids": list(ids)})] if ids else []
