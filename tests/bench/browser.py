"""A browser without a screen: one connection that stays open, cookies, forms with their token, every request timed."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

Form = Mapping[str, Sequence[str]]
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_BOUNDARY = "----mot-cua-bench"


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent with a form."""

    input: str
    name: str
    type: str
    content: bytes


@dataclass(slots=True)
class Answer:
    """The last page of a request and its redirects."""

    status: int
    path: str
    text: str


@dataclass
class Browser:
    """Somebody's browser; `spent` holds the seconds of every request it made."""

    url: str
    spent: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        self._cookies: dict[str, str] = {}
        self._token = ""

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._follow("GET", path, b"", {})

    def post(self, path: str, form: Form, files: Sequence[File] = ()) -> Answer:
        """Send a form with the token of the last page."""
        values = [("csrf_token", self._token), *((name, text) for name, texts in form.items() for text in texts)]
        if files:
            kind = f"multipart/form-data; boundary={_BOUNDARY}"
            return self._follow("POST", path, _multipart(values, files), {"Content-Type": kind})
        kind = "application/x-www-form-urlencoded"
        return self._follow("POST", path, urlencode(values).encode(), {"Content-Type": kind})

    def sign_in(self, identifier: str, password: str) -> None:
        """Sign in by the sign-in page."""
        self.get("/dang-nhap")
        answer = self.post("/dang-nhap", {"identifier": [identifier], "password": [password]})
        if answer.status != http.client.OK or answer.path.startswith("/dang-nhap"):
            raise RuntimeError(f"{identifier} could not sign in: {answer.status} {answer.path}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _follow(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        for _ in range(10):
            status, location, text = self._once(method, path, body, headers)
            if location is None:
                if found := _TOKEN.search(text):
                    self._token = found[1]
                return Answer(status, path, text)
            parts = urlsplit(location)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            method, body, headers = "GET", b"", {}
        raise RuntimeError(f"{path} leads nowhere")

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str | None, str]:
        sent = headers | {"Accept-Language": "vi", "Referer": f"{self.url}{path}"}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        began = time.perf_counter()
        self._connection.request(method, path, body or None, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        self.spent.append(time.perf_counter() - began)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.headers.get("Location"), content.decode(errors="replace")


def _multipart(values: Sequence[tuple[str, str]], files: Sequence[File]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in values
    ]
    for file in files:
        about = f'Content-Disposition: form-data; name="{file.input}"; filename="{file.name}"'
        parts.append(f"--{_BOUNDARY}\r\n{about}\r\nContent-Type: {file.type}\r\n\r\n".encode() + file.content + b"\r\n")
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
