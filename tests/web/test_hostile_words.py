"""Markup and formulas typed into every field of every procedure stay words: on pages and papers, and in exports."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final

import pypdfium2
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.commands import export
from portal.domain import kinds
from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.kinds import Context, Refusal
from portal.domain.rehearsal import posted, typed_answers
from portal.services.files import open_files
from portal.settings import Settings
from portal.store.database import reading, transaction
from portal.store.models import Account, Dossier, Event, Notice, Slip
from portal.usecases import law
from portal.web.limits import limiter
from procedures.model import Example, Field, Kind, Procedure, Section
from tests import cases, sample_files
from tests.people import signed_in
from tests.web.hostile import ROLES, SCRIPT, TAG, crawl, fault, now

FREE: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.ADDRESS})
FORMULA: Final = '=HYPERLINK("http://hostile.example";1)'
#: Browsers write the quotation mark in the name of a file as %22.
NAME: Final = "<img src=x onerror=hostile()>'<script>hostile()<script>.jpg"
WORDS: Final = f"{SCRIPT} {TAG} {FORMULA}"


@pytest.fixture
def database_kind() -> str:
    """How words are shown does not depend on the database."""
    return "sqlite"


@pytest.fixture
def mai(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An applicant whose name and address are markup, signed in."""
    monkeypatch.setattr(limiter, "enabled", False)
    who = cases.person(Role.CITIZEN)
    with transaction() as session:
        account = session.get_one(Account, who.account_id)
        account.full_name, account.address, account.email = SCRIPT, WORDS, "mai@example.com"
        account.personal_number, account.birth_date, account.sex = "010188001234", date(1988, 3, 12), "female"
    return signed_in(app, account)


def codes() -> list[str]:
    """Procedures handed in online that together ask questions of every kind and print results of every paper."""
    offered = {code: law.catalogue().in_force(code, law.office_day(now())) for code in law.catalogue().codes}
    asks = {code: features(procedure) for code, procedure in offered.items() if example_of(procedure)}
    chosen: list[str] = []
    missing = set().union(*asks.values())
    while missing:
        chosen.append(max(asks, key=lambda code: len(asks[code] & missing)))
        missing -= asks[chosen[-1]]
    return chosen


def example_of(procedure: Procedure) -> Example | None:
    """A complete example handed in at Bảo Yên of a procedure that is handed in online."""
    complete = (each for each in procedure.examples if each.expect.outcome == "complete" and each.unit == "bao-yen")
    return next(complete, None) if "online" in procedure.channels else None


def features(procedure: Procedure) -> set[str]:
    questions = [field for _section, field in procedure.walk()]
    questions += [column for field in questions for column in field.columns]
    return {field.kind.value for field in questions} | {procedure.result.template.value, procedure.sector.value}


def context(channel: str = "online") -> Context:
    return Context(law.office_day(now()), law.places(), channel)


def inputs(section: Section, sent: dict[str, list[str]]) -> Iterator[tuple[str, Field]]:
    """Every input of a page that was filled in, with its question."""
    for asked in section.fields:
        if not asked.columns:
            yield asked.key, asked
            continue
        for name in sent:
            found = re.fullmatch(rf"{asked.key}-(?:\d+-)?(\w+)", name)
            if found is not None:
                yield name, next(column for column in asked.columns if column.key == found[1])


