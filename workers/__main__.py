"""Runs the workers: loads all that jobs need once, then forks workers that share it, and replaces one that dies."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import time
from collections.abc import Sequence
from typing import Final, NoReturn

import structlog
from redis import Redis
from redis.client import Pipeline
from rq import Queue as Line
from rq import Worker
from rq.job import Job

from portal.services import logs
from portal.services.processes import STOP_SIGNALS, TICK, Patience, die_with_parent
from portal.services.queue import HEARTBEAT, LINES, SERIALIZER
from portal.settings import Settings
from workers import jobs

log = structlog.get_logger(__name__)

#: Seconds that a job under way gets to finish when the workers are asked to stop. The sweep rings again for a lost one.
GRACE: Final = 8.0

#: A job's process is short-lived: what it leaves behind is mostly gone with it before it is worth collecting.
FEWER_COLLECTIONS: Final = (20_000, 20, 20)


class PortalWorker(Worker):
    """An RQ worker whose job never outlives it, and that is soon back when the queue server is."""

    max_connection_wait_time = 2.0
    log_result_lifespan = False

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that this worker lives, in one message instead of three."""
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
            return
        with self.connection.pipeline(transaction=False) as one:
            super().heartbeat(timeout, one)
            one.execute()

    def main_work_horse(self, job: Job, queue: Line) -> NoReturn:
        """Run one job, in the process forked for it."""
        # Else a job could go on after its worker was killed, while another worker already does the same.
        die_with_parent(self.pid or 0, signal.SIGKILL)
        super().main_work_horse(job, queue)
        raise AssertionError("a work horse never returns")


def work(settings: Settings) -> None:
    """Empty the lines, until asked to stop."""
    worker = PortalWorker(
        list(LINES),
        # Each job connects anew: no greetings, which would be six questions to the queue server for every paper.
        connection=Redis.from_url(settings.redis_url, protocol=2, driver_info=None),
        serializer=SERIALIZER,
        job_monitoring_interval=int(HEARTBEAT.total_seconds()),
    )
    worker.work(logging_level="WARNING")


class Crew:
    """So many workers, each forked from this process."""

    def __init__(self, size: int, settings: Settings) -> None:
        self._settings = settings
        self._patience = [Patience() for _ in range(size)]
        self._due = [0.0] * size
        self._places: dict[int, tuple[int, float]] = {}  # process id: place and start

    def keep(self) -> None:
        """Bury who died and fill the empty places when it is time."""
        while (dead := self._reap()) is not None:
            place, started = self._places.pop(dead)
            lifetime = time.monotonic() - started
            self._due[place] = time.monotonic() + self._patience[place].after(lifetime)
            log.warning("worker_ended", place=place, lifetime=round(lifetime, 1))
        taken = {place for place, _ in self._places.values()}
        for place in set(range(len(self._due))) - taken:
            if time.monotonic() >= self._due[place]:
                self._fork(place)

    def end(self) -> None:
        """Ask all to stop after the job under way; end those that take too long."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self._places and time.monotonic() < deadline:
            if (dead := self._reap()) is None:
                time.sleep(TICK / 4)
            else:
                del self._places[dead]
        self._signal(signal.SIGKILL)

    def _fork(self, place: int) -> None:
        parent = os.getpid()
        if process := os.fork():
            self._places[process] = (place, time.monotonic())
            return
        die_with_parent(parent, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        try:
            work(self._settings)
        except Exception:
            log.exception("worker_failed", place=place)
        finally:
            os._exit(0)

    def _reap(self) -> int | None:
        if not self._places:
            return None
        process, _ = os.waitpid(-1, os.WNOHANG)
        return process or None

    def _signal(self, number: signal.Signals) -> None:
        for process in self._places:
            os.kill(process, number)


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m workers --workers 2`."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="how many (2)")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logs.configure()
    settings = Settings.from_env()
    jobs.warm()
    gc.collect()
    gc.freeze()  # what is loaded stays shared: a collection in a fork would otherwise copy its pages
    gc.set_threshold(*FEWER_COLLECTIONS)
    crew = Crew(options.workers, settings)
    while signal.sigtimedwait(STOP_SIGNALS, TICK) is None:
        crew.keep()
    crew.end()


if __name__ == "__main__":
    main()
