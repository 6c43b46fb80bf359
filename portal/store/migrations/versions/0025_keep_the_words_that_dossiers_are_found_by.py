"""Keep by which words a dossier is found, in the order in which a few of them are looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.domain.lookup import search_text

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

#: So many dossiers are read and written together.
CHUNK = 1_000
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")
READ = sa.text(
    "SELECT d.id, d.desk_unit, d.sector, d.applicant_name, d.registration, d.code, d.applicant_number,"
    " d.applicant_phone, coalesce(head.answers, d.answers) AS answers, head.registration AS head_registration,"
    " head.code AS head_code"
    " FROM dossiers AS d LEFT JOIN dossiers AS head ON head.id = d.lead_id"
    " WHERE d.id > :after ORDER BY d.id LIMIT :many"
).columns(answers=sa.JSON())
WRITE = sa.text("INSERT INTO dossier_words (place, word, dossier_id) VALUES (:place, :word, :dossier_id)")
FOUND_BY = sa.text("UPDATE dossiers SET search = :search WHERE id = :dossier_id")


def upgrade() -> None:
    """A table, and in it the words of every dossier that is there."""
    op.create_table(
        "dossier_words",
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("word", Word, nullable=False),
        sa.Column("dossier_id", Id, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("place", "word", "dossier_id", name=op.f("pk_dossier_words")),
        sqlite_with_rowid=False,
    )
    connection, after = op.get_bind(), 0
    while rows := connection.execute(READ, {"after": after, "many": CHUNK}).mappings().all():
        found_by = {row["id"]: _text(row) for row in rows}
        connection.execute(FOUND_BY, [{"dossier_id": each, "search": said} for each, said in found_by.items()])
        connection.execute(
            WRITE,
            [
                {"place": place, "word": word, "dossier_id": row["id"]}
                for row in rows
                for word in dict.fromkeys(word[:128] for word in found_by[row["id"]].split())
                for place in (row["desk_unit"], *(("*land",) if row["sector"] == "land" else ()))
            ],
        )
        after = rows[-1]["id"]


def _text(row: Mapping[Any, Any]) -> str:
    numbers = (row["applicant_number"], row["applicant_phone"])
    bundle = (row["head_registration"] or "", row["head_code"] or "")
    return search_text(row["applicant_name"], row["registration"], row["code"], numbers, row["answers"], *bundle)


def downgrade() -> None:
    """Take it back; the desk's filter looked through the same text."""
    op.drop_table("dossier_words")
