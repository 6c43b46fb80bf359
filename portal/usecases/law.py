"""The law in force as the use cases need it: the catalogue, the places, the calendars, and the rules of one dossier."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from portal.domain.access import Role
from portal.domain.casework import Rules, Stop
from portal.domain.flow import Action
from portal.domain.moment import Moment
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, load_official_days
from procedures.catalogue import Catalogue, load_catalogue
from procedures.model import Procedure, Sector, Step
from procedures.places import Places, Unit, load_places


def catalogue() -> Catalogue:
    """Every procedure version the portal knows."""
    return load_catalogue()


def places() -> Places:
    """The unit tree of Bảo Yên, with dates."""
    return load_places()


def unit(unit_id: str) -> Unit:
    """The unit with this id."""
    return places().by_id(unit_id)


@lru_cache(maxsize=256)
def calendar(unit_id: str, sector: str | None = None) -> WorkCalendar:
    """The working time of a unit, for a sector with its own reception hours (the police's Saturday mornings)."""
    return WorkCalendar.of(unit(unit_id), load_official_days(), Sector(sector) if sector else None)


@lru_cache(maxsize=256)
def moment(unit_id: str, at: datetime, sector: str | None = None) -> Moment:
    """This instant, with the calendar of the unit for the sector."""
    return Moment(at, calendar(unit_id, sector))


def office_day(at: datetime) -> date:
    """The day it is in the offices."""
    return at.astimezone(OFFICE_TIME).date()


@lru_cache(maxsize=1024)
def rules(code: str, version: date, unit_id: str, ack_hours: int = 8) -> Rules:
    """What casework needs to know of a procedure version for a dossier at a unit."""
    procedure = catalogue().version(code, version)
    route = tuple(_stop(step) for step in procedure.route)
    return Rules(
        sector=procedure.sector.value,
        term=procedure.term_for(mountain=unit(unit_id).mountain),
        restarts=procedure.supplement.clock == "restart",
        route=route,
        registry=unit(unit_id).registry or "",
        ack_hours=ack_hours,
        term_rule=procedure.legal_basis[0].vi,
        supplement_rule=procedure.supplement.note.vi if procedure.supplement.note else "",
        positions={stop.key: position for position, stop in enumerate(route)},
    )


def _stop(step: Step) -> Stop:
    return Stop(
        key=step.key,
        role=Role(step.role),
        at_registry=step.unit == "land_registry",
        share=step.share,
        powers=frozenset(Action(action) for action in step.actions),
    )


def receiving_units(procedure: Procedure, on: date) -> tuple[Unit, ...]:
    """The units whose one-stop shop receives this procedure on a day."""
    return places().receiving(procedure.sector, on)
