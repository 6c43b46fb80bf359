"""The watch: every few minutes it warns, prepares apologies, and does what the law leaves to the passing of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from portal.domain import apologies, casework, watch
from portal.domain.access import PORTAL
from portal.domain.casework import Request, Rules
from portal.domain.errors import PortalError
from portal.domain.flow import Action
from portal.domain.moment import Moment
from portal.domain.watch import Call, Due
from portal.store import watch as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.store.watch import Place, Watched
from portal.usecases import dossiers, law
from portal.usecases.scenes import Deed

log = structlog.get_logger(__name__)

#: Dossiers looked at in one transaction.
BATCH: Final = 500
_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
#: The reasons' codes of what the portal does by itself.
UNANSWERED, SILENCE = "unanswered", "silence"


@dataclass(slots=True)
class Round:
    """What came of one round: dossiers looked at, warnings and apologies written, and deeds of the portal itself."""

    seen: int = 0
    warned: int = 0
    prepared: int = 0
    done: int = 0


def go_round(at: datetime, batch: int = BATCH) -> Round:
    """Do all that is to be done by now. Reads nothing but the dossiers that are due; safe to repeat, and at once.

    When to look at each of them was counted by the calendars of that time: once those have changed, ordered or not, it
    looks at all that it still has to look at, and counts again. A round that is broken off leaves that to the next one.
    """
    told, place, due_deeds = Round(), None, list[str]()
    calendars = law.calendars()
    with reading() as session:
        counted_by = store.counted_by(session)
    until = at if counted_by in (None, calendars) else _EVER
    while True:
        with transaction() as session:
            watched = store.due(session, until, place, batch)
            due_deeds += _look_at(session, watched, at, told)
        if len(watched) < batch:
            break
        place = _place(watched[-1])
    if counted_by != calendars:
        with transaction() as session:
            store.count_by(session, calendars, at)
    for registration in due_deeds:
        try:
            told.done += _act(registration, at)
        except PortalError as error:  # one that cannot be done keeps no other waiting, and is tried again next time
            log.error("watch_could_not_act", code=error.code, details=error.details)
    return told


def _place(watched: Watched) -> Place:
    return watched.row.watch_at, watched.row.id


def _look_at(session: Session, batch: list[Watched], at: datetime, told: Round) -> Iterator[str]:
    """Write down what is due of a batch; gives the dossiers on which the portal has to act by itself."""
    warnings, prepared, marks, deeds = [], [], [], []
    for each in batch:
        rules, moment = _law_of(each.row, at)
        dues = list(watch.calls(each.case, each.holder, rules, moment))
        level = watch.reached(dues, at)
        if level is not None and level > each.row.warned:
            warnings.append(_warning(each, level, rules, moment))
        apology_by = each.row.apology_by
        if apology_by is None and _has(dues, Call.PREPARE, at):
            latest = casework.apology_by(each.case, rules, moment)
            if at <= latest:
                apology_by = latest
                prepared.append(_preparation(each, rules, moment))
        acts = _has(dues, Call.LAPSE, at) or _has(dues, Call.SILENCE, at)
        if acts:
            deeds.append(each.row.registration)
        marks.append(
            {
                "key": each.row.id,
                # What the portal does by itself it does in a transaction of its own: until then it stays due.
                "watch_at": each.row.watch_at if acts else watch.first(dues, after=at),
                "warned": max(each.row.warned, level or 0),
                "apology_by": apology_by,
            }
        )
    store.warn(session, warnings)
    store.prepare(session, prepared)
    store.mark(session, marks)
    told.seen += len(batch)
    told.warned += len(warnings)
    told.prepared += len(prepared)
    return iter(deeds)


def _has(dues: list[Due], call: Call, at: datetime) -> bool:
    return any(due.call is call and due.at <= at for due in dues)


def _law_of(row: Any, at: datetime) -> tuple[Rules, Moment]:
    rules = law.rules(row.procedure, row.version, row.desk_unit, row.term_case, row.leg)
    return rules, law.moment(row.desk_unit, at, row.sector)


def _warning(each: Watched, level: watch.Level, rules: Rules, moment: Moment) -> dict[str, Any]:
    stretch = watch.stretch_of(each.case, each.holder, rules, moment)
    assert stretch is not None and each.holder is not None
    return {
        "dossier_id": each.row.id,
        "step": each.row.step,
        "since": stretch.since,
        "level": int(level),
        "at": moment.instant,
        "act_by": stretch.until,
        "holder_role": each.holder.role.value,
        "holder_unit": each.holder.unit,
        "sector": each.row.sector,
        "told_at": None,
    }


def _preparation(each: Watched, rules: Rules, moment: Moment) -> dict[str, Any]:
    return {
        "dossier_id": each.row.id,
        "due_at": each.case.due_at,
        "promised": apologies.proposed_date(each.case, rules, moment),
        "prepared_at": moment.instant,
        "settled_at": None,
        "settled_by": None,
    }


def _act(registration: str, at: datetime) -> int:
    """Do what the passing of time decides on one dossier, if it still does; gives how many deeds that were."""
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, PORTAL, None)
        deeds = _deeds(session, dossier, at)
        for deed in deeds:
            dossiers.perform(session, dossier, PORTAL, deed, at)
        return len(deeds)


def _deeds(session: Session, dossier: Dossier, at: datetime) -> list[Deed]:
    each = store.one(session, dossier.id)
    rules, moment = _law_of(each.row, at)
    due = [due for due in watch.calls(each.case, each.holder, rules, moment) if due.at <= at]
    found = [
        Deed(Action.END_INTERVAL, request=Request(reason=SILENCE, interval=each.interval))
        for each in due
        if each.call is Call.SILENCE
    ]
    found += [Deed(Action.LAPSE, request=Request(reason=UNANSWERED)) for each in due if each.call is Call.LAPSE]
    return found
