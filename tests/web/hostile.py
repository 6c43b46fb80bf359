"""A hostile visitor: everything of a small town to try things on, and what is tried in place of an honest value."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.domain.access import DESK, Actor, Role
from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.services import identity
from portal.services.files import open_files
from portal.settings import Settings
from portal.store.database import reading, transaction
from portal.store.help_models import Helping
from portal.store.models import Dossier, Draft, Slip
from portal.store.register_models import RegisterBook
from portal.usecases import absences, authoring, balancing, blanks, claims, drafts, helping, saved_views, scans
from portal.usecases.absences import Wish
from tests import cases, sample_files
from tests.cases import BIRTH, HOUSE, LAND, RESIDENCE
from tests.people import signed_in

ROLES: Final = [role for role in Role if role is not Role.SYSTEM]
#: It must never stand in a page as it is, only escaped.
SCRIPT: Final = "<script>hostile()</script>"
TAG: Final = '"><img src=x onerror=hostile()>'

#: What stands in an address in place of an honest value, percent-encoded.
ODD: Final[dict[str, bytes]] = {
    "a NUL": b"a\0b",
    "control characters": b"a\x01\x08\x1b\x7fb",
    "a line break": b"a\r\nSet-Cookie: hostile=1",
    "half a letter": b"\xed\xa0\x80",
    "no UTF-8": b"\xff\xfe\xc3(",
    "a slash written too long": b"\xc0\xaf",
    "letters that turn the line": "\u202efdp.exe\u2066\uffff".encode(),
    "10,000 letters": b"x" * 10_000,
    "a number of 65 bits": b"18446744073709551616",
    "one more than a database takes": b"9223372036854775808",
    "a number of 5,000 digits": b"9" * 5_000,
    "less than nothing": b"-1",
    "no number": b"NaN",
    "SQL": b"' OR 1=1; DROP TABLE dossiers; --",
    "a way up": b"../../../etc/passwd",
    "a template": b"{{7*7}}%(x)s%s{0}${7*7}",
    "HTML": f"{TAG}{SCRIPT}".encode(),
    "a registration nobody has": b"DK-2222-2222-2222",
}


def now() -> datetime:
    """This instant, as the portal has it."""
    return datetime.now(UTC)


@dataclass
class Town:
    """Bảo Yên with a dossier in every condition, all of one applicant, and somebody of every role."""

    app: Flask
    settings: Settings
    registrations: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    at_the_counter: str = ""
    ends_help: str = ""
    law_drafts: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    def browser(self, role: Role | None) -> FlaskClient:
        """A new browser: of the applicant, of somebody who works here, or of nobody."""
        if role is None:
            return self.app.test_client()
        person = cases.person(role)
        with reading() as session:
            account = session.get_one(cases.Account, person.account_id)
        return signed_in(self.app, account)

    def starts(self, role: Role | None) -> list[str]:
        """Where somebody begins to look around."""
        pages = [f"/ban-lam-viec/{number}" for number in self.registrations.values()] if role in DESK else []
        if role is Role.ONE_STOP_OFFICER:
            pages.append(f"/ban-lam-viec/{self.registrations['received']}/dinh-chinh?phan=applicant&phan=giay-to")
            pages.append(f"/ban-lam-viec/{self.registrations['walked in']}/dinh-chinh-tiep-nhan?clock=00:00")
            pages += [f"/ban-lam-viec/{self.registrations['stopped']}/ho-so-moi", "/giay-in-san"]
            pages.append(f"/ban-lam-viec/hang-loat?viec=receive&ho_so={' '.join(self.registrations.values())}")
        pages += [f"/khai/{self.draft}"] if role is Role.CITIZEN else []
        pages += [f"/ban-lam-viec/quay/{self.at_the_counter}"] if role is Role.ONE_STOP_OFFICER else []
        pages += [f"/quet/{self.values['token']}", self.ends_help] if role is None else []
        pages += ["/giup-ho"] if role is Role.CITIZEN else []
        if role is Role.ADMINISTRATOR:
            parts = ("/sua/components/1", "", "/vi-du", "/sua/route", "/sua/form/0")
            pages += [f"/quan-tri/thu-tuc/soan/{number}{part}" for number in self.law_drafts for part in parts]
        return ["/", "/dang-nhap", "/quen-mat-khau", *pages]

    def path(self, rule: Rule, **odd: bytes) -> str:
        """An address of a rule with what is in town in its places, but for those given, as they are written there."""
        values = {name: quote_from_bytes(str(self.values.get(name, "x")).encode(), safe="") for name in rule.arguments}
        values |= {name: quote_from_bytes(value, safe="") for name, value in odd.items()}
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda place: values[place[1]], rule.rule)


def rewrite(author: Actor, at: datetime) -> Iterator[int]:
    """Drafts of a law: one whose examples fall due otherwise, one that begins after them."""
    for begins, changes in ((None, ("term: 5 working_day", "term: 4 working_day")), (date(2090, 1, 1), ("", ""))):
        draft = authoring.copy_version(author, RESIDENCE, date(2026, 3, 15), at, begins)
        yield authoring.save(author, draft.id, draft.revision, at, text=draft.text.replace(*changes)).id


def settle(app: Flask, settings: Settings) -> Town:
    """Make the town: dossiers new, in work, waiting for papers and for money, resolved; a draft with a file."""
    for role in ROLES:
        cases.person(role)
    town = Town(app, settings)
    at = now()
    made = town.registrations
    leader, head = cases.person(Role.LEADER), cases.person(Role.HEAD_OF_OFFICE)
    assert head.account_id is not None
    absences.enter(leader, Wish(head.account_id, office_day(at), office_day(at), leader.account_id), at)
    for name in ("new", "received", "incomplete", "with the leader"):
        made[name] = cases.submit(at=at)
    officer_id = cases.person(Role.ONE_STOP_OFFICER).account_id
    assert officer_id is not None
    balancing.give(leader, {made["new"]: officer_id}, None, at)
    made["walked in"] = cases.submit(at=at, channel="counter", entered_by_id=officer_id)
    made["residence"] = cases.submit(RESIDENCE, at)
    made["birth"] = cases.submit(BIRTH, at)
    made["land"] = cases.submit(LAND, at)
    officer = Role.ONE_STOP_OFFICER
    for name in ("received", "walked in", "incomplete", "residence", "birth", "land"):
        cases.act(officer, made[name], Action.RECEIVE, at)
    cases.to_the_leader(made["with the leader"], at)
    items = (
        {"key": "component-drawings", "component": "drawings", "words": "Thiếu mặt cắt móng."},
        {"key": "section-applicant", "section": "applicant", "words": "Sai ngày sinh."},
        {"key": "other", "words": "Xin nói rõ."},
    )
    wish: dict[str, Any] = {"reason": "missing_paper", "items": items, "answer_by": at.date() + timedelta(days=14)}
    cases.act(officer, made["incomplete"], Action.ASK_SUPPLEMENT, at, **wish)
    claims.take(cases.person(officer), made["received"], at)
    made["stopped"] = cases.submit(at=at)
    cases.act(officer, made["stopped"], Action.RECEIVE, at)
    cases.act(Role.LEADER, made["stopped"], Action.STOP, at, reason="other")
    blanks.print_batch(cases.person(officer), 2, at)
    saved_views.save(cases.person(officer), "Chưa tiếp nhận", {"xem": "cham_nhan"}, 1)
    town.draft = begin(cases.person(Role.CITIZEN))
    town.ends_help = help_somebody(cases.person(Role.CITIZEN), settings, at)
    town.at_the_counter = begin(cases.person(officer), channel="counter")
    browser = town.browser(Role.CITIZEN)
    for address in (f"/khai/{town.draft}/giay-to", f"/ho-so/{made['incomplete']}/bo-sung/component-drawings"):
        drawing = (BytesIO(sample_files.photo(60)), "ban-ve.jpg")
        data = {"component": "drawings", "files-drawings": drawing}
        if "bo-sung" in address:
            data = {"files-component-drawings": drawing}
        assert browser.post(address, data=data, content_type="multipart/form-data").status_code == 303
    town.law_drafts = tuple(rewrite(cases.person(Role.ADMINISTRATOR), at))
    stored = open_files(settings.files_url).put_bytes(sample_files.plain_pdf())
    with transaction() as session:
        for slip in session.scalars(select(Slip)):
            slip.sha256, slip.size, slip.rendered_at = stored.sha256, stored.size, at
    with reading() as session:
        draft = session.scalars(select(Draft).where(Draft.key == town.draft)).one()
        incomplete = session.scalars(select(Dossier).where(Dossier.registration == made["incomplete"])).one()
        town.values = {
            "registration": made["incomplete"],
            "key": draft.key,
            "token": scans.invite(cases.person(officer), scans.Of.DRAFT, town.at_the_counter, settings, at),
            "code": HOUSE,
            "section": "applicant",
            "number": town.law_drafts[0],
            "where": "route",
            "version": "2026-03-15",
            "index": 0,
            "item": "other",
            "action": "keep",
            "sector": "construction",
            "what": "received",
            "attachment_id": incomplete.attachments[0].id,
            "slip_id": incomplete.slips[0].id,
            "view_id": saved_views.of(cases.person(officer))[0].id,
            "book_id": session.scalars(select(RegisterBook.id)).first(),
            "filename": "css/portal.css",
        }
    return town


def help_somebody(helper: Actor, settings: Settings, at: datetime) -> str:
    """Ask two people for consent, one of whom agrees; gives the address at which that one ends it."""
    helping.ask(helper, "Lò Văn Inh", "0912345671", settings, at)
    agreed = helping.ask(helper, "Lò Văn Ánh", "0912345672", settings, at)
    with transaction() as session:
        session.get_one(Helping, agreed.id).agreed_at = at
    return f"/giup-ho/ket-thuc/{identity.sign_for_good(settings.secret_key, 'helping', [agreed.id])}"


def begin(who: Actor, code: str = HOUSE, channel: str = "online") -> str:
    """A new draft; gives its key."""
    return drafts.start(who, code, now(), channel).key


def ask(client: FlaskClient, path: str, query: bytes = b"", method: str = "GET", **more: Any) -> TestResponse:
    """Send a request to an address exactly as it is written, percent signs and all."""
    raw = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query.decode("latin-1")}
    return client.open("/", method=method, environ_overrides=raw, **more)


def fault(answer: TestResponse) -> str:
    """What is wrong with an answer to something hostile; empty if nothing is."""
    status, body = answer.status_code, answer.get_data()
    kind = answer.mimetype
    if status >= 500 or status in (301, 307) or status < 200:
        return f"status {status}"
    if (place := answer.headers.get("Location")) is not None and not _stays_here(place):
        return f"leads to {place!r}"
    if "hostile" in str(answer.headers.getlist("Set-Cookie")):
        return "sets a cookie it was told to"
    if kind in ("text/html", "application/json") and any(
        raw in body for raw in (b"<script>hostile", b"<img src=x", b"Traceback", b"sqlalchemy", b"psycopg")
    ):
        return "shows what it should not"
    if status >= 400 and kind == "text/html" and not (b"<h1" in body and b"</html>" in body):
        return f"status {status} without a page that says why"
    return ""


def _stays_here(place: str) -> bool:
    parts = urlsplit(place)
    return place.startswith("/") and not place.startswith("//") and not parts.netloc and "\n" not in place


# --- forms, as a program finds them on a page ---


@dataclass
class FoundForm:
    """A form of a page that is sent by POST: where to, and its inputs with what stands in them."""

    action: str
    files: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    def filled(self, text: str, *, everything: bool) -> dict[str, list[str]]:
        """What is sent when `text` is typed wherever one may type, or instead of everything."""
        return {
            name: [text] if everything or name in self.free else values
            for name, values in self.fields.items()
            if name != "csrf_token"
        }


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, list[FoundForm]()
        self._open: FoundForm | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag == "form" and said.get("method", "").lower() == "post":
            self._open = FoundForm(said.get("action") or self.address, "multipart" in said.get("enctype", ""))
            self.found.append(self._open)
        if self._open is None:
            return
        if tag in ("input", "button") and name and kind != "file":
            chosen = kind not in ("radio", "checkbox", "submit") and tag == "input"
            kept = self._open.fields.setdefault(name, [])
            if chosen or not kept:
                kept[:] = [said.get("value", "")]
            if chosen and kind != "hidden":
                self._open.free.add(name)
        elif tag == "textarea" and name:
            self._open.fields[name] = [""]
            self._open.free.add(name)
        elif tag == "select" and name:
            self._select = name
            self._open.fields[name] = [""]
        elif tag == "option" and self._select and said.get("value"):
            self._open.fields[self._select] = [said["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def forms_of(answer: TestResponse, address: str) -> list[FoundForm]:
    """The forms of a page that are sent by POST."""
    reader = _Forms(address)
    reader.feed(answer.text)
    return reader.found


def links_of(answer: TestResponse) -> set[str]:
    """The addresses of this portal that a page leads to."""
    found = {html.unescape(place) for place in re.findall(r'(?:href|src|data)="(/[^"#]*)', answer.text)}
    return {place for place in found if not place.startswith(("/static", "/fonts")) and "lang=" not in place}


def crawl(client: FlaskClient, starts: Iterable[str], most: int) -> Iterator[tuple[str, TestResponse]]:
    """The pages that can be come to from these by links, at most so many of each kind."""
    waiting, seen, kinds = list(starts), set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = endpoint(client.application, address)
        if address in seen or kinds[kind] >= most:
            continue
        seen.add(address)
        kinds[kind] += 1
        answer = client.get(address)
        yield address, answer
        if answer.mimetype == "text/html" and answer.status_code == 200:
            waiting.extend(sorted(links_of(answer) - seen))
        elif (place := answer.headers.get("Location")) is not None:
            waiting.append(place)


def endpoint(app: Flask, address: str, method: str = "GET") -> str:
    """Which view answers at an address; empty if none does."""
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(address).path, method=method)[0])
    except HTTPException:
        return ""


def query(**values: bytes) -> bytes:
    """The end of an address, with bytes as they are."""
    return urlencode(
        values, quote_via=lambda value, *_: quote_from_bytes(value) if isinstance(value, bytes) else value
    ).encode()
