"""Accounts: signing up and in, confirming, changing; nothing here tells a stranger whether an account exists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain import codes, passwords
from portal.domain.access import DESK, Actor, Role
from portal.domain.errors import Invalid, NotFound, PortalError
from portal.domain.kinds import Refusal, clean
from portal.domain.notices import NoticeKind
from portal.services import identity
from portal.services.messages import Channel
from portal.settings import Settings
from portal.store import accounts as store
from portal.store.accounts import Contact
from portal.store.database import reading, transaction
from portal.store.models import Account
from portal.usecases import law, notices
from portal.usecases.notices import Recipient

#: How many times something may be guessed at, and for how long it is then locked.
GUESSES: Final = 5
LOCK: Final = timedelta(minutes=15)
#: How many messages a stranger can have sent to one contact in an hour.
MESSAGES: Final = 5
HOUR: Final = timedelta(hours=1)
LONGEST_NAME: Final = 100
_FORGET: Final = timedelta(days=1)
_EMAIL: Final = re.compile(r"[^@\s<>(),;:\"\\]+@[^@\s<>(),;:\"\\]+\.[^@\s.<>(),;:\"\\]{2,}")
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
T = TypeVar("T")


class Locked(PortalError):
    """Guessed at too often; `until` is the instant from which one may try again."""

    status, code = 429, "locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(None, until=until)
        self.until = until


class Unconfirmed(PortalError):
    """The password was right, but nobody has yet shown that the contact is theirs."""

    status, code = 403, "unconfirmed"

    def __init__(self, contact: str) -> None:
        super().__init__()
        self.contact = contact


@dataclass(frozen=True, slots=True)
class Person:
    """What an account knows of a person. `number_checked`: they say that a doubtful personal number is right."""

    full_name: str
    personal_number: str
    birth_date: date | None = None
    sex: str | None = None
    commune: str | None = None
    address: str = ""
    language: str = "vi"
    number_checked: bool = False


# --- signing up ---


def sign_up(contact: str, person: Person, password: str, settings: Settings, at: datetime) -> str:
    """Ask for an account; a message with a code, or with why there is none, goes to the contact. Gives the contact.

    An account that was never confirmed gives way to a new wish for the same contact or personal number.

    Raises:
        Invalid: `contact`, `full_name`, `personal_number` ('doubtful': see `doubts`), `birth_date`, `sex`, `password`.
    """
    kind, value = _read_reachable(contact)
    person = _checked(person)
    _require_good(password, [person.full_name, value, person.personal_number, _digits(person.birth_date)])
    hashed = identity.hash_password(passwords.normal(password))

    def write(session: Session) -> None:
        if not _may_send(session, value, at):
            return
        existing = store.by_contact(session, kind, value, lock=True)
        if existing is not None and existing.confirmed_at is not None:
            _tell(
                session, NoticeKind.ACCOUNT_EXISTS, _stranger(kind, value, person.language), at, _sign_in_url(settings)
            )
            return
        if not _number_is_free(session, person.personal_number, existing):
            _tell(session, NoticeKind.NUMBER_TAKEN, _stranger(kind, value, person.language), at)
            return
        account = existing or Account(role=Role.CITIZEN.value, created_at=at)
        setattr(account, kind.value, value)
        account.password_hash = hashed
        _put(account, person)
        session.add(account)
        session.flush()
        _send_code(session, account, value, settings, at)

    _once_more(write)
    return value


def send_code_again(contact: str, settings: Settings, at: datetime) -> None:
    """Send the code anew, if somebody waits for one there; says nothing of whether anybody does."""
    with transaction() as session:
        found = _find(session, contact)
        if found is not None and found.confirmed_at is None and _may_send(session, contact, at):
            _send_code(session, found, contact, settings, at)


def confirm(contact: str, typed: str, settings: Settings, at: datetime) -> Account:
    """Confirm a new account by the code that was sent. Raises Locked, Invalid (`code`)."""
    key = identity.digest("confirm", contact)
    _count(key, at)
    with transaction() as session:
        account = _find(session, contact, lock=True)
        right = account is not None and account.confirmed_at is None
        about = _confirming(account, contact) if account is not None else ["", contact]
        if not identity.is_code(settings.secret_key, "confirm", about, typed, at) or not right or account is None:
            raise Invalid({"code": "wrong_code"})
        account.confirmed_at = at
        store.forget_tries(session, key)
    return account


def confirm_by_link(token: str, settings: Settings, at: datetime) -> Account:
    """Confirm a new account by the link that was sent. Raises NotFound for a link that is forged, too old or used."""
    values = identity.signed(settings.secret_key, "confirm", token, at)
    with transaction() as session:
        account = store.by_id(session, values[0], lock=True) if values else None
        if account is None or values is None or account.confirmed_at is not None or values[1:] != [_seal(account)]:
            raise NotFound("link_used")
        account.confirmed_at = at
    return account


# --- signing in ---


def sign_in(identifier: str, password: str, at: datetime) -> Account:
    """The account of whoever knows the password of this phone number, e-mail address or user name.

    The answer and the time it takes are the same for a wrong password and for an account that does not exist; so is
    the lock, which is counted before the password is looked at: guesses made side by side are no more than `GUESSES`.

    Raises Locked, Unconfirmed, Invalid (`password`).
    """
    found = read_identifier(identifier)
    key = _sign_in_key(identifier if found is None else found[1])
    _count(key, at)
    with reading() as session:
        account = store.by_contact(session, *found) if found is not None else None
    right = identity.is_password(account.password_hash if account is not None else None, passwords.normal(password))
    if account is None or not right or not account.active:
        raise Invalid({"password": "wrong"})
    with transaction() as session:
        store.forget_tries(session, key)
        kept = store.by_id(session, account.id, lock=True)
        assert kept is not None
        if kept.password_hash == account.password_hash and identity.is_old(kept.password_hash or ""):
            kept.password_hash = identity.hash_password(passwords.normal(password))
    if account.confirmed_at is None:
        raise Unconfirmed(account.email or account.phone or "")
    return kept


def read_identifier(text: str) -> tuple[Contact, str] | None:
    """What a person typed to say who they are, as it is stored; None if it is nothing of the kind."""
    try:
        text = clean(text)
    except Refusal:
        return None
    if "@" in text:
        email = text.lower()
        return (Contact.EMAIL, email) if len(email) <= 254 and _EMAIL.fullmatch(email) else None
    if (phone := codes.read_phone(text)) is not None:
        return Contact.PHONE, phone
    return (Contact.USERNAME, text.lower()) if _USERNAME.fullmatch(text.lower()) else None


# --- passwords ---


def ask_reset(identifier: str, settings: Settings, at: datetime) -> None:
    """Send a link to set a new password, if there is such an account; says nothing of whether there is."""
    with transaction() as session:
        account = _find(session, identifier)
        recipient = notices.of_account(account) if account is not None and account.active else None
        if account is not None and recipient is not None and _may_send(session, recipient.to, at):
            token = identity.sign(settings.secret_key, "reset", [account.id, _seal(account)], at)
            minutes = str(int(identity.LINK_LIFE.total_seconds() // 60))
            _tell(
                session,
                NoticeKind.PASSWORD_RESET,
                recipient,
                at,
                f"{settings.base_url}/dat-lai-mat-khau/{token}",
                minutes=minutes,
            )


def is_reset_link(token: str, settings: Settings, at: datetime) -> bool:
    """Whether a link to set a new password is still good."""
    values = identity.signed(settings.secret_key, "reset", token, at)
    with reading() as session:
        account = store.by_id(session, values[0]) if values else None
        return account is not None and values is not None and values[1:] == [_seal(account)]


def reset(token: str, password: str, settings: Settings, at: datetime) -> Account:
    """Set a new password by a link, which also shows that the contact is theirs; all sessions end, locks are lifted.

    Raises NotFound for a link that is forged, too old or used, Invalid (`password`).
    """
    values = identity.signed(settings.secret_key, "reset", token, at)
    with transaction() as session:
        account = store.by_id(session, values[0], lock=True) if values else None
        if account is None or values is None or values[1:] != [_seal(account)] or not account.active:
            raise NotFound("link_used")
        set_password(session, account, password, at)
        account.confirmed_at = account.confirmed_at or at
        for name in (account.email, account.phone, account.username):
            store.forget_tries(session, _sign_in_key(name or ""))
    return account


def change_password(account_id: int, old: str, new: str, at: datetime) -> Account:
    """Change one's own password; all sessions end. Raises Locked, Invalid (`old_password`, `password`)."""
    key = identity.digest("password", str(account_id))
    _count(key, at)
    with transaction() as session:
        account = _own(session, account_id)
        if not identity.is_password(account.password_hash, passwords.normal(old)):
            raise Invalid({"old_password": "wrong"})
        store.forget_tries(session, key)
        set_password(session, account, new, at)
    return account


