"""The legs of a bundle as dossiers: made with its reception, begun or given up in their turn, and seen together."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.domain import bundles
from portal.domain.access import Actor, may_open
from portal.domain.bundles import Outlook, Span
from portal.domain.casework import Case, whereabouts
from portal.domain.codes import REGISTRATION_BYTES, registration_number
from portal.domain.flow import Status
from portal.store import dossiers as store
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import law
from procedures.model import LEAD, Leg, Procedure, Text
from procedures.places import Unit

#: Hands a leg in that was just made.
HandIn = Callable[[Session, Dossier, datetime], Any]
#: What the portal does to a leg whose turn has come: it begins, or never will because of the leg with this title.
Turn = Callable[[Session, Dossier, Text | None, datetime], Any]


@dataclass(frozen=True, slots=True)
class Promise:
    """By when each further leg of a bundle is done at the latest, by key, and all of them."""

    spans: Mapping[str, Span]
    total: datetime


def promise(
    procedure: Procedure, answers: Mapping[str, Any], unit_id: str, received_at: datetime, lead_due_at: datetime
) -> Promise | None:
    """What is promised for a bundle received at a unit, whose first leg is due then; None for what is no bundle."""
    if not procedure.legs:
        return None
    spans, total = bundles.whole_plan(procedure, answers, unit_id, received_at, lead_due_at, law.places(), law.calendar)
    return Promise(spans, total)


def set_out(session: Session, lead: Dossier, hand_in: HandIn, at: datetime) -> None:
    """Make the further legs of a bundle that is being received, and promise a date for all of them."""
    procedure = law.procedure_of(lead)
    if not procedure.legs:
        return
    assert lead.received_at is not None
    assert lead.due_at is not None
    promised = promise(procedure, lead.answers, lead.unit, lead.received_at, lead.due_at)
    assert promised is not None
    lead.total_due_at = promised.total
    for leg in procedure.legs:
        hand_in(session, _leg(lead, leg, promised.spans[leg.key].begins_at, at), at)


def _leg(lead: Dossier, leg: Leg, begins_by: datetime, at: datetime) -> Dossier:
    unit = bundles.unit_of(leg, lead.answers, lead.unit, law.places(), law.office_day(at))
    shared = (
        "procedure", "version", "channel", "commune", "owner_id", "helper_id", "entered_by_id", "applicant_name",
        "applicant_number", "applicant_phone", "applicant_email", "applicant_address", "delivery", "priority",
        "submitted_at",
    )  # fmt: skip
    return Dossier(
        **{name: getattr(lead, name) for name in shared},
        registration=registration_number(secrets.token_bytes(REGISTRATION_BYTES)),
        lead_id=lead.id,
        lead=lead,
        leg=leg.key,
        sector=leg.sector.value,
        unit=unit.id,
        desk_unit=unit.id,
        begins_by=begins_by,
        own_answers={},
        own_papers={},
        fee_lines=[],
        seq=0,
        last_hash="",
        supplement_rounds=0,
    )


def of(session: Session, dossier: Dossier) -> list[Dossier]:
    """All dossiers of the bundle that one belongs to, the first leg first; the dossier alone if it stands by itself."""
    lead = dossier.head
    return [lead, *store.legs(session, lead.id)] if law.procedure_of(lead).legs else [lead]


def carry_on(session: Session, dossier: Dossier, turn: Turn, at: datetime) -> None:
    """After anything was done to a leg: keep the dates promised for the others, and let those begin whose turn it is.

    A leg that waits for one that came to nothing never begins.
    """
    lead, *legs = of(session, dossier)
    if not legs:
        return
    parts = {leg.key: leg for leg in law.procedure_of(lead).legs}
    cases = {row.leg or LEAD: store.case_of(row) for row in (lead, *legs)}
    _plan_again(lead, legs, cases, parts)
    granted = {
        key: bundles.grants(row.state, cases[key].decision) for key, row in zip(cases, (lead, *legs), strict=True)
    }
    for leg in legs:
        after = parts[leg.leg].after
        outlook = bundles.outlook(after, granted) if leg.state is Status.REGISTERED else Outlook.WAITS
        if outlook is not Outlook.WAITS:
            # What the portal does to a leg is carried on by itself.
            lost = next((key for key in after if granted[key] is False), None)
            turn(session, leg, _title(lead, lost) if lost else None, at)
            return


def _plan_again(lead: Dossier, legs: Sequence[Dossier], cases: Mapping[str, Case], parts: Mapping[str, Leg]) -> None:
    """Where a leg is done later than was planned, those that wait for it begin later; nothing is moved forward."""
    assert lead.total_due_at is not None
    spans, total = bundles.plan_again(cases, [parts[leg.leg] for leg in legs], law.calendar)
    for leg in legs:
        assert leg.begins_by is not None
        if leg.leg in spans and spans[leg.leg].begins_at > leg.begins_by:
            store.begin_later(leg, spans[leg.leg].begins_at)
    lead.total_due_at = max(lead.total_due_at, total)


def _title(lead: Dossier, key: str) -> Text:
    bundle = law.procedure_of(lead).bundle
    assert bundle is not None
    return bundle.titles[key]


@dataclass(frozen=True, slots=True)
class SeenLeg:
    """One leg as those see it who look at the whole bundle; before reception it has no dossier.

    `due_at` is promised or, while the leg waits, planned. `opens`: whether who looks may open its dossier.
    """

    title: Text
    authority: Text
    after: tuple[Text, ...]
    unit: Unit | None
    dossier: Dossier | None
    due_at: datetime | None
    opens: bool

    @property
    def waits(self) -> bool:
        """Whether its turn has not come."""
        return self.dossier is not None and store.case_of(self.dossier).waits_for_a_leg


def seen(dossier: Dossier, actor: Actor | None = None) -> tuple[SeenLeg, ...]:
    """All legs of the bundle that a dossier belongs to, the first one first; none where it stands by itself."""
    lead = dossier.head
    whole = law.procedure_of(lead)
    if whole.bundle is None:
        return ()
    with reading() as session:
        rows = {row.leg: row for row in store.legs(session, lead.id, whole=True)}
    titles = whole.bundle.titles
    first = SeenLeg(
        titles[LEAD], whole.authority, (), law.unit(lead.desk_unit), lead, lead.due_at,
        _may_open(actor, lead),
    )  # fmt: skip
    further = (_seen_leg(leg, rows.get(leg.key), tuple(titles[key] for key in leg.after), actor) for leg in whole.legs)
    return (first, *further)


def _seen_leg(leg: Leg, row: Dossier | None, after: tuple[Text, ...], actor: Actor | None) -> SeenLeg:
    if row is None:
        return SeenLeg(leg.title, leg.authority, after, None, None, None, opens=False)
    due_at = row.due_at
    if store.case_of(row).waits_for_a_leg and row.begins_by is not None:
        calendar = law.calendar(row.desk_unit, row.sector)
        due_at = bundles.plan([bundles.way_of(leg, calendar)], row.begins_by, dict.fromkeys(leg.after, row.begins_by))[
            leg.key
        ].due_at
    return SeenLeg(leg.title, leg.authority, after, law.unit(row.desk_unit), row, due_at, _may_open(actor, row))


def _may_open(actor: Actor | None, row: Dossier) -> bool:
    return actor is not None and may_open(actor, whereabouts(store.case_of(row), law.rules_of(row)))
