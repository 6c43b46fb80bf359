"""Every version of every procedure is drawn, filled in from its examples, broken, handed in, decided and printed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain import forms, rehearsal
from portal.domain.access import Role
from portal.domain.flow import Action, Status
from portal.domain.kinds import Context
from portal.domain.slips import SlipKind, from_json
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import law, letters
from portal.web import citizen, desk, filling, papers
from procedures.calendars import OFFICE_TIME
from procedures.catalogue import load_catalogue
from procedures.model import Channel, Example, Field, Kind, Procedure
from tests import sample_files
from tests.cases import act, kept, person, submit
from tests.people import signed_in
from workers import pdf

VERSIONS = {f"{p.sector}/{p.slug}/{p.version}": (p.code, p.version) for p in load_catalogue()}
PHOTO = sample_files.photo(60)
every_version = pytest.mark.parametrize("name", VERSIONS)
#: The same on both databases; the life of a dossier is told on both elsewhere.
on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def version(name: str) -> Procedure:
    return load_catalogue().version(*VERSIONS[name])


def complete(procedure: Procedure) -> list[Example]:
    return [example for example in procedure.examples if example.expect.outcome == "complete"]


def moment_of(example: Example) -> datetime:
    at = example.received_at
    return at if at.tzinfo else at.replace(tzinfo=OFFICE_TIME)


def answered(procedure: Procedure, example: Example) -> tuple[dict[str, Any], Context]:
    """The answers of an example, as its person has typed them page by page."""
    context = Context(moment_of(example).date(), law.places(), example.channel)
    return rehearsal.fill_in(procedure, rehearsal.typed_answers(procedure, example), context), context


# --- the form ---


def without(answers: dict[str, Any], field: Field) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers with one required input left empty, and where its absence must be told, for each such input."""
    if field.required:
        yield field.key, {key: value for key, value in answers.items() if key != field.key}
    kept_rows = answers.get(field.key)
    for column in field.columns:
        if not column.required or column.computed:
            continue
        if isinstance(kept_rows, dict) and column.key in kept_rows:
            rest = {key: value for key, value in kept_rows.items() if key != column.key}
            yield f"{field.key}-{column.key}", answers | {field.key: rest}
        if isinstance(kept_rows, list) and column.key in kept_rows[0]:
            first = {key: value for key, value in kept_rows[0].items() if key != column.key}
            yield f"{field.key}-0-{column.key}", answers | {field.key: [first, *kept_rows[1:]]}


@every_version
def test_each_required_answer_is_missed_where_it_is_left_out(name: str) -> None:
    procedure = version(name)
    for example in complete(procedure):
        answers, context = answered(procedure, example)
        for page in forms.pages(procedure, answers, context):
            for field in page.fields:
                if field.computed:
                    continue
                for input_name, fewer in without(answers, field):
                    told = {problem.name for problem in forms.check_all(procedure, fewer, context).problems}
                    assert any(each == input_name or each.startswith(f"{input_name}-") for each in told), input_name


@every_version
def test_each_check_is_broken_by_an_example(name: str) -> None:
    procedure = version(name)
    broken = set()
    for example in procedure.examples:
        answers, context = answered(procedure, example)
        verdict = forms.check_all(procedure, answers, context)
        broken |= {problem.key for problem in (*verdict.problems, *verdict.warnings)}
    assert {check.key for check in procedure.checks} - broken == set()


@every_version
def test_each_required_paper_is_missed_where_it_is_not_handed_in(name: str) -> None:
    procedure = version(name)
    for example in complete(procedure):
        answers, context = answered(procedure, example)
        for component in forms.required_components(procedure, answers, context):
            told = {problem.key for problem in forms.check_all(procedure, answers, context, {}).problems}
            assert component.key in told


