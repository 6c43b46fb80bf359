"""Keep which dossiers go on in the morning, which wait for an opinion, and what the queues are found by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OF_ROLE = ["holder_unit", "holder_role", "act_by", "id"]
OF_UNIT = ["desk_unit", "act_by", "id"]
#: What dossiers are found by, and which of them.
INDEXES: dict[str, tuple[Sequence[str], str]] = {
    "ix_dossiers_new": (OF_ROLE, "status = 1"),
    "ix_dossiers_next_day": (OF_ROLE, "status = 2 AND next_day"),
    "ix_dossiers_consulting": (OF_ROLE, "consulting"),
    "ix_dossiers_waiting": (OF_UNIT, "holder_role = 'citizen'"),
    "ix_dossiers_land_waiting": (["act_by", "id"], "holder_role = 'citizen' AND sector = 'land'"),
}
CONSULTING = """UPDATE dossiers SET consulting = true WHERE holder_role IS NOT NULL AND id IN (
    SELECT dossier_id FROM intervals WHERE key = 'consultation' AND ended_at IS NULL)"""
OFFICE_TIME = timezone(timedelta(hours=7))
dossiers = sa.table(
    "dossiers",
    sa.column("id", sa.BigInteger()),
    sa.column("status", sa.Integer()),
    sa.column("received_at", sa.DateTime(timezone=True)),
    sa.column("next_day", sa.Boolean()),
)


def upgrade() -> None:
    """Of those that were passed on nobody asks any more when they were received."""
    for name in ("next_day", "consulting"):
        op.add_column("dossiers", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute(CONSULTING)
    connection = op.get_bind()
    received = connection.execute(sa.select(dossiers.c.id, dossiers.c.received_at).where(dossiers.c.status == 2))
    late = [row.id for row in received if _late(row.received_at)]
    for start in range(0, len(late), 500):
        these = dossiers.c.id.in_(late[start : start + 500])
        connection.execute(sa.update(dossiers).where(these).values(next_day=True))
    for name, (columns, rows) in INDEXES.items():
        op.create_index(name, "dossiers", list(columns), sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def _late(received_at: datetime) -> bool:
    """Whether it was received after 15:00 in the offices; SQLite forgets the zone."""
    aware = received_at if received_at.tzinfo else received_at.replace(tzinfo=UTC)
    local = aware.astimezone(OFFICE_TIME)
    return local - local.replace(hour=0, minute=0, second=0, microsecond=0) > timedelta(hours=15)


def downgrade() -> None:
    """Take it back."""
    for name in INDEXES:
        op.drop_index(name, "dossiers")
    for name in ("consulting", "next_day"):
        op.drop_column("dossiers", name)
