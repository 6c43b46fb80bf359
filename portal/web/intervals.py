"""The intervals of a dossier as pages show them: what went on, from when to when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.domain import words
from portal.usecases import law
from portal.usecases.dossiers import Opened
from procedures.model import Text


@dataclass(frozen=True, slots=True)
class Shown:
    """One interval; `limit_at` is when it is over by law, None where the law names no length."""

    title: Text
    body: str
    begun_at: datetime
    limit_at: datetime | None
    ended_at: datetime | None
    outcome: Text | None
    words: str


#: What came of an interval that the portal ended by itself.
_OUTCOMES: Final[Mapping[str, Text]] = {
    "silence": Text(vi="Hết hạn, không trả lời: coi như đồng ý", en="No answer in time, which is consent")
}


def shown(opened: Opened) -> list[Shown]:
    """All intervals of a dossier, in the order in which they began."""
    titles = {interval.key: interval.title for interval in opened.procedure.intervals}
    titles[law.CONSULTATION] = words.CONSULTATION
    return [
        Shown(
            title=titles.get(row.key, words.CONSULTATION),
            body=row.body,
            begun_at=row.begun_at,
            limit_at=row.limit_at,
            ended_at=row.ended_at,
            outcome=_OUTCOMES.get(row.outcome or ""),
            words=row.outcome_words or row.words,
        )
        for row in opened.dossier.intervals
    ]
