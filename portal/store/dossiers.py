"""Dossiers as rows: found by who may see them, turned into cases for the domain, and written back with their event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    event,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.domain import casework, clock, evidence
from portal.domain.access import SCOPES, Actor, Scope
from portal.domain.casework import Case, Decision, Outcome
from portal.domain.flow import OPEN, RUNNING, STANDING_REASONS, Action, Status
from portal.domain.ledger import DueReason, Entry
from portal.domain.separation import Handled, alone
from portal.store import counters, office, word_index
from portal.store.models import Dossier, DueChange, Duty, Event, Interval, Payment, Proposal, Supplement
from procedures.overlay import Office
from procedures.terms import Term

#: Under which name an event says in whose place it was done.
ACTING_FOR: Final = "acting_for"
#: Under which name the event of a reception put right says what the dossier went by before: `procedure`, `version`,
#: `term_case` and `unit`.
WENT_BY: Final = "went_by"


def is_one_of(statuses: Iterable[Status]) -> ColumnElement[bool]:
    """Written out in the statement, not bound: only then does the partial index of these statuses serve it."""
    numbers = sorted(int(status) for status in statuses)
    return Dossier.status.in_(bindparam("statuses", numbers, expanding=True, literal_execute=True, unique=True))


IS_OPEN = is_one_of(OPEN)

# Whoever writes what a dossier is found by writes the index of it.
event.listen(Dossier, "after_insert", word_index.keep)
event.listen(Dossier, "after_update", word_index.keep)

_IS_LAND = Dossier.sector == literal_column("'land'")


def scope_filter(actor: Actor) -> ColumnElement[bool]:
    """The dossiers this actor may open, as a filter; the same rule as `access.may_open`."""
    match SCOPES[actor.role]:
        case Scope.ALL:
            return true()
        case Scope.OWN:
            # Compared with no account at all, SQL would find the dossiers that nobody owns.
            own = or_(Dossier.owner_id == actor.account_id, Dossier.helper_id == actor.account_id)
            return false() if actor.account_id is None else own
        case Scope.UNIT:
            return Dossier.desk_unit == actor.unit
        case Scope.UNIT_RESIDENCE:
            return and_(Dossier.desk_unit == actor.unit, Dossier.sector == "residence")
        case Scope.SERVED:
            # Told by the units it does not serve, the most urgent first stay a walk along the index of land.
            places = office.known().places
            others = {unit.id for unit in places.units} - places.served_by(actor.unit)
            return and_(_IS_LAND, Dossier.desk_unit.not_in(sorted(others)))
        case Scope.NONE:
            return false()


def find(
    session: Session, registration: str, actor: Actor, *, whole: bool = False, lock: bool = False
) -> Dossier | None:
    """The dossier with this registration number, if the actor may open it.

    `whole` brings all that belongs to it; `lock` keeps others from changing it until the transaction ends.
    """
    if lock:
        _lock_lead(session, registration)
    # Nobody's scope but an applicant's depends on the account.
    account_id = actor.account_id if SCOPES[actor.role] is Scope.OWN else None
    query = _finding(Actor(account_id, actor.role, actor.unit), office.known(), whole, lock)
    found = session.execute(query, {"registration": registration}).one_or_none()
    if found is None:
        return None
    dossier: Dossier = found[0]
    for relation, some in zip(_OFTEN_NONE, found[1:], strict=False):
        if some:
            getattr(dossier, relation.key)  # reading it brings it
        else:
            set_committed_value(dossier, relation.key, [])
    return dossier


#: What few dossiers have any of: one statement asks which of these there are, and only those are brought.
_OFTEN_NONE: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    Dossier.intervals,
    Dossier.supplements,
    Dossier.proposals,
    Dossier.duties,
    Dossier.payments,
    Dossier.attachments,
)


@lru_cache(maxsize=64)
def _finding(actor: Actor, _known: Office, whole: bool, lock: bool) -> Select[Any]:
    """The statement that finds a dossier by its number, kept: making it takes longer than asking it."""
    named = Dossier.registration == bindparam("registration", type_=Dossier.registration.type)
    query: Select[Any] = select(Dossier).where(named, scope_filter(actor))
    if whole:
        query = query.add_columns(*(exists().where(_is_of(relation)) for relation in _OFTEN_NONE)).options(
            joinedload(Dossier.owner),
            joinedload(Dossier.holder),
            selectinload(Dossier.events).joinedload(Event.actor),
            selectinload(Dossier.due_changes),
            selectinload(Dossier.slips),
            selectinload(Dossier.lead).options(selectinload(Dossier.attachments), selectinload(Dossier.supplements)),
        )
    return query.with_for_update(of=Dossier) if lock else query


def _is_of(relation: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a row of what belongs to dossiers belongs to the one that is found."""
    of: ColumnElement[int] = relation.property.mapper.local_table.c.dossier_id
    return of == Dossier.id


