"""The catalogue as every process sees it: the files shipped with the portal, and what was published here since."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.settings import Settings
from portal.store import database as store
from portal.store import publications
from portal.store.database import Database, looking
from portal.store.publications import Published
from procedures.catalogue import FOLDER, Catalogue, Entry, Unread, load_entries, shipped
from procedures.heads import Heads

#: Seconds for which a process takes nothing to have been published elsewhere.
FRESH: Final = 1.0


class _Book:
    """The catalogue of one process and one database: looks for what is new no oftener than `FRESH` seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._heads = Heads()
        self._shipped: tuple[Entry, ...] = ()
        self._published: tuple[Entry, ...] = ()
        self._database: Database | None = None
        self._seq = -1
        self._look_at = 0.0
        self._catalogue = Catalogue(())

    def keep_heads_in(self, file: Path) -> None:
        """Read the shipped files from now on by the heads kept in this file."""
        with self._lock:
            self._heads = Heads(file)

    def catalogue(self) -> Catalogue:
        """The catalogue as it was known a moment ago, or as it is now."""
        database = store.connected()
        if database is not self._database or time.monotonic() >= self._look_at:
            with self._lock:
                self._look(database)
        return self._catalogue

    def now(self, session: Session) -> Catalogue:
        """The catalogue as this transaction sees it."""
        with self._lock:
            self._update(store.connected(), publications.newest(session.connection()))
        return self._catalogue

    def look_again(self) -> None:
        """Something was published by this process."""
        self._look_at = 0.0

    def _look(self, database: Database | None) -> None:
        if database is None:
            self._update(None, 0)
            return
        try:
            with looking() as connection:
                newest = publications.newest(connection)
        except SQLAlchemyError:
            # What was known a moment ago is better than no page; nothing is received while the database is away.
            if database is not self._database or self._seq < 0:
                raise
        else:
            self._update(database, newest)
        self._look_at = time.monotonic() + FRESH

    def _update(self, database: Database | None, newest: int) -> None:
        if database is not self._database:
            self._database, self._published, self._seq, self._look_at = database, (), -1, 0.0
        if newest == self._seq:
            return
        if not self._shipped:
            self._shipped = load_entries(shipped(FOLDER), self._heads)
        if newest:
            self._published += load_entries(_unread(self._seq, newest), self._heads)
        self._seq = newest
        # A version published here stands against one shipped later with the same date: dossiers were received under it.
        taken = {(entry.head.code, entry.head.version) for entry in self._published}
        kept = (entry for entry in self._shipped if (entry.head.code, entry.head.version) not in taken)
        self._catalogue = Catalogue([*kept, *self._published])


def _unread(after: int, until: int) -> Iterator[Unread]:
    with looking() as connection:
        found = publications.between(connection, after, until)
    for published in found:
        yield Unread(path_of(published), published.sha256, partial(_text, published.seq), published.seq)


def path_of(published: Published) -> Path:
    """The path of the file that says the same as a publication."""
    return Path(published.sector, published.slug, f"{published.begins.isoformat()}.yaml")


def _text(seq: int) -> str:
    with looking() as connection:
        return publications.text_of(connection, seq)


_book = _Book()
catalogue, now, look_again = _book.catalogue, _book.now, _book.look_again


def configure(settings: Settings) -> None:
    """Say where heads are kept from one start to the next."""
    _book.keep_heads_in(settings.var / "heads.json")
