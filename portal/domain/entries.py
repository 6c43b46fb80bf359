"""What may be typed into one entry of a procedure version: how it is shown, read back, and what is said if it is wrong.

A value is a plain value of the file (text, number, mapping, list). A page shows it as texts by the names of its inputs,
and these texts are all that a page keeps: what was typed wrong stands there again, with the reason beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from portal.domain import criteria
from portal.domain.criteria import Asked, BadRow, Criteria, Join, Row, Sign
from portal.domain.numerals import day_from, day_shown
from procedures.expressions import KEY, ExpressionError, compiled
from procedures.model import Text
from procedures.terms import Term, TermError, TermUnit

#: The texts of a page by the names of its inputs.
Typed = dict[str, list[str]]
Options = tuple[tuple[str, Text], ...]


class Absent:
    """What an entry reads as if the file shall say nothing of it."""


ABSENT: Final = Absent()


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


MISSING: Final = _t("Cần điền mục này.", "This has to be filled in.")
MISSING_CHOICE: Final = _t("Cần chọn một mục.", "Choose one.")
NOT_OFFERED: Final = _t("“{value}” không có trong danh sách.", "“{value}” is not in the list.")
NOT_WHOLE: Final = _t("Điền một số nguyên không âm, ví dụ 2.", "Enter a whole number, such as 2.")
NOT_A_SUM: Final = _t("Điền số tiền bằng chữ số, ví dụ 15000.", "Enter a sum in figures, such as 15000.")
NOT_A_NUMBER: Final = _t("Điền một số, ví dụ 0,5 hoặc 3.", "Enter a number, such as 0.5 or 3.")
NOT_A_DAY: Final = _t("Điền ngày dạng ngày/tháng/năm, ví dụ 15/03/2026.", "Enter a day as day/month/year.")
NOT_AN_INSTANT: Final = _t(
    "Điền dạng ngày/tháng/năm giờ:phút, ví dụ 15/03/2026 08:30.", "Enter day/month/year hour:minute."
)
NOT_A_KEY: Final = _t(
    "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới, bắt đầu bằng chữ, nhiều nhất 48 ký tự.",
    "A code has small letters without marks, digits and underscores, begins with a letter, and has at most 48 signs.",
)
NOT_PLAIN: Final = _t("Có ký tự không nhập được; xin gõ lại.", "There is a sign that cannot be kept; type it again.")
TOO_LONG: Final = _t("Dài quá {most} ký tự.", "Longer than {most} signs.")
AMOUNT_OF_TERM: Final = _t("Điền số lượng từ 1 đến 9999.", "Enter an amount between 1 and 9999.")
SAME_DAY_ALONE: Final = _t(
    "“Trong ngày làm việc” chỉ đứng ở dòng đầu và không có số lượng.",
    "“The same working day” stands first, without an amount.",
)
NOT_CEL: Final = _t("Biểu thức chưa đúng: {reason}", "This is no expression: {reason}")
NO_ROWS: Final = _t("Thêm ít nhất một dòng điều kiện.", "Add at least one row.")

CEL_UNUSED: Final = _t(
    "Bạn đã sửa biểu thức CEL nhưng đang chọn cách ghi khác: hãy chọn dùng biểu thức, hoặc trả biểu thức về như cũ.",
    "You changed the CEL expression but chose another way: choose the expression, or put it back.",
)
ROWS_UNUSED: Final = _t(
    "Bạn đã sửa bảng điều kiện nhưng đang chọn cách ghi khác: hãy chọn cách dùng bảng, hoặc bỏ các dòng đã thêm.",
    "You changed the rows but chose another way: choose the rows, or take out what you added.",
)

LONGEST: Final = 4000
VI: Final = _t("Tiếng Việt", "Vietnamese")
EN: Final = _t("Tiếng Anh", "English")
YES_NO: Final[Options] = (("yes", criteria.YES), ("no", criteria.NO))


@dataclass(frozen=True, slots=True)
class Scene:
    """What an entry needs to know of the rest of the version: the questions, and what may be chosen."""

    asked: tuple[Asked, ...] = ()
    options: Mapping[str, Options] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """One entry as a page draws it; `look` names the macro, `inputs` and `rows` what it consists of."""

    look: str
    name: str
    label: Text
    hint: Text | None = None
    required: bool = False
    value: Any = ""
    error: Text | None = None
    options: Options = ()
    inputs: tuple[Input, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    row_title: Text | None = None
    nothing: Text | None = None


Faults = dict[str, Text]


@dataclass(frozen=True)
class Entry:
    """One entry: its key in the file, what it is called, and what is understood if the file says nothing."""

    key: str
    label: Text
    hint: Text | None = None
    required: bool = False
    default: Any = ABSENT

    def typed(self, value: Any, name: str) -> Typed:
        """The texts that show a value; `value` is ABSENT where the file says nothing."""
        return {name: [self.shown(value)]}

    def shown(self, value: Any) -> str:
        """A value as one text."""
        meant = self.default if value is ABSENT else value
        return "" if meant is ABSENT or meant is None else str(meant)

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        """The value of what was typed, ABSENT for nothing; faults are added by the name of their input."""
        text = first(sent, name)
        if not text:
            if self.required:
                faults[name] = MISSING
            return ABSENT
        return self.parse(text, name, scene, faults)

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        """The value of a text that is not empty."""
        return text

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        """The entry with these texts in it."""
        return Input(
            self.look, name, self.label, self.hint, self.required, first(sent, name), faults.get(name),
            self.offered(scene),
        )  # fmt: skip

    def offered(self, scene: Scene) -> Options:
        """What may be chosen."""
        return ()

    @property
    def look(self) -> str:
        """The macro that draws it."""
        return "line"


def quoted(text: str) -> str:
    """What somebody typed or wrote, as a message may repeat it: short, of one line, and never nothing."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:80].strip() or "–"


