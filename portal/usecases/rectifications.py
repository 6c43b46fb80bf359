"""A reception put right on its day: when it was, at which unit, of which procedure; and, before, what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import carrying, casework, forms, term_cases
from portal.domain.access import Actor, may_act
from portal.domain.casework import Case, Outcome, Request, Rules, whereabouts
from portal.domain.corrections import RECTIFICATION_REASONS, Change
from portal.domain.errors import Forbidden, Invalid, NotPossibleNow
from portal.domain.fees import FeeNote, fee_note
from portal.domain.flow import Action, Status
from portal.domain.forms import Line, Problem
from portal.domain.kinds import Context
from portal.domain.workdays import office_time
from portal.store import dossiers as store
from portal.store.blank_models import BlankReceipt
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier
from portal.usecases import corrections, dossiers, drafts, law
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from procedures.catalogue import UnknownProcedure
from procedures.model import Head, Procedure, Text

#: What of a reception can be put right.
LABELS: Final[Mapping[str, Text]] = {
    "procedure": Text(vi="Thủ tục", en="Procedure"),
    "term_case": Text(vi="Trường hợp", en="Case"),
    "unit": Text(vi="Đơn vị tiếp nhận", en="Unit that received it"),
    "received_at": Text(vi="Thời gian tiếp nhận", en="Time of reception"),
}
_ORDINARY: Final = Text(vi="Thông thường", en="Ordinary")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a reception should stand: the procedure's code, the case that an officer chose, the unit, and the time."""

    procedure: str
    term_case: str | None
    unit: str
    received_at: datetime


