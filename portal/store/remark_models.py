"""The tables of what officers write for one another: what they found of each paper, notes, templates for words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Id, index_where


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


class Note(Base):
    """What officers tell one another about a dossier: appended only, never shown to its applicant, never exported."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    words: Mapped[str]

    by: Mapped[Account] = relationship(lazy="joined")


class Phrase(Base):
    """A template for words of one unit; put away it is offered no more."""

    __tablename__ = "phrases"
    __table_args__ = (index_where("put_away_at IS NULL", "ix_phrases_unit", "unit", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    title: Mapped[str]
    words: Mapped[str]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    put_away_at: Mapped[datetime | None]