def first(sent: Typed, name: str) -> str:
    """What was typed into one input, without blanks around it."""
    return sent.get(name, [""])[0].replace("\r\n", "\n").strip()


@dataclass(frozen=True)
class Line(Entry):
    """Words."""

    long: bool = False
    most: int = LONGEST

    @property
    def look(self) -> str:
        return "long" if self.long else "line"

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        if len(text) > self.most:
            faults[name] = TOO_LONG.filled(most=self.most)
        elif any(ord(letter) < 32 and (letter != "\n" or not self.long) for letter in text):
            faults[name] = NOT_PLAIN
        return text


@dataclass(frozen=True)
class Code(Entry):
    """A code of the author's own, by which the rest of the file speaks of this part."""

    required: bool = True

    @property
    def look(self) -> str:
        return "code"

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        if not re.fullmatch(KEY, text):
            faults[name] = NOT_A_KEY
        return text


@dataclass(frozen=True)
class Nullable(Line):
    """Words, or null where they are not known."""

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        found = super().read(sent, name, scene, faults)
        return None if found is ABSENT else found


@dataclass(frozen=True)
class Formula(Line):
    """A CEL expression that gives a value."""

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        try:
            compiled(text)
        except ExpressionError as bad:
            faults[name] = NOT_CEL.filled(reason=quoted(str(bad)))
        return text


@dataclass(frozen=True)
class Whole(Entry):
    """A whole number."""

    @property
    def look(self) -> str:
        return "whole"

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
            faults[name] = NOT_WHOLE
            return ABSENT
        return ABSENT if int(text) == self.default else int(text)


@dataclass(frozen=True)
class Sum(Entry):
    """A sum in đồng; nothing typed means that it is not known here, which is not the same as 0."""

    @property
    def look(self) -> str:
        return "sum"

    def shown(self, value: Any) -> str:
        return "" if value is ABSENT or value is None else f"{value:,}".replace(",", ".")

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        text = re.sub(r"[.\s]", "", first(sent, name))
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,11}", text, re.ASCII):
            faults[name] = NOT_A_SUM
            return ABSENT
        return int(text)


@dataclass(frozen=True)
class Number(Entry):
    """A number that may have decimals."""

    @property
    def look(self) -> str:
        return "number"

    def shown(self, value: Any) -> str:
        return super().shown(value).replace(".", ",")

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        number = decimal_from(text)
        if number is None:
            faults[name] = NOT_A_NUMBER
            return ABSENT
        return number


