"""Who helps whom: the consent that the owner of a dossier gave to a helper, asked for, given by code, and ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Id


class Helping(Base):
    """A helper asked somebody for consent to hand in dossiers for them; they agree by a code, and may end it."""

    __tablename__ = "helpings"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR agreed_at IS NOT NULL", name="ended"),
        Index("ix_helpings_helper", "helper_id", "id"),
        Index("ix_helpings_owner", "owner_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    helper_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: None for somebody without an account: then the consent is for one dossier.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: What the helper calls them, and where the code was sent.
    owner_name: Mapped[str]
    contact: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    helper: Mapped[Account] = relationship(foreign_keys=[helper_id])
