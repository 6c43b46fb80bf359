"""Keep which version of its procedure a draft was started with, where a later one has come into force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No draft of before has been taken along."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.add_column(sa.Column("moved_from", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_column("moved_from")
