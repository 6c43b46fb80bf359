"""A dossier while it is filled in: started, saved page by page, given its files, looked over, and submitted once."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.domain import carrying, forms, term_cases
from portal.domain.access import Actor, Role
from portal.domain.casework import Request
from portal.domain.codes import REGISTRATION_BYTES, registration_number
from portal.domain.duplicates import parcel_key
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.forms import Posted, Problem, Reading, Verdict
from portal.domain.kinds import Context
from portal.domain.merging import Seen
from portal.domain.slips import SlipKind
from portal.services.uploads import Inspected, Uploads
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.help_models import Helping
from portal.store.models import Account, Attachment, Dossier, Draft
from portal.usecases import blanks, dossiers, helping, law, notices, slips
from portal.usecases.blanks import OnPaper
from portal.usecases.scenes import Deed
from procedures.catalogue import UnknownProcedure
from procedures.model import Component, Procedure, Section, Text
from procedures.places import PlacesError, Unit
from procedures.terms import Term

OTHER_CONTACT: Final = Text(
    vi="Phải là số điện thoại hoặc thư điện tử đã nhận mã đồng ý.",
    en="This must be the phone number or e-mail to which the code of consent was sent.",
)
#: Files a draft may hold; more is refused rather than forgotten.
MOST_FILES = 60


class Incomplete(Invalid):
    """The draft cannot be submitted yet; `verdict` says what is missing."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__({problem.name: "missing" for problem in verdict.problems})
        self.verdict = verdict


class Behind(Invalid):
    """A later version of the procedure is in force than that which the draft was filled in for."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft as its author has it before their eyes."""

    draft: Draft
    procedure: Procedure
    context: Context

    @property
    def sections(self) -> tuple[Section, ...]:
        """The pages that are asked."""
        return forms.sections(self.procedure, self.draft.answers, self.context)

    @property
    def values(self) -> Mapping[str, Any]:
        """What was answered so far, as expressions see it."""
        return forms.values(self.procedure, self.draft.answers, self.context)

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered so far, with what is computed of it."""
        return forms.with_computed(self.procedure, self.draft.answers, self.context)

    @property
    def is_behind(self) -> bool:
        """Whether a later version of the procedure has come into force since the draft was started."""
        return law.catalogue().in_force(self.draft.procedure, self.context.today).version > self.draft.version

    @property
    def changes(self) -> tuple[Text, ...]:
        """What is different in the procedure since the draft was started."""
        begun = self.draft.moved_from
        return carrying.told(law.catalogue().version(self.draft.procedure, begun), self.procedure) if begun else ()

    def paper(self, component: str) -> Text:
        """What a component is called, even one that is asked for no more. Raises KeyError."""
        former = self.draft.moved_from
        before = law.catalogue().version(self.draft.procedure, former).papers if former else {}
        return self.procedure.papers[component] if component in self.procedure.papers else before[component]

    @property
    def left_over(self) -> tuple[Attachment, ...]:
        """Files for papers that are asked for no more."""
        return tuple(file for file in self.draft.attachments if file.component not in self.procedure.papers)

    def page(self, section: str) -> forms.Page | None:
        """One page with the questions asked on it, if there are any. Raises KeyError for an unknown one."""
        return forms.page(self.procedure, section, self.draft.answers, self.context)

    def term(self, unit: Unit | None) -> Term:
        """The term that would apply at a unit, with what the answers tell so far."""
        case = term_cases.told_by(self.procedure, self.draft.answers, self.context)
        return self.procedure.term_for(mountain=bool(unit and unit.mountain), case=case)

    @property
    def components(self) -> tuple[Component, ...]:
        """The components that may be handed in, with what the answers tell so far, and those that were already."""
        offered = {part.key for part in forms.offered_components(self.procedure, self.draft.answers, self.context)}
        shown = offered | handed_in(self.draft).keys()
        return tuple(part for part in self.procedure.components if part.key in shown)

    @property
    def verdict(self) -> Verdict:
        """What is still missing or wrong."""
        return forms.check_all(self.procedure, self.draft.answers, self.context, handed_in(self.draft))


def handed_in(filed: Draft | Dossier) -> dict[str, int]:
    """How many files or papers there are for each component."""
    return count_papers(filed.files if isinstance(filed, Dossier) else filed.attachments, filed.papers)


def count_papers(files: Iterable[Attachment], papers: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """How many files there are for each component; one where it came on paper alone."""
    counts = Counter(file.component for file in files)
    for component, shapes in papers.items():
        if any(shapes.values()) and not counts[component]:
            counts[component] = 1
    return dict(counts)


def start(actor: Actor, code: str, at: datetime, channel: str = "online", helping_id: int | None = None) -> Draft:
    """Start a draft of a procedure in force; a citizen's is filled in from the account.

    Raises NotFound for an unknown procedure or one not yet in force, Invalid for a channel it is not received by or
    that is not the actor's: citizens hand in online; officers enter what came to the counter or by post, and help at
    the counter to hand in online. With `helping_id` it is for whoever gave that consent; raises NotFound where it does
    not hold, and Invalid where it was for one dossier, which there is already.
    """
    today = law.office_day(at)
    try:
        procedure = law.catalogue().in_force(code, today)
    except UnknownProcedure as unknown:
        raise NotFound(procedure=code) from unknown
    if channel not in procedure.channels or (channel != "online" and actor.role is Role.CITIZEN):
        raise Invalid({"channel": "not_received_by"})
    context = Context(today, law.places(), channel)
    with transaction() as session:
        known = _known(session, actor) if helping_id is None else _helped(session, actor, helping_id)
        draft = blank_draft(actor, procedure, channel, forms.start(procedure, known, context), at)
        draft.helping_id = helping_id
        session.add(draft)
    return draft


def blank_draft(actor: Actor, procedure: Procedure, channel: str, answers: dict[str, Any], at: datetime) -> Draft:
    """The row of a draft that is being started, without any papers."""
    return Draft(
        key=secrets.token_urlsafe(18),
        author_id=actor.account_id,
        procedure=procedure.code,
        version=procedure.version,
        unit=actor.unit if actor.role is Role.ONE_STOP_OFFICER else None,
        channel=channel,
        answers=answers,
        papers={},
        visited=[],
        created_at=at,
        updated_at=at,
    )


def open_draft(actor: Actor, key: str, at: datetime) -> OpenDraft:
    """The actor's own draft. Raises NotFound."""
    with reading() as session:
        return opened_of(find(session, actor, key), at)


