"""The tables of bulk orders: one action that somebody ordered for several dossiers, and what came of it for each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Dossier, Id, index_where


class BulkOrder(Base):
    """One errand for several dossiers; until `done_at` the row is the memory of the work."""

    __tablename__ = "bulk_orders"
    __table_args__ = (
        index_where("done_at IS NULL", "ix_bulk_orders_waiting", "id"),
        Index("ix_bulk_orders_ordered_by", "ordered_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    #: In the address, and with the form: the same form sent twice orders once.
    key: Mapped[str] = mapped_column(String(32), unique=True)
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    errand: Mapped[str] = mapped_column(String(32))
    #: What it asks for, said once for all; and who is to have the dossiers, where they are assigned.
    words: Mapped[str] = mapped_column(default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    ordered_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    ordered_by: Mapped[Account] = relationship(foreign_keys=[ordered_by_id], lazy="joined")
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])


class BulkItem(Base):
    """One dossier of an order; `settled_at` once it was gone through, `refusal` the code of why it was not done."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        CheckConstraint("refusal IS NULL OR settled_at IS NOT NULL", name="refused"),
        index_where("settled_at IS NULL", "ix_bulk_items_waiting", "order_id", "place"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("bulk_orders.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    #: The last event of the dossier that was seen when this was ordered; a newer one is not passed over.
    seen: Mapped[int]
    settled_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(String(64))

    dossier: Mapped[Dossier] = relationship()