# --- its life ---


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the time that the pages know."""

    def turn(at: datetime) -> None:
        for room in (filling, desk, citizen, papers):
            monkeypatch.setattr(room, "now", lambda: at)

    return turn


def played(procedure: Procedure) -> Example:
    """The example to play: a complete one, handed in online where the procedure is."""
    return min(complete(procedure), key=lambda example: example.channel != Channel.ONLINE)


def browser(app: Flask, example: Example) -> FlaskClient:
    """The browser of whoever hands this example in."""
    known = person(Role.CITIZEN if example.channel == Channel.ONLINE else Role.ONE_STOP_OFFICER, example.unit)
    with reading() as session:
        account = session.get_one(Account, known.account_id)
    return signed_in(app, account)


def begin(client: FlaskClient, procedure: Procedure, example: Example) -> str:
    """A new draft; gives the address of its pages."""
    answer = client.post(f"/khai/bat-dau/{procedure.code}", data={"another": "1", "channel": example.channel.value})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def fill(client: FlaskClient, address: str, procedure: Procedure, example: Example) -> None:
    """Go through the pages as they are asked, and answer each as the example does."""
    typed = rehearsal.typed_answers(procedure, example)
    answers, context = answered(procedure, example)
    for page in forms.pages(procedure, answers, context):
        # The declaration is made where the dossier is handed in.
        if any(field.kind is Kind.DECLARATION for field in page.fields):
            continue
        at = f"{address}/trang/{page.section.key}"
        drawn = client.get(at)
        assert drawn.status_code == 200
        assert html.escape(page.section.title.vi, quote=False) in html.unescape(drawn.text)
        sent = rehearsal.posted(page.section, typed) | {"warned": ["1"]}
        answers_to = [client.post(at, data=sent)]
        # A page that an answer has made longer comes once more.
        while answers_to[-1].status_code == 200 and len(answers_to) < 3:
            answers_to.append(client.post(at, data=sent))
        assert answers_to[-1].status_code == 303, told(answers_to[-1])


def told(answer: Any) -> list[str]:
    """What a page that was refused complains about."""
    return re.findall(r'class="(?:field-)?error[^"]*"[^>]*>([^<]*)', answer.text)


def hand_in_papers(client: FlaskClient, address: str, procedure: Procedure, example: Example) -> None:
    wanted = rehearsal.components(procedure, example)
    if example.channel == Channel.ONLINE:
        for component in wanted:
            data = {"component": component, f"files-{component}": (BytesIO(PHOTO), "anh.jpg")}
            assert client.post(f"{address}/giay-to", data=data, content_type="multipart/form-data").status_code == 303
        return
    counts = {f"paper-{key}-{procedure.component(key).kinds[0].value}": "1" for key in wanted}
    assert client.post(f"{address}/giay-to", data=counts).status_code == 303


@every_version
@on_one_database
def test_it_is_filled_in_received_decided_and_all_its_papers_are_made(
    name: str, app: Flask, clock: Callable[[datetime], None]
) -> None:
    procedure = version(name)
    example = played(procedure)
    at = moment_of(example)
    clock(at)
    client = browser(app, example)
    address = begin(client, procedure, example)
    fill(client, address, procedure, example)
    hand_in_papers(client, address, procedure, example)
    assert client.get(f"{address}/noi-nop").status_code in (200, 303)
    client.post(f"{address}/noi-nop", data={"unit": example.unit})
    review = client.get(f"{address}/xem-lai")
    assert review.status_code == 200
    handed_in = client.post(f"{address}/nop", data={"declaration": "yes", "term_case": example.term_case or ""})
    assert handed_in.status_code == 303, told(handed_in)
    registration = urlsplit(handed_in.location).path.rsplit("/", 1)[1]
    decide(registration, example, Action.APPROVE)
    dossier = kept(registration)
    assert dossier.version == procedure.version
    assert dossier.status == Status.HANDED_OVER
    assert dossier.fee == example.expect.fee
    if example.expect.due_on:
        assert dossier.due_changes[0].new_due_at.astimezone(OFFICE_TIME).date() == example.expect.due_on
    first = {SlipKind.ACKNOWLEDGEMENT} if example.channel == Channel.ONLINE else set()
    last = {SlipKind.LETTER} if letters.offered(dossier) else set()
    always = {SlipKind.RECEIPT, SlipKind.RESULT, SlipKind.HAND_OVER_RECEIPT}
    assert {SlipKind(slip.kind) for slip in dossier.slips} == first | always | last
    made_well(registration, printed=law.catalogue().versions(procedure.code)[-1].version == procedure.version)


@every_version
@on_one_database
def test_it_is_asked_for_more_declined_and_refused_on_papers_of_their_own(name: str, database: object) -> None:
    procedure = version(name)
    example = played(procedure)
    at = moment_of(example)

    def again() -> str:
        return submit(procedure.code, at, example.unit, channel=example.channel.value, example=example)

    asked = again()
    item = {"key": "a", "component": procedure.components[0].key, "words": "Thiếu trang cuối"}
    act(
        Role.ONE_STOP_OFFICER, asked, Action.ASK_SUPPLEMENT, at, example.unit,
        reason=procedure.supplements[0].code, items=[item], answer_by=at.date() + timedelta(days=20),
    )  # fmt: skip
    declined = again()
    act(Role.ONE_STOP_OFFICER, declined, Action.DECLINE, at, example.unit, reason=procedure.refusals[-1].code)
    refused = again()
    decide(refused, example, Action.REFUSE, reason=procedure.refusals[0].code)
    for registration, kind in (
        (asked, SlipKind.SUPPLEMENT_REQUEST),
        (declined, SlipKind.REFUSAL_OF_RECEPTION),
        (refused, SlipKind.RESULT_REFUSAL),
    ):
        assert kind in {SlipKind(slip.kind) for slip in kept(registration).slips}
        made_well(registration, printed=False)


def decide(registration: str, example: Example, decision: Action, **request: Any) -> None:
    """From reception to the hand-over, each step by whoever holds it."""
    at, unit = moment_of(example), example.unit
    if kept(registration).received_at is None:
        act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at, unit, term_case=example.term_case)
    if kept(registration).fee:
        amount = kept(registration).fee
        act(Role.ONE_STOP_OFFICER, registration, Action.PAY_FEE, at, unit, number=f"BL {registration}", amount=amount)
    dossier = kept(registration)
    for step in law.catalogue().version(dossier.procedure, dossier.version).route:
        if "hand_over" in step.actions:
            act(Role(step.role), registration, Action.HAND_OVER, at, unit)
        elif "approve" in step.actions:
            act(Role(step.role), registration, decision, at, unit, **request)
        elif kept(registration).step == step.key:
            onward = Action.ISSUE if "issue" in step.actions else Action.FORWARD
            act(Role(step.role), registration, onward, at, unit)


def made_well(registration: str, *, printed: bool) -> None:
    """Every paper of a dossier says whose it is, and is a PDF where it is printed."""
    dossier = kept(registration)
    for slip in dossier.slips:
        if printed:
            assert pdf.render(from_json(slip.payload)).startswith(b"%PDF")
        page = html.unescape(pdf.html_for(from_json(slip.payload)))
        # A letter greets whom it is about, who need not be the one who applies.
        whose = slip.payload["name"] if slip.kind == SlipKind.LETTER else dossier.applicant_name
        assert whose in page or whose.upper() in page