def catch_up(actor: Actor, key: str, at: datetime) -> None:
    """Take a draft along to the version now in force; what was typed stays, changed pages are to be looked at again.

    Raises NotFound.
    """
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        opened = opened_of(draft, at)
        if not opened.is_behind:
            return
        old, new = opened.procedure, law.catalogue().in_force(draft.procedure, opened.context.today)
        begun = forms.start(new, _known(session, actor), opened.context)
        taken = carrying.taken_along(old, new, draft.answers, opened.context)
        draft.answers = {key: value for key, value in begun.items() if key not in old.fields} | taken
        settled = {section.key for section in new.form} - carrying.to_look_at(old, new)
        draft.visited = [section for section in draft.visited if section in settled]
        draft.moved_from = draft.moved_from or old.version
        draft.version = new.version


def under_way(actor: Actor, code: str) -> Sequence[Dossier]:
    """The actor's own dossiers of a procedure that are not at their end, the newest first."""
    with reading() as session:
        return store.owned_and_open(session, actor.account_id, code) if actor.account_id else ()


def unfinished(actor: Actor, code: str | None = None) -> Sequence[Draft]:
    """The actor's drafts that are not submitted, the last touched first."""
    query = select(Draft).where(Draft.author_id == actor.account_id, Draft.dossier_id.is_(None))
    if code is not None:
        query = query.where(Draft.procedure == code)
    with reading() as session:
        return session.scalars(query.order_by(Draft.updated_at.desc()).limit(50)).all()


def save_section(
    actor: Actor,
    key: str,
    section: str,
    posted: Posted,
    at: datetime,
    *,
    partial: bool = False,
    seen: Seen | None = None,
) -> tuple[OpenDraft, Reading]:
    """Keep what was sent from one page, right or wrong; `partial` for autosave, which requires nothing yet.

    With `seen`, what another window has kept meanwhile stays: where both changed the same, its answer stands until the
    person has chosen.

    Raises NotFound for an unknown draft or page.
    """
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        opened = opened_of(draft, at)
        read = forms.read_partial if partial else forms.read_section
        try:
            came = read(opened.procedure, section, posted, draft.answers, opened.context, seen)
        except KeyError as unknown:
            raise NotFound(section=section) from unknown
        draft.answers = came.answers
        draft.revision += 1
        draft.updated_at = at
        if not partial and not came.merged.conflicts and section not in draft.visited:
            draft.visited = [*draft.visited, section]
    return opened, came


