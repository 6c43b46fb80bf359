"""Under which case of its procedure's terms a dossier falls: the ordinary term, or one with a term of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procedures.model import Procedure

#: The ordinary term.
ORDINARY = ""


def told_by(procedure: Procedure, values: Mapping[str, Any]) -> str:
    """The first case that these answers (as expressions see them) tell; '' where the ordinary term applies."""
    return next((case.key for case in procedure.term_cases if case.when and case.when.holds(values)), ORDINARY)


def chosen(procedure: Procedure, values: Mapping[str, Any], by_officer: str) -> str:
    """The case that applies: the one the officer chose at reception, else what the answers tell.

    Raises KeyError where the procedure leaves no such case to officers.
    """
    if not by_officer:
        return told_by(procedure, values)
    if by_officer not in {case.key for case in procedure.officers_cases}:
        raise KeyError(by_officer)
    return by_officer
