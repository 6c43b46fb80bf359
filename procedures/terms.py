"""Legal terms: how long an office may take, and how that is written and said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self

LONGEST: Final = 9999


class TermError(ValueError):
    """What is written is not a term; the message says what would be."""


class TermUnit(StrEnum):
    """What a term is counted in (Civil Code 2015 Arts 147–148)."""

    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    DAY = "day"
    SAME_DAY = "same_day"


_IN_WORKING_DAYS: Final = {TermUnit.WORKING_DAY: Decimal(1), TermUnit.WORKING_HOUR: Decimal(1) / 8}
#: One of each in Vietnamese, which has no plural, and in English.
_ONE: Final = {
    TermUnit.WORKING_DAY: ("ngày làm việc", "working day"),
    TermUnit.WORKING_HOUR: ("giờ làm việc", "working hour"),
    TermUnit.DAY: ("ngày", "day"),
    TermUnit.SAME_DAY: ("trong ngày làm việc", "the same working day"),
}
_PART: Final = re.compile(r"(?:(?P<amount>[0-9]{1,9})\s+)?(?P<unit>[a-z_]+)")
_KNOWN: Final = "'8 working_day', '8 working_hour', '10 day' or 'same_day', joined by '+'"


@dataclass(frozen=True, slots=True)
class TermPart:
    """One amount of one unit, at least 1; `same_day` has the amount 1, which is not written."""

    amount: int
    unit: TermUnit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= LONGEST:
            raise TermError(f"the amount of a term is between 1 and {LONGEST}, not {self.amount}")
        if self.unit is TermUnit.SAME_DAY and self.amount != 1:
            raise TermError("'same_day' has no amount")

    def __str__(self) -> str:
        return self.unit if self.unit is TermUnit.SAME_DAY else f"{self.amount} {self.unit}"

    def words(self, language: str) -> str:
        """The part as people say it: "8 working days" in 'en', "8 ngày làm việc" in any other language."""
        vi, en = _ONE[self.unit]
        one = (f"{en}s" if self.amount > 1 else en) if language == "en" else vi
        return one if self.unit is TermUnit.SAME_DAY else f"{self.amount} {one}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """`8 working_day`; raises TermError."""
        found = _PART.fullmatch(text.strip())
        if not found or found["unit"] not in set(TermUnit):
            raise TermError(f"'{text.strip()}' is not a term: write {_KNOWN}")
        unit = TermUnit(found["unit"])
        if (found["amount"] is None) != (unit is TermUnit.SAME_DAY):
            raise TermError("'same_day' has no amount" if found["amount"] else f"'{text.strip()}' needs an amount")
        return cls(int(found["amount"] or 1), unit)


@dataclass(frozen=True, slots=True)
class Term:
    """A legal term: parts that run one after the other, each from the end of the one before."""

    parts: tuple[TermPart, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise TermError("a term has at least one part")
        if any(part.unit is TermUnit.SAME_DAY for part in self.parts[1:]):
            raise TermError("'same_day' can only come first in a term")

    def __str__(self) -> str:
        return " + ".join(map(str, self.parts))

    def __add__(self, other: Term) -> Term:
        return Term(self.parts + other.parts)

    def words(self, language: str) -> str:
        """The term as people say it: "8 ngày làm việc + 10 ngày"."""
        return " + ".join(part.words(language) for part in self.parts)

    @property
    def same_day(self) -> bool:
        """Whether it is the working day itself."""
        return self.parts[0].unit is TermUnit.SAME_DAY

    @property
    def working_days(self) -> Decimal | None:
        """Its length in working days of eight hours; None where a part is not counted in working time."""
        if any(part.unit not in _IN_WORKING_DAYS for part in self.parts):
            return None
        return sum((part.amount * _IN_WORKING_DAYS[part.unit] for part in self.parts), Decimal(0))

    @property
    def ends_in_days(self) -> bool:
        """Whether the last part is counted in days, so that the due instant keeps a clock time."""
        return self.parts[-1].unit in (TermUnit.WORKING_DAY, TermUnit.DAY)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`8 working_day + 10 day`, the inverse of str(); raises TermError."""
        return cls(tuple(TermPart.parse(part) for part in text.split("+")))
