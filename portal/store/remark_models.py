"""The tables of what officers write at the desk for one another: what they found of each paper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base


class Finding(Base):
    """How one component of a dossier was found to be at one step of its route."""

    __tablename__ = "findings"
    __table_args__ = (CheckConstraint("found IN ('', 'ok', 'missing', 'wrong')", name="found"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    component: Mapped[str] = mapped_column(String(64), primary_key=True)
    found: Mapped[str] = mapped_column(String(8))
    #: A code from the procedure's list, '' for none.
    reason: Mapped[str] = mapped_column(String(64), default="")
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))

    by: Mapped[Account] = relationship(lazy="joined")
