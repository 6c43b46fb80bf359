"""Starts what is measured, as `portal run` starts it, and the empty page beside it; watches their memory."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from portal.commands.run import programs
from portal.services.processes import STOP_SIGNALS, Program, Programs
from portal.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a portal's data, and the addresses of all it uses."""

    settings: Settings
    env: dict[str, str]

    @classmethod
    def make(cls, var: Path, database_url: str = "", redis_url: str = "") -> Place:
        """A place on a free port; without addresses, with a SQLite file and a queue of its own."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        for folder in ("log", "tmp"):
            (var / folder).mkdir(parents=True, exist_ok=True)
        env = {"PORTAL_VAR": str(var), "PORTAL_PORT": str(port), "PORTAL_HOST": "127.0.0.1"}
        env |= {"DATABASE_URL": database_url} if database_url else {}
        env |= {"REDIS_URL": redis_url} if redis_url else {}
        settings = Settings.from_env(env)
        env |= {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
        return cls(settings, env)

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.settings.base_url

    def programs(self, *names: str, web: int = 1, workers: int = 2) -> list[Program]:
        """Some of the programs of `portal run`, as that starts them."""
        known = programs(self.settings, web=web, workers=workers)
        return [replace(program, env={**program.env, **self.env}) for program in known if program.name in names]

    def empty(self, web: int = 1) -> list[Program]:
        """The same web server with the same settings, serving the empty page instead of the portal."""
        return [
            replace(program, command=[*program.command[:-1], "tests.bench.empty:app"])
            for program in self.programs("web", web=web)
        ]


@contextmanager
def running(all_programs: Sequence[Program]) -> Iterator[Programs]:
    """Run programs until the block is left."""
    with Programs(all_programs, say=lambda text: print(text, file=sys.stderr)) as started:
        if not started.start():
            raise KeyboardInterrupt
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # nobody waits for them here
        yield started


class Memory:
    """Watches, every second, how much memory the programs started from here take, by what they are."""

    def __init__(self, **marks: str) -> None:
        self._marks = marks
        self.largest: dict[str, int] = dict.fromkeys(marks, 0)
        """The most memory that one process took, in bytes."""
        self.together: dict[str, int] = dict.fromkeys(marks, 0)
        """The most that all of them took together, shared pages counted once, in bytes."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Memory:
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self._look()

    def _look(self) -> None:
        children = _children()
        for name, mark in self._marks.items():
            sets = [_memory(process) for process in children if mark in _command(process)]
            self.largest[name] = max([self.largest[name], *(rss for rss, _ in sets)])
            self.together[name] = max(self.together[name], sum(pss for _, pss in sets))


def cpu_of(place: Place, mark: str = "granian") -> float:
    """Seconds that the processors have worked for the programs of a place that bear this mark, ended jobs included."""
    told = f"PORTAL_PORT={place.settings.port}\0"
    return sum(_cpu(p) for p in _children() if mark in _command(p) and told in _read(p, "environ"))


def _cpu(process: int) -> float:
    words = _read(process, "stat").rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def _children() -> set[int]:
    """All processes that descend from this one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def _command(process: int) -> str:
    return _read(process, "cmdline").replace("\0", " ")


def _read(process: int, name: str) -> str:
    """A file that the kernel keeps about a process; empty for one that has ended."""
    try:
        return Path(f"/proc/{process}/{name}").read_text(errors="replace")
    except OSError:
        return ""


def _memory(process: int) -> tuple[int, int]:
    """Resident set and proportional set, in bytes; zeros for a process that has ended."""
    lines = _read(process, "smaps_rollup").splitlines()[1:]
    sizes = {words[0]: int(words[1]) * 1024 for words in map(str.split, lines)}
    return sizes.get("Rss:", 0), sizes.get("Pss:", 0)
