"""The bell: asks the workers to look at a row that waits; the row, never the queue, is the memory of the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as Reconnect
from rq import Queue as Line
from rq import Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the jobs of one line are done.

    A job that fails is tried again after each wait in turn; after the last try it rests, and only then can it be
    rung for again. What takes longer than `limit` has failed.
    """

    waits: tuple[timedelta, ...]
    rest: timedelta
    limit: timedelta


def _seconds(*numbers: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=number) for number in numbers)


# In the order in which workers empty them: what finds the lost and goes its rounds anyway; what people wait for; what
# takes long.
LINES: Final[Mapping[str, Plan]] = {
    "upkeep": Plan(waits=(), rest=timedelta(seconds=1), limit=timedelta(minutes=10)),
    "bulk": Plan(waits=_seconds(5, 30, 120, 600), rest=timedelta(minutes=30), limit=timedelta(minutes=10)),
    "slips": Plan(waits=_seconds(5, 30, 120, 600), rest=timedelta(minutes=30), limit=timedelta(minutes=2)),
    "notices": Plan(waits=_seconds(30, 120, 600, 3600), rest=timedelta(hours=6), limit=timedelta(minutes=1)),
    "nightly": Plan(waits=(), rest=timedelta(seconds=1), limit=timedelta(hours=4)),
}
_LINE_OF: Final = {
    "do_bulk_order": "bulk",
    "render_slip": "slips",
    "send_notice": "notices",
    "check_evidence": "nightly",
    "reschedule": "nightly",
}

# Plain JSON, so that whoever can write to the queue server still cannot make a worker load an object of his choice.
SERIALIZER: Final = JSONSerializer

# A worker says that it lives every HEARTBEAT; one that was silent for three of them while it held a job is gone.
HEARTBEAT: Final = timedelta(seconds=5)


class Queue:
    """Rings for jobs named by their dotted path, such as `workers.jobs.render_slip`, each with one key.

    A job and its key are one piece of work: while it waits or runs, ringing again adds nothing. Once it has ended, the
    same bell can be rung anew.

    Args:
        url: address of a Redis-compatible server (`unix:///…/queue.sock` or `redis://host:port/0`).
    """

    def __init__(self, url: str) -> None:
        # Short times, no waiting between tries: the request that rings is committed and has a person to answer.
        self._redis = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=Reconnect(NoBackoff(), 1))
        self._lines = {name: Line(name, connection=self._redis, serializer=SERIALIZER) for name in LINES}
        self._reached = True

    def ring(self, job: str, key: str) -> None:
        """Ask a worker to run `job` for `key`. Never raises for a queue that is down: a sweep rings again."""
        try:
            if not self._enqueue(job, key) and self._release_if_lost(job, key):
                self._enqueue(job, key)
            self._reached = True
        except (RedisError, OSError) as error:
            if self._reached:  # one line an outage, however many bells it swallows
                log.warning("queue_unreachable", job=job, key=key, error=str(error))
            self._reached = False

    def _enqueue(self, job: str, key: str) -> bool:
        """Whether the piece of work was put in line; False if it is there already."""
        line = self._lines[_line_of(job)]
        plan = LINES[line.name]
        try:
            line.enqueue_call(
                job,
                args=(key,),
                job_id=_job_id(job, key),
                description=_job_id(job, key),
                unique=True,
                timeout=int(plan.limit.total_seconds()),
                result_ttl=0,  # a finished job leaves nothing that would keep its bell from ringing again
                failure_ttl=int(plan.rest.total_seconds()),
                retry=_retry(plan),
            )
        except DuplicateJobError:
            return False
        return True

    def _release_if_lost(self, job: str, key: str) -> bool:
        """Forget a piece of work that nobody holds any more; True if it can be rung for now.

        A worker that is killed takes its job along without a word, and so may a queue server that lost its last second.
        """
        try:
            held = Job.fetch(_job_id(job, key), connection=self._redis, serializer=SERIALIZER)
        except NoSuchJobError:
            return True
        if not _is_lost(held):
            return False
        log.warning("lost_job_released", job=job, key=key, status=held.get_status(refresh=False))
        held.delete()
        return True

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()


def _retry(plan: Plan) -> Retry | None:
    waits = [int(wait.total_seconds()) for wait in plan.waits]
    return Retry(max=len(waits), interval=waits) if waits else None


def _line_of(job: str) -> str:
    return _LINE_OF.get(job.rpartition(".")[2], "upkeep")


def _job_id(job: str, key: str) -> str:
    return f"{job.rpartition('.')[2]}-{key}"


def _is_lost(job: Job) -> bool:
    """Whether the queue says that a job waits or runs, but it is in no line and no living worker has it."""
    status = job.get_status(refresh=False)
    if status is JobStatus.QUEUED:
        return job.get_position() is None
    if status is JobStatus.STARTED:
        return job.last_heartbeat is None or datetime.now(UTC) - job.last_heartbeat > 3 * HEARTBEAT
    return False
