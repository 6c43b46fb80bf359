"""Writes many rows as fast as the database takes them: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, Date, Dialect, Table, text
from sqlalchemy.orm import Session

from portal.store.models import Base, Instant

#: kB of pages that SQLite keeps at hand while it takes in many rows; indexes of random numbers need them.
_CACHE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table as the driver takes them, column by column; columns can be changed and added."""

    model: type[Base]
    columns: dict[str, list[Any]]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns.values(), strict=True)


def rows_of(model: type[Base], rows: Sequence[dict[str, Any]], dialect: Dialect) -> Rows:
    """Make rows ready; all have the columns of the first, the others get the database's null or sequence."""
    table = model.__table__
    assert isinstance(table, Table)
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    for name, values in columns.items():
        if (writer := _writer(table, name, dialect)) is not None:
            columns[name] = [writer(value) for value in values]
    return Rows(model, columns)


def prepare(session: Session) -> None:
    """Give this connection what it needs to take in many rows."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size = -{_CACHE}")


def next_id(session: Session, model: type[Base]) -> int:
    """The id that the next row of a table gets, if nobody else inserts one before."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = _sequence(session, model)
        called, last = session.execute(text(f"SELECT is_called, last_value FROM {sequence}")).one()  # noqa: S608 - own names
        return int(last) + int(called)
    table = model.__tablename__
    return int(session.execute(text(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")).scalar_one())  # noqa: S608 - own names


def reserve_ids(session: Session, model: type[Base], many: int) -> int:
    """Set ids of a table aside, at least one, inside the caller's transaction; gives the first."""
    if session.get_bind().dialect.name != "postgresql":
        return next_id(session, model)
    statement = text("SELECT setval(:name, nextval(:name) + :further)")
    values = {"name": _sequence(session, model), "further": many - 1}
    return int(session.execute(statement, values).scalar_one()) - many + 1


def _sequence(session: Session, model: type[Base]) -> str:
    found = session.execute(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": model.__tablename__})
    return str(found.scalar_one())


def insert(session: Session, rows: Rows) -> None:
    """Insert rows that were made ready for this database."""
    if not rows.columns:
        return
    connection, table = session.connection(), rows.model.__tablename__
    driver: Any = connection.connection.driver_connection
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(rows.columns))
        driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", iter(rows))  # noqa: S608 - own names
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for values in rows:
            copy.write_row(values)


def upsert_rows(
    session: Session,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    replace: Iterable[str] = (),
    add: Iterable[str] = (),
) -> None:
    """Insert rows; where the key is there already, replace these columns by the new values and add them to those."""
    if not rows:
        return
    connection, table = session.connection(), model.__tablename__
    ready = rows_of(model, rows, connection.dialect)
    changes = [f'"{name}" = excluded."{name}"' for name in replace]
    changes += [f'"{name}" = {table}."{name}" + excluded."{name}"' for name in add]
    key, columns = (", ".join(f'"{name}"' for name in names) for names in (_key(model), ready.columns))
    place = "?" if connection.dialect.name == "sqlite" else "%s"
    places, change = (
        ", ".join([place] * len(ready.columns)),
        f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING",
    )
    statement = f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT ({key}) DO {change}"  # noqa: S608 - own names
    connection.exec_driver_sql(statement, list(ready))


def _key(model: type[Base]) -> tuple[str, ...]:
    return tuple(column.name for column in model.__table__.primary_key)


def insert_rows(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Make rows ready and insert them."""
    insert(session, rows_of(model, list(rows), session.get_bind().dialect))


def _writer(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value of this column is given to the driver; None: as it is."""
    kind = table.c[name].type
    process: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(kind, JSON) and process is not None:
        return _written_once(process)
    if dialect.name == "sqlite" and isinstance(kind, Instant):
        return partial(_sqlite_instant, kind, dialect)
    if dialect.name == "sqlite" and isinstance(kind, Date):
        return _sqlite_day
    return process


def _written_once(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What many rows have in common, such as the papers of one procedure, is written as JSON once."""
    # Known by identity: the rows that are being made ready keep their values alive.
    known: dict[int, Any] = {}

    def write(value: Any) -> Any:
        written = known.get(id(value))
        if written is None:
            written = known[id(value)] = process(value)
        return written

    return write


# What SQLAlchemy writes on SQLite, at a fraction of the cost.


def _sqlite_instant(kind: Instant, dialect: Dialect, instant: datetime | None) -> str | None:
    stored = kind.process_bind_param(instant, dialect)
    return None if stored is None else stored.isoformat(" ", "microseconds")[:26]


def _sqlite_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
