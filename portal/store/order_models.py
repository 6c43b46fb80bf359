"""The tables of orders to move due dates after days off were announced: what each would move, and what it has moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.law_models import Publication
from portal.store.models import Account, Base, Id, index_where

_WAITING = "counted_at IS NULL OR (ordered_at IS NOT NULL AND done_at IS NULL)"


class CalendarOrder(Base):
    """What a change of the official calendar would do to dates promised before; nothing is moved until it is ordered.

    First all open dossiers are counted again, batch by batch (`counted_to`), which gives the rows of `calendar_moves`;
    once ordered, those are gone through. The row that is not at its end is the memory of the work.
    """

    __tablename__ = "calendar_orders"
    __table_args__ = (
        CheckConstraint("(ordered_at IS NULL) = (ordered_by_id IS NULL)", name="ordered"),
        CheckConstraint("done_at IS NULL OR ordered_at IS NOT NULL", name="done"),
        index_where(_WAITING, "ix_calendar_orders_waiting", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    publication_seq: Mapped[int] = mapped_column(ForeignKey("publications.seq"), unique=True)
    opened_at: Mapped[datetime]
    counted_to: Mapped[int] = mapped_column(BigInteger, default=0)
    counted_at: Mapped[datetime | None]
    examined: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[datetime | None]
    ordered_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None]

    publication: Mapped[Publication] = relationship(lazy="joined")
    ordered_by: Mapped[Account | None] = relationship(lazy="joined")


class CalendarMove(Base):
    """What an order would do to one dossier; `settled_at` once it was gone through, `moved` whether it did move it."""

    __tablename__ = "calendar_moves"

    order_id: Mapped[int] = mapped_column(ForeignKey("calendar_orders.id"), primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    moved: Mapped[bool | None]
