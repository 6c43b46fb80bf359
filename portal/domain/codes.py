"""Codes built and checked: dossier code, registration, personal, certificate and phone number."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Final

from procedures.model import Text
from procedures.places import AGENCY_ID

# -- dossier code ------------------------------------------------------------------------------------------------------

_DOSSIER_CODE: Final = re.compile(rf"({AGENCY_ID.pattern})-(\d{{6}}|\d{{8}})-\d{{4,7}}", re.ASCII)


def dossier_code(agency: str, received_on: date, serial: int) -> str:
    """The code given at reception: `H38.02947-260126-0007` (NĐ 61/2018 Art 26, TT 01/2018 Art 19).

    `agency` is the unit's id in codes, `serial` its count on that day from 1; beyond 9999 the serial grows wider.
    Raises ValueError for what would not be a code.
    """
    if not AGENCY_ID.fullmatch(agency):
        raise ValueError(f"{agency!r} is no agency id")
    if not 1 <= serial <= 9_999_999:
        raise ValueError(f"the serial of a day lies between 1 and 9999999, not {serial}")
    return f"{agency}-{received_on:%y%m%d}-{serial:04d}"


def read_dossier_code(text: str) -> str | None:
    """The dossier code a person typed, as it is stored; None if it is none."""
    code = re.sub(r"\s", "", text).upper()
    return code if _DOSSIER_CODE.fullmatch(code) and _real_day(code) else None


def _real_day(code: str) -> bool:
    digits = code.split("-")[1]
    try:
        date(int(digits[:-4]) + (2000 if len(digits) == 6 else 0), int(digits[-4:-2]), int(digits[-2:]))
    except ValueError:
        return False
    return True


# -- registration number -----------------------------------------------------------------------------------------------

#: 32 signs, 5 bits each, none of which is taken for another one (no 0, 1, I, O).
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
REGISTRATION_SIGNS: Final = 12
REGISTRATION_BYTES: Final = 8
_REGISTRATION: Final = re.compile(rf"DK[{ALPHABET}]{{{REGISTRATION_SIGNS}}}")


def registration_number(random: bytes) -> str:
    """The number a dossier bears before reception: `DK-7K2M-PQ9X-3VTA`, 60 of the 64 random bits given.

    Raises ValueError unless 8 bytes are given; they must come from a source for secrets, for whoever knows the number
    may follow the dossier.
    """
    if len(random) != REGISTRATION_BYTES:
        raise ValueError(f"a registration number is made of {REGISTRATION_BYTES} random bytes")
    bits = int.from_bytes(random, "big")
    return _grouped("DK" + "".join(ALPHABET[bits >> 5 * place & 31] for place in range(REGISTRATION_SIGNS)))


def read_registration_number(text: str) -> str | None:
    """The registration number a person typed, with or without dashes, in any case; None if it is none."""
    signs = re.sub(r"[\s-]", "", text).upper()
    return _grouped(signs) if _REGISTRATION.fullmatch(signs) else None


def _grouped(signs: str) -> str:
    return "-".join([signs[:2], *(signs[start : start + 4] for start in range(2, len(signs), 4))])


# -- personal number ---------------------------------------------------------------------------------------------------

_PERSONAL_NUMBER: Final = re.compile(r"\d{12}", re.ASCII)
#: Provinces of birth registration (TT 59/2021/TT-BCA); the codes of people born there outlive every merger.
PROVINCES: Final = frozenset(
    {
        "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
        "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
        "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
        "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096",
    }
)  # fmt: skip


class Doubt(StrEnum):
    """What about a personal number does not agree; corrected records exist, so a doubt warns and never refuses."""

    PLACE = "place"
    YEAR = "year"
    SEX = "sex"

    @property
    def text(self) -> Text:
        """The doubt in words."""
        return _DOUBTS[self]


_DOUBTS: Final = {
    Doubt.PLACE: Text(
        vi="Ba số đầu của số định danh không phải mã tỉnh nơi đăng ký khai sinh; xin kiểm tra lại.",
        en="The first three digits are not the code of a province of birth registration; please check.",
    ),
    Doubt.YEAR: Text(
        vi="Số định danh không khớp với năm sinh; xin kiểm tra lại.",
        en="The personal number does not agree with the year of birth; please check.",
    ),
    Doubt.SEX: Text(
        vi="Số định danh không khớp với giới tính; xin kiểm tra lại.",
        en="The personal number does not agree with the sex; please check.",
    ),
}


def read_personal_number(text: str) -> str | None:
    """The 12 digits a person typed, spaces and dots taken out; None if they are not 12 digits (NĐ 137/2015 Art 13)."""
    digits = re.sub(r"[\s.]", "", text)
    return digits if _PERSONAL_NUMBER.fullmatch(digits) else None


def doubts(number: str, birth_year: int | None = None, sex: str | None = None) -> tuple[Doubt, ...]:
    """What does not agree in a 12-digit number, or between it and a year of birth or a sex ('male', 'female')."""
    found = [] if number[:3] in PROVINCES else [Doubt.PLACE]
    century_and_sex = int(number[3])
    year = 1900 + 100 * (century_and_sex // 2) + int(number[4:6])
    if birth_year is not None and birth_year != year:
        found.append(Doubt.YEAR)
    if sex is not None and sex != ("female" if century_and_sex % 2 else "male"):
        found.append(Doubt.SEX)
    return tuple(found)


def masked(number: str) -> str:
    """A personal number or phone as others may see it: its last three digits."""
    return "•" * max(len(number) - 3, 0) + number[-3:]


# -- certificate number ------------------------------------------------------------------------------------------------

_CERTIFICATE: Final = re.compile(r"([A-ZĐ]{1,2})(\d{6,8})", re.ASCII)


#: What a serial of another time may look like: it is asked about, not refused.
_UNUSUAL_CERTIFICATE: Final = re.compile(r"(?=.*\d)[A-ZĐ0-9][A-ZĐ0-9 ./-]{1,19}", re.ASCII)


def read_certificate_number(text: str) -> str | None:
    """The serial of a land certificate as `CĐ 123456`; one of another form as it was typed, in capitals.

    None for what can be no serial at all.
    """
    found = _CERTIFICATE.fullmatch(re.sub(r"[\s.-]", "", text).upper())
    if found:
        return f"{found[1]} {found[2]}"
    typed = " ".join(text.upper().split())
    return typed if _UNUSUAL_CERTIFICATE.fullmatch(typed) else None


def is_usual_certificate_number(number: str) -> bool:
    """Whether a serial is one or two letters and 6 to 8 digits, as nearly all are."""
    return _CERTIFICATE.fullmatch(number.replace(" ", "")) is not None


# -- phone number ------------------------------------------------------------------------------------------------------

_MOBILE: Final = re.compile(r"0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])\d{7}", re.ASCII)
_LANDLINE: Final = re.compile(r"02\d{9}", re.ASCII)


def read_phone(text: str) -> str | None:
    """The phone number a person typed as `0xxxxxxxxx`; None if it is neither a Vietnamese mobile nor a landline."""
    digits = re.sub(r"[\s.()-]", "", text)
    digits = re.sub(r"^(\+84|0084|84(?=\d{9,10}$))0?", "0", digits)
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None
