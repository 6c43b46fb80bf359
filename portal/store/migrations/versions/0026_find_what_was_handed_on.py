"""Find what went from hand to hand at a unit on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

HANDING_ON = sa.text("action IN ('approve', 'correct', 'forward', 'issue', 'refuse', 'send_back')")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_events_handed_on", "events", ["unit", "at"], sqlite_where=HANDING_ON, postgresql_where=HANDING_ON
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_events_handed_on", "events")