def decimal_from(text: str) -> Decimal | None:
    """The number typed with a comma or a point; None for anything else."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


@dataclass(frozen=True)
class Flag(Entry):
    """Yes or no."""

    default: Any = False

    @property
    def look(self) -> str:
        return "radio"

    def shown(self, value: Any) -> str:
        meant = self.default if value is ABSENT else value
        return "yes" if meant is True else "no" if meant is False else ""

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        text = first(sent, name)
        if text not in ("yes", "no"):
            if self.required:
                faults[name] = MISSING_CHOICE
            return ABSENT
        value = text == "yes"
        return ABSENT if value == self.default else value

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        # One of the two is always chosen.
        return replace(super().draw(sent, name, scene, faults), required=True)

    def offered(self, scene: Scene) -> Options:
        return YES_NO


@dataclass(frozen=True)
class One(Entry):
    """One of several; `choices` or, where they depend on the version, `among` names them."""

    choices: Options = ()
    among: str = ""
    nothing: Text | None = None

    @property
    def look(self) -> str:
        return "one"

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        if text not in dict(self.offered(scene)):
            faults[name] = NOT_OFFERED.filled(value=quoted(text))
        return ABSENT if text == self.default else text

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        chosen = first(sent, name)
        return Input(
            self.look, name, self.label, self.hint, self.required, chosen, faults.get(name),
            _with(self.offered(scene), [chosen]), nothing=self.nothing,
        )  # fmt: skip

    def offered(self, scene: Scene) -> Options:
        return self.choices or scene.options.get(self.among, ())


def _with(offered: Options, chosen: Sequence[str]) -> Options:
    """What is offered, and what the file says although it is not: it stays until somebody chooses otherwise."""
    strange = tuple(
        (value, _t(quoted(value), quoted(value))) for value in chosen if value and value not in dict(offered)
    )
    return (*offered, *strange)


@dataclass(frozen=True)
class Level(One):
    """A number chosen among few; nothing chosen means that it is not known."""

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        text = first(sent, name)
        if text and text not in dict(self.choices):
            faults[name] = NOT_OFFERED.filled(value=quoted(text))
            return ABSENT
        return int(text) if text else None


@dataclass(frozen=True)
class Many(Entry):
    """Several of those offered; `all_if_none` where choosing none means all."""

    choices: Options = ()
    among: str = ""
    empty: Any = ABSENT

    @property
    def look(self) -> str:
        return "many"

    def typed(self, value: Any, name: str) -> Typed:
        chosen = self.default if value is ABSENT else value
        listed = chosen if isinstance(chosen, list | tuple) else []
        return {name: [str(item) for item in listed]}

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        chosen = [text for text in sent.get(name, []) if text]
        if not chosen and self.required:
            faults[name] = MISSING_CHOICE
        strange = [text for text in chosen if text not in dict(self.offered(scene))]
        if strange:
            faults[name] = NOT_OFFERED.filled(value=quoted(strange[0]))
        order = [value for value, _label in self.offered(scene)]
        chosen = [value for value in order if value in chosen]
        if not chosen:
            return self.empty
        return ABSENT if self.default is not ABSENT and set(chosen) == set(self.default) else chosen

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        chosen = [text for text in sent.get(name, []) if text]
        return Input(
            self.look, name, self.label, self.hint, self.required, chosen, faults.get(name),
            _with(self.offered(scene), chosen),
        )  # fmt: skip

    def offered(self, scene: Scene) -> Options:
        return self.choices or scene.options.get(self.among, ())


OWN_ONES: Final = _t("Có ghi riêng cho ví dụ này?", "Said for this example itself?")


@dataclass(frozen=True)
class OwnOnes(Many):
    """Several of those offered, or none; or the file says nothing, and they are those of another part."""

    empty: Any = ()

    def typed(self, value: Any, name: str) -> Typed:
        return {f"{name}-own": ["no" if value is ABSENT else "yes"], **super().typed(value, name)}

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        if first(sent, f"{name}-own") != "yes":
            return ABSENT
        found = super().read(sent, name, scene, faults)
        return list(found) if isinstance(found, tuple) else found

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        own = Flag("own", OWN_ONES, default=ABSENT, required=True).draw(sent, f"{name}-own", scene, faults)
        inputs = (own, super().draw(sent, name, scene, faults))
        return Input("group", f"{name}-group", self.label, self.hint, self.required, inputs=inputs)


@dataclass(frozen=True)
class Words(Entry):
    """A list of words, one on each line."""

    keys: bool = False

    @property
    def look(self) -> str:
        return "long"

    def shown(self, value: Any) -> str:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else super().shown(value)

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        words = [line.strip() for line in text.split("\n") if line.strip()]
        if self.keys and not all(re.fullmatch(KEY, word) for word in words):
            faults[name] = NOT_A_KEY
        if any(ord(letter) < 32 for word in words for letter in word):
            faults[name] = NOT_PLAIN
        return words


@dataclass(frozen=True)
class Day(Entry):
    """A date, kept as 2026-03-15."""

    @property
    def look(self) -> str:
        return "day"

    def shown(self, value: Any) -> str:
        text = super().shown(value)
        try:
            return day_shown(date.fromisoformat(text))
        except ValueError:
            return text

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        day = day_from(text)
        if day is None:
            faults[name] = NOT_A_DAY
            return ABSENT
        return day.isoformat()


@dataclass(frozen=True)
class Instant(Entry):
    """An instant on the office's wall clock, kept as 2026-03-15T08:30."""

    def shown(self, value: Any) -> str:
        text = super().shown(value)
        try:
            return f"{datetime.fromisoformat(text):%d/%m/%Y %H:%M}"
        except ValueError:
            return text

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        day, _blank, clock = text.partition(" ")
        read, time = day_from(day), re.fullmatch(r"([01]?\d|2[0-3])[:hg]([0-5]\d)", clock.strip(), re.ASCII)
        if read is None or time is None:
            faults[name] = NOT_AN_INSTANT
            return ABSENT
        return f"{read.isoformat()}T{int(time[1]):02d}:{time[2]}"


