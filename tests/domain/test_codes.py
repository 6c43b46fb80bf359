"""Dossier codes, registration numbers, personal numbers and phone numbers: built, read back, and doubted."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import codes
from portal.domain.codes import Doubt

AGENCIES = st.sampled_from(["H38", "H38.02947", "H38.087.02947", "000.00.06.H56", "G09.20"])
#: What the law, older systems and a ministry's system write (domain 1.3).
ACCEPTED = re.compile(r"^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2,6}){0,3})-(\d{6}|\d{8})-\d{4,7}$")


@given(AGENCIES, st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 9_999_999))
def test_a_dossier_code_is_well_formed_and_read_back_as_it_is(agency: str, day: date, serial: int) -> None:
    code = codes.dossier_code(agency, day, serial)
    assert ACCEPTED.match(code)
    assert codes.read_dossier_code(f"  {code.lower()} ") == code


def test_a_serial_beyond_9999_grows_wider_and_never_wraps() -> None:
    on = date(2026, 1, 26)
    assert codes.dossier_code("H38.02947", on, 7) == "H38.02947-260126-0007"
    assert codes.dossier_code("H38.02947", on, 9999) == "H38.02947-260126-9999"
    assert codes.dossier_code("H38.02947", on, 10000) == "H38.02947-260126-10000"


@given(AGENCIES, st.dates(), st.integers(1, 9_999_999), st.integers(1, 9_999_999))
def test_two_serials_of_a_day_make_two_codes(agency: str, day: date, one: int, other: int) -> None:
    assert (codes.dossier_code(agency, day, one) == codes.dossier_code(agency, day, other)) == (one == other)


@pytest.mark.parametrize(("agency", "serial"), [("h38", 1), ("", 1), ("H38-1", 1), ("H38", 0), ("H38", 10_000_000)])
def test_what_would_not_be_a_code_is_refused(agency: str, serial: int) -> None:
    with pytest.raises(ValueError, match=r"agency id|serial"):
        codes.dossier_code(agency, date(2026, 1, 26), serial)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("000.00.06.H56-231027-0361", True),
        ("G09.20-20260609-0092637", True),
        ("H38.02947-261301-0007", False),
        ("H38.02947-260126-007", False),
        ("H38.02947-260126", False),
        ("H38.02947-260126-0007\n<script>", False),
        ("", False),
    ],
)
def test_a_typed_code_is_a_code_only_if_its_day_exists(typed: str, read: bool) -> None:
    assert (codes.read_dossier_code(typed) is not None) is read


@given(st.binary(min_size=8, max_size=8))
def test_a_registration_number_is_read_back_however_it_is_typed(random: bytes) -> None:
    number = codes.registration_number(random)
    assert re.fullmatch(r"DK(-[2-9A-HJ-NP-Z]{4}){3}", number)
    for typed in (number, number.lower(), number.replace("-", ""), number.replace("-", " ")):
        assert codes.read_registration_number(typed) == number


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_registration_numbers_differ_as_soon_as_60_bits_do(one: bytes, other: bytes) -> None:
    low = (1 << 60) - 1
    same = int.from_bytes(one, "big") & low == int.from_bytes(other, "big") & low
    assert (codes.registration_number(one) == codes.registration_number(other)) is same


def test_a_registration_number_needs_its_eight_bytes() -> None:
    with pytest.raises(ValueError, match="8 random bytes"):
        codes.registration_number(b"short")


@pytest.mark.parametrize("typed", ["DK-0000-1111-IIII", "DK-AAAA-BBBB", "AAAA-BBBB-CCCC", "", "DK-AAAA-BBBB-CCCC-DDDD"])
def test_what_is_no_registration_number_is_not_read(typed: str) -> None:
    assert codes.read_registration_number(typed) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("010188001234", "010188001234"),
        (" 010 188 001 234 ", "010188001234"),
        ("01018800123", None),
        ("0101880012345", None),
        ("01018800123a", None),
        ("٠١٠١٨٨٠٠١٢٣٤", None),
        ("", None),
    ],
)
def test_a_personal_number_is_twelve_digits_and_keeps_its_leading_zeros(typed: str, number: str | None) -> None:
    assert codes.read_personal_number(typed) == number


@pytest.mark.parametrize(
    ("number", "year", "sex", "doubts"),
    [
        ("010188001234", 1988, "female", ()),
        ("010215001234", 2015, "male", ()),
        ("015088001234", 1988, "male", ()),
        ("010188001234", 1989, "female", (Doubt.YEAR,)),
        ("010188001234", 1988, "male", (Doubt.SEX,)),
        ("010188001234", 2088, "male", (Doubt.YEAR, Doubt.SEX)),
        ("003188001234", 1988, "female", (Doubt.PLACE,)),
        ("010188001234", None, None, ()),
    ],
)
def test_a_number_is_doubted_where_place_year_or_sex_do_not_agree(
    number: str, year: int | None, sex: str | None, doubts: tuple[Doubt, ...]
) -> None:
    assert codes.doubts(number, year, sex) == doubts
    assert all(doubt.text.vi != doubt.text.en for doubt in doubts)


def test_there_are_63_provinces_of_birth_registration() -> None:
    assert len(codes.PROVINCES) == 63
    assert {"010", "015", "001"} <= codes.PROVINCES


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("(0214) 3876.543", "02143876543"),
        ("+84 214 3876543", "02143876543"),
        ("0123456789", None),
        ("091234567", None),
        ("0912345678x", None),
        ("", None),
    ],
)
def test_a_phone_number_is_kept_from_its_first_zero(typed: str, phone: str | None) -> None:
    assert codes.read_phone(typed) == phone


@given(st.text())
def test_no_typed_text_raises(text: str) -> None:
    codes.read_dossier_code(text)
    codes.read_registration_number(text)
    codes.read_personal_number(text)
    codes.read_phone(text)


@given(st.from_regex(r"0(3[2-9]|9[0-46-9])\d{7}", fullmatch=True))
def test_a_phone_number_once_read_reads_the_same_again(phone: str) -> None:
    read = codes.read_phone(phone)
    assert read is None or codes.read_phone(read) == read


def test_others_see_the_last_three_digits_only() -> None:
    assert codes.masked("010188001234") == "•••••••••234"


@pytest.mark.parametrize(
    ("typed", "usual"), [("cđ123456", True), ("AA 01234567", True), ("AB 12345", False), ("0123/QSDĐ", False)]
)
def test_a_serial_of_another_time_is_kept_and_only_asked_about(typed: str, usual: bool) -> None:
    kept = codes.read_certificate_number(typed)
    assert kept
    assert codes.is_usual_certificate_number(kept) is usual
