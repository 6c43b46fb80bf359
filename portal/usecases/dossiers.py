"""What happens to a dossier after it was submitted: one action by one person is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy.orm import Session

from portal.domain import casework, forms, lookup, term_cases, watch
from portal.domain.access import PORTAL, Actor
from portal.domain.bundles import LEG_BEFORE, given_up
from portal.domain.casework import Case, Outcome, Request, Rules
from portal.domain.codes import dossier_code
from portal.domain.errors import Invalid, NotFound, Stale
from portal.domain.fees import fee_note
from portal.domain.flow import Action, Status
from portal.domain.separation import SIGNING
from portal.domain.slips import SlipKind
from portal.services.uploads import Inspected
from portal.store import counters, registers
from portal.store import dossiers as store
from portal.store import watch as watched
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Duty, Payment, Proposal, Supplement
from portal.usecases import absences, balancing, bundles, claims, law, letters, notices, promises, slips
from portal.usecases.scenes import Deed, Scene
from procedures.model import Component, Procedure, Step, Text

#: Refusals say why, in at least so many letters.
REFUSALS = frozenset({Action.DECLINE, Action.REFUSE, Action.STOP})
SHORTEST_REASON = 20
#: Under which name the event of a reception says which components were missing, if any.
LACKS: Final = "lacks"


@dataclass(frozen=True, slots=True)
class Opened:
    """A dossier as somebody has it before their eyes: all that belongs to it, and what they can do now.

    `stand_in` is who they are in the place of an absent colleague who has it. `apart`: they could sign it if they
    were not the only one who received and verified it.
    """

    dossier: Dossier
    procedure: Procedure
    rules: Rules
    case: Case
    possible: tuple[Action, ...]
    stand_in: Actor | None = None
    apart: bool = False

    @property
    def earlier_steps(self) -> tuple[Step, ...]:
        """The steps it can be sent back to."""
        return tuple(self.procedure.step(stop.key) for stop in casework.earlier_steps(self.case, self.rules))

    @property
    def step(self) -> Step:
        """The step it is at."""
        return self.procedure.step(self.case.step)


def open_dossier(actor: Actor, registration: str, at: datetime | None = None) -> Opened:
    """The dossier with all that belongs to it. Raises NotFound where there is none that the actor may open.

    With `at`, what can be done then in the place of an absent colleague is possible, too.
    """
    with reading() as session:
        dossier = store.find(session, registration, actor, whole=True)
        if dossier is None:
            raise NotFound(registration=registration)
        guises = (actor,) if at is None else absences.guises(session, actor, dossier, at)
    return opened(dossier, guises)


def own(actor: Actor, before_id: int | None, size: int) -> Sequence[Dossier]:
    """The actor's own dossiers, the newest first, from before this id on."""
    if actor.account_id is None:
        return ()
    with reading() as session:
        return store.owned(session, actor.account_id, before_id, size)


def opened(dossier: Dossier, guises: Sequence[Actor]) -> Opened:
    """A dossier at hand, with what can be done now by somebody who acts as any of these."""
    rules = law.rules_of(dossier)
    case = store.whole_case_of(dossier)
    procedure = law.procedure_of(dossier)
    possible = dict.fromkeys(action for guise in guises for action in casework.possible(case, guise, rules))
    stand_in = next((guise for guise in guises if guise.acting_for), None)
    apart = not SIGNING & possible.keys() and any(casework.must_not_sign(case, guise, rules) for guise in guises)
    return Opened(dossier, procedure, rules, case, tuple(possible), stand_in, apart)


def act(actor: Actor, registration: str, deed: Deed, at: datetime) -> Dossier:
    """Do one action on a dossier.

    Raises:
        NotFound: there is none, or it is not the actor's to open.
        Forbidden, NotPossibleNow, Invalid: see `casework.step`.
        Stale: somebody has acted on it since `deed.seen`.
        Held: a colleague has it who is not `deed.over`.
    """
    with transaction() as session:
        dossier = open_for_change(session, registration, actor, deed.seen)
        perform(session, dossier, actor, deed, at)
    return dossier


