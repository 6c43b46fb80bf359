"""The measures of resolution, their formulas, and how the events of a dossier come to be counted, day by day.

Every measure only ever adds up: the figure at the end of a day is the sum of what was counted up to that day. What
happens later is counted on a later day, so a past period says the same for ever (Decision 766, indicator 2.1; the
comparisons by date are those of the national reports).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from portal.domain.flow import ASKING, ENDED, TERMINAL, WAITING, Action, Status

ONE_DAY: Final = timedelta(days=1)
#: "Not yet": the end of what has no end so far.
NEVER: Final = date.max


class Measure(IntEnum):
    """What is counted, in the order of a count's numbers.

    OVER goes up and down; all others only up, but where a reception is put right on the day it was counted.
    """

    RECEIVED_ONLINE = 0
    RECEIVED_COUNTER = 1
    EARLY = 2
    ON_TIME = 3
    LATE = 4
    OVER = 5
    SECOND_SUPPLEMENTS = 6


class Result(StrEnum):
    """How the end of a dossier compares with its due day, by date."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


RESULTS: Final = {Result.EARLY: Measure.EARLY, Result.ON_TIME: Measure.ON_TIME, Result.LATE: Measure.LATE}


class Happening(NamedTuple):
    """An event as statistics see it; `day` is the office's day.

    `procedure` is the one that holds where a reception was put right, '' for every other event.
    """

    dossier_id: int
    day: date
    action: str
    after: int
    step: str
    unit: str
    due_on: date | None
    procedure: str = ""


class Cell(NamedTuple):
    """Where something is counted: the day, the unit that received the dossier, its procedure and its channel.

    `further`: it is a leg of a bundle other than the first one, and counts at its unit alone, not in what is counted
    over all units: there a bundle counts once.
    """

    day: date
    unit: str
    procedure: str
    channel: str
    further: bool = False


class Turn(StrEnum):
    """Who has to move: the office at the dossier's step, or the applicant with papers or money."""

    OFFICE = "office"
    SUPPLEMENT = "supplement"
    DUTY = "duty"


class Phase(StrEnum):
    """Where an open dossier is as far as statistics go: not yet received, running, or ended and not handed over."""

    BEFORE = "before"
    RUNNING = "running"
    ENDED = "ended"


class Standing(NamedTuple):
    """Where an unfinished dossier stands: at which unit and step, whose turn it is, and its due day if it runs."""

    unit: str
    procedure: str
    step: str
    turn: Turn
    phase: Phase
    due_on: date | None


@dataclass(slots=True)
class Tally:
    """What a run of events adds to the counts: numbers by cell and measure, and dossiers by standing."""

    counts: dict[Cell, list[int]] = field(default_factory=dict)
    standings: dict[Standing, int] = field(default_factory=dict)

    def add(self, cell: Cell, measure: Measure, number: int = 1) -> None:
        """Count something on a day."""
        numbers = self.counts.get(cell)
        if numbers is None:
            numbers = self.counts[cell] = [0] * len(Measure)
        numbers[measure] += number

    def merge(self, other: Tally) -> None:
        """Add what another run of events adds."""
        for cell, numbers in other.counts.items():
            mine = self.counts.setdefault(cell, [0] * len(Measure))
            for measure, number in enumerate(numbers):
                mine[measure] += number
        for standing, number in other.standings.items():
            self.standings[standing] = self.standings.get(standing, 0) + number

    def move(self, before: Standing | None, after: Standing | None) -> None:
        """Count a dossier where it stands now instead of where it stood."""
        if before != after:
            for standing, number in ((before, -1), (after, 1)):
                if standing is not None:
                    self.standings[standing] = self.standings.get(standing, 0) + number


@dataclass(frozen=True, slots=True)
class Spell:
    """Days in a row at whose end a dossier was open with the same due day, waiting or not; `until` comes after them."""

    since: date
    until: date
    due_on: date
    waiting: bool


