"""What a version changes is said in words of both languages, part by part, and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import amendments
from portal.domain.amendments import Way, changes
from procedures import model
from procedures.catalogue import FOLDER, load_catalogue, read_text
from procedures.model import Part, Procedure

FILE = FOLDER / "residence" / "household-split" / "2026-03-15.yaml"
TEXT = FILE.read_text(encoding="utf-8")
SPLIT = read_text(TEXT, FILE).procedure


def amended(*edits: tuple[str, str]) -> Procedure:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return read_text(text, FILE).procedure


def said(*edits: tuple[str, str]) -> list[tuple[str, str]]:
    return [(change.line.vi, change.line.en) for change in changes(SPLIT, amended(*edits))]


def test_a_shorter_term_is_told_with_the_share_that_pays_for_it() -> None:
    assert said(("term: 5 working_day", "term: 4 working_day"), ("    share: 3\n", "    share: 2\n")) == [
        ("Thời hạn: 5 ngày làm việc → 4 ngày làm việc", "Term: 5 working days → 4 working days"),
        (
            "Bước “Kiểm tra cơ sở dữ liệu, xác minh, đề xuất”, thời gian của bước: 3 → 2",
            "Step of the route “Database check, verification, proposal”, share of the term: 3 → 2",
        ),
    ]


def test_what_is_added_removed_and_put_elsewhere_is_called_by_its_name() -> None:
    first, second = "  - code: missing_paper\n", "  - code: unreadable\n"
    reason = "    text: {vi: Thiếu thành phần hồ sơ, en: A component is missing}\n"
    blurred = (
        '    text: {vi: "Tệp mờ, thiếu trang hoặc không đọc được", en: "A file is blurred, incomplete or unreadable"}\n'
    )
    swapped = (first + reason + second + blurred, second + blurred + first + reason)
    assert said(swapped) == [
        ("Lý do yêu cầu bổ sung: đổi thứ tự", "Reasons to ask for a supplement: put in another order")
    ]
    assert said((second + blurred, "")) == [
        (
            "Bỏ lý do yêu cầu bổ sung “Tệp mờ, thiếu trang hoặc không đọc được”",
            "Removed reason to ask for a supplement “A file is blurred, incomplete or unreadable”",
        )
    ]
    assert said((first, "  - code: late\n    text: {vi: Quá muộn, en: Too late}\n" + first)) == [
        ("Thêm lý do yêu cầu bổ sung “Quá muộn”", "Added reason to ask for a supplement “Too late”")
    ]


def test_a_change_in_one_language_alone_is_shown_in_that_language() -> None:
    ((vi, en),) = said(("Thiếu thành phần hồ sơ, en", "Thiếu giấy tờ, en"))
    assert vi.endswith("(bản tiếng Việt): Thiếu thành phần hồ sơ → Thiếu giấy tờ")
    assert en.endswith("(Vietnamese text): Thiếu thành phần hồ sơ → Thiếu giấy tờ")
    ((vi, en),) = said(("en: A component is missing", "en: A paper is missing"))
    assert "(bản tiếng Anh): A component is missing → A paper is missing" in vi
    assert "(English text): A component is missing → A paper is missing" in en


def test_an_amount_that_becomes_unknown_is_not_said_to_be_free() -> None:
    ((vi, en),) = said(("amount: 10000", "amount: null"), ("fee: 10000", "fee: null"))[:1]
    assert vi.endswith("mức thu: 10.000 đồng → Chưa cấu hình")
    assert en.endswith("amount: 10,000 đồng → Not configured")


def test_a_version_changes_nothing_in_itself() -> None:
    for procedure in load_catalogue():
        assert changes(procedure, procedure) == ()


def parts(kind: type[Part], seen: set[type[Part]]) -> Iterator[type[Part]]:
    """The model of a procedure and of all that it is made of."""
    if kind in seen:
        return
    seen.add(kind)
    yield kind
    for hint in get_type_hints(kind).values():
        yield from _parts_in(hint, seen)


def _parts_in(hint: Any, seen: set[type[Part]]) -> Iterator[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        yield from parts(hint, seen)
    for inner in get_args(hint):
        yield from _parts_in(inner, seen)


def test_every_attribute_of_every_part_has_a_name() -> None:
    attributes = {name for kind in parts(Procedure, set()) for name in kind.model_fields}
    assert attributes - {"vi", "en"} - amendments.NAMES.keys() == set()


def test_every_list_of_parts_says_what_one_of_it_is() -> None:
    lists = {
        name
        for kind in parts(Procedure, set())
        for name, value in get_type_hints(kind).items()
        if any(isinstance(inner, type) and issubclass(inner, Part) for inner in get_args(value))
        and NoneType not in get_args(value)
    }
    assert lists - amendments.ONE_OF.keys() == set()


PATHS = [
    (code, heads[i].version, heads[i + 1].version)
    for code in load_catalogue().codes
    for heads in [load_catalogue().versions(code)]
    for i in range(len(heads) - 1)
]


@pytest.mark.parametrize(("code", "old", "new"), PATHS, ids=str)
def test_two_versions_of_the_law_are_compared_in_whole_sentences(code: str, old: date, new: date) -> None:
    known = load_catalogue()
    found = changes(known.version(code, old), known.version(code, new))
    assert found
    for change in found:
        assert change.line.vi[0].isupper()
        assert change.way is not Way.CHANGED or change.old != change.new


@given(st.data())
def test_any_part_left_out_is_told(data: st.DataObject) -> None:
    """Of any list of the procedure one is left out: one change says so, and the way back says that it is new."""
    name = data.draw(
        st.sampled_from([n for n in amendments.ONE_OF if n in Procedure.model_fields and len(getattr(SPLIT, n)) > 1])
    )
    whole = getattr(SPLIT, name)
    at = data.draw(st.integers(0, len(whole) - 1))
    without = SPLIT.model_copy(update={name: whole[:at] + whole[at + 1 :]})
    (gone,), (back,) = changes(SPLIT, without), changes(without, SPLIT)
    assert (gone.way, gone.place, back.way, back.place) == (Way.REMOVED, (name, at), Way.ADDED, (name, at))
    assert gone.line.vi.removeprefix("Bỏ ") == back.line.vi.removeprefix("Thêm ")


def test_the_model_is_walked_whole() -> None:
    known = {value for value in vars(model).values() if isinstance(value, type) and issubclass(value, Part)}
    assert {model.Fee, model.Step, model.Field, model.Example, model.Component} <= set(parts(Procedure, set())) <= known
