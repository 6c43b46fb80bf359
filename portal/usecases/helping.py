"""Helping somebody to hand in: their consent asked for and given by a code sent to them, and ended whenever they wish.

The helper fills in, hands in, follows and answers; results stay with the owner, and so does the owner's account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.access import Actor, Role
from portal.domain.errors import Invalid, NotFound
from portal.domain.notices import NoticeKind
from portal.services import identity
from portal.settings import Settings
from portal.store import accounts
from portal.store.accounts import Contact
from portal.store.database import reading, transaction
from portal.store.help_models import Helping
from portal.store.models import Dossier, Draft
from portal.usecases import notices
from portal.usecases.accounts import Locked, read_identifier

#: How often a code may be guessed, and a helper may ask, before they wait.
GUESSES = 5
ASKED = 10
WAIT = timedelta(hours=1)
_SHOWN = 50


def ask(helper: Actor, name: str, contact: str, settings: Settings, at: datetime) -> Helping:
    """Send a code to whoever is to be helped. Whether they have an account is not told.

    Raises Invalid (`name`, `contact`), Locked.
    """
    read = read_identifier(contact)
    faults = {} if name.strip() else {"name": "required"}
    if read is None or read[0] is Contact.USERNAME:
        faults["contact"] = "unreadable"
    if faults or read is None:
        raise Invalid(faults)
    _count("ask", str(helper.account_id), ASKED, at)
    kind, value = read
    with transaction() as session:
        owner = accounts.by_contact(session, kind, value)
        if owner is not None and (owner.role != Role.CITIZEN or owner.confirmed_at is None or not owner.active):
            owner = None
        if owner is not None and owner.id == helper.account_id:
            raise Invalid({"contact": "own"})
        helping = Helping(
            helper_id=helper.account_id,
            owner_id=owner.id if owner else None,
            owner_name=name.strip()[:100],
            contact=value,
            asked_at=at,
        )
        session.add(helping)
        session.flush()
        _send_code(session, helper, helping, kind, settings, at)
    return helping


def agree(helper: Actor, helping_id: int, code: str, settings: Settings, at: datetime) -> None:
    """Note the consent, by the code that its owner told the helper. Raises NotFound, Locked, Invalid (`code`)."""
    with reading() as session:
        helping = _asked_by(session, helper, helping_id)
    _count("guess", str(helping_id), GUESSES, at)
    if not identity.is_code(settings.secret_key, "helping", _about(helping), code, at):
        raise Invalid({"code": "wrong"})
    with transaction() as session:
        helping = _asked_by(session, helper, helping_id)
        helping.agreed_at = helping.agreed_at or at


def end(actor: Actor, helping_id: int, at: datetime) -> None:
    """End a consent: by its owner, or by the helper. Raises NotFound."""
    with transaction() as session:
        helping = session.get(Helping, helping_id, with_for_update=True)
        if helping is None or actor.account_id not in (helping.owner_id, helping.helper_id):
            raise NotFound(helping=helping_id)
        _end(session, helping, at)


def end_by_link(token: str, settings: Settings, at: datetime) -> None:
    """End a consent by the link that its owner was sent, however long ago. Raises NotFound for a forged one."""
    with transaction() as session:
        helping = session.get(Helping, _linked(token, settings), with_for_update=True)
        if helping is None:
            raise NotFound("link_used")
        _end(session, helping, at)


def linked(token: str, settings: Settings) -> Helping:
    """The consent that a link to end it is about. Raises NotFound."""
    number = _linked(token, settings)
    with reading() as session:
        helping = session.get(Helping, number, options=[joinedload(Helping.helper)])
    if helping is None:
        raise NotFound("link_used")
    return helping


def by_me(helper: Actor) -> Sequence[Helping]:
    """Those whom somebody helps or has asked, the newest first; those whose consent has ended are left out."""
    query = select(Helping).where(Helping.helper_id == helper.account_id, Helping.ended_at.is_(None))
    with reading() as session:
        return session.scalars(query.order_by(Helping.id.desc()).limit(_SHOWN)).all()


def for_me(owner: Actor) -> Sequence[Helping]:
    """Those who may hand in for somebody, or might, the newest first."""
    query = select(Helping).where(Helping.owner_id == owner.account_id, Helping.agreed_at.is_not(None))
    with reading() as session:
        return session.scalars(
            query.options(joinedload(Helping.helper)).order_by(Helping.id.desc()).limit(_SHOWN)
        ).all()


def used(helper: Actor) -> set[int]:
    """The consents of people without an account under which a dossier was begun: they were for that one."""
    query = select(Draft.helping_id).join(Helping, Helping.id == Draft.helping_id)
    with reading() as session:
        found = session.scalars(query.where(Helping.helper_id == helper.account_id, Helping.owner_id.is_(None)))
        return {number for number in found if number is not None}


def handed_in(helper: Actor) -> Sequence[Dossier]:
    """The dossiers that somebody handed in for others, the newest first."""
    query = select(Dossier).where(Dossier.helper_id == helper.account_id, Dossier.lead_id.is_(None))
    with reading() as session:
        return session.scalars(query.order_by(Dossier.id.desc()).limit(_SHOWN)).all()


def holds(session: Session, helper: Actor, helping_id: int) -> Helping:
    """The consent under which something is filled in or handed in now, inside the caller's transaction.

    Raises NotFound where it is not the helper's, was not given, or has ended.
    """
    helping = _asked_by(session, helper, helping_id)
    if helping.agreed_at is None:
        raise NotFound(helping=helping_id)
    return helping


def _end(session: Session, helping: Helping, at: datetime) -> None:
    """What was handed in stays its owner's; the helper sees it no more, and what was being filled in is gone."""
    if helping.agreed_at is None or helping.ended_at is not None:
        return
    helping.ended_at = at
    for draft in session.scalars(select(Draft).where(Draft.helping_id == helping.id)):
        if draft.dossier_id is not None:
            of_bundle = or_(Dossier.id == draft.dossier_id, Dossier.lead_id == draft.dossier_id)
            for dossier in session.scalars(select(Dossier).where(of_bundle)):
                dossier.helper_id = None
            continue
        for file in list(draft.attachments):
            session.delete(file)
        session.flush()
        session.delete(draft)