def open_for_change(session: Session, registration: str, actor: Actor, seen: int | None) -> Dossier:
    """The dossier, locked until the transaction ends. Raises NotFound, Stale.

    What somebody scans themself while a page is open makes that page no older.
    """
    dossier = store.find(session, registration, actor, lock=True)
    if dossier is None:
        raise NotFound(registration=registration)
    if seen is not None and seen != dossier.seq and not store.only_scans_since(session, dossier, seen, actor):
        raise Stale(registration=registration, seen=seen, now=dossier.seq)
    return dossier


def perform(session: Session, dossier: Dossier, actor: Actor, deed: Deed, at: datetime) -> Outcome:
    """Decide, write down, and draw the consequences, inside the caller's transaction.

    What a deputy does on a dossier that an absent colleague has is done in that colleague's place.
    """
    if deed.action is Action.RECEIVE:
        _freeze_law(session, dossier, deed.request, at)
        if missing := lacking(dossier):
            deed = replace(deed, more={**deed.more, LACKS: [part.key for part in missing]})
    if deed.action is Action.GRANT_SUPPLEMENT and dossier.supplement_proposed:
        deed = _as_proposed(session, dossier, deed)
    unit = deed.request.to_unit or dossier.desk_unit
    rules = law.rules(dossier.procedure, dossier.version, unit, dossier.term_case, dossier.leg)
    moment = law.moment(unit, at, dossier.sector)
    case = store.whole_case_of(dossier)
    actor = _guise(absences.guises(session, actor, dossier, at), case, deed.action, rules)
    outcome = casework.step(case, deed.action, actor, moment, rules, deed.request)
    if deed.action is not Action.ADD_SCAN:  # which helps whoever has it, and takes nothing from them
        claims.respect(session, dossier, actor, deed.over, at)
    scene = Scene(session, dossier, actor, deed, outcome, rules, at)
    if (prepare := _BEFORE.get(deed.action)) is not None:
        prepare(scene)
    prepared = dossier.apology_by is not None
    watch_at = watch.next_look(outcome, rules, moment)
    store.record(session, dossier, outcome, actor, at, watch_at, deed.request.reason, details(deed))
    if prepared and dossier.apology_by is None:
        watched.settle(session, dossier.id, deed.action, at)
    balancing.hand_by_rule(session, dossier, at)
    if (consequences := _AFTER.get(deed.action)) is not None:
        consequences(scene)
    if dossier.received_at is not None or dossier.lead_id is not None:
        bundles.carry_on(session, dossier, _turn_comes, at)
    return outcome


def _guise(guises: Sequence[Actor], case: Case, action: Action, rules: Rules) -> Actor:
    """As whom somebody does an action: the first guise in which they can; where there is none, who is told why."""
    if len(guises) == 1:
        return guises[0]
    can = (guise for guise in guises if action in casework.possible(case, guise, rules))
    apart = (guise for guise in guises if action in SIGNING and casework.must_not_sign(case, guise, rules))
    return next(chain(can, apart), guises[-1])


def _hand_in_leg(session: Session, leg: Dossier, at: datetime) -> None:
    """The portal hands in a further leg of a bundle when that is received."""
    leg.search = search_words(leg)
    begin(session, leg, PORTAL, at)


def _turn_comes(session: Session, leg: Dossier, lost: Text | None, at: datetime) -> None:
    """The portal receives a leg of a bundle, or declines it because the leg it waits for came to nothing."""
    if lost is None:
        perform(session, leg, PORTAL, Deed(Action.RECEIVE), at)
        return
    why = Request(reason=LEG_BEFORE)
    perform(session, leg, PORTAL, Deed(Action.DECLINE, request=why, words=given_up(lost)), at)


def _freeze_law(session: Session, dossier: Dossier, request: Request, at: datetime) -> None:
    """Reception fixes the version in force on its day, and the case of its term; neither changes any more.

    The further legs of a bundle go by what was fixed when it was received.
    """
    if dossier.lead_id is not None:
        return
    procedure = law.held(session).in_force(dossier.procedure, law.office_day(request.received_at or at))
    try:
        case = term_cases.chosen(procedure, dossier.answers, law.context_of(dossier), request.term_case)
    except KeyError:
        raise Invalid({"term_case": "unknown"}) from None
    dossier.version, dossier.term_case = procedure.version, case


