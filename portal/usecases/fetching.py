"""The paper that says a result was handed over: what was given to whom, on which paper, when."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from portal.domain import slips as paper
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store.models import Slip
from portal.usecases.subjects import Subject

#: What is handed over.
GIVEN = frozenset(kind for kind in SlipKind if kind.is_result or kind is SlipKind.LETTER)


def receipt(of: Subject) -> paper.Payload:
    """The receipt for the last handing over, which stands in the log."""
    dossier = of.dossier
    assert dossier.code is not None
    told = of.last_event(Action.HAND_OVER.value)
    return paper.HandOverReceipt(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        papers=tuple(_given(of)),
        at=told.at,
        delivery=of.result_at,
        receiver=str(told.details.get("fetched_by") or "") or dossier.applicant_name,
        shown=str(told.details.get("shown", "")),
        note=str(told.details.get("words", "")),
        officer=of.actor.name,
        tracking_url=of.tracking_url,
    )


def _given(of: Subject) -> Iterator[paper.GivenPaper]:
    """The papers of the dossier that hold; one that was made elsewhere is called as the procedure calls its result."""
    query = select(Slip).where(
        Slip.dossier_id == of.dossier.id,
        Slip.kind.in_([kind.value for kind in GIVEN]),
        Slip.replaced_by_id.is_(None),
        Slip.revoked_at.is_(None),
    )
    for slip in of.session.scalars(query.order_by(Slip.id)):
        made_here = paper.from_json(slip.payload) if slip.payload else None
        title = paper.form_of(made_here).title if made_here else of.procedure.result.title.vi
        yield paper.GivenPaper(title=title, number=slip.number)
