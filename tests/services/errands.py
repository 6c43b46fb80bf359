"""What the sandbox is sent to do in its tests, well and badly."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from portal.services.sandbox import Answer


def _read(file: BinaryIO) -> Answer:
    content = file.read()
    return Answer({"size": len(content), "pid": os.getpid()}, {"first": content[:3], "last": content[-3:]})


def _surroundings(file: BinaryIO) -> Answer:
    return Answer({"environment": sorted(os.environ), "parent": os.getppid()}, {})


def _limits(file: BinaryIO) -> Answer:
    names = {"cpu": resource.RLIMIT_CPU, "memory": resource.RLIMIT_AS, "core": resource.RLIMIT_CORE}
    limits = {name: resource.getrlimit(number) for name, number in names.items()}
    return Answer({**limits, "alarm": signal.getitimer(signal.ITIMER_REAL)[0]}, {})


def _spin(file: BinaryIO) -> Answer:
    while True:
        pass


def _sleep(file: BinaryIO) -> Answer:
    time.sleep(600)
    return Answer({}, {})


def _hoard(file: BinaryIO) -> Answer:
    return Answer({"size": len(b"x" * 1024**3)}, {})


def _crash(file: BinaryIO) -> Answer:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Answer({}, {})


def _write(file: BinaryIO) -> Answer:
    with open(f"/tmp/mc-sandbox-{os.getpid()}", "wb") as written:  # noqa: S108 - it must not come to be written
        os.unlink(written.name)
        written.write(b"x" * 100_000)
    return Answer({}, {})


def _flood(file: BinaryIO) -> Answer:
    return Answer({}, {"flood": b"x" * 2_000_000})


def _kill_nursery(file: BinaryIO) -> Answer:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)
    return Answer({}, {})


ERRANDS: Mapping[str, Callable[[BinaryIO], Answer]] = {
    "read": _read, "surroundings": _surroundings, "limits": _limits, "spin": _spin, "sleep": _sleep, "hoard": _hoard,
    "crash": _crash, "write": _write, "flood": _flood, "kill nursery": _kill_nursery,
}  # fmt: skip


def run(file: BinaryIO, options: Mapping[str, Any]) -> Answer:
    """The errand that the options name."""
    return ERRANDS[options["errand"]](file)
