"""The tables: what the portal remembers about accounts, dossiers and all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.domain.access import Role
from portal.domain.flow import HANDS_ON, OPEN, RUNNING, Status
from portal.domain.queues import Which
from portal.domain.slips import SlipKind


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody could say which zone it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FileName(String):
    """The SHA-256 by which a row names a file of the store: a file that no such column names is nobody's."""

    def __init__(self) -> None:
        super().__init__(64)


Json = JSON().with_variant(JSONB(), "postgresql")
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")


def index_where(rows: str, name: str, *columns: str) -> Index:
    """An index of these rows alone, on both databases."""
    return Index(name, *columns, sqlite_where=text(rows), postgresql_where=text(rows))


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        date: Date(),
        dict[str, Any]: Json,
        list[Any]: Json,
        str: Text(),
    }


class Account(Base):
    """Somebody who can sign in, in one role, staff at one unit."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL OR username IS NOT NULL", name="reachable"),
        Index("ix_accounts_unit_role", "unit", "role"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(String(32))
    unit: Mapped[str | None] = mapped_column(String(64))
    full_name: Mapped[str]
    personal_number: Mapped[str | None] = mapped_column(String(12), unique=True)
    birth_date: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(String(8))
    commune: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(2), default="vi")
    active: Mapped[bool] = mapped_column(default=True)
    confirmed_at: Mapped[datetime | None]
    #: Raised when all sessions of the account must end (password changed).
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Tries(Base):
    """How often something secret was guessed at: a password or a code, of an account that may not even exist."""

    __tablename__ = "tries"

    #: A digest of what was guessed at.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class Draft(Base):
    """What somebody is filling in: a new dossier, or the answer to a supplement; becomes part of a dossier once."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_author_updated", "author_id", "updated_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    #: In addresses instead of the id, so that drafts cannot be counted.
    key: Mapped[str] = mapped_column(String(32), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    procedure: Mapped[str] = mapped_column(String(32))
    version: Mapped[date]
    #: The version it was started with, where a later one has come into force meanwhile.
    moved_from: Mapped[date | None]
    unit: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(8))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Papers handed in at the counter: {component: {"original": 1, "copy": 2}}.
    papers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The group of people who are helped first that the applicant belongs to, as noted at the counter.
    priority: Mapped[str | None] = mapped_column(String(16))
    #: The consent under which somebody fills it in for another person.
    helping_id: Mapped[int | None] = mapped_column(ForeignKey("helpings.id"), index=True)
    visited: Mapped[list[Any]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    #: The stopped dossier in whose place this one is to stand.
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))

    attachments: Mapped[list[Attachment]] = relationship(back_populates="draft", order_by="Attachment.id")


def _is_one_of(statuses: Iterable[Status]) -> str:
    return f"status IN ({', '.join(str(int(status)) for status in sorted(statuses))})"


#: Which dossiers lie in the queues of a desk, in the words of the partial indexes: a statement that says the same of
#: them is served by these.
LIES: Final[Mapping[Which, str]] = {
    Which.TO_DO: _is_one_of(OPEN - {Status.RESOLVED}),
    Which.NEW: f"status = {int(Status.REGISTERED)}",
    Which.NEXT_DAY: f"status = {int(Status.RECEIVED)} AND next_day",
    Which.CONSULTED: "consulting",
    Which.APPLICANTS: f"holder_role = '{Role.CITIZEN}'",
    Which.TO_FETCH: _is_one_of({Status.RESOLVED}),
    Which.ALL: _is_one_of(OPEN),
}
_OF_ROLE = ("holder_unit", "holder_role", "act_by", "id")
_LAND = "AND sector = 'land'"