@dataclass(slots=True)
class Course:
    """One dossier as its events have told so far; `follow` carries it on.

    `spells` are those that are new or changed since the course was loaded, by their first day; None for one that came
    to nothing, because the state changed again on the same day.
    """

    dossier_id: int
    procedure: str
    channel: str
    further: bool = False
    unit: str = ""
    day: date = date.min
    step: str = ""
    at_unit: str = ""
    status: int = 0
    answered: bool = False
    received_on: date | None = None
    due_on: date | None = None
    spell_since: date | None = None
    waiting_since: date | None = None
    supplements: int = 0
    second_supplement_on: date | None = None
    ended_on: date | None = None
    result: Result | None = None
    spells: dict[date, Spell | None] = field(default_factory=dict)

    @property
    def phase(self) -> Phase:
        """Whether it is received, running or ended."""
        if self.received_on is None:
            return Phase.BEFORE
        return Phase.RUNNING if self.ended_on is None else Phase.ENDED

    @property
    def turn(self) -> Turn:
        """Who has to move. An answer before reception waits for the officer, though the status stays."""
        if self.status == Status.DUTY_ASKED:
            return Turn.DUTY
        return Turn.SUPPLEMENT if self.status == Status.SUPPLEMENT_ASKED and not self.answered else Turn.OFFICE

    @property
    def standing(self) -> Standing | None:
        """Where it stands; None before its first event and once it is finished.

        A leg that has not begun stands nowhere: the one it waits for does.
        """
        if self.status == 0 or self.status in TERMINAL or (self.further and self.received_on is None):
            return None
        turn, phase = self.turn, self.phase
        runs = turn is Turn.OFFICE and phase is Phase.RUNNING
        return Standing(self.at_unit, self.procedure, self.step, turn, phase, self.due_on if runs else None)

    def cell(self, day: date) -> Cell:
        """Where something that happens to it on this day is counted."""
        return Cell(day, self.unit, self.procedure, self.channel, self.further)


def follow(course: Course, event: Happening, tally: Tally) -> None:
    """Carry a course on by its next event, and count what that changes.

    A clock set back does not turn the order of events round: an event counts on its day, but not before the one
    before it.
    """
    stood = course.standing
    day = course.day = max(event.day, course.day)
    course.step, course.at_unit, course.status = event.step, event.unit, event.after
    if event.action in _ANSWERS:
        course.answered = _ANSWERS[event.action]
    if course.received_on is None:
        course.unit = event.unit
        if event.after == Status.RECEIVED:
            _receive(course, day, event, tally)
    elif course.ended_on is None:
        if event.action == Action.RECTIFY:
            _count_elsewhere(course, day, event, tally)
        _run_on(course, day, event, tally)
    tally.move(stood, course.standing)


_ANSWERS: Final = {Action.ANSWER_BEFORE_RECEPTION.value: True, Action.ASK_SUPPLEMENT.value: False}
_ASKING: Final = frozenset(action.value for action in ASKING)


def _receive(course: Course, day: date, event: Happening, tally: Tally) -> None:
    course.received_on, course.due_on, course.answered = day, event.due_on, False
    tally.add(course.cell(day), _received(course))
    _begin_spell(course, day, tally)


def _received(course: Course) -> Measure:
    return Measure.RECEIVED_ONLINE if course.channel == "online" else Measure.RECEIVED_COUNTER


def _count_elsewhere(course: Course, day: date, event: Happening, tally: Tally) -> None:
    """A reception put right counts at the unit and for the procedure that hold, as if it never had elsewhere."""
    holds = event.unit, event.procedure or course.procedure
    if holds == (course.unit, course.procedure):
        return
    assert course.received_on is not None
    _close_spell(course, day, tally)
    tally.add(course.cell(course.received_on), _received(course), -1)
    course.unit, course.procedure = holds
    tally.add(course.cell(course.received_on), _received(course))
    _begin_spell(course, day, tally)


def _run_on(course: Course, day: date, event: Happening, tally: Tally) -> None:
    """What an event does to a dossier that is received and has not ended."""
    if event.action in _ASKING:
        course.supplements += 1
        if course.supplements == 2:
            course.second_supplement_on = day
            tally.add(course.cell(day), Measure.SECOND_SUPPLEMENTS)
    if event.after in ENDED:
        _close_spell(course, day, tally)
        assert course.due_on is not None
        # Who stops or withdraws while papers or money are awaited is compared by the day the wait began.
        course.ended_on, course.result = day, compare(course.waiting_since or day, course.due_on)
        tally.add(course.cell(day), RESULTS[course.result])
        return
    waits = event.after in WAITING
    if event.due_on != course.due_on or waits != (course.waiting_since is not None):
        _close_spell(course, day, tally)
        course.due_on, course.waiting_since = event.due_on, (course.waiting_since or day) if waits else None
        _begin_spell(course, day, tally)


def _begin_spell(course: Course, day: date, tally: Tally) -> None:
    """From today's end the dossier is open as it now is; if it runs, it will be over from the day after its due day."""
    assert course.due_on is not None
    course.spell_since = day
    course.spells[day] = Spell(day, NEVER, course.due_on, course.waiting_since is not None)
    if course.waiting_since is None:
        tally.add(course.cell(max(day, course.due_on + ONE_DAY)), Measure.OVER)


def _close_spell(course: Course, day: date, tally: Tally) -> None:
    """It was so until yesterday's end; from today it is not over any more, or will never have been."""
    since, due_on = course.spell_since, course.due_on
    assert since is not None
    assert due_on is not None
    waited = course.waiting_since is not None
    course.spells[since] = Spell(since, day, due_on, waited) if since < day else None
    course.spell_since = None
    if not waited:
        tally.add(course.cell(max(day, since, due_on + ONE_DAY)), Measure.OVER, -1)


