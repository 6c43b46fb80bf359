"""The applicant's answer to a supplement: item by item, kept as it grows, and sent once it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import forms
from portal.domain.access import Actor
from portal.domain.casework import Request
from portal.domain.errors import Invalid, NotFound
from portal.domain.forms import Posted, Reading
from portal.domain.kinds import Context, clean
from portal.services.uploads import Uploads
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier, Supplement
from portal.usecases import dossiers, drafts, law
from procedures.model import Procedure

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class OpenSupplement:
    """A supplement as its applicant has it before their eyes; `files` are those handed in for it so far."""

    dossier: Dossier
    procedure: Procedure
    supplement: Supplement
    files: tuple[Attachment, ...]

    @property
    def context(self) -> Context:
        """What answers are read against: the day the dossier was submitted."""
        return Context(law.office_day(self.dossier.submitted_at), law.places(), self.dossier.channel)

    @property
    def answers(self) -> dict[str, Any]:
        """The form's answers with what was changed so far; what was emptied on a corrected page is gone."""
        answers = dict(self.dossier.answers)
        for item in self.supplement.items:
            reply = self.supplement.replies.get(item["key"], {})
            if "answers" in reply:
                for field in self.procedure.section(item["section"]).fields:
                    answers.pop(field.key, None)
                answers |= reply["answers"]
        return answers

    @property
    def final_answers(self) -> dict[str, Any]:
        """The answers the dossier is to keep; those of another version of its form stay as they are."""
        final = forms.final_answers(self.procedure, self.answers, self.context)
        return {key: value for key, value in self.answers.items() if key not in self.procedure.fields} | final

    def is_answered(self, item: Mapping[str, Any]) -> bool:
        """Whether an item has its file, its corrected page, or its words."""
        reply = self.supplement.replies.get(item["key"], {})
        if component := item.get("component"):
            return any(file.component == component for file in self.files)
        return "answers" in reply if item.get("section") else bool(reply.get("words"))

    @property
    def missing(self) -> tuple[Mapping[str, Any], ...]:
        """The items without an answer."""
        return tuple(item for item in self.supplement.items if not self.is_answered(item))


def open_supplement(actor: Actor, registration: str) -> OpenSupplement:
    """The round that waits for the applicant's answer. Raises NotFound where none does."""
    with reading() as session:
        return _open(session, actor, registration)


def save_words(actor: Actor, registration: str, item: str, words: str) -> None:
    """Keep what the applicant writes about an item. Raises Refusal for what is no text."""
    kept = clean(words, lines=True)[:LONGEST]
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        _item(opened, item)
        _keep(opened.supplement, item, {"words": kept})


def save_section(actor: Actor, registration: str, item: str, posted: Posted, *, partial: bool = False) -> Reading:
    """Keep a corrected page of the form, whole: not while something in it is wrong or still to be asked, nor a part."""
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        section = _item(opened, item).get("section")
        if not section:
            raise NotFound(item=item)
        how = forms.read_partial if partial else forms.read_section
        read = how(opened.procedure, section, posted, opened.answers, opened.context)
        if not partial and not read.errors and not read.opened:
            keys = {field.key for field in opened.procedure.section(section).fields}
            kept = {key: value for key, value in read.answers.items() if key in keys}
            _keep(opened.supplement, item, {"answers": kept})
    return read


def attach(
    actor: Actor, registration: str, item: str, stream: BinaryIO, name: str, uploads: Uploads, at: datetime
) -> None:
    """Take in a file for an item. Raises UploadRefused with a plain reason."""
    opened = open_supplement(actor, registration)
    component = _item(opened, item).get("component")
    if not component:
        raise NotFound(item=item)
    if len(opened.files) >= drafts.MOST_FILES:
        raise Invalid({item: "too_many_files"}, limit=drafts.MOST_FILES)
    inspected = uploads.receive(stream, name)
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        if any(file.component == component and file.sha256 == inspected.sha256 for file in opened.files):
            return
        attachment = drafts.attachment_of(inspected, component, actor, at)
        attachment.dossier_id, attachment.supplement_id = opened.dossier.id, opened.supplement.id
        session.add(attachment)


def detach(actor: Actor, registration: str, attachment_id: int) -> None:
    """Take a file off the answer again; one that is not on it is not an error."""
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        for file in opened.files:
            if file.id == attachment_id:
                session.delete(file)


def send(actor: Actor, registration: str, at: datetime) -> Dossier:
    """Send the answer, once every item asked for has one; the clock goes on by itself. Sent already: nothing happens.

    Raises Invalid naming the items without an answer.
    """
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, actor, None)
        if not dossiers.waits_for_answer(dossier):
            return dossier
        opened = _open(session, actor, registration)
        if opened.missing:
            raise Invalid({item["key"]: "unanswered" for item in opened.missing})
        dossier.answers = opened.final_answers
        for column, value in drafts.applicant_columns(opened.procedure, dossier.answers).items():
            setattr(dossier, column, value)
        dossier.search = dossiers.search_words(dossier)
        request = Request(items=[{"key": item["key"]} for item in opened.supplement.items])
        dossiers.perform(session, dossier, actor, dossiers.Deed(dossiers.answer_action(dossier), request=request), at)
    return dossier


def _open(session: Session, actor: Actor, registration: str, *, lock: bool = False) -> OpenSupplement:
    dossier = store.find(session, registration, actor, lock=lock)
    if dossier is None or not dossiers.waits_for_answer(dossier):
        raise NotFound(registration=registration)
    supplement = store.open_supplement(session, dossier.id)
    if supplement is None:
        raise NotFound(registration=registration)
    query = select(Attachment).where(Attachment.supplement_id == supplement.id).order_by(Attachment.id)
    files = tuple(session.scalars(query))
    return OpenSupplement(dossier, law.catalogue().version(dossier.procedure, dossier.version), supplement, files)


def _item(opened: OpenSupplement, key: str) -> Mapping[str, Any]:
    found = next((item for item in opened.supplement.items if item["key"] == key), None)
    if found is None:
        raise NotFound(item=key)
    return dict(found)


def _keep(supplement: Supplement, item: str, reply: Mapping[str, Any]) -> None:
    supplement.replies = {**supplement.replies, item: dict(reply)}
