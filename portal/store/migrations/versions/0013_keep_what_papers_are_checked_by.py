"""Keep whose seal a paper bears, by what its token names it, and whether it was replaced or revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RULES = {
    "ck_slips_sealed_here": "(payload IS NULL) = (issuer IS NULL)",
    "ck_slips_revoked": "(revoked_at IS NULL) = (revoked_why IS NULL)",
    "ck_slips_replaced_or_revoked": "replaced_by_id IS NULL OR revoked_at IS NULL",
}
#: Results of which a later one stands in the place; before it none but a result was ever made out twice.
REPLACED = """UPDATE slips SET replaced_by_id = (
    SELECT MIN(later.id) FROM slips AS later
    WHERE later.dossier_id = slips.dossier_id AND later.id > slips.id AND later.kind IN ('result', 'result_refusal')
) WHERE kind IN ('result', 'result_refusal')"""
ISSUER = """UPDATE slips SET issuer = (SELECT desk_unit FROM dossiers WHERE dossiers.id = slips.dossier_id)
    WHERE payload IS NOT NULL"""


def upgrade() -> None:
    """Papers of before have no token and, if they still wait, bear the seal of the unit where their dossier is."""
    with op.batch_alter_table("slips") as slips:
        slips.add_column(sa.Column("issuer", sa.String(64), nullable=True))
        slips.add_column(sa.Column("digest", sa.String(64), nullable=True))
        slips.add_column(
            sa.Column("replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        slips.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
        slips.add_column(sa.Column("revoked_why", sa.Text(), nullable=True))
    op.execute(ISSUER)
    op.execute(REPLACED)
    with op.batch_alter_table("slips") as slips:
        slips.create_foreign_key(conv("fk_slips_replaced_by_id"), "slips", ["replaced_by_id"], ["id"])
        for name, rule in RULES.items():
            slips.create_check_constraint(conv(name), rule)
    op.create_index("ix_slips_digest", "slips", ["digest"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_slips_digest", "slips")
    with op.batch_alter_table("slips") as slips:
        for name in RULES:
            slips.drop_constraint(conv(name), type_="check")
        slips.drop_constraint(conv("fk_slips_replaced_by_id"), type_="foreignkey")
        for name in ("revoked_why", "revoked_at", "replaced_by_id", "digest", "issuer"):
            slips.drop_column(name)
