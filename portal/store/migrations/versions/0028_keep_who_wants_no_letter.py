"""Keep whether an applicant wants no letter with the result."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who was not asked gets it."""
    op.add_column(
        "dossiers", sa.Column("letter_declined", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("dossiers", "letter_declined")
