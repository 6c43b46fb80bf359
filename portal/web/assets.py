"""Static files as browsers should get them: an address that changes with the content, kept for a year, compressed."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, request, url_for

YEAR: Final = 365 * 24 * 3600
COMPRESSED: Final = frozenset({".css", ".js", ".svg"})


def register(app: Flask) -> None:
    """Give every static address `?v=…` of its content, and compress style sheets, scripts and drawings once.

    Templates get `asset`. The files are taken to stay as they are while the process lives.
    """
    folder = Path(app.static_folder or "static")
    address = lru_cache(maxsize=256)(lambda _root, name: url_for("static", filename=name))

    def asset(name: str) -> str:
        """The address of a static file; a page asks for many, and for the icons with every icon."""
        return address(request.script_root, name)

    app.jinja_env.globals["asset"] = asset

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            digest = _digest(folder / values["filename"])
            if digest is not None:
                values["v"] = digest

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
                response.set_data(_compressed(path))
                response.content_encoding = "gzip"
                response.headers.pop("Accept-Ranges", None)
        return response


@lru_cache(maxsize=256)
def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else None


@lru_cache(maxsize=256)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
