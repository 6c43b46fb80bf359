"""Keep what people can be given, what was given out in one go, and find what somebody did lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Instant = sa.DateTime(timezone=True)


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}")) for name, of in columns.items()
    ]


def upgrade() -> None:
    """Nobody has a limit, and no rule hands anything out, until somebody says so."""
    op.create_table(
        "work_profiles",
        sa.Column("account_id", Id, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("skills", Json, nullable=False),
        sa.Column("places", Json, nullable=False),
        sa.Column("set_at", Instant, nullable=False),
        sa.Column("set_by_id", Id, nullable=False),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_work_profiles_capacity")),
        *_references("work_profiles", account_id="accounts", set_by_id="accounts"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_work_profiles")),
    )
    op.create_table(
        "ruled_roles",
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("set_at", Instant, nullable=False),
        sa.Column("set_by_id", Id, nullable=False),
        *_references("ruled_roles", set_by_id="accounts"),
        sa.PrimaryKeyConstraint("unit", "role", name=op.f("pk_ruled_roles")),
    )
    op.create_table(
        "hand_outs",
        sa.Column("id", Id, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("undone_at", Instant, nullable=True),
        sa.Column("undone_by_id", Id, nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_hand_outs_undone")),
        *_references("hand_outs", by_id="accounts", undone_by_id="accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_outs")),
    )
    op.create_index("ix_hand_outs_unit", "hand_outs", ["unit", "id"])
    op.create_table(
        "hand_out_lines",
        sa.Column("hand_out_id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=False),
        sa.Column("before_id", Id, nullable=True),
        sa.Column("after_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("claim_id", Id, nullable=True),
        sa.Column("fault", sa.String(32), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.CheckConstraint("fault = '' OR NOT returned", name=op.f("ck_hand_out_lines_returned")),
        *_references(
            "hand_out_lines",
            hand_out_id="hand_outs",
            dossier_id="dossiers",
            before_id="accounts",
            after_id="accounts",
            claim_id="claims",
        ),
        sa.PrimaryKeyConstraint("hand_out_id", "dossier_id", name=op.f("pk_hand_out_lines")),
    )
    op.create_index("ix_events_actor", "events", ["actor_id", "at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_events_actor", "events")
    for table in ("hand_out_lines", "hand_outs", "ruled_roles", "work_profiles"):
        op.drop_table(table)
