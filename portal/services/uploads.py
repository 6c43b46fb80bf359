"""Takes in what people upload: checks it by content, opens it in the sandbox, stores it, and says how to serve it.

**What is stored and what is shown.** The file as sent is the evidence: it is stored byte for byte under its SHA-256,
so that the receipt's hash is that of the file the sender still holds and a digital signature in it stays valid. Where
that file should not be shown as it is (a PDF with scripts or attachments, a HEIC picture no browser draws) a second
file is stored, and `Inspected.shown` names it: pages show that one, and give out the original as a download alone.
`shown` is None where the file as sent can be shown, as nearly all can.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from urllib.parse import quote

from portal.domain.errors import PortalError, Unavailable
from portal.services.file_kinds import HEAD_BYTES, SEEMS, UNKNOWN, Kind, Text, recognise, seems
from portal.services.files import Files, StoredFile, TooLarge, chunks
from portal.services.sandbox import Answer, Sandbox, SandboxFailed, SandboxUnavailable

MAX_NAME_LETTERS = 100
NAMELESS = "tệp"

REASONS: Mapping[str, Text] = {
    "empty": Text(
        "Tệp không có nội dung. Hãy chọn lại tệp.",
        "The file is empty. Please choose the file again.",
    ),
    "too_big": Text(
        "Tệp lớn hơn %(size)s. Hãy giảm dung lượng hoặc chia thành nhiều tệp.",
        "The file is larger than %(size)s. Please make it smaller or split it into several files.",
    ),
    "wrong_type": Text(
        "Nội dung tệp là %(seems)s, không nhận được. Chỉ nhận tệp PDF hoặc ảnh JPEG, PNG, HEIC.",
        "The content is %(seems)s, which cannot be taken. Only PDF files and JPEG, PNG or HEIC pictures are taken.",
    ),
    "not_pdf": Text(
        "Chỗ này chỉ nhận tệp PDF. Hãy quét hoặc lưu thành PDF rồi chọn lại tệp.",
        "Only a PDF is taken here. Please scan or save it as a PDF and choose the file again.",
    ),
    "encrypted": Text(
        "Tệp PDF được đặt mật khẩu hoặc bị khóa. Hãy bỏ mật khẩu rồi tải lên lại.",
        "The PDF is locked by a password. Please remove the password and upload it again.",
    ),
    "unreadable": Text(
        "Không mở được tệp: tệp bị hỏng hoặc thiếu một phần. Hãy mở thử trên máy của bạn rồi tải lên lại.",
        "The file cannot be opened: it is damaged or incomplete. Please try it on your own device and upload it again.",
    ),
    "too_many_pages": Text(
        "Tệp có %(pages)s trang, nhiều hơn %(limit)s trang. Hãy chia thành nhiều tệp.",
        "The file has %(pages)s pages, more than %(limit)s. Please split it into several files.",
    ),
    "too_many_pixels": Text(
        "Ảnh có %(pixels)s điểm ảnh, nhiều hơn %(limit)s điểm ảnh. Hãy giảm kích thước ảnh.",
        "The picture has %(pixels)s pixels, more than %(limit)s. Please make the picture smaller.",
    ),
    "two_in_one": Text(
        "Tệp chứa lẫn một tệp khác (%(other)s). Hãy lưu hoặc chụp lại thành một tệp mới.",
        "Another file (%(other)s) is hidden in the file. Please save or photograph it anew.",
    ),
    "too_costly": Text(
        "Không mở được tệp trong thời gian và bộ nhớ cho phép. Hãy lưu hoặc quét lại tệp đơn giản hơn.",
        "The file cannot be opened within the time and memory allowed. Please save or scan it anew in a simpler form.",
    ),
}

_WITHIN = {"pdf": Text("tệp PDF", "a PDF"), "html": SEEMS["html"], "zip": SEEMS["zip"]}

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class UploadRefused(PortalError):
    """The file is not taken; `code` is a key of REASONS and `reason()` says it plainly."""

    status = 422

    def reason(self, language: str) -> str:
        """Why, and what to do, in "vi" or "en"."""
        words = {name: _say(name, value, language) for name, value in self.details.items()}
        return _in(REASONS[self.code], language) % words


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken: bytes, pages of a PDF, pixels of a picture, bytes that a PDF's text and drawing may unpack to."""

    max_bytes: int = 10 * 1024**2
    max_pages: int = 200
    max_pixels: int = 80_000_000
    max_inflated: int = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was taken, opened and stored.

    `sha256` and `size` (bytes) are of the file as sent; `width` and `height` are pixels of a picture held upright,
    None for a PDF; `pages` is 1 for a picture; `thumbnail` is a stored WebP of at most 320 pixels a side; `shown` is
    the copy to show instead of the original, whose kind is `kind.shown_kind`, or None where the original can be
    shown.
    """

    name: str
    kind: Kind
    size: int
    sha256: str
    pages: int
    width: int | None
    height: int | None
    thumbnail: StoredFile
    shown: StoredFile | None


class Opener(Protocol):
    """What opens a file at arm's length; `Sandbox` does."""

    def run(self, file: BinaryIO, options: Mapping[str, object]) -> Answer:
        """Call the work on the file. Raises SandboxFailed, SandboxUnavailable."""

    def warm(self) -> None:
        """Make ready for the first file, without waiting for it."""

    def close(self) -> None:
        """Let go of what was made ready."""


