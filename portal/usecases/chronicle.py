"""Writes a made-up history down: stories become rows, told by all processors where there is much to tell."""

from __future__ import annotations

import gc
import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.orm import Session

from portal.domain import demonstration, watch
from portal.domain.codes import dossier_code, registration_number
from portal.domain.demonstration import Deed, Story, World
from portal.domain.duplicates import parcel_key
from portal.domain.flow import Action
from portal.domain.lookup import code_words, search_text
from portal.domain.moment import office_day
from portal.domain.statistics import Course, Happening, Tally, follow
from portal.store import bulk, counters, database, statistics, word_index
from portal.store import dossiers as store
from portal.store.bulk import Rows
from portal.store.database import reading, transaction
from portal.store.models import Dossier, DossierWord, DueChange, Duty, Event, Payment, Proposal, Supplement
from portal.store.statistics import Mark
from portal.usecases import dossiers, law, scenes
from procedures.expressions import fold

#: Dossiers told and written together: a day's at the least, but of a day with very many so many at the most.
CHUNK: Final = 2_000
MOST: Final = 10_000
#: From so many dossiers on it is worth starting further processes.
MANY: Final = 20_000
#: Chunks that statistics take in together: their dossiers share days, and so counts.
TOGETHER: Final = 10


class Coming(NamedTuple):
    """How many dossiers come on a day, or in one part of a day with very many; more or less: see `_told`."""

    day: date
    part: int
    dossiers: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """How many dossiers come on some days, and the id of the first of them if nobody else writes meanwhile."""

    days: tuple[Coming, ...]
    first_id: int

    @property
    def dossiers(self) -> int:
        """All of them."""
        return sum(coming.dossiers for coming in self.days)


@dataclass(frozen=True, slots=True)
class Written:
    """The rows of a chunk, ready but for codes and positions; `received`: which agency received which row, and when.

    `legs`: which row is a further leg of which. `followed` and `tally` are what following the events for the statistics
    came to; `last_at` is the last event's time.
    """

    chunk: Chunk
    dossiers: Rows
    events: Rows
    others: tuple[Rows, ...]
    received: tuple[tuple[str, date, datetime, int], ...]
    legs: tuple[tuple[int, int], ...]
    followed: tuple[Rows, ...]
    tally: Tally
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """What statistics have to take in of a chunk whose events have the positions from `first` to that of `read`."""

    first: int
    read: Mark
    rows: tuple[Rows, ...]
    tally: Tally


def write_history(
    open_world: Callable[[], World], seed: int, arrivals: Sequence[tuple[date, int]], tell: Callable[[int], None]
) -> int:
    """Tell all stories and write them down, each chunk in a transaction; gives the number of dossiers.

    `open_world` is called once in every process that tells. What is written does not depend on how many tell.
    """
    with reading() as session:
        first_id = bulk.next_id(session, Dossier)
    chunks = list(_chunks(arrivals, first_id))
    many = sum(chunk.dossiers for chunk in chunks)
    world, dialect = open_world(), database.current().engine.dialect
    processes = os.cpu_count() or 1
    alone = many < MANY or processes == 1
    told = _one_by_one(world, seed, chunks, dialect) if alone else _together(open_world, seed, chunks, processes)
    done, followed = 0, list[Followed]()
    with _collecting_by_hand():
        for written in told:
            with transaction() as session:
                bulk.prepare(session)
                first_id = bulk.reserve_ids(session, Dossier, written.chunk.dossiers)
                if first_id != written.chunk.first_id:
                    # Somebody has submitted a dossier meanwhile: the ids, and with them the hashes, are others.
                    written = _written(world, seed, Chunk(written.chunk.days, first_id), dialect)
                followed.append(_keep(session, written))
            done += written.chunk.dossiers
            if len(followed) == TOGETHER or done == many:
                _take_in(followed)
                followed = []
            gc.collect()
            tell(done)
    return done


@contextmanager
def _collecting_by_hand() -> Iterator[None]:
    _collect_by_hand()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _collect_by_hand() -> None:
    """Rows hold no cycles; the collector of cycles would look through all of them again and again for nothing."""
    gc.freeze()
    gc.disable()


