"""Keep the legs of bundles as dossiers of their own, with the dates promised for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_dossiers_leg": "(lead_id IS NULL) = (leg = '')",
    "ck_dossiers_leg_begins": "(lead_id IS NULL) = (begins_by IS NULL)",
    "ck_dossiers_total": "total_due_at IS NULL OR (lead_id IS NULL AND received_at IS NOT NULL)",
}
LEGS = "lead_id IS NOT NULL"


def upgrade() -> None:
    """Dossiers of before stand by themselves."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.add_column(sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        dossiers.add_column(sa.Column("leg", sa.String(length=48), server_default=sa.text("''"), nullable=False))
        dossiers.add_column(sa.Column("begins_by", sa.DateTime(timezone=True), nullable=True))
        dossiers.add_column(sa.Column("total_due_at", sa.DateTime(timezone=True), nullable=True))
        dossiers.create_foreign_key(conv("fk_dossiers_lead_id"), "dossiers", ["lead_id"], ["id"])
        for name, rule in CHECKS.items():
            dossiers.create_check_constraint(conv(name), rule)
    where = sa.text(LEGS)
    op.create_index("ix_dossiers_legs", "dossiers", ["lead_id", "leg"], sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("stat_facts") as facts:
        facts.add_column(sa.Column("further", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Take it back; dossiers that were legs stand by themselves, and have none of the form's answers."""
    with op.batch_alter_table("stat_facts") as facts:
        facts.drop_column("further")
    op.drop_index("ix_dossiers_legs", table_name="dossiers")
    with op.batch_alter_table("dossiers") as dossiers:
        for name in CHECKS:
            dossiers.drop_constraint(conv(name), type_="check")
        dossiers.drop_constraint(conv("fk_dossiers_lead_id"), type_="foreignkey")
        for column in ("total_due_at", "begins_by", "leg", "lead_id"):
            dossiers.drop_column(column)