def hostile(section: Section, honest: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is sent from a page with markup wherever words may stand, as far as the question takes them."""
    sent = dict(honest)
    for name, asked in inputs(section, honest):
        for text in (WORDS, SCRIPT) if asked.kind in FREE else ():
            try:
                kinds.read(asked, [text], context())
            except Refusal:
                continue
            sent[name] = [text]
            break
    return sent


def safe(answer: TestResponse) -> TestResponse:
    assert fault(answer) == "", f"{answer.request.path}: {fault(answer)}"
    return answer


def upload(client: FlaskClient, address: str, component: str, field: str) -> None:
    data: dict[str, Any] = {"component": component, field: (BytesIO(sample_files.photo(60)), NAME)}
    assert safe(client.post(address, data=data, content_type="multipart/form-data")).status_code == 303


def hand_in(client: FlaskClient, procedure: Procedure) -> str:
    """Fill in a draft with markup and submit it; gives its registration number."""
    example = example_of(procedure)
    assert example
    key = client.post(f"/khai/bat-dau/{procedure.code}", data={"another": "1"}).location.rsplit("/", 1)[1]
    typed = typed_answers(procedure, example)
    for section in procedure.form:
        honest = posted(section, typed)
        address = f"/khai/{key}/trang/{section.key}"
        everywhere = {name: [WORDS] for name, _ in inputs(section, honest)} | {"lạ <b>": [WORDS]}
        blank = dict.fromkeys(everywhere, "")
        safe(client.post(address, data=everywhere))
        safe(client.get(address))
        safe(client.get(f"/khai/{key}/xem-lai"))
        safe(client.post(address, data={**blank, **hostile(section, honest), "warned": "1"}))
    for component in example.components or [c.key for c in procedure.components if c.required is True]:
        upload(client, f"/khai/{key}/giay-to", component, f"files-{component}")
    safe(client.post(f"/khai/{key}/noi-nop", data={"unit": "bao-yen"}))
    review = safe(client.get(f"/khai/{key}/xem-lai")).text
    declared = next(field.key for _s, field in procedure.walk() if field.kind is Kind.DECLARATION)
    answer = client.post(f"/khai/{key}/nop", data={declared: "yes"})
    problems = html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.text))
    assert answer.status_code == 303, problems[:3000]
    assert html.escape(SCRIPT) in review.replace("&#34;", "&quot;")
    return answer.location.split("?")[0].rsplit("/", 1)[1]


def history(client: FlaskClient, registration: str, procedure: Procedure) -> None:
    """What officers and the applicant write to each other about it, until it is to be withdrawn."""
    officer = Role.ONE_STOP_OFFICER
    cases.act(officer, registration, Action.RECEIVE, now(), words=WORDS)
    component = procedure.components[0].key
    items = (
        {"key": f"component-{component}", "component": component, "words": WORDS},
        {"key": "other", "words": WORDS},
    )
    reason = procedure.supplements[0].code
    wish: dict[str, Any] = {"reason": reason, "items": items, "answer_by": law.office_day(now()) + timedelta(days=14)}
    cases.act(officer, registration, Action.ASK_SUPPLEMENT, now(), words=WORDS, **wish)
    address = f"/ho-so/{registration}/bo-sung"
    safe(client.get(address))
    upload(client, f"{address}/component-{component}", component, f"files-component-{component}")
    assert safe(client.post(f"{address}/other", data={"words": WORDS})).status_code == 303
    safe(client.get(address))
    assert safe(client.post(address)).status_code == 303
    cases.act(officer, registration, Action.FORWARD, now(), words=WORDS)
    cases.act(Role.CITIZEN, registration, Action.REQUEST_WITHDRAWAL, now(), words=WORDS)


@pytest.mark.parametrize("code", codes())
def test_markup_in_every_field_of_a_procedure_stays_words_everywhere(
    app: Flask, settings: Settings, mai: FlaskClient, work: Callable[[], None], code: str
) -> None:
    procedure = law.catalogue().in_force(code, law.office_day(now()))
    registration = hand_in(mai, procedure)
    history(mai, registration, procedure)
    declined = hand_in(mai, procedure)
    cases.act(
        Role.ONE_STOP_OFFICER, declined, Action.DECLINE, now(), words=WORDS, reason=procedure.refusals[0].code
    )  # fmt: skip
    work()
    assert_pages(app, registration)
    assert_papers(settings, procedure)
    assert_messages()
    assert_exports(app)


def assert_pages(app: Flask, registration: str) -> None:
    """Whoever may look at it reads the words, and nothing of them is markup."""
    seen = set()
    for role in (None, *ROLES):
        with reading() as session:
            account = session.get(Account, cases.person(role).account_id) if role else None
        client = signed_in(app, account) if account else app.test_client()
        starts = ["/", f"/ban-lam-viec/{registration}", f"/ho-so/{registration}", f"/tra-cuu/{registration}"]
        for address, page in crawl(client, [*starts, "/?lang=en"], most=2):
            safe(page)
            if page.mimetype == "text/html" and "&lt;script&gt;hostile" in page.text:
                seen.add((role, address.split("?")[0].replace(registration, "-")))
    assert {(Role.CITIZEN, "/ho-so/-"), (Role.ONE_STOP_OFFICER, "/ban-lam-viec/-")} <= seen
    assert not any(role in (None, Role.MANAGER) for role, _address in seen)


def assert_papers(settings: Settings, procedure: Procedure) -> None:
    """On paper the words stand as they were typed."""
    said = {}
    files = open_files(settings.files_url)
    with reading() as session:
        slips = list(session.scalars(select(Slip)))
    for slip in slips:
        assert slip.sha256 is not None, f"{slip.kind} was not rendered"
        with files.open(slip.sha256) as file, pypdfium2.PdfDocument(file.read()) as document:
            text = "".join(page.get_textpage().get_text_range() for page in document)
        said[slip.kind] = re.sub(r"\s+|\ufffe|\u00ad", "", text)
    assert {"acknowledgement", "receipt", "supplement_request", "refusal_of_reception"} <= set(said)
    for kind in ("supplement_request", "refusal_of_reception"):
        assert "<script>hostile()</script>" in said[kind], said[kind]


def assert_messages() -> None:
    """Messages are plain text of one subject line, and what is in them leads nowhere."""
    with reading() as session:
        notices = list(session.scalars(select(Notice)))
    assert notices
    assert all("\n" not in notice.subject and "\r" not in notice.subject for notice in notices)


def assert_exports(app: Flask) -> None:
    """Nothing anybody typed leaves by an export, and no cell of the workbook is a formula."""
    for what in ("dossiers", "events"):
        told = CliRunner().invoke(export.command, [what]).output
        assert told
        assert "hostile" not in told
        assert all(json.loads(line) for line in told.splitlines())
    with reading() as session:
        assert session.scalars(select(Event)).first()
        assert session.scalars(select(Dossier)).first()
        manager = session.get_one(Account, cases.person(Role.MANAGER).account_id)
    book = signed_in(app, manager).get("/thong-ke/thong-ke.xlsx").data
    with zipfile.ZipFile(BytesIO(book)) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"hostile" not in parts.read(name)
