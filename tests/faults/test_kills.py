"""Whatever is killed, and whenever: every paper that was promised appears, and once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import pytest
from redis import Redis
from sqlalchemy import func, select

from portal.domain import slips as paper
from portal.services.queue import Queue
from portal.store import database as store
from portal.store.models import Dossier, Slip
from portal.usecases.slips import RENDER
from tests.conftest import Site, running_portal

PATIENCE = 90  # seconds within which a lost paper must have been found again; far more than it takes


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, short_tmp: Path) -> Iterator[Site]:
    """A whole portal that may be harmed."""
    env = {"SWEEP_AFTER_SECONDS": "2"}
    if request.param == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("make_postgresql")("faults")
    var = short_tmp / f"faults-{time.monotonic_ns()}"
    var.mkdir()
    with running_portal(var, env, workers=2) as site:
        yield site


def promise(site: Site, papers: int, ring: Callable[[str, str], None] | None = None) -> None:
    """Commit dossiers that each wait for an acknowledgement, and ring for each."""
    store.connect(site.settings.database_url, ring or Queue(site.settings.redis_url).ring)
    for _ in range(papers):
        with store.transaction() as session:
            session.add(dossier := _dossier())
            session.flush()
            slip = Slip(
                dossier_id=dossier.id,
                kind=paper.SlipKind.ACKNOWLEDGEMENT,
                number=str(dossier.id),
                payload=paper.to_json(_acknowledgement(dossier)),
                created_at=datetime.now(UTC),
            )
            session.add(slip)
            session.flush()
            store.ring_after_commit(session, RENDER, slip.id)


def _dossier() -> Dossier:
    now = datetime.now(UTC)
    return Dossier(
        registration=f"{time.monotonic_ns():x}",
        procedure="1.001193",
        version=date(2016, 1, 1),
        sector="civil_status",
        channel="online",
        unit="pho-rang",
        desk_unit="pho-rang",
        status=1,
        step="reception",
        step_since=now,
        applicant_name="Hoàng Thị Diệp",
        answers={},
        submitted_at=now,
    )


def _acknowledgement(dossier: Dossier) -> paper.Acknowledgement:
    return paper.Acknowledgement(
        form_set=paper.form_set(paper.SlipKind.ACKNOWLEDGEMENT, sector=dossier.sector, on=date(2026, 2, 6)),
        head=paper.Head(
            superior=None,
            issuer="ỦY BAN NHÂN DÂN XÃ PHỐ RÀNG",
            shop=None,
            number=dossier.registration,
            place="Phố Ràng",
            issued_on=date(2026, 2, 6),
        ),
        registration_number=dossier.registration,
        applicant=paper.Applicant(name=dossier.applicant_name),
        procedure="Đăng ký khai sinh",
        submitted_at=dossier.submitted_at,
        answer_by=None,
        files=(),
        tracking_url=f"http://127.0.0.1/tra-cuu/{dossier.registration}",
    )


def waiting() -> int:
    """How many papers have no file yet."""
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Slip.rendered_at.is_(None))) or 0


def assert_every_paper_appears_once(site: Site, papers: int) -> None:
    """All have been rendered, each into one file of its own, and nothing is under way any more."""
    deadline = time.monotonic() + PATIENCE
    while waiting() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert waiting() == 0
    with store.reading() as session:
        hashes = list(session.scalars(select(Slip.sha256)))
    assert len(hashes) == len(set(hashes)) == papers
    kept = {file.name for file in Path(site.settings.files_url).rglob("*") if len(file.name) == 64}
    assert kept == set(hashes)


def program(site: Site, words: str) -> int:
    """The process of one of the portal's programs, waited for if it is being started again."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for process in psutil.Process(site.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if words in " ".join(process.cmdline()):
                    return process.pid
        time.sleep(0.05)
    raise AssertionError(f"no {words} runs")


def rendering(site: Site, spare: Collection[str] = ()) -> tuple[str, int]:
    """Wait until a worker renders a paper, none of those to spare; gives the job and the worker's process."""
    redis = Redis.from_url(site.settings.redis_url, decode_responses=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for job in set(redis.scan_iter("rq:job:render_slip-*")).difference(spare):
            status, name = redis.hmget(job, "status", "worker_name")
            if status == "started" and (worker := redis.hget(f"rq:worker:{name}", "pid")):
                return job, int(worker)
    raise AssertionError("nothing was rendered")


def test_a_worker_killed_in_the_middle_of_a_render(portal: Site) -> None:
    promise(portal, papers=12)
    job, worker = rendering(portal)
    os.kill(worker, signal.SIGKILL)
    _, another = rendering(portal, spare=[job])
    os.kill(another, signal.SIGKILL)
    assert waiting() >= 2
    assert_every_paper_appears_once(portal, papers=12)


def test_all_workers_killed_at_once(portal: Site) -> None:
    promise(portal, papers=12)
    _, worker = rendering(portal)
    os.killpg(os.getpgid(worker), signal.SIGKILL)
    assert waiting() >= 1
    assert_every_paper_appears_once(portal, papers=12)


def test_the_queue_server_killed_between_commit_and_bell(portal: Site) -> None:
    queue = Queue(portal.settings.redis_url)

    def kill_then_ring(job: str, key: str) -> None:
        os.kill(program(portal, "valkey-server"), signal.SIGKILL)
        queue.ring(job, key)

    promise(portal, papers=3, ring=kill_then_ring)
    assert_every_paper_appears_once(portal, papers=3)


def test_the_queue_server_killed_while_papers_are_rendered(portal: Site) -> None:
    promise(portal, papers=12)
    rendering(portal)
    os.kill(program(portal, "valkey-server"), signal.SIGKILL)
    assert_every_paper_appears_once(portal, papers=12)


def test_a_bell_that_nobody_heard(portal: Site) -> None:
    promise(portal, papers=3, ring=lambda job, key: None)
    assert_every_paper_appears_once(portal, papers=3)


def family(site: Site) -> list[psutil.Process]:
    """All processes of a portal but its first."""
    return psutil.Process(site.process.pid).children(recursive=True)


def test_the_portal_killed_takes_all_its_processes_along(portal: Site) -> None:
    promise(portal, papers=12)
    rendering(portal)
    members = family(portal)
    portal.process.kill()
    _, left = psutil.wait_procs(members, timeout=20)
    assert len(members) >= 4
    assert left == []


def test_asked_to_stop_in_the_middle_of_work_it_leaves_no_process(portal: Site) -> None:
    promise(portal, papers=12)
    rendering(portal)
    members = family(portal)
    portal.process.send_signal(signal.SIGINT)
    assert portal.process.wait(30) == 0
    assert not [member for member in members if member.is_running()]
