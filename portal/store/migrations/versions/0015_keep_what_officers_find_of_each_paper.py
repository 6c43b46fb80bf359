"""Keep what officers find of each paper of a dossier, by step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "findings",
        sa.Column("dossier_id", ID, nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("component", sa.String(64), nullable=False),
        sa.Column("found", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.CheckConstraint("found IN ('', 'ok', 'missing', 'wrong')", name=op.f("ck_findings_found")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name="fk_findings_dossier_id"),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name="fk_findings_by_id"),
        sa.PrimaryKeyConstraint("dossier_id", "step", "component", name="pk_findings"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("findings")