class Uploads:
    """The door for files; one per process."""

    def __init__(self, files: Files, limits: Limits | None = None, opener: Opener | None = None) -> None:
        self.files = files
        self.limits = limits or Limits()
        self.opener = opener or Sandbox("portal.services.opening:work")

    def receive(self, stream: BinaryIO, name: str, only: Kind | None = None) -> Inspected:
        """Check, open and store one uploaded file; `name` is what the sender calls it and may be anything.

        `only` takes files of one kind. Raises UploadRefused (nothing is stored then), Unavailable when the server
        cannot open files at all.
        """
        with tempfile.TemporaryFile() as file:
            self._take(stream, file)
            kind = self._recognise(file, only)
            answer = self._open(file, kind)
            file.seek(0)
            stored = self.files.put(file)
            shown = answer.blobs.get("shown")
            copy = self.files.put_bytes(shown) if shown is not None else None
            thumbnail = self.files.put_bytes(answer.blobs["thumbnail"])
        facts = answer.facts
        return Inspected(
            name=clean_name(name, kind),
            kind=kind,
            size=stored.size,
            sha256=stored.sha256,
            pages=int(facts["pages"]),
            width=int(facts["width"]) or None,
            height=int(facts["height"]) or None,
            thumbnail=thumbnail,
            shown=copy,
        )

    def page(self, file: BinaryIO, kind: Kind, page: int, turn: int, side: int) -> bytes:
        """One page (from 0) of a stored file as a WebP, turned to the right by a multiple of 90 degrees.

        Raises UploadRefused where it cannot be drawn, Unavailable when the server cannot open files at all.
        """
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            return self._open(copy, kind, page=page, turn=turn, side=side).blobs["picture"]

    def warm(self) -> None:
        """Make ready, so that the first file of this process is opened as fast as the others; returns at once."""
        self.opener.warm()

    def close(self) -> None:
        """End what was made ready."""
        self.opener.close()

    def _take(self, stream: BinaryIO, file: BinaryIO) -> None:
        try:
            for chunk in chunks(stream, self.limits.max_bytes):
                file.write(chunk)
        except TooLarge:
            raise UploadRefused("too_big", size=self.limits.max_bytes) from None
        if file.tell() == 0:
            raise UploadRefused("empty")
        file.flush()

    def _recognise(self, file: BinaryIO, only: Kind | None) -> Kind:
        file.seek(0)
        head = file.read(HEAD_BYTES)
        kind = recognise(head)
        if only is not None and kind is not only:
            raise UploadRefused(f"not_{only.value}")
        if kind is None:
            raise UploadRefused("wrong_type", seems=seems(head))
        return kind

    def _open(self, file: BinaryIO, kind: Kind, **more: int) -> Answer:
        limits = self.limits
        options = {
            "kind": kind,
            "pages": limits.max_pages,
            "pixels": limits.max_pixels,
            "inflated": limits.max_inflated,
            **more,
        }
        try:
            answer = self.opener.run(file, options)
        except SandboxFailed as fault:
            raise UploadRefused("too_costly") from fault
        except SandboxUnavailable as fault:
            raise Unavailable("uploads_unavailable") from fault
        if code := answer.facts.get("refused"):
            raise UploadRefused(code, **answer.facts["details"])
        return answer


def clean_name(name: str, kind: Kind) -> str:
    """The sender's name for a file, fit to be shown and offered for download; never a path, never empty.

    NFC, without folders, control or text-direction characters; at most 100 letters; its ending agrees with the
    content, so that "scan.exe" which is a PDF becomes "scan.exe.pdf".
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(" " if letter.isspace() else letter for letter in last if letter.isspace() or _is_shown(letter))
    stem = " ".join(plain.split()).strip(". ")
    suffix = kind.suffixes[0]
    for fitting in kind.suffixes:
        if stem.lower().endswith(fitting):
            stem, suffix = stem[: -len(fitting)].rstrip(". "), stem[-len(fitting) :]
            break
    return (stem[: MAX_NAME_LETTERS - len(suffix)].rstrip(". ") or NAMELESS) + suffix


def serving_headers(name: str, kind: Kind, *, inline: bool) -> dict[str, str]:
    """The headers a stored file is sent with, so that the browser takes it for its kind and lets nothing in it run.

    `inline` shows it in the page or tab, which is for shown files; otherwise it is saved (RFC 6266). A PDF shown
    inline gets no `sandbox`, because browsers' own PDF viewers refuse to work in one; what ran in it has been
    disarmed.
    """
    policy = _POLICY if inline and kind is Kind.PDF else f"{_POLICY}; sandbox"
    return _headers(kind.content_type, policy) | {"Content-Disposition": _disposition(name, inline=inline)}


def thumbnail_headers() -> dict[str, str]:
    """The headers a thumbnail is sent with."""
    return _headers("image/webp", f"{_POLICY}; sandbox")


def _headers(content_type: str, policy: str) -> dict[str, str]:
    return {
        "Content-Type": content_type,
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def _disposition(name: str, *, inline: bool) -> str:
    """Old programs get the name without diacritics, all others the name itself."""
    folded = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    plain = re.sub(r'[^ -~]|["\\%]', "_", folded)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_shown(letter: str) -> bool:
    return unicodedata.category(letter) not in _CONTROL


def _in(text: Text, language: str) -> str:
    return text.en if language == "en" else text.vi


def _say(name: str, value: object, language: str) -> str:
    """One blank of a reason in words: a size, a number, what a file seems to be."""
    if name == "seems":
        return _in(SEEMS.get(str(value), SEEMS[UNKNOWN]), language)
    if name == "other":
        return _in(_WITHIN[str(value)], language)
    if name == "size":
        return _decimal(f"{int(str(value)) / 1024**2:.3g} MB", language)
    return _decimal(f"{value:,}", language) if isinstance(value, int) else str(value)


def _decimal(number: str, language: str) -> str:
    """Vietnamese writes 1.234,5 where English writes 1,234.5."""
    return number if language == "en" else number.translate(str.maketrans(",.", ".,"))
