"""How templates write dates, sums, sizes, working time and statuses, in the page's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from flask import Flask
from flask_babel import gettext, ngettext

from portal.domain.access import Role
from portal.domain.flow import Status
from portal.domain.numerals import figures
from portal.domain.words import PRIORITIES, ROLES, STATUSES
from portal.domain.workdays import office_time
from portal.web.language import language
from procedures.model import Text

NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Look:
    """How a status appears beside its word: `tone` names a colour of the style sheet, `shape` an icon."""

    tone: str
    shape: str


LOOKS: Final = {
    Status.REGISTERED: Look("new", "ring"),
    Status.RECEIVED: Look("run", "half"),
    Status.NOT_RECEIVED: Look("bad", "cross"),
    Status.PROCESSING: Look("run", "dots"),
    Status.SUPPLEMENT_ASKED: Look("wait", "pause"),
    Status.DUTY_ASKED: Look("wait", "money"),
    Status.WITHDRAWN: Look("plain", "back"),
    Status.STOPPED: Look("bad", "stop"),
    Status.RESOLVED: Look("good", "check"),
    Status.HANDED_OVER: Look("good", "handover"),
}


def register(app: Flask) -> None:
    """Give templates these filters, and `working_time` as a function."""
    app.jinja_env.filters |= {
        "date": day,
        "clock": clock,
        "moment": moment,
        "number": number,
        "percent": percent,
        "money": money,
        "file_size": file_size,
        "say": say,
        "priority_word": priority_word,
        "role_word": role_word,
        "status_look": status_look,
        "status_word": status_word,
    }
    app.jinja_env.globals["working_time"] = working_time


def day(value: date | datetime | None) -> str:
    """A date, or the office's day of an instant: 09/02/2026; – if there is none."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = office_time(value)
    return value.strftime("%d/%m/%Y")


def clock(value: datetime | None) -> str:
    """The time of an instant on the office's wall clock: 07:30."""
    return NOTHING if value is None else office_time(value).strftime("%H:%M")


def moment(value: datetime | None) -> str:
    """An instant as people say it: 07:30, 09/02/2026."""
    return NOTHING if value is None else office_time(value).strftime("%H:%M, %d/%m/%Y")


def number(value: int | Decimal | None) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English."""
    if value is None:
        return NOTHING
    return figures(value, language())


def percent(value: Decimal | float | None) -> str:
    """A rate in percent with two decimals: 97,50%; – where there is nothing to divide by."""
    return NOTHING if value is None else f"{number(round(Decimal(str(value)), 2).quantize(Decimal('0.01')))}%"


def money(amount: int | None) -> str:
    """A sum in đồng: 15.000 đồng; 'chưa cấu hình' for an amount that is not known, which is not the same as free."""
    return gettext("chưa cấu hình") if amount is None else f"{number(amount)} đồng"


def file_size(size: int) -> str:
    """A size in bytes as people read it: 812 B, 204 kB, 1,5 MB."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{round(size / 1000)} kB"
    return f"{number(Decimal(size) / 1_000_000 // Decimal('0.1') * Decimal('0.1'))} MB"


def working_time(days: int = 0, hours: int = 0, minutes: int = 0) -> str:
    """'3 ngày 2 giờ'; minutes are said only when there are no days, and '0 phút' when there is nothing at all."""
    return _working_time(language(), days, hours, minutes)


@lru_cache(maxsize=4096)
def _working_time(_language: str, days: int, hours: int, minutes: int) -> str:
    parts = []
    if days:
        parts.append(ngettext("%(num)s ngày", "%(num)s ngày", days))
    if hours:
        parts.append(ngettext("%(num)s giờ", "%(num)s giờ", hours))
    if (minutes and not days) or not parts:
        parts.append(ngettext("%(num)s phút", "%(num)s phút", minutes))
    return " ".join(parts)


def say(text: Text | str) -> str:
    """Words that come as data, in the page's language; words already said stay as they are."""
    return text if isinstance(text, str) else text.say(language())


def role_word(role: str) -> str:
    """What a role is called."""
    return say(ROLES[Role(role)])


def status_look(status: int) -> Look:
    """The tone and shape of a status 1–10."""
    return LOOKS[Status(status)]


def priority_word(group: str) -> str:
    """What a group of people who are helped first is called."""
    return say(PRIORITIES[group])


def status_word(status: int) -> str:
    """The official name of a status 1–10."""
    return say(STATUSES[Status(status)])
