"""Whatever is killed, and whenever: every paper that was promised appears, and once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from redis import Redis
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.slips import to_json
from portal.services.queue import Queue
from portal.store import database as store
from portal.store.models import Dossier, Slip
from portal.usecases import bulk_orders
from portal.usecases.bulk_orders import Chosen, Errand, Wish
from portal.usecases.slips import RENDER
from tests.cases import kept, person, submit
from tests.conftest import Site, running_portal
from tests.sample_papers import RECEIPT

PATIENCE = 90  # seconds within which a lost paper must have been found again; far more than it takes


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, short_tmp: Path) -> Iterator[Site]:
    """A whole portal that is harmed and must heal itself."""
    env = {}
    if request.param == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("make_postgresql")("faults")
    with _portal(short_tmp, env) as site:
        yield site


@pytest.fixture
def mortal(short_tmp: Path) -> Iterator[Site]:
    """A whole portal that is ended."""
    with _portal(short_tmp, {}) as site:
        yield site


@contextlib.contextmanager
def _portal(parent: Path, env: Mapping[str, str]) -> Iterator[Site]:
    var = parent / f"faults-{time.monotonic_ns()}"
    var.mkdir()
    with running_portal(var, {**env, "SWEEP_AFTER_SECONDS": "2"}, workers=2) as site:
        yield site


#: Of the five kills each can meet two workers.
MOST_STRAY = 5 * 2


def promise(site: Site, papers: int, ring: Callable[[str, str], None] | None = None) -> list[int]:
    """Commit dossiers that each wait for a receipt, and ring for each; gives the receipts' ids."""
    store.connect(site.settings.database_url, ring or Queue(site.settings.redis_url).ring)
    promised = []
    for _ in range(papers):
        with store.transaction() as session:
            session.add(dossier := _dossier())
            session.flush()
            receipt = replace(RECEIPT, code=f"H38.02953-260713-{dossier.id:04}")
            slip = Slip(
                dossier_id=dossier.id,
                kind=receipt.kind,
                number=str(dossier.id),
                payload=to_json(receipt),
                issuer="nghia-do",
                created_at=datetime.now(UTC),
            )
            session.add(slip)
            session.flush()
            store.ring_after_commit(session, RENDER, slip.id)
            promised.append(slip.id)
    return promised


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


def files(promised: Collection[int]) -> list[str | None]:
    """The file of each paper, None where it has none yet."""
    with store.reading() as session:
        return list(session.scalars(select(Slip.sha256).where(Slip.id.in_(promised))))


def assert_every_paper_appears_once(site: Site, promised: Collection[int]) -> None:
    """All have been rendered, each into one file of its own, and no file is kept but for those of the killed."""
    deadline = time.monotonic() + PATIENCE
    while None in files(promised) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert None not in files(promised)
    assert len(set(files(promised))) == len(promised)
    with store.reading() as session:
        all_files = set(session.scalars(select(Slip.sha256)))
    kept = {file.name for file in Path(site.settings.files_url).rglob("*") if len(file.name) == 64}
    assert kept >= all_files
    # Whoever is killed after storing a sealed file and before its row commits leaves one that nothing names, for a seal
    # is made anew each time: one for each worker killed, and no more. The sweep of a later night takes it out.
    assert len(kept - all_files) <= MOST_STRAY


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
    return under_way(site, "render_slip", spare)