def save_papers(actor: Actor, key: str, papers: Mapping[str, Mapping[str, int]], at: datetime) -> None:
    """Keep how many originals and copies of each component were handed in at the counter."""
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        known = {component.key for component in opened_of(draft, at).procedure.components}
        draft.papers = {
            key: {k: n for k, n in kinds.items() if 0 < n < 100} for key, kinds in papers.items() if key in known
        }
        draft.updated_at = at


def choose_unit(actor: Actor, key: str, unit_id: str, at: datetime) -> None:
    """Keep the one-stop shop the dossier is handed in at. Raises Invalid for one that does not receive it."""
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        if unit_id not in {unit.id for unit in units_for(opened_of(draft, at))}:
            raise Invalid({"unit": "does_not_receive"})
        draft.unit = unit_id
        draft.updated_at = at


def units_for(opened: OpenDraft) -> tuple[Unit, ...]:
    """The one-stop shops that receive this procedure now."""
    return law.receiving_units(opened.procedure, opened.context.today)


def likely_unit(opened: OpenDraft) -> Unit | None:
    """The shop chosen, or the one that receives for the commune of the parcel or address; None if none receives it."""
    receiving = {unit.id: unit for unit in units_for(opened)}
    chosen = opened.draft.unit
    if chosen in receiving or opened.draft.channel != "online":
        return receiving.get(chosen or "")
    commune = opened.draft.answers.get(opened.procedure.place)
    if not isinstance(commune, str):
        return None
    try:
        return law.places().receiver(opened.procedure.sector, commune, opened.context.today)
    except PlacesError:
        return None


def attach(
    actor: Actor, key: str, component: str, stream: BinaryIO, name: str, uploads: Uploads, at: datetime
) -> Attachment:
    """Take in a file for a component, or for a question that asks for one.

    Raises UploadRefused with a plain reason; NotFound for an unknown component.
    """
    opened = open_draft(actor, key, at)
    if component not in opened.procedure.papers:
        raise NotFound(component=component)
    if len(opened.draft.attachments) >= MOST_FILES:
        raise Invalid({component: "too_many_files"}, limit=MOST_FILES)
    # Stored under its content before the row that names it commits.
    inspected = uploads.receive(stream, name)
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        # A file sent twice because the line broke is kept once.
        for file in draft.attachments:
            if file.component == component and file.sha256 == inspected.sha256:
                return file
        attachment = attachment_of(inspected, component, actor, at)
        draft.attachments.append(attachment)
        note_files(draft, opened.procedure)
        draft.updated_at = at
    return attachment


def note_files(draft: Draft, procedure: Procedure) -> None:
    """Note with the answers which files there are for the questions that ask for some."""
    draft.answers = forms.with_files(procedure, draft.answers, names_by_paper(draft.attachments))


def names_by_paper(files: Iterable[Attachment]) -> dict[str, list[str]]:
    """The names of files by what they were handed in for."""
    names: dict[str, list[str]] = {}
    for file in files:
        names.setdefault(file.component, []).append(file.name)
    return names


def reuse(actor: Actor, key: str, component: str, attachment_id: int, at: datetime) -> None:
    """Hand in a file of the draft for another component too, without sending it again.

    Raises NotFound for an unknown component or file.
    """
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        file = next((file for file in draft.attachments if file.id == attachment_id), None)
        if file is None or component not in opened_of(draft, at).procedure.papers:
            raise NotFound(component=component, file=attachment_id)
        if len(draft.attachments) >= MOST_FILES:
            raise Invalid({component: "too_many_files"}, limit=MOST_FILES)
        if any(other.component == component and other.sha256 == file.sha256 for other in draft.attachments):
            return
        again = copy_of(file, at)
        again.component, again.uploaded_by_id = component, actor.account_id
        draft.attachments.append(again)
        draft.updated_at = at


def copy_of(file: Attachment, at: datetime) -> Attachment:
    """The row of the same file once more, for something else."""
    same = ("component", "name", "kind", "size", "pages", "sha256", "thumbnail", "shown", "uploaded_by_id")
    return Attachment(**{name: getattr(file, name) for name in same}, uploaded_at=at)


