"""What is sent is taken in before a page begins its work, and one page at a time does its work."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.test import create_environ, run_wsgi_app

from portal.web.bodies import BodyFirst

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE = 20.0


class Slow(BytesIO):
    """A body whose second half comes when somebody lets it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.waits, self.comes = threading.Event(), threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            self.waits.set()
            assert self.comes.wait(PATIENCE)
        return super().read(min(size or 0, len(self.getvalue()) // 2))


class Page:
    """A page that says what was sent to it, and how many others were being made meanwhile."""

    def __init__(self) -> None:
        self.working = self.most = 0
        self.read: list[bytes] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.working += 1
        self.most = max(self.most, self.working)
        threading.Event().wait(0.01)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.read.append(body)
        self.working -= 1
        start_response("200 OK", [])
        return [body]


def send(app: BodyFirst, stream: BytesIO, length: int, kind: str = "application/x-www-form-urlencoded") -> bytes:
    environ = create_environ(method="POST", content_type=kind)
    environ |= {"wsgi.input": stream, "CONTENT_LENGTH": str(length)}
    return b"".join(run_wsgi_app(app, environ)[0])


def test_somebody_who_sends_slowly_keeps_nobody_waiting_and_is_heard_whole() -> None:
    app, slow = BodyFirst(Page(), 1000, 2000), Slow(b"a" * 10 + b"b" * 10)
    heard: list[Any] = []
    thread = threading.Thread(target=lambda: heard.append(send(app, slow, 20)))
    thread.start()
    assert slow.waits.wait(PATIENCE)
    assert send(app, BytesIO(b"quick"), 5) == b"quick"
    assert heard == []
    slow.comes.set()
    thread.join(PATIENCE)
    assert heard == [b"a" * 10 + b"b" * 10]


def test_one_page_at_a_time_does_its_work() -> None:
    page = Page()
    app = BodyFirst(page, 1000, 2000)
    threads = [threading.Thread(target=send, args=(app, BytesIO(b"x"), 1)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (page.most, len(page.read)) == (1, 8)


def test_what_announces_too_much_is_left_unread_for_the_page_to_refuse() -> None:
    seen: list[int] = []

    def page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ["wsgi.input"].tell())
        start_response("413 Too Large", [])
        return []

    for kind, most in (("application/x-www-form-urlencoded", 1000), ("multipart/form-data; boundary=x", 2000)):
        for length in (most, most + 1):
            stream = BytesIO(b"x" * length)
            send(BodyFirst(page, 1000, 2000), stream, length, kind)
            assert stream.tell() == (length if length == most else 0)
    assert seen == [0, 0, 0, 0]


def test_no_more_is_taken_in_than_was_announced_and_less_is_no_fault() -> None:
    app = BodyFirst(Page(), 1000, 2000)
    assert send(app, BytesIO(b"abcdef"), 3) == b"abc"
    assert send(app, BytesIO(b"ab"), 3) == b"ab"
