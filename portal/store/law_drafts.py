"""Drafts of the law as rows: each save is a revision of its own, and none is lost to another author's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from portal.store.law_models import LawDraft, LawDraftRevision


def newest(session: Session) -> Sequence[tuple[LawDraft, LawDraftRevision]]:
    """Every draft with its newest revision, the last saved first."""
    query = (
        select(LawDraft, LawDraftRevision)
        .join(
            LawDraftRevision,
            and_(LawDraftRevision.draft_id == LawDraft.id, LawDraftRevision.number == LawDraft.revision),
        )
        .options(joinedload(LawDraftRevision.saved_by))
        .order_by(LawDraftRevision.saved_at.desc(), LawDraft.id.desc())
    )
    return [(draft, revision) for draft, revision in session.execute(query)]


def find(session: Session, draft_id: int, *, lock: bool = False) -> LawDraft | None:
    """The draft with this number; `lock` keeps others from saving it until the transaction ends."""
    return session.get(LawDraft, draft_id, with_for_update=lock)


def revision(session: Session, draft_id: int, number: int) -> LawDraftRevision | None:
    """What was saved under this number of revision."""
    query = select(LawDraftRevision).options(joinedload(LawDraftRevision.saved_by))
    return session.scalars(query.filter_by(draft_id=draft_id, number=number)).one_or_none()


def add(session: Session, draft: LawDraft, text: str, begins: date | None, at: datetime, by: int) -> LawDraftRevision:
    """A further revision of a draft, the first of a new one."""
    draft.revision = (draft.revision or 0) + 1
    session.add(draft)
    session.flush()
    saved = LawDraftRevision(
        draft_id=draft.id, number=draft.revision, begins=begins, text=text, saved_at=at, saved_by_id=by
    )
    session.add(saved)
    session.flush()
    return saved
