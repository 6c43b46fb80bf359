"""The bell: asks the workers to look at a row that waits; the row, never the queue, is the memory of the work."""

from __future__ import annotations

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

# Workers empty the lines in this order. Upkeep is short and finds what was lost; then what a person waits for.
LINES: Final = ("upkeep", "slips", "messages")
_LINE_OF: Final = {"render_slip": "slips", "send_message": "messages"}

# Plain JSON, so that whoever can write to the queue server still cannot make a worker load an object of his choice.
SERIALIZER: Final = JSONSerializer

# A job that fails is tried again after these seconds; after the last try the sweep may ring for it only when it has rested.
RETRY_AFTER: Final = (5, 30, 120, 600)
REST: Final = timedelta(minutes=30)
TIME_OUT: Final = timedelta(minutes=2)

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
        # Short times and no waiting between tries: the request that rings has already been committed and answers a person.
        self._redis = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=Reconnect(NoBackoff(), 1))
        self._lines = {name: Line(name, connection=self._redis, serializer=SERIALIZER) for name in LINES}

    def ring(self, job: str, key: str) -> None:
        """Ask a worker to run `job` for `key`. Never raises for a queue that is down: a sweep rings again."""
        try:
            if not self._enqueue(job, key) and self._release_if_lost(job, key):
                self._enqueue(job, key)
        except (RedisError, OSError) as error:
            log.warning("bell_not_rung", job=job, key=key, error=str(error))

    def _enqueue(self, job: str, key: str) -> bool:
        """Whether the piece of work was put in line; False if it is there already."""
        try:
            self._lines[_line_of(job)].enqueue_call(
                job,
                args=(key,),
                job_id=_job_id(job, key),
                description=_job_id(job, key),
                unique=True,
                timeout=int(TIME_OUT.total_seconds()),
                result_ttl=0,  # a finished job leaves nothing that would keep its bell from ringing again
                failure_ttl=int(REST.total_seconds()),
                retry=Retry(max=len(RETRY_AFTER), interval=list(RETRY_AFTER)),
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
