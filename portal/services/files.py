"""Keeps files under their SHA-256, so that a stored file never changes and the same file is kept once.

A file is put here before the row that names it commits: so no row ever names what is not there. A file that no row
names, after a rolled-back transaction or a killed process, does no harm, and is taken out once it is old enough.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from portal.domain.errors import PortalError, Unavailable

CHUNK = 256 * 1024
ABANDONED_AFTER_SECONDS = 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is needed to find a file again: its SHA-256 in lower-case hexadecimal and its size in bytes."""

    sha256: str
    size: int


class TooLarge(PortalError):
    """The stream is longer than allowed; `details["limit"]` is the limit in bytes."""

    status, code = 413, "file_too_large"


class FileMissing(Unavailable):
    """A file that should be in the store is not; `details["sha256"]` names it."""

    code = "file_missing"


class Files(Protocol):
    """A store of files by content; object storage joins here as another class with these methods."""

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> StoredFile:
        """Store what the stream gives, whole or not at all; the same content twice is one file.

        Raises TooLarge as soon as more than `limit` bytes have come, OSError when the storage cannot write.
        """

    def put_bytes(self, content: bytes) -> StoredFile:
        """Store what is already in memory, as `put` does."""

    def remove(self, sha256: str) -> None:
        """Take out a file that nothing names; no harm where there is none."""

    def stored_before(self, at: datetime, begins: str) -> Iterator[str]:
        """The files whose name begins with these two digits, and that were last stored before an instant."""

    def remove_stored_before(self, at: datetime, sha256: str) -> bool:
        """Take out a file unless it was stored again since; gives whether it did. No harm where there is none."""

    def open(self, sha256: str) -> BinaryIO:
        """The file, to be read in binary; the caller closes it. Raises FileMissing."""

    def exists(self, sha256: str) -> bool:
        """Whether a file of that name is there, without reading it."""

    def readable(self, sha256: str) -> bool:
        """Whether the file is there and its content still has that SHA-256: reads it whole."""


class FolderFiles:
    """The embedded default: a folder, its files spread over 65,536 sub-folders by the first letters of their name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep_incoming()

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> StoredFile:
        """Written beside, flushed to the disk, then renamed: a reader or a power cut sees all of it or nothing."""
        digest, size = hashlib.sha256(), 0
        descriptor, written = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks(stream, limit):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            target = self._path(digest.hexdigest())
            grown = self._make_folder(target.parent)
            # Replaces an equal file rather than keeping it: if the older copy was damaged, it is whole again.
            with self._alone():
                os.replace(written, target)
            for folder in (target.parent, *grown):
                _sync_folder(folder)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise
        return StoredFile(digest.hexdigest(), size)

    def put_bytes(self, content: bytes) -> StoredFile:
        """Written as `put` writes."""
        return self.put(io.BytesIO(content))

    def remove(self, sha256: str) -> None:
        """See `Files.remove`."""
        self._path(sha256).unlink(missing_ok=True)

    def stored_before(self, at: datetime, begins: str) -> Iterator[str]:
        """By the time at which the file was written."""
        for path in self.root.glob(f"{begins}/*/*"):
            if _is_before(path, at):
                yield path.name

    def remove_stored_before(self, at: datetime, sha256: str) -> bool:
        """Nobody stores the file between the look at its time and its end."""
        with self._alone():
            if not _is_before(path := self._path(sha256), at):
                return False
            path.unlink()
        return True

    def open(self, sha256: str) -> BinaryIO:
        """The stored file itself, opened for reading."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise FileMissing(sha256=sha256) from None

    def exists(self, sha256: str) -> bool:
        """Whether the path is there."""
        return self._path(sha256).is_file()

    def readable(self, sha256: str) -> bool:
        """Reads the file and hashes it again."""
        try:
            with self._path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except (FileMissing, OSError):
            return False

    def _path(self, sha256: str) -> Path:
        """Raises FileMissing for what is no SHA-256, so that no name from outside ever becomes a path."""
        if not _SHA256.fullmatch(sha256):
            raise FileMissing(sha256=sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from giving or taking away names meanwhile."""
        descriptor = os.open(self._incoming, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _make_folder(self, folder: Path) -> tuple[Path, ...]:
        """Gives the folders that have a new name in them, which must last as the file itself."""
        if folder.is_dir():
            return ()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder.parent, self.root

    def _sweep_incoming(self) -> None:
        """Removes what a killed process left half written: it may hold personal data and nobody can name it."""
        for path in self._incoming.iterdir():
            try:
                if time.time() - path.stat().st_mtime > ABANDONED_AFTER_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue


def open_files(url: str) -> Files:
    """The store a setting names: a plain path or `file:` URL is a folder. Raises ValueError for any other scheme."""
    parts = urlsplit(url)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        raise ValueError(f"FILES_URL: {parts.scheme or '//'} is not supported; give a folder, or file:/folder")
    path = unquote(parts.path) if parts.scheme else url
    if not path:
        raise ValueError("FILES_URL names no folder")
    return FolderFiles(Path(path))


def chunks(stream: BinaryIO, limit: int | None) -> Iterator[bytes]:
    """The stream piece by piece; raises TooLarge once more than `limit` bytes have come."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLarge(limit=limit)
        yield chunk


def _is_before(path: Path, at: datetime) -> bool:
    """Whether a file is there and was written before an instant."""
    try:
        return path.stat().st_mtime < at.timestamp()
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """A rename lasts only once the folder that holds the name is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
