"""Whatever happens in the sandbox, the caller gets an answer or an error, and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.services.sandbox import (
    PROJECT,
    Answer,
    Limits,
    Sandbox,
    SandboxFailed,
    SandboxUnavailable,
    _pack,
    _unpack,
)

ERRANDS = "tests.services.errands:run"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    limits = Limits(cpu_seconds=1, wall_seconds=2, memory_bytes=512 * 1024**2, answer_bytes=1_000_000)
    sandbox = Sandbox(ERRANDS, limits)
    yield sandbox
    sandbox.close()


def send(sandbox: Sandbox, errand: str, content: bytes = b"abcdef") -> Answer:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return sandbox.run(file, {"errand": errand})


def test_facts_and_bytes_come_back(sandbox: Sandbox) -> None:
    answer = send(sandbox, "read", b"abc" * 100_000)
    assert answer.facts["size"] == 300_000
    assert answer.blobs == {"first": b"abc", "last": b"abc"}


def test_each_file_has_a_process_of_its_own(sandbox: Sandbox) -> None:
    processes = {send(sandbox, "read").facts["pid"] for _ in range(5)}
    assert len(processes) == 5
    assert os.getpid() not in processes


def test_many_threads_may_send_at_once(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        sizes = threads.map(lambda n: send(sandbox, "read", b"x" * n).facts["size"], range(1, 41))
    assert list(sizes) == list(range(1, 41))


@pytest.mark.parametrize("errand", ["spin", "sleep", "hoard", "crash", "write", "flood"])
def test_what_takes_too_much_or_dies_fails_alone(sandbox: Sandbox, errand: str) -> None:
    with pytest.raises(SandboxFailed):
        send(sandbox, errand)
    assert send(sandbox, "read").facts["size"] == 6


def test_every_limit_is_set_hard_before_the_file_is_opened(sandbox: Sandbox) -> None:
    facts = send(sandbox, "limits").facts
    memory = sandbox.limits.memory_bytes
    assert (facts["cpu"], facts["memory"], facts["core"]) == ([1, 1], [memory, memory], [0, 0])
    assert 0 < facts["alarm"] <= sandbox.limits.wall_seconds


def test_what_runs_in_the_sandbox_finds_no_secrets_in_its_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    sandbox.close()
    assert send(sandbox, "surroundings").facts["environment"] == ["LC_ALL", "PYTHONDONTWRITEBYTECODE"]


def test_a_nursery_that_died_is_replaced(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed):
        send(sandbox, "kill nursery")
    assert send(sandbox, "read").facts["size"] == 6


def test_a_nursery_that_cannot_start_is_not_the_files_fault() -> None:
    sandbox = Sandbox("tests.services.no_such_module:run")
    with pytest.raises(SandboxUnavailable):
        send(sandbox, "read")
    sandbox.close()


def test_after_a_fork_the_child_has_a_nursery_of_its_own(sandbox: Sandbox) -> None:
    before = send(sandbox, "surroundings").facts["parent"]
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            os.write(writing, str(send(sandbox, "surroundings").facts["parent"]).encode())
            sandbox.close()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        theirs = int(told.read())
    os.wait()
    assert theirs != before
    assert send(sandbox, "surroundings").facts["parent"] == before


def test_the_nursery_ends_when_its_caller_is_killed() -> None:
    script = f"""
import os, signal, tempfile
from portal.services.sandbox import Sandbox
with tempfile.TemporaryFile() as file:
    answer = Sandbox({ERRANDS!r}).run(file, {{"errand": "surroundings"}})
print(answer.facts["parent"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # The nursery holds the pipe of errors: this comes back only when the nursery, too, is about to be gone.
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == -9
    for _ in range(100):
        if _state(int(ended.stdout)) in ("gone", "Z"):
            return
        time.sleep(0.05)
    pytest.fail("the nursery lives on")


@pytest.mark.parametrize(
    "reply",
    [
        b"", b"\n", b"{}", b"{}\n", b"[]\n", b"null\n", b'{"facts": {}}\n', b'{"facts": [], "sizes": {}}\n',
        b'{"facts": {}, "sizes": {"a": 5}}\nabc', b'{"facts": {}, "sizes": {"a": -1, "b": 1}}\n',
        b'{"facts": {}, "sizes": {}}\nmore', b'{"facts": {}, "sizes": {"a": "x"}}\n', b'{"facts": {}, "sizes": 3}\n',
        b"\xff\xfe\n", b" " * 100_000 + b"\n",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_whole_is_no_answer(reply: bytes) -> None:
    with pytest.raises(SandboxFailed):
        _unpack(reply)


@pytest.mark.parametrize("blobs", [{}, {"a": b""}, {"a": b"x\ny", "b": b"\0"}])
def test_an_answer_is_unpacked_as_it_was_packed(blobs: dict[str, bytes]) -> None:
    facts: dict[str, Any] = {"trang": 3, "tên": "đơn"}
    assert _unpack(_pack(Answer(facts, blobs))) == Answer(facts, blobs)


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "gone"