@dataclass(frozen=True)
class Rectification:
    """A reception as it stands, and as it would stand; `earliest` is before when the dossier cannot have come."""

    dossier: Dossier
    wanted: Wanted
    new: Procedure
    earliest: datetime | None

    @cached_property
    def old(self) -> Procedure:
        """The procedure that it was received as."""
        return law.procedure_of(self.dossier)

    @property
    def of_another_procedure(self) -> bool:
        """Whether the procedure changes, and with it the form, the papers and the route."""
        return self.new.code != self.dossier.procedure

    @property
    def context(self) -> Context:
        """What answers are read against: the day the dossier was handed in."""
        return law.context_of(self.dossier)

    # --- what is carried, and what is not ---

    @cached_property
    def taken(self) -> dict[str, Any]:
        """The answers as the new form takes them, readable or not."""
        if not self.of_another_procedure:
            return dict(self.dossier.answers)
        taken = carrying.taken_along(self.old, self.new, self.dossier.answers, self.context)
        known = {key: value for key, value in taken.items() if key in self.new.fields}
        return forms.with_files(self.new, known, drafts.names_by_paper(self.dossier.files))

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers that the dossier would keep."""
        if not self.of_another_procedure:
            return self.taken
        return forms.final_answers(self.new, self.taken, self.context)

    @cached_property
    def papers(self) -> dict[str, Any]:
        """The papers that it would keep, by component."""
        return {key: counts for key, counts in self.dossier.papers.items() if self._has_a_place(key)}

    def _has_a_place(self, component: str) -> bool:
        return not self.of_another_procedure or component in self.new.papers

    def lost(self, language: str = "vi", *, mask: bool = False) -> tuple[Line, ...]:
        """The answers that would stand there no longer, or not as they do, line by line."""
        if not self.of_another_procedure:
            return ()
        kept = {line.name: line.value for line in self._lines(self.new, self.answers, "vi")}
        gone = {line.name for line in self._lines(self.old, self.dossier.answers, "vi")
                if kept.get(line.name) != line.value}  # fmt: skip
        shown = self._lines(self.old, self.dossier.answers, language, mask=mask)
        return tuple(line for line in shown if line.name in gone)

    def _lines(
        self, procedure: Procedure, answers: Mapping[str, Any], language: str, *, mask: bool = False
    ) -> Iterator[Line]:
        for part in forms.display(procedure, answers, self.context, language, mask=mask):
            yield from part.lines

    @property
    def given_back(self) -> dict[str, Any]:
        """The papers that the new procedure does not ask for, by component."""
        return {key: counts for key, counts in self.dossier.papers.items() if not self._has_a_place(key)}

    @property
    def kept_aside(self) -> tuple[Attachment, ...]:
        """The files for which the new procedure has no place; they stay with the dossier."""
        return tuple(file for file in self.dossier.files if not self._has_a_place(file.component))

    @cached_property
    def missing(self) -> tuple[Problem, ...]:
        """What the new procedure asks for that is not there."""
        if not self.of_another_procedure:
            return ()
        counts = drafts.count_papers(self.dossier.files, self.papers)
        return tuple(forms.check_all(self.new, self.taken, self.context, counts).problems)

    # --- what comes of it ---

    @cached_property
    def term_case(self) -> str:
        """The case of the term that would apply. Raises Invalid for one that is none of the procedure's."""
        try:
            return term_cases.chosen(self.new, self.answers, self.context, self.wanted.term_case)
        except KeyError:
            raise Invalid({"term_case": "unknown"}) from None

    @cached_property
    def rules(self) -> Rules:
        """What the dossier would go by."""
        return law.rules(self.new.code, self.new.version, self.wanted.unit, self.term_case)

    @property
    def step(self) -> str:
        """The step it would be at: of another procedure's route the first, or the one after reception."""
        if not self.of_another_procedure:
            return self.dossier.step
        received = self.dossier.state is Status.RECEIVED
        return self.rules.route[0 if received else casework.first_to_work(self.rules)].key

    @cached_property
    def fee(self) -> FeeNote:
        """The fee that would be due."""
        return fee_note(self.new, self.answers, self.context, self.answers.get("fee_exemption"))

    def request(self, reason: str = "") -> Request:
        """The order as casework reads it."""
        here = self.wanted.unit == self.dossier.desk_unit
        return Request(reason, to_unit=None if here else self.wanted.unit, received_at=self.wanted.received_at)

    def outcome(self, actor: Actor, at: datetime) -> Outcome:
        """What would come of it now, with nothing written down. Raises as `rectify` does."""
        self.check()
        moment = law.moment(self.wanted.unit, at, self.new.sector.value)
        case = store.whole_case_of(self.dossier)._replace(step=self.step)
        return casework.step(case, Action.RECTIFY, actor, moment, self.rules, self.request("preview"))

    def changed(self, language: str = "vi") -> tuple[Change, ...]:
        """What of the reception would be another, line by line; in Vietnamese as it is kept with the event."""
        held, wanted = self.dossier, self.wanted
        pairs = {
            "procedure": (self.old.short_title, self.new.short_title),
            "term_case": (_case(self.old, held.term_case), _case(self.new, self.term_case)),
            "unit": (law.unit(held.unit).name, law.unit(wanted.unit).name),
            "received_at": (_time(held.received_at), _time(wanted.received_at)),
        }
        return tuple(
            Change(name, LABELS[name].say(language), before.say(language), after.say(language))
            for name, (before, after) in pairs.items()
            if before != after
        )

    def check(self) -> None:
        """Raise Invalid for what cannot be: 'changes', 'procedure', 'unit', 'received_at', 'fee'."""
        if not self.changed():
            raise Invalid({"changes": "nothing"})
        if self.of_another_procedure and self.dossier.channel not in self.new.channels:
            raise Invalid({"procedure": "channel"})
        if self.wanted.unit not in {unit.id for unit in law.receiving_units(self.new, self._day)}:
            raise Invalid({"unit": "not_received_there"})
        if self.earliest is not None and self.wanted.received_at < self.earliest:
            raise Invalid({"received_at": "before_it_came"})
        if self.missing:
            raise Invalid({"procedure": "incomplete"})
        if self.dossier.fee_paid and self.fee.total != self.dossier.fee:
            raise Invalid({"fee": "paid_already"})

    @property
    def _day(self) -> date:
        return law.office_day(self.wanted.received_at)


def _case(procedure: Procedure, key: str) -> Text:
    return next((case.title for case in procedure.term_cases if case.key == key), _ORDINARY)


def _time(instant: datetime | None) -> Text:
    said = f"{office_time(instant):%H:%M, %d/%m/%Y}" if instant else ""
    return Text(vi=said, en=said)


def offered(opened: Opened) -> list[Head]:
    """The procedures that a dossier may be received as instead: those in force on its day that are no bundles."""
    assert opened.dossier.received_at is not None
    catalogue, day = law.catalogue(), law.office_day(opened.dossier.received_at)
    heads = [head for head in catalogue.all_in_force(day) if law.receiving_units(head, day)]
    return [head for head in heads if not catalogue.version(head.code, head.version).legs]


def open_reception(actor: Actor, registration: str) -> Opened:
    """A dossier whose reception the actor could put right on its day. Raises NotFound, Forbidden, NotPossibleNow."""
    opened = dossiers.open_dossier(actor, registration)
    if not may_act(actor, Action.RECTIFY, whereabouts(opened.case, opened.rules)):
        raise Forbidden(action=Action.RECTIFY.value)
    if opened.dossier.received_at is None:
        raise NotPossibleNow(Action.RECTIFY.value, opened.case.status, [each.value for each in opened.possible])
    return opened


