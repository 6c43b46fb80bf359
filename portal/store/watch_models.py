"""The tables of the watch: who was warned of what, apologies that wait to be signed, proofs and what they found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base, Id, index_where


class StepWarning(Base):
    """That so much of a step's time had passed: once for each stay of a dossier at a step, and each level."""

    __tablename__ = "step_warnings"
    __table_args__ = (
        CheckConstraint("level IN (50, 80, 100)", name="level"),
        # Those that are still to be told of in a message.
        index_where("level = 100 AND told_at IS NULL", "ix_step_warnings_untold", "holder_unit", "holder_role"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    #: By when the step was to be done, and whose it was.
    act_by: Mapped[datetime]
    holder_role: Mapped[str] = mapped_column(String(32))
    holder_unit: Mapped[str] = mapped_column(String(64))
    sector: Mapped[str] = mapped_column(String(16))
    told_at: Mapped[datetime | None]


class ApologyPreparation(Base):
    """An apology (slip 04) that the portal prepared for a due date; settled once it is signed or no longer needed."""

    __tablename__ = "apology_preparations"
    __table_args__ = (CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    #: The date that may not be kept, and the one that the work still to be done leads to.
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    promised: Mapped[datetime]
    prepared_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    #: The action that settled it.
    settled_by: Mapped[str | None] = mapped_column(String(32))


class WatchCount(Base):
    """By which calendars it was counted, to the end, when the watch looks at each dossier; the newest row holds."""

    __tablename__ = "watch_counts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    calendars: Mapped[str] = mapped_column(String(64))
    counted_at: Mapped[datetime]


class Proof(Base):
    """One proof that came to its end: how far the log was read, and where the rotation through the others stands."""

    __tablename__ = "proofs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    read_to: Mapped[int] = mapped_column(BigInteger)
    rotated_to: Mapped[int] = mapped_column(BigInteger)
    dossiers: Mapped[int]
    flaws: Mapped[int]


class ProofFlaw(Base):
    """Something found wrong that still is; without a dossier it is about the publications of the law."""

    __tablename__ = "proof_flaws"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), index=True)
    seq: Mapped[int]
    what: Mapped[str] = mapped_column(String(16))
    found_at: Mapped[datetime]
