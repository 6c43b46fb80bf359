"""Keep with every row of a ledger the fact that its date follows from, so that the date can be counted again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: For rows of before: a count began when it was written, a pause when what it waited for had been asked.
_WAITED_FOR = {"supplement_resume": ("supplements", "answered_at"), "duty_resume": ("duties", "confirmed_at")}


def upgrade() -> None:
    """The time the law does not count or counts from, the term, and the interval."""
    with op.batch_alter_table("due_changes") as rows:
        rows.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        rows.add_column(sa.Column("until", sa.DateTime(timezone=True), nullable=True))
        rows.add_column(sa.Column("term", sa.Text(), nullable=True))
        rows.add_column(sa.Column("interval", sa.String(48), nullable=False, server_default=sa.text("''")))
    op.execute("UPDATE due_changes SET since = at")
    for reason, (table, settled) in _WAITED_FOR.items():
        asked = f"""SELECT MAX(asked_at) FROM {table} AS waited
            WHERE waited.dossier_id = due_changes.dossier_id AND waited.{settled} = due_changes.at"""  # noqa: S608
        op.execute(
            f"UPDATE due_changes SET since = COALESCE(({asked}), at), until = at WHERE reason = '{reason}'"  # noqa: S608
        )
    with op.batch_alter_table("due_changes") as rows:
        rows.alter_column("since", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("due_changes") as rows:
        for name in ("interval", "term", "until", "since"):
            rows.drop_column(name)
