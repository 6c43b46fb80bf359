"""Conditions as rows of question, sign and value, and back to CEL; what cannot be said in rows stays CEL, untouched.

One joining word holds for all rows. A text is taken for rows only if writing them gives the same text again, so that
nobody's expression is ever changed by looking at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.numerals import day_from, day_shown
from procedures.model import CHOICES, DATES, NUMBERS, Kind, Text


class Join(StrEnum):
    """How the rows hang together."""

    AND = "and"
    OR = "or"


class Sign(StrEnum):
    """How an answer is compared."""

    IS = "is"
    IS_NOT = "is_not"
    LESS = "less"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    MORE = "more"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    HAS = "has"
    LACKS = "lacks"
    GIVEN = "given"
    MISSING = "missing"

    @property
    def label(self) -> Text:
        """The sign in words."""
        return _SIGNS[self]


_SIGNS: Final[Mapping[Sign, Text]] = {
    Sign.IS: Text(vi="là", en="is"),
    Sign.IS_NOT: Text(vi="không phải là", en="is not"),
    Sign.LESS: Text(vi="nhỏ hơn, trước", en="less than, before"),
    Sign.AT_MOST: Text(vi="nhiều nhất, không sau", en="at most, not after"),
    Sign.AT_LEAST: Text(vi="ít nhất, không trước", en="at least, not before"),
    Sign.MORE: Text(vi="lớn hơn, sau", en="more than, after"),
    Sign.ONE_OF: Text(vi="là một trong (cách nhau dấu phẩy)", en="is one of (separated by commas)"),
    Sign.NONE_OF: Text(vi="không thuộc (cách nhau dấu phẩy)", en="is none of (separated by commas)"),
    Sign.HAS: Text(vi="có chọn", en="includes"),
    Sign.LACKS: Text(vi="không chọn", en="does not include"),
    Sign.GIVEN: Text(vi="đã trả lời", en="is answered"),
    Sign.MISSING: Text(vi="chưa trả lời", en="is not answered"),
}
#: Signs that stand without a value.
ALONE: Final = frozenset({Sign.GIVEN, Sign.MISSING})
_ORDER: Final = {Sign.LESS: "<", Sign.AT_MOST: "<=", Sign.AT_LEAST: ">=", Sign.MORE: ">"}
_EQUAL: Final = {Sign.IS: "==", Sign.IS_NOT: "!="}
_BY_MARK: Final = {mark: sign for sign, mark in (_ORDER | _EQUAL).items()}
_JOINS: Final = {Join.AND: " && ", Join.OR: " || "}
_LEFT: Final = r"(?P<left>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
_VALUE: Final = r"(?P<right>'[^'\\]*'|date\('[0-9-]{10}'\)|-?[0-9]+(?:\.[0-9]+)?|true|false|today|null)"
_ORDINARY: Final = re.compile(rf"{_LEFT} (?P<mark>==|!=|<=|>=|<|>) {_VALUE}")
_MEMBER: Final = re.compile(rf"(?P<no>!\()?{_LEFT} in \[(?P<right>(?:'[^'\\]*'(?:, )?)+)\](?(no)\))")
_INCLUDES: Final = re.compile(rf"(?P<no>!\()?'(?P<right>[^'\\]*)' in {_LEFT}(?(no)\))")
_QUOTED: Final = re.compile(r"'([^']*)'")
TODAY: Final = Text(vi="hôm nay", en="today")
YES: Final = Text(vi="Có", en="Yes")
NO: Final = Text(vi="Không", en="No")
YES_OR_NO: Final = (("true", YES), ("false", NO))

UNKNOWN_QUESTION: Final = Text(vi="Chọn câu hỏi trong danh sách.", en="Choose a question of the list.")
UNKNOWN_SIGN: Final = Text(vi="Chọn cách so sánh.", en="Choose how to compare.")
SIGN_DOES_NOT_FIT: Final = Text(
    vi="Cách so sánh này không dùng được cho câu hỏi loại này.", en="This comparison does not go with such a question."
)
NO_VALUE: Final = Text(vi="Điền giá trị để so sánh.", en="Enter the value to compare with.")
UNKNOWN_CHOICE: Final = Text(vi="“{value}” không có trong các lựa chọn của câu hỏi này.", en="“{value}” is no choice.")
NO_NUMBER: Final = Text(vi="Điền một số, ví dụ 7 hoặc 2,5.", en="Enter a number, such as 7 or 2.5.")
NO_DAY: Final = Text(
    vi="Điền ngày dạng ngày/tháng/năm, hoặc “hôm nay”.", en="Enter a date as day/month/year, or “today”."
)
NO_QUOTE: Final = Text(vi="Không dùng dấu nháy hay dấu gạch chéo ngược.", en="No quotation mark or backslash.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question a condition may look at: its key, what it is called, and the answers it offers if it does."""

    key: str
    label: Text
    kind: Kind
    choices: tuple[tuple[str, Text], ...] = ()

    @property
    def answers(self) -> tuple[tuple[str, Text], ...]:
        """The answers to choose from; yes and no count as such."""
        return YES_OR_NO if self.kind in (Kind.YES_NO, Kind.DECLARATION) else self.choices


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison, its value as people type it."""

    left: str
    sign: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Rows, and how they hang together."""

    rows: tuple[Row, ...]
    join: Join = Join.AND