def _as_proposed(session: Session, dossier: Dossier, deed: Deed) -> Deed:
    """The round of supplements that a head allows is the one that was proposed, word for word."""
    asked = store.open_proposal(session, dossier.id)
    request = replace(deed.request, reason=asked.reason, items=asked.items, answer_by=asked.answer_by)
    return replace(deed, request=request, words=asked.words)


def begin(session: Session, dossier: Dossier, actor: Actor, at: datetime) -> Outcome:
    """Submit a new dossier (all but its status and step is set), inside the caller's transaction."""
    rules = law.rules_of(dossier)
    moment = law.moment(dossier.desk_unit, at, dossier.sector)
    new = Case(None, dossier.desk_unit, dossier.owner_id, begins_by=dossier.begins_by, helper_id=dossier.helper_id)
    case = casework.submitted(new, rules, moment)
    outcome = casework.step(case, Action.SUBMIT, actor, moment, rules, Request())
    store.record(session, dossier, outcome, actor, at, watch.next_look(outcome, rules, moment))
    balancing.hand_by_rule(session, dossier, at)
    return outcome


def succeed_units(at: datetime) -> int:
    """Hand the open dossiers of units that have ended to their successors; gives how many. Safe to repeat.

    Code, version and due date stay as they were. A district's dossier goes to the commune that succeeds the commune of
    the parcel or, without a parcel, of the applicant's address.
    """
    today = law.office_day(at)
    moved = 0
    for ended in (unit for unit in law.places().units if unit.valid_to is not None and unit.valid_to < today):
        while registrations := _open_at(ended.id):
            for registration in registrations:
                with transaction() as session:
                    dossier = open_for_change(session, registration, PORTAL, None)
                    heir = law.places().holder(dossier.desk_unit, today, dossier.commune)
                    perform(session, dossier, PORTAL, Deed(Action.SUCCEED, request=Request(to_unit=heir.id)), at)
                moved += 1
    return moved


def _open_at(unit_id: str) -> list[str]:
    with reading() as session:
        return store.open_at(session, unit_id, 500)


def details(deed: Deed) -> dict[str, Any]:
    """What of a deed is kept with its event."""
    request = deed.request
    kept: Mapping[str, Any] = {
        "words": deed.words,
        "amount": deed.amount,
        "items": [dict(item) for item in request.items],
        "answer_by": request.answer_by.isoformat() if request.answer_by else None,
        "number": request.number,
        "to_step": request.to_step,
        "term_case": request.term_case,
        "interval": request.interval,
        "body": request.body,
        "promised": request.promised.isoformat() if request.promised else None,
        "attached": _evidence(deed.file) if deed.file else None,
        **deed.more,
    }
    return {name: value for name, value in kept.items() if value}


def _evidence(file: Inspected) -> dict[str, Any]:
    """What of an attached file stands in the log for good."""
    return {"name": file.name, "sha256": file.sha256, "size": file.size, "pages": file.pages}


def search_words(dossier: Dossier) -> str:
    """The words by which the desk finds a dossier; a leg of a bundle also by what its bundle goes by."""
    bundle = () if dossier.lead_id is None else (dossier.head.registration, dossier.head.code or "")
    numbers = (dossier.applicant_number, dossier.applicant_phone)
    return lookup.search_text(
        dossier.applicant_name, dossier.registration, dossier.code, numbers, dossier.answers, *bundle
    )


def lacking(dossier: Dossier) -> tuple[Component, ...]:
    """The components that its answers require and of which neither a file nor a paper was handed in.

    They hinder no reception, as the officer may know better; but whoever receives it sees them before, and the log
    names them after.
    """
    if dossier.lead_id is not None:
        return ()
    there = {file.component for file in dossier.files}
    there |= {component for component, counts in dossier.papers.items() if any(counts.values())}
    required = forms.required_components(law.procedure_of(dossier), dossier.answers, law.context_of(dossier))
    return tuple(part for part in required if part.key not in there)


