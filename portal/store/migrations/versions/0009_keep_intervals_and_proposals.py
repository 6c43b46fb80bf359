"""Keep the intervals whose time the law does not count, and further rounds of supplements that a head must allow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
GOING_ON = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Two tables, and on the dossier whether a proposal waits."""
    op.create_table(
        "supplement_proposals",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("proposed_at", Instant, nullable=False),
        sa.Column("proposed_by_id", Id, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("settled_by_id", Id, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_supplement_proposals_dossier_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["accounts.id"], name=op.f("fk_supplement_proposals_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(["settled_by_id"], ["accounts.id"], name=op.f("fk_supplement_proposals_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement_proposals")),
    )
    op.create_index("ix_supplement_proposals_dossier", "supplement_proposals", ["dossier_id", "id"])
    op.create_table(
        "intervals",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("key", sa.String(48), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("begun_by_id", Id, nullable=True),
        sa.Column("limit_at", Instant, nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.Column("ended_by_id", Id, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("outcome_words", sa.Text(), nullable=False),
        sa.Column("old_due_at", Instant, nullable=True),
        sa.Column("new_due_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["begun_by_id"], ["accounts.id"], name=op.f("fk_intervals_begun_by_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_intervals_dossier_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["accounts.id"], name=op.f("fk_intervals_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervals")),
    )
    op.create_index("ix_intervals_dossier", "intervals", ["dossier_id", "id"])
    op.create_index(
        "ix_intervals_going_on", "intervals", ["limit_at"], sqlite_where=GOING_ON, postgresql_where=GOING_ON
    )
    op.add_column(
        "dossiers", sa.Column("supplement_proposed", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column("supplements", sa.Column("lapsed_at", Instant, nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("supplements", "lapsed_at")
    op.drop_column("dossiers", "supplement_proposed")
    op.drop_table("intervals")
    op.drop_table("supplement_proposals")
