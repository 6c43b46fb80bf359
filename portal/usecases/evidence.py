"""Proves that logs are whole, and that what is kept of dossiers agrees with them; what does not is kept and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.evidence import first_broken
from portal.domain.proof import Flaw, flaws
from portal.store import proofs, publications
from portal.store.database import looking, reading, transaction
from portal.store.models import Dossier
from portal.store.watch_models import Proof, ProofFlaw

#: Dossiers proven at a time.
BATCH: Final = 500
#: Besides those that were changed, so many dossiers are proven each night, or more: each at least once a week.
LEAST: Final = 20_000
NIGHTS: Final = 7
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a dossier, and at which event; without a dossier, with the log of publications."""

    dossier_id: int | None
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Standing:
    """When the last proof ended, how many dossiers it looked at, and how many flaws stand."""

    at: datetime
    dossiers: int
    flaws: int


def faults(batch: int = BATCH) -> Iterator[Fault]:
    """Every fault there is, publications first, then dossier by dossier, at constant memory."""
    yield from _faults_of_the_law()
    for ids in _all_after(0, batch):
        yield from _faults(ids)


def prove(at: datetime, *, everything: bool = False, tell: Callable[[Fault], None] = lambda _fault: None) -> Proof:
    """Prove the dossiers changed since the last proof and the next ones of the rotation, or all; keep what is found.

    Safe to repeat and to break off: a proof counts once it has come to its end, and what it found stands at once.
    """
    with reading() as session:
        last, upto = proofs.last(session), proofs.last_position(session)
        known, highest = set(proofs.known_flaws(session)), proofs.highest_id(session)
    read_to, rotated_to = (last.read_to, last.rotated_to) if last and not everything else (0, 0)
    found = [_keep([None], list(_faults_of_the_law()), known, at, tell)]
    done: set[int] = set()
    if last is not None and not everything:
        for some in _changed(read_to, upto):
            found.append(_prove(sorted(some - done), known, at, tell))
            done |= some
    number, rotation = len(done), 0
    share = highest if everything else max(LEAST, highest // NIGHTS + 1)
    for ids in _in_turn(rotated_to):
        others = [each for each in ids if each not in done]
        found.append(_prove(others, known, at, tell))
        number, rotation, rotated_to = number + len(others), rotation + len(ids), ids[-1]
        if rotation >= share:
            break
    with transaction() as session:
        proof = Proof(
            began_at=at,
            ended_at=max(at, datetime.now(UTC)),
            read_to=upto,
            rotated_to=rotated_to,
            dossiers=number,
            flaws=sum(found),
        )
        session.add(proof)
    return proof


def standing() -> Standing | None:
    """How the last proof ended; None where there was none yet."""
    with looking() as connection:
        newest = proofs.newest(connection)
        return Standing(*newest, proofs.count_flaws(connection)) if newest else None


def page(
    units: Sequence[str] | None, after: int = 0, size: int = PAGE
) -> tuple[Sequence[tuple[ProofFlaw, Dossier | None]], int | None]:
    """One page of the flaws that stand, each with its dossier, and where the next begins."""
    with reading() as session:
        rows, more = proofs.flaws(session, units, after, size)
    return rows, rows[-1][0].id if more else None


def _changed(after: int, until: int) -> Iterator[set[int]]:
    while after < until:
        with reading() as session:
            ids, after = proofs.changed(session, after, until, BATCH)
        yield ids


def _in_turn(after: int) -> Iterator[list[int]]:
    """All dossiers once, from the one after an id on, and then those before it."""
    yield from _all_after(after, BATCH)
    for ids in _all_after(0, BATCH):
        if before := [each for each in ids if each <= after]:
            yield before
        if ids[-1] >= after:
            return


def _all_after(after: int, batch: int) -> Iterator[list[int]]:
    while True:
        with reading() as session:
            ids = proofs.ids_after(session, after, batch)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _prove(ids: list[int], known: set[int | None], at: datetime, tell: Callable[[Fault], None]) -> int:
    return _keep(ids, list(_faults(ids)), known, at, tell)


def _keep(
    ids: Sequence[int | None], found: list[Fault], known: set[int | None], at: datetime, tell: Callable[[Fault], None]
) -> int:
    """Write down what was found, and forget what is mended."""
    if found or known.intersection(ids):
        with transaction() as session:
            rows = [ProofFlaw(dossier_id=each.dossier_id, seq=each.seq, what=each.what, found_at=at) for each in found]
            proofs.replace(session, ids, rows)
    for each in found:
        tell(each)
    return len(found)


def _faults(ids: Sequence[int]) -> list[Fault]:
    """What is wrong with these dossiers; looked at again where somebody may have acted on them between two looks."""
    with reading() as session:
        suspects = sorted({fault.dossier_id for fault in _look(session, ids, lock=False) if fault.dossier_id})
    if not suspects:
        return []
    with transaction() as session:
        return list(_look(session, suspects, lock=True))


def _look(session: Session, ids: Sequence[int], *, lock: bool) -> Iterator[Fault]:
    states = proofs.states(session, ids, lock=lock)
    logs, ledgers = proofs.logs(session, ids), proofs.ledgers(session, ids)
    for state in states:
        for seq, flaw in flaws(state, logs.get(state.id, ()), ledgers.get(state.id, ())):
            yield Fault(state.id, seq, flaw.value)


def _faults_of_the_law() -> Iterator[Fault]:
    with reading() as session:
        seq = first_broken(publications.chain(session), publications.COVERED)
    if seq is not None:
        yield Fault(None, seq, Flaw.PUBLICATION.value)
