"""Keep what the office publishes of the law, and the drafts on the way there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINES = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "publications",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=16), nullable=True),
        sa.Column("slug", sa.String(length=64), nullable=True),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", ID, nullable=False),
        sa.Column("replaces", sa.Date(), nullable=True),
        sa.Column("diff", LINES, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("decision_number <> ''", name=op.f("ck_publications_decided")),
        sa.ForeignKeyConstraint(["published_by_id"], ["accounts.id"], name=op.f("fk_publications_published_by_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_publications")),
        sa.UniqueConstraint("kind", "name", "begins", name=op.f("uq_publications_kind")),
    )
    op.create_table(
        "law_drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=16), nullable=True),
        sa.Column("slug", sa.String(length=64), nullable=True),
        sa.Column("based_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_drafts")),
    )
    op.create_index("ix_law_drafts_name", "law_drafts", ["kind", "name"], unique=False)
    op.create_table(
        "law_draft_revisions",
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begins", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["law_drafts.id"], name=op.f("fk_law_draft_revisions_draft_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["accounts.id"], name=op.f("fk_law_draft_revisions_saved_by_id")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_law_draft_revisions")),
    )


def downgrade() -> None:
    """Take it back; what was published here is lost."""
    op.drop_table("law_draft_revisions")
    op.drop_index("ix_law_drafts_name", "law_drafts")
    op.drop_table("law_drafts")
    op.drop_table("publications")
