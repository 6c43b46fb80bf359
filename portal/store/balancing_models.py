"""The tables of work balancing: who is away, and who stands in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Id


class Absence(Base):
    """Days on which somebody is away, both included, and who acts in their place; ended where they are back before."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("since <= until", name="days"),
        CheckConstraint("deputy_id IS NULL OR deputy_id <> account_id", name="deputy"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        Index("ix_absences_unit", "unit", "until"),
        Index("ix_absences_account", "account_id", "until"),
        Index("ix_absences_deputy", "deputy_id", "until"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: The account's, when it was written down.
    unit: Mapped[str] = mapped_column(String(64))
    since: Mapped[date]
    until: Mapped[date]
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    deputy: Mapped[Account | None] = relationship(foreign_keys=[deputy_id])