def code_counter(agency: str, day: date) -> str:
    """The name of the counter that numbers the dossiers an agency receives on a day."""
    return f"code/{agency}/{day:%Y-%m-%d}"


# What must be true of the row before an action is written down.


def _before_refusal(scene: Scene) -> None:
    if len(scene.deed.words.strip()) < SHORTEST_REASON:
        raise Invalid({"words": "too_short"})


def _before_reception(scene: Scene) -> None:
    """Give the code of the unit and day (NĐ 61/2018 Art 26), and freeze the fee of the version in force."""
    dossier, received_at = scene.dossier, scene.outcome.case.received_at
    assert received_at is not None
    day = law.office_day(received_at)
    # Who receives it is its unit for ever, also where the unit it was handed in at has ended meanwhile.
    dossier.unit = dossier.desk_unit
    agency = law.unit(dossier.unit).agency.id
    dossier.code = dossier_code(agency, day, counters.take(scene.session, code_counter(agency, day)))
    dossier.search = search_words(dossier)
    freeze_fee(dossier)


def freeze_fee(dossier: Dossier) -> None:
    """The fee that the version a dossier was received under asks for these answers."""
    note = fee_note(
        law.procedure_of(dossier), dossier.answers, law.context_of(dossier), dossier.answers.get("fee_exemption")
    )
    dossier.fee, dossier.fee_lines = note.total, [line.to_json() for line in note.lines]


def _before_rectification(scene: Scene) -> None:
    """The unit that holds as the one that received it is another; its code, once given, is not (see `casework`)."""
    scene.dossier.unit = scene.outcome.case.unit


def _before_payment(scene: Scene) -> None:
    if scene.deed.amount != scene.dossier.fee:
        raise Invalid({"amount": "not_the_fee"}, fee=scene.dossier.fee)
    if store.receipt_used(scene.session, scene.dossier.desk_unit, scene.deed.request.number):
        raise Invalid({"number": "receipt_used"})
    scene.dossier.fee_paid = True


def _before_issue(scene: Scene) -> None:
    """The book gives the number of a result that the portal makes; only one attached bears a number already."""
    if scene.deed.request.number and scene.deed.file is None:
        raise Invalid({"number": "only_attached"})


# What comes of an action: further rows, papers and messages.


def _after_reception(scene: Scene) -> None:
    registers.enter(scene.session, scene.dossier)
    bundles.set_out(scene.session, scene.dossier, _hand_in_leg, scene.at)
    slips.make_out(scene.session, scene.dossier, SlipKind.RECEIPT, scene.actor, scene.at)
    notices.notify(scene.session, "received", scene.dossier, scene.at)


def _after_decline(scene: Scene) -> None:
    if scene.dossier.lead_id is not None:
        # Nobody has looked at it, so there is nothing to sign.
        notices.notify(scene.session, "leg_given_up", scene.dossier, scene.at)
        return
    slips.make_out(
        scene.session, scene.dossier, SlipKind.REFUSAL_OF_RECEPTION, scene.actor, scene.at,
        reason=scene.deed.request.reason, words=scene.deed.words,
    )  # fmt: skip
    notices.notify(scene.session, "declined", scene.dossier, scene.at)


def _after_asking_supplement(scene: Scene) -> None:
    request, dossier = scene.deed.request, scene.dossier
    assert request.answer_by is not None and request.reason is not None and scene.actor.account_id is not None
    supplement = Supplement(
        dossier_id=dossier.id,
        round=store.next_round(scene.session, dossier.id),
        after_reception=dossier.received_at is not None,
        asked_at=scene.at,
        asked_by_id=scene.actor.account_id,
        reason=request.reason,
        words=scene.deed.words,
        items=[dict(item) for item in request.items],
        answer_by=request.answer_by,
        old_due_at=dossier.due_at,
        replies={},
    )
    scene.session.add(supplement)
    scene.session.flush()
    slips.make_out(scene.session, dossier, SlipKind.SUPPLEMENT_REQUEST, scene.actor, scene.at, supplement=supplement)
    notices.notify(scene.session, "supplement_asked", dossier, scene.at, supplement=supplement)


