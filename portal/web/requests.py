"""What the log says of each request: which page, how it ended, how long it took; never who or what was sent."""

from __future__ import annotations

import secrets
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger("portal.web")


def register(app: Flask) -> None:
    """Number each request and log its end."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    clear_contextvars()
    g.request_number, g.began = secrets.token_hex(6), time.perf_counter()
    bind_contextvars(request=g.request_number)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_number
    log.info(
        "answered",
        endpoint=request.endpoint,
        method=request.method,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
    )
    return response
