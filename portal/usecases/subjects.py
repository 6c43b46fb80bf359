"""What a paper about a dossier is made from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import slips as paper
from portal.domain.access import Actor, Role
from portal.domain.apologies import CAUSES
from portal.domain.ledger import Entry
from portal.store.models import Attachment, Dossier, Event, Supplement
from portal.usecases import law, letterheads, tracking
from procedures.model import Procedure
from procedures.places import Unit

#: Where the result is to be given, by what the applicant wished.
DELIVERIES = {
    "one_stop": "Bộ phận tiếp nhận và trả kết quả nơi nộp hồ sơ",
    "post": "Nhà riêng, qua dịch vụ bưu chính công ích",
    "online": "Trực tuyến, tại trang theo dõi hồ sơ",
}


class Subject:
    """A dossier, who makes out a paper about it, and all that was said."""

    def __init__(
        self,
        session: Session,
        dossier: Dossier,
        procedure: Procedure,
        head: paper.Head,
        form_set: str,
        actor: Actor,
        at: datetime,
        reason: str | None,
        words: str,
        supplement: Supplement | None,
        moved: Entry | None,
    ) -> None:
        self.session, self.dossier, self.procedure, self.head = session, dossier, procedure, head
        self.form_set, self.actor, self.at = form_set, actor, at
        self.reason, self.words, self.supplement, self.moved = reason, words, supplement, moved

    @property
    def unit(self) -> Unit:
        """The unit the dossier is at."""
        return law.unit(self.dossier.desk_unit)

    @property
    def applicant(self) -> paper.Applicant:
        """Whose dossier it is, and who handed it in if that is somebody else."""
        dossier = self.dossier
        submitter = str(dossier.answers.get("submitter_name") or "") or None
        return paper.Applicant(
            name=dossier.applicant_name,
            submitter=submitter if dossier.answers.get("submitter") not in (None, "self") else None,
            address=dossier.applicant_address or None,
            phone=dossier.applicant_phone or None,
            email=dossier.applicant_email or None,
        )

    @property
    def result_at(self) -> str:
        """Where the result is to be given."""
        return DELIVERIES.get(self.dossier.delivery, DELIVERIES["one_stop"])

    @property
    def tracking_url(self) -> str:
        """Where the QR leads."""
        return tracking.url(self.dossier)

    @property
    def attachments(self) -> list[Attachment]:
        """The files handed in, in order, without those of an answer that is not sent yet."""
        ids = [self.dossier.id, self.dossier.lead_id or self.dossier.id]
        unsent = select(Supplement.id).where(Supplement.dossier_id.in_(ids), Supplement.answered_at.is_(None))
        query = select(Attachment).where(
            Attachment.dossier_id.in_(ids),
            Attachment.supplement_id.is_(None) | Attachment.supplement_id.not_in(unsent),
        )
        return list(self.session.scalars(query.order_by(Attachment.id)))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The chosen reason in the law's words, and what the officer adds."""
        known = {code: text.vi for code, text in CAUSES.items()}
        known |= {r.code: r.text.vi for r in (*self.procedure.refusals, *self.procedure.supplements)}
        chosen = known.get(self.reason or "", "")
        return tuple(text for text in (chosen, self.words.strip()) if text)

    def last_event(self, *actions: str) -> Event:
        """The last time that one of these actions was done. Raises NoResultFound."""
        query = select(Event).where(Event.dossier_id == self.dossier.id, Event.action.in_(actions))
        return self.session.scalars(query.order_by(Event.seq.desc()).limit(1)).one()

    @property
    def signature(self) -> paper.Signature:
        """The one who approved or refused, with the authority of their office."""
        signed = self.last_event("approve", "refuse")
        authority = letterheads.AUTHORITIES.get(Role(signed.role), paper.CHAIRMAN)
        return paper.Signature(authority=authority, name=signed.actor.full_name if signed.actor else "")

    @property
    def legal_basis(self) -> tuple[str, ...]:
        """The procedure's legal basis, as lines."""
        return tuple(text.vi for text in self.procedure.legal_basis)