def several(
    session: Session, registrations: Iterable[str], actor: Actor, *brought: InstrumentedAttribute[Any]
) -> Sequence[Dossier]:
    """Those of these dossiers that the actor may open, in the order given, with what is to be brought along."""
    order = {registration: place for place, registration in enumerate(registrations)}
    query = select(Dossier).where(Dossier.registration.in_(order), scope_filter(actor))
    found = session.scalars(query.options(*(selectinload(each) for each in brought)))
    return sorted(found, key=lambda dossier: order[dossier.registration])


def _lock_lead(session: Session, registration: str) -> None:
    """Keep others from a whole bundle: its first leg is locked before any other, whichever is acted on."""
    of = select(Dossier.lead_id).where(Dossier.registration == registration).scalar_subquery()
    session.execute(select(Dossier.id).where(Dossier.id == of).with_for_update())


def legs(session: Session, lead_id: int, *, whole: bool = False) -> Sequence[Dossier]:
    """The further legs of a bundle, as they were made; `whole` brings what their applicant sees of them."""
    query = select(Dossier).where(Dossier.lead_id == lead_id).order_by(Dossier.id)
    if whole:
        query = query.options(selectinload(Dossier.slips), selectinload(Dossier.events))
    return session.scalars(query).all()


def follower(session: Session, dossier_id: int) -> Dossier | None:
    """The dossier that stands in the place of a stopped one."""
    return session.scalars(select(Dossier).where(Dossier.previous_id == dossier_id)).one_or_none()


def linked(session: Session, dossier: Dossier) -> tuple[Dossier | None, Dossier | None]:
    """The stopped dossier in whose place this one stands, and the one that stands in the place of this one."""
    before = session.get(Dossier, dossier.previous_id) if dossier.previous_id is not None else None
    return before, follower(session, dossier.id) if dossier.state is Status.STOPPED else None


def begin_later(leg: Dossier, begins_by: datetime) -> None:
    """Move the latest day on which a leg that waits begins."""
    leg.begins_by = leg.act_by = begins_by


def by_public_key(session: Session, key: str) -> Dossier | None:
    """The dossier with this registration number or dossier code; for the public page, which shows nothing personal."""
    return session.scalars(select(Dossier).where(or_(Dossier.registration == key, Dossier.code == key))).one_or_none()


def latest_of(session: Session, actor: Actor, number: str) -> Dossier | None:
    """The latest dossier of an applicant with this personal number that the actor may open."""
    query = select(Dossier).where(scope_filter(actor), Dossier.applicant_number == number, Dossier.lead_id.is_(None))
    # Only with this said too does the partial index of those with a number serve it.
    query = query.where(Dossier.applicant_number != literal_column("''"))
    return session.scalars(query.order_by(Dossier.id.desc()).limit(1)).one_or_none()