def end_sessions(account_id: int) -> None:
    """End all sessions of an account, also those whose cookie somebody has copied."""
    with transaction() as session:
        account = store.by_id(session, account_id, lock=True)
        if account is not None:
            account.session_epoch += 1


# --- one's own account ---


def change_person(account_id: int, person: Person) -> Account:
    """Change what one's own account knows. Raises Invalid as `sign_up`; `personal_number` may be 'taken'."""
    person = _checked(person)

    def write(session: Session) -> Account:
        account = _own(session, account_id)
        if not _number_is_free(session, person.personal_number, account):
            raise Invalid({"personal_number": "taken"})
        _put(account, person)
        return account

    return _once_more(write)


def change_language(account_id: int, language: str) -> Account:
    """Change the language in which one is spoken to: 'vi' or 'en'."""
    with transaction() as session:
        account = _own(session, account_id)
        account.language = "en" if language == "en" else "vi"
    return account


def ask_contact(account_id: int, contact: str, settings: Settings, at: datetime) -> str:
    """Send a code to a contact that is to be added or replaced; gives the contact. Raises Invalid (`contact`)."""
    kind, value = _read_reachable(contact)
    with transaction() as session:
        account = _own(session, account_id)
        if not _may_send(session, value, at):
            return value
        other = store.by_contact(session, kind, value)
        if other is not None and other.confirmed_at is not None and other.id != account.id:
            _tell(session, NoticeKind.CONTACT_TAKEN, _stranger(kind, value, other.language), at)
            return value
        secret = identity.code(settings.secret_key, "contact", [str(account_id), value], at)
        recipient = _stranger(kind, value, account.language)
        _tell(session, NoticeKind.CONTACT_CONFIRMATION, recipient, at, secret=secret, minutes=_code_minutes())
    return value


