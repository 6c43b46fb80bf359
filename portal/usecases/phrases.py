"""The templates for words of a unit: written by its heads, filled in from a dossier for whoever words an action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Right, may
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.kinds import Refusal, clean
from portal.domain.phrases import filled, unknown
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.store.remark_models import Phrase
from portal.usecases import law

LONGEST_TITLE: Final = 100
LONGEST: Final = 1500
#: More are not offered: a list to choose from stays one.
MOST: Final = 40


def of_unit(actor: Actor) -> Sequence[Phrase]:
    """The templates that the actor's unit offers, in the order in which they were written."""
    with reading() as session:
        query = select(Phrase).where(Phrase.unit == actor.unit, Phrase.put_away_at.is_(None))
        return session.scalars(query.order_by(Phrase.id).limit(MOST)).all()


def write(actor: Actor, title: str, words: str, at: datetime, phrase_id: int | None = None) -> None:
    """Write a template, or one anew. Raises Invalid naming `title` or `words`, NotFound for one of another unit."""
    _as_head(actor)
    kept = {"title": _cleaned("title", title, LONGEST_TITLE), "words": _cleaned("words", words, LONGEST)}
    if strange := unknown(kept["words"]):
        raise Invalid({"words": "unknown_field"}, field=strange[0])
    with transaction() as session:
        row = Phrase(unit=actor.unit) if phrase_id is None else _find(session, actor, phrase_id)
        row.title, row.words, row.written_at, row.written_by_id = (
            kept["title"],
            kept["words"],
            at,
            actor.account_id or 0,
        )
        session.add(row)


def put_away(actor: Actor, phrase_id: int, at: datetime) -> None:
    """Offer a template no more. Raises NotFound for one of another unit."""
    _as_head(actor)
    with transaction() as session:
        _find(session, actor, phrase_id).put_away_at = at


def worded(actor: Actor, phrase_id: int, dossier: Dossier) -> str:
    """A template of the actor's unit, filled in from a dossier; in Vietnamese. Raises NotFound."""
    with reading() as session:
        words = _find(session, actor, phrase_id).words
    values = {
        "ten_nguoi_nop": dossier.applicant_name,
        "ma_ho_so": dossier.code or dossier.registration,
        "ten_thu_tuc": law.procedure_of(dossier).title.vi,
        "ngay_nop": f"{law.office_day(dossier.submitted_at):%d/%m/%Y}",
        "ngay_hen": f"{dossier.due_on:%d/%m/%Y}" if dossier.due_on else "",
        "don_vi": law.unit(dossier.desk_unit).name.vi,
    }
    return filled(words, values)


def _cleaned(name: str, text: str, longest: int) -> str:
    try:
        kept = clean(text, lines=name == "words")
    except Refusal:
        raise Invalid({name: "unreadable"}) from None
    if not kept or len(kept) > longest:
        raise Invalid({name: "too_long" if kept else "required"})
    return kept


def _find(session: Session, actor: Actor, phrase_id: int) -> Phrase:
    query = select(Phrase).where(Phrase.id == phrase_id, Phrase.unit == actor.unit, Phrase.put_away_at.is_(None))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(phrase=phrase_id)
    return found


def _as_head(actor: Actor) -> None:
    if not may(actor, Right.PHRASES):
        raise Forbidden(role=actor.role.value)
