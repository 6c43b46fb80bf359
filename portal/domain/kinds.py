"""Each kind of field: how what a person typed is read and checked, kept as plain JSON, typed back, shown, and judged.

Kept values: text (texts, choices, numbers with decimals as '180.5', dates as ISO 8601, a partial date as '1950' or
'1950-03'), whole numbers as int, yes and no as bool, several choices and the names of files as a list. What cannot be
read is kept as `{"typed": [...]}`, so that nothing a person typed is lost; it counts as no answer. Groups and records
are made of columns of these kinds, and are put together in `forms`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from portal.domain import codes
from portal.domain.numerals import figures, money
from procedures.consistency import UNREADABLE
from procedures.expressions import fold
from procedures.model import NUMBERS, Field, Kind, Text
from procedures.places import Places, PlacesError, Unit, UnitKind

#: The day the districts ended; an address of a later day names none (Law 72/2025/QH15).
NO_DISTRICTS_FROM: Final = date(2025, 7, 1)


@dataclass(frozen=True, slots=True)
class Context:
    """What answers are read against: the day, the units, and the channel the dossier comes by.

    For a dossier that was submitted earlier the day is that of its submission.
    """

    today: date
    places: Places
    channel: str = "online"


class Refusal(Exception):
    """What was typed is no answer to this question; `text` says why, and what would be."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


REQUIRED: Final = Text(vi="Mục này bắt buộc phải có.", en="This is required.")
_CONTROL: Final = Text(
    vi="Có ký tự không nhập được; xin gõ lại.", en="It holds a character that cannot be used; please type it again."
)
_TOO_LONG: Final = Text(vi="Tối đa {limit} ký tự.", en="At most {limit} characters.")
_NAME: Final = Text(
    vi="Tên chỉ gồm chữ cái, dấu cách, dấu nháy, dấu chấm và gạch nối.",
    en="A name holds only letters, spaces, apostrophes, dots and hyphens.",
)
_DISTRICT: Final = Text(
    vi="Từ ngày 01/07/2025 không còn cấp huyện; xin bỏ tên huyện, chỉ ghi thôn, xã, tỉnh.",
    en="There are no districts since 01/07/2025; leave the district out: village, commune, province.",
)
_INTEGER: Final = Text(vi="Xin nhập một số nguyên, ví dụ 12.", en="Enter a whole number, for example 12.")
_DECIMAL: Final = Text(vi="Xin nhập một số, ví dụ 180,5.", en="Enter a number, for example 180,5.")
_DECIMALS: Final = Text(vi="Tối đa {limit} chữ số sau dấu phẩy.", en="Digits after the comma: at most {limit}.")
_MONEY: Final = Text(vi="Xin nhập số tiền bằng đồng, ví dụ 15.000.", en="Enter an amount in đồng, for example 15.000.")
_LEAST: Final = Text(vi="Không được nhỏ hơn {limit}.", en="Not less than {en_limit}.")
_MOST: Final = Text(vi="Không được lớn hơn {limit}.", en="Not more than {en_limit}.")
_DATE: Final = Text(
    vi="Xin nhập ngày theo dạng ngày/tháng/năm, ví dụ 05/02/1988.",
    en="Enter a date as day/month/year, for example 05/02/1988.",
)
_PARTIAL: Final = Text(
    vi="Xin nhập ngày/tháng/năm, hoặc chỉ tháng/năm, hoặc chỉ năm, ví dụ 1950.",
    en="Enter day/month/year, or only month/year, or only the year, for example 1950.",
)
_FUTURE: Final = Text(vi="Ngày này không được ở tương lai.", en="This date must not lie in the future.")
_PAST: Final = Text(vi="Ngày này không được ở quá khứ.", en="This date must not lie in the past.")
_EARLIEST: Final = Text(vi="Không được trước ngày {limit}.", en="Not before {limit}.")
_LATEST: Final = Text(vi="Không được sau ngày {limit}.", en="Not after {limit}.")
_CHOICE: Final = Text(vi="Xin chọn một trong các mục đã cho.", en="Choose one of the answers given.")
_UNIT: Final = Text(vi="Xin chọn xã, thị trấn trong danh sách.", en="Choose a commune from the list.")
_UNIT_ENDED: Final = Text(
    vi="Đơn vị này không hoạt động vào ngày {day}; xin chọn đơn vị đang hoạt động.",
    en="This unit is not in operation on {day}; choose one that is.",
)
_PERSONAL_NUMBER: Final = Text(
    vi="Số định danh cá nhân gồm đúng 12 chữ số.", en="A personal number has exactly 12 digits."
)
_PHONE: Final = Text(
    vi="Xin nhập số điện thoại Việt Nam, ví dụ 0912 345 678.",
    en="Enter a Vietnamese phone number, for example 0912 345 678.",
)
_CERTIFICATE_NUMBER: Final = Text(
    vi="Xin nhập số phát hành của Giấy chứng nhận: một hoặc hai chữ cái và 6–8 chữ số, ví dụ CĐ 123456.",
    en="Enter the serial number of the certificate: one or two letters and 6–8 digits, for example CĐ 123456.",
)
UNUSUAL_CERTIFICATE_NUMBER: Final = Text(
    vi="Số phát hành thường gồm một hoặc hai chữ cái và 6–8 chữ số; xin so lại với Giấy chứng nhận.",
    en="A serial usually is one or two letters and 6–8 digits; please compare it with the certificate.",
)
_EMAIL: Final = Text(
    vi="Xin nhập địa chỉ thư điện tử, ví dụ ten@vidu.vn.", en="Enter an e-mail address, for example name@example.vn."
)
_UNTIL: Final = Text(vi="{vi_name} (đến ngày {day})", en="{en_name} (until {day})")
_YES: Final = Text(vi="Có", en="Yes")
_NO: Final = Text(vi="Không", en="No")
_AGREED: Final = Text(vi="Đã cam đoan", en="Declared")