@dataclass(frozen=True)
class Bound(Entry):
    """A number, a date or 'today': what a question is bounded by, or filled with."""

    def shown(self, value: Any) -> str:
        text = super().shown(value)
        if isinstance(value, bool):
            return criteria.YES.vi if value else criteria.NO.vi
        if isinstance(value, int | Decimal):
            return text.replace(".", ",")
        if text == "today":
            return criteria.TODAY.vi
        return Day.shown(Day("", self.label), value)

    def parse(self, text: str, name: str, scene: Scene, faults: Faults) -> Any:
        if text.casefold() in (criteria.TODAY.vi, criteria.TODAY.en):
            return "today"
        if day := day_from(text):
            return day.isoformat()
        if text.casefold() in (criteria.YES.vi.casefold(), criteria.NO.vi.casefold()):
            return text.casefold() == criteria.YES.vi.casefold()
        number = decimal_from(text) if re.fullmatch(r"-?(0|[1-9]\d*)([.,]\d+)?", text, re.ASCII) else None
        if number is None:
            return text
        return int(number) if number == number.to_integral_value() else number


@dataclass(frozen=True)
class Pair(Entry):
    """The same words in Vietnamese and in English."""

    long: bool = False

    def typed(self, value: Any, name: str) -> Typed:
        said = value if isinstance(value, Mapping) else {"vi": value}
        return {f"{name}-{code}": [Entry.shown(self, said.get(code, ABSENT))] for code in ("vi", "en")}

    def _lines(self) -> Iterator[tuple[str, Line]]:
        for code, label in (("vi", VI), ("en", EN)):
            yield code, Line(code, label, required=self.required, long=self.long)

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        found = {code: line.read(sent, f"{name}-{code}", scene, faults) for code, line in self._lines()}
        given = {code: text for code, text in found.items() if text is not ABSENT}
        if given:
            faults.update({f"{name}-{code}": MISSING for code in found if code not in given})
        return given or ABSENT

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        # Whether it may stay empty is said once, of both languages.
        lines = ((code, replace(line, required=True)) for code, line in self._lines())
        inputs = tuple(line.draw(sent, f"{name}-{code}", scene, faults) for code, line in lines)
        return Input("pair", name, self.label, self.hint, self.required, error=faults.get(name), inputs=inputs)


@dataclass(frozen=True)
class Rows(Entry):
    """A list whose items are short enough to stand on this page, each of the entries of `row`.

    With one entry of the empty key an item is that entry's value, not a mapping. A text in place of the list (`named`)
    names one kept elsewhere.
    """

    row: tuple[Entry, ...] = ()
    row_title: Text = field(default_factory=lambda: _t("Dòng", "Row"))
    named: str = ""

    def typed(self, value: Any, name: str) -> Typed:
        items = value if isinstance(value, list | tuple) else []
        sent = {f"{name}-rows": [str(len(items))]}
        if self.named:
            sent[f"{name}-named"] = [value if isinstance(value, str) else ""]
        for index, item in enumerate(items):
            for entry in self.row:
                part = item if not entry.key else item.get(entry.key, ABSENT) if isinstance(item, Mapping) else ABSENT
                sent |= entry.typed(part, _in_row(name, index, entry))
        return sent

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        if self.named and (list_name := first(sent, f"{name}-named")):
            if list_name not in dict(scene.options.get(self.named, ())):
                faults[f"{name}-named"] = NOT_OFFERED.filled(value=quoted(list_name))
            return list_name
        items = []
        for index in range(count(sent, name)):
            parts = {e.key: e.read(sent, _in_row(name, index, e), scene, faults) for e in self.row}
            given = {key: value for key, value in parts.items() if value is not ABSENT}
            items.append(given.get("", "") if "" in parts else given)
        if not items and self.required:
            faults[name] = NO_ROWS
        return items or ABSENT

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        rows = tuple(
            tuple(entry.draw(sent, _in_row(name, index, entry), scene, faults) for entry in self.row)
            for index in range(count(sent, name))
        )
        inputs: tuple[Input, ...] = ()
        if self.named:
            offered = scene.options.get(self.named, ())
            entry = One("named", NAMED_LIST, choices=offered, nothing=OWN_LIST)
            inputs = (entry.draw(sent, f"{name}-named", scene, faults),)
        return Input(
            "rows", name, self.label, self.hint, self.required, error=faults.get(name), inputs=inputs, rows=rows,
            row_title=self.row_title,
        )  # fmt: skip