def confirm_contact(account_id: int, contact: str, typed: str, settings: Settings, at: datetime) -> Account:
    """Take a contact into one's account by the code that was sent there. Raises Locked, Invalid (`contact`, `code`)."""
    kind, value = _read_reachable(contact)
    key = identity.digest("contact", str(account_id), value)
    _count(key, at)

    def write(session: Session) -> Account:
        account = _own(session, account_id)
        other = store.by_contact(session, kind, value)
        taken = other is not None and other.confirmed_at is not None and other.id != account_id
        about = [str(account_id), value]
        if not identity.is_code(settings.secret_key, "contact", about, typed, at) or taken:
            raise Invalid({"code": "wrong_code"})
        if other is not None and other.id != account_id:
            session.delete(other)  # it was never confirmed, so nothing hangs on it
            session.flush()
        setattr(account, kind.value, value)
        store.forget_tries(session, key)
        return account

    return _once_more(write)


# --- by the administrator and the demonstration ---


def create_staff(
    role: Role,
    unit: str | None,
    username: str,
    full_name: str,
    password: str,
    at: datetime,
    email: str | None = None,
    then: Callable[[Session, Account], None] = lambda _session, _account: None,
) -> Account:
    """An account for somebody who works at a unit; `then` is done in the same transaction.

    Raises Invalid (`username`, `full_name`, `unit`, `password`).
    """
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username) or codes.read_phone(username) is not None:
        raise Invalid({"username": "not_a_name"})
    name = staff_name(full_name)
    demand_place(role, unit)
    _require_good(password, [name, username])
    account = Account(
        username=username,
        email=email,
        role=role.value,
        unit=unit,
        full_name=name,
        password_hash=identity.hash_password(passwords.normal(password)),
        confirmed_at=at,
        created_at=at,
    )
    try:
        with transaction() as session:
            session.add(account)
            session.flush()
            then(session, account)
    except IntegrityError as error:
        raise Invalid({"username": "taken"}) from error
    return account


