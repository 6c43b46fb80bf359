"""The jobs: each takes the key of a row that waits, asks first whether its work is done, and may run many times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import structlog

from portal.domain import attestation
from portal.services.files import Files, open_files
from portal.services.signing import Notary, open_notary
from portal.settings import Settings
from portal.store import database
from portal.usecases import (
    bulk_orders,
    dossiers,
    evidence,
    notices,
    registers,
    reminders,
    rescheduling,
    slips,
    start,
    statistics,
    strays,
    watch,
)
from workers import pdf

log = structlog.get_logger(__name__)


@cache
def _settings() -> Settings:
    return Settings.from_env()


@cache
def _files() -> Files:
    return open_files(_settings().files_url)


@cache
def _notary() -> Notary:
    return open_notary(_settings())


@cache
def prepare() -> None:
    """Connect this process once; a forked worker makes connections of its own."""
    start.connect(_settings())


def warm() -> None:
    """Do once what every job would have to do first, and then hold nothing that a fork must not share."""
    prepare()
    _files()
    _notary().rehearse(attestation.claims_of(pdf.PROOF), pdf.warm(), datetime.now(UTC))
    slips.rehearse()
    database.current().close()


def render_slip(key: str) -> None:
    """Render the paper with this id."""
    prepare()
    try:
        slips.render(int(key), pdf.render, _notary(), _files(), datetime.now(UTC))
    except Exception as error:
        slips.failed(int(key), error)
        raise


def send_notice(key: str) -> None:
    """Send the message with this id."""
    prepare()
    notices.send(int(key), _settings(), datetime.now(UTC))


def sweep(_key: str) -> None:
    """Ring again for every row that has waited too long: what a lost queue or a killed worker left behind."""
    prepare()
    now = datetime.now(UTC)
    before = now - timedelta(seconds=_settings().sweep_after_seconds)
    ring = database.current().ring
    for slip_id in slips.waiting(before):
        ring("workers.jobs.render_slip", str(slip_id))
    for notice_id in notices.waiting(now, before):
        ring("workers.jobs.send_notice", str(notice_id))
    for order_id in rescheduling.waiting():
        ring("workers.jobs.reschedule", str(order_id))
    for order_id in bulk_orders.waiting():
        ring(bulk_orders.DO, str(order_id))


def do_bulk_order(key: str) -> None:
    """Do what somebody ordered for several dossiers."""
    prepare()
    bulk_orders.work(int(key), datetime.now(UTC))


def reschedule(key: str) -> None:
    """Count what a change of the calendar would move, and move it once that is ordered."""
    prepare()
    rescheduling.work(int(key), datetime.now(UTC))


def project_statistics(_key: str) -> None:
    """Bring the statistics up to the last event."""
    prepare()
    statistics.project()


def succeed_units(_key: str) -> None:
    """Hand the open dossiers of units that have ended to their successors."""
    prepare()
    moved = dossiers.succeed_units(datetime.now(UTC))
    if moved:
        log.info("units_succeeded", dossiers=moved)


def watch_promises(_key: str) -> None:
    """Warn, prepare apologies, and do what the passing of time decides."""
    prepare()
    told = watch.go_round(datetime.now(UTC))
    if told.seen:
        log.info("watched", dossiers=told.seen, warned=told.warned, prepared=told.prepared, done=told.done)


def tell_late_steps(_key: str) -> None:
    """Send one message a day to all whose work has steps past their time."""
    prepare()
    reminders.send_digests(datetime.now(UTC))


def lock_registers(_key: str) -> None:
    """Lock the registers of the years that are over, and have their volumes closed."""
    prepare()
    locked = registers.lock_past_years(datetime.now(UTC))
    if locked:
        log.info("registers_locked", books=locked)


def sweep_files(_key: str) -> None:
    """Take out the files that no row names."""
    prepare()
    removed = strays.sweep(_files(), datetime.now(UTC))
    if removed:
        log.info("files_removed", files=removed)


def check_evidence(_key: str) -> None:
    """Prove that logs are whole and dossiers agree with them; what is broken is told in the log by number only."""
    prepare()

    def tell(fault: evidence.Fault) -> None:
        log.error("evidence_broken", dossier=fault.dossier_id, seq=fault.seq, what=fault.what)

    evidence.prove(datetime.now(UTC), tell=tell)
