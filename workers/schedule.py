"""The clock of the workers: rings for what must be looked at again and again, and for jobs whose rest is over.

Exactly one runs. A second one would do no harm, since a bell that is waiting cannot be rung twice.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from time import monotonic
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.scheduler import RQScheduler

from portal.services import logs
from portal.services.processes import STOP_SIGNALS
from portal.services.queue import LINES, SERIALIZER, Queue
from portal.settings import Settings
from procedures.calendars import OFFICE_TIME

log = structlog.get_logger(__name__)

MINUTE: Final = 60.0
DAY: Final = 24 * 60 * MINUTE
NIGHT: Final = time(2)
LATE_NIGHT: Final = time(3)
MORNING: Final = time(7)
MIDNIGHT: Final = time(0, 10)


@dataclass(frozen=True, slots=True)
class Round:
    """A job that is rung for again and again: every so many seconds, the first time after `first`."""

    job: str
    every: float
    first: float = 0.0


def rounds(settings: Settings, now: datetime) -> Sequence[Round]:
    """What goes its rounds, seen from the aware instant `now`."""
    return (
        Round("workers.jobs.sweep", settings.sweep_after_seconds / 2),
        Round("workers.jobs.project_statistics", MINUTE),
        Round("workers.jobs.succeed_units", 60 * MINUTE),
        Round("workers.jobs.watch_promises", 3 * MINUTE),
        Round("workers.jobs.tell_late_steps", DAY, first=seconds_until(MORNING, now)),
        Round("workers.jobs.lock_registers", DAY, first=seconds_until(MIDNIGHT, now)),
        Round("workers.jobs.check_evidence", DAY, first=seconds_until(NIGHT, now)),
        Round("workers.jobs.sweep_files", DAY, first=seconds_until(LATE_NIGHT, now)),
    )


def seconds_until(hour: time, now: datetime) -> float:
    """How long it is from the aware instant `now` to the next such hour of the offices' day."""
    here = now.astimezone(OFFICE_TIME)
    return (datetime.combine(here, hour, OFFICE_TIME) - here).total_seconds() % DAY


class Clock:
    """Rings for each round when its time has come, in seconds of a steady clock."""

    def __init__(self, rounds: Sequence[Round], ring: Callable[[str, str], None], now: float) -> None:
        self._ring = ring
        self._due = {round: now + round.first for round in rounds}

    def tick(self, now: float) -> None:
        """Ring for all that is due."""
        for round, due in self._due.items():
            if now >= due:
                self._ring(round.job, "round")
                self._due[round] = now + round.every


def main() -> None:
    """`python -m workers.schedule`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logs.configure()
    settings = Settings.from_env()
    clock = Clock(rounds(settings, datetime.now(UTC)), Queue(settings.redis_url).ring, monotonic())
    # Puts the jobs that failed back in line after their wait. The name is fixed, so that one started anew takes over
    # from itself at once.
    rested = RQScheduler(
        list(LINES),
        connection=Redis.from_url(settings.redis_url),
        serializer=SERIALIZER,
        name="schedule",
        logging_level="WARNING",
    )
    while signal.sigtimedwait(STOP_SIGNALS, 1.0) is None:
        clock.tick(monotonic())
        try:
            rested.acquire_locks()
            rested.enqueue_scheduled_jobs()
        except (RedisError, OSError) as error:
            log.warning("queue_unreachable", error=str(error))


if __name__ == "__main__":
    main()