def under_way(site: Site, name: str, spare: Collection[str] = ()) -> tuple[str, int]:
    """Wait until a worker does a job of this name, none of those to spare; gives the job and the worker's process."""
    redis = Redis.from_url(site.settings.redis_url, decode_responses=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for job in set(redis.scan_iter(f"rq:job:{name}-*")).difference(spare):
            status, worker_name = redis.hmget(job, "status", "worker_name")
            if status == "started" and (worker := redis.hget(f"rq:worker:{worker_name}", "pid")):
                return job, int(worker)
    raise AssertionError(f"no {name} was begun")


def test_a_worker_killed_in_the_middle_of_a_render(portal: Site) -> None:
    promised = promise(portal, papers=12)
    job, worker = rendering(portal)
    os.kill(worker, signal.SIGKILL)
    _, another = rendering(portal, spare=[job])
    os.kill(another, signal.SIGKILL)
    assert files(promised).count(None) >= 2
    assert_every_paper_appears_once(portal, promised)


def test_all_workers_killed_at_once(portal: Site) -> None:
    promised = promise(portal, papers=12)
    _, worker = rendering(portal)
    os.killpg(os.getpgid(worker), signal.SIGKILL)
    assert None in files(promised)
    assert_every_paper_appears_once(portal, promised)


def test_workers_killed_in_the_middle_of_a_bulk_order_leave_each_dossier_done_once(portal: Site) -> None:
    store.connect(portal.settings.database_url, Queue(portal.settings.redis_url).ring)
    officer, now = person(Role.ONE_STOP_OFFICER), datetime.now(UTC)
    registrations = [submit(at=now) for _ in range(40)]
    chosen = [Chosen(registration, 1) for registration in registrations]
    key = bulk_orders.give(officer, uuid4().hex, Wish(Errand.RECEIVE, chosen), now)
    _, worker = under_way(portal, "do_bulk_order")
    while not bulk_orders.progress(officer, key).counts.settled:
        time.sleep(0.001)
    os.killpg(os.getpgid(worker), signal.SIGKILL)
    assert 0 < bulk_orders.progress(officer, key).counts.settled < len(chosen)
    deadline = time.monotonic() + PATIENCE
    while bulk_orders.progress(officer, key).order.done_at is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert bulk_orders.progress(officer, key).counts == (len(chosen), len(chosen), 0)
    for dossier in map(kept, registrations):
        assert [event.action for event in dossier.events] == [Action.SUBMIT, Action.RECEIVE]
        assert len(dossier.slips) == 1
    assert len({kept(registration).code for registration in registrations}) == len(registrations)


def test_the_queue_server_killed_between_commit_and_bell(portal: Site) -> None:
    queue = Queue(portal.settings.redis_url)

    def kill_then_ring(job: str, key: str) -> None:
        os.kill(program(portal, "valkey-server"), signal.SIGKILL)
        queue.ring(job, key)

    promised = promise(portal, papers=3, ring=kill_then_ring)
    assert_every_paper_appears_once(portal, promised)


def test_the_queue_server_killed_while_papers_are_rendered(portal: Site) -> None:
    promised = promise(portal, papers=12)
    rendering(portal)
    os.kill(program(portal, "valkey-server"), signal.SIGKILL)
    assert_every_paper_appears_once(portal, promised)


def test_a_bell_that_nobody_heard(portal: Site) -> None:
    promised = promise(portal, papers=3, ring=lambda job, key: None)
    assert_every_paper_appears_once(portal, promised)


def web_processes(site: Site) -> set[int]:
    """The processes that answer requests."""
    return {process.pid for process in psutil.Process(program(site, "granian")).children()}


@pytest.mark.parametrize("whole", [True, False])
def test_a_web_server_killed_is_replaced_at_the_same_address(portal: Site, whole: bool) -> None:
    before = web_processes(portal)
    os.kill(program(portal, "granian") if whole else min(before), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error, OSError):
            if (now := web_processes(portal)) and not now & before:
                with urllib.request.urlopen(f"{portal.url}/healthz", timeout=10) as answer:  # noqa: S310 - our own
                    assert answer.status == 200
                    return
        time.sleep(0.1)
    raise AssertionError("nobody answers")


def family(site: Site) -> list[psutil.Process]:
    """All processes of a portal but its first."""
    return psutil.Process(site.process.pid).children(recursive=True)


def test_the_portal_killed_takes_all_its_processes_along(mortal: Site) -> None:
    promise(mortal, papers=12)
    rendering(mortal)
    members = family(mortal)
    mortal.process.kill()
    _, left = psutil.wait_procs(members, timeout=20)
    assert len(members) >= 4
    assert left == []


def test_asked_to_stop_in_the_middle_of_work_it_leaves_no_process(mortal: Site) -> None:
    promise(mortal, papers=12)
    rendering(mortal)
    members = family(mortal)
    mortal.process.send_signal(signal.SIGINT)
    assert mortal.process.wait(30) == 0
    assert not [member for member in members if member.is_running()]
