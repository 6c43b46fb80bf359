"""Official papers about a dossier: made out with all they say in the action's own transaction, rendered by a worker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import structlog
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain import attestation, registers, supplements
from portal.domain import slips as paper
from portal.domain.access import Actor
from portal.domain.attestation import Claims, Link
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.fees import FeeLine
from portal.domain.ledger import Entry
from portal.domain.slips import SlipKind
from portal.services.files import Files, StoredFile
from portal.services.uploads import Inspected
from portal.store import counters
from portal.store import dossiers as dossier_rows
from portal.store import registers as register_rows
from portal.store.database import looking, reading, ring_after_commit, transaction
from portal.store.models import Dossier, Slip, Supplement
from portal.usecases import bundles, custody, fetching, law, letterheads, letters, results, tracking
from portal.usecases.subjects import Subject
from procedures.model import Leg, Procedure
from procedures.places import Unit

log = structlog.get_logger(__name__)

RENDER = "workers.jobs.render_slip"

#: The letters after the running number of a paper ("12/HDHS"); those of slips 01 and 03 are our own.
SIGNS: Mapping[SlipKind, str] = {
    SlipKind.ACKNOWLEDGEMENT: "XN",
    SlipKind.RECEIPT: "TNHS",
    SlipKind.SUPPLEMENT_REQUEST: "HDHS",
    SlipKind.REFUSAL_OF_RECEPTION: "TCTN",
    SlipKind.APOLOGY: "PXL",
    SlipKind.STOPPING: "TBD",
    SlipKind.RESULT: "KQ",
    SlipKind.RESULT_REFUSAL: "TCGQ",
    SlipKind.CONTROL: "PKS",
    SlipKind.REGISTER: "STD",
    SlipKind.HAND_OVER_LIST: "BG",
    SlipKind.HAND_OVER_RECEIPT: "BNKQ",
    SlipKind.LETTER: "TH",
    SlipKind.BLANK: "TNHS",
}
#: Results whose own sign is known.
RESULT_SIGNS = {"construction_permit": "GPXD", "birth_certificate": "KS"}
#: Results that certify and decide nothing, and so name no legal basis.
CERTIFYING = frozenset({"birth_certificate"})

#: What is made out whenever somebody at the desk asks for it, as the dossier then stands.
ON_REQUEST = frozenset({SlipKind.CONTROL})


def make_out(
    session: Session,
    dossier: Dossier,
    kind: SlipKind,
    actor: Actor,
    at: datetime,
    *,
    reason: str | None = None,
    words: str = "",
    supplement: Supplement | None = None,
    moved: Entry | None = None,
) -> Slip:
    """Make out a paper: freeze what it says, number it, and ring for the worker once the transaction is committed."""
    procedure = law.procedure_of(dossier)
    issuer = _issuer(dossier, kind)
    form_set = _form_set(dossier, kind, at)
    number = _standing_number(session, dossier, kind) or next_number(session, issuer, _sign(kind, form_set), at)
    head = _head(issuer, dossier, kind, number, at)
    builder = _BUILDERS[kind]
    payload = builder(Subject(session, dossier, procedure, head, form_set, actor, at, reason, words, supplement, moved))
    payload = replace(payload, wording=law.wording(kind.value, form_set, law.office_day(at)))
    slip = Slip(
        dossier_id=dossier.id,
        kind=kind.value,
        number=number,
        payload=paper.to_json(payload),
        issuer=letterheads.seal(issuer, police=_of_the_police(dossier, kind)),
        created_at=at,
    )
    session.add(slip)
    session.flush()
    _replace_earlier(session, slip)
    ring_after_commit(session, RENDER, slip.id)
    return slip


def request(actor: Actor, registration: str, kind: SlipKind, at: datetime) -> Slip:
    """Make out one of the papers that are made `ON_REQUEST`; where nothing has happened since, the last one holds.

    Raises NotFound where there is no such dossier that the actor may open, Conflict before it is received.
    """
    with transaction() as session:
        dossier = dossier_rows.find(session, registration, actor, whole=True, lock=True)
        if dossier is None:
            raise NotFound(registration=registration)
        if dossier.code is None:
            raise Conflict("not_received_yet", registration=registration)
        last = next((slip for slip in reversed(dossier.slips) if slip.kind == kind), None)
        if last is not None and last.created_at >= max(event.at for event in dossier.events):
            return last
        return make_out(session, dossier, kind, actor, at)


def attach(
    session: Session, dossier: Dossier, kind: SlipKind, file: Inspected, at: datetime, number: str | None = None
) -> Slip:
    """Enter a paper that was signed outside the portal: its file is kept as it is, and nothing is rendered.

    `number` is what stands on it; without one it gets the next of the book. Raises Invalid for one given already.
    """
    issuer, sign = _issuer(dossier, kind), _sign(kind, _form_set(dossier, kind, at))
    slip = Slip(
        dossier_id=dossier.id,
        kind=kind.value,
        number=_entered(session, issuer, sign, at, number) if number else next_number(session, issuer, sign, at),
        payload=None,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        shown=file.shown.sha256 if file.shown else None,
        created_at=at,
        rendered_at=at,
    )
    session.add(slip)
    session.flush()
    _replace_earlier(session, slip)
    return slip


def _replace_earlier(session: Session, slip: Slip) -> None:
    """Let this paper stand in the place of those of the dossier of which only the last one counts."""
    session.execute(
        update(Slip)
        .where(
            Slip.dossier_id == slip.dossier_id,
            Slip.kind.in_(replaced_by(SlipKind(slip.kind))),
            Slip.id < slip.id,
            Slip.replaced_by_id.is_(None),
            Slip.revoked_at.is_(None),
        )
        .values(replaced_by_id=slip.id)
        .execution_options(synchronize_session="fetch")
    )


def replaced_by(kind: SlipKind) -> frozenset[SlipKind]:
    """The papers of a dossier that lose their place when one of this kind is made out after them.

    A request for supplements replaces none: each round has its own. The letter that went with a result goes with it.
    """
    if kind is SlipKind.SUPPLEMENT_REQUEST:
        return frozenset()
    results = frozenset(each for each in SlipKind if each.is_result)
    return results | {SlipKind.LETTER} if kind.is_result else frozenset({kind})


def revoke(session: Session, slip: Slip, reason: str, at: datetime) -> None:
    """Let a paper count no longer, with nothing in its place; whoever scans its QR is told so, and not why.

    Raises Conflict for one that has been replaced or revoked already, Invalid without a reason.
    """
    if slip.replaced_by_id is not None or slip.revoked_at is not None:
        raise Conflict("paper_counts_no_longer", slip=slip.id)
    if not reason.strip():
        raise Invalid({"reason": "missing"})
    slip.revoked_at, slip.revoked_why = at, reason.strip()


class Notary(Protocol):
    """Who signs papers; the one that does is `portal.services.signing.Notary`, which takes a second to load."""

    def attest(self, claims: Claims) -> str:
        """The token for the QR."""

    def seal(self, pdf: bytes, issuer: str, name: str, at: datetime) -> bytes:
        """The file with the seal of the issuing body."""


def render(
    slip_id: int, draw: Callable[[paper.Payload, Link], bytes], notary: Notary, files: Files, at: datetime
) -> bool:
    """Render one waiting paper, seal it and keep the file; gives False where that is done already.

    Safe to run twice and at the same time: the file is stored under its content before the row names it, and only a
    row that still waits is changed.
    """
    if (waiting := _waiting(slip_id)) is None:
        return False
    payload, claims = waiting.payload, attestation.claims_of(waiting.payload)
    drawn = draw(payload, tracking.proof(notary.attest(claims)))
    sealed = notary.seal(drawn, waiting.issuer, payload.head.issuer, at)
    stored = files.put_bytes(sealed)
    if _keep(slip_id, stored, claims.digest.hex(), at):
        return True
    if stored.sha256 != _kept(slip_id):
        # Sealed at another instant by whoever was faster: nothing names this file.
        files.remove(stored.sha256)
    return False


def rehearse() -> None:
    """Ask the database all that rendering asks, about no paper: what is learned once is then known to every fork."""
    try:
        _waiting(0)
        _keep(0, StoredFile("", 0), "", datetime.now(UTC))
    except SQLAlchemyError as error:  # no reason not to start: the jobs try again, and learn it each for itself
        log.warning("rendering_not_rehearsed", error=type(error).__name__)


#: Built once, so that a fork need not build it.
_WAITING = select(Slip.payload, Slip.issuer).where(Slip.id == bindparam("slip"), Slip.rendered_at.is_(None))


class _Waiting(NamedTuple):
    payload: paper.Payload
    issuer: str


def _waiting(slip_id: int) -> _Waiting | None:
    with looking() as connection:
        row = connection.execute(_WAITING, {"slip": slip_id}).one_or_none()
    return None if row is None else _Waiting(paper.from_json(row.payload), row.issuer)


def _keep(slip_id: int, stored: StoredFile, digest: str, at: datetime) -> bool:
    with transaction() as session:
        rendered = session.execute(
            update(Slip)
            .where(Slip.id == slip_id, Slip.rendered_at.is_(None))
            .values(sha256=stored.sha256, size=stored.size, digest=digest, rendered_at=at, fault=None)
            .returning(Slip.id)
            .execution_options(synchronize_session=False)
        )
        return rendered.first() is not None


def _kept(slip_id: int) -> str | None:
    with looking() as connection:
        return connection.execute(select(Slip.sha256).where(Slip.id == slip_id)).scalar_one_or_none()


def failed(slip_id: int, error: Exception) -> None:
    """Note why a paper could not be rendered; it goes on waiting."""
    with transaction() as session:
        if (slip := session.get(Slip, slip_id)) is not None and slip.rendered_at is None:
            slip.fault = type(error).__name__[:64]


def waiting(before: datetime, size: int = 500) -> list[int]:
    """Papers made out before this instant that have no file yet, the oldest first."""
    with reading() as session:
        query = select(Slip.id).where(Slip.rendered_at.is_(None), Slip.created_at < before)
        return list(session.scalars(query.order_by(Slip.created_at).limit(size)))


def _acknowledgement(of: Subject) -> paper.Payload:
    return paper.Acknowledgement(
        form_set=of.form_set,
        head=of.head,
        registration_number=of.dossier.registration,
        applicant=of.applicant,
        procedure=of.procedure.title.vi,
        submitted_at=of.dossier.submitted_at,
        answer_by=of.dossier.act_by,
        files=tuple(
            paper.FileLine(
                component=_component_title(of.procedure, file.component),
                name=file.name,
                pages=file.pages or None,
                size=file.size,
                sha256=file.sha256,
            )
            for file in of.attachments
        ),
        tracking_url=of.tracking_url,
    )


def _receipt(of: Subject) -> paper.Payload:
    dossier, procedure = of.dossier, of.procedure
    assert dossier.code and dossier.received_at and dossier.due_at
    extra = procedure.mountain_extra if of.unit.mountain else None
    further = (f"{extra.words('vi')} (địa bàn miền núi)",) if extra else ()
    return paper.Receipt(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        applicant=of.applicant,
        subject=procedure.title.vi,
        components=_component_lines(of),
        sets=procedure.sets,
        term=(procedure.term_for(mountain=False, case=dossier.term_case).words("vi"), *further),
        received_at=dossier.received_at,
        due_at=dossier.total_due_at or dossier.due_at,
        due_provisional=dossier.due_provisional or _total_is_provisional(dossier),
        legs=_leg_lines(of),
        result_at=of.result_at,
        book=_place(of),
        fees=tuple(_fee_line(FeeLine.from_json(line)) for line in dossier.fee_lines),
        fee_total=dossier.fee,
        officer=of.actor.name,
        tracking_url=of.tracking_url,
    )


def _place(of: Subject) -> paper.Book:
    """Where the dossier stands in the register, which was settled at its reception."""
    place = register_rows.enter(of.session, of.dossier)
    return paper.Book(volume=registers.volume(place.year, place.number), number=place.number)


def _leg_lines(of: Subject) -> tuple[paper.LegLine, ...]:
    """Each procedure of a bundle, by whom and by when it is done."""
    bundle, dossier = of.procedure.bundle, of.dossier
    if bundle is None:
        return ()
    assert dossier.received_at and dossier.due_at
    promised = bundles.promise(of.procedure, dossier.answers, dossier.unit, dossier.received_at, dossier.due_at)
    assert promised is not None
    term = of.procedure.term_for(mountain=of.unit.mountain, case=dossier.term_case)
    lead = paper.LegLine(title=bundle.lead.title.vi, unit=of.unit.name.vi, term=term.words("vi"), due_at=dossier.due_at)
    rows = {row.leg: row for row in bundles.of(of.session, dossier)}
    further = (
        paper.LegLine(
            title=leg.title.vi,
            unit=_leg_authority(leg, rows[leg.key]),
            term=leg.term.words("vi"),
            due_at=promised.spans[leg.key].due_at,
        )
        for leg in bundle.legs
    )
    return (lead, *further)


def _leg_authority(leg: Leg, row: Dossier) -> str:
    return f"{leg.authority.vi} ({law.unit(row.desk_unit).name.vi})"


def _total_is_provisional(dossier: Dossier) -> bool:
    if dossier.total_due_at is None or dossier.received_at is None:
        return False
    first, last = law.office_day(dossier.received_at), law.office_day(dossier.total_due_at)
    return law.calendar(dossier.desk_unit).is_provisional(first, last)


def _fee_line(line: FeeLine) -> paper.FeeLine:
    return paper.FeeLine(title=line.name.vi, amount=line.amount, note=line.note.vi if line.note else None)


def _component_lines(of: Subject) -> tuple[paper.ComponentLine, ...]:
    files = Counter(file.component for file in of.attachments)
    lines = []
    for component in of.procedure.components:
        papers: Mapping[str, int] = of.dossier.papers.get(component.key, {})
        if papers or files[component.key]:
            lines.append(
                paper.ComponentLine(
                    title=component.title.vi,
                    originals=papers.get("original", 0),
                    certified_copies=papers.get("certified_copy", 0),
                    photocopies=papers.get("copy", 0),
                    files=files[component.key],
                )
            )
    return tuple(lines)


def _supplement_request(of: Subject) -> paper.Payload:
    supplement, dossier = of.supplement, of.dossier
    assert supplement is not None
    listed = {reason.code: reason.text.vi for reason in of.procedure.supplements}
    clock = None
    if supplement.after_reception:
        clock = (
            "Thời hạn giải quyết được tính lại từ đầu sau khi nhận đủ hồ sơ."
            if of.procedure.supplement.clock == "restart"
            else "Thời gian chờ bổ sung không tính vào thời hạn giải quyết."
        )
    return paper.SupplementRequest(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        registration_number=dossier.registration,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        round=supplement.round,
        items=tuple(
            paper.MissingItem(
                title=_item_title(of.procedure, item),
                missing=str(item.get("words", "")),
                reason=listed.get(supplements.reason_of(item, supplement.reason), ""),
            )
            for item in supplement.items
        ),
        reason=_reason_line(supplement, listed),
        legal_basis=of.legal_basis,
        answer_by=supplement.answer_by,
        clock=clock,
        contact=letterheads.shop_name(of.unit),
        contact_phone=of.unit.shop.phone if of.unit.shop else None,
        officer=of.actor.name,
        signature=None,
        tracking_url=of.tracking_url,
    )


def _reason_line(supplement: Supplement, listed: Mapping[str, str]) -> str:
    """The line "Lý do" of slip 02: every reason, where there are several with its items, and what the officer adds."""
    numbers = supplements.items_by_reason(supplement.items, supplement.reason)
    given = [(listed[code], places) for code, places in numbers.items() if code in listed]
    lines = [text if len(given) == 1 else f"{text} (nội dung {', '.join(map(str, places))})" for text, places in given]
    return ". ".join([*lines, *filter(None, [supplement.words.strip()])]) or "Hồ sơ chưa đầy đủ"


def _refusal_of_reception(of: Subject) -> paper.Payload:
    return paper.RefusalOfReception(
        form_set=of.form_set,
        head=of.head,
        registration_number=of.dossier.registration,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        reasons=of.reasons,
        legal_basis=of.legal_basis,
        officer=of.actor.name,
        tracking_url=of.tracking_url,
    )


def _apology(of: Subject) -> paper.Payload:
    dossier, moved = of.dossier, of.moved
    assert dossier.code and dossier.received_at and moved and moved.old
    return paper.Apology(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        received_at=dossier.received_at,
        old_due_at=moved.old,
        new_due_at=moved.new,
        reasons=of.reasons,
        recipients=_recipients(of),
        signature=letterheads.signed_by(of.actor),
        tracking_url=of.tracking_url,
    )


def _stopping(of: Subject) -> paper.Payload:
    dossier = of.dossier
    return paper.Stopping(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        registration_number=dossier.registration,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        received_at=dossier.received_at,
        reasons=of.reasons,
        legal_basis=of.legal_basis,
        recipients=_recipients(of),
        signature=letterheads.signed_by(of.actor),
        tracking_url=of.tracking_url,
    )


def _control(of: Subject) -> paper.Payload:
    dossier = of.dossier
    assert dossier.code is not None
    return paper.Control(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        office=custody.office(dossier),
        cooperating=custody.cooperating(dossier),
        hand_overs=custody.hand_overs(dossier),
        tracking_url=of.tracking_url,
    )


def _recipients(of: Subject) -> tuple[str, ...]:
    return (f"Ông/Bà {of.dossier.applicant_name}", letterheads.shop_name(of.unit), "Lưu: VT, HS")


def _result(of: Subject) -> paper.Payload:
    assert of.dossier.code is not None
    subtitle, groups, closing = results.content(of.procedure, of.dossier)
    return paper.Result(
        form_set=of.form_set,
        head=of.head,
        code=of.dossier.code,
        subtitle=subtitle,
        preamble=() if of.form_set in CERTIFYING else tuple(f"Căn cứ {basis};" for basis in of.legal_basis),
        groups=groups,
        closing=closing,
        recipients=_recipients(of),
        signature=of.signature,
        tracking_url=of.tracking_url,
    )


def _result_refusal(of: Subject) -> paper.Payload:
    dossier = of.dossier
    assert dossier.code and dossier.received_at
    refusal = of.last_event("refuse")
    of.reason, of.words = refusal.reason, str(refusal.details.get("words", ""))
    return paper.ResultRefusal(
        form_set=of.form_set,
        head=of.head,
        code=dossier.code,
        applicant=of.applicant,
        subject=of.procedure.title.vi,
        received_at=dossier.received_at,
        reasons=of.reasons,
        legal_basis=of.legal_basis,
        recipients=_recipients(of),
        signature=of.signature,
        tracking_url=of.tracking_url,
    )


_BUILDERS: Mapping[SlipKind, Callable[[Subject], paper.Payload]] = {
    SlipKind.ACKNOWLEDGEMENT: _acknowledgement,
    SlipKind.RECEIPT: _receipt,
    SlipKind.SUPPLEMENT_REQUEST: _supplement_request,
    SlipKind.REFUSAL_OF_RECEPTION: _refusal_of_reception,
    SlipKind.APOLOGY: _apology,
    SlipKind.STOPPING: _stopping,
    SlipKind.RESULT: _result,
    SlipKind.RESULT_REFUSAL: _result_refusal,
    SlipKind.CONTROL: _control,
    SlipKind.HAND_OVER_RECEIPT: fetching.receipt,
    SlipKind.LETTER: letters.letter,
}


def _issuer(dossier: Dossier, kind: SlipKind) -> Unit:
    """The unit whose paper it is: the one-stop shop's own, for a result the unit of the step that issues it."""
    unit = law.unit(dossier.desk_unit)
    if not kind.is_result:
        return unit
    rules = law.rules_of(dossier)
    return law.unit(rules.unit_of(rules.issuer(), dossier.desk_unit))


