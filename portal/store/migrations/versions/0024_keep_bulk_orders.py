"""Keep what somebody ordered for several dossiers at once, and what came of it for each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ORDER_WAITS = sa.text("done_at IS NULL")
ITEM_WAITS = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "bulk_orders",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("ordered_by_id", Id, nullable=False),
        sa.Column("errand", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("account_id", Id, nullable=True),
        sa.Column("ordered_at", Instant, nullable=False),
        sa.Column("done_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["accounts.id"], name=op.f("fk_bulk_orders_ordered_by_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_bulk_orders_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_bulk_orders_key")),
    )
    op.create_index(
        "ix_bulk_orders_waiting", "bulk_orders", ["id"], sqlite_where=ORDER_WAITS, postgresql_where=ORDER_WAITS
    )
    op.create_index("ix_bulk_orders_ordered_by", "bulk_orders", ["ordered_by_id", "id"])
    op.create_table(
        "bulk_items",
        sa.Column("order_id", Id, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("refusal", sa.String(64), nullable=True),
        sa.CheckConstraint("refusal IS NULL OR settled_at IS NOT NULL", name=op.f("ck_bulk_items_refused")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_bulk_items_dossier_id")),
        sa.ForeignKeyConstraint(["order_id"], ["bulk_orders.id"], name=op.f("fk_bulk_items_order_id")),
        sa.PrimaryKeyConstraint("order_id", "place", name=op.f("pk_bulk_items")),
    )
    op.create_index(
        "ix_bulk_items_waiting", "bulk_items", ["order_id", "place"],
        sqlite_where=ITEM_WAITS, postgresql_where=ITEM_WAITS,
    )  # fmt: skip


def downgrade() -> None:
    """Take them back."""
    op.drop_table("bulk_items")
    op.drop_table("bulk_orders")
