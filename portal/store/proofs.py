"""Proofs as rows: what they read of dossiers, batch by batch, how far the last one came, and the flaws that stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.orm import Session

from portal.domain.evidence import COVERED
from portal.domain.proof import Numbered, State
from portal.store.dossiers import entry_of
from portal.store.models import Dossier, DueChange, Event
from portal.store.watch_models import Proof, ProofFlaw

_STATE: Final = select(*(getattr(Dossier, name) for name in State._fields)).order_by(Dossier.id)
_OF_LEDGER: Final = (
    "dossier_id", "seq", "reason", "at", "old_due_at", "new_due_at", "rule", "since", "until", "term", "interval",
)  # fmt: skip
_LEDGER: Final = select(*(getattr(DueChange, name) for name in _OF_LEDGER)).order_by(DueChange.id)
_LOG: Final = select(*(getattr(Event, name) for name in (*COVERED, "hash"))).order_by(Event.dossier_id, Event.seq)


def states(session: Session, ids: Sequence[int], *, lock: bool = False) -> list[State]:
    """These dossiers; `lock` keeps others from acting on them until the transaction ends."""
    query = _STATE.where(Dossier.id.in_(ids))
    return [State._make(row) for row in session.execute(query.with_for_update() if lock else query)]


def logs(session: Session, ids: Sequence[int]) -> Mapping[int, list[Mapping[str, Any]]]:
    """Their events, as far as hashes cover them."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in session.execute(_LOG.where(Event.dossier_id.in_(ids))).mappings():
        found[row["dossier_id"]].append(dict(row))
    return found


def ledgers(session: Session, ids: Sequence[int]) -> Mapping[int, list[Numbered]]:
    """The ledgers of their due dates."""
    found: dict[int, list[Numbered]] = defaultdict(list)
    rows: Sequence[Row[Any]] = session.execute(_LEDGER.where(DueChange.dossier_id.in_(ids))).all()
    for row in rows:
        found[row.dossier_id].append(Numbered(row.seq, entry_of(row)))
    return found


def ids_after(session: Session, after: int, size: int) -> list[int]:
    """The ids of dossiers in order, from after one on."""
    return list(session.scalars(select(Dossier.id).where(Dossier.id > after).order_by(Dossier.id).limit(size)))


def changed(session: Session, after: int, until: int, size: int) -> tuple[set[int], int]:
    """The dossiers of so many events after a position, and the position of the last of these events."""
    query = select(Event.position, Event.dossier_id).where(Event.position > after, Event.position <= until)
    rows = session.execute(query.order_by(Event.position).limit(size)).all()
    return {row.dossier_id for row in rows}, rows[-1].position if rows else until


def last_position(session: Session) -> int:
    """The position of the last event."""
    return session.scalar(select(func.max(Event.position))) or 0


def highest_id(session: Session) -> int:
    """The highest id of a dossier."""
    return session.scalar(select(func.max(Dossier.id))) or 0


def last(session: Session) -> Proof | None:
    """The last proof that came to its end."""
    return session.scalars(select(Proof).order_by(Proof.id.desc()).limit(1)).one_or_none()


def replace(session: Session, ids: Sequence[int | None], flaws: Sequence[ProofFlaw]) -> None:
    """Write down what was found of these dossiers (None: of the law) in the place of what was found before."""
    numbers = [each for each in ids if each is not None]
    session.execute(delete(ProofFlaw).where(ProofFlaw.dossier_id.in_(numbers)))
    if None in ids:
        session.execute(delete(ProofFlaw).where(ProofFlaw.dossier_id.is_(None)))
    session.add_all(flaws)


def known_flaws(session: Session) -> frozenset[int | None]:
    """The dossiers of which flaws stand; None is the law."""
    return frozenset(session.scalars(select(ProofFlaw.dossier_id).distinct()))


def count_flaws(connection: Connection) -> int:
    """How many flaws stand."""
    return connection.execute(select(func.count()).select_from(ProofFlaw)).scalar_one()


def newest(connection: Connection) -> tuple[datetime, int] | None:
    """When the last proof ended, and how many dossiers it looked at."""
    row = connection.execute(select(Proof.ended_at, Proof.dossiers).order_by(Proof.id.desc()).limit(1)).one_or_none()
    return (row.ended_at, row.dossiers) if row else None


def flaws(
    session: Session, units: Sequence[str] | None, after: int, size: int
) -> tuple[Sequence[tuple[ProofFlaw, Dossier | None]], bool]:
    """One page of the flaws that stand, at these units (None: all, and of the law), and whether there are more."""
    query = select(ProofFlaw, Dossier).outerjoin(Dossier, Dossier.id == ProofFlaw.dossier_id)
    query = query.where(ProofFlaw.id > after)
    if units is not None:
        query = query.where(Dossier.desk_unit.in_(units))
    rows = session.execute(query.order_by(ProofFlaw.id).limit(size + 1)).all()
    return [(row[0], row[1]) for row in rows[:size]], len(rows) > size
