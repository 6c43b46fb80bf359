"""What the result of a dossier says: its answers, in the words and groups of the procedure's own paper."""

from __future__ import annotations

from portal.domain import forms
from portal.domain.kinds import Context
from portal.domain.slips import Group, Line
from portal.store.models import Dossier
from portal.usecases import law
from procedures.model import Procedure


def content(procedure: Procedure, dossier: Dossier) -> tuple[str | None, tuple[Group, ...], tuple[str, ...]]:
    """Subtitle, groups and closing sentences of the result."""
    context = Context(law.office_day(dossier.submitted_at), law.places(), dossier.channel)
    parts = forms.display(procedure, dossier.answers, context, "vi")
    groups = tuple(
        Group(title=part.title, lines=tuple(Line(label=line.label, value=line.value) for line in part.lines)) for part in parts
    )
    return None, groups, ()
