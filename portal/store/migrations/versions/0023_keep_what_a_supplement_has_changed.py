"""Keep with each answered supplement the answers that it replaced, as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What rounds of before have replaced is not known any more."""
    kept = sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="{}")
    op.add_column("supplements", kept)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("supplements", "before")
