"""A procedure file changed at one place: the rest stays as it was written, and what is read back is what was put."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures import editing
from procedures.catalogue import FOLDER
from procedures.editing import NoSuchPlace
from procedures.model import Sector

SPLIT = (FOLDER / "residence" / "household-split" / "2026-03-15.yaml").read_text(encoding="utf-8")
SMALL = """# Đầu tệp
title: {vi: Tách hộ, en: Split}   # tên
term: 5 working_day
route:
  # bước đầu
  - key: a
    share: 0.5
  - key: b   # bước sau
    share: 3
level: null
"""


def lines_changed(before: str, after: str) -> list[str]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in new if line not in old]


def test_only_the_line_of_the_place_changes_and_comments_stay() -> None:
    after = editing.put(SPLIT, ("term",), "4 working_day")
    assert after == SPLIT.replace("term: 5 working_day", "term: 4 working_day")
    after = editing.put(SMALL, ("route", 1, "share"), Decimal("2.50"))
    assert after == SMALL.replace("share: 3", "share: 2.5")


#: Reading and writing with comments is slow: the shortest file of each sector stands for all.
SAMPLES = [min((FOLDER / sector).glob("*/*.yaml"), key=lambda file: file.stat().st_size) for sector in Sector]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_only_what_was_changed_is_written_otherwise_than_its_author_wrote_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    before = editing.values(text)
    assert editing.put(text, ("sector",), before["sector"]) == text
    after = editing.put(text, ("summary", "vi"), "Tóm tắt khác")
    assert editing.values(after) == {**before, "summary": {**before["summary"], "vi": "Tóm tắt khác"}}
    assert len(lines_changed(text, after)) <= 2


def test_a_new_name_goes_where_it_is_usually_written() -> None:
    after = editing.put(SMALL, ("extension",), {"most": "3 working_day"}, ["title", "term", "extension", "route"])
    assert after.splitlines()[3] == "extension: {most: 3 working_day}"
    assert list(editing.values(after)) == ["title", "term", "extension", "route", "level"]


def test_items_are_added_moved_and_taken_out() -> None:
    more = editing.insert(SMALL, ("route",), 1, {"key": "c", "share": Decimal("1")})
    assert [step["key"] for step in editing.values(more)["route"]] == ["a", "c", "b"]
    moved = editing.move(more, ("route",), 2, 0)
    assert [step["key"] for step in editing.values(moved)["route"]] == ["b", "a", "c"]
    less = editing.drop(moved, ("route", 1))
    assert [step["key"] for step in editing.values(less)["route"]] == ["b", "c"]
    assert "# tên" in less


def test_a_list_is_changed_item_by_item() -> None:
    steps = editing.values(SPLIT)["steps"]
    after = editing.put(SPLIT, ("steps",), [*steps, {"vi": "Thêm", "en": "One more"}])
    assert lines_changed(SPLIT, after) == ["  - {vi: Thêm, en: One more}"]
    after = editing.put(SPLIT, ("steps",), steps[1:])
    assert lines_changed(SPLIT, after) == []


@pytest.mark.parametrize("place", [("nothing", "here"), ("route", 7, "key"), ("title", "vi", "x")])
def test_a_place_that_is_not_there_is_told(place: tuple[Any, ...]) -> None:
    with pytest.raises(NoSuchPlace):
        editing.put(SMALL, place, "x")
    with pytest.raises(NoSuchPlace):
        editing.drop(SMALL, place)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=120),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=40)
@given(PLAIN, PLAIN)
def test_whatever_is_put_is_read_back(first: Any, second: Any) -> None:
    text = editing.put(SMALL, ("extra",), first)
    assert editing.values(text)["extra"] == first
    text = editing.put(text, ("extra",), second)
    assert editing.values(text) == {**editing.values(SMALL), "extra": second}
