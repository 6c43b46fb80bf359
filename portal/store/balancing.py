"""What waits for whom at a unit: the dossiers of a role that somebody has, or that nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, or_, select, tuple_

from portal.domain.access import Role
from portal.domain.flow import OPEN, Status
from portal.store.dossiers import is_one_of
from portal.store.models import Dossier
from portal.store.queues import Cursor


class Waiting(NamedTuple):
    """What a list shows of a dossier that waits for somebody, named as its columns."""

    id: int
    registration: str
    code: str | None
    procedure: str
    version: date
    leg: str
    sector: str
    desk_unit: str
    status: int
    step: str
    holder_role: str
    holder_id: int | None
    act_by: datetime
    answered_early: bool
    applicant_name: str

    @property
    def state(self) -> Status:
        """The status as the domain knows it."""
        return Status(self.status)


_COLUMNS: Final = tuple(getattr(Dossier, name) for name in Waiting._fields)
_TO_DO: Final = is_one_of(OPEN - {Status.RESOLVED})


def waiting(
    connection: Connection, unit: str, role: Role, holders: Sequence[int | None], after: Cursor | None, size: int
) -> tuple[list[Waiting], bool]:
    """One page of what waits for a role at a unit and one of these accounts, or nobody, has; and whether there is more.

    The most urgent first.
    """
    known = [holder for holder in holders if holder is not None]
    whose = [Dossier.holder_id.in_(known)] if known else []
    whose += [Dossier.holder_id.is_(None)] if None in holders else []
    query = select(*_COLUMNS).where(_TO_DO, Dossier.holder_unit == unit, Dossier.holder_role == role.value, or_(*whose))
    if after is not None:
        query = query.where(tuple_(Dossier.act_by, Dossier.id) > (after.act_by, after.id))
    rows = connection.execute(query.order_by(Dossier.act_by, Dossier.id).limit(size + 1)).all()
    return [Waiting._make(row) for row in rows[:size]], len(rows) > size