def _chunks(arrivals: Iterable[tuple[date, int]], first_id: int) -> Iterator[Chunk]:
    days: list[Coming] = []
    parts = (
        Coming(day, part, min(come - done, MOST))
        for day, come in arrivals
        for part, done in enumerate(range(0, come, MOST))
    )
    for coming in parts:
        days.append(coming)
        if sum(each.dossiers for each in days) >= CHUNK:
            yield (chunk := Chunk(tuple(days), first_id))
            first_id += chunk.dossiers
            days = []
    if days:
        yield Chunk(tuple(days), first_id)


# --- who tells ---


def _one_by_one(world: World, seed: int, chunks: Iterable[Chunk], dialect: Dialect) -> Iterator[Written]:
    return (_written(world, seed, chunk, dialect) for chunk in chunks)


def _together(open_world: Callable[[], World], seed: int, chunks: Sequence[Chunk], processes: int) -> Iterator[Written]:
    """As many chunks at a time as there are processes, given in their order; a few wait, not all."""
    url = database.current().url
    # Started anew instead of forked: a copy of an open connection would be shared.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _open, (url, open_world, seed)) as pool:
        ahead: deque[Future[Written]] = deque()
        for chunk in chunks:
            ahead.append(pool.submit(_written_here, chunk))
            if len(ahead) > 2 * processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


_here: dict[str, Any] = {}


def _open(url: str, open_world: Callable[[], World], seed: int) -> None:
    """What a process that tells begins with."""
    connected = database.connect(url)
    _here.update(world=open_world(), seed=seed, dialect=connected.engine.dialect)
    connected.close()
    _collect_by_hand()


def _written_here(chunk: Chunk) -> Written:
    gc.collect()
    return _written(_here["world"], _here["seed"], chunk, _here["dialect"])


# --- rows ---


def _written(world: World, seed: int, chunk: Chunk, dialect: Dialect) -> Written:
    """The rows that living through the stories would have left, papers and messages excepted."""
    rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    received, legs, courses, tally = [], list[tuple[int, int]](), list[Course](), Tally()
    lead = 0
    for number, story in enumerate(_told(world, seed, chunk)):
        dossier_id, previous = chunk.first_id + number, ""
        if story.lead is None:
            lead = number
        else:
            legs.append((number, lead))
        course = Course(dossier_id, story.procedure.code, story.channel, further=story.lead is not None)
        for seq, deed in enumerate(story.deeds, 1):
            event = _event(dossier_id, seq, previous, deed)
            previous = event["hash"]
            rows[Event].append(event)
            follow(course, _happening(event), tally)
            if (due := store.due_columns(dossier_id, seq, deed.outcome, deed.actor, deed.at)) is not None:
                rows[DueChange].append(due)
        courses.append(course)
        rows[Dossier].append(_dossier(dossier_id, chunk.first_id + lead, story, previous))
        for model, others in _beside(dossier_id, story).items():
            rows[model] += others
        if (received_at := story.case.received_at) is not None:
            agency = law.unit(_receiver(story)).agency.id
            received.append((agency, office_day(received_at), received_at, number))
    # The log of all dossiers together runs in the order of time, as far as a chunk reaches.
    rows[Event].sort(key=lambda event: event["at"])
    return Written(
        chunk,
        bulk.rows_of(Dossier, rows[Dossier], dialect),
        bulk.rows_of(Event, rows[Event], dialect),
        tuple(bulk.rows_of(model, rows[model], dialect) for model in (DueChange, Supplement, Proposal, Duty, Payment)),
        tuple(received),
        tuple(legs),
        statistics.new_rows(courses, dialect),
        tally,
        rows[Event][-1]["at"],
    )


def _told(world: World, seed: int, chunk: Chunk) -> list[Story]:
    """The stories of a chunk, each further leg after the first one of its bundle.

    Where the legs of a bundle are more than still were to come on a day, the fewer come on the days after it.
    """
    told, reached = list[Story](), 0
    for coming in chunk.days:
        reached += coming.dossiers
        missing, room = reached - len(told), chunk.dossiers - len(told)
        told += demonstration.stories(world, seed, coming.day, missing, room, coming.part)
    return told


def _keep(session: Session, written: Written) -> Followed:
    """Give the rows their codes and positions from the counters, and insert them."""
    _give_codes(session, written)
    many = len(written.events.columns["seq"])
    first = counters.take(session, counters.EVENTS, many)
    written.events.columns["position"] = list(range(first, first + many))
    for rows in (written.dossiers, *written.others, written.events, _words(written.dossiers.columns)):
        bulk.insert(session, rows)
    return Followed(first, Mark(first + many - 1, written.last_at), written.followed, written.tally)