def is_open(opened: Opened, at: datetime) -> bool:
    """Whether it is still the day, and nothing but passing on has happened since the reception."""
    return Action.RECTIFY in opened.possible and casework.may_be_rectified_on(opened.case) == law.office_day(at)


def rectification(opened: Opened, wanted: Wanted) -> Rectification:
    """What a reception would come to. Raises Invalid for a procedure or a unit that there is not."""
    with reading() as session:
        return _rectification(session, opened.dossier, opened.case, wanted)


def _rectification(session: Session, dossier: Dossier, case: Case, wanted: Wanted) -> Rectification:
    procedure = law.procedure_of(dossier)
    if wanted.procedure != dossier.procedure:
        try:
            procedure = law.catalogue().in_force(wanted.procedure, law.office_day(wanted.received_at))
        except UnknownProcedure:
            raise Invalid({"procedure": "unknown"}) from None
        if procedure.legs:
            raise Invalid({"procedure": "unknown"})
    if wanted.unit not in {unit.id for unit in law.places().units}:
        raise Invalid({"unit": "unknown"})
    return Rectification(dossier, wanted, procedure, _earliest(session, dossier))


def _earliest(session: Session, dossier: Dossier) -> datetime | None:
    """Before when it cannot have been received: what its applicant sent was not there, the blank was not printed."""
    if dossier.entered_by_id is None:
        came = [event.at for event in dossier.events if event.after in (Status.REGISTERED, Status.SUPPLEMENT_ASKED)]
        return max(came, default=None)
    blank = session.scalars(select(BlankReceipt).where(BlankReceipt.dossier_id == dossier.id)).one_or_none()
    return blank.slip.created_at if blank is not None else None


def rectify(
    actor: Actor, registration: str, seen: int, wanted: Wanted, reason: str, words: str, at: datetime
) -> Dossier:
    """Put a reception right, with its due date, fee, place in the register and receipt; the code stays.

    What the new procedure does not know is kept with the event. Raises NotFound, Forbidden, NotPossibleNow, Stale,
    Held; Invalid for a reason that is not listed or has no words, for what cannot be (see `Rectification.check`), for
    a time in the future or of another day ('received_at'), and once the day is over ('day').
    """
    if faults := corrections.faulty(reason, words, RECTIFICATION_REASONS):
        raise Invalid(faults)
    with transaction() as session:
        dossier = dossiers.open_for_change(session, registration, actor, seen)
        opened = dossiers.opened(dossier, (actor,))
        if Action.RECTIFY not in opened.possible:
            if not may_act(actor, Action.RECTIFY, whereabouts(opened.case, opened.rules)):
                raise Forbidden(action=Action.RECTIFY.value)
            raise NotPossibleNow(Action.RECTIFY.value, opened.case.status, [each.value for each in opened.possible])
        found = _rectification(session, dossier, opened.case, wanted)
        found.outcome(actor, at)
        more = _told(found)
        deed = Deed(Action.RECTIFY, seen, found.request(reason), words.strip()[: corrections.MOST_WORDS], more=more)
        _put_right(found)
        dossiers.perform(session, dossier, actor, deed, at)
    return dossier


def _told(found: Rectification) -> dict[str, Any]:
    """What is kept with the event: what changed, what the dossier went by, and all that has no place any more."""
    dossier = found.dossier
    before = {"procedure": dossier.procedure, "version": dossier.version.isoformat(), "term_case": dossier.term_case}
    left = {key: value for key, value in dossier.answers.items() if found.answers.get(key) != value}
    return {
        "changed": [change._asdict() for change in found.changed()],
        store.WENT_BY: before | {"unit": dossier.desk_unit},
        "left": {"answers": left, "papers": found.given_back} if left or found.given_back else {},
    }


def _put_right(found: Rectification) -> None:
    """The columns of the dossier that no rule of casework sets."""
    dossier, received_at = found.dossier, found.wanted.received_at
    if dossier.entered_by_id is not None:
        # Whoever came to the counter handed it in when it was taken from them.
        at_once = dossier.submitted_at == dossier.received_at
        dossier.submitted_at = received_at if at_once else min(dossier.submitted_at, received_at)
    dossier.version, dossier.term_case = found.new.version, found.term_case
    if not found.of_another_procedure:
        return
    answers, papers, step = found.answers, found.papers, found.step
    dossier.procedure, dossier.sector = found.new.code, found.new.sector.value
    dossier.answers, dossier.papers = answers, papers
    for column, value in drafts.applicant_columns(found.new, answers).items():
        setattr(dossier, column, value)
    dossier.search = dossiers.search_words(dossier)
    dossiers.freeze_fee(dossier)
    if dossier.step != step:
        dossier.step, dossier.holder_id = step, None
