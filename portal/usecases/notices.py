"""Messages to people: written in the transaction of what they tell of, sent by a worker, tried again, given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import words
from portal.domain.errors import PortalError
from portal.domain.notices import SECRET, NoticeKind, letter, short
from portal.domain.numerals import money
from portal.services.messages import Channel, Message, Messages, PermanentFailure, TemporaryFailure, open_messages
from portal.settings import Settings
from portal.store import dossiers
from portal.store import notices as store
from portal.store.database import reading, ring_after_commit, transaction
from portal.store.models import Account, Dossier, Notice, Supplement
from portal.usecases import law, tracking
from procedures.model import Text

JOB: Final = "workers.jobs.send_notice"
#: How long after each attempt the next one may come, longer than a job may take; after the last one it has failed.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 60, 360, 1440))
#: Why a message that is done with never left: nothing is set up that carries its channel.
NO_CARRIER: Final = "no_carrier"

_PROVISIONAL: Final = Text(vi="(tạm tính)", en="(provisional)")
_UNKNOWN_SUM: Final = Text(vi="theo thông báo của cơ quan", en="as the office has told you")
_NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to, by which channel, in which language."""

    to: str
    channel: Channel
    name: str
    language: str = "vi"
    account_id: int | None = None


def of_account(account: Account) -> Recipient | None:
    """E-mail if there is an address, else a text message; None for an account with neither."""
    return reached(account.email, account.phone, account.full_name, account.language, account.id)


def notify(
    session: Session, kind: NoticeKind | str, dossier: Dossier, at: datetime, supplement: Supplement | None = None
) -> Notice | None:
    """Tell the applicant of a dossier what happened; None if there is no way to reach them.

    An answer to a supplement that was asked before reception has no due date to tell yet, and is told as such.
    """
    kind = NoticeKind(kind)
    if kind is NoticeKind.SUPPLEMENT_RECEIVED and dossier.due_on is None:
        kind = NoticeKind.SUPPLEMENT_SENT
    recipient = _applicant(session, dossier)
    if recipient is None:
        return None
    values = _about(session, dossier, recipient, supplement)
    return write(session, kind, recipient, at, values, dossier_id=dossier.id)


def write(
    session: Session,
    kind: NoticeKind,
    recipient: Recipient,
    at: datetime,
    values: Mapping[str, str],
    dossier_id: int | None = None,
) -> Notice:
    """Put a message into the row that waits, and have the bell rung for it once the transaction is committed."""
    compose = letter if recipient.channel is Channel.EMAIL else short
    said = compose(kind, recipient.language, {"name": recipient.name, **values})
    notice = Notice(
        dossier_id=dossier_id,
        account_id=recipient.account_id,
        kind=kind.value,
        channel=recipient.channel.value,
        recipient=recipient.to,
        subject=said.subject,
        body=said.body,
        created_at=at,
        next_attempt_at=at,
        attempts=0,
    )
    session.add(notice)
    session.flush()
    ring_after_commit(session, JOB, notice.id)
    return notice


def send(notice_id: int, settings: Settings, at: datetime, carrier: Messages | None = None) -> None:
    """Send a message that waits; does nothing if it was sent, has failed, or is not due yet.

    The attempt is written down before it is made, so that a worker that dies in it does not try for ever, and another
    one comes only when its time is over. A message may therefore be sent twice, but never in two minutes.
    """
    carrier = carrier or open_messages(settings.mail_url, settings.mail_from)
    message = _attempt(notice_id, at)
    if message is None:
        return
    fault: PortalError | None = None
    try:
        carrier.send(message)
    except (TemporaryFailure, PermanentFailure) as failure:
        fault = failure
    with transaction() as session:
        notice = store.locked(session, notice_id)
        assert notice is not None
        _write_down(notice, fault, at, left_the_house=carrier.carries(message.channel))


def waiting(now: datetime, before: datetime, size: int = 500) -> Sequence[int]:
    """Messages written before an instant whose next attempt is due now."""
    with reading() as session:
        return store.waiting(session, now, before, size)


def outbox(before: int | None = None, after: int | None = None, size: int = 50) -> tuple[Sequence[Notice], bool]:
    """One page of the outbox, the newest first, and whether there are more in that direction."""
    with reading() as session:
        return store.page(session, before=before, after=after, size=size)


def _attempt(notice_id: int, at: datetime) -> Message | None:
    """Begin an attempt: count it, and keep others away until the next one may come."""
    with transaction() as session:
        notice = store.locked(session, notice_id)
        if notice is None or notice.sent_at or notice.failed_at or notice.next_attempt_at > at:
            return None
        notice.next_attempt_at = at + WAITS[min(notice.attempts, len(WAITS) - 1)]
        notice.attempts += 1
        key = f"notice.{notice.id}.{int(notice.created_at.timestamp())}"
        return Message(notice.recipient, Channel(notice.channel), notice.subject, notice.body, key)


def _write_down(notice: Notice, fault: PortalError | None, at: datetime, *, left_the_house: bool) -> None:
    """How the attempt ended."""
    if fault is None:
        notice.sent_at, notice.fault = at, None if left_the_house else NO_CARRIER
        if left_the_house and notice.kind in SECRET:
            notice.body = ""  # who reads the outbox must not get into somebody's account
        return
    notice.fault = str(fault.details.get("fault") or fault.details.get("reply") or fault.code)[:64]
    if isinstance(fault, PermanentFailure) or notice.attempts > len(WAITS):
        notice.failed_at = at


def _applicant(session: Session, dossier: Dossier) -> Recipient | None:
    """The account that owns the dossier, else the contact given with it."""
    owner = session.get(Account, dossier.owner_id) if dossier.owner_id is not None else None
    if owner is not None and (found := of_account(owner)) is not None:
        return found
    language = owner.language if owner is not None else "vi"
    return reached(dossier.applicant_email, dossier.applicant_phone, dossier.applicant_name, language, dossier.owner_id)


def reached(email: str | None, phone: str | None, name: str, language: str, account_id: int | None) -> Recipient | None:
    """Whoever has these: by e-mail if there is an address, else by text message; None with neither."""
    if email:
        return Recipient(email, Channel.EMAIL, name, language, account_id)
    return Recipient(phone, Channel.SMS, name, language, account_id) if phone else None


def _about(session: Session, dossier: Dossier, recipient: Recipient, supplement: Supplement | None) -> dict[str, str]:
    """All that a message about a dossier may name."""
    language = recipient.language
    duty = dossiers.open_duty(session, dossier.id)
    amount = duty.amount if duty is not None else None
    return {
        "code": dossier.code or dossier.registration,
        "procedure": law.procedure_of(dossier).title.say(language),
        "unit": law.unit(dossier.desk_unit).name.say(language),
        "due": _day(dossier.due_on) + (f" {_PROVISIONAL.say(language)}" if dossier.due_provisional else ""),
        "answer_by": _day(supplement.answer_by if supplement is not None else dossier.answer_by),
        "count": str(len(supplement.items)) if supplement is not None else _NONE,
        "amount": _UNKNOWN_SUM.say(language) if amount is None else money(amount, language),
        "status": words.STATUSES[dossier.state].say(language),
        "link": tracking.url(dossier),
    }


def _day(day: date | None) -> str:
    return _NONE if day is None else f"{day:%d/%m/%Y}"
