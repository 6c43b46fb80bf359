"""One parcel has one key, however its numbers are written and wherever in the form they stand."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.duplicates import parcel_key


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ({"commune": "bao-yen", "parcel_number": 125, "map_sheet": 14}, "bao-yen/14/125"),
        ({"commune": "bao-yen", "parcel_number": " 0125", "map_sheet": "14 "}, "bao-yen/14/125"),
        ({"commune": "bao-yen", "map_commune": "pho-rang", "parcel_number": 5, "map_sheet": 2}, "pho-rang/2/5"),
        ({"commune": "bao-yen", "parcel_number": 5}, ""),
        ({"commune": "bao-yen", "parcel": {"number": 7, "sheet": 3, "map_commune": "pho-rang"}}, "pho-rang/3/7"),
        ({"commune": "bao-yen", "parcels": [{"number": 7, "sheet": 3}, {"number": 8, "sheet": 3}]}, "bao-yen/3/7"),
        ({"commune": "bao-yen", "full_name": "Hoàng Thị Mai", "children": [{"number": 2}]}, ""),
        ({"parcel_number": 125}, ""),
        ({}, ""),
    ],
)
def test_a_parcel_is_named_by_commune_sheet_and_number(answers: dict[str, Any], key: str) -> None:
    assert parcel_key(answers) == key
