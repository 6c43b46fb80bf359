"""The tables of work balancing: who is away and who stands in, what people can be given, and what they were given."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.models import Account, Base, Dossier, Id


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


class WorkProfile(Base):
    """What somebody can be given: how many dossiers at once, of which sectors or procedures, from which communes."""

    __tablename__ = "work_profiles"
    __table_args__ = (CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    #: None: as many as come.
    capacity: Mapped[int | None]
    #: Sectors or codes of procedures; communes; none is all.
    skills: Mapped[list[Any]] = mapped_column(default=list)
    places: Mapped[list[Any]] = mapped_column(default=list)
    set_at: Mapped[datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class RuledRole(Base):
    """A role at a unit whose dossiers a rule hands to a person as they come; without a row they are free to take."""

    __tablename__ = "ruled_roles"

    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    set_at: Mapped[datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class HandOut(Base):
    """Some dossiers given to people in one go, by hand or by rule; can be taken back once."""

    __tablename__ = "hand_outs"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone"),
        Index("ix_hand_outs_unit", "unit", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    by: Mapped[Account] = relationship(foreign_keys=[by_id])
    lines: Mapped[list[HandOutLine]] = relationship(order_by="HandOutLine.dossier_id")


class HandOutLine(Base):
    """What came of one dossier: who had it, who has it; or why it stayed, in which case nobody was given it."""

    __tablename__ = "hand_out_lines"
    __table_args__ = (CheckConstraint("fault = '' OR NOT returned", name="returned"),)

    hand_out_id: Mapped[int] = mapped_column(ForeignKey("hand_outs.id"), primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    before_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    after_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: The number of the dossier's last event, and of the last row about who has it, when it was given.
    seq: Mapped[int]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"))
    #: Why it was not given, '' where it was.
    fault: Mapped[str] = mapped_column(String(32), default="")
    #: Whether it was taken back when the hand-out was undone.
    returned: Mapped[bool] = mapped_column(default=False)

    dossier: Mapped[Dossier] = relationship()
    before: Mapped[Account | None] = relationship(foreign_keys=[before_id])
    after: Mapped[Account] = relationship(foreign_keys=[after_id])
