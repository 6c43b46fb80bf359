"""What was wrong at intake is corrected with a reason, or a stopped dossier replaced; a wrong paper is revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from portal.domain import carrying, corrections, forms, term_cases
from portal.domain.access import Actor, Tie, may_act, ties
from portal.domain.casework import Request, whereabouts
from portal.domain.corrections import AMENDMENT_REASONS, REVOCATION_REASONS, Change
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotPossibleNow
from portal.domain.flow import Action, Status
from portal.domain.forms import Part, Posted, Problem, Reading
from portal.domain.kinds import Context
from portal.domain.slips import SlipKind
from portal.store import dossiers as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Draft, Slip
from portal.usecases import bundles, dossiers, drafts, law, slips
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from procedures.catalogue import UnknownProcedure
from procedures.model import Component, Kind, PaperKind, Procedure

#: The longest explanation kept.
MOST_WORDS = 2000

Papers = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Correction:
    """An intake as it stands, and as it would stand with what was typed on some pages of its form and for its papers.

    `papers` are those counted anew, by component; components that are not named stay as they are.
    """

    dossier: Dossier
    procedure: Procedure
    sections: tuple[str, ...] = ()
    posted: Posted | None = None
    papers: Papers | None = None
    partial: bool = False

    @property
    def context(self) -> Context:
        """What answers are read against: the day the dossier was handed in."""
        return law.context_of(self.dossier)

    @cached_property
    def before(self) -> dict[str, Any]:
        """The answers as they stand, with the names of files that questions asked for."""
        return forms.with_files(self.procedure, self.dossier.answers, drafts.names_by_paper(self.dossier.files))

    @cached_property
    def reading(self) -> Reading:
        """What came of the pages that were sent; nothing wrong where none was."""
        read = Reading(dict(self.before))
        if self.posted is None:
            return read
        how = forms.read_partial if self.partial else forms.read_section
        for section in self.sections:
            came = how(self.procedure, section, self.posted, read.answers, self.context)
            read = Reading(
                came.answers, read.errors | came.errors, read.warnings | came.warnings, (*read.opened, *came.opened)
            )
        return read

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers the dossier is to keep; those of another version of its form stay as they are."""
        final = forms.final_answers(self.procedure, self.reading.answers, self.context)
        return {key: value for key, value in self.before.items() if key not in self.procedure.fields} | final

    @cached_property
    def counted(self) -> dict[str, dict[str, int]]:
        """The papers the dossier is to keep."""
        kept = {component: dict(counts) for component, counts in self.dossier.papers.items()}
        kept |= {component: dict(counts) for component, counts in (self.papers or {}).items()}
        return {component: counts for component, counts in kept.items() if any(counts.values())}

    @cached_property
    def brought_up(self) -> tuple[Problem, ...]:
        """What is missing or wrong now and was not so before, wherever it is."""
        before = {(p.section, p.name) for p in self._problems(self.before, self.dossier.papers)}
        found = self._problems(self.reading.answers, self.counted)
        return tuple(problem for problem in found if (problem.section, problem.name) not in before)

    def _problems(self, answers: Mapping[str, Any], papers: Papers) -> Sequence[Problem]:
        counts = drafts.count_papers(self.dossier.files, papers)
        return forms.check_all(self.procedure, answers, self.context, counts).problems

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What would be different, line by line, as it is kept with the event."""
        return tuple(corrections.changes(self._shown(self.before, self.dossier.papers), self._shown_after))

    @property
    def _shown_after(self) -> tuple[Part, ...]:
        return self._shown(self.answers, self.counted)

    def _shown(self, answers: Mapping[str, Any], papers: Papers) -> tuple[Part, ...]:
        lines = (
            forms.Line(name, f"paper-{name}", self.procedure.papers[name].vi, counts_shown(counts))
            for name, counts in papers.items()
            if name in self.procedure.papers and any(counts.values())
        )
        return (*forms.display(self.procedure, answers, self.context, "vi"), Part("papers", "", tuple(lines)))

    @property
    def countable(self) -> tuple[Component, ...]:
        """The components whose papers can be counted: those offered now, and those handed in."""
        offered = {part.key for part in forms.offered_components(self.procedure, self.reading.answers, self.context)}
        handed_in = drafts.handed_in(self.dossier)
        return tuple(part for part in self.procedure.components if part.key in offered or part.key in handed_in)

    @property
    def moves_the_date(self) -> bool:
        """Whether the answers would now tell another case of the term, and with it another due date."""
        told = [term_cases.told_by(self.procedure, answers, self.context) for answers in (self.before, self.answers)]
        return told[0] != told[1]


def counts_shown(counts: Mapping[str, int]) -> str:
    """How many papers of each shape, in words of the record."""
    return "; ".join(f"{PaperKind(shape).label.vi}: {number}" for shape, number in counts.items() if number)


def pages(opened: Opened) -> tuple[forms.Page, ...]:
    """The pages of the form that can be corrected: all but the declaration, which the applicant made."""
    asked = forms.pages(opened.procedure, opened.dossier.answers, law.context_of(opened.dossier))
    return tuple(page for page in asked if not all(field.kind is Kind.DECLARATION for field in page.fields))


def open_intake(actor: Actor, registration: str) -> Opened:
    """A dossier whose intake the actor may correct now. Raises NotFound, Forbidden, NotPossibleNow."""
    opened = dossiers.open_dossier(actor, registration)
    _require(opened, actor, Action.AMEND)
    return opened


def _require(opened: Opened, actor: Actor, action: Action) -> None:
    if action in opened.possible:
        return
    if not may_act(actor, action, whereabouts(opened.case, opened.rules)):
        raise Forbidden(action=action.value)
    raise NotPossibleNow(action.value, opened.case.status, [each.value for each in opened.possible])


def correction(
    opened: Opened, sections: Sequence[str], posted: Posted | None, papers: Papers | None, *, partial: bool = False
) -> Correction:
    """What typing these pages and counting these papers would come to; pages that are not asked are left out.

    With None as `posted`, nothing was typed yet.
    """
    asked = {page.section.key for page in pages(opened)}
    chosen = tuple(dict.fromkeys(section for section in sections if section in asked))
    return Correction(opened.dossier, opened.procedure, chosen, posted, papers, partial)


def amend(
    actor: Actor, registration: str, seen: int, typed: Correction, reason: str, words: str, at: datetime
) -> Dossier:
    """Correct what was taken down at reception: the answers, the applicant, the papers; and make the receipt anew.

    Raises NotFound, Forbidden, NotPossibleNow, Stale; Invalid for a reason that is not listed or has no words, for
    pages with errors, for a change of nothing ('changes'), of a fee that was paid already ('fee'), or of the term
    ('term'), for which the dossier must be stopped and another opened.
    """
    if faults := faulty(reason, words, AMENDMENT_REASONS):
        raise Invalid(faults)
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, actor, seen)
        found = replace(typed, dossier=dossier)
        if found.reading.errors or found.brought_up:
            raise Invalid(dict.fromkeys([*found.reading.errors, *(p.name for p in found.brought_up)], "wrong"))
        if not found.changes:
            raise Invalid({"changes": "nothing"})
        if found.moves_the_date:
            raise Invalid({"term": "moves_the_date"})
        changes = [change._asdict() for change in found.changes]
        dossier.answers, dossier.papers = found.answers, found.counted
        columns = drafts.applicant_columns(found.procedure, dossier.answers)
        for row in bundles.of(session, dossier):
            for column, value in columns.items():
                setattr(row, column, value)
            row.search = dossiers.search_words(row)
        fee = dossier.fee
        dossiers.freeze_fee(dossier)
        if dossier.fee_paid and dossier.fee != fee:
            raise Invalid({"fee": "paid_already"})
        deed = Deed(Action.AMEND, seen, Request(reason=reason), words.strip()[:MOST_WORDS], more={"changed": changes})
        dossiers.perform(session, dossier, actor, deed, at)
    return dossier


def faulty(reason: str, words: str, listed: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a reason and its words, by field."""
    faults = {} if reason in listed else {"reason": "unknown" if reason else "required"}
    return faults if words.strip() else faults | {"words": "required"}


