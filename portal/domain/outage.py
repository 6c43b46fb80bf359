"""Receipts printed ahead for the time when the portal cannot be reached: their serials, and which times they bear."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple

_SERIAL: Final = re.compile(r"(?P<unit>[A-Z0-9.-]{1,40})-(?P<year>[0-9]{4})-(?P<number>[0-9]{1,7})", re.ASCII)


class Serial(NamedTuple):
    """What names a blank receipt: the code of its unit, the year it was printed in, and its number of that year."""

    unit: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.unit}-{self.year}-{self.number:04d}"


def read_serial(typed: str) -> Serial | None:
    """The serial that was typed, however many zeros it was written with; None where it is none."""
    found = _SERIAL.fullmatch("".join(typed.split()).upper())
    return Serial(found["unit"], int(found["year"]), int(found["number"])) if found else None


def fault_of(received_at: datetime, printed_at: datetime, now: datetime, days: int) -> str | None:
    """What is wrong with the time of reception that is taken from a blank receipt, as a code; None for nothing.

    It lies after the blank was printed, not in the future, and not more than so many days back.
    """
    if received_at > now:
        return "in_the_future"
    if received_at < printed_at:
        return "before_printing"
    return "too_long_ago" if now - received_at > timedelta(days=days) else None
