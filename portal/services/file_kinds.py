"""Tells by its first bytes what kind of file something is: the four kinds that are taken, and names for what is not."""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import NamedTuple

import filetype

HEAD_BYTES = 8192

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_MARKUP = {
    b"<!doctype html": "html", b"<html": "html", b"<head": "html", b"<body": "html", b"<script": "html",
    b"<svg": "svg", b"<!doctype svg": "svg", b"<?xml": "xml",
}  # fmt: skip
_CONTROL = frozenset(range(9))
_LEADING = b"\xef\xbb\xbf \t\r\n\x0c\0"


class Text(NamedTuple):
    """The same words in Vietnamese and English."""

    vi: str
    en: str


class Kind(StrEnum):
    """A kind of file that is taken."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"

    @property
    def content_type(self) -> str:
        """The media type the file is served with."""
        return _CONTENT_TYPES[self]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings that fit, the usual one first."""
        return _SUFFIXES[self]

    @property
    def shown_kind(self) -> Kind:
        """The kind of the copy to show instead of such a file, where one is needed: browsers draw no HEIC."""
        return Kind.JPEG if self is Kind.HEIC else self


_CONTENT_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.HEIC: "image/heic",
}
_SUFFIXES = {
    Kind.PDF: (".pdf",),
    Kind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Kind.PNG: (".png",),
    Kind.HEIC: (".heic", ".heif", ".hif"),
}

UNKNOWN = "unknown"
SEEMS: dict[str, Text] = {
    "docx": Text("tài liệu Word", "a Word document"),
    "doc": Text("tài liệu Word", "a Word document"),
    "odt": Text("tài liệu văn bản OpenDocument", "an OpenDocument text"),
    "rtf": Text("tài liệu RTF", "an RTF document"),
    "xlsx": Text("bảng tính Excel", "an Excel workbook"),
    "xls": Text("bảng tính Excel", "an Excel workbook"),
    "ods": Text("bảng tính OpenDocument", "an OpenDocument spreadsheet"),
    "pptx": Text("bản trình chiếu PowerPoint", "a PowerPoint presentation"),
    "ppt": Text("bản trình chiếu PowerPoint", "a PowerPoint presentation"),
    "zip": Text("tệp nén ZIP", "a ZIP archive"),
    "rar": Text("tệp nén RAR", "a RAR archive"),
    "7z": Text("tệp nén 7-Zip", "a 7-Zip archive"),
    "gz": Text("tệp nén GZIP", "a GZIP archive"),
    "tar": Text("tệp lưu trữ TAR", "a TAR archive"),
    "exe": Text("chương trình chạy trên máy tính", "a computer program"),
    "elf": Text("chương trình chạy trên máy tính", "a computer program"),
    "apk": Text("ứng dụng điện thoại", "a phone application"),
    "gif": Text("ảnh GIF", "a GIF picture"),
    "webp": Text("ảnh WebP", "a WebP picture"),
    "tif": Text("ảnh TIFF", "a TIFF picture"),
    "bmp": Text("ảnh BMP", "a BMP picture"),
    "avif": Text("ảnh AVIF", "an AVIF picture"),
    "psd": Text("ảnh Photoshop", "a Photoshop picture"),
    "mp4": Text("tệp video", "a video"),
    "mov": Text("tệp video", "a video"),
    "mp3": Text("tệp âm thanh", "a sound file"),
    "m4a": Text("tệp âm thanh", "a sound file"),
    "html": Text("trang web HTML", "an HTML page"),
    "svg": Text("ảnh SVG", "an SVG picture"),
    "xml": Text("tệp XML", "an XML file"),
    "text": Text("tệp văn bản thường", "a plain text file"),
    UNKNOWN: Text("tệp không rõ loại", "a file of unknown kind"),
}


def recognise(head: bytes) -> Kind | None:
    """The kind that a file beginning with `head` claims to be, or None if it is none of those taken.

    The claim is only where the opening begins: whether the rest of the file bears it out is seen there.
    """
    if head.lstrip(_LEADING).startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[4:8] == b"ftyp" and _HEIC_BRANDS.intersection(_brands(head)) and b"avif" not in _brands(head):
        return Kind.HEIC
    return None


def seems(head: bytes) -> str:
    """The key in SEEMS of what a file that is not taken seems to be."""
    start = head.lstrip(_LEADING)[:1024].lower()
    for markup, name in _MARKUP.items():
        if start.startswith(markup):
            return "svg" if b"<svg" in start else "html" if b"<html" in start else name
    guess = filetype.guess_extension(head)
    if guess in SEEMS:
        return str(guess)
    return "text" if guess is None and _is_text(head) else UNKNOWN


def _brands(head: bytes) -> list[bytes]:
    """The major and the compatible brands of an ISO media file."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]


def _is_text(head: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters; the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(head) and not _CONTROL.intersection(head)
