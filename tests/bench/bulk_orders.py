"""A bulk receive with its receipts, from the order until the last paper is there, beside bare renders of them."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from portal.domain.access import Actor, Role
from portal.domain.slips import Payload, from_json
from portal.store.database import reading
from portal.store.models import Slip
from portal.usecases import bulk_orders, start
from portal.usecases.bulk_orders import Chosen, Errand, Wish
from tests.bench import receipts
from tests.bench.figures import Figure
from tests.bench.site import Place, cpu_of, running
from tests.cases import person, submit
from workers import pdf


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that passed until the last dossier was received and until the last receipt was there; of processors."""

    received: float
    printed: float
    work: float


def measure(kind: str, folder: Path, size: int, database_url: str = "") -> list[Figure]:
    """Receive so many dossiers by one order, through the queue with two workers."""
    place = Place.make(folder / f"bulk-{kind}", database_url)
    pdf.warm()
    # Forked before any thread is started, each with all that it needs.
    with multiprocessing.get_context("fork").Pool(receipts.WORKERS) as bare:
        start.prepare(place.settings)
        officer = person(Role.ONE_STOP_OFFICER)
        with running(place.programs("queue", "workers", workers=receipts.WORKERS)):
            _receive(place, officer, 2 * receipts.WORKERS)  # the first of everything is slow
            taken = _receive(place, officer, size)
        receipts.bare_renders(bare, _payloads(2 * receipts.WORKERS))
        floor, bare_work = receipts.bare_renders(bare, _payloads(size))
    reception = _reception(officer, min(size, 50))
    name = f"bulk, {kind}"
    each = 1000 / size
    spent = (
        f"{taken.received:.1f} s until all are received ({taken.received * each:.1f} ms each), "
        f"{taken.printed - taken.received:.1f} s more until the last receipt is there"
    )
    return [
        Figure(name, f"{size} received, with receipts", taken.printed, "s", floor, note=spent),
        Figure(name, "a receipt of them", taken.printed * each, "ms", floor * each, note="time passed; floor: bare"),
        Figure(
            name, "processor", taken.work * each, "ms", bare_work * each,
            note=f"a dossier; of it {reception:.1f} ms for its reception, the rest for receipt, notice and their forks",
        ),
    ]  # fmt: skip


def _receive(place: Place, officer: Actor, size: int) -> Taken:
    """Order it and wait; dossiers are handed in before, which is not measured."""
    at = datetime.now(UTC)
    chosen = [Chosen(submit(at=at), 1) for _ in range(size)]
    before, began = cpu_of(place, "-m workers"), time.monotonic()
    key = bulk_orders.give(officer, uuid4().hex, Wish(Errand.RECEIVE, chosen), datetime.now(UTC))
    while bulk_orders.progress(officer, key).order.done_at is None:
        _patience(began, place)
    received = time.monotonic() - began
    while _waiting():
        _patience(began, place)
    printed = time.monotonic() - began
    counts = bulk_orders.progress(officer, key).counts
    if counts.refused or counts.settled != size:
        raise RuntimeError(f"not all were received: {counts}")
    return Taken(received, printed, cpu_of(place, "-m workers") - before)


def _reception(officer: Actor, size: int) -> float:
    """Milliseconds that the processor works to receive one dossier of an order, without what waits after it."""
    at = datetime.now(UTC)
    key = bulk_orders.give(
        officer, uuid4().hex, Wish(Errand.RECEIVE, [Chosen(submit(at=at), 1) for _ in range(size)]), at
    )
    order, began = bulk_orders.progress(officer, key).order, time.process_time()
    bulk_orders.work(order.id, at)
    return 1000 * (time.process_time() - began) / size


def _patience(began: float, place: Place) -> None:
    if time.monotonic() - began > 1200:
        raise RuntimeError(f"the order does not end; see {place.settings.var / 'log'}")
    time.sleep(0.1)


def _waiting() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Slip).where(Slip.rendered_at.is_(None))) or 0


def _payloads(size: int) -> list[Payload]:
    """What the last receipts say."""
    with reading() as session:
        return [from_json(said) for said in session.scalars(select(Slip.payload).order_by(Slip.id.desc()).limit(size))]
