"""Reading somebody's dossier is written down once in half an hour and told; what is sensitive is hidden until then."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.access import DESK, RIGHTS, Right, Role
from portal.domain.flow import Action
from portal.domain.readings import TURN
from portal.services.files import open_files
from portal.settings import Settings
from portal.store.database import reading, transaction
from portal.store.desk_models import Reading
from portal.store.models import Account, Dossier, Slip
from portal.web import desk, papers, readings
from tests.cases import BIRTH, act, kept, person, submit
from tests.people import account_of, signed_in
from tests.sample_files import plain_pdf

R = Role
#: Twenty minutes past an hour: ten minutes are left of the half hour.
AT = datetime(2026, 9, 14, 2, 20, tzinfo=UTC)


@pytest.fixture
def database_kind() -> str:
    """What the database does with it is proven on both elsewhere."""
    return "sqlite"


class Clock:
    """What time it is on the pages."""

    def __init__(self) -> None:
        self.now = AT

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for pages in (desk, papers, readings):
        monkeypatch.setattr(pages, "now", lambda: clock.now)
    return clock


@pytest.fixture
def registration(app: Flask, clock: Clock) -> str:
    """A birth, with the ethnicities and numbers of a family in it."""
    return submit(BIRTH, AT - timedelta(hours=1))


def browser(app: Flask, role: Role) -> FlaskClient:
    who = person(role)
    with reading() as session:
        return signed_in(app, session.get_one(Account, who.account_id))


def text(answer: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer)))


def log(registration: str) -> list[tuple[str, str, str]]:
    query = select(Reading).join(Dossier, Dossier.id == Reading.dossier_id).order_by(Reading.id)
    with reading() as session:
        rows = session.scalars(query.where(Dossier.registration == registration)).all()
    return [(row.role, row.what, row.of) for row in rows]


def hidden(page: str) -> list[str]:
    return re.findall(r'name="muc" value="([^"]+)"', page)


def test_a_dossier_is_read_once_in_half_an_hour_however_often_its_page_is_opened(
    app: Flask, clock: Clock, registration: str
) -> None:
    officer, address = browser(app, R.ONE_STOP_OFFICER), f"/ban-lam-viec/{registration}"
    for _ in range(3):
        assert officer.get(address).status_code == 200
        clock.later(minutes=3)
    assert log(registration) == [("one_stop_officer", "page", "")]
    clock.later(minutes=2)
    officer.get(address)
    browser(app, R.LEADER).get(address)
    assert log(registration) == [("one_stop_officer", "page", "")] * 2 + [("leader", "page", "")]


def test_whoever_owns_it_is_told_role_and_unit_and_never_the_name_and_does_not_read_it_themselves(
    app: Flask, clock: Clock, registration: str
) -> None:
    citizen, address = browser(app, R.CITIZEN), f"/ho-so/{registration}"
    assert "Chưa có cán bộ nào mở hồ sơ này." in text(citizen.get(address).text)
    officer = browser(app, R.ONE_STOP_OFFICER)
    page = officer.get(f"/ban-lam-viec/{registration}").text
    officer.post(f"/ban-lam-viec/{registration}/hien-muc", data={"muc": hidden(page)[0]})
    told = text(citizen.get(address).text)
    assert "Một cửa" in told
    assert "1 lượt" in told
    assert "mở 1 mục được che" in told
    assert person(R.ONE_STOP_OFFICER).name not in told
    assert {role for role, _what, _of in log(registration)} == {"one_stop_officer"}


def test_what_is_sensitive_is_hidden_until_asked_for_and_for_whoever_asked_alone(
    app: Flask, clock: Clock, registration: str
) -> None:
    officer, address = browser(app, R.ONE_STOP_OFFICER), f"/ban-lam-viec/{registration}"
    number = next(a for a in _texts(kept(registration).answers) if re.fullmatch(r"\d{12}", a))
    page = officer.get(address).text
    assert number not in page
    assert "•••" in page
    names = hidden(page)
    assert any("ethnicity" in name for name in names)
    assert any("personal_number" in name for name in names)
    for name in names:
        answer = officer.post(f"{address}/hien-muc", data={"muc": name})
        assert (answer.status_code, answer.location) == (303, f"{address}#muc-{name}")
    page = officer.get(address).text
    assert number in page
    assert hidden(page) == []
    assert [of for _role, what, of in log(registration) if what == "sensitive"] == names
    assert number not in browser(app, R.LEADER).get(address).text
    clock.later(minutes=TURN.total_seconds() / 60 - 1)
    assert hidden(officer.get(address).text) == []
    clock.later(minutes=1)
    assert hidden(officer.get(address).text) == names


def test_whoever_corrects_an_intake_is_written_down_as_having_seen_what_the_chosen_pages_lay_open(
    app: Flask, clock: Clock, registration: str
) -> None:
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE, AT)
    officer, address = browser(app, R.ONE_STOP_OFFICER), f"/ban-lam-viec/{registration}/dinh-chinh"
    officer.get(address)
    assert log(registration) == [("one_stop_officer", "page", "")]
    page = officer.get(f"{address}?phan=applicant").text
    seen = [of for _role, what, of in log(registration) if what == "sensitive"]
    assert seen
    assert all(kept(registration).answers[name] in page for name in seen)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", ["", "nothing", "full_name", "<script>", "x" * 5000])
def test_what_is_not_hidden_is_not_asked_for(app: Flask, clock: Clock, registration: str, name: str) -> None:
    officer = browser(app, R.ONE_STOP_OFFICER)
    assert officer.post(f"/ban-lam-viec/{registration}/hien-muc", data={"muc": name}).status_code == 404
    assert log(registration) == []


def test_who_heads_the_work_reads_the_names_and_nobody_else_does(
    app: Flask, clock: Clock, registration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "PAGE", 2)
    address, page = f"/ho-so/{registration}/luot-xem", f"/ban-lam-viec/{registration}"
    for _ in range(3):
        browser(app, R.ONE_STOP_OFFICER).get(page)
        clock.later(minutes=30)
    leader = browser(app, R.LEADER)
    assert address in leader.get(page).text
    assert address not in browser(app, R.ONE_STOP_OFFICER).get(page).text
    first = leader.get(address).text
    assert person(R.ONE_STOP_OFFICER).name in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    assert text(leader.get(html.unescape(older[1])).text).count("Trang hồ sơ") == 2
    for role in DESK - (RIGHTS[Right.READINGS] or set()):
        assert browser(app, role).get(address).status_code == 403
    elsewhere = signed_in(app, account_of(R.LEADER, "bao-ha"))
    assert elsewhere.get(address).status_code == 404


def test_each_paper_that_is_opened_is_written_down_by_its_id(
    app: Flask, clock: Clock, settings: Settings, registration: str
) -> None:
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE, AT)
    slip = kept(registration).slips[0]
    officer, address = browser(app, R.ONE_STOP_OFFICER), f"/ho-so/{registration}/giay/{slip.id}"
    assert officer.get(address).status_code == 404, "it is not rendered yet"
    stored = open_files(settings.files_url).put_bytes(plain_pdf())
    with transaction() as session:
        row = session.get_one(Slip, slip.id)
        row.sha256, row.size, row.rendered_at = stored.sha256, stored.size, AT
    assert [officer.get(address).status_code for _ in range(2)] == [200, 200]
    assert browser(app, R.CITIZEN).get(address).status_code == 200
    assert log(registration) == [("one_stop_officer", "paper", str(slip.id))]
    assert "Giấy tờ đã lập: " in text(browser(app, R.LEADER).get(f"/ho-so/{registration}/luot-xem").text)
