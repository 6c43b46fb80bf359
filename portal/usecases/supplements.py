"""The answer to a supplement: item by item, kept as it grows, and sent once it is whole.

The applicant gives it, or the officer at the counter to whom they bring what was missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import casework, forms
from portal.domain.access import Actor, Role, may_act
from portal.domain.casework import Request
from portal.domain.differences import replaced
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.forms import Posted, Reading
from portal.domain.kinds import Context, clean
from portal.domain.merging import Seen
from portal.services.uploads import Uploads
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier, Supplement
from portal.usecases import bundles, dossiers, drafts, law
from portal.usecases.scenes import Deed
from procedures.model import Procedure

LONGEST = 2000
#: Begins the key of an item that nobody asked for, but that a correction brought up: `further-section-child`.
FURTHER = "further-"


@dataclass(frozen=True)
class OpenSupplement:
    """A supplement as whoever answers it has it before their eyes.

    `files` are those handed in for it so far, `had` the components that the dossier had a file for before.
    """

    dossier: Dossier
    procedure: Procedure
    supplement: Supplement
    files: tuple[Attachment, ...]
    had: frozenset[str]

    @property
    def context(self) -> Context:
        """What answers are read against: the day the dossier was submitted."""
        return law.context_of(self.dossier)

    @property
    def answers(self) -> dict[str, Any]:
        """The form's answers with what was changed so far; what was emptied on a corrected page is gone."""
        answers = dict(self.dossier.answers)
        for item, reply in self._replied():
            if "answers" in reply:
                for field in self.procedure.section(item["section"]).fields:
                    answers.pop(field.key, None)
                answers |= reply["answers"]
        names = drafts.names_by_paper([*self.dossier.files, *self.files])
        return forms.with_files(self.procedure, answers, names)

    @property
    def final_answers(self) -> dict[str, Any]:
        """The answers the dossier is to keep; those of another version of its form stay as they are."""
        final = forms.final_answers(self.procedure, self.answers, self.context)
        return {key: value for key, value in self.answers.items() if key not in self.procedure.fields} | final

    @property
    def papers(self) -> dict[str, dict[str, int]]:
        """The papers by component and shape: those the dossier has, and those brought to the counter with this."""
        papers = {component: Counter(counts) for component, counts in self.dossier.papers.items()}
        for item, reply in self._replied():
            if brought := reply.get("papers"):
                papers.setdefault(item["component"], Counter()).update(brought)
        return {component: dict(counts) for component, counts in papers.items()}

    @property
    def items(self) -> tuple[Mapping[str, Any], ...]:
        """All that is to be answered: what was asked for, and what corrections have brought up."""
        return (*self.supplement.items, *self.further)

    @property
    def further(self) -> tuple[Mapping[str, Any], ...]:
        """What was not asked for, but what corrected answers have brought up: pages of the form, and papers."""
        pages = forms.pages(self.procedure, self.answers, self.context)
        places = [("section", page.section.key) for page in pages]
        places += [("component", key) for key in self.procedure.papers]
        replied = {_place(item) for item, _reply in self._replied()}
        replied |= {("component", file.component) for file in self.files}
        wanted = (replied | self._brought_up) - {_place(item) for item in self.supplement.items}
        return tuple({"key": f"{FURTHER}{kind}-{name}", kind: name} for kind, name in places if (kind, name) in wanted)

    @cached_property
    def _brought_up(self) -> frozenset[tuple[str, str]]:
        """Where something is missing or wrong now that was not so before anything was corrected."""
        before = self._problems(self.dossier.answers)
        return frozenset(place for place, name in self._problems(self.answers) - before)

    def _problems(self, answers: Mapping[str, Any]) -> set[tuple[tuple[str, str], str]]:
        """What is missing or wrong with these answers: the page or component, and the name of the input."""
        papers = {component for component, counts in self.papers.items() if any(counts.values())}
        handed_in = dict.fromkeys(papers | self.had | {file.component for file in self.files}, 1)
        problems = forms.check_all(self.procedure, answers, self.context, handed_in).problems
        papers_of = self.procedure.papers
        return {(("component", p.key) if p.key in papers_of else ("section", str(p.section)), p.name) for p in problems}

    def _replied(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Every item that has a reply, with it."""
        asked = {item["key"]: item for item in self.supplement.items}
        for key, reply in self.supplement.replies.items():
            kind, _dash, name = key.removeprefix(FURTHER).partition("-")
            yield asked.get(key) or {"key": key, kind: name}, reply

    def is_answered(self, item: Mapping[str, Any]) -> bool:
        """Whether an item has its file or papers, its corrected page with nothing left open on it, or its words."""
        reply = self.supplement.replies.get(item["key"], {})
        if component := item.get("component"):
            return bool(reply.get("papers")) or any(file.component == component for file in self.files)
        if section := item.get("section"):
            return "answers" in reply and ("section", section) not in self._brought_up
        return bool(reply.get("words"))

    def item(self, key: str) -> Mapping[str, Any]:
        """One of the items. Raises NotFound."""
        found = next((item for item in self.items if item["key"] == key), None)
        if found is None:
            raise NotFound(item=key)
        return dict(found)

    @property
    def missing(self) -> tuple[Mapping[str, Any], ...]:
        """The items without an answer."""
        return tuple(item for item in self.items if not self.is_answered(item))


def open_supplement(actor: Actor, registration: str) -> OpenSupplement:
    """The round that waits for an answer. Raises NotFound where none does, Forbidden for who may not answer it."""
    with reading() as session:
        return _open(session, actor, registration)


def save_words(actor: Actor, registration: str, item: str, words: str) -> None:
    """Keep what is written about an item. Raises Refusal for what is no text."""
    kept = clean(words, lines=True)[:LONGEST]
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        opened.item(item)
        _keep(opened.supplement, item, {"words": kept})


def save_section(
    actor: Actor, registration: str, item: str, posted: Posted, *, partial: bool = False, seen: Seen | None = None
) -> Reading:
    """Keep a corrected page of the form, whole: not while something in it is wrong or still to be asked, nor a part.

    With `seen`, nor while something was changed both on it and elsewhere, by the applicant or at the counter.
    """
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        section = opened.item(item).get("section")
        if not section:
            raise NotFound(item=item)
        how = forms.read_partial if partial else forms.read_section
        read = how(opened.procedure, section, posted, opened.answers, opened.context, seen)
        if not partial and not read.errors and not read.opened and not read.merged.conflicts:
            keys = {field.key for field in opened.procedure.section(section).fields}
            kept = {key: value for key, value in read.answers.items() if key in keys}
            _keep(opened.supplement, item, {"answers": kept})
    return read


def save_papers(actor: Actor, registration: str, item: str, papers: Mapping[str, int]) -> None:
    """Keep how many originals and copies were brought to the counter for an item; only an officer has seen them."""
    if actor.role is Role.CITIZEN:
        raise Forbidden(role=actor.role.value)
    with transaction() as session:
        opened = _open(session, actor, registration, lock=True)
        if not opened.item(item).get("component"):
            raise NotFound(item=item)
        _keep(opened.supplement, item, {"papers": {shape: n for shape, n in papers.items() if n}})


def attach(
    actor: Actor, registration: str, item: str, stream: BinaryIO, name: str, uploads: Uploads, at: datetime
) -> None:
    """Take in a file for an item. Raises UploadRefused with a plain reason."""
    opened = open_supplement(actor, registration)
    component = opened.item(item).get("component")
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
        final = opened.final_answers
        opened.supplement.before = replaced(dossier.answers, final)
        dossier.answers, dossier.papers = final, opened.papers
        columns = drafts.applicant_columns(opened.procedure, dossier.answers)
        for row in bundles.of(session, dossier):
            for column, value in columns.items():
                setattr(row, column, value)
            row.search = dossiers.search_words(row)
        request = Request(items=[{"key": item["key"]} for item in opened.items])
        dossiers.perform(session, dossier, actor, Deed(dossiers.answer_action(dossier), request=request), at)
    return dossier


def _open(session: Session, actor: Actor, registration: str, *, lock: bool = False) -> OpenSupplement:
    dossier = store.find(session, registration, actor, lock=lock)
    if dossier is None or not dossiers.waits_for_answer(dossier):
        raise NotFound(registration=registration)
    rules = law.rules_of(dossier)
    action = dossiers.answer_action(dossier)
    if not may_act(actor, action, casework.whereabouts(store.case_of(dossier), rules)):
        raise Forbidden(action=action.value)
    supplement = store.open_supplement(session, dossier.id)
    if supplement is None:
        raise NotFound(registration=registration)
    query = select(Attachment).where(Attachment.supplement_id == supplement.id).order_by(Attachment.id)
    procedure = law.procedure_of(dossier)
    had = frozenset(file.component for file in dossier.files)
    return OpenSupplement(dossier, procedure, supplement, tuple(session.scalars(query)), had)


def _place(item: Mapping[str, Any]) -> tuple[str, str]:
    """The page of the form or the component an item is about."""
    kind = "section" if item.get("section") else "component"
    return kind, str(item.get(kind, ""))


def _keep(supplement: Supplement, item: str, reply: Mapping[str, Any]) -> None:
    supplement.replies = {**supplement.replies, item: dict(reply)}
