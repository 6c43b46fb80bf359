"""Keep who helps whom, by whose consent, and who handed a dossier in for its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELPED = sa.text("helper_id IS NOT NULL")


def upgrade() -> None:
    """A table of consents; drafts say under which, dossiers who handed them in."""
    op.create_table(
        "helpings",
        sa.Column("id", Id, nullable=False),
        sa.Column("helper_id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(254), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("agreed_at", Instant, nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR agreed_at IS NOT NULL", name=op.f("ck_helpings_ended")),
        sa.ForeignKeyConstraint(["helper_id"], ["accounts.id"], name=op.f("fk_helpings_helper_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_helpings_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpings")),
    )
    op.create_index("ix_helpings_helper", "helpings", ["helper_id", "id"])
    op.create_index("ix_helpings_owner", "helpings", ["owner_id", "id"])
    with op.batch_alter_table("drafts") as drafts:
        drafts.add_column(sa.Column("helping_id", Id, nullable=True))
        drafts.create_foreign_key(conv("fk_drafts_helping_id"), "helpings", ["helping_id"], ["id"])
    op.create_index("ix_drafts_helping_id", "drafts", ["helping_id"])
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.add_column(sa.Column("helper_id", Id, nullable=True))
        dossiers.create_foreign_key(conv("fk_dossiers_helper_id"), "accounts", ["helper_id"], ["id"])
    op.create_index("ix_dossiers_helper", "dossiers", ["helper_id", "id"], sqlite_where=HELPED, postgresql_where=HELPED)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_dossiers_helper", "dossiers")
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.drop_constraint(conv("fk_dossiers_helper_id"), type_="foreignkey")
        dossiers.drop_column("helper_id")
    op.drop_index("ix_drafts_helping_id", "drafts")
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_constraint(conv("fk_drafts_helping_id"), type_="foreignkey")
        drafts.drop_column("helping_id")
    op.drop_table("helpings")
