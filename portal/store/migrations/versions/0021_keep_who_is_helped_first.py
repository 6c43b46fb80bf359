"""Keep who is helped first at the counter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of drafts and dossiers."""
    for table in ("drafts", "dossiers"):
        op.add_column(table, sa.Column("priority", sa.String(16), nullable=True))


def downgrade() -> None:
    """Take it back."""
    for table in ("dossiers", "drafts"):
        op.drop_column(table, "priority")
