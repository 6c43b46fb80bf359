"""Which files of the store are named by a row, whatever that is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.models import FileName
from portal.store.tables import Base

#: Rows fetched at once.
_SOME: Final = 10_000
NAMING: Final = tuple(
    column for table in Base.metadata.sorted_tables for column in table.columns if isinstance(column.type, FileName)
)


def named(session: Session, begins: str) -> Iterator[str]:
    """The names of files that rows have, of those that begin so; one that several rows have comes several times."""
    for column in NAMING:
        query = select(column).where(column.startswith(begins))
        yield from session.scalars(query, execution_options={"yield_per": _SOME})