def _after_proposal(scene: Scene) -> None:
    request, dossier = scene.deed.request, scene.dossier
    assert request.answer_by is not None and request.reason is not None and scene.actor.account_id is not None
    scene.session.add(
        Proposal(
            dossier_id=dossier.id,
            proposed_at=scene.at,
            proposed_by_id=scene.actor.account_id,
            reason=request.reason,
            words=scene.deed.words,
            items=[dict(item) for item in request.items],
            answer_by=request.answer_by,
        )
    )


def _after_granting(scene: Scene) -> None:
    _settle_proposal(scene, granted=True)
    _after_asking_supplement(scene)


def _after_denying(scene: Scene) -> None:
    _settle_proposal(scene, granted=False)


def _settle_proposal(scene: Scene, *, granted: bool) -> None:
    proposal = store.open_proposal(scene.session, scene.dossier.id)
    proposal.settled_at, proposal.settled_by_id, proposal.granted = scene.at, scene.actor.account_id, granted


def _after_lapse(scene: Scene) -> None:
    supplement = store.open_supplement(scene.session, scene.dossier.id)
    assert supplement is not None
    supplement.lapsed_at, supplement.new_due_at = scene.at, scene.dossier.due_at
    notices.notify(scene.session, "supplement_lapsed", scene.dossier, scene.at, supplement=supplement)


def _after_supplement(scene: Scene) -> None:
    supplement = store.open_supplement(scene.session, scene.dossier.id)
    assert supplement is not None
    supplement.answered_at = scene.at
    supplement.new_due_at = scene.dossier.due_at
    notices.notify(scene.session, "supplement_received", scene.dossier, scene.at)


def _after_asking_duty(scene: Scene) -> None:
    assert scene.actor.account_id is not None
    duty = Duty(
        dossier_id=scene.dossier.id,
        asked_at=scene.at,
        asked_by_id=scene.actor.account_id,
        amount=scene.deed.amount,
        words=scene.deed.words,
    )
    scene.session.add(duty)
    notices.notify(scene.session, "duty_asked", scene.dossier, scene.at)


def _after_duty(scene: Scene) -> None:
    duty = store.open_duty(scene.session, scene.dossier.id)
    assert duty is not None
    duty.confirmed_at, duty.confirmed_by_id = scene.at, scene.actor.account_id
    duty.receipt_number = scene.deed.request.number
    notices.notify(scene.session, "duty_confirmed", scene.dossier, scene.at)


def _after_payment(scene: Scene) -> None:
    dossier = scene.dossier
    assert dossier.fee is not None and scene.deed.request.number is not None and scene.actor.account_id is not None
    payment = Payment(
        dossier_id=dossier.id,
        unit=dossier.desk_unit,
        amount=dossier.fee,
        receipt_number=scene.deed.request.number,
        paid_at=scene.at,
        taken_by_id=scene.actor.account_id,
    )
    scene.session.add(payment)


def _after_issue(scene: Scene) -> None:
    dossier = scene.dossier
    refused = dossier.decision == casework.Decision.REFUSED
    kind = SlipKind.RESULT_REFUSAL if refused else SlipKind.RESULT
    if (file := scene.deed.file) is not None:
        slips.attach(scene.session, dossier, kind, file, scene.at, scene.deed.request.number)
    else:
        slips.make_out(scene.session, dossier, kind, scene.actor, scene.at)
    if not refused and not scene.deed.more.get("without_letter") and letters.offered(dossier):
        slips.make_out(scene.session, dossier, SlipKind.LETTER, scene.actor, scene.at)
    early = dossier.due_on is not None and law.office_day(scene.at) < dossier.due_on
    notices.notify(scene.session, "result_ready_early" if early else "result_ready", dossier, scene.at)


