"""Heads kept from one start to the next: the same as those read anew, and never older than what they were read from."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from procedures import catalogue, heads
from procedures.catalogue import FOLDER, Catalogue, Contradiction, Entry, load_entries, shipped
from procedures.heads import Heads

SPLIT = Path("residence") / "household-split"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """A folder with one procedure in two versions."""
    shutil.copytree(FOLDER / SPLIT, tmp_path / "law" / SPLIT)
    return tmp_path / "law"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where heads are kept."""
    return tmp_path / "var" / "heads.json"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files read whole since."""
    read: list[Path] = []
    real = catalogue.read_text

    def noting(text: str, file: Path) -> Any:
        read.append(file)
        return real(text, file)

    monkeypatch.setattr(catalogue, "read_text", noting)
    return read


def loaded(law: Path, kept: Path) -> list[tuple[Any, ...]]:
    return [(entry.head, entry.order) for entry in load_entries(shipped(law), Heads(kept))]


def test_a_second_start_reads_no_file_whole_and_says_the_same(law: Path, kept: Path, reads: list[Path]) -> None:
    first = loaded(law, kept)
    assert len(reads) == 2
    assert loaded(law, kept) == first
    assert len(reads) == 2


def test_a_version_is_read_when_it_is_first_asked_for_and_then_at_hand(
    law: Path, kept: Path, reads: list[Path]
) -> None:
    loaded(law, kept)
    reads.clear()
    known = Catalogue(load_entries(shipped(law), Heads(kept)))
    (code,) = known.codes
    for head in known.versions(code):
        assert known.version(code, head.version) is known.version(code, head.version)
        assert Entry.of(known.version(code, head.version)).head == head
    assert len(reads) == 2


def test_a_changed_file_is_read_anew_and_the_others_are_not(law: Path, kept: Path, reads: list[Path]) -> None:
    loaded(law, kept)
    reads.clear()
    file = law / SPLIT / "2026-03-15.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("hộ khẩu", "sổ hộ khẩu cũ"), encoding="utf-8")
    assert "sổ hộ khẩu cũ" in str(loaded(law, kept)[1][0].keywords)
    assert reads == [file]


def test_the_same_text_under_another_date_is_another_version(law: Path, kept: Path) -> None:
    loaded(law, kept)
    file = law / SPLIT / "2026-03-15.yaml"
    file.rename(file.with_name("2026-03-14.yaml"))
    assert [str(head.version) for head, *_ in loaded(law, kept)] == ["2021-07-01", "2026-03-14"]


def test_when_the_code_or_a_shared_part_changes_everything_is_read_anew(
    law: Path, kept: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(law, kept)
    reads.clear()
    monkeypatch.setattr(heads, "made_of", lambda: "another")
    loaded(law, kept)
    assert len(reads) == 2


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b"\xff", b'{"made_of": "", "kept": {"x": 1}}'])
def test_a_spoilt_file_costs_time_alone(law: Path, kept: Path, spoilt: bytes) -> None:
    first = loaded(law, kept)
    kept.write_bytes(spoilt)
    assert loaded(law, kept) == first
    assert loaded(law, kept) == first
    assert Heads(kept).get("x") is None


def test_where_nothing_can_be_written_the_law_is_read_all_the_same(law: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(loaded(law, tmp_path / "file" / "heads.json")) == 2


def test_a_faulty_file_is_never_kept(law: Path, kept: Path) -> None:
    file = law / SPLIT / "2026-03-15.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("term: 5 working_day", "term: 4 working_day"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(Contradiction, match="the shares sum to 5"):
            loaded(law, kept)
