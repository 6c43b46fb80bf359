"""Looks through the logs of dossiers and of the law: broken chains, last events that disagree with the status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select

from portal.domain.evidence import COVERED, first_broken
from portal.store import publications
from portal.store.database import reading
from portal.store.models import Dossier, Event


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the log of a dossier, and at which event; without a dossier, with that of publications."""

    dossier_id: int | None
    seq: int
    what: str


def faults(batch: int = 2000) -> Iterator[Fault]:
    """Every fault found, publications first, then dossier by dossier, at constant memory."""
    yield from _faults_of_the_law()
    last = 0
    while True:
        with reading() as session:
            states = session.execute(
                select(Dossier.id, Dossier.status, Dossier.seq, Dossier.last_hash)
                .where(Dossier.id > last)
                .order_by(Dossier.id)
                .limit(batch)
            ).all()
            if not states:
                return
            query = select(Event).where(Event.dossier_id > last, Event.dossier_id <= states[-1].id)
            rows = session.scalars(query.order_by(Event.dossier_id, Event.seq)).all()
        chains = {key: [_covered(event) for event in group] for key, group in groupby(rows, lambda e: e.dossier_id)}
        for state in states:
            chain = chains.get(state.id, [])
            if (seq := first_broken(chain)) is not None:
                yield Fault(state.id, seq, "chain")
            elif not chain or (chain[-1]["seq"], chain[-1]["hash"]) != (state.seq, state.last_hash):
                yield Fault(state.id, state.seq, "head")
            elif chain[-1]["after"] != state.status:
                yield Fault(state.id, state.seq, "status")
        last = states[-1].id


def _faults_of_the_law() -> Iterator[Fault]:
    with reading() as session:
        seq = first_broken(publications.chain(session), publications.COVERED)
    if seq is not None:
        yield Fault(None, seq, "publication")


def _covered(event: Event) -> dict[str, Any]:
    return {**{name: getattr(event, name) for name in COVERED}, "hash": event.hash}
