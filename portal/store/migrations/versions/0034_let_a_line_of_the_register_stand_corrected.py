"""Let a dossier that was entered in the wrong book of the register have a place in the right one too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
STANDS = sa.text("left_at IS NULL")


def upgrade() -> None:
    """Of the places of a dossier one counts: the one that it did not leave."""
    with op.batch_alter_table("register_entries") as entries:
        entries.add_column(sa.Column("left_at", Instant, nullable=True))
        entries.drop_constraint(conv("uq_register_entries_dossier_id"), type_="unique")
    op.create_index(
        "ix_register_entries_dossier",
        "register_entries",
        ["dossier_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    """Take it back; lines that were left go, and their numbers with them."""
    op.drop_index("ix_register_entries_dossier", "register_entries")
    op.execute("DELETE FROM register_entries WHERE left_at IS NOT NULL")
    with op.batch_alter_table("register_entries") as entries:
        entries.drop_column("left_at")
        entries.create_unique_constraint(conv("uq_register_entries_dossier_id"), ["dossier_id"])
