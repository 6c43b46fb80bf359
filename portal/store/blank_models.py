"""The table of receipts printed ahead, and of the dossiers that were taken down on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Base, Dossier, Slip, index_where


class BlankReceipt(Base):
    """One blank receipt; the paper itself, with whether it was voided, is its slip."""

    __tablename__ = "blank_receipts"
    __table_args__ = (
        UniqueConstraint("unit", "year", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(dossier_id IS NULL) = (entered_at IS NULL)", name="entered"),
        index_where("entered_at IS NULL", "ix_blank_receipts_open", "unit", "slip_id"),
    )

    slip_id: Mapped[int] = mapped_column(ForeignKey("slips.id"), primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    number: Mapped[int]
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: The dossier that was taken down on it, and when that was entered.
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    entered_at: Mapped[datetime | None]

    slip: Mapped[Slip] = relationship(lazy="joined", innerjoin=True)
    dossier: Mapped[Dossier | None] = relationship(lazy="joined")
