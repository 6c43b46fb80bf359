"""The office's own data as every process sees them: what is shipped, with what an administrator has published."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, date, datetime
from threading import Lock
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.moment import office_day
from portal.store import database as store
from portal.store import publications
from portal.store.database import Database, looking
from procedures.overlay import Kept, Kind, Office, office, read

#: Seconds for which a process takes nothing to have been published elsewhere.
FRESH: Final = 1.0


class _Book:
    """What one process knows of one database: looks for what is new no oftener than `FRESH` seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._database: Database | None = None
        self._seq = 0
        self._kept: tuple[Kept, ...] = ()
        self._day = date.min
        self._look_at = 0.0
        self._office: Office | None = None

    def known(self) -> Office:
        """The office's data as they were known a moment ago, or as they are now."""
        database = store.connected()
        known = self._office
        if known is None or database is not self._database or time.monotonic() >= self._look_at:
            with self._lock:
                known = self._look(database)
        return known

    def look_again(self) -> None:
        """Something was published by this process."""
        self._look_at = 0.0

    def _look(self, database: Database | None) -> Office:
        changed = database is not self._database
        if changed:
            self._database, self._seq, self._kept = database, 0, ()
        if database is not None:
            # What was known a moment ago is better than no page; nothing is decided while the database is away.
            with suppress(SQLAlchemyError):
                changed |= self._read_on()
        today = office_day(datetime.now(UTC))
        known = self._office
        if known is None or changed or today != self._day:
            known = self._office = office(self._kept, today)
        self._day, self._look_at = today, time.monotonic() + FRESH
        return known

    def _read_on(self) -> bool:
        with looking() as connection:
            newest = publications.newest(connection)
            if newest == self._seq:
                return False
            found = publications.kept(connection, list(Kind), self._seq)
        self._kept += tuple(map(_kept, found))
        self._seq = max(newest, *(row.seq for row in found)) if found else newest
        return bool(found)


def all_kept(session: Session) -> tuple[Kept, ...]:
    """Every change of the office's data as this transaction sees them, in order."""
    return tuple(map(_kept, publications.kept(session.connection(), list(Kind), 0)))


def _kept(row: publications.Kept) -> Kept:
    kind = Kind(row.kind)
    return Kept(kind, row.name, row.begins, read(kind, row.name, row.text))


_book = _Book()
known, look_again = _book.known, _book.look_again
