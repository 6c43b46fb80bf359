"""The tables of the desk: who had a dossier, and who has read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Id


class Claim(Base):
    """That another account, or none, has a dossier from now on: appended only.

    A claim ends by itself, without a row, when the dossier passes to another step, role or unit: the event says so.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("claiming IN ('take', 'take_over', 'release', 'assign')", name="claiming"),
        CheckConstraint("(claiming = 'release') = (holder_id IS NULL)", name="holder"),
        Index("ix_claims_dossier", "dossier_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    at: Mapped[datetime]
    claiming: Mapped[str] = mapped_column(String(16))
    #: Who has it from then on, and who did that; None is the portal.
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    holder: Mapped[Account | None] = relationship(foreign_keys=[holder_id])
    by: Mapped[Account | None] = relationship(foreign_keys=[by_id])


class Reading(Base):
    """That somebody who is not its owner has read something of a dossier: once in half an hour, appended only."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("dossier_id", "account_id", "turn", "what", "of"),
        CheckConstraint("what IN ('page', 'file', 'paper', 'sensitive')", name="what"),
        Index("ix_readings_dossier", "dossier_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: As they were then.
    role: Mapped[str] = mapped_column(String(32))
    unit: Mapped[str | None] = mapped_column(String(64))
    #: The half hour, counted since 1970, and the first time in it.
    turn: Mapped[int]
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(16))
    #: Which file or paper (its id), or which answer (its name in the form); '' for the page.
    of: Mapped[str] = mapped_column(String(128))

    account: Mapped[Account] = relationship()


class SavedView(Base):
    """A queue with what narrows it, under a name that somebody of the desk gave it."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(60))
    #: As they stand in the address of the page: the queue and what narrows it.
    shows: Mapped[dict[str, Any]]
