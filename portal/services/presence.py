"""Who has something open right now: kept in the queue server for a short while, and of no weight if that is away."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final, cast

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

#: Who was not heard of for so long has left; an open page says every third of it that it is still there.
GONE: Final = timedelta(seconds=45)
#: After the server did not answer it is not asked again for so many seconds: no page waits for it twice.
_REST: Final = 10.0


class Presence:
    """Numbers of accounts by the place they have open; nothing else about anybody is kept.

    Args:
        url: address of a Redis-compatible server.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))
        self._rests_until = 0.0

    def enter(self, place: str, account_id: int) -> tuple[int, ...]:
        """Say that an account has a place open; gives who else has, whoever came last at the end.

        Where the server is away, nobody is known to be there.
        """
        if time.monotonic() < self._rests_until:
            return ()
        key, now = f"presence:{place}", time.time()
        try:
            with self._redis.pipeline(transaction=False) as orders:
                orders.zadd(key, {str(account_id): now})
                orders.zremrangebyscore(key, "-inf", now - GONE.total_seconds())
                orders.expire(key, GONE)
                orders.zrange(key, 0, -1)
                there = cast("list[bytes]", orders.execute()[-1])
        except (RedisError, OSError) as error:
            log.warning("presence_unknown", error=str(error))
            self._rests_until = time.monotonic() + _REST
            return ()
        return tuple(number for member in there if (number := int(member)) != account_id)

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()
