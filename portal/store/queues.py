"""The rows of the desk's queues: a page of one along the index that has its order, and how many lie in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal_column, select, text, tuple_

from portal.domain.access import Actor, Role
from portal.domain.flow import Status
from portal.domain.queues import MOST_COUNTED, Queue, Whose, seen_by
from portal.domain.standing import State
from portal.store import office
from portal.store.dossiers import scope_filter
from portal.store.models import LIES, Dossier
from procedures.overlay import Office

#: Of limits that stand so: from which instant on, and before which; None is open.
Spans = Mapping[State, tuple[datetime | None, datetime | None]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a keyset page begins: after (or, backwards, before) this instant and id."""

    act_by: datetime
    id: int
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows a queue; None does not."""

    procedure: str | None = None
    status: int | None = None
    channel: str | None = None
    due_before: datetime | None = None


class Queued(NamedTuple):
    """What the queue shows of a dossier, named as its columns."""

    id: int
    registration: str
    code: str | None
    procedure: str
    version: date
    leg: str
    sector: str
    channel: str
    priority: str | None
    desk_unit: str
    status: int
    step: str
    holder_role: str | None
    act_by: datetime | None
    applicant_name: str
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    due_provisional: bool
    ended_on: date | None
    answered_early: bool

    @property
    def state(self) -> Status:
        """The status as the domain knows it."""
        return Status(self.status)


_QUEUED: Final = select(*(getattr(Dossier, name) for name in Queued._fields))


def page(
    connection: Connection,
    actor: Actor,
    queue: Queue,
    spans: Spans,
    narrowed: Narrowing,
    cursor: Cursor | None,
    size: int,
) -> tuple[Sequence[Queued], bool]:
    """One page of a queue, the most urgent first, and whether there are more in that direction."""
    asked = {name: value for name in _NARROWS if (value := getattr(narrowed, name)) is not None}
    backwards = cursor is not None and cursor.backwards
    reach = None if cursor is None else not backwards
    query = _paging(Actor(None, actor.role, actor.unit), office.known(), queue, frozenset(asked), reach)
    here = {} if cursor is None else {"here_by": cursor.act_by, "here_id": cursor.id}
    rows = connection.execute(query, {**_values(actor, spans), **asked, **here, "rows": size + 1}).all()
    found = [Queued._make(row) for row in rows[:size]]
    return (found[::-1] if backwards else found), len(rows) > size


_NARROWS: Final[Mapping[str, ColumnElement[bool]]] = {
    "procedure": Dossier.procedure == bindparam("procedure"),
    "status": Dossier.status == bindparam("status"),
    "channel": Dossier.channel == bindparam("channel"),
    "due_before": Dossier.act_by < bindparam("due_before"),
}
_PLACE: Final = tuple_(Dossier.act_by, Dossier.id)
_HERE: Final = tuple_(bindparam("here_by", type_=Dossier.act_by.type), bindparam("here_id", type_=Dossier.id.type))


@lru_cache(maxsize=1024)
def _paging(actor: Actor, _known: Office, queue: Queue, asked: frozenset[str], forwards: bool | None) -> Select[Any]:
    """The statement of a page, kept: making it takes longer than asking it. `forwards` is None on the first page."""
    query = _QUEUED.where(*_lying(queue, actor), *(_NARROWS[name] for name in sorted(asked)))
    if forwards is not None:
        query = query.where(_PLACE > _HERE if forwards else _PLACE < _HERE)
    order = (Dossier.act_by.desc(), Dossier.id.desc()) if forwards is False else (Dossier.act_by, Dossier.id)
    return query.order_by(*order).limit(bindparam("rows"))


def counts(connection: Connection, actor: Actor, spans: Spans) -> dict[str, int]:
    """How many dossiers lie in each queue that the actor sees, by its key; at most one more than are counted."""
    row = connection.execute(_counting(actor.role, actor.unit, office.known()), _values(actor, spans)).one()
    return dict(zip((queue.key for queue in seen_by(actor.role)), row, strict=True))


@lru_cache(maxsize=256)
def _counting(role: Role, unit: str | None, _known: Office) -> Select[Any]:
    """All counts in one statement, each a short walk along an index however many there are."""
    actor = Actor(None, role, unit)
    return select(*(_counted(_lying(each, actor)).scalar_subquery() for each in seen_by(role)))


def _counted(lying: Iterable[ColumnElement[bool]]) -> Select[Any]:
    walk: Select[Any] = select(literal_column("1")).select_from(Dossier).where(*lying).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(walk.subquery())


def _lying(queue: Queue, actor: Actor) -> list[ColumnElement[bool]]:
    """Which dossiers lie in a queue; the account and the instants are given to the statement by name."""
    lying: list[Any] = [text(LIES[queue.which])]
    if queue.whose is Whose.ROLE:
        lying += [Dossier.holder_unit == actor.unit, Dossier.holder_role == actor.role.value]
    else:
        lying.append(scope_filter(actor))
    if queue.whose is Whose.MINE:
        lying.append(Dossier.holder_id == bindparam("me", type_=Dossier.id.type))
    if queue.due is not None:
        since, until = _EDGES[queue.due]
        lying += [Dossier.act_by >= since] if since is not None else []
        lying += [Dossier.act_by < until] if until is not None else []
    return lying


def _edge(name: str) -> Any:
    return bindparam(name, type_=Dossier.act_by.type)


#: What the instants of each span are called in a statement.
_EDGES: Final[Mapping[State, tuple[Any, Any]]] = {
    State.LATE: (None, _edge("now")),
    State.TODAY: (_edge("now"), _edge("tomorrow")),
    State.SOON: (_edge("tomorrow"), _edge("later")),
}


def _values(actor: Actor, spans: Spans) -> dict[str, Any]:
    named = {"me": actor.account_id}
    for state, edges in spans.items():
        named |= {name.key: edge for name, edge in zip(_EDGES[state], edges, strict=True) if name is not None}
    return named
