"""The letter that goes with a result: made out when that is issued, unless the applicant or the officer wants none."""

from __future__ import annotations

from portal.domain import letters
from portal.domain import slips as paper
from portal.store.models import Dossier
from portal.usecases import law, letterheads
from portal.usecases.subjects import Subject


def offered(dossier: Dossier) -> bool:
    """Whether a letter would go with the result of a dossier."""
    letter = law.procedure_of(dossier).result.letter
    return (
        letter is not None
        and not dossier.head.letter_declined
        and letters.addressed(letter, dossier.answers) is not None
    )


def letter(of: Subject) -> paper.Payload:
    """The letter of a dossier whose result is issued, signed by whoever approved it."""
    kind = of.procedure.result.letter
    assert kind is not None and of.dossier.code is not None
    addressed = letters.addressed(kind, of.dossier.answers)
    assert addressed is not None
    return paper.Letter(
        form_set=of.form_set,
        head=of.head,
        code=of.dossier.code,
        to=addressed.to,
        name=addressed.name,
        issuer=letterheads.body(law.unit(of.dossier.desk_unit)),
        signature=of.signature,
        tracking_url=of.tracking_url,
    )
