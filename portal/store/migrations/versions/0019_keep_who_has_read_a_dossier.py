"""Keep who, other than its owner, has read something of a dossier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table."""
    op.create_table(
        "readings",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(64), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("of", sa.String(128), nullable=False),
        sa.CheckConstraint("what IN ('page', 'file', 'paper', 'sensitive')", name=op.f("ck_readings_what")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_readings_dossier_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_readings_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("dossier_id", "account_id", "turn", "what", "of", name=op.f("uq_readings_dossier_id")),
    )
    op.create_index("ix_readings_dossier", "readings", ["dossier_id", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("readings")
