"""What staff look at: the queue of their role and unit, page by page, and who the colleagues are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.domain.access import Actor
from portal.store import dossiers as store
from portal.store.database import looking
from portal.store.dossiers import Cursor, Queued, QueueFilter
from procedures.expressions import fold

PAGE = 30


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a queue; the cursors lead to the pages beside it, None where there are none."""

    dossiers: Sequence[Queued]
    newer: Cursor | None
    older: Cursor | None


def queue(actor: Actor, narrowed: QueueFilter, cursor: Cursor | None = None, size: int = PAGE) -> QueuePage:
    """One page of the queue, the most urgent first."""
    words = fold(narrowed.words)
    with looking() as connection:
        rows, more = store.queue(connection, actor, replace(narrowed, words=words), cursor, size)
    backwards = cursor is not None and cursor.backwards
    first = _cursor(rows[0], backwards=True) if rows else None
    last = _cursor(rows[-1], backwards=False) if rows else None
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    return QueuePage(rows, first if has_before else None, last if has_after else None)


def _cursor(dossier: Queued, *, backwards: bool) -> Cursor:
    assert dossier.act_by is not None
    return Cursor(dossier.act_by, dossier.id, backwards)
