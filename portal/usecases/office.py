"""How an administrator changes what an office keeps of itself: calendars, units, wordings; and the log of all of it.

What is changed is published: appended to the same chain as the law, from its date in force on, and never taken back.
Due dates that were promised are not changed by it, unless that is ordered: see `rescheduling`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from portal.domain import amendments, office_changes
from portal.domain.access import Actor, Right, may
from portal.domain.amendments import Change
from portal.domain.errors import Forbidden, Invalid, Stale
from portal.domain.office_changes import Facts
from portal.store import dossiers, publications, rescheduling
from portal.store import office as book
from portal.store.database import reading, ring_after_commit, transaction
from portal.store.law_models import Publication
from portal.usecases import law
from procedures import overlay
from procedures.calendars import CalendarYear, shipped_years
from procedures.model import Text
from procedures.overlay import Kept, Kind
from procedures.places import PlacesError, Unit, UnitKind, load_places
from procedures.wordings import Wording
from procedures.writing import written

#: What is kept of an account beside the account itself: the log of its changes.
ACCOUNT: Final = "account"
#: What is kept of dates that were moved by order; its name is '<year>/<order>'.
ORDER: Final = "order"
KINDS: Final = (*(kind.value for kind in Kind), ACCOUNT, ORDER)
#: Counts again what a change of the calendar would move.
RESCHEDULE: Final = "workers.jobs.reschedule"
LONGEST_NUMBER: Final = 100
#: The day and month from which a missing calendar of the next year is warned of.
WARN_FROM: Final = (11, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log says of one change; `name` is the year, unit, '<slip>/<form set>' or account that it is about."""

    seq: int
    kind: str
    name: str
    begins: date
    decision_number: str
    decided_on: date | None
    published_at: datetime
    published_by: str
    diff: tuple[Text, ...]


def log(kind: str | None = None, name: str | None = None, before: int | None = None, size: int = 50) -> list[Entry]:
    """The changes of one kind, or of all, or of one thing, the newest first, from before this number on."""
    kinds = [kind] if kind in KINDS else list(KINDS)
    with reading() as session:
        rows = publications.listed(session, kinds, name=name, before=before, size=size)
        return [_entry(row) for row in rows]


def last(kind: str, name: str) -> Entry | None:
    """The last change of one thing; its number is what an editor has `seen`."""
    return next(iter(log(kind, name, size=1)), None)


# --- calendars ---


def year(number: int) -> CalendarYear | None:
    """A year as it is entered, shipped or published; None for one that is only guessed."""
    with reading() as session:
        changed = {each.name: each.value for each in book.all_kept(session) if each.kind is Kind.CALENDAR}
    shipped = {entry.year: entry for entry in shipped_years()}
    found: CalendarYear | None = changed.get(str(number)) or shipped.get(number)
    return found


def missing_year(at: datetime) -> int | None:
    """The next year, if it is late in this one (from 1 November on) and nobody has entered it yet."""
    today = law.office_day(at)
    following = today.year + 1
    late = (today.month, today.day) >= WARN_FROM
    return following if late and following not in law.official_days().entered else None


def publish_year(
    actor: Actor, entered: CalendarYear, seen: int, at: datetime, *, number: str, decided_on: date | None
) -> Entry:
    """Enter or correct a year as its official notice has it.

    Raises Forbidden, Stale, and Invalid (`number`, `decided_on`, `form` for a change of nothing).
    """
    if not number.strip():
        raise Invalid({"number": "missing"})
    if decided_on is None:
        raise Invalid({"decided_on": "missing"})
    before = year(entered.year)
    changes = office_changes.differences(_facts(office_changes.of_year, before), office_changes.of_year(entered))
    text, begins = written(overlay.YEAR, entered), date(entered.year, 1, 1)

    def count_again(session: Session, seq: int) -> None:
        ring_after_commit(session, RESCHEDULE, rescheduling.open_order(session, seq, at))

    return _publish(
        actor, Kind.CALENDAR, str(entered.year), begins, text, changes, seen, at, number, decided_on, then=count_again
    )


# --- units ---


def unit(unit_id: str) -> Unit | None:
    """A unit as it was last published, or is shipped: with what is still to come into force."""
    with reading() as session:
        return _newest_unit(book.all_kept(session), unit_id)


def open_dossiers(unit_id: str) -> int:
    """How many open dossiers lie at a unit: those that its successor will go on with."""
    with reading() as session:
        return dossiers.count_open_at(session, unit_id)


