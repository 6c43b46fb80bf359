"""What must be true of a dossier whatever happened to it: its log is whole, and all that is kept agrees with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from portal.domain import ledger
from portal.domain.evidence import LEDGER, digest, first_broken
from portal.domain.flow import ASKING, RUNNING
from portal.domain.ledger import Entry, LedgerError
from portal.domain.moment import office_day


class Flaw(StrEnum):
    """What can be wrong."""

    CHAIN = "chain"  # an event was changed, taken out or put in
    HEAD = "head"  # the log does not end with the event that the dossier knows as its last
    STATUS = "status"
    STEP = "step"
    DUE = "due"  # the due date is not the one that its ledger comes to
    LEDGER = "ledger"  # a row of the ledger is not the one its event tells of: of the same time, day, rule and fact
    ROUNDS = "rounds"  # not so many rounds of supplements after reception as the log tells
    PUBLICATION = "publication"  # a publication of the law was changed


class State(NamedTuple):
    """The dossier as its row has it."""

    id: int
    status: int
    step: str
    seq: int
    last_hash: str
    due_at: datetime | None
    due_on: date | None
    supplement_rounds: int


class Numbered(NamedTuple):
    """A row of the ledger, with the number of the event it came with."""

    seq: int
    entry: Entry


#: Asking for a supplement while the term runs is a round that counts.
_ASKING: Final = frozenset(action.value for action in ASKING)


def flaws(state: State, log: Sequence[Mapping[str, Any]], rows: Sequence[Numbered]) -> Iterator[tuple[int, Flaw]]:
    """What is wrong with a dossier, and at which event; `log` are its events in order, `rows` its ledger.

    Where the log itself is broken nothing else is said: it proves nothing.
    """
    if (seq := first_broken(log)) is not None:
        yield seq, Flaw.CHAIN
        return
    if not log or (log[-1]["seq"], log[-1]["hash"]) != (state.seq, state.last_hash):
        yield state.seq, Flaw.HEAD
        return
    last = log[-1]
    if last["after"] != state.status:
        yield state.seq, Flaw.STATUS
    if last["step"] != state.step:
        yield state.seq, Flaw.STEP
    if _balance(rows) != state.due_at or last["due_on"] != state.due_on:
        yield state.seq, Flaw.DUE
    for row in rows:
        if not _told_of(log, row):
            yield row.seq, Flaw.LEDGER
    if sum(each["action"] in _ASKING and each["before"] in RUNNING for each in log) != state.supplement_rounds:
        yield state.seq, Flaw.ROUNDS


def _balance(rows: Sequence[Numbered]) -> datetime | str | None:
    try:
        return ledger.balance(row.entry for row in rows)
    except LedgerError:
        return "none that follows"


def _told_of(log: Sequence[Mapping[str, Any]], row: Numbered) -> bool:
    """Whether the log has the event that a row of the ledger came with: of the same instant, with the day it led to.

    Events also keep a digest of the whole row; those older than this rule have none.
    """
    if not 1 <= row.seq <= len(log):
        return False
    event = log[row.seq - 1]
    same = event["at"] == row.entry.at and event["due_on"] == office_day(row.entry.new)
    kept = event["details"].get(LEDGER)
    return bool(same and kept in (None, digest(row.entry)))