def attachment_of(inspected: Inspected, component: str, actor: Actor, at: datetime) -> Attachment:
    """The row for a file that was taken in."""
    return Attachment(
        component=component,
        name=inspected.name,
        kind=inspected.kind.value,
        size=inspected.size,
        pages=inspected.pages,
        sha256=inspected.sha256,
        thumbnail=inspected.thumbnail.sha256,
        shown=inspected.shown.sha256 if inspected.shown else None,
        uploaded_at=at,
        uploaded_by_id=actor.account_id,
    )


def detach(actor: Actor, key: str, attachment_id: int, at: datetime) -> None:
    """Take a file off the draft; one that is not on it is not an error."""
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        for file in [file for file in draft.attachments if file.id == attachment_id]:
            draft.attachments.remove(file)
            session.delete(file)
        note_files(draft, opened_of(draft, at).procedure)
        draft.updated_at = at


def discard(actor: Actor, key: str) -> None:
    """Throw a draft away, with its files' rows."""
    with transaction() as session:
        draft = find(session, actor, key, lock=True)
        for file in list(draft.attachments):
            session.delete(file)
        session.flush()
        session.delete(draft)


def submit(
    actor: Actor,
    key: str,
    at: datetime,
    term_case: str | None = None,
    paid_under: str | None = None,
    *,
    without_letter: bool = False,
    since_previous: bool = False,
    on_paper: OnPaper | None = None,
) -> Dossier:
    """Hand the draft in, once however often it is asked; gives the dossier it has become.

    One that an officer enters is received in the same breath, in the case of its term that the officer chose, if any,
    and its fee is paid if a receipt's number is given. One that stands in the place of a stopped dossier can be
    received as of when that was (`since_previous`), one that was taken down on a blank receipt before (`on_paper`) is
    received as of then. `without_letter`: none is to go with the result.

    Raises NotFound, Incomplete, Invalid for an unknown case or a blank receipt that cannot be, Conflict where another
    dossier stands in that place already, and Behind where a later version has come into force, which the draft must be
    taken along to first.
    """
    with transaction() as session:
        draft = find(session, actor, key, lock=True, submitted=True)
        if draft.dossier_id is not None:
            return session.get_one(Dossier, draft.dossier_id)
        opened = opened_of(draft, at)
        if opened.is_behind:
            raise Behind({"version": "behind"})
        helped = helping.holds(session, actor, draft.helping_id) if draft.helping_id is not None else None
        verdict = _as_agreed(opened, helped)
        unit = likely_unit(opened)
        if unit is None or not verdict.complete:
            raise Incomplete(verdict)
        blank = blanks.take(session, actor, on_paper, at) if on_paper and draft.channel != "online" else None
        dossier = _dossier(draft, opened, unit, actor, on_paper.received_at if blank and on_paper else at)
        dossier.letter_declined = without_letter
        previous = _link(session, draft, dossier, as_of_it=since_previous)
        if helped is not None:
            dossier.owner_id, dossier.helper_id = helped.owner_id, actor.account_id
        dossiers.begin(session, dossier, actor, at)
        draft.dossier_id = dossier.id
        for file in opened.left_over:
            session.delete(file)
        for file in draft.attachments:
            file.dossier_id = dossier.id
        session.flush()
        if actor.role is Role.CITIZEN:
            slips.make_out(session, dossier, SlipKind.ACKNOWLEDGEMENT, actor, at)
            notices.notify(session, "submitted", dossier, at)
        else:
            since = previous.received_at if previous and since_previous else dossier.submitted_at if blank else None
            request = Request(term_case=term_case, received_at=since)
            written = {"serial": blank.slip.number} if blank else {}
            dossiers.perform(session, dossier, actor, Deed(Action.RECEIVE, request=request, more=written), at)
            if paid_under:
                paid = Deed(Action.PAY_FEE, request=Request(number=paid_under), amount=dossier.fee)
                dossiers.perform(session, dossier, actor, paid, at)
        if blank is not None:
            blanks.settle(blank, dossier, at)
    return dossier


def _link(session: Session, draft: Draft, dossier: Dossier, *, as_of_it: bool) -> Dossier | None:
    """Let a dossier stand in the place of the stopped one it was begun for, with its owner; gives that one, if any."""
    if draft.previous_id is None:
        return None
    previous = session.get_one(Dossier, draft.previous_id)
    if store.follower(session, previous.id) is not None:
        raise Conflict("another_stands_there", registration=previous.registration)
    dossier.previous_id, dossier.owner_id = previous.id, previous.owner_id
    if as_of_it:
        dossier.submitted_at = previous.submitted_at
    return previous


