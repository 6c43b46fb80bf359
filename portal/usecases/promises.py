"""What moves a promised date between reception and result: intervals that begin and end, and an apology."""

from __future__ import annotations

from datetime import datetime

from portal.domain import clock
from portal.domain.casework import Interlude
from portal.domain.flow import Status
from portal.domain.slips import SlipKind
from portal.store import dossiers as store
from portal.store.models import Interval
from portal.usecases import law, notices, slips
from portal.usecases.scenes import Scene


def begin_interval(scene: Scene) -> None:
    """Keep the interval that begins, with its own limit; the applicant is told of a new date."""
    dossier, request = scene.dossier, scene.deed.request
    interlude = _interlude(scene)
    calendar = law.calendar(dossier.desk_unit, dossier.sector)
    length = interlude.length
    scene.session.add(
        Interval(
            dossier_id=dossier.id,
            key=interlude.key,
            kind=interlude.kind,
            body=request.body or "",
            words=scene.deed.words,
            begun_at=scene.at,
            begun_by_id=scene.actor.account_id,
            limit_at=clock.planned_end(scene.at, length, calendar) if length else None,
            old_due_at=_due_before(scene),
            new_due_at=dossier.due_at,
        )
    )
    _tell_if_moved(scene)


def end_interval(scene: Scene) -> None:
    """Close an interval with what came of it; the applicant is told of a new date."""
    interval = store.open_interval(scene.session, scene.dossier.id, _interlude(scene).key)
    interval.ended_at, interval.ended_by_id = scene.at, scene.actor.account_id
    interval.outcome = scene.deed.request.reason or "done"
    interval.outcome_words = scene.deed.words
    interval.new_due_at = scene.dossier.due_at
    _tell_if_moved(scene)


def _interlude(scene: Scene) -> Interlude:
    return scene.rules.interludes[scene.deed.request.interval or ""]


def _due_before(scene: Scene) -> datetime | None:
    moved = scene.outcome.due_move
    return moved.old if moved else scene.dossier.due_at


def _tell_if_moved(scene: Scene) -> None:
    moved = scene.outcome.due_move
    held = scene.outcome.case.status in (Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED)
    if moved is not None and moved.old != moved.new and not held:
        notices.notify(scene.session, "date_moved", scene.dossier, scene.at)


def apologise(scene: Scene) -> None:
    """Make out the apology with its reason and the new date, and tell the applicant at once (61/2018 Art 19.9)."""
    slips.make_out(
        scene.session, scene.dossier, SlipKind.APOLOGY, scene.actor, scene.at,
        reason=scene.deed.request.reason, words=scene.deed.words, moved=scene.outcome.due_move,
    )  # fmt: skip
    notices.notify(scene.session, "apology", scene.dossier, scene.at)
