"""What is printed about dossiers: the papers that hold, and which of them the counter needs now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.access import Actor
from portal.domain.errors import NotFound
from portal.domain.slips import SlipKind
from portal.services.files import Files
from portal.services.printing import Layout, sheets
from portal.store import dossiers as store
from portal.store.database import reading
from portal.store.models import Dossier, Slip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dossier that something is to be printed about, and the paper that is; None where it has none."""

    dossier: Dossier
    slip: Slip | None

    @property
    def is_there(self) -> bool:
        """Whether it can be printed now."""
        return self.slip is not None and self.slip.sha256 is not None


def holding(dossier: Dossier) -> Sequence[Slip]:
    """The papers that the portal made and that still count, the newest first.

    One that was signed elsewhere is a file of somebody else's: it is opened, never taken apart.
    """
    return [slip for slip in reversed(dossier.slips) if slip.payload is not None and _holds(slip, dossier)]


def _holds(slip: Slip, dossier: Dossier) -> bool:
    taken_back = SlipKind(slip.kind).is_result and slip is not dossier.result
    return slip.replaced_by_id is None and slip.revoked_at is None and not taken_back


def for_the_counter(dossier: Dossier) -> Slip | None:
    """The paper that goes over the counter now: the newest that is for the applicant, but no letter of courtesy."""
    return next((slip for slip in holding(dossier) if not _goes_along(SlipKind(slip.kind))), None)


def _goes_along(kind: SlipKind) -> bool:
    """Whether a paper only goes along with another: in the office with the dossier, or with the result as a letter."""
    return kind.is_internal or kind is SlipKind.LETTER


def wanted(actor: Actor, registrations: Iterable[str]) -> Sequence[Wanted]:
    """What is printed about these dossiers, in the order asked; those that the actor may not open are left out."""
    with reading() as session:
        found = store.several(session, registrations, actor, Dossier.slips)
    return [Wanted(dossier, for_the_counter(dossier)) for dossier in found]


def laid_out(papers: Iterable[Slip], layout: Layout, files: Files) -> bytes:
    """One PDF for the printer. Raises NotFound for a paper that the worker has not made yet."""
    return sheets((files.open(_file(slip)) for slip in papers), layout)


def _file(slip: Slip) -> str:
    if slip.sha256 is None:
        raise NotFound("paper_not_ready", slip=slip.id)
    return slip.sha256
