"""What helps an officer to decide fast, at the top of a dossier's page."""

from __future__ import annotations

from typing import Any

from portal.usecases import duplicates
from portal.usecases.dossiers import Opened
from portal.web import differences
from portal.web import duplicates as notice
from portal.web.access import actor


def context(opened: Opened) -> dict[str, Any]:
    """What templates/desk/deciding.html shows."""
    return {
        "duplicates": notice.shown(duplicates.of_dossier(actor(), opened.dossier)),
        "differences": differences.shown(opened),
    }
