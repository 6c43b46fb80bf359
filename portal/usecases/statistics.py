"""The numbers managers look at: brought up to the last event, asked for a period, with the list behind each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.domain import standing
from portal.domain.access import Actor, Role
from portal.domain.standing import State
from portal.domain.statistics import (
    ONE_DAY,
    Balance,
    Figures,
    Listed,
    Period,
    Phase,
    Tally,
    Turn,
    add_months,
    figures,
    follow,
)
from portal.store import statistics as store
from portal.store.database import looking, transaction
from portal.store.statistics import Cut, Line, Mark, Place, Spot
from portal.store.statistics_models import ALL
from portal.usecases import law
from procedures.model import Step

#: Events followed in one transaction.
BATCH = 20_000
PAGE = 50
#: Months a chart shows.
MONTHS = 12


def project(batches: int | None = None) -> Mark:
    """Bring the projection up to the last event, or by so many batches; safe to repeat and to run twice at once."""
    done = 0
    while True:
        with looking() as connection:
            # Looking first leaves writers alone while there is nothing to do.
            read, last = store.mark_and_last(connection)
        if read.position == last or done == batches:
            return read
        _follow_batch()
        done += 1


def rebuild() -> Mark:
    """Make the projection again from the first event."""
    with transaction() as session:
        store.clear(session)
    return project()


def _follow_batch() -> None:
    with transaction() as session:
        events, read = store.next_events(session, store.hold_mark(session), BATCH)
        followed = store.courses(session, (event.dossier_id for event in events))
        tally = Tally()
        for event in events:
            follow(followed[event.dossier_id], event, tally)
        store.write(session, followed.values(), tally, read)


def figures_of(period: Period, cut: Cut) -> Figures:
    """The numbers of one period and cut."""
    with looking() as connection:
        found = store.by_procedure(connection, _ends(period), cut)
    return _figures(found, ALL if cut.procedure is None else cut.procedure)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the statistics page shows of a period: in all, by unit, by procedure, and month by month up to its end."""

    read: Mark
    total: Figures
    units: tuple[tuple[str, Figures], ...]
    procedures: tuple[tuple[str, Figures], ...]
    months: tuple[tuple[date, Balance], ...]


def overview(period: Period, cut: Cut) -> Overview:
    """All figures of a page. Units and procedures without any dossier in the period are left out."""
    ends = _ends(period)
    first = add_months(period.last.replace(day=1), 1 - MONTHS)
    with looking() as connection:
        read = store.mark(connection)
        by_unit = store.by_unit(connection, ends, cut)
        by_procedure = store.by_procedure(connection, ends, cut)
        by_month = store.by_month(connection, first, MONTHS, cut)
    # Units that still stand come first.
    standing = sorted(law.places().units, key=lambda unit: unit.valid_to is not None)
    units = [unit.id for unit in standing if (1, unit.id) in by_unit]
    procedures = [code for code in law.catalogue().codes if (1, code) in by_procedure]
    return Overview(
        read=read,
        total=_figures(by_procedure, ALL if cut.procedure is None else cut.procedure),
        units=_worth_showing((unit, _figures(by_unit, unit)) for unit in units),
        procedures=_worth_showing((code, _figures(by_procedure, code)) for code in procedures),
        months=tuple(
            (month, by_month.get(month, Balance())) for month in (add_months(first, n) for n in range(MONTHS))
        ),
    )


def _ends(period: Period) -> tuple[date, date]:
    return period.first - ONE_DAY, period.last


def _figures(balances: Mapping[tuple[int, str], Balance], part: str) -> Figures:
    return figures(balances.get((0, part), Balance()), balances.get((1, part), Balance()))


def _worth_showing(rows: Iterable[tuple[str, Figures]]) -> tuple[tuple[str, Figures], ...]:
    return tuple((part, numbers) for part, numbers in rows if numbers.total)


def allowed(actor: Actor, cut: Cut) -> Cut:
    """The cut as far as the actor may look: a leader sees the unit they lead, whatever was asked for."""
    return cut if actor.role is Role.MANAGER else replace(cut, units=(actor.unit or "",))


# --- where it is stuck ---


@dataclass(frozen=True, slots=True)
class Stuck:
    """Unfinished dossiers of a procedure at one step with the same holder, by how their due day stands.

    NONE: no term runs, for they are not received, wait for the applicant, or have a result.
    """

    procedure: str
    step: Step
    turn: Turn
    phase: Phase
    left: Mapping[State, int]

    @property
    def dossiers(self) -> int:
        """All of them."""
        return sum(self.left.values())


def stuck(units: tuple[str, ...] | None, today: date) -> list[Stuck]:
    """Where unfinished dossiers stand at these units (None: all), the most overdue first."""
    with looking() as connection:
        standings = store.standings(connection, units)
    found: dict[tuple[str, str, Turn, Phase], Counter[State]] = {}
    for place, number in standings:
        key = (place.procedure, place.step, place.turn, place.phase)
        found.setdefault(key, Counter())[_state(place.due_on, today)] += number
    rows = [Stuck(code, _step(code, step), turn, phase, left) for (code, step, turn, phase), left in found.items()]
    return sorted(rows, key=lambda row: (-row.left[State.LATE], -row.dossiers, row.procedure, row.step.key))


def _state(due_on: date | None, today: date) -> State:
    return State.NONE if due_on is None else standing.of_day(due_on, today, law.official_days())


def _step(code: str, key: str) -> Step:
    """The step of this name in the newest version that has it."""
    catalogue = law.catalogue()
    versions = (catalogue.version(code, head.version) for head in reversed(catalogue.versions(code)))
    return next(step for version in versions for step in version.every_step() if step.key == key)


# --- lists behind the numbers ---


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, and where the next begins, if there is one."""

    lines: Sequence[Line]
    next: Place | None


def listed(what: Listed, period: Period, cut: Cut, after: Place | None = None, size: int = PAGE) -> ListPage:
    """One page of the dossiers behind a figure of a period."""
    with looking() as connection:
        return _list_page(*store.listed(connection, what, period, cut, after, size))


def standing_at(spot: Spot, left: State | None, today: date, after: Place | None = None, size: int = PAGE) -> ListPage:
    """One page of the unfinished dossiers that stand somewhere now."""
    if left is not None and (days := standing.days_of(today, law.official_days()).get(left)):
        since, until = days
        spot = replace(spot, due_from=since, due_until=until)
    with looking() as connection:
        return _list_page(*store.standing_at(connection, spot, after, size))


def _list_page(lines: Sequence[Line], more: bool) -> ListPage:
    return ListPage(lines, (lines[-1].day, lines[-1].dossier_id) if more else None)
