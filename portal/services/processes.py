"""Programs that run beside each other under one process: started together, restarted when they die, ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STOP_SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
TICK: Final = 0.2

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, farewell: signal.Signals) -> None:
    """Have the kernel send `farewell` to this process when `parent`, which has just forked it, ends in whatever way."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(farewell))
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), farewell)


@dataclass
class Patience:
    """How long to wait before a program that died is started again: longer each time, until one has lived well.

    All times are seconds; the instants given to `died` are of any one steady clock.
    """

    shortest: float = 0.5
    longest: float = 30.0
    well: float = 60.0
    _next: float = field(default=0.0, init=False)

    def after(self, lifetime: float) -> float:
        """The wait before the next start, after a life of so many seconds."""
        if lifetime >= self.well or not self._next:
            self._next = self.shortest
        wait, self._next = self._next, min(self._next * 2, self.longest)
        return wait


@dataclass(frozen=True)
class Program:
    """A program to keep running; what it prints goes to the end of `log`."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    answers: Callable[[], bool] = lambda: True  # whether it is ready for those that start after it
    patience: float = 60.0  # seconds it gets to be ready
    grace: float = 10.0  # seconds it gets to end by itself


class NotStarted(Exception):
    """A program ended, or did not answer in time, when all were to start."""


class Running:
    """One program and its present process, which leads a group of its own and ends with this process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.patience = Patience()
        self.process: subprocess.Popen[bytes] | None = None
        self._started = self._start_at = 0.0

    def start(self) -> None:
        """Start it now."""
        parent = os.getpid()

        def prepare() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            die_with_parent(parent, signal.SIGTERM)

        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.program.env},
                start_new_session=True,
                preexec_fn=prepare,  # safe: this process has one thread
            )
        self._started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether its process has not ended."""
        return self.process is not None and self.process.poll() is None

    def keep(self, say: Callable[[str], None]) -> None:
        """Look whether it is alive; if it died, end what it left behind and start it again when it is time."""
        if self.process is not None:
            if (code := self.process.poll()) is None:
                return
            self.end_now()
            wait = self.patience.after(time.monotonic() - self._started)
            say(f"{self.program.name} ended ({_how(code)}), starts again in {wait:g} s; see {self.program.log}")
            self._start_at = time.monotonic() + wait
        if time.monotonic() >= self._start_at:
            self.start()

    def ask_to_end(self) -> None:
        """Send the polite signal to its group."""
        self._signal(signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait until it has ended, at most until the steady clock's `deadline`; then end it and its group."""
        if self.process is not None:
            try:
                self.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self.process.wait()
            self.end_now()

    def end_now(self) -> None:
        """End whatever is left of its group."""
        self._signal(signal.SIGKILL)
        self.process = None

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Programs:
    """A set of programs, in the order in which they need each other; used as a context, which ends all of them.

    Args:
        say: told, in one line, what happened.
    """

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]) -> None:
        self._running = [Running(program) for program in programs]
        self._say = say

    def __enter__(self) -> Programs:
        # Held back, so that they are read below and never strike between two steps.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        return self

    def start(self) -> bool:
        """Start one after the other, each when the one before answers; False if asked to stop meanwhile.

        Raises:
            NotStarted: one ended, or did not answer in time.
        """
        for running in self._running:
            running.start()
            deadline = time.monotonic() + running.program.patience
            while not running.program.answers():
                if signal.sigtimedwait(STOP_SIGNALS, TICK / 4) is not None:
                    return False
                if not running.alive or time.monotonic() > deadline:
                    raise NotStarted(f"{running.program.name}: {_last_lines(running.program.log)}")
        return True

    def keep(self) -> None:
        """Keep all of them running until this process is asked to stop."""
        while signal.sigtimedwait(STOP_SIGNALS, TICK) is None:
            for running in self._running:
                running.keep(self._say)

    def __exit__(self, *_: object) -> None:
        # Who needs another ends before it.
        for running in reversed(self._running):
            running.ask_to_end()
            running.wait(time.monotonic() + running.program.grace)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _last_lines(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
