"""Which other dossiers are likely the same matter: told to officers, and never in anybody's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.access import Actor
from portal.domain.duplicates import parcel_key
from portal.domain.flow import Status
from portal.store import duplicates as store
from portal.store.database import reading
from portal.store.duplicates import Sought
from portal.store.models import Dossier
from portal.usecases.drafts import OpenDraft


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A dossier that is likely the same matter; `person` and `parcel`: what it has in common."""

    registration: str
    code: str | None
    applicant: str
    unit: str
    status: Status
    submitted_at: datetime
    person: bool
    parcel: bool


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Those that the actor may open, and whether there are others.

    Of others nothing is said but that there are some: whose, where and about what is not the actor's to know.
    """

    known: tuple[Duplicate, ...] = ()
    elsewhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.known) or self.elsewhere


def of_dossier(actor: Actor, dossier: Dossier) -> Duplicates:
    """Those like a dossier; a leg of a bundle is looked at as its bundle."""
    head = dossier.head
    return _found(actor, Sought(head.procedure, head.applicant_number, head.parcel, head.submitted_at, head.id))


def of_draft(actor: Actor, opened: OpenDraft, at: datetime) -> Duplicates:
    """Those like what an officer is entering now."""
    answers = opened.draft.answers
    number = str(answers.get("personal_number", ""))
    return _found(actor, Sought(opened.procedure.code, number, parcel_key(answers), at))


def _found(actor: Actor, sought: Sought) -> Duplicates:
    with reading() as session:
        rows = store.like(session, sought, actor)
    common: dict[int, set[str]] = {}
    for row in rows:
        common.setdefault(row.id, set()).add(row.by)
    open_to_actor = {row.id: row for row in rows if row.open}
    known = [
        Duplicate(
            row.registration, row.code, row.applicant_name, row.desk_unit, Status(row.status), row.submitted_at,
            "person" in common[row.id], "parcel" in common[row.id],
        )
        for row in open_to_actor.values()
    ]  # fmt: skip
    return Duplicates(tuple(known[: store.MOST]), any(not row.open for row in rows))
