"""Writes many rows as fast as the database takes them: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from portal.store.models import Base

#: kB of pages that SQLite keeps at hand while it takes in many rows; indexes of random numbers need them.
_CACHE = 256 * 1024


def prepare(session: Session) -> None:
    """Give this connection what it needs to take in many rows."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size = -{_CACHE}")


def reserve_ids(session: Session, model: type[Base], many: int) -> int:
    """Set so many ids of a table aside, inside the caller's transaction; gives the first."""
    table = model.__tablename__
    last = int(session.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one())  # noqa: S608 - own names
    if session.get_bind().dialect.name == "postgresql":
        sequence = text("SELECT pg_get_serial_sequence(:table, 'id')")
        name = session.execute(sequence, {"table": table}).scalar_one()
        session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
        last = max(last, int(session.execute(text("SELECT nextval(:name)"), {"name": name}).scalar_one()) - 1)
        session.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last + many})
    return last + 1


def insert_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the columns of the first; columns that none has get the database's null or sequence."""
    if not rows:
        return
    connection, table = session.connection(), model.__table__
    assert isinstance(table, Table)
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    written = _written(table, names, rows, connection.dialect)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", list(written))  # noqa: S608 - own names
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in written:
            copy.write_row(row)


def _written(
    table: Table, names: Sequence[str], rows: Iterable[dict[str, Any]], dialect: Any
) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them."""
    columns = [(name, _writer(table, name, dialect)) for name in names]
    for row in rows:
        yield tuple(row[name] if write is None else write(row[name]) for name, write in columns)


def _writer(table: Table, name: str, dialect: Any) -> Callable[[Any], Any] | None:
    """How a value of this column is given to the driver; None: as it is."""
    process: Callable[[Any], Any] | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return process