def _form_set(dossier: Dossier, kind: SlipKind, at: datetime) -> str:
    procedure = law.procedure_of(dossier)
    return paper.form_set(
        kind,
        sector=dossier.sector if procedure.slips.own else "",
        on=law.office_day(at),
        template=(procedure.result.letter or "") if kind is SlipKind.LETTER else procedure.result.template,
        result=procedure.slips.result,
    )


def _sign(kind: SlipKind, form_set: str) -> str:
    return RESULT_SIGNS.get(form_set, SIGNS[kind])


def _book(issuer: Unit, sign: str, at: datetime) -> str:
    return f"paper/{issuer.id}/{sign}/{law.office_day(at).year}"


def next_number(session: Session, issuer: Unit, sign: str, at: datetime) -> str:
    """The running number of the issuer's papers of a kind, from 01 each year (NĐ 30/2020 Art 15), with its sign."""
    return f"{counters.take_free(session, _book(issuer, sign, at)):02d}/{sign}"


def _standing_number(session: Session, dossier: Dossier, kind: SlipKind) -> str | None:
    """The number that a paper keeps however often it is made out: the same slip, written further."""
    if kind not in ON_REQUEST:
        return None
    query = select(Slip.number).where(Slip.dossier_id == dossier.id, Slip.kind == kind.value)
    return session.scalar(query.order_by(Slip.id).limit(1))