def _take_in(chunks: Iterable[Followed]) -> None:
    """Give the statistics what they would make of these events; where others wrote in between, they read on later."""
    tally = Tally()
    with transaction() as session:
        bulk.prepare(session)
        read = statistics.hold_mark(session)
        for followed in chunks:
            if followed.first != read.position + 1:
                break
            for rows in followed.rows:
                bulk.insert(session, rows)
            tally.merge(followed.tally)
            read = followed.read
        statistics.write_tally(session, tally, read)


def _words(columns: dict[str, list[Any]]) -> bulk.Rows:
    """The index of the words that the dossiers are found by, in its own order."""
    dossiers = zip(*(columns[name] for name in ("id", "desk_unit", "sector", "search")), strict=True)
    found = sorted(chain.from_iterable(word_index.rows(*dossier) for dossier in dossiers))
    return bulk.Rows(
        DossierWord, {name: [row[at] for row in found] for at, name in enumerate(("place", "word", "dossier_id"))}
    )


def _give_codes(session: Session, written: Written) -> None:
    """In the order of reception, from the counter of agency and day."""
    of_day: dict[tuple[str, date], list[tuple[datetime, int]]] = defaultdict(list)
    for agency, day, received_at, number in written.received:
        of_day[agency, day].append((received_at, number))
    columns = written.dossiers.columns
    codes, search = columns.setdefault("code", [None] * written.chunk.dossiers), columns["search"]
    for (agency, day), receptions in of_day.items():
        serial = counters.take(session, dossiers.code_counter(agency, day), len(receptions))
        for own, (_, number) in enumerate(sorted(receptions), serial):
            codes[number] = code = dossier_code(agency, day, own)
            search[number] += f" {' '.join(code_words(code))}"
    # A leg is found by what its bundle goes by, too.
    for number, lead in written.legs:
        search[number] += f" {fold(columns['registration'][lead])} {fold(codes[lead])}"


def _event(dossier_id: int, seq: int, previous: str, deed: Deed) -> dict[str, Any]:
    reason, details = deed.request.reason, _NO_DETAILS
    if deed.words or deed.amount is not None or deed.request is not demonstration.NO_REQUEST:
        ordered = scenes.Deed(deed.outcome.action, request=deed.request, words=deed.words, amount=deed.amount)
        details = dossiers.details(ordered)
    return store.event_columns(dossier_id, seq, previous, deed.outcome, deed.actor, deed.at, reason, details)


#: One object for all events without any, so that it is written out once.
_NO_DETAILS: Final[dict[str, Any]] = {}


def _happening(event: dict[str, Any]) -> Happening:
    day = office_day(event["at"])
    return Happening(
        event["dossier_id"], day, event["action"], event["after"], event["step"], event["unit"], event["due_on"]
    )


def _receiver(story: Story) -> str:
    """The unit that received it; before, the one it was handed in at."""
    received = (deed.outcome.case.unit for deed in story.deeds if deed.outcome.action is Action.RECEIVE)
    return next(received, story.unit)


def _dossier(dossier_id: int, lead_id: int, story: Story, last_hash: str) -> dict[str, Any]:
    last, person, template = story.deeds[-1].outcome, story.person, story.template
    received = last.case.received_at is not None
    registration = registration_number(story.registration)
    return {
        "id": dossier_id,
        "registration": registration,
        "procedure": story.procedure.code,
        "version": story.procedure.version,
        "term_case": story.term_case,
        "sector": story.procedure.sector.value,
        "channel": story.channel,
        "unit": _receiver(story),
        "commune": story.commune,
        "owner_id": story.owner.account_id if story.owner else None,
        "entered_by_id": story.entered_by.account_id if story.entered_by else None,
        "applicant_name": person.name,
        "applicant_number": person.number,
        "applicant_phone": person.phone,
        "applicant_email": "",
        "applicant_address": story.address,
        "search": search_text(person.name, registration, None, (person.number, person.phone), story.head.answers),
        "answers": story.answers,
        "papers": template.papers,
        "delivery": str(story.head.answers.get("result_delivery", "one_stop")),
        "parcel": parcel_key(story.answers) if story.lead is None else "",
        "fee": template.fee if received else None,
        "fee_lines": template.fee_lines if received else (),
        "fee_paid": any(deed.outcome.action is Action.PAY_FEE for deed in story.deeds),
        "submitted_at": story.head.deeds[0].at,
        "seq": len(story.deeds),
        "last_hash": last_hash,
        "revision": len(story.deeds),
        **store.case_columns(last, _watch_at(story)),
        **_leg_columns(lead_id, story),
    }


