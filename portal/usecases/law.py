"""The law in force as the use cases need it: the catalogue, the places, the calendars, and the rules of one dossier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Protocol

from sqlalchemy.orm import Session

from portal.domain import casework, evidence
from portal.domain.access import Role
from portal.domain.casework import Interlude, Rules, Stop
from portal.domain.flow import Action
from portal.domain.kinds import Context
from portal.domain.moment import Moment
from portal.domain.workdays import WorkCalendar
from portal.settings import Settings
from portal.store import office, publications
from portal.store.models import Dossier
from portal.usecases import lawbook
from procedures.calendars import OFFICE_TIME, OfficialDays
from procedures.catalogue import Catalogue, Entry
from procedures.model import Head, Leg, Procedure, Sector, Step
from procedures.overlay import Office
from procedures.places import Places, Unit
from procedures.terms import Term
from procedures.wordings import Wordings

#: How soon after reception a supplement is asked for, unless the law of the sector differs (NĐ 61/2018 Art 19.4).
NOTICE_WITHIN: Final = Term.parse("3 working_day")
#: The key and kind of the interval in which other bodies give their opinion.
CONSULTATION: Final = casework.CONSULTATION

_ack_hours = 8


def configure(settings: Settings) -> None:
    """Say within how many working hours an online dossier is answered; those answered already keep their limit."""
    global _ack_hours
    _ack_hours = settings.online_ack_hours


def catalogue() -> Catalogue:
    """Every procedure version the portal knows: shipped with it, or published here at least a moment ago."""
    return lawbook.catalogue()


def held(session: Session) -> Catalogue:
    """The catalogue of this very moment, to which nobody adds until this transaction ends."""
    publications.hold(session, alone=False)
    return lawbook.now(session)


def places() -> Places:
    """The unit tree of Bảo Yên, with dates: as shipped, or as an administrator has changed it a moment ago."""
    return office.known().places


def official_days() -> OfficialDays:
    """The days off and make-up days of all years, likewise."""
    return office.known().days


def wordings() -> Wordings:
    """The sentences of slips that can be reworded, likewise."""
    return office.known().wordings


def wording(slip: str, form_set: str, on: date) -> dict[str, str]:
    """What the sentences of a slip say on a day, by their keys, likewise."""
    return wordings().on(slip, form_set, on)


def unit(unit_id: str) -> Unit:
    """The unit with this id."""
    return places().by_id(unit_id)


def calendar(unit_id: str, sector: str | None = None) -> WorkCalendar:
    """The working time of a unit, for a sector with its own reception hours (the police's Saturday mornings)."""
    return _calendar(office.known(), unit_id, sector)


@lru_cache(maxsize=256)
def _calendar(known: Office, unit_id: str, sector: str | None) -> WorkCalendar:
    return WorkCalendar.of(known.places.by_id(unit_id), known.days, Sector(sector) if sector else None)


def calendars() -> str:
    """What every count of working time rests on, as a SHA-256 (hex): the same as long as no day and no hours change."""
    return _digest(office.known())


@lru_cache(maxsize=4)
def _digest(known: Office) -> str:
    hours = [[unit.id, str(unit.hours), str(unit.reception)] for unit in known.places.units]
    return evidence.digest([sorted(known.days.off), sorted(known.days.make_up), hours])


def moment(unit_id: str, at: datetime, sector: str | None = None) -> Moment:
    """This instant, with the calendar of the unit for the sector."""
    return Moment(at, calendar(unit_id, sector))


def office_day(at: datetime) -> date:
    """The day it is in the offices."""
    return at.astimezone(OFFICE_TIME).date()


def rules(code: str, version: date, unit_id: str, term_case: str = "", leg: str = "") -> Rules:
    """What casework needs to know of a procedure version for a dossier at a unit, in one of the cases of its term.

    `leg` is the leg of a bundle, '' the first one or a procedure by itself.
    """
    at = unit(unit_id)
    return _rules(catalogue().entry(code, version), at.mountain, at.registry or "", term_case, leg, _ack_hours)


@lru_cache(maxsize=1024)
def _rules(version: Entry, mountain: bool, registry: str, term_case: str, leg: str, ack_hours: int) -> Rules:
    whole = version.whole
    procedure = whole.leg(leg)
    route = tuple(_stop(procedure, step, term_case) for step in procedure.route)
    return Rules(
        sector=procedure.sector.value,
        term=procedure.term_for(mountain=mountain, case=term_case),
        restarts=procedure.supplement.clock == "restart",
        route=route,
        registry=registry,
        ack_hours=ack_hours,
        term_rule=next((part.term_rule for part in whole.legs if part.key == leg), procedure.legal_basis[0]).vi,
        supplement_rule=procedure.supplement.note.vi if procedure.supplement.note else "",
        positions={stop.key: position for position, stop in enumerate(route)},
        interludes={each.key: each for each in _interludes(procedure)},
        rounds=procedure.supplement.rounds,
        notice_within=procedure.supplement.notice_within or NOTICE_WITHIN,
        refuse_within=procedure.supplement.refuse_within,
        delay=procedure.extension.most if procedure.extension else None,
        one_person=procedure.one_person,
        bundled=bool(whole.legs),
    )


def _interludes(procedure: Procedure) -> Iterator[Interlude]:
    """What of the work on a dossier has a length of its own; only the intervals are no part of the term."""
    for interval in procedure.intervals:
        yield Interlude(interval.key, interval.kind.value, interval.length, excluded=True, rule=interval.basis.vi)
    if (asked := procedure.consultation) is not None:
        silence = asked.silence == "consent"
        yield Interlude(CONSULTATION, CONSULTATION, asked.within, False, procedure.legal_basis[0].vi, silence)


def rules_of(dossier: Dossier) -> Rules:
    """What casework needs to know of this dossier's procedure version."""
    return rules(dossier.procedure, dossier.version, dossier.desk_unit, dossier.term_case, dossier.leg)


class Versioned(Protocol):
    """Whatever names the procedure version, and the leg of it, that it goes by."""

    @property
    def procedure(self) -> str:
        """The procedure's code."""

    @property
    def version(self) -> date:
        """The version's date in force."""

    @property
    def leg(self) -> str:
        """The leg of a bundle, '' the first one or a procedure by itself."""


def procedure_of(dossier: Versioned) -> Procedure:
    """The procedure version a dossier goes by, as its leg of a bundle has it."""
    return catalogue().version(dossier.procedure, dossier.version).leg(dossier.leg)


def leg_of(dossier: Versioned) -> Leg | None:
    """Which further leg of a bundle a dossier is; None for a first one, or a dossier by itself."""
    whole = catalogue().version(dossier.procedure, dossier.version)
    return next((leg for leg in whole.legs if leg.key == dossier.leg), None)


def context_of(dossier: Dossier) -> Context:
    """What a dossier's answers are read against: the day it was handed in, and the channel it came by."""
    return Context(office_day(dossier.submitted_at), places(), dossier.channel)


def _stop(procedure: Procedure, step: Step, term_case: str) -> Stop:
    return Stop(
        key=step.key,
        role=Role(step.role),
        at_registry=step.unit == "land_registry",
        share=procedure.share(step, term_case),
        powers=frozenset(Action(action) for action in step.actions),
    )


def receiving_units(procedure: Head, on: date) -> tuple[Unit, ...]:
    """The units whose one-stop shop receives this procedure on a day."""
    return places().receiving(procedure.sector, on)
