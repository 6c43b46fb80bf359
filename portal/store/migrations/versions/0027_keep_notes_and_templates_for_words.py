"""Keep officers' notes on dossiers, and the units' templates for words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime(timezone=True)
OFFERED = sa.text("put_away_at IS NULL")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_notes_dossier_id")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_notes_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_dossier", "notes", ["dossier_id", "id"])
    op.create_table(
        "phrases",
        sa.Column("id", Id, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("written_by_id", Id, nullable=False),
        sa.Column("put_away_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["written_by_id"], ["accounts.id"], name=op.f("fk_phrases_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrases")),
    )
    op.create_index("ix_phrases_unit", "phrases", ["unit", "id"], sqlite_where=OFFERED, postgresql_where=OFFERED)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("phrases")
    op.drop_table("notes")
