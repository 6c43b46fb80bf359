"""Keep the register: books of units, sectors and years, and a place for every received dossier; papers of units too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.naming import conv

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
ABOUT = sa.text("about IS NOT NULL")
OFFICE = timezone(timedelta(hours=7))

DOSSIERS = sa.table(
    "dossiers", sa.column("id"), sa.column("unit"), sa.column("sector"), sa.column("received_at", Instant)
)
SLIPS = sa.table("slips", sa.column("id"), sa.column("dossier_id"), sa.column("kind"), sa.column("payload", Json))
BOOKS = sa.table(
    "register_books", sa.column("id"), sa.column("unit"), sa.column("sector"), sa.column("year"), sa.column("entries")
)
ENTRIES = sa.table("register_entries", sa.column("book_id"), sa.column("number"), sa.column("dossier_id"))


def upgrade() -> None:
    """Places that were printed on receipts stay; whoever has none comes after them, in the order of reception."""
    op.create_table(
        "register_books",
        sa.Column("id", Id, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("locked_at", Instant, nullable=True),
        sa.Column("locked_by_id", Id, nullable=True),
        sa.CheckConstraint("entries >= 0", name=op.f("ck_register_books_entries")),
        sa.CheckConstraint("locked_by_id IS NULL OR locked_at IS NOT NULL", name=op.f("ck_register_books_locked_by")),
        sa.ForeignKeyConstraint(["locked_by_id"], ["accounts.id"], name=op.f("fk_register_books_locked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_books")),
        sa.UniqueConstraint("unit", "sector", "year", name=op.f("uq_register_books_unit")),
    )
    op.create_table(
        "register_entries",
        sa.Column("book_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_register_entries_number")),
        sa.ForeignKeyConstraint(["book_id"], ["register_books.id"], name=op.f("fk_register_entries_book_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_register_entries_dossier_id")),
        sa.PrimaryKeyConstraint("book_id", "number", name=op.f("pk_register_entries")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_register_entries_dossier_id")),
    )
    with op.batch_alter_table("slips") as slips:
        slips.add_column(sa.Column("about", sa.String(160), nullable=True))
        slips.alter_column("dossier_id", existing_type=Id, nullable=True)
        slips.create_check_constraint(conv("ck_slips_about"), "(dossier_id IS NULL) = (about IS NOT NULL)")
    op.create_index("ix_slips_about", "slips", ["about", "id"], sqlite_where=ABOUT, postgresql_where=ABOUT)
    _enter_printed()
    _enter_others()
    op.execute("DELETE FROM counters WHERE name LIKE 'book/%'")


def _enter_printed() -> None:
    """The first receipt of a dossier says where it stands; one made out anew says the same."""
    connection = op.get_bind()
    book = SLIPS.c.payload["book"]
    receipts = (
        sa.select(
            SLIPS.c.dossier_id, DOSSIERS.c.unit, DOSSIERS.c.sector,
            book["volume"].as_string().label("volume"), book["number"].as_integer().label("number"),
        )
        .join(DOSSIERS, DOSSIERS.c.id == SLIPS.c.dossier_id)
        .where(SLIPS.c.kind == "receipt")
        .order_by(SLIPS.c.id)
    )  # fmt: skip
    books: dict[tuple[str, str, int], dict[int, int]] = {}
    entered: set[int] = set()
    for row in connection.execute(receipts):
        if row.volume and row.dossier_id not in entered:
            entered.add(row.dossier_id)
            books.setdefault((row.unit, row.sector, int(row.volume[:4])), {})[row.number] = row.dossier_id
    for (unit, sector, year), numbers in sorted(books.items()):
        values: dict[str, Any] = {"unit": unit, "sector": sector, "year": year, "entries": max(numbers)}
        connection.execute(BOOKS.insert().values(values))
        found = _book(connection, unit, sector, year)
        rows = [{"book_id": found.id, "number": number, "dossier_id": of} for number, of in numbers.items()]
        connection.execute(ENTRIES.insert(), rows)


def _enter_others() -> None:
    connection = op.get_bind()
    entered = sa.exists().where(ENTRIES.c.dossier_id == DOSSIERS.c.id)
    without = (DOSSIERS.c.received_at.is_not(None), ~entered)
    first, last = sa.func.min(DOSSIERS.c.received_at), sa.func.max(DOSSIERS.c.received_at)
    groups = sa.select(DOSSIERS.c.unit, DOSSIERS.c.sector, first, last).where(*without)
    for unit, sector, begins, ends in connection.execute(groups.group_by(DOSSIERS.c.unit, DOSSIERS.c.sector)).all():
        for year in range(_year(begins), _year(ends) + 1):
            of_year = (DOSSIERS.c.received_at >= _new_year(year), DOSSIERS.c.received_at < _new_year(year + 1))
            here = (*without, DOSSIERS.c.unit == unit, DOSSIERS.c.sector == sector, *of_year)
            many = connection.execute(sa.select(sa.func.count()).select_from(DOSSIERS).where(*here)).scalar_one()
            if not many:
                continue
            if _book(connection, unit, sector, year) is None:
                connection.execute(BOOKS.insert().values(unit=unit, sector=sector, year=year, entries=0))
            book = _book(connection, unit, sector, year)
            number = sa.func.row_number().over(order_by=(DOSSIERS.c.received_at, DOSSIERS.c.id)) + book.entries
            rows = sa.select(sa.literal(book.id), number, DOSSIERS.c.id).where(*here)
            connection.execute(ENTRIES.insert().from_select(["book_id", "number", "dossier_id"], rows))
            grown = BOOKS.update().where(BOOKS.c.id == book.id).values(entries=book.entries + many)
            connection.execute(grown)


def _book(connection: sa.Connection, unit: str, sector: str, year: int) -> Any:
    query = sa.select(BOOKS).where(BOOKS.c.unit == unit, BOOKS.c.sector == sector, BOOKS.c.year == year)
    return connection.execute(query).one_or_none()


def _year(received_at: datetime) -> int:
    aware = received_at if received_at.tzinfo else received_at.replace(tzinfo=UTC)
    return aware.astimezone(OFFICE).year


def _new_year(year: int) -> datetime:
    return datetime.combine(date(year, 1, 1), time(), OFFICE).astimezone(UTC)


def downgrade() -> None:
    """Take it back; the counters that gave the numbers before go on from there."""
    op.execute(
        "INSERT INTO counters (name, value) "
        "SELECT 'book/' || unit || '/' || sector || '/' || year, entries FROM register_books"
    )
    op.drop_index("ix_slips_about", "slips")
    op.execute("DELETE FROM slips WHERE dossier_id IS NULL")
    with op.batch_alter_table("slips") as slips:
        slips.drop_constraint(conv("ck_slips_about"), type_="check")
        slips.alter_column("dossier_id", existing_type=Id, nullable=False)
        slips.drop_column("about")
    op.drop_table("register_entries")
    op.drop_table("register_books")
