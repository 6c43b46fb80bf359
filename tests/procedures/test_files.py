"""What a YAML file may hold, and on which line each part of it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.files import LARGEST, Fault, FaultyFile, parse, read

FILE = Path("law.yaml")


def faults(text: str) -> list[str]:
    with pytest.raises(FaultyFile) as caught:
        parse(text, FILE)
    return [str(fault) for fault in caught.value.faults]


def test_plain_words_are_text_and_only_what_looks_like_it_is_a_number_or_a_truth() -> None:
    document = parse("a: 7\nb: 0.25\nc: true\nd: ~\ne: no\nf: 2026-07-01\ng: '1'\nh: 0123\ni: 1e5\n", FILE)
    assert document.value == {
        "a": 7,
        "b": Decimal("0.25"),
        "c": True,
        "d": None,
        "e": "no",
        "f": "2026-07-01",
        "g": "1",
        "h": "0123",
        "i": "1e5",
    }


def test_a_fault_stands_at_the_line_of_its_place_or_of_the_nearest_place_around_it() -> None:
    document = parse("a:\n  - b: 1\n    c:\n      d: 2\n", FILE)
    assert str(document.fault(("a", 0, "c", "d"), "is wrong")) == "law.yaml:4: is wrong"
    assert document.fault(("a", 0, "c", "missing"), "").line == 3
    assert document.fault(("nowhere",), "").line == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3", "law.yaml:3: says 'a' twice"),
        ("a: &x 1\nb: 2", "law.yaml:1: uses an anchor (&, *)"),
        ("a: 1\nb: !!python/object:os.system x", "law.yaml:2: uses a tag (tag:yaml.org,2002:python/object:os.system)"),
        ("a: 1\n? [b]\n: c", "law.yaml:2: a list or mapping cannot be a key"),
        ("a: 1\n---\nb: 2", "law.yaml:2: holds a second document"),
        ("", "law.yaml:1: is empty"),
        ("[" * 100_000, "law.yaml:1: is nested too deeply"),
        ("? " * 100_000, "law.yaml:1: a list or mapping cannot be a key"),
        ("- " * 100_000, "law.yaml:1: is nested too deeply"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_a_broken_line_is_named() -> None:
    assert faults("a: 1\nb: 'open\n")[0].startswith("law.yaml:3: ")
    assert faults("a: 1\n\tb: 2")[0].startswith("law.yaml:2: ")


def test_a_file_that_cannot_be_read_is_a_fault_too(tmp_path: Path) -> None:
    missing, latin, huge = tmp_path / "missing.yaml", tmp_path / "latin.yaml", tmp_path / "huge.yaml"
    latin.write_bytes("a: 1\nb: xã".encode("latin-1"))
    huge.write_bytes(b"a" * (LARGEST + 1))
    for file, reason in (
        (missing, "cannot be read"),
        (tmp_path, "cannot be read"),
        (latin, ":2: is not UTF-8"),
        (huge, "larger"),
    ):
        with pytest.raises(FaultyFile, match=reason):
            read(file)


@given(st.text(alphabet="ab:- \n\t'\"[]{}&*!|>?#,%@đ\x00\ufeff0.1~", max_size=80) | st.text(max_size=80))
def test_no_text_ends_in_anything_but_values_or_faults(text: str) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        parse(text, FILE)
    except FaultyFile as faulty:
        faults = faulty.faults
    assert all(fault.line >= 1 and fault.reason for fault in faults)
