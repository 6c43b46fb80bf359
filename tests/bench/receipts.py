"""Receipts through the queue with two workers, in turns with bare WeasyPrint renders of the same HTML on two cores."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.pool
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select
from weasyprint import HTML

from portal.domain import attestation
from portal.domain import slips as paper
from portal.domain.slips import SlipKind
from portal.services.queue import Queue
from portal.services.signing import open_notary
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Slip
from portal.usecases import demonstration, slips, start, tracking
from tests import sample_papers
from tests.bench.figures import Figure
from tests.bench.site import Memory, Place, cpu_of, running
from workers import pdf
from workers.__main__ import FEWER_COLLECTIONS

T = TypeVar("T")

WORKERS = 2
SHARE = 1 / 1.6
LOOK = 0.02  # seconds between two looks at what still waits: often enough, and little work


def measure(folder: Path, rounds: int, each: int, memory: Memory) -> list[Figure]:
    """Rounds of so many receipts: first through the queue, then bare."""
    place = Place.make(folder / "receipts")
    pdf.warm()
    # Forked before any thread is started, each with all that it needs.
    with multiprocessing.get_context("fork").Pool(WORKERS) as bare:
        start.prepare(place.settings)
        now = datetime.now(UTC)
        first = [_receipt(number) for number in range(2 * WORKERS)]
        bare_renders(bare, first)  # the first of everything is slow
        demonstration.fill(50, 1, now.date().replace(day=1), now.date(), now)
        queued: list[float] = []
        floor: list[float] = []
        bare_work = 0.0
        with running(place.programs("queue", "workers", workers=WORKERS)):
            _through_queue(place, first)  # the workers have started once these are there
            before = cpu_of(place, "-m workers")
            for number in range(1, rounds + 1):
                payloads = [_receipt(number * each + one) for one in range(each)]
                queued.append(_through_queue(place, payloads))
                seconds, work = bare_renders(bare, payloads)
                floor.append(seconds)
                bare_work += work
            queue_work = cpu_of(place, "-m workers") - before
            with memory:  # not while time is taken: looking at memory takes some
                _through_queue(place, payloads)
        bare.close()
        bare.join()  # stopped while they wait for more, they have been seen to wait for ever
    parts = _parts(place, [_receipt(number) for number in range(each)])
    count = rounds * each
    value, beside = count / sum(queued), count / sum(floor)
    note = f"{count} receipts, a process for each, {WORKERS} workers"
    per_receipt = 1000 * queue_work / count
    return [
        Figure("receipts", "through the queue", value, "/s", beside, f"≥ {SHARE:.3g}", value >= SHARE * beside, note),
        Figure(
            "receipts", "processor", per_receipt, "ms", 1000 * bare_work / count, note="a receipt, its fork included"
        ),
        *parts,
    ]


def _parts(place: Place, payloads: list[paper.Payload]) -> list[Figure]:
    """What a sealed paper costs the processor beside bare WeasyPrint, in turns, and where it goes."""
    notary, at = open_notary(place.settings), datetime.now(UTC)
    spent = dict.fromkeys(("bare", "token", "seal", "all"), 0.0)

    def timed(part: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        done = work()
        spent[part] += time.process_time() - began
        return done

    def sealed(payload: paper.Payload) -> None:
        token = timed("token", lambda: notary.attest(attestation.claims_of(payload)))
        drawn = pdf.render(payload, tracking.proof(token))
        timed("seal", lambda: notary.seal(drawn, "nghia-do", payload.head.issuer, at))

    for payload in payloads[:2]:
        sealed(payload)  # the first of everything is slow
    spent |= dict.fromkeys(spent, 0.0)
    with _memory_kept_as_by_workers():
        for payload in payloads:
            html = pdf.html_for(payload)
            timed("bare", partial(_print, html))
            timed("all", partial(sealed, payload))
    bare, token, seal, whole = (1000 * spent[part] / len(payloads) for part in ("bare", "token", "seal", "all"))
    note = f"of it {token:.1f} ms for the token, {seal:.1f} ms for the seal; the rest is the page, its QR and its data"
    return [Figure("receipts", "sealed", whole, "ms", bare, "≤ 1.6", whole <= 1.6 * bare, note)]


@contextmanager
def _memory_kept_as_by_workers() -> Iterator[None]:
    """What is loaded is not looked through for garbage, as in a worker's fork."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*FEWER_COLLECTIONS)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def _receipt(number: int) -> paper.Payload:
    """A receipt that no other is equal to."""
    head = replace(sample_papers.RECEIPT.head, number=f"{number}/TNHS")
    return replace(sample_papers.RECEIPT, head=head)


def _through_queue(place: Place, payloads: list[paper.Payload]) -> float:
    """Seconds from the first ring until the last paper is there."""
    with transaction() as session:
        dossier = session.scalars(select(Dossier.id).limit(1)).one()
        at = datetime.now(UTC)
        rows = [
            Slip(
                dossier_id=dossier,
                kind=SlipKind.RECEIPT,
                number="1",
                payload=paper.to_json(payload),
                issuer="nghia-do",
                created_at=at,
            )
            for payload in payloads
        ]
        session.add_all(rows)
        session.flush()
        keys = [row.id for row in rows]
    queue = Queue(place.settings.redis_url)
    began = time.monotonic()
    for key in keys:
        queue.ring(slips.RENDER, str(key))
    deadline = time.monotonic() + 300
    while waiting := _waiting():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{waiting} papers were not rendered; see {place.settings.var / 'log'}")
        time.sleep(LOOK)
    seconds = time.monotonic() - began
    queue.close()
    return seconds


def _waiting() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Slip).where(Slip.rendered_at.is_(None))) or 0


def bare_renders(pool: multiprocessing.pool.Pool, payloads: list[paper.Payload]) -> tuple[float, float]:
    """Seconds that passed, and seconds that the processors worked."""
    pages = [pdf.html_for(payload) for payload in payloads]
    began = time.perf_counter()
    work = sum(pool.map(_print, pages, chunksize=1))
    return time.perf_counter() - began, work


def _print(html: str) -> float:
    """Nothing but WeasyPrint, with the style and fonts of papers; gives the seconds the processor worked."""
    press, began = pdf.press(), time.process_time()
    HTML(string=html, url_fetcher=press.offline).write_pdf(
        stylesheets=[press.css], font_config=press.fonts, pdf_variant=pdf.VARIANT
    )
    return time.process_time() - began