def received_under(session: Session, procedure: str, version: date, since: datetime) -> tuple[int, datetime | None]:
    """How many dossiers were received under a procedure version since an instant, and when the last of them was."""
    query = select(func.count(), func.max(Dossier.received_at)).where(
        Dossier.unit.in_([unit.id for unit in office.known().places.units]),  # the index goes by unit first
        Dossier.received_at >= since,
        Dossier.procedure == procedure,
        Dossier.version == version,
    )
    number, last = session.execute(query).one()
    return number, last


def received_between(
    session: Session, procedure: str, since: datetime, until: datetime, after_id: int, size: int
) -> Sequence[Dossier]:
    """Dossiers of a procedure received from one instant until another, with their files, by id, from after an id on.

    A bundle is its first leg: the others begin by themselves.
    """
    query = (
        select(Dossier)
        .options(selectinload(Dossier.attachments), selectinload(Dossier.supplements))
        .where(
            Dossier.unit.in_([unit.id for unit in office.known().places.units]),  # the index goes by unit first
            Dossier.received_at >= since,
            Dossier.received_at < until,
            Dossier.procedure == procedure,
            Dossier.lead_id.is_(None),
            Dossier.id > after_id,
        )
        .order_by(Dossier.id)
        .limit(size)
    )
    return session.scalars(query).all()


def whole_case_of(dossier: Dossier) -> Case:
    """The dossier as casework sees it who acts on it, with its ledger and the intervals that go on."""
    going_on = {row.key: row.begun_at for row in dossier.intervals if row.ended_at is None}
    return case_of(dossier)._replace(
        ledger=tuple(entry_of(row) for row in dossier.due_changes),
        intervals=going_on,
        # Nobody signs before it is in work.
        alone=alone(handled(event) for event in dossier.events) if dossier.state is Status.PROCESSING else frozenset(),
    )


def handled(event: Event) -> Handled:
    """An event as the separation of duties sees it: whoever acted, and in whose place."""
    acting_for = event.details.get(ACTING_FOR, {}).get("account")
    hands = frozenset(account for account in (event.actor_id, acting_for) if account is not None)
    return Handled(Action(event.action), None if event.before is None else Status(event.before), hands)


def case_of(dossier: Dossier | Row[Any]) -> Case:
    """The row alone as casework sees it: enough to tell where the dossier stands."""
    return Case(
        status=Status(dossier.status),
        unit=dossier.desk_unit,
        owner_id=dossier.owner_id,
        step=dossier.step,
        step_since=dossier.step_since,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        due_on=dossier.due_on,
        due_provisional=dossier.due_provisional,
        held_since=dossier.held_since,
        answer_by=dossier.answer_by,
        ended_at=dossier.ended_at,
        ended_on=dossier.ended_on,
        handed_over_at=dossier.handed_over_at,
        decision=Decision(dossier.decision) if dossier.decision else None,
        supplement_rounds=dossier.supplement_rounds,
        answered_early=dossier.answered_early,
        withdrawal_asked=dossier.withdrawal_asked,
        fee_open=bool(dossier.fee) and not dossier.fee_paid,
        begins_by=dossier.begins_by,
        proposed=dossier.supplement_proposed,
        helper_id=dossier.helper_id,
    )


def entry_of(row: DueChange | Row[Any]) -> Entry:
    """A row of the ledger as the domain sees it."""
    return Entry(
        reason=DueReason(row.reason),
        at=row.at,
        old=row.old_due_at,
        new=row.new_due_at,
        rule=row.rule,
        since=row.since,
        until=row.until,
        term=Term.parse(row.term) if row.term else None,
        interval=row.interval,
    )


