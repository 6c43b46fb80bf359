"""Keep receipts printed ahead, and which dossiers were taken down on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("entered_at IS NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "blank_receipts",
        sa.Column("slip_id", Id, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("printed_by_id", Id, nullable=True),
        sa.Column("dossier_id", Id, nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_blank_receipts_number")),
        sa.CheckConstraint("(dossier_id IS NULL) = (entered_at IS NULL)", name=op.f("ck_blank_receipts_entered")),
        sa.ForeignKeyConstraint(["slip_id"], ["slips.id"], name=op.f("fk_blank_receipts_slip_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["accounts.id"], name=op.f("fk_blank_receipts_printed_by_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_blank_receipts_dossier_id")),
        sa.PrimaryKeyConstraint("slip_id", name=op.f("pk_blank_receipts")),
        sa.UniqueConstraint("unit", "year", "number", name=op.f("uq_blank_receipts_unit")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_blank_receipts_dossier_id")),
    )
    op.create_index(
        "ix_blank_receipts_open", "blank_receipts", ["unit", "slip_id"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("blank_receipts")
