"""Takes in all that is sent before a page begins its work, so that a slow line keeps nobody else waiting."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What is bigger, in bytes, waits on the disk.
_IN_MEMORY: Final = 256 * 1024
_PIECE: Final = 64 * 1024


class BodyFirst:
    """A process has many threads to take in what is sent, but does the work of one page at a time.

    Several pages at a time would only make each other slower; a phone that uploads a photograph for a minute, or a
    stranger who announces a form and never sends it, must not stop them.

    Args:
        app: what does the work.
        form: the most bytes of a form without files; what announces more is refused by `app`, unread.
        files: the most bytes of one with files.
    """

    def __init__(self, app: WSGIApplication, form: int, files: int) -> None:
        self._app, self._form, self._files = app, form, files
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as kept:
            if self._fits(environ):
                for piece in _announced(environ):
                    kept.write(piece)
                kept.seek(0)
                environ["wsgi.input"] = kept
            with self._turn:
                return self._app(environ, start_response)

    def _fits(self, environ: WSGIEnvironment) -> bool:
        has_files = str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form-data")
        return 0 < _length(environ) <= (self._files if has_files else self._form)


def _announced(environ: WSGIEnvironment) -> Iterator[bytes]:
    """What is sent, up to the length that was announced: a server may wait for ever for more."""
    left = _length(environ)
    while left and (piece := cast(bytes, environ["wsgi.input"].read(min(left, _PIECE)))):
        left -= len(piece)
        yield piece


def _length(environ: WSGIEnvironment) -> int:
    announced = str(environ.get("CONTENT_LENGTH", ""))
    return int(announced) if announced.isascii() and announced.isdecimal() and len(announced) < 19 else 0
