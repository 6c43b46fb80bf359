"""Keep which case of its procedure's terms a dossier falls under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Dossiers of before fall under the ordinary term."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.add_column(sa.Column("term_case", sa.String(length=48), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.drop_column("term_case")
