"""Random histories of dossiers: legal moves only, written down as rows, with no help of the code that counts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.domain.flow import ENDED, MOVES, WAITING, Action, Clock, Move, Status
from portal.domain.workdays import office_time
from portal.store.models import Dossier, Event
from procedures.calendars import OFFICE_TIME

UNITS = ("pho-rang", "bao-yen", "nghia-do")
PROCEDURES = ("1.001193", "1.013225")
CHANNELS = ("online", "counter", "post")
FIRST_DAY = date(2025, 12, 20)
TERMS = st.integers(0, 9)


@dataclass
class Life:
    """One dossier on its way through the table of moves."""

    id: int
    unit: str
    procedure: str
    channel: str
    at: datetime
    #: The dossier of the first leg, for a further leg of a bundle.
    lead: int | None = None
    status: Status | None = None
    received: datetime | None = None
    due_on: date | None = None
    ended: datetime | None = None
    handed_over: datetime | None = None
    answered: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)

    def possible(self) -> list[Move]:
        """The moves it can make now, answers before reception given once and accepted only after them."""
        found = [m for m in MOVES if m.before is self.status and m.holds(self.received is not None)]
        if self.status is Status.SUPPLEMENT_ASKED and self.received is None:
            wanted = {Action.RECEIVE, Action.ASK_SUPPLEMENT} if self.answered else {Action.ANSWER_BEFORE_RECEPTION}
            found = [m for m in found if m.action in wanted]
        return found

    def make(self, move: Move, wait: timedelta, term: int) -> None:
        """Make a move after a while; a running clock is due so many days later."""
        self.at += wait
        day = self.at.astimezone(OFFICE_TIME).date()
        before, self.status = self.status, move.after
        self.answered = move.action is Action.ANSWER_BEFORE_RECEPTION
        if self.received is None and move.after is Status.RECEIVED:
            self.received = self.at
        if move.clock in (Clock.START, Clock.RELEASE, Clock.MOVE) and self.ended is None:
            self.due_on = day + timedelta(days=term)
        if self.received and self.ended is None and move.after in ENDED:
            self.ended = self.at
        if move.after is Status.HANDED_OVER:
            self.handed_over = self.at
        self.events.append(
            {
                "dossier_id": self.id,
                "seq": len(self.events) + 1,
                "at": self.at,
                "role": "specialist",
                "action": move.action.value,
                "before": before,
                "after": move.after,
                "step": "reception" if self.received is None else "return",
                "unit": self.unit,
                "due_on": self.due_on,
                "details": {},
                "hash": "",
            }
        )


@st.composite
def histories(draw: st.DrawFn, dossiers: int = 8) -> tuple[list[Life], list[dict[str, Any]]]:
    """Some dossiers, and all their events in one order of commits."""
    lives = [
        Life(
            number,
            draw(st.sampled_from(UNITS)),
            draw(st.sampled_from(PROCEDURES)),
            draw(st.sampled_from(CHANNELS)),
            datetime.combine(FIRST_DAY, datetime.min.time(), OFFICE_TIME)
            + draw(st.timedeltas(timedelta(0), timedelta(days=40))),
        )
        for number in range(1, draw(st.integers(1, dossiers)) + 1)
    ]
    for life in lives:
        firsts = [other.id for other in lives[: life.id - 1] if other.lead is None]
        life.lead = draw(st.none() | st.sampled_from(firsts)) if firsts else None
        received = draw(st.booleans())
        for turn in range(draw(st.integers(1, 10))):
            moves = life.possible()
            if received and turn < 2:
                # Most of what counts happens after reception.
                moves = [move for move in moves if move.action in (Action.SUBMIT, Action.RECEIVE)]
            # Waits, and ends out of them, are what is easily counted wrong.
            moves += 2 * [move for move in moves if WAITING & {move.before, move.after} and move.before != move.after]
            if moves:
                life.make(draw(st.sampled_from(moves)), timedelta(hours=6 * draw(st.integers(0, 40))), draw(TERMS))
    events = [event for life in lives for event in life.events]
    order = draw(st.permutations(range(len(events))))
    # Dossiers mix in any way, but each keeps the order of its own events.
    turns = [events[place]["dossier_id"] for place in order]
    waiting = {life.id: iter(life.events) for life in lives}
    return lives, [dict(next(waiting[turn]), position=position) for position, turn in enumerate(turns, 1)]


def write_dossiers(session: Session, lives: Iterable[Life]) -> None:
    """The dossiers as they stand at the end of their histories."""
    rows = [
        {
            "id": life.id,
            "registration": f"R{life.id}",
            "code": f"C{life.id}" if life.received else None,
            "procedure": life.procedure,
            "version": date(2025, 1, 1),
            "lead_id": life.lead,
            "leg": f"leg{life.id}" if life.lead else "",
            "begins_by": life.events[0]["at"] if life.lead else None,
            "sector": "construction",
            "channel": life.channel,
            "unit": life.unit,
            "desk_unit": life.unit,
            "status": life.status,
            "step": "reception" if life.received is None else "return",
            "step_since": life.at,
            "applicant_name": "Hoàng Thị Mai",
            "own_answers": {},
            "own_papers": {},
            "submitted_at": life.events[0]["at"],
            "received_at": life.received,
            "due_at": datetime.combine(life.due_on, datetime.min.time(), OFFICE_TIME) if life.due_on else None,
            "due_on": life.due_on,
            "held_since": life.at if life.status in (5, 6) else None,
            "ended_at": life.ended,
            "ended_on": office_time(life.ended).date() if life.ended else None,
            "handed_over_at": life.handed_over,
            "answered_early": life.answered,
            "revision": 1,
        }
        for life in lives
    ]
    session.execute(insert(Dossier), rows)


def write_events(session: Session, events: list[dict[str, Any]]) -> None:
    """Events with the positions they have."""
    if events:
        session.execute(insert(Event), events)
