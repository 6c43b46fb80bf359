"""What makes two dossiers likely to be one matter handed in twice: the same procedure, and one person or one parcel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from procedures.expressions import fold

#: How far apart two dossiers of one matter are handed in at most. No law names it: it is longer than the longest term
#: with its supplements, and short enough that a matter of last year is not taken for the same. It warns, never blocks.
WITHIN: Final = timedelta(days=90)

#: What the parts of a parcel are called: on pages of their own, and in records and rows.
_NAMES: Final = (("parcel_number", "map_sheet"), ("number", "sheet"))


def parcel_key(answers: Mapping[str, Any]) -> str:
    """The (first) parcel that the answers are about, as commune/sheet/number; '' where they name none.

    The commune is the one that the map sheet names, which outlives mergers, or else the one where the land lies. A
    number means nothing without its sheet.
    """
    commune = answers.get("commune")
    for place in _places(answers):
        for number_name, sheet_name in _NAMES:
            number, sheet = _plain(place.get(number_name)), _plain(place.get(sheet_name))
            where = place.get("map_commune") or place.get("commune") or answers.get("map_commune") or commune
            if number and sheet and isinstance(where, str):
                return f"{where}/{sheet}/{number}"
    return ""


def _places(answers: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where a parcel's parts may stand: the form itself, a record, the rows of a group."""
    if "parcel_number" in answers:
        yield answers
    for answer in answers.values():
        rows = answer if isinstance(answer, list) else [answer]
        yield from (row for row in rows if isinstance(row, dict) and "sheet" in row)


def _plain(written: Any) -> str:
    """A number as people write it in different ways: '0125', ' 125 ' and 125 are one."""
    return re.sub(r"\s+", "", fold(str(written or ""))).lstrip("0")[:24]
