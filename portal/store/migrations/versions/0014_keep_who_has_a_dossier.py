"""Keep who had a dossier among those whose step it was at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A log, and the index of what somebody has."""
    op.create_table(
        "claims",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claiming", sa.String(16), nullable=False),
        sa.Column("holder_id", Id, nullable=True),
        sa.Column("by_id", Id, nullable=True),
        sa.CheckConstraint("claiming IN ('take', 'take_over', 'release', 'assign')", name=op.f("ck_claims_claiming")),
        sa.CheckConstraint("(claiming = 'release') = (holder_id IS NULL)", name=op.f("ck_claims_holder")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_claims_dossier_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["accounts.id"], name=op.f("fk_claims_holder_id")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_claims_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_dossier", "claims", ["dossier_id", "id"])
    held = sa.text("holder_id IS NOT NULL")
    op.create_index(
        "ix_dossiers_held", "dossiers", ["holder_id", "act_by", "id"], sqlite_where=held, postgresql_where=held
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_dossiers_held", "dossiers")
    op.drop_table("claims")
