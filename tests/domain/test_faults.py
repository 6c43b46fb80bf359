"""What the checks say is said in Vietnamese too: no reason that the code can give is missing in the table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.domain import faults, rehearsal
from procedures import consistency
from procedures.model import Text

#: Parts of reasons that are joined to others, and what no reason is.
RULES = (consistency, rehearsal)


def reasons(module: object) -> Iterator[str]:
    """Every reason a module can give: the texts it yields after a place, with a word for each value in them."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            yield from texts(node.value.elts[1])


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "thing" for part in node.values)  # type: ignore[misc]


def test_every_reason_of_the_contradictions_is_in_the_table() -> None:
    found = {reason for reason in reasons(consistency) if reason != "thing thing"}
    assert len(found) > 30
    # Which answers may be looked at is said in one of these ways.
    ways = ["before this page", "before this question", "before this one"]
    found |= {f"nothing called thing is asked {way}" for way in ways} | {
        "nothing called thing is a question of this form"
    }
    found = {reason for reason in found if reason not in ("nothing called thing thing", "kind thing needs thing")}
    assert sorted(reason for reason in found if faults.text(reason).vi == reason) == []


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        (
            "the shares sum to 5 working days, the term is 4",
            "Các phần thời hạn cộng lại là 5 ngày làm việc, còn thời hạn là 4.",
        ),
        ("Một: the fee comes to null, not 5000", "Ví dụ “Một”: phí tính ra chưa cấu hình, mong đợi 5000."),
        ("'phone' is also a component", "“phone” cũng là mã của một giấy tờ."),
        ("title.vi is missing", "Còn thiếu mục “title.vi”."),
    ],
)  # fmt: skip
def test_a_reason_keeps_what_it_names(english: str, vietnamese: str) -> None:
    assert faults.in_words(english, "vi") == vietnamese
    assert faults.in_words(english, "en") == english


def test_a_reason_nobody_foresaw_is_shown_as_it_is() -> None:
    assert faults.in_words("something new", "vi") == "something new"


def test_an_example_that_comes_to_something_else_names_questions_and_checks_as_people_do() -> None:
    called = {"late": Text(vi="Đã quá 60 ngày.", en="More than 60 days."), "phone": Text(vi="Điện thoại", en="Phone")}
    reason = "Hai: warnings come from late, phone, not from nothing"
    assert (
        faults.in_words(reason, "vi", called)
        == "Ví dụ “Hai”: nhắc ở Đã quá 60 ngày; Điện thoại, mong đợi ở không đâu cả."
    )
    assert faults.in_words(reason, "en", called) == "Hai: warnings come from More than 60 days; Phone, not from nothing"


def test_days_and_instants_are_said_as_people_write_them() -> None:
    day, instant = "Hai: falls due on 2026-08-26, not on 2026-08-27", "Ba: falls due at 2027-01-12T14:00"
    assert faults.in_words(day, "vi") == "Ví dụ “Hai”: hẹn trả ngày 26/08/2026, mong đợi ngày 27/08/2026."
    assert faults.in_words(day, "en") == "Hai: falls due on 26/08/2026, not on 27/08/2026"
    assert faults.in_words(instant, "vi") == "Ví dụ “Ba”: hẹn trả lúc 12/01/2027 14:00, khác với mong đợi."
