"""The tables of the law that the office makes itself: what it has published, and the drafts on the way there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Id

_PROCEDURES = "kind = 'procedure'"


class Publication(Base):
    """One published version: appended only, each row bound to the one before by its hash.

    `name` is what the text is about: of a procedure its code. A text is kept as it was written, letter by letter.
    Of a procedure each version is published once; what else an office keeps may be corrected under its date in force.
    """

    __tablename__ = "publications"
    __table_args__ = (
        Index(
            "uq_publications_version",
            "name",
            "begins",
            unique=True,
            sqlite_where=text(_PROCEDURES),
            postgresql_where=text(_PROCEDURES),
        ),
        Index("ix_publications_name", "kind", "name", "seq"),
        CheckConstraint("kind <> 'procedure' OR (decision_number <> '' AND decided_on IS NOT NULL)", name="decided"),
    )

    #: Gapless and in the order of commits: the highest number says how much there is.
    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    sector: Mapped[str | None] = mapped_column(String(16))
    slug: Mapped[str | None] = mapped_column(String(64))
    #: The date in force.
    begins: Mapped[date]
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    decision_number: Mapped[str] = mapped_column(String(100))
    decided_on: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: The version that was in force until then, and what differs from it: [{"vi", "en"}].
    replaces: Mapped[date | None]
    diff: Mapped[list[Any]]
    hash: Mapped[str] = mapped_column(String(64))

    published_by: Mapped[Account] = relationship()


class LawDraft(Base):
    """A text on its way to publication; its words are those of its newest revision."""

    __tablename__ = "law_drafts"
    __table_args__ = (Index("ix_law_drafts_name", "kind", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    sector: Mapped[str | None] = mapped_column(String(16))
    slug: Mapped[str | None] = mapped_column(String(64))
    #: The version it was copied from.
    based_on: Mapped[date | None]
    revision: Mapped[int]
    created_at: Mapped[datetime]

    revisions: Mapped[list[LawDraftRevision]] = relationship(
        order_by="LawDraftRevision.number", cascade="all, delete-orphan", passive_deletes=True
    )


class LawDraftRevision(Base):
    """What one author saved; two who save the same number at once cannot both succeed."""

    __tablename__ = "law_draft_revisions"

    draft_id: Mapped[int] = mapped_column(ForeignKey("law_drafts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The date in force it is meant for, as far as it is known.
    begins: Mapped[date | None]
    text: Mapped[str]
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))

    saved_by: Mapped[Account] = relationship()
