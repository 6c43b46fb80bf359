"""The tables of the register: books by unit, sector and year, and the dossiers entered in them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base, Id

#: The places that count, as statements say it that the index of them serves.
STANDS: Final = "left_at IS NULL"


class RegisterBook(Base):
    """The register of a unit in a sector for a year; once locked nothing is entered in it any more."""

    __tablename__ = "register_books"
    __table_args__ = (
        UniqueConstraint("unit", "sector", "year"),
        CheckConstraint("entries >= 0", name="entries"),
        CheckConstraint("locked_by_id IS NULL OR locked_at IS NOT NULL", name="locked_by"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    sector: Mapped[str] = mapped_column(String(16))
    year: Mapped[int]
    #: How many there are, and so the last number.
    entries: Mapped[int]
    locked_at: Mapped[datetime | None]
    #: Who locked it; None: the portal, in the new year.
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class RegisterEntry(Base):
    """One dossier's place in a book, for ever; it has another one where it was entered in the wrong book."""

    __tablename__ = "register_entries"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        # A dossier has one place that counts.
        Index(
            "ix_register_entries_dossier",
            "dossier_id",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
    )

    book_id: Mapped[int] = mapped_column(ForeignKey("register_books.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    #: Since when the dossier stands in another book, because its unit or sector was corrected.
    left_at: Mapped[datetime | None]
