"""Who is away on which days, and in whose place a deputy acts meanwhile (thay mặt)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from portal.domain.access import Absentee, Actor, Role, can_stand_in


class Away(NamedTuple):
    """Somebody who is away from one office day to another, both included, with the account of their deputy, if any."""

    account: int
    name: str
    role: Role
    unit: str
    since: date
    until: date
    deputy: int | None

    def on(self, day: date) -> bool:
        """Whether they are away on this day."""
        return self.since <= day <= self.until


class Holding(NamedTuple):
    """Whom a dossier waits for: a role at a unit, and the account that has it, if any."""

    role: Role | None
    unit: str | None
    account: int | None


def overlap(since: date, until: date, others: Iterable[tuple[date, date]]) -> bool:
    """Whether some of these days are among others."""
    return any(since <= last and first <= until for first, last in others)


def stands_in(actor: Actor, away: Away, day: date) -> bool:
    """Whether somebody stands in for who is away on a day; who was moved to another unit or team does no longer."""
    named = actor.account_id is not None and actor.account_id == away.deputy
    return named and away.on(day) and can_stand_in((actor.role, actor.unit), (away.role, away.unit))


def in_place(actor: Actor, holding: Holding, away: Iterable[Away], day: date) -> Iterator[Actor]:
    """The actor in the place of each colleague who is away and has this dossier.

    One that nobody has is the absent colleague's if the deputy's own role does not reach it.
    """
    for each in away:
        if not stands_in(actor, each, day):
            continue
        if (holding.role, holding.unit) != (each.role, each.unit):
            continue
        theirs = holding.account == each.account or (holding.account is None and actor.role is not each.role)
        if theirs:
            yield replace(actor, role=each.role, unit=each.unit, acting_for=Absentee(each.account, each.name))
