"""The jobs as workers run them: each does what waits for it, once, and the sweep finds what was lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import QueuePool, update
from structlog.testing import capture_logs

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.services.files import open_files
from portal.settings import Settings
from portal.store import database as store
from portal.store import statistics
from portal.store.database import looking, transaction
from portal.store.models import Event, Slip
from portal.usecases import law, slips, start
from tests.cases import HOUSE, act, kept, submit
from workers import jobs, pdf

RECEIVED = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)


@pytest.fixture
def received(database: store.Database) -> str:
    """A received dossier, whose receipt waits."""
    registration = submit(HOUSE, RECEIVED)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, RECEIVED)
    return registration


def receipt(registration: str) -> Slip:
    (slip,) = kept(registration).slips
    return slip


def test_a_receipt_is_rendered_by_the_bell_of_its_transaction_and_kept_as_a_file(
    received: str, work: Callable[[], None], settings: Settings
) -> None:
    work()
    slip = receipt(received)
    assert slip.rendered_at
    assert slip.fault is None
    assert slip.sha256
    with open_files(settings.files_url).open(slip.sha256) as file:
        assert file.read(5) == b"%PDF-"


def test_a_paper_that_has_its_file_is_not_drawn_again(
    received: str, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    work()
    once = receipt(received)
    drawn: list[object] = []
    monkeypatch.setattr(pdf, "render", drawn.append)
    jobs.render_slip(str(once.id))
    twice = receipt(received)
    assert drawn == []
    assert (twice.sha256, twice.rendered_at) == (once.sha256, once.rendered_at)


def test_a_paper_that_fails_says_why_and_appears_once_it_can(
    received: str, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_payload: object, _proof: object) -> bytes:
        raise OSError("no room")

    slip = receipt(received)
    with monkeypatch.context() as broken_machine:
        broken_machine.setattr(pdf, "render", broken)
        with pytest.raises(OSError, match="no room"):
            jobs.render_slip(str(slip.id))
    assert (receipt(received).fault, receipt(received).rendered_at) == ("OSError", None)
    work()
    assert receipt(received).fault is None
    assert receipt(received).rendered_at


def test_the_sweep_rings_for_every_row_that_waits_and_for_no_other(received: str, work: Callable[[], None]) -> None:
    rung: list[tuple[str, str]] = []
    jobs.prepare()
    store.current().ring = lambda job, key: rung.append((job, key))
    jobs.sweep("")
    waiting = [key for job, key in rung if job == slips.RENDER]
    assert waiting == [str(receipt(received).id)]
    rung.clear()
    jobs.render_slip(waiting[0])
    jobs.sweep("")
    assert [key for job, key in rung if job == slips.RENDER] == []


def test_the_projection_job_reads_up_to_the_last_event(received: str, work: Callable[[], None]) -> None:
    jobs.project_statistics("")
    with looking() as connection:
        read, last = statistics.mark_and_last(connection)
        assert read.position == last > 0


def test_the_evidence_job_names_a_broken_log_by_numbers_only(received: str, work: Callable[[], None]) -> None:
    with capture_logs() as said:
        jobs.check_evidence("")
    assert said == []
    dossier = kept(received)
    with transaction() as session:
        session.execute(update(Event).where(Event.dossier_id == dossier.id, Event.seq == 2).values(unit="bao-ha"))
    with capture_logs() as said:
        jobs.check_evidence("")
    assert [(line["dossier"], line["seq"], line["what"]) for line in said] == [(dossier.id, 2, "chain")]
    assert dossier.applicant_name not in str(said)


def test_the_sweep_of_files_says_how_many_nobody_names(work: Callable[[], None], settings: Settings) -> None:
    files = open_files(settings.files_url)
    stray = files.put_bytes(b"stray").sha256
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=23)), capture_logs() as said:
        jobs.sweep_files("")
    assert said == []
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)), capture_logs() as said:
        jobs.sweep_files("")
    assert [(line["event"], line["files"]) for line in said] == [("files_removed", 1)]
    assert not files.exists(stray)


def test_the_succession_job_hands_over_what_an_ended_unit_still_has(
    work: Callable[[], None], database: store.Database
) -> None:
    then = datetime(2025, 6, 27, 2, 0, tzinfo=UTC)
    registration = submit(HOUSE, then, "huyen-bao-yen", commune="tan-tien")
    jobs.succeed_units("")
    assert kept(registration).desk_unit == "nghia-do"


def test_what_workers_learn_before_they_are_forked_holds_no_connection_and_changes_no_row(
    received: str, work: Callable[[], None]
) -> None:
    jobs.warm()
    pool = store.current().engine.pool
    assert isinstance(pool, QueuePool)
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)
    assert receipt(received).rendered_at is None


def test_a_database_that_does_not_answer_keeps_no_worker_from_starting(tmp_path: Path) -> None:
    store.connect(f"sqlite:///{tmp_path}/no-such-folder/portal.sqlite3")
    with capture_logs() as said:
        slips.rehearse()
    assert [line["event"] for line in said] == ["rendering_not_rehearsed"]


def test_workers_go_by_the_settings_as_the_web_does(
    work: Callable[[], None], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLINE_ACK_HOURS", "4")
    jobs.prepare()
    assert law.rules(HOUSE, date(2026, 7, 1), "bao-yen").ack_hours == 4
    start.connect(settings)