def _watch_at(story: Story) -> datetime | None:
    """When the watch has to look at the dossier after the last of its story."""
    last, procedure = story.deeds[-1], story.procedure
    unit = last.outcome.case.unit
    rules = law.rules(procedure.code, procedure.version, unit, story.term_case, story.leg)
    return watch.next_look(last.outcome, rules, law.moment(unit, last.at, procedure.sector.value))


def _leg_columns(lead_id: int, story: Story) -> dict[str, Any]:
    columns = {
        "lead_id": lead_id if story.lead else None,
        "leg": story.leg,
        "begins_by": story.begins_by,
        "total_due_at": story.total_due_at,
    }
    return columns | ({"act_by": story.begins_by} if story.case.waits_for_a_leg else {})


def _beside(dossier_id: int, story: Story) -> dict[type[Any], list[dict[str, Any]]]:
    """The rounds of supplements, the duties and the payments of a story."""
    rows: dict[type[Any], list[dict[str, Any]]] = {Supplement: [], Proposal: [], Duty: [], Payment: []}
    for deed in story.deeds:
        match deed.outcome.action:
            case Action.PROPOSE_SUPPLEMENT:
                rows[Proposal].append(_proposal(dossier_id, deed))
            case Action.ASK_SUPPLEMENT | Action.GRANT_SUPPLEMENT:
                if deed.outcome.action is Action.GRANT_SUPPLEMENT:
                    settled = {"settled_at": deed.at, "settled_by_id": deed.actor.account_id, "granted": True}
                    rows[Proposal][-1] |= settled
                rows[Supplement].append(_supplement(dossier_id, len(rows[Supplement]) + 1, deed))
            case Action.ANSWER_SUPPLEMENT | Action.ANSWER_BEFORE_RECEPTION:
                rows[Supplement][-1] |= {"answered_at": deed.at, "new_due_at": deed.outcome.case.due_at}
            case Action.ASK_DUTY:
                rows[Duty].append(_duty(dossier_id, deed))
            case Action.CONFIRM_DUTY:
                rows[Duty][-1] |= {
                    "confirmed_at": deed.at,
                    "confirmed_by_id": deed.actor.account_id,
                    "receipt_number": deed.request.number,
                }
            case Action.PAY_FEE:
                rows[Payment].append(
                    {
                        "dossier_id": dossier_id,
                        "unit": deed.outcome.case.unit,
                        "amount": deed.amount,
                        "receipt_number": deed.request.number,
                        "paid_at": deed.at,
                        "taken_by_id": deed.actor.account_id,
                    }
                )
    return rows


def _supplement(dossier_id: int, number: int, deed: Deed) -> dict[str, Any]:
    case = deed.outcome.case
    return {
        "dossier_id": dossier_id,
        "round": number,
        "after_reception": case.received_at is not None,
        "asked_at": deed.at,
        "asked_by_id": deed.actor.account_id,
        "reason": deed.request.reason,
        "words": deed.words,
        "items": [dict(item) for item in deed.request.items],
        "answer_by": deed.request.answer_by,
        "replies": {},
        "answered_at": None,
        "lapsed_at": None,
        "old_due_at": case.due_at,
        "new_due_at": None,
    }


def _proposal(dossier_id: int, deed: Deed) -> dict[str, Any]:
    return {
        "dossier_id": dossier_id,
        "proposed_at": deed.at,
        "proposed_by_id": deed.actor.account_id,
        "reason": deed.request.reason,
        "words": deed.words,
        "items": [dict(item) for item in deed.request.items],
        "answer_by": deed.request.answer_by,
        "settled_at": None,
        "settled_by_id": None,
        "granted": None,
    }


def _duty(dossier_id: int, deed: Deed) -> dict[str, Any]:
    return {
        "dossier_id": dossier_id,
        "asked_at": deed.at,
        "asked_by_id": deed.actor.account_id,
        "amount": deed.amount,
        "words": deed.words,
        "confirmed_at": None,
        "confirmed_by_id": None,
        "receipt_number": None,
    }
