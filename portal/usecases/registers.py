"""The register book: who may look at it, what it says, and how it is closed when its year is over.

A dossier is entered at its reception, for ever; where its unit or sector was corrected, its line stays with a note and
it is entered in the right book too. While a book is open its lines tell how each dossier stands, and a
volume can be printed as it stands. Once the year is over the book is locked, by its leader or by the portal: each
volume is then made out as it stands at that moment, sealed, and never made out again, as a volume of paper goes to the
archive. What comes later, such as a result handed over in the new year, is told by the lines on the page and by the
dossier's own papers, not by the sealed volume. A dossier whose reception comes to light after the lock (a day without
network) stands in the next book, with a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import registers, slips, words
from portal.domain.access import Actor
from portal.domain.casework import Decision
from portal.domain.errors import Conflict, NotFound
from portal.domain.flow import Action, Status
from portal.domain.slips import RegisterLine, SlipKind
from portal.store import registers as store
from portal.store.database import reading, transaction
from portal.store.models import Slip
from portal.store.register_models import RegisterBook
from portal.store.registers import Entered
from portal.usecases import custody, law, letterheads, tracking, unit_papers
from procedures.model import Channel, Sector

PAGE: Final = 50

#: Column 13, in few words.
DELIVERIES: Final = {"one_stop": "Trực tiếp", "post": "Bưu chính công ích", "online": "Trực tuyến"}
CHANNELS: Final = {Channel.ONLINE: "Nộp trực tuyến", Channel.POST: "Nộp qua bưu chính"}


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of a book: its name, its numbers, and the paper that was last made out of it."""

    name: str
    first: int
    last: int
    paper: Slip | None


@dataclass(frozen=True, slots=True)
class OpenedBook:
    """A book as somebody has it before their eyes: some of its lines, and where the pages beside it begin."""

    book: RegisterBook
    volumes: tuple[Volume, ...]
    lines: tuple[tuple[RegisterLine, str], ...]
    can_be_locked: bool

    @property
    def before(self) -> int | None:
        """The first number of the page before, None on the first one."""
        first = self.lines[0][0].number if self.lines else 1
        return max(first - PAGE, 1) if first > 1 else None

    @property
    def after(self) -> int | None:
        """The first number of the page after, None on the last one."""
        last = self.lines[-1][0].number if self.lines else self.book.entries
        return last + 1 if last < self.book.entries else None


def books(actor: Actor) -> Sequence[RegisterBook]:
    """The books that somebody's unit keeps, its own and those of the units it succeeded, the newest first."""
    if actor.unit is None:
        return ()
    with reading() as session:
        return store.books(session, _kept_by(actor.unit))


def open_book(actor: Actor, book_id: int, first: int, at: datetime) -> OpenedBook:
    """A book with a page of its lines from a number on, each with its dossier's registration number.

    Raises NotFound where there is none that the actor's unit keeps.
    """
    with reading() as session:
        book = _book(session, actor, book_id)
        names = registers.volumes(book.year, book.entries)
        papers = unit_papers.standing(session, [_about(book, name) for name in names])
        entered = store.entries(session, book.id, first, first + PAGE - 1)
    volumes = tuple(Volume(name, *registers.span(name, book.entries), papers.get(_about(book, name))) for name in names)
    lines = tuple((_line(each, book.year), each.dossier.registration) for each in entered)
    return OpenedBook(book, volumes, lines, book.locked_at is None and _is_over(book, at))


def every_line(actor: Actor, book_id: int) -> tuple[RegisterBook, Iterator[RegisterLine]]:
    """A book, and all its lines a volume at a time. Raises NotFound."""
    with reading() as session:
        book = _book(session, actor, book_id)

    def lines() -> Iterator[RegisterLine]:
        for name in registers.volumes(book.year, book.entries):
            with reading() as session:
                yield from _lines(session, book, name)

    return book, lines()


def paper(actor: Actor, book_id: int, slip_id: int) -> Slip:
    """A rendered volume. Raises NotFound, also while it still waits for the worker."""
    with reading() as session:
        book = _book(session, actor, book_id)
        slip = session.get(Slip, slip_id)
    if slip is None or not (slip.about or "").startswith(_about(book, "")):
        raise NotFound(slip=slip_id)
    if slip.sha256 is None:
        raise NotFound("paper_not_ready", slip=slip_id)
    return slip


def print_out(actor: Actor, book_id: int, volume: str, at: datetime) -> Slip:
    """Make out a volume of an open book as it stands. Raises NotFound, Conflict for a locked book."""
    with transaction() as session:
        book = _book(session, actor, book_id, lock=True)
        if book.locked_at is not None:
            raise Conflict("register_locked", book=book_id)
        if volume not in registers.volumes(book.year, book.entries):
            raise NotFound(volume=volume)
        return _make_out(session, book, volume, actor, at)


def lock(actor: Actor, book_id: int, at: datetime) -> None:
    """Lock a book whose year is over, and have its volumes closed and sealed.

    Raises NotFound; Conflict for one that is locked already, or whose year is not over.
    """
    with transaction() as session:
        book = _book(session, actor, book_id, lock=True)
        if book.locked_at is not None:
            raise Conflict("register_locked", book=book_id)
        if not _is_over(book, at):
            raise Conflict("register_year_not_over", book=book_id)
        _lock(session, book, actor, at)


