"""What staff look at: the queues of their role and unit, page by page, and how much lies in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.access import Actor
from portal.domain.queues import Queue
from portal.domain.standing import State, days_of
from portal.domain.workdays import midnight
from portal.store import queues as store
from portal.store.database import looking
from portal.store.queues import Cursor, Narrowing, Queued, Spans
from portal.usecases import law

PAGE = 30


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a queue; the cursors lead to the pages beside it, None where there are none.

    `counts`: how many dossiers lie in each queue that the actor sees, by its key; see `domain.queues.MOST_COUNTED`.
    """

    dossiers: Sequence[Queued]
    newer: Cursor | None
    older: Cursor | None
    counts: Mapping[str, int]


def queue(
    actor: Actor, queue: Queue, narrowed: Narrowing, at: datetime, cursor: Cursor | None = None, size: int = PAGE
) -> QueuePage:
    """One page of a queue, the most urgent first."""
    when = spans(actor, at)
    with looking() as connection:
        rows, more = store.page(connection, actor, queue, when, narrowed, cursor, size)
        counts = store.counts(connection, actor, when)
    backwards = cursor is not None and cursor.backwards
    first = _cursor(rows[0], backwards=True) if rows else None
    last = _cursor(rows[-1], backwards=False) if rows else None
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    return QueuePage(rows, first if has_before else None, last if has_after else None, counts)


def spans(actor: Actor, at: datetime) -> Spans:
    """Which handling limits are late, today's and soon, seen from this instant by the calendar of the actor's unit."""
    assert actor.unit is not None
    days = days_of(law.office_day(at), law.calendar(actor.unit).days)
    return {State.LATE: (None, at)} | {
        state: (max(at, midnight(days[state][0])), midnight(days[state][1])) for state in (State.TODAY, State.SOON)
    }


def _cursor(dossier: Queued, *, backwards: bool) -> Cursor:
    assert dossier.act_by is not None
    return Cursor(dossier.act_by, dossier.id, backwards)
