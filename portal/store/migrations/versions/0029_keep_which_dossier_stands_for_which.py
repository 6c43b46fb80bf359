"""Keep which dossier stands in the place of one that was stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing stood in the place of anything before."""
    for table in ("dossiers", "drafts"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("previous_id", Id, nullable=True))
            changed.create_foreign_key(conv(f"fk_{table}_previous_id"), "dossiers", ["previous_id"], ["id"])
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.create_unique_constraint(conv("uq_dossiers_previous_id"), ["previous_id"])


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.drop_constraint(conv("uq_dossiers_previous_id"), type_="unique")
    for table in ("dossiers", "drafts"):
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(conv(f"fk_{table}_previous_id"), type_="foreignkey")
            changed.drop_column("previous_id")