def _asked_by(session: Session, helper: Actor, helping_id: int) -> Helping:
    helping = session.get(Helping, helping_id)
    if helping is None or helping.helper_id != helper.account_id or helping.ended_at is not None:
        raise NotFound(helping=helping_id)
    return helping


def _send_code(
    session: Session, helper: Actor, helping: Helping, kind: Contact, settings: Settings, at: datetime
) -> None:
    email, phone = (helping.contact, "") if kind is Contact.EMAIL else ("", helping.contact)
    recipient = notices.reached(email, phone, helping.owner_name, "vi", helping.owner_id)
    assert recipient is not None
    token = identity.sign_for_good(settings.secret_key, "helping", [helping.id])
    values = {
        "name": helping.owner_name,
        "helper": helper.name,
        "secret": identity.code(settings.secret_key, "helping", _about(helping), at),
        "minutes": str(int(identity.CODE_LIFE.total_seconds() // 60)),
        "link": f"{settings.base_url}/giup-ho/ket-thuc/{token}",
    }
    notices.write(session, NoticeKind.HELP_ASKED, recipient, at, values)


def _linked(token: str, settings: Settings) -> int:
    values = identity.signed_for_good(settings.secret_key, "helping", token)
    if values is None:
        raise NotFound("link_used")
    return int(values[0])


def _about(helping: Helping) -> list[str]:
    return [str(helping.id), str(helping.helper_id), helping.contact]


def _count(what: str, whose: str, allowed: int, at: datetime) -> None:
    """Count one try, in a transaction of its own: it stays counted whatever comes of it. Raises Locked."""
    key = identity.digest("helping", what, whose)
    with transaction() as session:
        until = accounts.count_try(session, key, at, allowed=allowed, lock_for=WAIT, forget_after=WAIT)
    if until is not None:
        raise Locked(until)