def compare(ended_on: date, due_on: date) -> Result:
    """Early, on time or late, by date."""
    if ended_on == due_on:
        return Result.ON_TIME
    return Result.EARLY if ended_on < due_on else Result.LATE


@dataclass(frozen=True, slots=True)
class Balance:
    """All that was counted up to the end of a day."""

    received_online: int = 0
    received_counter: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    over: int = 0
    second_supplements: int = 0

    @property
    def received(self) -> int:
        """Received by every channel."""
        return self.received_online + self.received_counter

    @property
    def open(self) -> int:
        """Received and not ended by the end of that day."""
        return self.received - self.early - self.on_time - self.late

    def __add__(self, other: Balance) -> Balance:
        return Balance(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a period: what came in, what was resolved in it, and what was open at its end.

    `received_counter` includes the post. Refused, stopped and withdrawn dossiers are resolved ones.
    """

    carried_over: int
    received_online: int
    received_counter: int
    resolved_early: int
    resolved_on_time: int
    resolved_late: int
    open_within: int
    open_over: int
    second_supplements: int

    @property
    def received(self) -> int:
        """Received in the period."""
        return self.received_online + self.received_counter

    @property
    def total(self) -> int:
        """All that was to be dealt with; equals resolved + open."""
        return self.carried_over + self.received

    @property
    def resolved(self) -> int:
        """Ended in the period."""
        return self.resolved_early + self.resolved_on_time + self.resolved_late

    @property
    def open(self) -> int:
        """Open at the period's end."""
        return self.open_within + self.open_over

    @property
    def resolution_rate(self) -> Decimal | None:
        """Resolved of all that was to be dealt with, in percent."""
        return percent(self.resolved, self.total)

    @property
    def on_time_rate(self) -> Decimal | None:
        """Early and on time of all that was resolved, in percent."""
        return percent(self.resolved_early + self.resolved_on_time, self.resolved)


def figures(before: Balance, until: Balance) -> Figures:
    """The numbers of a period, from the balances of the day before it and of its last day."""
    return Figures(
        carried_over=before.open,
        received_online=until.received_online - before.received_online,
        received_counter=until.received_counter - before.received_counter,
        resolved_early=until.early - before.early,
        resolved_on_time=until.on_time - before.on_time,
        resolved_late=until.late - before.late,
        open_within=until.open - until.over,
        open_over=until.over,
        second_supplements=until.second_supplements - before.second_supplements,
    )


def percent(part: int, whole: int) -> Decimal | None:
    """In percent with two decimals, halves rounded up; None of nothing (Decision 766)."""
    if whole == 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends on or after the day it begins")


class Preset(StrEnum):
    """A period with a name."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    QUARTER = "quarter"
    LAST_QUARTER = "last_quarter"
    YEAR = "year"


def preset(name: Preset, today: date) -> Period:
    """The named period as of a day.

    A report's quarter begins on the 15th of the month before the calendar quarter and ends on the 14th of its last
    month, a report's year accordingly (NĐ 09/2019/NĐ-CP Art 12).
    """
    month = today.replace(day=1)
    match name:
        case Preset.THIS_MONTH:
            return Period(month, add_months(month, 1) - ONE_DAY)
        case Preset.LAST_MONTH:
            return Period(add_months(month, -1), month - ONE_DAY)
        case Preset.QUARTER:
            return _quarter(today)
        case Preset.LAST_QUARTER:
            return _quarter(_quarter(today).first - ONE_DAY)
        case Preset.YEAR:
            first = date(today.year if today >= date(today.year, 12, 15) else today.year - 1, 12, 15)
            return Period(first, date(first.year + 1, 12, 14))


def _quarter(day: date) -> Period:
    # Seen from its 15th on, a month belongs to the report of the month after.
    month = add_months(day.replace(day=1), 1 if day.day >= 15 else 0)
    first = add_months(month, -((month.month - 1) % 3) - 1).replace(day=15)
    return Period(first, add_months(first, 3) - ONE_DAY)


def add_months(day: date, months: int) -> date:
    """The same day of the month, so many months later or earlier; the day must exist in every month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)


class Listed(StrEnum):
    """Which dossiers a list behind a figure shows."""

    CARRIED_OVER = "carried_over"
    RECEIVED = "received"
    RECEIVED_ONLINE = "received_online"
    RECEIVED_COUNTER = "received_counter"
    RESOLVED = "resolved"
    RESOLVED_EARLY = "resolved_early"
    RESOLVED_ON_TIME = "resolved_on_time"
    RESOLVED_LATE = "resolved_late"
    OPEN = "open"
    OPEN_WITHIN = "open_within"
    OPEN_OVER = "open_over"
    SECOND_SUPPLEMENTS = "second_supplements"
