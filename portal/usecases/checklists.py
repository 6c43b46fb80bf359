"""The checklist of a dossier's papers: what was found of each, kept by whoever holds it, for those who come after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.domain import casework
from portal.domain.access import Actor, may_check
from portal.domain.checklists import Entry, Mark, changed, clashing, latest
from portal.domain.errors import Forbidden, Invalid, NotFound, NotPossibleNow
from portal.domain.flow import TERMINAL
from portal.domain.kinds import Refusal, clean
from portal.store import dossiers as store
from portal.store import findings
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.store.remark_models import Finding
from portal.usecases import law
from portal.usecases.dossiers import Opened

LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """How many marks were kept, and of each paper that both marked what a colleague wrote meanwhile, which stands."""

    many: int
    theirs: Mapping[str, Entry]


def found(opened: Opened) -> dict[str, Entry]:
    """Of each component what was found last, for as long as it is the paper that was looked at.

    One that came anew since then has to be looked at again.
    """
    with reading() as session:
        return _standing(findings.of(session, opened.dossier.id), opened.dossier)


def _standing(rows: Iterable[Finding], dossier: Dossier) -> dict[str, Entry]:
    """Marks of papers that only the procedure asked for which it was received as by mistake do not stand."""
    renewed, asked = _renewed(dossier), law.procedure_of(dossier).papers
    last = {key: entry for key, entry in latest(map(findings.entry_of, rows)).items() if key in asked}
    return {key: entry for key, entry in last.items() if key not in renewed or renewed[key] < entry.at}


def may_save(actor: Actor, opened: Opened) -> bool:
    """Whether this officer keeps the checklist now."""
    return opened.case.status not in TERMINAL and may_check(actor, casework.whereabouts(opened.case, opened.rules))


def save(
    actor: Actor,
    registration: str,
    marks: Mapping[str, Mark],
    shown: Mapping[str, str],
    at: datetime,
    undecided: Collection[str] = (),
) -> Kept:
    """Keep what was changed on somebody's page, at the step the dossier is at; what a colleague also changed stays.

    `shown` is the trace of each mark that the page had; `undecided` are papers of which neither version was chosen yet.

    Raises NotFound, Forbidden for who does not hold it, NotPossibleNow for one that has ended, Invalid for what is no
    component or reason of the procedure.
    """
    with transaction() as session:
        dossier = store.find(session, registration, actor, lock=True)
        if dossier is None:
            raise NotFound(registration=registration)
        case, procedure = store.case_of(dossier), law.procedure_of(dossier)
        if not may_check(actor, casework.whereabouts(case, law.rules_of(dossier))):
            raise Forbidden(role=actor.role.value)
        if case.status in TERMINAL:
            raise NotPossibleNow("check", case.status, [])
        reasons = {"", *(reason.code for reason in procedure.supplements)}
        if not marks.keys() <= procedure.papers.keys() or not {mark.reason for mark in marks.values()} <= reasons:
            raise Invalid({"checklist": "unknown"})
        rows = findings.of(session, dossier.id)
        standing = _standing(rows, dossier)
        now = {key: entry.mark for key, entry in standing.items()}
        cleaned = {key: _cleaned(mark) for key, mark in marks.items()}
        clashes = clashing(cleaned, shown, now, undecided)
        to_write = {key: mark for key, mark in changed(cleaned, shown, now).items() if key not in clashes}
        here = {row.component: row for row in rows if row.step == dossier.step}
        for component, mark in to_write.items():
            row = here.get(component) or Finding(dossier_id=dossier.id, step=dossier.step, component=component)
            row.found, row.reason, row.words = mark.found.value, mark.reason, mark.words
            row.at, row.by_id = at, actor.account_id or 0
            session.add(row)
    return Kept(len(to_write), {key: standing[key] for key in clashes})


def _cleaned(mark: Mark) -> Mark:
    try:
        return Mark(mark.found, mark.reason, clean(mark.words)[:LONGEST])
    except Refusal:
        raise Invalid({"checklist": "unknown"}) from None


def _renewed(dossier: Dossier) -> dict[str, datetime]:
    """When each component last came anew: with a file, or with the answer to a supplement."""
    times: dict[str, datetime] = {}
    answered = {asked.id: asked for asked in dossier.supplements if asked.answered_at is not None}
    came = [(file.component, file.uploaded_at) for file in dossier.files if file.supplement_id is None]
    came += [
        (str(item["component"]), asked.answered_at)
        for asked in answered.values()
        for item in asked.items
        if item.get("component") and asked.answered_at is not None
    ]
    for component, at in came:
        times[component] = max(at, times.get(component, at))
    return times
