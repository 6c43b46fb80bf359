"""Runs one function on one file in a process of its own, with limits of time and memory, so that no file does harm.

A *nursery* process is started once per calling process. It imports the function and all it needs, then forks a child
for each file: a fork costs milliseconds where a new interpreter costs half a second. It is a fresh program with an
empty environment, so that a child taken over by a hostile file finds no keys in its memory. The child answers in JSON
and plain bytes, never in a format that could run code in the caller. The nursery ends when its caller does, however
that ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0
MAX_REQUEST_BYTES = 4096
MAX_FACTS_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024
_STARTED = b"!"  # a child's first word, before it looks at the file


class Answer(NamedTuple):
    """What the function found: plain facts, and named bytes such as a thumbnail."""

    facts: dict[str, Any]
    blobs: dict[str, bytes]


Work = Callable[[BinaryIO, Mapping[str, Any]], Answer]


class SandboxFailed(Exception):
    """The child ended without an answer: it ran out of time or memory, or the file made it crash."""


class SandboxUnavailable(Exception):
    """The nursery cannot be started, which is no fault of the file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost: seconds of processor, seconds of waiting, bytes of address space, bytes of answer."""

    cpu_seconds: int = 10
    wall_seconds: float = 30.0
    memory_bytes: int = 1024**3
    answer_bytes: int = 128 * 1024**2


class Sandbox:
    """Children for one function, named "module:function"; may be used by several threads at once."""

    def __init__(self, work: str, limits: Limits | None = None) -> None:
        self.work = work
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = None

    def run(self, file: BinaryIO, options: Mapping[str, Any]) -> Answer:
        """Call the function in a child with this open file and these JSON options, and give back what it found.

        The file needs a descriptor, not a name. Raises SandboxFailed, SandboxUnavailable.
        """
        limits = self.limits
        order = {"cpu": limits.cpu_seconds, "wall": limits.wall_seconds, "memory": limits.memory_bytes}
        request = json.dumps({**order, "options": dict(options)}).encode()
        if len(request) > MAX_REQUEST_BYTES:
            raise ValueError("options are too long")
        reading, writing = os.pipe()
        try:
            try:
                nursery = self._send(request, [file.fileno(), writing])
            finally:
                os.close(writing)
            reply = _read_reply(reading, limits.answer_bytes, time.monotonic() + limits.wall_seconds + START_SECONDS)
        finally:
            os.close(reading)
        if not reply.startswith(_STARTED):
            self._forget(nursery)
            raise SandboxUnavailable("the nursery has ended")
        return _unpack(reply.removeprefix(_STARTED))

    def warm(self) -> None:
        """Start the nursery now, so that the first file does not wait for it; returns at once."""
        self._ready()

    def close(self) -> None:
        """End the nursery; the next file starts a new one."""
        with self._lock:
            if self._nursery is not None:
                self._nursery.end()
            self._nursery = None

    def _send(self, request: bytes, descriptors: list[int]) -> _Nursery:
        """Hand a request to the nursery; should it have died, to a new one, once."""
        nursery = self._ready()
        try:
            socket.send_fds(nursery.line, [request], descriptors)
        except OSError:
            self._forget(nursery)
            nursery = self._ready()
            try:
                socket.send_fds(nursery.line, [request], descriptors)
            except OSError as fault:
                raise SandboxUnavailable(str(fault)) from fault
        return nursery

    def _ready(self) -> _Nursery:
        with self._lock:
            # After a fork of the caller the nursery still belongs to the parent, which may end it any time.
            if self._nursery is None or self._nursery.owner != os.getpid():
                self._nursery = _Nursery.start(self.work)
            return self._nursery

    def _forget(self, nursery: _Nursery) -> None:
        with self._lock:
            if self._nursery is nursery:
                nursery.end()
                self._nursery = None


@dataclass(frozen=True, slots=True)
class _Nursery:
    """The caller's end: the process, the line to it, and the process that started it."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    owner: int

    @classmethod
    def start(cls, work: str) -> _Nursery:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(theirs.fileno()), work],
                    cwd=PROJECT,
                    env={"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
            except OSError as fault:
                ours.close()
                raise SandboxUnavailable(str(fault)) from fault
        return cls(process, ours, os.getpid())

    def end(self) -> None:
        self.line.close()
        if self.owner != os.getpid():
            return
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _read_reply(reading: int, limit: int, deadline: float) -> bytes:
    """All that the child wrote. The caller of the portal is not kept longer than until `deadline`."""
    reply = bytearray()
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0 and len(reply) <= limit:
        if poll.poll(left * 1000):
            if not (piece := os.read(reading, _READ_BYTES)):
                return bytes(reply)
            reply += piece
    raise SandboxFailed("no answer in time" if len(reply) <= limit else "the answer is too long")


def _pack(answer: Answer) -> bytes:
    sizes = {name: len(blob) for name, blob in answer.blobs.items()}
    return json.dumps({"facts": answer.facts, "sizes": sizes}).encode() + b"\n" + b"".join(answer.blobs.values())


def _unpack(reply: bytes) -> Answer:
    """Takes nothing on trust: whatever is not whole is no answer."""
    head, separator, rest = reply.partition(b"\n")
    if not separator or len(head) > MAX_FACTS_BYTES:
        raise SandboxFailed("the process ended without an answer")
    try:
        message = json.loads(head)
        facts, sizes = message["facts"], message["sizes"]
        names = [str(name) for name in sizes]
        ends = [int(size) for size in sizes.values()]
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SandboxFailed("the answer is garbled") from fault
    if not isinstance(facts, dict) or any(size < 0 for size in ends) or sum(ends) != len(rest):
        raise SandboxFailed("the answer is incomplete")
    blobs, at = {}, 0
    for name, size in zip(names, ends, strict=True):
        blobs[name] = rest[at : at + size]
        at += size
    return Answer(facts, blobs)


def _serve(line: socket.socket, work: Work) -> None:
    """The nursery: fork a child for each request until the caller has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the caller says when to end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    gc.collect()
    gc.freeze()
    while True:
        request, descriptors, _, _ = socket.recv_fds(line, MAX_REQUEST_BYTES, 2)
        if not request:
            return
        if len(descriptors) == 2 and os.fork() == 0:
            line.close()
            _child(json.loads(request), descriptors[0], descriptors[1], work)
        for descriptor in descriptors:
            os.close(descriptor)


def _child(request: dict[str, Any], file: int, writing: int, work: Work) -> None:
    """Answer one request within its limits and end; no answer is one too, which the caller understands."""
    try:
        os.write(writing, _STARTED)
        _limit(request)
        with os.fdopen(file, "rb") as opened:
            opened.seek(0)  # the place in the file is shared with the caller, who has just written it
            answer = _pack(work(opened, request["options"]))
        with os.fdopen(writing, "wb") as reply:
            reply.write(answer)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _limit(request: dict[str, Any]) -> None:
    signal.setitimer(signal.ITIMER_REAL, request["wall"])
    hard = {
        resource.RLIMIT_CPU: request["cpu"],
        resource.RLIMIT_AS: request["memory"],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for name, value in hard.items():
        resource.setrlimit(name, (value, value))


def _main(descriptor: str, work: str) -> None:
    module, _, function = work.partition(":")
    found: Work = getattr(importlib.import_module(module), function)
    with contextlib.closing(socket.socket(fileno=int(descriptor))) as line:
        _serve(line, found)


if __name__ == "__main__":
    _main(*sys.argv[1:])