def _after_handing_over(scene: Scene) -> None:
    slips.make_out(scene.session, scene.dossier, SlipKind.HAND_OVER_RECEIPT, scene.actor, scene.at)
    notices.notify(scene.session, "handed_over", scene.dossier, scene.at)


def _after_stopping(scene: Scene) -> None:
    slips.make_out(
        scene.session, scene.dossier, SlipKind.STOPPING, scene.actor, scene.at,
        reason=scene.deed.request.reason, words=scene.deed.words,
    )  # fmt: skip
    notices.notify(scene.session, "stopped", scene.dossier, scene.at)


def _after_forwarding(scene: Scene) -> None:
    """A change of status is told at once (NĐ 224/2026 Art 15.1.g); a mere change of hands is not."""
    if scene.outcome.before != scene.outcome.case.status:
        notices.notify(scene.session, "status_changed", scene.dossier, scene.at)


def _after_amendment(scene: Scene) -> None:
    """Whoever has a receipt gets a new one in its place, for every leg of a bundle."""
    for row in bundles.of(scene.session, scene.dossier):
        if row.received_at is not None:
            slips.make_out(scene.session, row, SlipKind.RECEIPT, scene.actor, scene.at)
    notices.notify(scene.session, "amended", scene.dossier, scene.at)


def _after_rectification(scene: Scene) -> None:
    """It stands in the right book, and the receipt says what is so."""
    registers.enter_elsewhere(scene.session, scene.dossier, scene.at)
    _after_amendment(scene)


def _telling(kind: str) -> Callable[[Scene], None]:
    """A consequence that is a message and nothing else."""

    def tell(scene: Scene) -> None:
        notices.notify(scene.session, kind, scene.dossier, scene.at)

    return tell


_BEFORE: Mapping[Action, Callable[[Scene], None]] = {
    Action.RECEIVE: _before_reception,
    Action.RECTIFY: _before_rectification,
    Action.PAY_FEE: _before_payment,
    Action.ISSUE: _before_issue,
    **dict.fromkeys(REFUSALS, _before_refusal),
}
_AFTER: Mapping[Action, Callable[[Scene], None]] = {
    Action.RECEIVE: _after_reception,
    Action.DECLINE: _after_decline,
    Action.ASK_SUPPLEMENT: _after_asking_supplement,
    Action.ANSWER_SUPPLEMENT: _after_supplement,
    Action.ANSWER_BEFORE_RECEPTION: _after_supplement,
    Action.FORWARD: _after_forwarding,
    Action.ASK_DUTY: _after_asking_duty,
    Action.CONFIRM_DUTY: _after_duty,
    Action.PAY_FEE: _after_payment,
    Action.ISSUE: _after_issue,
    Action.HAND_OVER: _after_handing_over,
    Action.CORRECT: _telling("corrected"),
    Action.REQUEST_WITHDRAWAL: _telling("withdrawal_requested"),
    Action.WITHDRAW: _telling("withdrawn"),
    Action.CONFIRM_WITHDRAWAL: _telling("withdrawn"),
    Action.STOP: _after_stopping,
    Action.SUCCEED: _telling("succeeded"),
    Action.PROPOSE_SUPPLEMENT: _after_proposal,
    Action.GRANT_SUPPLEMENT: _after_granting,
    Action.DENY_SUPPLEMENT: _after_denying,
    Action.LAPSE: _after_lapse,
    Action.BEGIN_INTERVAL: promises.begin_interval,
    Action.END_INTERVAL: promises.end_interval,
    Action.APOLOGISE: promises.apologise,
    Action.RESCHEDULE: _telling("date_moved"),
    Action.AMEND: _after_amendment,
    Action.RECTIFY: _after_rectification,
}


def answer_action(dossier: Dossier) -> Action:
    """The action by which an applicant answers a supplement of this dossier now."""
    received = dossier.received_at is not None
    return Action.ANSWER_SUPPLEMENT if received else Action.ANSWER_BEFORE_RECEPTION


def waits_for_answer(dossier: Dossier) -> bool:
    """Whether the applicant has something to answer now."""
    return dossier.status == Status.SUPPLEMENT_ASKED and not dossier.answered_early
