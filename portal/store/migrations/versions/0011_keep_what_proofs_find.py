"""Keep when the log, the ledgers and the dossiers were proven to agree, and what was found wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "proofs",
        sa.Column("id", Id, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("rotated_to", sa.BigInteger(), nullable=False),
        sa.Column("dossiers", sa.Integer(), nullable=False),
        sa.Column("flaws", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    op.create_table(
        "proof_flaws",
        sa.Column("id", Id, nullable=False),
        sa.Column("dossier_id", Id, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("found_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_proof_flaws_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_flaws")),
    )
    op.create_index(op.f("ix_proof_flaws_dossier_id"), "proof_flaws", ["dossier_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("proof_flaws")
    op.drop_table("proofs")
