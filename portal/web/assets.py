"""Static files as browsers should get them: an address that changes with the content, kept for a year, compressed."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, g, request, url_for

YEAR: Final = 365 * 24 * 3600
COMPRESSED: Final = frozenset({".css", ".js", ".svg"})


def register(app: Flask) -> None:
    """Give every static address `?v=…` of its content, and compress style sheets, scripts and drawings once."""
    folder = Path(app.static_folder or "static")
    app.jinja_env.globals["icon_sheet"] = icon_sheet

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            path = folder / values["filename"]
            if path.is_file():
                values["v"] = _digest(path, path.stat().st_mtime_ns)

    @app.after_request
    def keep_and_compress(response: Response) -> Response:
        if request.endpoint != "static" or response.status_code != 200:
            return response
        if "v" in request.args:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = YEAR
            response.cache_control.immutable = True
        path = folder / (request.view_args or {})["filename"]
        if path.suffix in COMPRESSED:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"]:
                response.direct_passthrough = False
                response.set_data(_compressed(path, path.stat().st_mtime_ns))
                response.content_encoding = "gzip"
                response.headers.pop("Accept-Ranges", None)
        return response


def icon_sheet() -> str:
    """The address of the icons; a page asks for it with every icon, so it is made once for each page."""
    if "icon_sheet" not in g:
        g.icon_sheet = url_for("static", filename="images/icons.svg")
    return str(g.icon_sheet)


@lru_cache(maxsize=256)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _compressed(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
