"""Sends messages to people: by SMTP where it is set up; where it is not, they are read on the outbox page alone.

The row that holds a message is kept by the caller and is what the outbox page shows, sent or not. A message may reach a
server twice, when a worker dies between sending and writing that down; its Message-ID is then the same both times.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import parse_qs, quote, unquote, urlsplit

from portal.domain.errors import PortalError

ORGANISATION = "Một Cửa"


class Channel(StrEnum):
    """The way a message goes."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `to` is an e-mail address or a phone number; `key` is the same when the same message is sent again,
    and never that of another message.
    """

    to: str
    channel: Channel
    subject: str
    body: str
    key: str


class TemporaryFailure(PortalError):
    """It could not be sent now and should be tried again: nobody answered, or our own set-up is at fault."""

    status, code = 503, "message_not_sent_yet"


class PermanentFailure(PortalError):
    """It will never be sent: the address is wrong or was refused."""

    status, code = 422, "message_refused"


class Messages(Protocol):
    """What carries messages; an HTTP gateway for SMS joins here as another class."""

    def carries(self, channel: Channel) -> bool:
        """Whether a message by this channel leaves the house; if not, the outbox page is all there is of it."""

    def send(self, message: Message) -> None:
        """Hand the message over, if its channel is carried. Raises TemporaryFailure, PermanentFailure."""


class OutboxMessages:
    """The embedded default: nothing leaves."""

    def carries(self, channel: Channel) -> bool:
        """Never."""
        return False

    def send(self, message: Message) -> None:
        """The caller's row is on the outbox page already."""


class Tls(StrEnum):
    """How the line to the mail server is kept secret."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True, slots=True)
class SmtpMessages:
    """Sends e-mail by a mail server, one connection a message; SMS stay on the outbox page."""

    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 20.0

    def __post_init__(self) -> None:
        """Raises ValueError for a password that would travel in clear, and for a sender that is no address."""
        _address(self.sender)
        if self.user and self.tls is Tls.NONE:
            raise ValueError("MAIL_URL: a password is only sent over TLS; take out the user or tls=none")

    def carries(self, channel: Channel) -> bool:
        """E-mail alone."""
        return channel is Channel.EMAIL

    def send(self, message: Message) -> None:
        """Plain text in UTF-8, to one recipient."""
        if not self.carries(message.channel):
            return
        mail = self._mail(message)
        try:
            server = self._connect()
            try:
                server.send_message(mail)
            finally:
                # The message is handed over or refused by now; how the server says goodbye changes neither.
                with contextlib.suppress(OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as fault:
            raise _failure(min(code for code, _ in fault.recipients.values())) from fault
        except smtplib.SMTPDataError as fault:
            raise _failure(fault.smtp_code) from fault
        except OSError as fault:
            # No answer, no TLS, log-in or sender refused: not the message's fault, so it waits until that is mended.
            raise TemporaryFailure(fault=type(fault).__name__) from fault

    def _connect(self) -> smtplib.SMTP:
        # The name we greet with is given, as finding this machine's own would ask the network.
        domain = self.sender.rpartition("@")[2]
        secret = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, domain, timeout=self.timeout, context=secret)
            if self.tls is Tls.IMPLICIT
            else smtplib.SMTP(self.host, self.port, domain, timeout=self.timeout)
        )
        try:
            if self.tls is Tls.STARTTLS:
                server.starttls(context=secret)
            if self.user:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        """Raises PermanentFailure for an address or a subject that no mail can have."""
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = Address(ORGANISATION, addr_spec=self.sender)
            mail["To"] = _address(message.to)
            mail["Subject"] = message.subject
            mail.set_content(message.body)
        except (ValueError, MessageError) as fault:
            raise PermanentFailure(fault=type(fault).__name__) from fault
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{quote(message.key)}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered to us
        return mail


def open_messages(mail_url: str, mail_from: str) -> Messages:
    """The carrier that the settings name: none is the outbox, `smtp://user:password@host:port?tls=…` a mail server.

    `tls` is `starttls` (default, port 587), `implicit` (port 465, also `smtps://`) or `none` (port 25, without a
    password); characters such as @ in the password are written %40. Raises ValueError for anything else.
    """
    if not mail_url:
        return OutboxMessages()
    parts = urlsplit(mail_url)
    options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or options.keys() - {"tls", "timeout"}:
        raise ValueError("MAIL_URL: write smtp://user:password@host:port?tls=starttls, implicit or none")
    default = Tls.IMPLICIT if parts.scheme == "smtps" else Tls.STARTTLS
    tls = Tls(options.get("tls", [default])[-1])
    return SmtpMessages(
        host=parts.hostname,
        port=parts.port or _PORTS[tls],
        sender=mail_from,
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        timeout=float(options.get("timeout", ["20"])[-1]),
    )


def _address(written: str) -> Address:
    """One address, never a list of them. Raises ValueError."""
    if not _ADDRESS.fullmatch(written):
        raise ValueError("no e-mail address")
    return Address(addr_spec=written)


def _failure(reply: int) -> PortalError:
    """What a mail server's reply about this one message means: 5xx for good, else not now."""
    return PermanentFailure(reply=reply) if reply >= 500 else TemporaryFailure(reply=reply)