def lock_past_years(at: datetime) -> int:
    """Lock all books of the years that are over, each in a transaction; gives how many. Safe to repeat."""
    with reading() as session:
        waiting = store.unlocked_before(session, law.office_day(at).year)
    locked = 0
    for book_id in waiting:
        with transaction() as session:
            book = store.book(session, book_id, lock=True)
            if book is not None and book.locked_at is None:
                _lock(session, book, None, at)
                locked += 1
    return locked


def _lock(session: Session, book: RegisterBook, actor: Actor | None, at: datetime) -> None:
    book.locked_at, book.locked_by_id = at, actor.account_id if actor else None
    for volume in registers.volumes(book.year, book.entries):
        _make_out(session, book, volume, actor, at)


def _make_out(session: Session, book: RegisterBook, volume: str, actor: Actor | None, at: datetime) -> Slip:
    """Make out a volume; `actor` is None where the portal itself locks the book, and the leader signs it on paper."""
    unit, today = law.unit(book.unit), law.office_day(at)
    first, last = registers.span(volume, book.entries)
    closed = book.locked_at is not None
    payload = slips.Register(
        form_set=slips.form_set(SlipKind.REGISTER, sector="", on=min(today, date(book.year, 12, 31))),
        head=letterheads.head(unit, None, at, unit),
        sector=Sector(book.sector).label.vi,
        volume=volume,
        year=book.year,
        first=first,
        last=last,
        lines=tuple(_lines(session, book, volume)),
        as_of=at,
        closed=closed,
        signature=slips.Signature(authority=slips.FOR_THE_OFFICE, name=actor.name if actor else "") if closed else None,
        tracking_url=tracking.papers_url(),
    )
    return unit_papers.make_out(session, unit, _about(book, volume), payload, volume, at)


def _lines(session: Session, book: RegisterBook, volume: str) -> Iterator[RegisterLine]:
    return (_line(each, book.year) for each in store.entries(session, book.id, *registers.span(volume, book.entries)))


def _line(entered: Entered, year: int) -> RegisterLine:
    dossier = entered.dossier
    procedure = law.procedure_of(dossier)
    forwarded = [fact for fact in entered.facts if fact.action is Action.FORWARD]
    issued = [fact for fact in entered.facts if fact.action is Action.ISSUE]
    given = [fact for fact in entered.facts if fact.action is Action.HAND_OVER]
    resolved = dossier.status in (Status.RESOLVED, Status.HANDED_OVER)
    handed_over = dossier.status == Status.HANDED_OVER and entered.left_at is None
    rules = law.rules(dossier.procedure, dossier.version, dossier.desk_unit, dossier.term_case, dossier.leg)
    return RegisterLine(
        number=entered.number,
        code=dossier.code,
        subject=procedure.title.vi,
        sets=procedure.sets,
        applicant=dossier.applicant_name,
        contact=", ".join(filter(None, (dossier.applicant_address, dossier.applicant_phone))),
        office=custody.resolving(rules, dossier.desk_unit),
        received_on=law.office_day(dossier.received_at),
        due_on=law.office_day(entered.promised),
        forwarded_on=law.office_day(forwarded[0].at) if forwarded else None,
        result_on=law.office_day(issued[-1].at) if issued and resolved else None,
        handed_on=law.office_day(dossier.handed_over_at) if handed_over else None,
        delivery=DELIVERIES.get(dossier.delivery, DELIVERIES["one_stop"]),
        giver=given[-1].who if given and handed_over else "",
        receiver=dossier.applicant_name if handed_over else "",
        note="; ".join(_notes(entered, year)),
    )


def _notes(entered: Entered, year: int) -> Iterator[str]:
    dossier = entered.dossier
    if entered.left_at is not None:
        book = f"{law.unit(dossier.unit).name.vi}, lĩnh vực {Sector(dossier.sector).label.vi}"
        yield f"Đính chính ngày {law.office_day(entered.left_at):%d/%m/%Y}: ghi ở sổ của {book}"
        return
    if dossier.channel in CHANNELS:
        yield CHANNELS[dossier.channel]
    if dossier.due_at != entered.promised:
        yield f"Hẹn lại ngày {law.office_day(dossier.due_at):%d/%m/%Y}"
    if dossier.decision == Decision.REFUSED:
        yield "Từ chối giải quyết"
    if dossier.status in (Status.WITHDRAWN, Status.STOPPED):
        yield f"{words.STATUSES[Status(dossier.status)].vi} ngày {law.office_day(dossier.ended_at):%d/%m/%Y}"
    if (received := law.office_day(dossier.received_at)).year != year:
        yield f"Nhận ngày {received:%d/%m/%Y}, ghi sau khi khóa sổ năm {received.year}"


def _book(session: Session, actor: Actor, book_id: int, *, lock: bool = False) -> RegisterBook:
    book = store.book(session, book_id, lock=lock)
    if book is None or actor.unit is None or book.unit not in _kept_by(actor.unit):
        raise NotFound(book=book_id)
    return book


def _kept_by(unit_id: str) -> frozenset[str]:
    """Whose books a unit keeps: its own, and those of the units that it succeeded."""
    before: frozenset[str] = frozenset().union(*(_kept_by(unit.id) for unit in law.places().predecessors(unit_id)))
    return before | {unit_id}


def _is_over(book: RegisterBook, at: datetime) -> bool:
    return registers.may_be_locked(book.year, law.office_day(at))


def _about(book: RegisterBook, volume: str) -> str:
    return f"register/{book.unit}/{book.sector}/{volume}"
