"""An instant with the calendar in force: made once where a request or job begins, and passed down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.workdays import WorkCalendar, office_time


def office_day(instant: datetime) -> date:
    """The day it is in the offices at this instant. Raises ValueError for an instant without a zone."""
    return office_time(instant).date()


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, at one unit: an aware instant and the unit's working time."""

    instant: datetime
    calendar: WorkCalendar

    def __post_init__(self) -> None:
        office_time(self.instant)

    @property
    def day(self) -> date:
        """The office's day."""
        return office_day(self.instant)
