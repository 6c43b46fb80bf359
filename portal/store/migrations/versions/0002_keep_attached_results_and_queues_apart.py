"""Keep results that were signed elsewhere, and what waits to be fetched apart from what there is to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.naming import conv

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PAYLOAD = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
QUEUE = ["holder_unit", "holder_role", "act_by", "id"]
OPEN, TO_DO, TO_FETCH = "status IN (1, 2, 4, 5, 6, 9)", "status IN (1, 2, 4, 5, 6)", "status IN (9)"
ATTACHED = {
    "ck_slips_made_here_or_attached": "(payload IS NULL) = (name IS NOT NULL)",
    "ck_slips_attached": "name IS NULL OR sha256 IS NOT NULL",
}


def upgrade() -> None:
    """Add what is new."""
    op.drop_index("ix_dossiers_queue", table_name="dossiers")
    _index("ix_dossiers_queue", QUEUE, TO_DO)
    _index("ix_dossiers_to_fetch", QUEUE, TO_FETCH)
    _index("ix_dossiers_land_open", ["act_by", "id"], f"{OPEN} AND sector = 'land'")
    with op.batch_alter_table("slips") as slips:
        slips.add_column(sa.Column("name", sa.Text(), nullable=True))
        slips.add_column(sa.Column("shown", sa.String(length=64), nullable=True))
        slips.alter_column("payload", existing_type=PAYLOAD, nullable=True)
        for name, rule in ATTACHED.items():
            slips.create_check_constraint(conv(name), rule)


def downgrade() -> None:
    """Take it back; papers that were attached have no place any more."""
    op.execute("DELETE FROM slips WHERE payload IS NULL")
    with op.batch_alter_table("slips") as slips:
        for name in ATTACHED:
            slips.drop_constraint(conv(name), type_="check")
        slips.alter_column("payload", existing_type=PAYLOAD, nullable=False)
        slips.drop_column("shown")
        slips.drop_column("name")
    for name in ("ix_dossiers_land_open", "ix_dossiers_to_fetch", "ix_dossiers_queue"):
        op.drop_index(name, table_name="dossiers")
    _index("ix_dossiers_queue", QUEUE, OPEN)


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "dossiers", columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