class Dossier(Base):
    """One application from submission to result (hồ sơ)."""

    __tablename__ = "dossiers"
    __table_args__ = (
        CheckConstraint("status BETWEEN 1 AND 10", name="status"),
        CheckConstraint("(received_at IS NULL) = (code IS NULL)", name="code_from_reception_on"),
        CheckConstraint("(received_at IS NULL) = (due_at IS NULL)", name="due_from_reception_on"),
        CheckConstraint("(due_at IS NULL) = (due_on IS NULL)", name="due_day"),
        CheckConstraint("(ended_at IS NULL) = (ended_on IS NULL)", name="end_day"),
        CheckConstraint("status NOT IN (2, 4, 6, 9, 10) OR received_at IS NOT NULL", name="received"),
        CheckConstraint("status NOT IN (9, 10) OR ended_at IS NOT NULL", name="ended"),
        CheckConstraint("status NOT IN (5, 6) OR received_at IS NULL OR held_since IS NOT NULL", name="held"),
        CheckConstraint("status <> 10 OR handed_over_at IS NOT NULL", name="handed_over"),
        CheckConstraint("fee IS NULL OR fee >= 0", name="fee"),
        CheckConstraint("channel IN ('online', 'counter', 'post')", name="channel"),
        CheckConstraint("(lead_id IS NULL) = (leg = '')", name="leg"),
        CheckConstraint("(lead_id IS NULL) = (begins_by IS NULL)", name="leg_begins"),
        CheckConstraint("total_due_at IS NULL OR (lead_id IS NULL AND received_at IS NOT NULL)", name="total"),
        # The queues of a role at a unit: open dossiers in the order in which they must be acted on. Those that wait to
        # be fetched, some for years, lie apart and are in nobody's way.
        index_where(LIES[Which.TO_DO], "ix_dossiers_queue", *_OF_ROLE),
        index_where(LIES[Which.NEW], "ix_dossiers_new", *_OF_ROLE),
        index_where(LIES[Which.NEXT_DAY], "ix_dossiers_next_day", *_OF_ROLE),
        index_where(LIES[Which.CONSULTED], "ix_dossiers_consulting", *_OF_ROLE),
        index_where(LIES[Which.TO_FETCH], "ix_dossiers_to_fetch", *_OF_ROLE),
        # Of a unit whoever holds them, and over all units: what the land registry looks at.
        index_where(LIES[Which.ALL], "ix_dossiers_unit_open", "desk_unit", "act_by", "id"),
        index_where(LIES[Which.APPLICANTS], "ix_dossiers_waiting", "desk_unit", "act_by", "id"),
        index_where(f"{LIES[Which.ALL]} {_LAND}", "ix_dossiers_land_open", "act_by", "id"),
        index_where(f"{LIES[Which.APPLICANTS]} {_LAND}", "ix_dossiers_land_waiting", "act_by", "id"),
        # What the watch looks at next; those whose holder and head were warned; those whose apology waits to be signed.
        index_where("watch_at IS NOT NULL", "ix_dossiers_watch", "watch_at", "id"),
        index_where("warned > 0", "ix_dossiers_warned", "holder_unit", "act_by", "id"),
        index_where("apology_by IS NOT NULL", "ix_dossiers_apology", "holder_unit", "apology_by", "id"),
        # Those whose term runs, by their due day: the first ones may have passed it.
        index_where(_is_one_of(RUNNING), "ix_dossiers_running", "due_on", "id"),
        # Those that an account has taken.
        index_where("holder_id IS NOT NULL", "ix_dossiers_held", "holder_id", "act_by", "id"),
        Index("ix_dossiers_owner", "owner_id", "id"),
        index_where("helper_id IS NOT NULL", "ix_dossiers_helper", "helper_id", "id"),
        Index("ix_dossiers_unit_received", "unit", "received_at"),
        index_where("lead_id IS NOT NULL", "ix_dossiers_legs", "lead_id", "leg"),
        # Those of one person or about one parcel, to find the same matter handed in twice.
        index_where("applicant_number <> ''", "ix_dossiers_person", "applicant_number", "procedure", "submitted_at"),
        index_where("parcel <> ''", "ix_dossiers_parcel", "parcel", "procedure", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    #: Random, public from submission on: in the QR and the public tracking address.
    registration: Mapped[str] = mapped_column(String(24), unique=True)
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    procedure: Mapped[str] = mapped_column(String(32))
    version: Mapped[date]
    #: The case of the version's term that applies, from reception on; '' is the ordinary one.
    term_case: Mapped[str] = mapped_column(String(48), default="", server_default=text("''"))
    #: Of a bundle, the dossier of its first leg, and which leg this one is; '' is the first, or a dossier by itself.
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    leg: Mapped[str] = mapped_column(String(48), default="", server_default=text("''"))
    #: The dossier that was stopped because of an error at intake, in whose place this one stands.
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    sector: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(8))
    #: The unit that received it (before: where it was handed in); another one only where that was entered wrongly.
    unit: Mapped[str] = mapped_column(String(64))
    #: The unit it is at now: the same, or its successor.
    desk_unit: Mapped[str] = mapped_column(String(64))
    #: The commune of the parcel or the applicant's address, which decides the successor of a district's dossier.
    commune: Mapped[str | None] = mapped_column(String(64))

    status: Mapped[int]
    step: Mapped[str] = mapped_column(String(32))
    step_since: Mapped[datetime]
    #: Who has to act now ("3 rõ"): the role and unit, the account if one took it, and by when.
    holder_role: Mapped[str | None] = mapped_column(String(32))
    holder_unit: Mapped[str | None] = mapped_column(String(64))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    act_by: Mapped[datetime | None]

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: Who handed it in for its owner, while the owner's consent lasts.
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    applicant_name: Mapped[str]
    applicant_number: Mapped[str] = mapped_column(String(12), default="")
    applicant_phone: Mapped[str] = mapped_column(String(20), default="")
    applicant_email: Mapped[str] = mapped_column(default="")
    applicant_address: Mapped[str] = mapped_column(default="")
    #: The words that the desk finds it by, see `domain.lookup`; `DossierWord` is the index of them.
    search: Mapped[str] = mapped_column(default="")
    #: Kept with the first leg of a bundle alone, for all of them: see `answers` and `papers`.
    own_answers: Mapped[dict[str, Any]] = mapped_column("answers", default=dict)
    own_papers: Mapped[dict[str, Any]] = mapped_column("papers", default=dict)
    delivery: Mapped[str] = mapped_column(String(16), default="one_stop")
    #: The parcel it is about, as commune/sheet/number, by which the same matter is found handed in twice; '' for none.
    parcel: Mapped[str] = mapped_column(String(128), default="", server_default=text("''"))
    #: The group of people who are helped first that the applicant belongs to (see `domain.priority`).
    priority: Mapped[str | None] = mapped_column(String(16))
    #: Whether the applicant wants no letter with the result.
    letter_declined: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    fee: Mapped[int | None]
    fee_lines: Mapped[list[Any]] = mapped_column(default=list)
    fee_paid: Mapped[bool] = mapped_column(default=False)

    submitted_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    due_provisional: Mapped[bool] = mapped_column(default=False)
    #: By when a further leg begins at the latest; and, on the first leg, by when all of them are done.
    begins_by: Mapped[datetime | None]
    total_due_at: Mapped[datetime | None]
    #: Since when the clock is held in status 5 or 6.
    held_since: Mapped[datetime | None]
    #: The day by which the applicant was asked to answer or to pay.
    answer_by: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    handed_over_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(16))
    supplement_rounds: Mapped[int] = mapped_column(default=0)
    answered_early: Mapped[bool] = mapped_column(default=False)
    withdrawal_asked: Mapped[bool] = mapped_column(default=False)
    #: Received after 15:00, so that it is passed on in the morning; and whether an opinion of another body is awaited.
    next_day: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    consulting: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: Whether a further round of supplements waits for a head to allow it.
    supplement_proposed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    #: When the watch has to look at it next; of which share of the step's time, in percent, its holder was warned; and
    #: until when the apology that was prepared for it can be signed.
    watch_at: Mapped[datetime | None]
    warned: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    apology_by: Mapped[datetime | None]

    seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")
    revision: Mapped[int] = mapped_column(Integer)

    #: Brought along with every further leg, which has nothing to say without it.
    lead: Mapped[Dossier | None] = relationship(remote_side=[id], foreign_keys=[lead_id], lazy="selectin", join_depth=1)
    owner: Mapped[Account | None] = relationship(foreign_keys=[owner_id])
    holder: Mapped[Account | None] = relationship(foreign_keys=[holder_id])
    events: Mapped[list[Event]] = relationship(back_populates="dossier", order_by="Event.seq")
    due_changes: Mapped[list[DueChange]] = relationship(order_by="DueChange.id")
    intervals: Mapped[list[Interval]] = relationship(order_by="Interval.id")
    supplements: Mapped[list[Supplement]] = relationship(order_by="Supplement.id")
    proposals: Mapped[list[Proposal]] = relationship(order_by="Proposal.id")
    duties: Mapped[list[Duty]] = relationship(order_by="Duty.id")
    payments: Mapped[list[Payment]] = relationship(order_by="Payment.id")
    attachments: Mapped[list[Attachment]] = relationship(back_populates="dossier", order_by="Attachment.id")
    slips: Mapped[list[Slip]] = relationship(back_populates="dossier", order_by="Slip.id")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 (SQLAlchemy declares it an instance variable)

    @property
    def head(self) -> Dossier:
        """The first leg of its bundle, which keeps what all legs share; itself if it stands alone."""
        if self.lead_id is None:
            return self
        assert self.lead is not None
        return self.lead

    @property
    def answers(self) -> dict[str, Any]:
        """The answers of the form; the legs of a bundle have the same."""
        return self.head.own_answers

    @answers.setter
    def answers(self, answers: dict[str, Any]) -> None:
        self.head.own_answers = answers

    @property
    def papers(self) -> dict[str, Any]:
        """The papers handed in at the counter, by component and shape; likewise."""
        return self.head.own_papers

    @papers.setter
    def papers(self, papers: dict[str, Any]) -> None:
        self.head.own_papers = papers

    @property
    def all_attachments(self) -> list[Attachment]:
        """Every file that came with it, or with the first leg of its bundle."""
        return self.attachments if self.head is self else [*self.head.attachments, *self.attachments]

    @property
    def files(self) -> list[Attachment]:
        """The files handed in; those of an answer that is not sent yet are no part of the dossier."""
        rounds = self.supplements if self.head is self else [*self.head.supplements, *self.supplements]
        unsent = {asked.id for asked in rounds if asked.answered_at is None}
        return [file for file in self.all_attachments if file.supplement_id not in unsent]

    @property
    def result(self) -> Slip | None:
        """The result that holds: the last one issued, unless it was taken back to be corrected."""
        if self.status not in (Status.RESOLVED, Status.HANDED_OVER):
            return None
        return next((slip for slip in reversed(self.slips) if SlipKind(slip.kind).is_result), None)

    @property
    def state(self) -> Status:
        """The status as the domain knows it."""
        return Status(self.status)


