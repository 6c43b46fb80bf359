"""Keep by which calendars the watch has counted, so that it counts again by others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table; and the watch looks at every open dossier once, for calendars may have changed before."""
    op.create_table(
        "watch_counts",
        sa.Column("id", Id, nullable=False),
        sa.Column("calendars", sa.String(64), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_counts")),
    )
    op.execute("UPDATE dossiers SET watch_at = submitted_at WHERE watch_at IS NOT NULL")


def downgrade() -> None:
    """Take it back."""
    op.drop_table("watch_counts")