def staff_name(text: str) -> str:
    """The name of somebody who works here, as it is kept. Raises Invalid (`full_name`)."""
    name = _cleaned(text)
    if name == "":
        raise Invalid({"full_name": "missing"})
    if name is None or len(name) > LONGEST_NAME:
        raise Invalid({"full_name": "not_a_name"})
    return name


def demand_place(role: Role, unit: str | None) -> None:
    """That somebody of this role can work at this unit. Raises Invalid (`unit`)."""
    if unit is None and role in DESK:
        raise Invalid({"unit": "missing"})
    if unit is not None and unit not in {known.id for known in law.places().units}:
        raise Invalid({"unit": "unknown"})


def create_citizen(contact: str, person: Person, password: str, at: datetime) -> Account:
    """A citizen's account that needs no confirmation, for a demonstration. Raises Invalid as `sign_up`, or 'taken'."""
    kind, value = _read_reachable(contact)
    person = _checked(person)
    account = Account(role=Role.CITIZEN.value, created_at=at, confirmed_at=at)
    setattr(account, kind.value, value)
    account.password_hash = identity.hash_password(passwords.normal(password))
    _put(account, person)
    try:
        with transaction() as session:
            session.add(account)
    except IntegrityError as error:
        raise Invalid({"contact": "taken"}) from error
    return account


def actor_named(username: str) -> Actor:
    """The person who signs in by this name. Raises NotFound."""
    with reading() as session:
        account = store.by_contact(session, Contact.USERNAME, username.strip().lower())
    if account is None or not account.active:
        raise NotFound(username=username)
    return Actor(account.id, Role(account.role), account.unit, account.full_name)


def listed(*, staff: bool, after: int = 0, size: int = 50) -> Sequence[Account]:
    """Accounts of staff, or of citizens, page by page."""
    with reading() as session:
        return store.page(session, staff=staff, after=after, size=size)


# --- what the above have in common ---


def _read_reachable(text: str) -> tuple[Contact, str]:
    """A phone number or e-mail address. Raises Invalid (`contact`)."""
    found = read_identifier(text)
    if found is None or found[0] is Contact.USERNAME:
        raise Invalid({"contact": "not_reachable"})
    return found


def _checked(person: Person) -> Person:
    """What was typed of a person, tidied. Raises Invalid, all faults at once; 7.1 of the domain gives the doubts."""
    faults: dict[str, str] = {}
    name, number = _cleaned(person.full_name), codes.read_personal_number(person.personal_number)
    if name is None or not 2 <= len(name) <= LONGEST_NAME or any(sign.isdigit() for sign in name):
        faults["full_name"] = "not_a_name"
    if (address := _cleaned(person.address)) is None:
        faults["address"] = "not_text"
    if person.birth_date is None:
        faults["birth_date"] = "missing"
    sex = person.sex if person.sex in ("male", "female") else None
    if sex is None:
        faults["sex"] = "missing"
    doubtful: tuple[codes.Doubt, ...] = ()
    if number is None:
        faults["personal_number"] = "not_a_number"
    elif not person.number_checked:
        doubtful = codes.doubts(number, person.birth_date.year if person.birth_date else None, sex)
        if doubtful:
            faults["personal_number"] = "doubtful"
    if faults or name is None or number is None or address is None:
        raise Invalid(faults, doubts=doubtful)
    return Person(
        full_name=name,
        personal_number=number,
        birth_date=person.birth_date,
        sex=sex,
        commune=person.commune if _is_commune(person.commune) else None,
        address=address[:300],
        language="en" if person.language == "en" else "vi",
    )


def _cleaned(text: str) -> str | None:
    """The text as it is kept; None for what is no text."""
    try:
        return clean(text)
    except Refusal:
        return None


def _is_commune(unit_id: str | None) -> bool:
    return any(unit.id == unit_id and unit.is_commune for unit in law.places().units)


def _put(account: Account, person: Person) -> None:
    account.full_name, account.personal_number = person.full_name, person.personal_number
    account.birth_date, account.sex = person.birth_date, person.sex
    account.commune, account.address, account.language = person.commune, person.address, person.language


