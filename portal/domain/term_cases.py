"""Under which case of its procedure's terms a dossier falls: the ordinary term, or one with a term of its own."""

from __future__ import annotations

from portal.domain import forms
from portal.domain.asking import Answers
from portal.domain.kinds import Context
from procedures.model import Procedure

#: The ordinary term.
ORDINARY = ""


def told_by(procedure: Procedure, answers: Answers, context: Context) -> str:
    """The first case that these answers tell; '' where the ordinary term applies."""
    if not procedure.term_cases:
        return ORDINARY
    seen = forms.values(procedure, answers, context)
    return next((case.key for case in procedure.term_cases if case.when and case.when.holds(seen)), ORDINARY)


def chosen(procedure: Procedure, answers: Answers, context: Context, by_officer: str | None) -> str:
    """The case that applies: the one the officer chose at reception, else what the answers tell.

    Raises KeyError where the procedure leaves no such case to officers.
    """
    if not by_officer:
        return told_by(procedure, answers, context)
    if by_officer not in {case.key for case in procedure.officers_cases}:
        raise KeyError(by_officer)
    return by_officer
