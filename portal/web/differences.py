"""What the last answered supplement has changed in a dossier, at a glance."""

from __future__ import annotations

from typing import Any

from flask import url_for

from portal.domain.differences import differences
from portal.usecases import law
from portal.usecases.dossiers import Opened
from portal.web.language import language


def shown(opened: Opened) -> dict[str, Any] | None:
    """The answers old and new, and the files that came; None where no supplement was answered, or nothing is to do."""
    held = opened.dossier
    asked = next((one for one in reversed(held.supplements) if one.answered_at is not None), None)
    if asked is None or held.ended_at is not None:
        return None
    titles = opened.procedure.papers
    earlier = {file.component for file in held.files if file.supplement_id != asked.id}
    files = [
        (file.name, _viewer(held.registration, file.id), titles.get(file.component), file.component in earlier)
        for file in held.files
        if file.supplement_id == asked.id
    ]
    brought = {
        item["component"]: sum(papers_brought.values())
        for item in asked.items
        if item.get("component") and (papers_brought := asked.replies.get(item["key"], {}).get("papers"))
    }
    return {
        "round": asked.round,
        "at": asked.answered_at,
        "answers": differences(opened.procedure, held.answers, asked.before, law.context_of(held), language()),
        "files": files,
        "papers": [(titles[key], number) for key, number in brought.items() if key in titles],
    }


def _viewer(registration: str, attachment_id: int) -> str:
    return url_for("viewer.page", registration=registration, attachment_id=attachment_id)