def _entered(session: Session, issuer: Unit, sign: str, at: datetime, number: str) -> str:
    """The number that stands on a paper, entered in the book if it is one of it, so that no other paper gets it."""
    found = re.fullmatch(rf"0*([1-9][0-9]{{0,5}})(/{re.escape(sign)}(-.*)?)?", number, re.ASCII)
    if found is None:
        return number
    if not counters.reserve(session, _book(issuer, sign, at), int(found[1])):
        raise Invalid({"number": "given_already"})
    return number if found[2] else f"{int(found[1]):02d}/{sign}"


def _head(issuer: Unit, dossier: Dossier, kind: SlipKind, number: str, at: datetime) -> paper.Head:
    """The head of a paper, by who issues it; the acknowledgement prints no number."""
    said = None if kind is SlipKind.ACKNOWLEDGEMENT else number
    police = _of_the_police(dossier, kind)
    return letterheads.head(
        issuer,
        said,
        at,
        law.unit(dossier.desk_unit),
        police=police,
        shop=not (kind.is_result or kind is SlipKind.LETTER),
    )


def _of_the_police(dossier: Dossier, kind: SlipKind) -> bool:
    """Whether the commune's police issue the paper, and not the commune."""
    own = dossier.sector == paper.RESIDENCE and law.procedure_of(dossier).slips.own
    return own and kind is not SlipKind.ACKNOWLEDGEMENT


def _component_title(procedure: Procedure, key: str) -> str:
    return procedure.papers[key].vi if key in procedure.papers else key


def _item_title(procedure: Procedure, item: Mapping[str, Any]) -> str:
    """What an item of a supplement is about: a component, or a page of the form."""
    if component := item.get("component"):
        return _component_title(procedure, component)
    return next((section.title.vi for section in procedure.form if section.key == item.get("section")), "Nội dung khác")
