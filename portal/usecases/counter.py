"""A dossier that an officer enters for somebody: kept as one page, filled in from what they said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from portal.domain import forms
from portal.domain.access import Actor
from portal.domain.errors import Invalid
from portal.domain.forms import Posted, Reading
from portal.domain.merging import Seen, both, merge
from portal.domain.priority import Priority
from portal.domain.readings import What
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Draft
from portal.usecases import drafts, readings

#: What an earlier dossier says of its applicant that is true of the next one too.
TAKEN_OVER: Final = ("full_name", "birth_date", "sex", "permanent_address", "current_address", "phone", "email")
#: What is merged beside the questions, by the names of the inputs; a paper is then `have-<component>`.
CHANNEL: Final = "channel"
PRIORITY: Final = "priority"
PAPERS: Final = "have"


@dataclass(frozen=True, slots=True)
class Entry:
    """All that stands on the page of the counter; `papers` counts shapes by component, of those that could be read."""

    posted: Posted
    channel: str
    priority: str | None
    papers: Mapping[str, Mapping[str, int]]


def begin(actor: Actor, code: str, at: datetime, channel: str) -> Draft:
    """A draft for the next applicant: one begun and left untouched, else a new one. Raises as `drafts.start`."""
    unfinished = select(Draft).where(Draft.author_id == actor.account_id, Draft.dossier_id.is_(None))
    untouched = unfinished.where(Draft.procedure == code, Draft.revision == 0, ~Draft.attachments.any())
    with reading() as session:
        found = session.scalars(untouched.order_by(Draft.id.desc()).limit(1)).one_or_none()
    return found or drafts.start(actor, code, at, channel)


def beside(draft: Draft) -> dict[str, Any]:
    """What the page shows beside the questions, by the names under which it is merged."""
    return {CHANNEL: draft.channel, PRIORITY: draft.priority, PAPERS: draft.papers}


def save(actor: Actor, key: str, entry: Entry, at: datetime, seen: Seen | None = None) -> Reading:
    """Keep the whole page, right or wrong; gives what is mistyped.

    With `seen`, what another window has kept meanwhile stays: where both changed the same, its version stands until the
    officer has chosen.

    Raises NotFound, and Invalid for a channel by which the procedure is not received or a group that is none.
    """
    with transaction() as session:
        draft = drafts.find(session, actor, key, lock=True)
        if entry.channel not in drafts.opened_of(draft, at).procedure.channels:
            raise Invalid({"channel": "not_received_by"})
        if entry.priority is not None and entry.priority not in set(Priority):
            raise Invalid({"priority": "unknown"})
        counted = {name: dict(counts) for name, counts in {**draft.papers, **entry.papers}.items() if counts}
        mine = {CHANNEL: entry.channel, PRIORITY: entry.priority, PAPERS: counted}
        merged = merge(seen or Seen(beside(draft)), beside(draft), mine, {PAPERS})
        draft.channel, draft.priority = merged.values[CHANNEL], merged.values.get(PRIORITY)
        opened = drafts.opened_of(draft, at)
        came = forms.read_whole(opened.procedure, entry.posted, draft.answers, opened.context, seen)
        draft.answers = came.answers
        draft.visited = [section.key for section in opened.sections]
        draft.papers = merged.values.get(PAPERS, {})
        draft.revision += 1
        draft.updated_at = at
    return replace(came, merged=both(came.merged, merged))


def recall(actor: Actor, key: str, at: datetime) -> Dossier | None:
    """Fill a draft in from the latest dossier of the same personal number that the actor may open; gives that one.

    Only where no name was typed yet, and only what is still empty; that it was read is written down first. Raises
    NotFound.
    """
    with reading() as session:
        draft = drafts.find(session, actor, key)
        number = draft.answers.get("personal_number")
        if not isinstance(number, str) or "full_name" in draft.answers:
            return None
        earlier = store.latest_of(session, actor, number)
        if earlier is None:
            return None
        fields = drafts.opened_of(draft, at).procedure.fields
        told = {name: earlier.answers[name] for name in TAKEN_OVER if name in fields and name in earlier.answers}
    readings.note(actor, earlier, What.PAGE, at)
    for name in told:
        if fields[name].sensitive:
            readings.note(actor, earlier, What.SENSITIVE, at, name)
    with transaction() as session:
        draft = drafts.find(session, actor, key, lock=True)
        draft.answers = told | draft.answers
        draft.updated_at = at
    return earlier
