"""How often one visitor may ask: slows down guessing, counted in the queue server by all processes together."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.settings import Settings

#: Many people share an address at a one-stop shop; locks on single accounts and codes do the fine work.
SIGN_IN = "120/minute"
SIGN_UP = "100/hour"
MESSAGE = "100/hour"
LOOK_UP = "120/minute"
SCAN = "60/minute"

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)


def register(app: Flask, settings: Settings) -> None:
    """Count in the queue server, and in this process's memory while that is down."""
    app.config |= {
        "RATELIMIT_STORAGE_URI": _storage(settings.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,
        "RATELIMIT_KEY_PREFIX": "portal",
    }
    limiter.init_app(app)


def _storage(redis_url: str) -> str:
    """The queue server's address as the limiter writes it."""
    return redis_url.replace("unix://", "redis+unix://", 1)
