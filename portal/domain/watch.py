"""The watch over promises: what the portal has to do about a dossier by itself, and from when on.

All of it follows from the dossier as it stands: a share of somebody's time has passed, an apology must be prepared, an
applicant's or another body's time is over by law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from portal.domain import clock
from portal.domain.casework import Case, Holder, Outcome, Rules, apology_by
from portal.domain.flow import RUNNING, Status
from portal.domain.moment import Moment, office_day
from portal.domain.workdays import midnight


class Level(IntEnum):
    """Of which share of a step's time, in percent, its holder and their head are warned."""

    HALF = 50
    MOST = 80
    ALL = 100


class Call(StrEnum):
    """What the portal does by itself."""

    WARN = "warn"
    PREPARE = "prepare"  # an apology for a date that nobody may be able to keep
    LAPSE = "lapse"  # the applicant's own time to answer is over
    SILENCE = "silence"  # another body's time is over, and its silence is consent


class Due(NamedTuple):
    """One thing to do from an instant on; `level` of a warning, `interval` of a silence."""

    at: datetime
    call: Call
    level: Level | None = None
    interval: str = ""


class Stretch(NamedTuple):
    """The time that whoever holds a dossier has for it."""

    since: datetime
    until: datetime


#: How long before the due instant an apology is prepared where the whole term is a working day or less.
SHORT_NOTICE: Final = timedelta(hours=2)

_SILENT: Final = frozenset({Status.PROCESSING, Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED})


def calls(case: Case, holder: Holder | None, rules: Rules, moment: Moment) -> Iterator[Due]:
    """All that is to be done about this dossier if nobody does anything before, in no order, done already or not."""
    if (stretch := stretch_of(case, holder, rules, moment)) is not None:
        yield from (Due(at, Call.WARN, level) for level, at in _levels(stretch, moment))
    if case.status in RUNNING and not case.apologised:
        yield Due(_prepare_from(case, rules, moment), Call.PREPARE)
    if case.status is Status.SUPPLEMENT_ASKED and case.received_at is not None and rules.refuse_within is not None:
        assert case.answer_by is not None
        yield Due(clock.closing(case.answer_by, moment.calendar), Call.LAPSE)
    if case.status in _SILENT:
        for key, begun in case.intervals.items():
            interlude = rules.interludes.get(key)
            if interlude is not None and interlude.silence_consents and interlude.length is not None:
                ends = clock.planned_end(begun, interlude.length, moment.calendar)
                yield Due(ends, Call.SILENCE, interval=key)


def next_look(outcome: Outcome, rules: Rules, moment: Moment) -> datetime | None:
    """When the watch has to look at a dossier after this outcome; what was passed unseen is looked at at once."""
    return first(calls(outcome.case, outcome.holder, rules, moment))


def first(dues: Iterable[Due], after: datetime | None = None) -> datetime | None:
    """The first instant at which something is to be done or, with `after`, the first one after that."""
    return min((due.at for due in dues if after is None or due.at > after), default=None)


def reached(dues: Iterable[Due], at: datetime) -> Level | None:
    """The highest level that is reached at an instant: where several were passed unseen, one warning is enough."""
    return max((due.level for due in dues if due.level is not None and due.at <= at), default=None)


def stretch_of(case: Case, holder: Holder | None, rules: Rules, moment: Moment) -> Stretch | None:
    """The time that an office has for what is next; None where no office has to act, or its work is done."""
    if holder is None or holder.unit is None or case.status is Status.RESOLVED:
        return None
    if case.received_at is None:
        hours = timedelta(hours=rules.ack_hours)
        return Stretch(moment.calendar.add_working_time(holder.act_by, -hours), holder.act_by)
    assert case.step_since is not None
    return Stretch(case.step_since, holder.act_by)


def _levels(stretch: Stretch, moment: Moment) -> Iterator[tuple[Level, datetime]]:
    whole = moment.calendar.working_time_between(stretch.since, stretch.until)
    for level in (Level.HALF, Level.MOST):
        if whole > timedelta():
            yield level, moment.calendar.add_working_time(stretch.since, whole * int(level) / 100)
    yield Level.ALL, stretch.until


def _prepare_from(case: Case, rules: Rules, moment: Moment) -> datetime:
    """The morning of the working day before the last one on which an apology moves the date.

    Where that can be done until the due instant itself, as the term is a working day or less: two hours before it.
    """
    latest = apology_by(case, rules, moment)
    if latest == case.due_at:
        return moment.calendar.add_working_time(latest, -SHORT_NOTICE)
    return moment.calendar.start(midnight(moment.calendar.add_working_days(office_day(latest), -1)))