class DossierWord(Base):
    """By which word a dossier is found at which place: an index of `Dossier.search`, which alone says what is true.

    Words that a dossier is no longer found by stay. In the order of the key the dossiers of a word are those of one
    range, by the time at which they came.
    """

    __tablename__ = "dossier_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Ordered by its bytes on every database, so that the words that begin alike lie together.
    word: Mapped[str] = mapped_column(
        String(128).with_variant(String(128, collation="C"), "postgresql"), primary_key=True
    )
    dossier_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


#: Actions by which a dossier goes to another step, as statements write them out.
HANDING_ON = ", ".join(f"'{action}'" for action in sorted(HANDS_ON))


class Event(Base):
    """What happened to a dossier: appended only, each row bound to the one before by its hash."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        CheckConstraint("before IS NULL OR before BETWEEN 1 AND 10", name="before"),
        CheckConstraint("after BETWEEN 1 AND 10", name="after"),
        # What somebody did lately: by it their pace is measured.
        Index("ix_events_actor", "actor_id", "at"),
        # What of a day went from hand to hand at a unit.
        index_where(f"action IN ({HANDING_ON})", "ix_events_handed_on", "unit", "at"),
    )

    #: Gapless and in the order of commits, so that a reader with a watermark misses nothing.
    position: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(32))
    before: Mapped[int | None]
    after: Mapped[int]
    step: Mapped[str] = mapped_column(String(32))
    unit: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date | None]
    #: A code from the procedure's lists, never free text.
    reason: Mapped[str | None] = mapped_column(String(64))
    #: What was said to the applicant, and other plain values of this action; not exported.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str] = mapped_column(String(64))

    dossier: Mapped[Dossier] = relationship(back_populates="events")
    actor: Mapped[Account | None] = relationship()


class DueChange(Base):
    """One row of the ledger of a due date: the first promise and every change of it, with the fact behind it."""

    __tablename__ = "due_changes"
    __table_args__ = (Index("ix_due_changes_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    seq: Mapped[int]
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str]
    #: The time that the law does not count, or from when the term was counted; and the term, as text.
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    term: Mapped[str | None]
    #: The key of the interval that began or ended.
    interval: Mapped[str] = mapped_column(String(48), default="", server_default=text("''"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class Supplement(Base):
    """One round of asking for what is missing and getting it."""

    __tablename__ = "supplements"
    __table_args__ = (UniqueConstraint("dossier_id", "round"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    round: Mapped[int]
    after_reception: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(default="")
    #: [{"key", "component" | "section", "reason", "words"}]; without "reason" that of the round holds for the item.
    items: Mapped[list[Any]]
    answer_by: Mapped[date]
    #: What the applicant has written so far, by item key; sections hold new answers.
    replies: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The answers of the form that the answer to it has replaced, as they were; null for one that was not there.
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    answered_at: Mapped[datetime | None]
    #: When the applicant's time was over by law without an answer.
    lapsed_at: Mapped[datetime | None]
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]


class Proposal(Base):
    """A further round of supplements that an officer proposes and a head allows or not (NĐ 63/2010 Art 20.4)."""

    __tablename__ = "supplement_proposals"
    __table_args__ = (Index("ix_supplement_proposals_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(default="")
    items: Mapped[list[Any]]
    answer_by: Mapped[date]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    granted: Mapped[bool | None]


class Interval(Base):
    """A stretch of work that the law gives a length of its own: posting, measuring, the opinion of another body."""

    __tablename__ = "intervals"
    __table_args__ = (Index("ix_intervals_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    key: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(16))
    #: Who is asked for an opinion; what was said about the beginning, and what came of it.
    body: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: When it is over by law; None where the law names no length.
    limit_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))
    outcome_words: Mapped[str] = mapped_column(default="")
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]


class Duty(Base):
    """A financial duty asked for while the clock is held (nghĩa vụ tài chính)."""

    __tablename__ = "duties"
    __table_args__ = (Index("ix_duties_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount: Mapped[int | None]
    words: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    receipt_number: Mapped[str | None] = mapped_column(String(64))


class Payment(Base):
    """A fee paid at the counter: who took it, when, under which receipt number."""

    __tablename__ = "payments"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), UniqueConstraint("unit", "receipt_number"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    unit: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int]
    receipt_number: Mapped[str] = mapped_column(String(64))
    paid_at: Mapped[datetime]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class Attachment(Base):
    """A file handed in for a component (tệp); its bytes lie in the file store under their SHA-256."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("draft_id IS NOT NULL OR dossier_id IS NOT NULL", name="belongs"),
        Index("ix_attachments_draft", "draft_id"),
        Index("ix_attachments_dossier", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    #: Set while the file is the answer to an item of a supplement.
    supplement_id: Mapped[int | None] = mapped_column(ForeignKey("supplements.id"))
    component: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    pages: Mapped[int]
    sha256: Mapped[str] = mapped_column(FileName())
    thumbnail: Mapped[str | None] = mapped_column(FileName())
    #: The harmless copy that pages show, where the file as sent should not be shown.
    shown: Mapped[str | None] = mapped_column(FileName())
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    draft: Mapped[Draft | None] = relationship(back_populates="attachments")
    dossier: Mapped[Dossier | None] = relationship(back_populates="attachments")


class Slip(Base):
    """An official paper; without a file it waits to be rendered, and the row is the memory of that.

    It is about a dossier, or about the work of a unit: then `about` names what ('register/bao-yen/land/2026/01').

    A result may also have been signed outside the portal: then its file was attached, and nothing is rendered.
    """

    __tablename__ = "slips"
    __table_args__ = (
        Index("ix_slips_dossier", "dossier_id", "id"),
        index_where("rendered_at IS NULL", "ix_slips_waiting", "created_at"),
        CheckConstraint("(rendered_at IS NULL) = (sha256 IS NULL)", name="rendered"),
        CheckConstraint("(payload IS NULL) = (name IS NOT NULL)", name="made_here_or_attached"),
        CheckConstraint("name IS NULL OR sha256 IS NOT NULL", name="attached"),
        CheckConstraint("(payload IS NULL) = (issuer IS NULL)", name="sealed_here"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_why IS NULL)", name="revoked"),
        CheckConstraint("replaced_by_id IS NULL OR revoked_at IS NULL", name="replaced_or_revoked"),
        CheckConstraint("(dossier_id IS NULL) = (about IS NOT NULL)", name="about"),
        Index("ix_slips_digest", "digest"),
        index_where("about IS NOT NULL", "ix_slips_about", "about", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    about: Mapped[str | None] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[str] = mapped_column(String(64))
    #: All that the paper prints, frozen when it was made out; None for one that was made elsewhere and attached.
    payload: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)
    created_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(FileName())
    size: Mapped[int | None]
    rendered_at: Mapped[datetime | None]
    #: Why the last attempt failed: the class of the error only.
    fault: Mapped[str | None] = mapped_column(String(64))
    #: Whose seal it bears: the unit, for papers of its police with 'cong-an-' before it.
    issuer: Mapped[str | None] = mapped_column(String(64))
    #: SHA-256 of the data that the file carries, by which the token in its QR names it.
    digest: Mapped[str | None] = mapped_column(String(64))
    #: The paper that stands in its place; or since when and why it counts no longer without one.
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("slips.id"))
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]
    #: What an attached file is called, and the harmless copy that pages show where the file should not be shown.
    name: Mapped[str | None]
    shown: Mapped[str | None] = mapped_column(FileName())

    dossier: Mapped[Dossier | None] = relationship(back_populates="slips")
    replaced_by: Mapped[Slip | None] = relationship(remote_side=[id])


class Notice(Base):
    """A message to somebody (thông báo); without `sent_at` it waits to be sent. `fault` is why it did not leave."""

    __tablename__ = "notices"
    __table_args__ = (
        index_where("sent_at IS NULL AND failed_at IS NULL", "ix_notices_waiting", "next_attempt_at"),
        Index("ix_notices_dossier", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(64))


class Counter(Base):
    """A number that counts up without gaps: codes per unit and day, papers per unit and year, events."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(96), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
