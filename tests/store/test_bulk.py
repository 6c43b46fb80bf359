"""Proves that rows written in bulk are those that the portal writes one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from portal.store import bulk
from portal.store.models import Dossier
from procedures.calendars import OFFICE_TIME

DIALECT = sqlite.dialect()
INSTANTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - the zone is drawn
    datetime(2100, 1, 1),  # noqa: DTZ001 - the zone is drawn
    timezones=st.sampled_from([UTC, OFFICE_TIME]),
)
ANSWERS = st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5) | st.integers() | st.booleans())


def written(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return list(bulk.rows_of(Dossier, rows, DIALECT))


def one_by_one(row: dict[str, Any]) -> tuple[Any, ...]:
    columns = Dossier.__table__.c
    processors = {name: columns[name].type.dialect_impl(DIALECT).bind_processor(DIALECT) for name in row}
    return tuple(value if (p := processors[name]) is None else p(value) for name, value in row.items())


@given(INSTANTS, st.none() | INSTANTS, st.none() | st.dates(), ANSWERS, st.booleans())
def test_values_are_stored_as_the_model_stores_them(
    submitted: datetime, received: datetime | None, due: date | None, answers: dict[str, Any], paid: bool
) -> None:
    row = {"submitted_at": submitted, "received_at": received, "due_on": due, "answers": answers, "fee_paid": paid}
    assert written([row, row | {"answers": {}}]) == [one_by_one(row), one_by_one(row | {"answers": {}})]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        written([{"submitted_at": datetime(2026, 1, 5, 8, 0)}])  # noqa: DTZ001 - the fault