def case_columns(outcome: Outcome, watch_at: datetime | None) -> dict[str, Any]:
    """The columns of a dossier that an outcome sets; `watch_at` is when the watch has to look at it next."""
    case, holder = outcome.case, outcome.holder
    assert case.status is not None
    assert case.step_since is not None
    return {
        "status": int(case.status),
        "desk_unit": case.unit,
        "step": case.step,
        "step_since": case.step_since,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "due_on": case.due_on,
        "due_provisional": case.due_provisional,
        "next_day": case.received_at is not None and clock.passes_on_next_day(case.received_at),
        "consulting": holder is not None and casework.CONSULTATION in case.intervals,
        "held_since": case.held_since,
        "answer_by": case.answer_by,
        "ended_at": case.ended_at,
        "ended_on": case.ended_on,
        "handed_over_at": case.handed_over_at,
        "decision": case.decision.value if case.decision else None,
        "supplement_rounds": case.supplement_rounds,
        "answered_early": case.answered_early,
        "withdrawal_asked": case.withdrawal_asked,
        "supplement_proposed": case.proposed,
        "holder_role": holder.role.value if holder else None,
        "holder_unit": holder.unit if holder else None,
        "act_by": holder.act_by if holder else None,
        "watch_at": watch_at,
    }


def event_columns(
    dossier_id: int,
    seq: int,
    previous: str,
    outcome: Outcome,
    actor: Actor,
    at: datetime,
    reason: str | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    """The row of the event an outcome is recorded as, hash included; its position is still to be taken."""
    case = outcome.case
    assert case.status is not None
    if outcome.due_move is not None:
        details = details | {evidence.LEDGER: evidence.digest(outcome.due_move)}
    if actor.acting_for is not None:
        details = details | {ACTING_FOR: {"account": actor.acting_for.account_id, "name": actor.acting_for.name}}
    event: dict[str, Any] = {
        "dossier_id": dossier_id,
        "seq": seq,
        "at": at,
        "actor_id": actor.account_id,
        "role": actor.role.value,
        "action": outcome.action.value,
        "before": None if outcome.before is None else int(outcome.before),
        "after": int(case.status),
        "step": case.step,
        "unit": case.unit,
        "due_on": case.due_on,
        "reason": reason or STANDING_REASONS.get(outcome.action),
        "details": details,
    }
    event["hash"] = evidence.event_hash(previous, event)
    return event


def due_columns(dossier_id: int, seq: int, outcome: Outcome, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """The ledger's row for an outcome that moved the due date."""
    if (move := outcome.due_move) is None:
        return None
    return {
        "dossier_id": dossier_id,
        "seq": seq,
        "old_due_at": move.old,
        "new_due_at": move.new,
        "reason": move.reason.value,
        "rule": move.rule,
        "since": move.since,
        "until": move.until,
        "term": str(move.term) if move.term else None,
        "interval": move.interval,
        "actor_id": actor.account_id,
        "at": at,
    }


def record(
    session: Session,
    dossier: Dossier,
    outcome: Outcome,
    actor: Actor,
    at: datetime,
    watch_at: datetime | None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> Event:
    """Write an outcome: the dossier's new state, its event, and the ledger's row. The only place that does."""
    held_before = (dossier.holder_role, dossier.holder_unit, dossier.act_by)
    place_before = (dossier.step, dossier.holder_role, dossier.holder_unit)
    for name, value in case_columns(outcome, watch_at).items():
        setattr(dossier, name, value)
    if held_before != (dossier.holder_role, dossier.holder_unit, dossier.act_by) or dossier.state is Status.RESOLVED:
        dossier.warned = 0
    if place_before != (dossier.step, dossier.holder_role, dossier.holder_unit):
        dossier.holder_id = None
    if outcome.due_move is not None or dossier.state not in RUNNING:
        dossier.apology_by = None
    if dossier.id is None:
        session.add(dossier)
        session.flush()
    dossier.seq += 1
    details = details or {}
    if actor.account_id is not None and actor.account_id == dossier.helper_id:
        details = details | {ACTING_FOR: {"account": dossier.owner_id, "name": dossier.applicant_name}}
    columns = event_columns(dossier.id, dossier.seq, dossier.last_hash, outcome, actor, at, reason, details)
    dossier.last_hash = columns["hash"]
    event = Event(position=counters.take(session, counters.EVENTS), **columns)
    session.add(event)
    if (due := due_columns(dossier.id, dossier.seq, outcome, actor, at)) is not None:
        dossier.due_changes.append(DueChange(**due))
    return event


def only_scans_since(session: Session, dossier: Dossier, seen: int, actor: Actor) -> bool:
    """Whether nothing has happened to a dossier since this event but that the actor has added scans."""
    if actor.account_id is None or not 0 < seen < dossier.seq:
        return False
    own = (Event.action == Action.ADD_SCAN.value) & (Event.actor_id == actor.account_id)
    other = select(Event.seq).where(Event.dossier_id == dossier.id, Event.seq > seen, ~own).limit(1)
    return session.scalar(other) is None


def open_interval(session: Session, dossier_id: int, key: str) -> Interval:
    """The interval of this key that goes on. Raises NoResultFound."""
    going_on = select(Interval).where(
        Interval.dossier_id == dossier_id, Interval.key == key, Interval.ended_at.is_(None)
    )
    return session.scalars(going_on).one()


def open_proposal(session: Session, dossier_id: int) -> Proposal:
    """The further round of supplements that a head has still to allow. Raises NoResultFound."""
    open_one = select(Proposal).where(Proposal.dossier_id == dossier_id, Proposal.settled_at.is_(None))
    return session.scalars(open_one).one()


def receipt_used(session: Session, unit: str, number: str | None) -> bool:
    """Whether a unit has taken a fee under this number already."""
    used = select(Payment.id).where(Payment.unit == unit, Payment.receipt_number == number)
    return session.scalar(used.limit(1)) is not None


def next_round(session: Session, dossier_id: int) -> int:
    """The number of the next round of supplements."""
    last = session.scalar(select(func.max(Supplement.round)).where(Supplement.dossier_id == dossier_id))
    return (last or 0) + 1


def open_supplement(session: Session, dossier_id: int) -> Supplement | None:
    """The round of supplements that is not answered yet."""
    unanswered = select(Supplement).where(
        Supplement.dossier_id == dossier_id, Supplement.answered_at.is_(None), Supplement.lapsed_at.is_(None)
    )
    return session.scalars(unanswered.order_by(Supplement.round.desc()).limit(1)).one_or_none()


def open_duty(session: Session, dossier_id: int) -> Duty | None:
    """The financial duty that is not confirmed yet."""
    unconfirmed = select(Duty).where(Duty.dossier_id == dossier_id, Duty.confirmed_at.is_(None))
    return session.scalars(unconfirmed.order_by(Duty.id.desc()).limit(1)).one_or_none()


def open_at(session: Session, unit_id: str, size: int) -> list[str]:
    """Registration numbers of open dossiers that are at a unit."""
    query = select(Dossier.registration).where(Dossier.desk_unit == unit_id, IS_OPEN)
    return list(session.scalars(query.order_by(Dossier.id).limit(size)))


def count_open_at(session: Session, unit_id: str) -> int:
    """How many open dossiers are at a unit."""
    return session.scalar(select(func.count()).where(Dossier.desk_unit == unit_id, IS_OPEN)) or 0


def owned_and_open(session: Session, account_id: int, procedure: str) -> Sequence[Dossier]:
    """A citizen's own dossiers of a procedure that are not at their end, the newest first; the last twenty."""
    query = select(Dossier).where(
        Dossier.owner_id == account_id, Dossier.procedure == procedure, Dossier.status.in_(sorted(OPEN))
    )
    return session.scalars(query.order_by(Dossier.id.desc()).limit(20)).all()


def owned(session: Session, account_id: int, before_id: int | None, size: int) -> Sequence[Dossier]:
    """A citizen's own dossiers, the newest first; a bundle is one of them."""
    query = select(Dossier).where(Dossier.owner_id == account_id, Dossier.lead_id.is_(None))
    if before_id is not None:
        query = query.where(Dossier.id < before_id)
    return session.scalars(query.order_by(Dossier.id.desc()).limit(size)).all()