NAMED_LIST: Final = _t("Danh sách dùng chung", "Shared list")
OWN_LIST: Final = _t("Danh sách riêng, ghi dưới đây", "A list of its own, below")


def _in_row(name: str, index: int, entry: Entry) -> str:
    return f"{name}-{index}-{entry.key}" if entry.key else f"{name}-{index}"


def count(sent: Typed, name: str) -> int:
    """How many rows of a list were sent; never more than a page can hold."""
    text = first(sent, f"{name}-rows")
    return min(int(text), 200) if re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) else 0


@dataclass(frozen=True)
class Group(Entry):
    """Entries that belong together and are left out together."""

    entries: tuple[Entry, ...] = ()

    def typed(self, value: Any, name: str) -> Typed:
        known = value if isinstance(value, Mapping) else {}
        return typed_of(self.entries, known, f"{name}-")

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        if not self.required and not any(_says_something(entry, sent, f"{name}-{entry.key}") for entry in self.entries):
            return ABSENT
        found = read_of(self.entries, sent, scene, faults, f"{name}-")
        return found if found or self.required else ABSENT

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        inputs = tuple(draw_of(self.entries, sent, scene, faults, f"{name}-"))
        return Input("group", name, self.label, self.hint, self.required, error=faults.get(name), inputs=inputs)


def _says_something(entry: Entry, sent: Typed, name: str) -> bool:
    """Whether something was typed or chosen that is more than what the page shows for nothing."""
    nothing = entry.typed(ABSENT, name)
    return any(first(sent, key) and sent[key] != nothing.get(key) for key in sent if _belongs(key, name))


def _belongs(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}-")


_TERM_ROWS: Final = 3
_UNITS: Final[Options] = (
    (TermUnit.WORKING_DAY.value, _t("ngày làm việc", "working days")),
    (TermUnit.WORKING_HOUR.value, _t("giờ làm việc", "working hours")),
    (TermUnit.DAY.value, _t("ngày", "days")),
    (TermUnit.SAME_DAY.value, _t("trong ngày làm việc", "the same working day")),
)
_PART_OF_TERM: Final = _t("Phần {index}", "Part {index}")
_AMOUNT: Final = _t("Số lượng", "Amount")
_UNIT: Final = _t("Tính theo", "Counted in")


@dataclass(frozen=True)
class TermOf(Entry):
    """A term: up to three parts that run one after the other."""

    def typed(self, value: Any, name: str) -> Typed:
        sent: Typed = {}
        try:
            parts = Term.parse(str(value)).parts if value not in (ABSENT, None) else ()
        except TermError:
            parts = ()
        for index in range(max(_TERM_ROWS, len(parts))):
            part = parts[index] if index < len(parts) else None
            amount = str(part.amount) if part and part.unit is not TermUnit.SAME_DAY else ""
            sent[f"{name}-{index}-amount"] = [amount]
            sent[f"{name}-{index}-unit"] = [part.unit.value if part else ""]
        return sent

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        parts: list[str] = []
        for index in self._indices(sent, name):
            amount, unit = first(sent, f"{name}-{index}-amount"), first(sent, f"{name}-{index}-unit")
            if not amount and not unit:
                continue
            if unit not in dict(_UNITS):
                faults[f"{name}-{index}-unit"] = MISSING_CHOICE
            elif unit == TermUnit.SAME_DAY:
                if amount or parts:
                    faults[f"{name}-{index}-amount"] = SAME_DAY_ALONE
                parts.append(unit)
            elif not re.fullmatch(r"[1-9][0-9]{0,3}", amount, re.ASCII):
                faults[f"{name}-{index}-amount"] = AMOUNT_OF_TERM
            else:
                parts.append(f"{amount} {unit}")
        if not parts and self.required and not any(_belongs(key, name) for key in faults):
            faults[f"{name}-0-amount"] = MISSING
        return " + ".join(parts) or ABSENT

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        rows = tuple(
            (
                Whole("amount", _AMOUNT, required=True).draw(sent, f"{name}-{index}-amount", scene, faults),
                One("unit", _UNIT, required=True, choices=_UNITS).draw(sent, f"{name}-{index}-unit", scene, faults),
            )
            for index in self._indices(sent, name)
        )
        return Input("term", name, self.label, self.hint, self.required, error=faults.get(name), rows=rows)

    def _indices(self, sent: Typed, name: str) -> range:
        most = [int(found[1]) + 1 for key in sent if (found := re.fullmatch(rf"{re.escape(name)}-(\d)-amount", key))]
        return range(max([_TERM_ROWS, *most]))


