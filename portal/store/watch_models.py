"""The tables of the watch: who was warned of what, and the apologies that wait to be signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base, index_where


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
