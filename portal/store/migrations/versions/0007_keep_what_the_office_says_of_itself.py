"""Keep calendars, units, wordings and accounts as publications too: corrected under one date, decided or not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.naming import conv

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PROCEDURES = sa.text("kind = 'procedure'")
DECIDED = conv("ck_publications_decided")


def upgrade() -> None:
    """Only a procedure has one publication for each date in force, and always a decision."""
    with op.batch_alter_table("publications") as publications:
        publications.drop_constraint(conv("uq_publications_kind"), type_="unique")
        publications.drop_constraint(DECIDED, type_="check")
        publications.alter_column("decided_on", existing_type=sa.Date(), nullable=True)
        publications.create_check_constraint(
            DECIDED, "kind <> 'procedure' OR (decision_number <> '' AND decided_on IS NOT NULL)"
        )
    op.create_index(
        "uq_publications_version",
        "publications",
        ["name", "begins"],
        unique=True,
        sqlite_where=PROCEDURES,
        postgresql_where=PROCEDURES,
    )
    op.create_index("ix_publications_name", "publications", ["kind", "name", "seq"])


def downgrade() -> None:
    """Take it back; what is no procedure is lost, and the chain of publications says so."""
    op.execute("DELETE FROM publications WHERE kind <> 'procedure'")
    op.drop_index("ix_publications_name", "publications")
    op.drop_index("uq_publications_version", "publications")
    with op.batch_alter_table("publications") as publications:
        publications.drop_constraint(DECIDED, type_="check")
        publications.create_check_constraint(DECIDED, "decision_number <> ''")
        publications.alter_column("decided_on", existing_type=sa.Date(), nullable=False)
        publications.create_unique_constraint(conv("uq_publications_kind"), ["kind", "name", "begins"])
