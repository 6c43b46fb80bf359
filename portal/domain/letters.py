"""Letters of courtesy: whether one goes with a result, whom it greets and whom it is about, from the answers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from procedures.model import Letter


class Addressed(NamedTuple):
    """Whom a letter greets, and whom it is about."""

    to: str
    name: str


def addressed(letter: Letter, answers: Mapping[str, Any]) -> Addressed | None:
    """The names that stand in a letter; None where none can be written, or none should be.

    Nobody is written to about a child who lived for less than a day: no wording fits that grief.
    """
    match letter:
        case Letter.BIRTH:
            child = _said(answers.get("child_name"))
            parents = [_said(answers.get("father_name")), _said(answers.get("mother_name"))]
            called = [f"{title} {name}" for title, name in zip(("ông", "bà"), parents, strict=True) if name]
            return Addressed(_capital(" và ".join(called)) or f"Gia đình cháu {child}", child) if child else None
        case Letter.MARRIAGE:
            groom, bride = (_said(_part(answers.get(who), "full_name")) for who in ("groom", "bride"))
            both = f"anh {groom} và chị {bride}"
            return Addressed(_capital(both), both) if groom and bride else None
        case Letter.CONDOLENCE:
            deceased = answers.get("deceased")
            name, born = _said(_part(deceased, "full_name")), _said(_part(deceased, "birth"))
            if not name or (born and born == answers.get("death_date")):
                return None
            title = {"male": "ông", "female": "bà"}.get(_said(_part(deceased, "sex")), "ông/bà")
            return Addressed(f"Gia quyến {title} {name}", f"{title} {name}")


def _part(record: Any, key: str) -> Any:
    return record.get(key) if isinstance(record, Mapping) else None


def _said(value: Any) -> str:
    return str(value or "").strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
