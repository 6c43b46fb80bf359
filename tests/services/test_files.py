"""The store keeps what it is given, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import time
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.services.files import ABANDONED_AFTER_SECONDS, FileMissing, Files, FolderFiles, TooLarge, open_files

NOWHERE = "0" * 64


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


def kept(files: FolderFiles) -> list[Path]:
    return [path for path in files.root.rglob("*") if path.is_file()]


class BreaksOff(io.BytesIO):
    """A connection that ends in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 10:
            raise ConnectionResetError
        return super().read(10)


def test_what_was_put_is_read_back_under_its_sha256(files: FolderFiles) -> None:
    stored = files.put(io.BytesIO(b"don xin"))
    assert (stored.sha256, stored.size) == (hashlib.sha256(b"don xin").hexdigest(), 7)
    with files.open(stored.sha256) as file:
        assert file.read() == b"don xin"


@given(content=st.binary(max_size=2000))
def test_any_content_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    files = FolderFiles(tmp_path_factory.getbasetemp() / "any-content")
    stored = files.put_bytes(content)
    with files.open(stored.sha256) as file:
        assert file.read() == content
    assert files.readable(stored.sha256)


def test_the_same_content_twice_is_one_file(files: FolderFiles) -> None:
    assert files.put(io.BytesIO(b"x" * 1000)) == files.put_bytes(b"x" * 1000)
    assert len(kept(files)) == 1


def test_putting_a_file_again_mends_a_damaged_copy(files: FolderFiles) -> None:
    stored = files.put_bytes(b"whole")
    kept(files)[0].write_bytes(b"broke")
    assert files.exists(stored.sha256)
    assert not files.readable(stored.sha256)
    files.put_bytes(b"whole")
    assert files.readable(stored.sha256)


def test_files_are_spread_over_sub_folders(files: FolderFiles) -> None:
    sha256 = files.put_bytes(b"x").sha256
    assert kept(files)[0].relative_to(files.root) == Path(sha256[:2], sha256[2:4], sha256)


def test_a_stored_file_is_readable_by_its_owner_alone(files: FolderFiles) -> None:
    files.put_bytes(b"x")
    assert kept(files)[0].stat().st_mode & 0o077 == 0


def test_a_stream_longer_than_the_limit_is_refused_and_leaves_nothing(files: FolderFiles) -> None:
    assert files.put(io.BytesIO(b"x" * 100), limit=100).size == 100
    with pytest.raises(TooLarge) as refusal:
        files.put(io.BytesIO(b"y" * 101), limit=100)
    assert refusal.value.details["limit"] == 100
    assert len(kept(files)) == 1


def test_an_endless_stream_is_not_read_to_its_end(files: FolderFiles) -> None:
    class Endless:
        read_bytes = 0

        def read(self, size: int) -> bytes:
            self.read_bytes += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        files.put(cast(BinaryIO, stream), limit=1_000_000)
    assert stream.read_bytes < 2_000_000


def test_a_stream_that_breaks_off_leaves_nothing(files: FolderFiles) -> None:
    with pytest.raises(ConnectionResetError):
        files.put(BreaksOff(b"x" * 100))
    assert kept(files) == []


def test_a_file_is_on_the_disk_before_its_name_is_and_so_are_the_folders_made_for_it(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        order.append(os.readlink(f"/proc/self/fd/{descriptor}") if is_folder else "content")
        sync(descriptor)

    def renamed(source: str, target: Path) -> None:
        order.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    sha256 = files.put_bytes(b"x").sha256
    first = files.root / sha256[:2]
    assert order == ["content", "rename", *map(str, (first / sha256[2:4], first, files.root))]


@pytest.mark.parametrize("name", [NOWHERE, "../../etc/passwd", "", "A" * 64, NOWHERE + "\n", "/etc/passwd"])
def test_what_is_no_stored_file_is_missing_and_never_a_path(files: FolderFiles, name: str) -> None:
    with pytest.raises(FileMissing):
        files.open(name)
    assert not files.readable(name)


def test_existence_is_told_without_reading(files: FolderFiles) -> None:
    assert files.exists(files.put_bytes(b"x").sha256)
    assert not files.exists(NOWHERE)


def test_what_a_killed_process_left_half_written_is_swept_at_the_next_start(files: FolderFiles) -> None:
    old, new = files.root / "incoming" / "old", files.root / "incoming" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    day_before = time.time() - ABANDONED_AFTER_SECONDS - 60
    os.utime(old, (day_before, day_before))
    FolderFiles(files.root)
    assert not old.exists()
    assert new.exists()


def test_a_setting_names_a_folder_plainly_or_by_url(tmp_path: Path) -> None:
    for url in (str(tmp_path / "kho tệp"), (tmp_path / "kho tệp").as_uri(), f"file:{tmp_path}/kho tệp"):
        files: Files = open_files(url)
        assert isinstance(files, FolderFiles)
        assert files.root == tmp_path / "kho tệp"


@pytest.mark.parametrize("url", ["s3://bucket", "file://server/share", "https://example.com/", "", "file:"])
def test_a_setting_that_names_no_folder_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="FILES_URL"):
        open_files(url)
