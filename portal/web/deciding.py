"""What helps an officer to decide fast: what a dossier's page shows beside its facts."""

from __future__ import annotations

from typing import Any

from portal.usecases import duplicates, notes
from portal.usecases.dossiers import Opened
from portal.web import differences, phrases
from portal.web import duplicates as notice
from portal.web.access import actor


def context(opened: Opened) -> dict[str, Any]:
    """What templates/desk/deciding.html and notes.html show, and the templates for words."""
    return {
        "duplicates": notice.shown(duplicates.of_dossier(actor(), opened.dossier)),
        "differences": differences.shown(opened),
        "notes": notes.of(actor(), opened.dossier),
        "phrases": phrases.offered(),
    }
