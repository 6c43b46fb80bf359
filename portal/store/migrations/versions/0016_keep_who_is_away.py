"""Keep who is away, and who stands in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table of its own; who deputises acts by the rights there are."""
    op.create_table(
        "absences",
        sa.Column("id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("deputy_id", Id, nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", Id, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", Id, nullable=True),
        sa.CheckConstraint("since <= until", name=op.f("ck_absences_days")),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> account_id", name=op.f("ck_absences_deputy")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_absences_ended")),
        *(
            sa.ForeignKeyConstraint([name], ["accounts.id"], name=op.f(f"fk_absences_{name}"))
            for name in ("account_id", "deputy_id", "entered_by_id", "ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_unit", "absences", ["unit", "until"])
    op.create_index("ix_absences_account", "absences", ["account_id", "until"])
    op.create_index("ix_absences_deputy", "absences", ["deputy_id", "until"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("absences")