class BadRow(ValueError):
    """A row that says nothing; `part` is 'left', 'sign' or 'right'."""

    def __init__(self, index: int, part: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.index, self.part, self.reason = index, part, reason


def read(source: str, asked: Sequence[Asked]) -> Criteria | None:
    """The rows an expression stands for; None where it says something rows cannot."""
    known = {question.key: question for question in asked}
    for join, mark in _JOINS.items():
        parts = source.split(mark)
        rows = [_row(part, known) for part in parts]
        found = Criteria(tuple(row for row in rows if row is not None), join)
        if None not in rows and _gives(found, asked) == source:
            return found
    return None


def _gives(criteria: Criteria, asked: Sequence[Asked]) -> str | None:
    try:
        return write(criteria, asked)
    except BadRow:
        return None


def _row(part: str, known: Mapping[str, Asked]) -> Row | None:
    if found := _MEMBER.fullmatch(part):
        values = _QUOTED.findall(found["right"])
        return Row(found["left"], Sign.NONE_OF if found["no"] else Sign.ONE_OF, ", ".join(values))
    if found := _INCLUDES.fullmatch(part):
        return Row(found["left"], Sign.LACKS if found["no"] else Sign.HAS, found["right"])
    found = _ORDINARY.fullmatch(part)
    if found is None or found["left"] not in known:
        return None
    sign = _BY_MARK[found["mark"]]
    if found["right"] == "null":
        missing = {Sign.IS: Sign.MISSING, Sign.IS_NOT: Sign.GIVEN}
        return Row(found["left"], missing[sign]) if sign in missing else None
    return Row(found["left"], sign, _typed(found["right"]))


def _typed(right: str) -> str:
    """A value of an expression as people type it."""
    if right == "today":
        return TODAY.vi
    if right.startswith("date("):
        return day_shown(date.fromisoformat(right[6:-2]))
    return right[1:-1] if right.startswith("'") else right.replace(".", ",")


def write(criteria: Criteria, asked: Sequence[Asked]) -> str:
    """The expression for the rows. Raises BadRow for the first one that says nothing."""
    known = {question.key: question for question in asked}
    return _JOINS[criteria.join].join(_said(index, row, known) for index, row in enumerate(criteria.rows))


def _said(index: int, row: Row, known: Mapping[str, Asked]) -> str:
    question = known.get(row.left)
    if question is None:
        raise BadRow(index, "left", UNKNOWN_QUESTION)
    if row.sign not in set(Sign):
        raise BadRow(index, "sign", UNKNOWN_SIGN)
    sign = Sign(row.sign)
    if sign not in signs_for(question.kind):
        raise BadRow(index, "sign", SIGN_DOES_NOT_FIT)
    if sign in ALONE:
        return f"{row.left} {'!=' if sign is Sign.GIVEN else '=='} null"
    try:
        return _compared(question, sign, row.right.strip())
    except ValueError as fault:
        reason = fault.args[0]
        raise BadRow(index, "right", reason if isinstance(reason, Text) else NO_VALUE) from None


def _compared(question: Asked, sign: Sign, right: str) -> str:
    if not right:
        raise ValueError(NO_VALUE)
    if sign in (Sign.ONE_OF, Sign.NONE_OF):
        values = [_value(question, part.strip()) for part in right.split(",") if part.strip()]
        if not values:
            raise ValueError(NO_VALUE)
        said = f"{question.key} in [{', '.join(values)}]"
        return f"!({said})" if sign is Sign.NONE_OF else said
    value = _value(question, right)
    if sign in (Sign.HAS, Sign.LACKS):
        said = f"{value} in {question.key}"
        return f"!({said})" if sign is Sign.LACKS else said
    return f"{question.key} {(_ORDER | _EQUAL)[sign]} {value}"


def _value(question: Asked, right: str) -> str:
    """A typed value as CEL. Raises ValueError with the reason as a Text."""
    if question.answers:
        chosen = _chosen(question.answers, right)
        return chosen if question.kind not in CHOICES else f"'{chosen}'"
    if question.kind in NUMBERS:
        return _number(right)
    if question.kind in DATES:
        return _day(right)
    if set(right) & {"'", "\\", "\n"}:
        raise ValueError(NO_QUOTE)
    return f"'{right}'"


def _chosen(answers: Iterable[tuple[str, Text]], right: str) -> str:
    """The value of an answer that is typed as its value or as what it is called."""
    for value, label in answers:
        if right == value or right.casefold() in (label.vi.casefold(), label.en.casefold()):
            return value
    shown = "".join(letter if letter.isprintable() else " " for letter in right)[:60]
    raise ValueError(UNKNOWN_CHOICE.filled(value=shown))


def _number(right: str) -> str:
    try:
        number = Decimal(right.replace(",", "."))
    except InvalidOperation:
        raise ValueError(NO_NUMBER) from None
    if not number.is_finite() or abs(number) > 10**15:
        raise ValueError(NO_NUMBER)
    return f"{number:f}"


def _day(right: str) -> str:
    if right.casefold() in (TODAY.vi, TODAY.en):
        return "today"
    day = day_from(right)
    if day is None:
        raise ValueError(NO_DAY)
    return f"date('{day.isoformat()}')"


def signs_for(kind: Kind) -> tuple[Sign, ...]:
    """How an answer of this kind may be compared."""
    return _FITTING.get(kind, _TEXT)


_TEXT: Final = (Sign.IS, Sign.IS_NOT, Sign.GIVEN, Sign.MISSING)
_MEASURED: Final = (Sign.IS, Sign.IS_NOT, *_ORDER, Sign.GIVEN, Sign.MISSING)
_FITTING: Final[Mapping[Kind, tuple[Sign, ...]]] = MappingProxyType(
    {
        **dict.fromkeys(NUMBERS | DATES, _MEASURED),
        Kind.CHOICE: (Sign.IS, Sign.IS_NOT, Sign.ONE_OF, Sign.NONE_OF, Sign.GIVEN, Sign.MISSING),
        Kind.SEVERAL: (Sign.HAS, Sign.LACKS, Sign.GIVEN, Sign.MISSING),
        Kind.GROUP: (Sign.GIVEN, Sign.MISSING),
    }
)
