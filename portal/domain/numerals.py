"""Numbers and sums in figures, in either language, and in words, with dates, as Vietnamese papers write them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES: Final = ("", "nghìn", "triệu", "tỷ")
AFTER_TENS: Final = {1: "mốt", 4: "tư", 5: "lăm"}
"""Units that change their word after hai mươi, ba mươi …; after mười only five does."""

_DAY: Final = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*", re.ASCII)


def figures(value: int | Decimal, language: str = "vi") -> str:
    """A number with dots between thousands and a decimal comma: 1234.5 → '1.234,5'; in English '1,234.5'."""
    said = f"{value:,}"
    return said if language == "en" else said.translate(str.maketrans(",.", ".,"))


def money(amount: int, language: str = "vi") -> str:
    """A sum in đồng: 15000 → '15.000 đồng'; in English '15,000 đồng'."""
    return f"{figures(amount, language)} đồng"


def in_words(number: int) -> str:
    """A whole number in words: 2026 → 'hai nghìn không trăm hai mươi sáu'. ValueError unless 0 ≤ number < 10¹²."""
    if not 0 <= number < 1000 ** len(SCALES):
        raise ValueError(f"{number} cannot be written in words")
    if number == 0:
        return DIGITS[0]
    words: list[str] = []
    for scale in reversed(range(len(SCALES))):
        group = number // 1000**scale % 1000
        if group:
            words += _hundreds(group, leading=not words)
            words.append(SCALES[scale])
    return " ".join(word for word in words if word)


def _hundreds(group: int, *, leading: bool) -> list[str]:
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words: list[str] = [] if leading and not hundreds else [DIGITS[hundreds], "trăm"]
    if tens > 1:
        words += [DIGITS[tens], "mươi"]
        return words + ([AFTER_TENS.get(units, DIGITS[units])] if units else [])
    if tens == 1:
        return words + ["mười"] + (["lăm" if units == 5 else DIGITS[units]] if units else [])
    if units:
        words += ["linh"] if words else []
        words.append(DIGITS[units])
    return words


def date_in_words(day: date) -> str:
    """A date as birth certificates spell it: 'Ngày mười lăm tháng tư năm hai nghìn không trăm hai mươi sáu'."""
    month = "tư" if day.month == 4 else in_words(day.month)
    return f"Ngày {in_words(day.day)} tháng {month} năm {in_words(day.year)}"


#: Syllables that say the same in a spelled date; an empty one says nothing.
_SAME: Final[Mapping[str, str]] = {
    "mùng": "", "mồng": "", "tư": "bốn", "lăm": "năm", "nhăm": "năm", "mốt": "một", "lẻ": "linh", "ngàn": "nghìn",
    "mươi": "mười", "giêng": "một",
}  # fmt: skip


def spells(text: str, day: date) -> bool:
    """Whether a date spelled in somebody's own words ('mùng', 'lẻ', 'ngàn', 'không trăm' or not) is this day."""
    return _read(text) == _read(date_in_words(day))


def _read(text: str) -> list[str]:
    said = unicodedata.normalize("NFC", text).casefold().replace("chạp", "mười hai").replace("không trăm", "")
    words = (_SAME.get(word, word) for word in re.findall(r"\w+", said))
    return [word for word in words if word not in ("", "linh")]


def long_date(day: date) -> str:
    """'ngày 05 tháng 02 năm 2026': days below 10 and the months 1 and 2 take a leading 0 (NĐ 30/2020 Annex I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def day_shown(day: date) -> str:
    """A date in figures: 09/02/2026."""
    return f"{day:%d/%m/%Y}"


def day_from(typed: str) -> date | None:
    """The date typed as day/month/year; None for anything else."""
    found = _DAY.fullmatch(typed)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