LENGTHS: Final[Mapping[Kind, int]] = {
    Kind.TEXT: 200, Kind.LONG_TEXT: 2000, Kind.NAME: 100, Kind.ADDRESS: 200, Kind.EMAIL: 254,
}  # fmt: skip
#: Nothing anybody types into one field is longer.
LONGEST: Final = 20_000

#: No number that is typed or computed reaches it.
_LARGEST: Final = 10**18

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def clean(text: str, *, lines: bool = False) -> str:
    """The text as it is kept: NFC, trimmed, without invisible letters, on one line unless `lines`.

    Raises Refusal for control characters, for those that turn the direction of writing, and for halves of letters.
    """
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Cf") and letter not in "\t\r\n" for letter in text):
        raise Refusal(_CONTROL)
    kept = [" ".join(line.split()) for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n" if lines else " ").join(kept if lines else filter(None, kept)).strip()


# -- reading -----------------------------------------------------------------------------------------------------------


def read(field: Field, typed: Sequence[str], context: Context) -> Any:
    """The kept value of what was typed or ticked; None where nothing was. Raises Refusal."""
    if any(len(text) > LONGEST for text in typed):
        raise Refusal(_TOO_LONG.filled(limit=LENGTHS.get(field.kind, LENGTHS[Kind.TEXT])))
    if field.kind is Kind.SEVERAL:
        return _read_several(field, typed)
    if field.kind is Kind.FILE:
        return [clean(name) for name in typed if clean(name)] or None
    texts = [clean(text, lines=field.kind is Kind.LONG_TEXT) for text in typed]
    text = next(filter(None, texts), "")
    return _READERS[field.kind](field, text, context) if text else None


def _read_text(field: Field, text: str, _: Context) -> str:
    limit = field.max_length or LENGTHS[field.kind]
    if len(text) > limit:
        raise Refusal(_TOO_LONG.filled(limit=limit))
    return text


def _read_name(field: Field, text: str, context: Context) -> str:
    letters = [letter for letter in text if letter not in " '’.-"]
    if not letters or any(unicodedata.category(letter)[0] not in "LM" for letter in letters):
        raise Refusal(_NAME)
    return _read_text(field, text, context)


def _read_address(field: Field, text: str, context: Context) -> str:
    parts = (part.split() for part in re.split(r"[,;–-]", fold(text)))
    if not field.past and context.today >= NO_DISTRICTS_FROM and any(part[:1] == ["huyen"] for part in parts):
        raise Refusal(_DISTRICT)
    return _read_text(field, text, context)


def _read_email(field: Field, text: str, context: Context) -> str:
    name, _, host = text.rpartition("@")
    if not re.fullmatch(r"[^@\s<>()\[\],;:\"\\]{1,64}", name) or not re.fullmatch(
        r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", host, re.ASCII | re.IGNORECASE
    ):
        raise Refusal(_EMAIL)
    return _read_text(field, f"{name}@{host.lower()}", context)


def _number(text: str) -> Decimal | None:
    """'1.234,5', '1234,5', '1.234' (thousands), '12.5', '1,234.5': dots part thousands unless only a decimal fits."""
    text = text.replace(" ", "").replace("\u2212", "-")
    for pattern, thousands, comma in (
        (r"-?\d{1,3}(\.\d{3})+(,\d+)?|-?\d+(,\d+)?", ".", ","),
        (r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?", ",", "."),
    ):
        if re.fullmatch(pattern, text, re.ASCII):
            digits = text.replace(thousands, "").replace(comma, ".")
            return Decimal(digits) if len(digits) <= 18 else None
    return None


def _whole(text: str) -> int | None:
    """A number without a fraction: '15.000' and '15,000' are both fifteen thousand, as nothing else fits."""
    number = _number(re.sub(r",(?=\d{3}(\D|$))", ".", text.replace(" ", "")) if "." not in text else text)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _bounded(field: Field, number: Decimal) -> None:
    if isinstance(field.min, Decimal) and number < field.min:
        raise Refusal(_LEAST.filled(limit=figures(field.min), en_limit=figures(field.min, "en")))
    if isinstance(field.max, Decimal) and number > field.max:
        raise Refusal(_MOST.filled(limit=figures(field.max), en_limit=figures(field.max, "en")))


def _read_integer(field: Field, text: str, _: Context) -> int:
    number = _whole(text)
    if number is None:
        raise Refusal(_INTEGER)
    _bounded(field, Decimal(number))
    return number


def _read_decimal(field: Field, text: str, _: Context) -> str:
    number = _number(text)
    if number is None:
        raise Refusal(_DECIMAL)
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    if len(plain.partition(".")[2]) > (field.decimals or 0):
        raise Refusal(_DECIMALS.filled(limit=field.decimals))
    _bounded(field, number)
    return "0" if plain == "-0" else plain


def _read_money(field: Field, text: str, context: Context) -> int:
    amount = re.sub(r"(đồng|vnđ|vnd|đ|₫)$", "", text.lower()).strip()
    number = _whole(amount)
    if number is None or number < 0:
        raise Refusal(_MONEY)
    _bounded(field, Decimal(number))
    return number


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


_DAY_FIRST: Final = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def _parts(text: str) -> tuple[str, str | None, str | None] | None:
    """Year, month, day as typed in either order."""
    if found := _YEAR_FIRST.fullmatch(text):
        return found[1], found[2], found[3]
    if found := _DAY_FIRST.fullmatch(text.replace(" ", "")):
        return found[3], found[2], found[1]
    return None


def _within(field: Field, first: date, last: date, context: Context) -> None:
    """Refuses a date whose every possible day lies outside the field's bounds."""
    for bound, word in ((field.min, field.min), (field.max, field.max)):
        limit = context.today if word == "today" else bound
        if not isinstance(limit, date):
            continue
        if bound is field.min and last < limit:
            raise Refusal(_PAST if word == "today" else _EARLIEST.filled(limit=f"{limit:%d/%m/%Y}"))
        if bound is field.max and first > limit:
            raise Refusal(_FUTURE if word == "today" else _LATEST.filled(limit=f"{limit:%d/%m/%Y}"))


def _read_date(field: Field, text: str, context: Context) -> str:
    year, month, day = _parts(text) or ("", None, None)
    found = _day(year, month, day) if month and day else None
    if found is None:
        raise Refusal(_DATE)
    _within(field, found, found, context)
    return found.isoformat()


def _read_partial_date(field: Field, text: str, context: Context) -> str:
    year, month, day = _parts(text) or ("", None, None)
    first = _day(year, month or "1", day or "1") if year else None
    if first is None:
        raise Refusal(_PARTIAL)
    kept = first.isoformat()[: 10 if day else 7 if month else 4]
    _within(field, first, last_day(kept), context)
    return kept


def last_day(kept: str) -> date:
    """The last day a kept date may mean: '1950' → 31/12/1950, as minimum ages are checked."""
    year, month, day = (*map(int, kept.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _read_choice(field: Field, text: str, _: Context) -> str:
    if text not in {choice.value for choice in field.choices}:
        raise Refusal(_CHOICE)
    return text


def _read_several(field: Field, typed: Sequence[str]) -> list[str] | None:
    ticked = {text.strip() for text in typed} - {""}
    values = [choice.value for choice in field.choices]
    if not ticked <= set(values):
        raise Refusal(_CHOICE)
    return [value for value in values if value in ticked] or None


def _read_yes_no(_: Field, text: str, __: Context) -> bool:
    answer = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
    if answer is None:
        raise Refusal(_CHOICE)
    return answer


def _read_declaration(_: Field, text: str, __: Context) -> bool | None:
    return True if text.lower() in ("yes", "true", "on") else None


def _read_unit(field: Field, text: str, context: Context) -> str:
    try:
        unit = context.places.by_id(text)
    except PlacesError:
        raise Refusal(_UNIT) from None
    if not _is_offered(field, unit):
        raise Refusal(_UNIT)
    if not field.past and not unit.alive(context.today):
        raise Refusal(_UNIT_ENDED.filled(day=f"{context.today:%d/%m/%Y}"))
    return unit.id


def _is_offered(field: Field, unit: Unit) -> bool:
    """Whether a unit is one to choose: a commune or, where the past is asked for, a district too."""
    return unit.is_commune or (field.past and unit.kind is UnitKind.DISTRICT)


def _or_refuse(reader: Callable[[str], str | None], refusal: Text) -> _Reader:
    def read_text(_: Field, text: str, __: Context) -> str:
        found = reader(text)
        if found is None:
            raise Refusal(refusal)
        return found

    return read_text


_Reader = Callable[[Field, str, Context], Any]
_READERS: Final[Mapping[Kind, _Reader]] = {
    Kind.TEXT: _read_text,
    Kind.LONG_TEXT: _read_text,
    Kind.NAME: _read_name,
    Kind.ADDRESS: _read_address,
    Kind.INTEGER: _read_integer,
    Kind.DECIMAL: _read_decimal,
    Kind.MONEY: _read_money,
    Kind.DATE: _read_date,
    Kind.PARTIAL_DATE: _read_partial_date,
    Kind.CHOICE: _read_choice,
    Kind.YES_NO: _read_yes_no,
    Kind.PERSONAL_NUMBER: _or_refuse(codes.read_personal_number, _PERSONAL_NUMBER),
    Kind.PHONE: _or_refuse(codes.read_phone, _PHONE),
    Kind.EMAIL: _read_email,
    Kind.UNIT: _read_unit,
    Kind.DECLARATION: _read_declaration,
    Kind.CERTIFICATE_NUMBER: _or_refuse(codes.read_certificate_number, _CERTIFICATE_NUMBER),
}


def unread(typed: Sequence[str]) -> dict[str, list[str]]:
    """How what cannot be read is kept."""
    return {UNREADABLE: list(typed)}


def is_unread(value: Any) -> bool:
    """Whether a kept value is only what somebody typed."""
    return isinstance(value, dict) and value.keys() == {UNREADABLE}


# -- typing back, showing, judging -------------------------------------------------------------------------------------


def typed_back(field: Field, value: Any) -> list[str]:
    """What stands in the input for a kept value; reading it again gives the value back."""
    if value is None:
        return []
    if is_unread(value):
        return [text for text in value[UNREADABLE] if isinstance(text, str)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        return [str(item) for item in value]
    if field.kind is Kind.DECIMAL:
        return [str(value).replace(".", ",")]
    if field.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return [_shown_date(str(value))]
    return [figures(value)] if field.kind is Kind.MONEY and isinstance(value, int) else [str(value)]


def _shown_date(kept: str) -> str:
    return "/".join(reversed(kept.split("-")))


def options(field: Field, context: Context) -> tuple[tuple[str, Text], ...]:
    """The answers to choose from, value and words; the communes of the day for a unit."""
    if field.kind is Kind.UNIT:
        units = context.places.units if field.past else context.places.alive(context.today)
        return tuple((unit.id, _unit_name(unit, context.today)) for unit in units if _is_offered(field, unit))
    if field.kind is Kind.YES_NO:
        return (("yes", _YES), ("no", _NO))
    return tuple((choice.value, choice.label) for choice in field.choices)


def _unit_name(unit: Unit, today: date) -> Text:
    """What a unit is called in a list; one that has ended with its last day, for its successor may bear its name."""
    if unit.valid_to is None or unit.alive(today):
        return unit.name
    return _UNTIL.filled(vi_name=unit.name.vi, en_name=unit.name.en, day=f"{unit.valid_to:%d/%m/%Y}")


def shown(field: Field, value: Any, context: Context, language: str, *, mask: bool = False) -> str:
    """The value as people read it, with its unit of measure, empty without an answer; `mask` hides sensitive ones."""
    if value is None:
        return ""
    if mask and field.sensitive:
        hides_part = field.kind in (Kind.PERSONAL_NUMBER, Kind.PHONE) and not is_unread(value)
        return codes.masked(str(value)) if hides_part else "•••"
    if is_unread(value):
        return "; ".join(typed_back(field, value))
    if field.kind is Kind.FILE:
        return ", ".join(value)
    if isinstance(value, bool):
        return (_AGREED if field.kind is Kind.DECLARATION else _YES if value else _NO).say(language)
    if field.kind in (Kind.CHOICE, Kind.SEVERAL):
        labels = {choice.value: choice.label.say(language) for choice in field.choices}
        return ", ".join(labels.get(item, str(item)) for item in (value if isinstance(value, list) else [value]))
    if field.kind is Kind.UNIT:
        try:
            unit = context.places.by_id(value)
            return (_unit_name(unit, context.today) if field.past else unit.name).say(language)
        except PlacesError:
            return str(value)
    if field.kind is Kind.MONEY:
        return money(value, language)
    if field.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return _shown_date(value)
    text = figures(Decimal(value), language) if field.kind in (Kind.INTEGER, Kind.DECIMAL) else str(value)
    return f"{text} {field.measure}" if field.measure else text


def judged(field: Field, value: Any) -> Any:
    """The value as expressions see it; None where there is no answer, or none that could be read."""
    if value is None or is_unread(value):
        return None
    if field.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY):
        return float(value)
    if field.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return at_midnight(last_day(value))
    return value


def computed(field: Field, found: Any) -> Any:
    """The kept value of what a formula came to; None where it came to nothing that the field holds.

    Numbers are rounded half up to the digits the field keeps.
    """
    if isinstance(found, bool) or field.kind is Kind.YES_NO:
        return found if isinstance(found, bool) and field.kind is Kind.YES_NO else None
    if field.kind in NUMBERS:
        return _rounded(field, found) if isinstance(found, int | float) and abs(found) < _LARGEST else None
    if field.kind is Kind.DATE:
        return found.date().isoformat() if isinstance(found, datetime) else None
    if field.kind is Kind.CHOICE and found not in {choice.value for choice in field.choices}:
        return None
    return found if isinstance(found, str) and found else None


def _rounded(field: Field, number: float) -> Any:
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-(field.decimals or 0)), ROUND_HALF_UP)
    if field.kind is not Kind.DECIMAL:
        return int(exact)
    plain = format(exact, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def at_midnight(day: date) -> datetime:
    """A day as expressions see it."""
    return datetime.combine(day, time(), UTC)