#: Which of the ways to say a condition is used.
MODES: Final[Mapping[str, Text]] = {
    "always": _t("Luôn luôn", "Always"),
    "never": _t("Không", "Never"),
    "rows": _t("Theo bảng điều kiện", "By the rows below"),
    "cel": _t("Theo biểu thức CEL", "By the CEL expression"),
}
_JOIN: Final = One(
    "join",
    _t("Các dòng nối với nhau bằng", "The rows are joined by"),
    choices=((Join.AND.value, _t("và (mọi dòng đều đúng)", "and (all rows hold)")),
             (Join.OR.value, _t("hoặc (một dòng đúng là đủ)", "or (one row is enough)"))),
    default=Join.AND.value,
    required=True,
)  # fmt: skip
_MODE: Final = _t("Cách ghi", "How it is said")
_CEL: Final = Line("cel", _t("Biểu thức CEL", "CEL expression"), required=True, long=True, most=500)
_ROW: Final = _t("Điều kiện", "Condition")
_LEFT: Final = _t("Câu hỏi", "Question")
_SIGN: Final = _t("So sánh", "Comparison")
_RIGHT: Final = _t("Giá trị", "Value")


@dataclass(frozen=True)
class Condition(Entry):
    """A condition: rows where rows can say it, else CEL; `modes` are the ways offered.

    For a requirement 'always' and 'never' are true and false; for a condition 'always' is no condition at all.
    """

    modes: tuple[str, ...] = ("always", "rows", "cel")
    requirement: bool = False
    said: Mapping[str, Text] = field(default_factory=dict)

    def typed(self, value: Any, name: str, known: Sequence[Asked] = ()) -> Typed:
        source = value if isinstance(value, str) else ""
        rows = criteria.read(source, known) if source else None
        mode = "cel" if source and rows is None else "rows" if rows else "never" if value is False else "always"
        if mode not in self.modes:
            mode = "rows" if value is ABSENT and "rows" in self.modes else self.modes[0]
        sent = {
            f"{name}-mode": [mode],
            f"{name}-cel": [source],
            f"{name}-join": [(rows.join if rows else Join.AND).value],
            f"{name}-rows": [str(len(rows.rows) if rows else 0)],
        }
        for index, row in enumerate(rows.rows if rows else ()):
            part = f"{name}-{index}"
            sent |= {f"{part}-left": [row.left], f"{part}-sign": [row.sign], f"{part}-right": [row.right]}
        return sent

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        match first(sent, f"{name}-mode"):
            case "always":
                return True if self.requirement else ABSENT
            case "never":
                return False
            case "rows":
                return self._from_rows(sent, name, scene, faults)
            case "cel":
                return self._from_cel(sent, name, scene, faults)
        faults[f"{name}-mode"] = MISSING_CHOICE
        return ABSENT

    def _from_rows(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        rows = rows_sent(sent, name)
        if not rows:
            faults[f"{name}-mode"] = NO_ROWS
            return ABSENT
        join = Join.OR if first(sent, f"{name}-join") == Join.OR else Join.AND
        found: Any = ABSENT
        try:
            found = criteria.write(Criteria(rows, join), scene.asked)
            compiled(found)
        except BadRow as bad:
            faults[f"{name}-{bad.index}-{bad.part}"] = bad.reason
        except ExpressionError as bad:
            faults[f"{name}-mode"] = NOT_CEL.filled(reason=quoted(str(bad)))
        return found

    def _from_cel(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        source = " ".join(first(sent, f"{name}-cel").split("\n"))
        try:
            compiled(source)
        except ExpressionError as bad:
            faults[f"{name}-cel"] = NOT_CEL.filled(reason=quoted(str(bad))) if source else MISSING
        return source

    def unused(self, before: Typed, sent: Typed, name: str) -> Text | None:
        """What is to be said if something was typed into the way that is not chosen: it would be lost unseen."""
        mode = first(sent, f"{name}-mode")
        if mode != "cel" and first(sent, f"{name}-cel") != first(before, f"{name}-cel"):
            return CEL_UNUSED
        if mode != "rows" and rows_sent(sent, name) and rows_sent(sent, name) != rows_sent(before, name):
            return ROWS_UNUSED
        return None

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        mode = first(sent, f"{name}-mode")
        said = tuple((way, self.said.get(way, MODES[way])) for way in self.modes)
        rows = tuple(self._row(sent, f"{name}-{index}", scene, faults) for index in range(count(sent, name)))
        return Input(
            "condition", name, self.label, self.hint, True, mode, faults.get(name), options=said,
            inputs=(
                Input("radio", f"{name}-mode", _MODE, None, True, mode, faults.get(f"{name}-mode"), said),
                _JOIN.draw(sent, f"{name}-join", scene, faults),
                _CEL.draw(sent, f"{name}-cel", scene, faults),
            ),
            rows=rows, row_title=_ROW,
        )  # fmt: skip

    def _row(self, sent: Typed, part: str, scene: Scene, faults: Faults) -> tuple[Input, ...]:
        left, right = first(sent, f"{part}-left"), first(sent, f"{part}-right")
        question = next((asked for asked in scene.asked if asked.key == left), None)
        signs = criteria.signs_for(question.kind) if question else tuple(Sign)
        sign = first(sent, f"{part}-sign")
        several = sign in (Sign.ONE_OF, Sign.NONE_OF)
        answers = question.answers if question and not several else ()
        if right and right not in dict(answers):
            known = {label.say(code): value for value, label in answers for code in ("vi", "en")}
            right = known.get(right, right)
        offered = answers if not right or right in dict(answers) else ()
        questions = tuple((asked.key, _named(asked)) for asked in scene.asked)
        return (
            Input("one", f"{part}-left", _LEFT, None, True, left, faults.get(f"{part}-left"), questions),
            Input("one", f"{part}-sign", _SIGN, None, True, sign, faults.get(f"{part}-sign"),
                  tuple((one.value, one.label) for one in signs)),
            Input("one" if offered else "line", f"{part}-right", _RIGHT, None, sign not in criteria.ALONE, right,
                  faults.get(f"{part}-right"), offered),
        )  # fmt: skip


def _named(asked: Asked) -> Text:
    return _t(f"{asked.label.vi} ({asked.key})", f"{asked.label.en} ({asked.key})")


def rows_sent(sent: Typed, name: str) -> tuple[Row, ...]:
    """The rows of a condition that were sent, as typed."""
    return tuple(
        Row(*(first(sent, f"{name}-{index}-{part}") for part in ("left", "sign", "right")))
        for index in range(count(sent, name))
    )


@dataclass(frozen=True)
class Marks(Entry):
    """A mapping whose names are fixed: to a mark (`choices`), or to a number."""

    among: str = ""
    choices: Options = ()

    def typed(self, value: Any, name: str) -> Typed:
        known = value if isinstance(value, Mapping) else {}
        return {f"{name}-{key}": [Number.shown(Number("", self.label), item)] for key, item in known.items()}

    def read(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Any:
        found: dict[str, Any] = {}
        for key, _label in scene.options.get(self.among, ()):
            text = first(sent, f"{name}-{key}")
            if not text:
                continue
            if self.choices:
                found[key] = text
                if text not in dict(self.choices):
                    faults[f"{name}-{key}"] = NOT_OFFERED.filled(value=quoted(text))
            elif (number := decimal_from(text)) is None:
                faults[f"{name}-{key}"] = NOT_A_NUMBER
            else:
                found[key] = number
        return found or ABSENT

    def draw(self, sent: Typed, name: str, scene: Scene, faults: Faults) -> Input:
        inputs = tuple(self._one(key, label).draw(sent, f"{name}-{key}", scene, faults)
                       for key, label in scene.options.get(self.among, ()))  # fmt: skip
        return Input("group", name, self.label, self.hint, self.required, error=faults.get(name), inputs=inputs)

    def _one(self, key: str, label: Text) -> Entry:
        return One(key, label, choices=self.choices) if self.choices else Number(key, label)


def typed_of(
    entries: Sequence[Entry], values: Mapping[str, Any], prefix: str = "", asked: Sequence[Asked] = ()
) -> Typed:
    """The texts that show the values of these entries."""
    sent: Typed = {}
    for entry in entries:
        value, name = values.get(entry.key, ABSENT), f"{prefix}{entry.key}"
        sent |= entry.typed(value, name, asked) if isinstance(entry, Condition) else entry.typed(value, name)
    return sent


def read_of(entries: Sequence[Entry], sent: Typed, scene: Scene, faults: Faults, prefix: str = "") -> dict[str, Any]:
    """The values of these entries that are to stand in the file."""
    found = {entry.key: entry.read(sent, f"{prefix}{entry.key}", scene, faults) for entry in entries}
    return {key: value for key, value in found.items() if value is not ABSENT}


def draw_of(entries: Sequence[Entry], sent: Typed, scene: Scene, faults: Faults, prefix: str = "") -> Iterator[Input]:
    """These entries as a page draws them."""
    for entry in entries:
        yield entry.draw(sent, f"{prefix}{entry.key}", scene, faults)


def rearranged(sent: Typed) -> Typed | None:
    """What was sent after the button for a row has been obeyed; None if no such button was pressed.

    Buttons are called `add-NAME`, `remove-NAME-2`, `up-NAME-2` and `down-NAME-2`.
    """
    pressed = next((found for key in sent if (found := ROW_BUTTON.fullmatch(key))), None)
    if pressed is None:
        return None
    left = {key: value for key, value in sent.items() if not ROW_BUTTON.fullmatch(key)}
    name, index = (pressed["list"], -1) if pressed["list"] else (pressed["name"], int(pressed["index"]))
    rows = count(sent, name)
    order = list(range(rows))
    match pressed["what"] or pressed["change"]:
        case "add":
            order.append(rows)
            if f"{name}-mode" in left:
                left[f"{name}-mode"] = ["rows"]
        case "remove" if index < rows:
            del order[index]
        case "up" if 0 < index < rows:
            order[index - 1], order[index] = order[index], order[index - 1]
        case "down" if index < rows - 1:
            order[index + 1], order[index] = order[index], order[index + 1]
    return _in_order(left, name, order)


#: The name of a button for a row of a list.
ROW_BUTTON: Final = re.compile(
    r"(?P<what>add)-(?P<list>[\w-]+)|(?P<change>remove|up|down)-(?P<name>[\w-]+)-(?P<index>\d{1,3})", re.ASCII
)


def _in_order(sent: Typed, name: str, order: Sequence[int]) -> Typed:
    inside = re.compile(rf"{re.escape(name)}-(\d+)(-.+)?")
    found = {key: inside.fullmatch(key) for key in sent}
    kept = {key: value for key, value in sent.items() if found[key] is None}
    kept[f"{name}-rows"] = [str(len(order))]
    for new, old in enumerate(order):
        for key, match in found.items():
            if match is not None and int(match[1]) == old:
                kept[f"{name}-{new}{match[2] or ''}"] = sent[key]
    return kept


def changed(entries: Sequence[Entry], before: Typed, sent: Typed, prefix: str = "") -> list[Entry]:
    """The entries whose texts are no longer those of the page; blanks at their ends do not count."""
    return [
        entry for entry in entries if _essence(before, f"{prefix}{entry.key}") != _essence(sent, f"{prefix}{entry.key}")
    ]


def texts_of(entry: Entry, sent: Typed, prefix: str = "") -> Typed:
    """What was sent of one entry."""
    return {key: value for key, value in sent.items() if _belongs(key, f"{prefix}{entry.key}")}


def _essence(sent: Typed, name: str) -> Mapping[str, list[str]]:
    found = {
        key: sorted(text.replace("\r\n", "\n").strip() for text in texts if text.strip())
        for key, texts in sent.items()
        if _belongs(key, name)
    }
    return {key: texts for key, texts in found.items() if texts and not (key.endswith("-rows") and texts == ["0"])}


def names_of(inputs: Sequence[Input]) -> Iterator[str]:
    """The name of every input of a page, those of parts and rows included."""
    for one in inputs:
        yield one.name
        yield from names_of(one.inputs)
        for row in one.rows:
            yield from names_of(row)
