"""What officers found of the papers of a dossier, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.checklists import Entry, Found, Mark
from portal.store.remark_models import Finding


def of(session: Session, dossier_id: int) -> Sequence[Finding]:
    """All findings on a dossier, with who made them."""
    return session.scalars(select(Finding).where(Finding.dossier_id == dossier_id)).all()


def entry_of(row: Finding) -> Entry:
    """A row as the domain sees it."""
    return Entry(row.component, row.step, mark_of(row), row.at, row.by.full_name)


def mark_of(row: Finding) -> Mark:
    """What was found, without by whom and when."""
    return Mark(Found(row.found), row.reason, row.words)
