"""The ledger of a due date: every change of it, with the fact it follows from.

A due date follows from the last full count of the term (at reception, when that is put right, at a restart) or from
the date promised in an apology, and from the time since then that the law does not count. So the same facts can be
counted again: to prove the date, or to see what a holiday announced meanwhile would make of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from portal.domain import clock
from portal.domain.clock import DueDate
from portal.domain.workdays import WorkCalendar
from procedures.terms import Term


class DueReason(StrEnum):
    """Why a row stands in the ledger of a due date."""

    RECEIVED = "received"
    RECTIFIED = "rectified"
    SUPPLEMENT_RESTART = "supplement_restart"
    SUPPLEMENT_RESUME = "supplement_resume"
    DUTY_RESUME = "duty_resume"
    INTERVAL_BEGUN = "interval_begun"
    INTERVAL_ENDED = "interval_ended"
    INTERVAL_RESUME = "interval_resume"
    APOLOGY = "apology"
    CALENDAR_CHANGED = "calendar_changed"


#: The term is counted from the beginning.
COUNTS: Final = frozenset({DueReason.RECEIVED, DueReason.RECTIFIED, DueReason.SUPPLEMENT_RESTART})


class Entry(NamedTuple):
    """One row: the date before and after, why and by which rule it moved, and the fact behind it.

    `since` to `until` is the time that the law does not count; of an `interval` that goes on, `until` is its planned
    end. For a full count `since` is the instant from which `term` runs.
    """

    reason: DueReason
    at: datetime
    old: datetime | None
    new: datetime
    rule: str
    since: datetime
    until: datetime | None = None
    term: Term | None = None
    interval: str = ""


class Pause(NamedTuple):
    """A time during which the term does not run; `interval` is the key of the one it belongs to, if any."""

    since: datetime
    until: datetime
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What a due date follows from: a term counted from `since`, or a date promised then; and the pauses after it."""

    term: Term
    since: datetime
    promised: datetime | None = None
    pauses: tuple[Pause, ...] = ()

    def due(self, calendar: WorkCalendar) -> DueDate:
        """The date by this calendar. Raises CalendarError where it does not reach."""
        if self.promised is None:
            due = clock.due_date(self.term, self.since, calendar)
        else:
            due = clock.promised(self.term, self.since, self.promised, calendar)
        for pause in _apart(self.pauses):
            due = clock.resume(due.due_at, pause.since, pause.until, calendar, self.term)
        return due


class LedgerError(Exception):
    """Rows that do not follow one another."""


def course(entries: Sequence[Entry], term: Term) -> Course:
    """What the date follows from, as the rows stand; `term` counts where a row names none.

    Raises LedgerError where they begin with anything but a count of the term.
    """
    if not entries or entries[0].reason not in COUNTS:
        raise LedgerError("a ledger begins with a count of the term")
    found = Course(term, entries[0].since)
    for entry in entries:
        found = _with(found, entry)
    return found


def _with(found: Course, entry: Entry) -> Course:
    if entry.reason in COUNTS:
        # An interval that goes on still does not count; of one that began before, what is left.
        left = (p._replace(since=max(p.since, entry.since)) for p in found.pauses if p.until > entry.since)
        return Course(entry.term or found.term, entry.since, pauses=tuple(left))
    if entry.reason is DueReason.APOLOGY:
        # Whoever promises a date knows what goes on at that moment.
        return replace(found, since=entry.at, promised=entry.new, pauses=())
    if entry.until is None:
        return found
    if entry.reason is DueReason.INTERVAL_ENDED:
        return replace(found, pauses=tuple(_shortened(found.pauses, entry.interval, entry.until)))
    if entry.since < found.since and found.promised is not None:
        return found
    return replace(found, pauses=(*found.pauses, Pause(entry.since, entry.until, entry.interval)))


def _shortened(pauses: Iterable[Pause], interval: str, until: datetime) -> Iterator[Pause]:
    """The pauses after an interval ended: the last one of its key is no longer than until then."""
    last = max((p.since for p in pauses if p.interval == interval), default=None)
    for pause in pauses:
        ended = pause.interval == interval and pause.since == last
        yield pause._replace(until=max(pause.since, min(pause.until, until))) if ended else pause


def _apart(pauses: Iterable[Pause]) -> Iterator[Pause]:
    """The same times in order, each instant in one of them only: what is not counted twice is not added twice."""
    current: Pause | None = None
    for pause in sorted(pauses):
        if current is None or pause.since > current.until:
            if current is not None:
                yield current
            current = pause
        else:
            current = current._replace(until=max(current.until, pause.until))
    if current is not None:
        yield current


def balance(entries: Iterable[Entry]) -> datetime | None:
    """The due date that the rows come to, one after the other; None for none.

    Raises LedgerError where a row does not begin with the date that the one before ended with.
    """
    due: datetime | None = None
    for number, entry in enumerate(entries, 1):
        if entry.old != due:
            raise LedgerError(f"row {number} moves another date than the row before left")
        due = entry.new
    return due


def recount(entries: Sequence[Entry], term: Term, calendar: WorkCalendar) -> DueDate:
    """What the facts of a ledger come to by this calendar. Raises LedgerError, CalendarError."""
    return course(entries, term).due(calendar)


def enter(entries: Sequence[Entry], entry: Entry, term: Term, calendar: WorkCalendar) -> tuple[Entry, DueDate]:
    """The next row, whose dates are those that its fact leads to, and the due date with all that makes it up.

    Of an apology `entry.new` is the date promised; of every other row both dates are found here.
    """
    old = entries[-1].new if entries else None
    due = recount((*entries, entry), term, calendar)
    return entry._replace(old=old, new=due.due_at), due
