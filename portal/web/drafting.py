"""What the author's pages know of a draft: its text as plain values, what is wrong in it, and the way around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from functools import lru_cache
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from portal.domain import amendments, faults, parts
from portal.domain.entries import Options, Scene
from portal.domain.numerals import day_from
from portal.usecases import authoring, law
from portal.usecases.authoring import Checked, Draft
from portal.web import texts
from portal.web.language import language
from portal.web.resources import now
from procedures import editing
from procedures.files import Fault, FaultyFile, Place
from procedures.model import Text
from procedures.shared import shared


@dataclass(frozen=True, slots=True)
class Told:
    """One fault as the author reads it: in which part, why, and where it is put right."""

    label: str
    url: str
    reason: str
    place: Place
    line: int


@lru_cache(maxsize=16)
def values(text: str) -> Any:
    """The plain values of a draft's text, not to be changed; None where it is no plain YAML or not a mapping."""
    try:
        found = editing.values(text)
    except FaultyFile:
        return None
    return found if isinstance(found, dict) else None


def checked(draft: Draft) -> Checked:
    """Everything that is wrong with a draft, found out once in a request."""
    known: dict[tuple[int, int], Checked] = g.setdefault("checked_drafts", {})
    found = known.get((draft.id, draft.revision))
    if found is None:
        found = known[draft.id, draft.revision] = authoring.check(draft)
    return found


def scene(plain: Any) -> Scene:
    """What entries need to know of a draft."""
    return parts.scene(plain, shared(), _units())


def _units() -> Options:
    """The units of any time whose one-stop shop receives dossiers: examples may lie in the past."""
    return tuple((unit.id, unit.name) for unit in law.places().units if unit.shop)


def told(draft: Draft, plain: Any, found: Iterable[Fault]) -> list[Told]:
    """What is wrong in a draft, in words, with the way to the place."""
    names = called(plain)
    return [
        Told(
            *link(draft, plain, fault.place), faults.in_words(fault.reason, language(), names), fault.place, fault.line
        )
        for fault in found
    ]


def called(plain: Any) -> Mapping[str, Text]:
    """What the questions, papers and checks of a draft are called, by their keys."""
    return dict(scene(plain).options["speakers"]) if plain is not None else {}


def link(draft: Draft, plain: Any, place: Place) -> tuple[str, str]:
    """What a place of the file is called, and the address where it is edited."""
    spot = parts.spot(place, plain)
    if not spot.where or plain is None:
        return spot.label.say(language()), url_for("editing.raw", number=draft.id) + "#text"
    url = url_for("editing.part", number=draft.id, where=spot.where)
    return spot.label.say(language()), f"{url}#{spot.anchor}" if spot.anchor else url


def differences(before: Draft, after: Draft) -> tuple[Text, ...]:
    """What differs between two texts of a draft: in sentences where both are read, else line by line."""
    old, new = checked(before).procedure, checked(after).procedure
    if old is not None and new is not None:
        return tuple(change.line for change in amendments.changes(old, new))
    lines = unified_diff(before.text.splitlines(), after.text.splitlines(), lineterm="", n=0)
    return tuple(Text(vi=line, en=line) for line in lines if line[:2] not in ("--", "++", "@@") and line[1:].strip())


def tabs(draft: Draft, current: str) -> list[dict[str, Any]]:
    """The pages of a draft."""
    pages = (
        ("authoring.draft", _("Các phần")),
        ("editing.raw", _("Văn bản")),
        ("trials.citizen", _("Xem như người dân")),
        ("trials.desk", _("Xem như cán bộ")),
        ("trials.examples", _("Chạy ví dụ")),
        ("trials.simulation", _("Mô phỏng")),
        ("authoring.comparison", _("So sánh")),
        ("authoring.publication", _("Công bố")),
    )
    return [
        {"url": url_for(endpoint, number=draft.id), "label": label, "current": endpoint == current}
        for endpoint, label in pages
    ]


def crumbs(draft: Draft, *more: tuple[str, str]) -> list[dict[str, str]]:
    """Where a page of a draft stands."""
    first = [(url_for("authoring.shelf"), _("Các thủ tục")), (url_for("authoring.draft", number=draft.id), name(draft))]
    return [{"url": url, "label": label} for url, label in (*first, *more)]


def name(draft: Draft) -> str:
    """What a draft is called."""
    plain = values(draft.text) or {}
    said = parts.name_of({"title": plain.get("short_title") or plain.get("title")})
    return said.say(language()) if said.vi != "–" else draft.code


def seen() -> int:
    """The revision that was before the author's eyes."""
    return texts.number(request.form.get("seen")) or 0


def day(name: str) -> tuple[str, date | None]:
    """What was typed for a date, and the date if it is one."""
    typed = request.values.get(name, "").strip()
    return typed, day_from(typed)


def today() -> date:
    """The office's day."""
    return law.office_day(now())
