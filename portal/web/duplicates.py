"""The notice that other dossiers are likely the same matter, with links to those one may open."""

from __future__ import annotations

from typing import Any

from portal.domain import words
from portal.usecases import law
from portal.usecases.duplicates import Duplicates


def shown(found: Duplicates) -> dict[str, Any] | None:
    """What the notice says; None where there is nothing to say."""
    if not found:
        return None
    return {
        "elsewhere": found.elsewhere,
        "known": [(one, law.unit(one.unit).name, words.STATUSES[one.status]) for one in found.known],
    }
