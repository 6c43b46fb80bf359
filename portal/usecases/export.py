"""Hands dossiers and events over as plain values, one by one, for other systems and for independent checking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, select

from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.domain.workdays import office_time
from portal.store.database import reading
from portal.store.models import Dossier, Event
from portal.usecases import law

#: Rows fetched at a time, so that an export of any size fits in memory.
_FETCH: Final = 2_000


def dossiers() -> Iterator[dict[str, Any]]:
    """Every submitted dossier in the order of submission; `unit` is the code of the unit that received it.

    `bundle` is the same for all legs of a bundle: the id of the first one, which alone has no `leg`. `previous` is the
    id of a dossier stopped for an error at intake, in whose place this one stands; each of the two counts once, as any.
    `counted_on` is the day on which statistics count it as received: the day it was entered, which comes after that of
    `received_at` where it is received as of an earlier time. So what was counted up to a day stays.
    """
    codes = {unit.id: unit.code for unit in law.places().units}
    for row in _rows(
        select(
            Dossier.id,
            Dossier.code,
            Dossier.procedure,
            Dossier.version,
            Dossier.unit,
            Dossier.channel,
            Dossier.status,
            Dossier.submitted_at,
            Dossier.received_at,
            Dossier.due_at,
            Dossier.due_on,
            Dossier.ended_at,
            Dossier.ended_on,
            Dossier.handed_over_at,
            Dossier.supplement_rounds,
            Dossier.fee,
            func.coalesce(Dossier.lead_id, case((Dossier.total_due_at.is_not(None), Dossier.id))).label("bundle"),
            case((Dossier.leg != "", Dossier.leg)).label("leg"),
            Dossier.previous_id.label("previous"),
            Event.at.label("entered_at"),
        )
        .outerjoin(Event, and_(Event.dossier_id == Dossier.id, Event.action == Action.RECEIVE))
        .order_by(Dossier.id)
    ):
        entered_at = row.pop("entered_at")
        counted_on = office_day(datetime.fromisoformat(entered_at)).isoformat() if entered_at else None
        yield row | {"unit": codes[row["unit"]], "counted_on": counted_on}


def events() -> Iterator[dict[str, Any]]:
    """Every event in the order in which it was written down; `reason` is a code, never free text."""
    return _rows(
        select(
            Event.dossier_id.label("dossier"),
            Event.seq,
            Event.at,
            Event.actor_id.label("actor"),
            Event.role,
            Event.action,
            Event.before,
            Event.after,
            Event.due_on,
            Event.reason,
        ).order_by(Event.position)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    with reading(piecemeal=True) as session:
        result = session.execute(query.execution_options(yield_per=_FETCH))
        names = tuple(result.keys())
        for row in result:
            yield {name: _PLAIN.get(type(value), _same)(value) for name, value in zip(names, row, strict=True)}


def _same(value: Any) -> Any:
    return value


#: Instants with the offices' offset, days as dates; everything else as it is.
_PLAIN: Final[dict[type, Callable[[Any], Any]]] = {
    datetime: lambda instant: office_time(instant).isoformat(),
    date: date.isoformat,
}