def _as_agreed(opened: OpenDraft, helped: Helping | None) -> Verdict:
    """What is missing or wrong; one without an account agreed to a dossier of their own, with the contact they gave."""
    verdict = opened.verdict
    if helped is None or helped.owner_id is not None:
        return verdict
    if helped.contact in (opened.draft.answers.get("phone"), opened.draft.answers.get("email")):
        return verdict
    field = opened.procedure.fields["phone"]
    section = opened.procedure.section_of("phone").key
    return replace(
        verdict, problems=(*verdict.problems, Problem("phone", "phone", section, field.label, OTHER_CONTACT))
    )


def _dossier(draft: Draft, opened: OpenDraft, unit: Unit, actor: Actor, at: datetime) -> Dossier:
    """The new dossier of a draft; status, step and log are set by casework."""
    answers = forms.final_answers(opened.procedure, draft.answers, opened.context)
    by_citizen = actor.role is Role.CITIZEN
    dossier = Dossier(
        registration=registration_number(secrets.token_bytes(REGISTRATION_BYTES)),
        procedure=draft.procedure,
        version=draft.version,
        sector=opened.procedure.sector.value,
        channel=draft.channel,
        unit=unit.id,
        desk_unit=unit.id,
        owner_id=actor.account_id if by_citizen else None,
        entered_by_id=None if by_citizen else actor.account_id,
        answers=answers,
        papers={part.key: draft.papers[part.key] for part in opened.procedure.components if part.key in draft.papers},
        fee_lines=[],
        submitted_at=at,
        seq=0,
        last_hash="",
        supplement_rounds=0,
        priority=draft.priority,
        **applicant_columns(opened.procedure, answers),
    )
    dossier.search = dossiers.search_words(dossier)
    return dossier


def applicant_columns(procedure: Procedure, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What of the answers a dossier keeps in columns of its own: who applies, from where, how the result is sent."""
    commune = answers.get(procedure.place)
    return {
        "commune": commune if isinstance(commune, str) else None,
        "applicant_name": str(answers.get("full_name", "")),
        "applicant_number": str(answers.get("personal_number", "")),
        "applicant_phone": str(answers.get("phone", "")),
        "applicant_email": str(answers.get("email", "")),
        "applicant_address": str(answers.get("current_address") or answers.get("permanent_address") or ""),
        "delivery": str(answers.get("result_delivery", "one_stop")),
        "parcel": parcel_key(answers),
    }


def find(session: Session, actor: Actor, key: str, *, lock: bool = False, submitted: bool = False) -> Draft:
    """The actor's own draft, inside the caller's transaction. Raises NotFound."""
    query = select(Draft).where(Draft.key == key, Draft.author_id == actor.account_id)
    if not submitted:
        query = query.where(Draft.dossier_id.is_(None))
    query = query.options(selectinload(Draft.attachments))
    if lock:
        query = query.with_for_update()
    draft = session.scalars(query).one_or_none()
    if draft is None:
        raise NotFound(draft=key)
    return draft


def opened_of(draft: Draft, at: datetime) -> OpenDraft:
    """A draft at hand, as its author has it before their eyes."""
    procedure = law.catalogue().version(draft.procedure, draft.version)
    return OpenDraft(draft, procedure, Context(law.office_day(at), law.places(), draft.channel))


def _helped(session: Session, actor: Actor, helping_id: int) -> Mapping[str, Any]:
    """What a helper has said of whom they help; of an account nothing is told."""
    helped = helping.holds(session, actor, helping_id)
    used = session.scalar(select(Draft.id).where(Draft.helping_id == helping_id).limit(1)) is not None
    if helped.owner_id is None and used:
        raise Invalid({"helping": "one_dossier"})
    return {"full_name": helped.owner_name, "email" if "@" in helped.contact else "phone": helped.contact}


def _known(session: Session, actor: Actor) -> Mapping[str, Any]:
    """What a citizen's account knows, by prefill key; of staff, who enter somebody else's data, where they are."""
    account = session.get(Account, actor.account_id) if actor.role is Role.CITIZEN else None
    if account is None:
        return {"commune": actor.unit}
    return {
        "full_name": account.full_name,
        "personal_number": account.personal_number,
        "birth_date": account.birth_date.isoformat() if account.birth_date else None,
        "sex": account.sex,
        "phone": account.phone,
        "email": account.email,
        "address": account.address or None,
        "commune": account.commune,
    }
