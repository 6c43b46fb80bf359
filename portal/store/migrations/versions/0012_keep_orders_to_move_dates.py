"""Keep what a change of the calendar would do to dates promised before, and the order to do it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("counted_at IS NULL OR (ordered_at IS NOT NULL AND done_at IS NULL)")


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "calendar_orders",
        sa.Column("id", Id, nullable=False),
        sa.Column("publication_seq", Id, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("counted_to", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", Instant, nullable=True),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.Column("ordered_at", Instant, nullable=True),
        sa.Column("ordered_by_id", Id, nullable=True),
        sa.Column("done_at", Instant, nullable=True),
        sa.CheckConstraint("(ordered_at IS NULL) = (ordered_by_id IS NULL)", name=op.f("ck_calendar_orders_ordered")),
        sa.CheckConstraint("done_at IS NULL OR ordered_at IS NOT NULL", name=op.f("ck_calendar_orders_done")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["accounts.id"], name=op.f("fk_calendar_orders_ordered_by_id")),
        sa.ForeignKeyConstraint(
            ["publication_seq"], ["publications.seq"], name=op.f("fk_calendar_orders_publication_seq")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_orders")),
        sa.UniqueConstraint("publication_seq", name=op.f("uq_calendar_orders_publication_seq")),
    )
    op.create_index(
        "ix_calendar_orders_waiting", "calendar_orders", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "calendar_moves",
        sa.Column("order_id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("old_due_at", Instant, nullable=False),
        sa.Column("new_due_at", Instant, nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("moved", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_calendar_moves_dossier_id")),
        sa.ForeignKeyConstraint(["order_id"], ["calendar_orders.id"], name=op.f("fk_calendar_moves_order_id")),
        sa.PrimaryKeyConstraint("order_id", "dossier_id", name=op.f("pk_calendar_moves")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("calendar_moves")
    op.drop_table("calendar_orders")