def _require_good(password: str, about: Sequence[str]) -> None:
    if (fault := passwords.fault(password, about)) is not None:
        raise Invalid({"password": fault})


def set_password(session: Session, account: Account, password: str, at: datetime) -> None:
    """Give an account another password, and tell its owner; all its sessions end. Raises Invalid (`password`)."""
    about = [account.full_name, account.email, account.phone, account.username, account.personal_number]
    _require_good(password, [text for text in about if text] + [_digits(account.birth_date)])
    account.password_hash = identity.hash_password(passwords.normal(password))
    account.session_epoch += 1
    if (recipient := notices.of_account(account)) is not None:
        _tell(session, NoticeKind.PASSWORD_CHANGED, recipient, at)


def _digits(day: date | None) -> str:
    return f"{day:%d%m%Y}" if day else ""


def _number_is_free(session: Session, number: str, account: Account | None) -> bool:
    """Whether a personal number can be this account's; a wish that was never confirmed gives way."""
    other = store.by_personal_number(session, number)
    if other is None or (account is not None and other.id == account.id):
        return True
    if other.confirmed_at is not None:
        return False
    other.personal_number = None
    session.flush()
    return True


def _own(session: Session, account_id: int) -> Account:
    account = store.by_id(session, account_id, lock=True)
    if account is None or not account.active:
        raise NotFound(account=account_id)
    return account


def _find(session: Session, identifier: str, *, lock: bool = False) -> Account | None:
    found = read_identifier(identifier)
    return store.by_contact(session, *found, lock=lock) if found is not None else None


def _count(key: str, at: datetime) -> None:
    """Count one guess, in a transaction of its own: it stays counted whatever comes of it. Raises Locked."""
    with transaction() as session:
        until = store.count_try(session, key, at, allowed=GUESSES, lock_for=LOCK, forget_after=_FORGET)
    if until is not None:
        raise Locked(until)


def _may_send(session: Session, contact: str, at: datetime) -> bool:
    """Whether a stranger may have one more message sent there now."""
    key = identity.digest("message", contact)
    return store.count_try(session, key, at, allowed=MESSAGES, lock_for=HOUR, forget_after=_FORGET) is None


def _sign_in_key(identifier: str) -> str:
    return identity.digest("sign-in", identifier.strip().lower())


def _seal(account: Account) -> str:
    """What a link is bound to: it is good no more once the password has changed, or the account is confirmed."""
    parts = (account.password_hash or "", str(account.session_epoch), str(account.confirmed_at is None))
    return identity.digest(*parts)[:24]


def _confirming(account: Account, contact: str) -> list[str]:
    return [_seal(account), contact]


def _send_code(session: Session, account: Account, contact: str, settings: Settings, at: datetime) -> None:
    secret = identity.code(settings.secret_key, "confirm", _confirming(account, contact), at)
    kind, _ = _read_reachable(contact)
    recipient = _stranger(kind, contact, account.language)
    link = ""
    if recipient.channel is Channel.EMAIL:
        token = identity.sign(settings.secret_key, "confirm", [account.id, _seal(account)], at)
        link = f"{settings.base_url}/tai-khoan/xac-nhan/{token}"
    _tell(session, NoticeKind.ACCOUNT_CONFIRMATION, recipient, at, link, secret=secret, minutes=_code_minutes())


def _code_minutes() -> str:
    return str(int(identity.CODE_LIFE.total_seconds() // 60))


def _sign_in_url(settings: Settings) -> str:
    return f"{settings.base_url}/dang-nhap"


def _stranger(kind: Contact, value: str, language: str) -> Recipient:
    """Whoever is behind a contact; not called by name, for the name is what somebody else typed."""
    return Recipient(value, Channel.EMAIL if kind is Contact.EMAIL else Channel.SMS, "", language)


def _tell(
    session: Session, kind: NoticeKind, recipient: Recipient, at: datetime, link: str = "", **values: str
) -> None:
    notices.write(session, kind, recipient, at, {"link": link, **values})


def _once_more(write: Callable[[Session], T]) -> T:
    """Do it in one transaction; if somebody else took the same contact or number in that moment, look again."""
    try:
        with transaction() as session:
            return write(session)
    except IntegrityError:
        with transaction() as session:
            return write(session)