# --- a stopped dossier and the one in its place ---


def linked(opened: Opened) -> tuple[Dossier | None, Dossier | None]:
    """The stopped dossier in whose place this one stands, and the one that stands in the place of this one."""
    with reading() as session:
        return store.linked(session, opened.dossier)


def stopped_before(draft: Draft) -> Dossier | None:
    """The stopped dossier in whose place a draft is to stand, if any."""
    if draft.previous_id is None:
        return None
    with reading() as session:
        return session.get_one(Dossier, draft.previous_id)


def may_carry_over(opened: Opened, actor: Actor) -> bool:
    """Whether the actor may begin a dossier in the place of this one: reception, of one stopped after it was received.

    The further legs of a bundle follow from their first one.
    """
    held = opened.dossier
    reception = Tie.RECEPTION in ties(actor, whereabouts(opened.case, opened.rules))
    return reception and held.status == Status.STOPPED and held.received_at is not None and held.lead_id is None


def carry_over(actor: Actor, registration: str, code: str, at: datetime) -> Draft:
    """Begin a dossier in the place of a stopped one, with all of it that the procedure chosen asks for too.

    Begun already by the actor and not handed in, it is the same draft. Raises NotFound, also for a procedure that is
    not received here; Forbidden; Conflict where a dossier stands there already or this one was not stopped.
    """
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, actor, None)
        opened = dossiers.opened(dossier, (actor,))
        if not may_carry_over(opened, actor):
            if Tie.RECEPTION not in ties(actor, whereabouts(opened.case, opened.rules)):
                raise Forbidden(registration=registration)
            raise Conflict("not_stopped", registration=registration)
        if store.follower(session, dossier.id) is not None:
            raise Conflict("another_stands_there", registration=registration)
        begun = select(Draft).where(
            Draft.previous_id == dossier.id, Draft.author_id == actor.account_id, Draft.dossier_id.is_(None)
        )
        found = session.scalars(begun.where(Draft.procedure == code)).first()
        if found is not None:
            return found
        draft = _carried(dossier, opened.procedure, _received_here(actor, code, at), actor, at)
        session.add(draft)
        session.flush()
        drafts.note_files(draft, law.catalogue().version(draft.procedure, draft.version))
    return draft


