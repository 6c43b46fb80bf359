"""Programs under one process are started in order, restarted when they die, and never outlive it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.services.processes import Patience

# One program that forks a child of its own, and one that stops only when killed.
OVERSEER = """
    from pathlib import Path
    from portal.services.processes import Program, Programs

    folder = Path.cwd()
    family = "echo $$ > family; echo started >> starts; sleep 600 & echo $! > grandchild; wait"
    stubborn = "trap '' TERM; echo $$ > stubborn; while :; do sleep 0.1; done"
    programs = [
        Program("family", ["bash", "-c", family], folder / "log", answers=(folder / "grandchild").exists),
        Program("stubborn", ["bash", "-c", stubborn], folder / "log", answers=(folder / "stubborn").exists, grace=0.3),
    ]
    with Programs(programs, say=lambda line: print(line, flush=True)) as running:
        if running.start():
            print("ready", flush=True)
            running.keep()
"""


@pytest.fixture
def overseer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with two programs under it, both started."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OVERSEER)], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.terminate()  # politely, for the stubborn one would outlive a killed parent
    process.wait()
    process.stdout.close()


def number(file: Path) -> int:
    """The process id that a program wrote down."""
    return int(file.read_text())


def lives(process: int) -> bool:
    """Whether a process runs (one that has ended but was not waited for does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def becomes(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether it holds before the seconds are over."""
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


@pytest.mark.parametrize("farewell", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_ends_all_of_them_and_what_they_started(
    overseer: subprocess.Popen[str], tmp_path: Path, farewell: signal.Signals
) -> None:
    processes = [number(tmp_path / name) for name in ("family", "grandchild", "stubborn")]
    assert all(map(lives, processes))
    overseer.send_signal(farewell)
    assert overseer.wait(10) == 0
    assert not any(map(lives, processes))


def test_killed_it_takes_the_polite_programs_along(overseer: subprocess.Popen[str], tmp_path: Path) -> None:
    family = number(tmp_path / "family")
    stubborn = number(tmp_path / "stubborn")
    overseer.kill()
    overseer.wait()
    assert becomes(lambda: not lives(family))
    os.kill(stubborn, signal.SIGKILL)
    os.kill(number(tmp_path / "grandchild"), signal.SIGKILL)


def test_a_program_that_dies_is_started_again_without_what_it_left(
    overseer: subprocess.Popen[str], tmp_path: Path
) -> None:
    family, grandchild = number(tmp_path / "family"), number(tmp_path / "grandchild")
    os.kill(family, signal.SIGKILL)
    assert overseer.stdout is not None
    assert "family ended (SIGKILL), starts again in 0.5 s" in overseer.stdout.readline()
    assert becomes(lambda: not lives(grandchild))
    assert becomes(lambda: (tmp_path / "starts").read_text() == "started\n" * 2)
    assert lives(number(tmp_path / "family"))


def test_a_program_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    script = f"""
        from pathlib import Path
        from portal.services.processes import Program, Programs
        log = Path({str(tmp_path)!r}) / "log"
        words = Program("speaker", ["bash", "-c", "echo last words"], log, answers=lambda: False)
        with Programs([words], say=print) as running:
            running.start()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=20)
    assert "NotStarted: speaker: last words" in done.stderr


@given(st.lists(st.floats(0, 59), min_size=1, max_size=30))
def test_the_wait_grows_with_every_early_death_up_to_its_longest(lifetimes: list[float]) -> None:
    patience = Patience()
    waits = [patience.after(lifetime) for lifetime in lifetimes]
    assert waits[0] == patience.shortest
    assert waits == sorted(waits)
    assert max(waits) <= patience.longest


@given(st.integers(0, 10), st.floats(60, 1e6))
def test_a_long_life_makes_the_next_wait_short_again(deaths: int, lifetime: float) -> None:
    patience = Patience()
    for _ in range(deaths):
        patience.after(0)
    assert patience.after(lifetime) == patience.shortest
