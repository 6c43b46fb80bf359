"""By which words a dossier is found, and what is meant by what somebody types."""

from __future__ import annotations

import pytest

from portal.domain.lookup import MOST_WORDS, Sought, parcels, search_text, sought

ANSWERS = {"map_sheet": "15", "parcel_number": 230, "several_parcels": [{"sheet": 7, "number": 12, "area": 3}, {}]}
TEXT = search_text(
    "Hoàng Thị Mai", "DK-7K2M-PQ9X-3VTA", "H38.02947-260126-0007", ("010196000123", "0912345678"), ANSWERS
)


def is_found(typed: str) -> bool:
    words = sought(typed)
    return bool(words) and all(each.is_among(TEXT.split()) for each in words)


@pytest.mark.parametrize(
    "typed",
    [
        "Hoàng Thị Mai", "hoang thi mai", "MAI hoang", "Hoàng Th", "ho ma",
        "H38.02947-260126-0007", "h38.02947-260126-0007", "260126-0007", "0007", "h38.02947-260126",
        "DK-7K2M-PQ9X-3VTA", "dk7k2mpq9x3vta", "DK 7K2M PQ9X 3VTA", "dk-7k2m",
        "010196000123", "010 196 000 123", "01019600", "0912345678", "0912 345 678", "+84 912 345 678", "09123456",
        "15/230", "015/0230", "tờ 15 thửa 230", "tờ bản đồ số 15, thửa đất số 230", "thửa 230 tờ 15", "7/12",
        "mai 15/230",
    ],
)  # fmt: skip
def test_it_is_found_by(typed: str) -> None:
    assert is_found(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "Lan", "h", "hoang lan", "ang", "007", "2601", "15", "230", "5/230", "15/23", "230/15",
        # Of a person's numbers a few digits are not enough, and none but the first ones.
        "0912345", "091", "0101960", "12345678", "000123",
    ],
)  # fmt: skip
def test_it_is_not_found_by(typed: str) -> None:
    assert not is_found(typed)


def test_only_so_many_words_are_looked_for() -> None:
    assert len(sought("a b c d e f g h")) == MOST_WORDS
    assert sought("mai, mai.") == (Sought("mai", start=True),)


def test_what_is_no_parcel_is_none() -> None:
    assert list(parcels({"map_sheet": "15", "parcel_number": ""})) == []
    assert list(parcels({"map_sheet": "x", "parcel_number": "2"})) == []
    assert list(parcels({"number": 3, "name": ["y", 4, None]})) == []
