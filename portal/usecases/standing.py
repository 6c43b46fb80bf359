"""How the limits of a dossier stand now: the promised date, and that of whoever holds it."""

from __future__ import annotations

from datetime import datetime

from portal.domain import clock, standing, term_cases
from portal.domain.clock import DueDate
from portal.domain.flow import GIVEN_UP, WAITING, Status
from portal.domain.moment import Moment
from portal.domain.standing import Limit
from portal.store.models import Dossier
from portal.store.queues import Queued
from portal.store.watch import Reminder
from portal.usecases import law


def promised(dossier: Dossier | Queued | Reminder, at: datetime) -> Limit:
    """How the promised date of a dossier stands."""
    return standing.promised(
        dossier.due_at,
        _moment(dossier, at),
        ended_on=dossier.ended_on,
        given_up=dossier.state in GIVEN_UP,
        waiting=dossier.state in WAITING,
        provisional=dossier.due_provisional,
    )


def handling(dossier: Dossier | Queued | Reminder, at: datetime) -> Limit:
    """How the limit of whoever holds a dossier stands; a result that waits to be fetched is not late."""
    if dossier.state is Status.RESOLVED:
        return promised(dossier, at)
    waiting = dossier.state in WAITING and not dossier.answered_early
    return standing.handling(dossier.act_by, _moment(dossier, at), waiting=waiting)


def if_received(dossier: Dossier, at: datetime) -> DueDate:
    """When the result would be due if the dossier were received now, under the version then in force."""
    unit = law.unit(dossier.desk_unit)
    version = law.catalogue().in_force(dossier.procedure, law.office_day(at))
    case = term_cases.told_by(version, dossier.answers, law.context_of(dossier))
    term = version.term_for(mountain=unit.mountain, case=case)
    return clock.due_date(term, at, law.calendar(unit.id, dossier.sector))


def _moment(dossier: Dossier | Queued | Reminder, at: datetime) -> Moment:
    return law.moment(dossier.desk_unit, at, dossier.sector)
