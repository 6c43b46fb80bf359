"""The ledger of a due date as pages show it: each date, why it was set, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.domain import casework, words
from portal.domain.ledger import DueReason
from portal.usecases.dossiers import Opened
from procedures.model import Procedure, Text


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `old` is None for the first promise, `rule` for one that needs none."""

    at: datetime
    old: datetime | None
    new: datetime
    reason: Text
    rule: Text | None


def shown(opened: Opened) -> list[Line]:
    """Every row of a dossier's ledger, in order."""
    rules = {text.vi: text for text in _rules(opened.procedure)}
    return [
        Line(
            at=row.at,
            old=row.old_due_at,
            new=row.new_due_at,
            reason=words.DUE_REASONS[DueReason(row.reason)],
            rule=rules.get(row.rule, Text(vi=row.rule, en=row.rule)) if row.rule else None,
        )
        for row in opened.dossier.due_changes
    ]


def _rules(procedure: Procedure) -> Iterator[Text]:
    """The rules a row may name, in both languages: the ledger keeps the official one."""
    yield from procedure.legal_basis
    yield from (interval.basis for interval in procedure.intervals)
    yield Text(vi=casework.APOLOGY_RULE, en="Decree 61/2018/NĐ-CP, Art 19.9")
    if (note := procedure.supplement.note) is not None:
        yield note
