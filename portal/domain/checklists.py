"""What officers found of each paper of a dossier, and what of it goes into a request or a refusal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from procedures.model import Text


class Found(StrEnum):
    """How a paper was found to be; '' is not looked at yet."""

    UNSEEN = ""
    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"

    @property
    def lacks(self) -> bool:
        """Whether the applicant has to do something about it."""
        return self in (Found.MISSING, Found.WRONG)


FOUND: Final[Mapping[Found, Text]] = {
    Found.OK: Text(vi="Đủ, đúng", en="Complete"),
    Found.MISSING: Text(vi="Thiếu", en="Missing"),
    Found.WRONG: Text(vi="Sai", en="Wrong"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What was found of one component: how it is, a reason's code of the procedure's list ('' is none), and words."""

    found: Found = Found.UNSEEN
    reason: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark as it was kept: at which step, by whom and when."""

    component: str
    step: str
    mark: Mark
    at: datetime
    by: str


def latest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Of each component what was found last, at whichever step."""
    last: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.at):
        last[entry.component] = entry
    return last


def changed(marks: Mapping[str, Mark], shown: Mapping[str, str], now: Mapping[str, Mark]) -> dict[str, Mark]:
    """The marks that somebody has changed on their page, so that saving it leaves alone what others wrote meanwhile.

    `shown` is the `trace` of each mark as their page had it, `now` what is kept by now.
    """
    return {key: mark for key, mark in marks.items() if trace(mark) != shown.get(key) and mark != now.get(key, Mark())}


def clashing(
    marks: Mapping[str, Mark], shown: Mapping[str, str], now: Mapping[str, Mark], undecided: Collection[str] = ()
) -> set[str]:
    """Of which papers somebody changed a mark that another one changed meanwhile, or has not chosen between both."""
    return {
        key
        for key in changed(marks, shown, now)
        if key in now and (key in undecided or trace(now[key]) != (shown.get(key) or trace(Mark())))
    }


def trace(mark: Mark) -> str:
    """A mark as one short text, by which a page tells whether it was changed."""
    return "|".join((mark.found, mark.reason, mark.words))


def sentence(title: str, mark: Mark, reason: str) -> str:
    """What a refusal says of a paper, in Vietnamese: 'Bản vẽ: sai – thiếu chữ ký. Trang 3.'"""
    said = f"{title}: {FOUND[mark.found].vi.lower()}"
    if reason:
        said += f" – {reason[:1].lower()}{reason[1:]}"
    return ". ".join(filter(None, [said.rstrip("."), mark.words.strip().rstrip(".")])) + "."
