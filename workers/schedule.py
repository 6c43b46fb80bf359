"""The clock of the workers: rings for what must be looked at again and again, and for jobs whose rest is over.

Exactly one runs. A second one would do no harm, since a bell that is waiting cannot be rung twice.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.scheduler import RQScheduler

from portal.services import logs
from portal.services.processes import STOP_SIGNALS
from portal.services.queue import LINES, SERIALIZER, Queue
from portal.settings import Settings

log = structlog.get_logger(__name__)

SECOND: Final = 1.0


def rounds(settings: Settings) -> Mapping[str, float]:
    """Which jobs go their rounds, and every how many seconds."""
    return {
        "workers.jobs.sweep": settings.sweep_after_seconds / 2,
        "workers.jobs.project_statistics": 60,
        "workers.jobs.succeed_units": 3600,
        "workers.jobs.check_evidence": 86400,
    }


class Rounds:
    """Rings for each job when its time has come; the first time at once."""

    def __init__(self, every: Mapping[str, float], queue: Queue) -> None:
        self._every = every
        self._queue = queue
        self._due = dict.fromkeys(every, 0.0)

    def go(self, now: float) -> None:
        """Ring for all that is due at `now`, in seconds of a steady clock."""
        for job, due in self._due.items():
            if now >= due:
                self._queue.ring(job, "round")
                self._due[job] = now + self._every[job]


def main() -> None:
    """`python -m workers.schedule`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logs.configure()
    settings = Settings.from_env()
    rounds_to_go = Rounds(rounds(settings), Queue(settings.redis_url))
    # Puts the jobs that failed back in line after their wait. The name is fixed, so that one started anew takes over
    # from itself at once.
    rested = RQScheduler(
        list(LINES),
        connection=Redis.from_url(settings.redis_url),
        serializer=SERIALIZER,
        name="schedule",
        logging_level="WARNING",
    )
    while signal.sigtimedwait(STOP_SIGNALS, SECOND) is None:
        rounds_to_go.go(time.monotonic())
        try:
            rested.acquire_locks()
            rested.enqueue_scheduled_jobs()
        except (RedisError, OSError) as error:
            log.warning("queue_unreachable", error=str(error))


if __name__ == "__main__":
    main()
