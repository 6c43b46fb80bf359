"""Keep the parcel that a dossier is about, and find dossiers by person or parcel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: The rows that each index holds, and what it finds them by first.
INDEXES = {
    "ix_dossiers_person": ("applicant_number <> ''", "applicant_number"),
    "ix_dossiers_parcel": ("parcel <> ''", "parcel"),
}


def upgrade() -> None:
    """Dossiers of before keep no parcel: after 90 days nobody asks for it."""
    op.add_column("dossiers", sa.Column("parcel", sa.String(128), nullable=False, server_default=sa.text("''")))
    for name, (rows, first) in INDEXES.items():
        columns = [first, "procedure", "submitted_at"]
        op.create_index(name, "dossiers", columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def downgrade() -> None:
    """Take it back."""
    for name in INDEXES:
        op.drop_index(name, "dossiers")
    op.drop_column("dossiers", "parcel")
