"""Keep when the watch has to look at a dossier next, who was warned, and the apologies that wait to be signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: What dossiers are found by, and which of them.
INDEXES = {
    "ix_dossiers_watch": (["watch_at", "id"], "watch_at IS NOT NULL"),
    "ix_dossiers_warned": (["holder_unit", "act_by", "id"], "warned > 0"),
    "ix_dossiers_apology": (["holder_unit", "apology_by", "id"], "apology_by IS NOT NULL"),
    "ix_dossiers_running": (["due_on", "id"], "status IN (2, 4)"),
}
UNTOLD = "level = 100 AND told_at IS NULL"


def upgrade() -> None:
    """Two tables, and three columns of the dossier; the watch looks at every dossier that is open, once."""
    op.create_table(
        "step_warnings",
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("act_by", Instant, nullable=False),
        sa.Column("holder_role", sa.String(32), nullable=False),
        sa.Column("holder_unit", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(16), nullable=False),
        sa.Column("told_at", Instant, nullable=True),
        sa.CheckConstraint("level IN (50, 80, 100)", name=op.f("ck_step_warnings_level")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_step_warnings_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "step", "since", "level", name=op.f("pk_step_warnings")),
    )
    _index("ix_step_warnings_untold", "step_warnings", ["holder_unit", "holder_role"], UNTOLD)
    op.create_table(
        "apology_preparations",
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("promised", Instant, nullable=False),
        sa.Column("prepared_at", Instant, nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("settled_by", sa.String(32), nullable=True),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_apology_preparations_settled")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_apology_preparations_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "due_at", name=op.f("pk_apology_preparations")),
    )
    op.add_column("dossiers", sa.Column("watch_at", Instant, nullable=True))
    op.add_column("dossiers", sa.Column("warned", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("dossiers", sa.Column("apology_by", Instant, nullable=True))
    # What is over by law is found by the dossier's own next look.
    op.drop_index("ix_intervals_going_on", "intervals")
    op.execute("UPDATE dossiers SET watch_at = submitted_at WHERE status IN (1, 2, 4, 5, 6)")
    for name, (columns, rows) in INDEXES.items():
        _index(name, "dossiers", columns, rows)


def downgrade() -> None:
    """Take it back."""
    _index("ix_intervals_going_on", "intervals", ["limit_at"], "ended_at IS NULL")
    for name in INDEXES:
        op.drop_index(name, "dossiers")
    for name in ("apology_by", "warned", "watch_at"):
        op.drop_column("dossiers", name)
    op.drop_table("apology_preparations")
    op.drop_table("step_warnings")


def _index(name: str, table: str, columns: list[str], rows: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))
