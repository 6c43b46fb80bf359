"""Who is given which dossier: by right, then knowledge, place and load; what can be taken back; what will be late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.domain.workdays import WORKING_DAY


class Officer(NamedTuple):
    """Somebody who can be given dossiers; `load` is how many wait for them already.

    `capacity` is how many may, None for as many as come. `skills` are sectors or codes of procedures, `places`
    communes; none is all.
    """

    account: int
    role: Role
    unit: str
    load: int = 0
    capacity: int | None = None
    skills: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    absent: bool = False


class Task(NamedTuple):
    """A dossier that waits for one of a role at a unit; `holder` is the account that has it."""

    dossier: int
    role: Role
    unit: str
    sector: str
    procedure: str
    commune: str | None
    act_by: datetime
    holder: int | None = None


class Rule(StrEnum):
    """By what one officer is preferred to another."""

    SKILL = "skill"
    PLACE = "place"
    LOAD = "load"


def _stranger(known: frozenset[str], *names: str | None) -> int:
    return int(bool(known) and known.isdisjoint(names))


#: What giving a task to an officer with a load costs by each rule; an earlier rule decides before a later one.
RULES: Final[Mapping[Rule, Callable[[Officer, Task, int], int]]] = {
    Rule.SKILL: lambda officer, task, _load: _stranger(officer.skills, task.sector, task.procedure),
    Rule.PLACE: lambda officer, task, _load: _stranger(officer.places, task.commune),
    Rule.LOAD: lambda _officer, _task, load: load,
}


def able(officer: Officer, task: Task) -> bool:
    """Whether somebody can be given a task: their role and unit have the right to it, and they are there."""
    return (officer.role, officer.unit) == (task.role, task.unit) and not officer.absent


def spread(tasks: Iterable[Task], officers: Sequence[Officer]) -> dict[int, int | None]:
    """Whom each dossier goes to, the most urgent first; None for one that nobody can take, which stays where it is.

    Nobody is given a dossier that they have, nor one beyond their capacity.
    """
    load = Counter({officer.account: officer.load for officer in officers})
    given: dict[int, int | None] = {}
    for task in sorted(tasks, key=lambda task: (task.act_by, task.dossier)):
        ready = [
            each for each in officers if able(each, task) and each.account != task.holder and _has_room(each, load)
        ]
        chosen = min(ready, key=lambda each: _cost(each, task, load[each.account]), default=None)
        given[task.dossier] = chosen.account if chosen else None
        if chosen is not None:
            load[chosen.account] += 1
    return given


def _has_room(officer: Officer, load: Mapping[int, int]) -> bool:
    return officer.capacity is None or load[officer.account] < officer.capacity


def _cost(officer: Officer, task: Task, load: int) -> tuple[int, ...]:
    return (*(cost(officer, task, load) for cost in RULES.values()), officer.account)


class Given(NamedTuple):
    """That a dossier went from one account, or none, to another, when its last event had the number `seq`."""

    dossier: int
    before: int | None
    after: int
    seq: int


class Standing(NamedTuple):
    """How a dossier stands: who has it, the number of its last event, and whether it changed hands since."""

    holder: int | None
    seq: int
    moved: bool = False


def returnable(given: Given, now: Standing) -> bool:
    """Whether a dossier can be taken back: nobody has touched it since it was given."""
    return (now.holder, now.seq, now.moved) == (given.after, given.seq, False)


def pace(done: int, worked: timedelta) -> timedelta | None:
    """The working time that somebody takes for one dossier, from how many they did in how much of it; None if none."""
    return worked / done if done else None


def late(left: Iterable[timedelta], pace: timedelta, away: timedelta = timedelta()) -> int:
    """How many dossiers will be late that are done one after the other, the most urgent first, at this pace.

    `left` is the working time up to the limit of each, `away` that until whoever has them is there.
    """
    return sum(away + number * pace > time for number, time in enumerate(sorted(left), 1))


#: What takes a dossier off somebody's hands: it is then another one's, or waits for the applicant.
HANDING_ON: Final = frozenset(
    {
        Action.DECLINE,
        Action.ASK_SUPPLEMENT,
        Action.PROPOSE_SUPPLEMENT,
        Action.FORWARD,
        Action.SEND_BACK,
        Action.ASK_DUTY,
        Action.APPROVE,
        Action.REFUSE,
        Action.ISSUE,
    }
)
#: Over how many working days one's own pace is measured.
MEASURED_DAYS: Final = 10


def measured(deeds: Iterable[datetime]) -> timedelta | None:
    """Somebody's pace from the instants at which they handed dossiers on: the days on which they did count whole."""
    instants = list(deeds)
    days = {office_day(at) for at in instants}
    return pace(len(instants), len(days) * WORKING_DAY)