def _received_here(actor: Actor, code: str, at: datetime) -> Procedure:
    today = law.office_day(at)
    try:
        procedure = law.catalogue().in_force(code, today)
    except UnknownProcedure as unknown:
        raise NotFound(procedure=code) from unknown
    if actor.unit not in {unit.id for unit in law.receiving_units(procedure, today)}:
        raise NotFound(procedure=code)
    return procedure


def _carried(dossier: Dossier, old: Procedure, new: Procedure, actor: Actor, at: datetime) -> Draft:
    channel = dossier.channel if dossier.channel in new.channels else new.channels[0]
    context = Context(law.office_day(at), law.places(), channel)
    taken = carrying.taken_along(old, new, dossier.answers, context)
    answers = forms.start(new, {}, context) | {key: value for key, value in taken.items() if key in new.fields}
    draft = drafts.blank_draft(actor, new, channel, answers, at)
    draft.previous_id = dossier.id
    draft.papers = {part.key: dossier.papers[part.key] for part in new.components if part.key in dossier.papers}
    draft.attachments = [drafts.copy_of(file, at) for file in dossier.files if file.component in new.papers]
    return draft


# --- papers ---


def revocable(opened: Opened) -> tuple[Slip, ...]:
    """The papers of a dossier that count and could be revoked.

    A result that is still in the house is taken back to be corrected instead, and a control slip binds nobody.
    """
    return tuple(slip for slip in opened.dossier.slips if _may_be_revoked(slip, opened.dossier))


def _may_be_revoked(slip: Slip, dossier: Dossier) -> bool:
    kind = SlipKind(slip.kind)
    if slip.replaced_by_id is not None or slip.revoked_at is not None or kind.is_internal:
        return False
    return not kind.is_result or (dossier.status == Status.HANDED_OVER and slip is dossier.result)


def open_paper(actor: Actor, registration: str, slip_id: int) -> tuple[Opened, Slip]:
    """A paper that the actor may revoke. Raises NotFound, Forbidden, and Conflict for one that cannot be revoked."""
    opened = dossiers.open_dossier(actor, registration)
    found = next((slip for slip in opened.dossier.slips if slip.id == slip_id), None)
    if found is None:
        raise NotFound(slip=slip_id)
    _require(opened, actor, Action.REVOKE_SLIP)
    if not _may_be_revoked(found, opened.dossier):
        raise Conflict("paper_counts_no_longer", slip=slip_id)
    return opened, found


def revoke(actor: Actor, registration: str, slip_id: int, reason: str, words: str, at: datetime) -> Slip:
    """Let a paper count no longer, with nothing in its place; whoever scans its QR is told so, and not why.

    Raises NotFound, Forbidden; Invalid for a reason that is not listed or has no words; Conflict for a paper that
    counts no longer, or is a result that is still in the house.
    """
    if faults := faulty(reason, words, REVOCATION_REASONS):
        raise Invalid(faults)
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, actor, None)
        slip = session.get(Slip, slip_id)
        if slip is None or slip.dossier_id != dossier.id:
            raise NotFound(slip=slip_id)
        said = words.strip()[:MOST_WORDS]
        which = {"slip": {"kind": slip.kind, "number": slip.number}}
        if not _may_be_revoked(slip, dossier):
            raise Conflict("paper_counts_no_longer", slip=slip_id)
        slips.revoke(session, slip, said, at)
        dossiers.perform(
            session,
            dossier,
            actor,
            Deed(Action.REVOKE_SLIP, request=Request(reason=reason), words=said, more=which),
            at,
        )
    return slip
