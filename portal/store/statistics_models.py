"""The tables of the statistics: a projection of the events, which can be thrown away and made again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.models import Base, Id

#: Stands for every unit, procedure or channel in a count's key.
ALL = "*"


class Mark(Base):
    """How far the projection has read: the one row with the last event's position and instant."""

    __tablename__ = "stat_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Id)
    at: Mapped[datetime | None]


class Fact(Base):
    """One dossier as its events have told so far; the columns are those of `Course`."""

    __tablename__ = "stat_facts"
    __table_args__ = (
        Index("ix_stat_facts_received", "received_on", "dossier_id"),
        Index("ix_stat_facts_unit_received", "unit", "received_on", "dossier_id"),
        Index("ix_stat_facts_ended", "ended_on", "dossier_id"),
        Index("ix_stat_facts_unit_ended", "unit", "ended_on", "dossier_id"),
        Index(
            "ix_stat_facts_second_supplement",
            "second_supplement_on",
            "dossier_id",
            sqlite_where=text("second_supplement_on IS NOT NULL"),
            postgresql_where=text("second_supplement_on IS NOT NULL"),
        ),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True, autoincrement=False)
    procedure: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8))
    further: Mapped[bool] = mapped_column(default=False, server_default=false())
    unit: Mapped[str] = mapped_column(String(64))
    day: Mapped[date]
    step: Mapped[str] = mapped_column(String(32))
    at_unit: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answered: Mapped[bool]
    received_on: Mapped[date | None]
    due_on: Mapped[date | None]
    spell_since: Mapped[date | None]
    waiting_since: Mapped[date | None]
    supplements: Mapped[int]
    second_supplement_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(String(8))


class Spell(Base):
    """Days at whose end a dossier was open with the same due day; `until` comes after them, NEVER while they last."""

    __tablename__ = "stat_spells"
    __table_args__ = (
        Index("ix_stat_spells_until", "until", "since"),
        Index("ix_stat_spells_unit_until", "unit", "until", "since"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True, autoincrement=False)
    since: Mapped[date] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    procedure: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8))
    until: Mapped[date]
    due_on: Mapped[date]
    waiting: Mapped[bool]


class Count(Base):
    """What was counted in one year, month or day ('Y', 'M', 'D', from `start`).

    Each of unit, procedure and channel may be ALL; over all units a bundle counts once, by its first leg. The figure at
    the end of a day is the sum of the whole years, months and days up to it, so it costs the same however many dossiers
    there are.
    """

    __tablename__ = "stat_counts"
    __table_args__ = (
        Index("ix_stat_counts_by_procedure", "unit", "channel", "grain", "start", "procedure"),
        # The key is the table's order: what one figure needs lies together.
        {"sqlite_with_rowid": False},
    )

    procedure: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    grain: Mapped[str] = mapped_column(String(1), primary_key=True)
    start: Mapped[date] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_online: Mapped[int]
    received_counter: Mapped[int]
    early: Mapped[int]
    on_time: Mapped[int]
    late: Mapped[int]
    over: Mapped[int]
    second_supplements: Mapped[int]


class Standing(Base):
    """How many unfinished dossiers stand at a step with the same due day (NEVER: none yet), and whose turn it is."""

    __tablename__ = "stat_standings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    procedure: Mapped[str] = mapped_column(String(32), primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    turn: Mapped[str] = mapped_column(String(12), primary_key=True)
    phase: Mapped[str] = mapped_column(String(8), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    dossiers: Mapped[int]