def publish_unit(
    actor: Actor, entered: Unit, begins: date, seen: int, at: datetime, *, number: str = "",
    decided_on: date | None = None,
) -> Entry:  # fmt: skip
    """Change a unit, or enter a new one.

    Name, address, telephone, sectors, hours of reception, the mountain extra and the branch hold from `begins` on;
    working hours and the first and last day bear their own dates. Raises Forbidden, Stale, PlacesError for what
    contradicts the other units, and Invalid: `begins` before today or before what is to come (past, order), `valid_to`
    without a successor (no_successor), `form` (nothing_changed).
    """
    if begins < law.office_day(at):
        raise Invalid({"begins": "past"})
    with reading() as session:
        before = _newest_unit(book.all_kept(session), entered.id)
    # The work of a district falls to the successors of its communes.
    ends = entered.valid_to is not None and (before is None or before.valid_to != entered.valid_to)
    if ends and entered.successor is None and entered.kind is not UnitKind.DISTRICT:
        raise Invalid({"successor": "missing"})
    changes = office_changes.differences(_facts(office_changes.of_unit, before), office_changes.of_unit(entered))
    text = written(overlay.UNIT, entered)

    def check(session: Session) -> None:
        now = (*book.all_kept(session), Kept(Kind.UNIT, entered.id, begins, entered))
        if any(each.begins > begins for each in now if (each.kind, each.name) == (Kind.UNIT, entered.id)):
            raise Invalid({"begins": "order"})
        # They must agree on every day on which something of them changes.
        for day in sorted({law.office_day(at), *(each.begins for each in now if each.kind is Kind.UNIT)}):
            if day >= law.office_day(at):
                overlay.places(now, day)

    return _publish(actor, Kind.UNIT, entered.id, begins, text, changes, seen, at, number, decided_on, check)


def _newest_unit(kept: Sequence[Kept], unit_id: str) -> Unit | None:
    found = [each.value for each in kept if (each.kind, each.name) == (Kind.UNIT, unit_id)]
    if found:
        newest: Unit = found[-1]
        return newest
    try:
        return load_places().by_id(unit_id)
    except PlacesError:
        return None


# --- wordings ---


def wording(slip: str, form_set: str) -> Wording:
    """The sentences of a slip as they were last published, or are official: with those still to come into force."""
    return Wording(slip, form_set, law.wording(slip, form_set, date.max))


def publish_wording(
    actor: Actor, entered: Wording, begins: date, seen: int, at: datetime, *, number: str = "",
    decided_on: date | None = None,
) -> Entry:  # fmt: skip
    """Reword the sentences of a slip from a day on; slips made out before keep theirs.

    Raises Forbidden, Stale, WordingError, Invalid: `begins` (past, order), `form` (nothing_changed).
    """
    if begins < law.office_day(at):
        raise Invalid({"begins": "past"})
    official = {each.key: each for each in law.wordings().sentences(entered.slip, entered.form_set)}
    for key, text in entered.sentences.items():
        official[key].demand(text)
    labels = {key: each.label for key, each in official.items()}
    before = wording(entered.slip, entered.form_set)
    changes = office_changes.differences(
        office_changes.of_wording(before, labels), office_changes.of_wording(entered, labels)
    )

    def check(session: Session) -> None:
        now = book.all_kept(session)
        if any(each.begins > begins for each in now if (each.kind, each.name) == (Kind.WORDING, entered.name)):
            raise Invalid({"begins": "order"})

    text = written(overlay.WORDING, entered)
    return _publish(actor, Kind.WORDING, entered.name, begins, text, changes, seen, at, number, decided_on, check)


# --- what they have in common ---


def administrator(actor: Actor) -> int:
    """The account of whoever may change these data. Raises Forbidden."""
    if not may(actor, Right.ADMINISTRATION) or actor.account_id is None:
        raise Forbidden()
    return actor.account_id


def record(
    session: Session, actor: Actor, kind: str, name: str, begins: date, text: str, changes: Sequence[Change],
    at: datetime, number: str = "", decided_on: date | None = None,
) -> Publication:  # fmt: skip
    """Write a change down in the caller's transaction, which holds the law alone."""
    before = publications.listed(session, [kind], name=name, size=1)
    return publications.append(
        session,
        kind=kind,
        name=name,
        sector=None,
        slug=None,
        begins=begins,
        text=text,
        sha256=sha256(text.encode()).hexdigest(),
        decision_number=number,
        decided_on=decided_on,
        published_at=at,
        published_by_id=administrator(actor),
        replaces=before[0].begins if before else None,
        diff=amendments.lines(changes),
    )


def _publish(
    actor: Actor, kind: Kind, name: str, begins: date, text: str, changes: Sequence[Change], seen: int, at: datetime,
    number: str, decided_on: date | None, check: Callable[[Session], None] = lambda _session: None,
    then: Callable[[Session, int], None] = lambda _session, _seq: None,
) -> Entry:  # fmt: skip
    administrator(actor)
    number = " ".join(number.split())
    if len(number) > LONGEST_NUMBER:
        raise Invalid({"number": "too_long"})
    if decided_on is not None and decided_on > law.office_day(at):
        raise Invalid({"decided_on": "not_yet"})
    with transaction() as session:
        publications.hold(session, alone=True)
        newest = publications.listed(session, [kind], name=name, size=1)
        if (newest[0].seq if newest else 0) != seen:
            raise Stale(seen=seen, now=newest[0].seq, by=newest[0].published_by.full_name)
        if not changes:
            raise Invalid({"form": "nothing_changed"})
        check(session)
        entry = _entry(record(session, actor, kind, name, begins, text, changes, at, number, decided_on))
        then(session, entry.seq)
    book.look_again()
    return entry


def _facts(of: Callable[[Any], Facts], value: Any) -> Facts:
    return {} if value is None else of(value)


def _entry(row: Publication) -> Entry:
    return Entry(
        seq=row.seq,
        kind=row.kind,
        name=row.name,
        begins=row.begins,
        decision_number=row.decision_number,
        decided_on=row.decided_on,
        published_at=row.published_at,
        published_by=row.published_by.full_name,
        diff=tuple(Text.model_validate(line) for line in row.diff),
    )
