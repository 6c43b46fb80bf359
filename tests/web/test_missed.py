"""No dossier passes its date without a result or an apology: those that did are shown to managers, with who acted."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store import database as store
from portal.store.database import looking, transaction
from portal.store.models import Dossier
from portal.store.watch import missed as query
from portal.usecases import evidence, missed, watch
from portal.web import management
from tests.cases import HOUSE, NOW, act, kept, submit, to_the_leader
from tests.people import account_of, signed_in
from tests.store.test_plans import statements
from tests.usecases.test_watch import DUE, PREPARED

A, R = Action, Role
PAST = DUE + timedelta(days=1)
PAGE = "/thong-ke/qua-hen"


@pytest.fixture(autouse=True)
def day_after(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(management, "now", lambda: PAST)


def late(at: datetime = NOW) -> str:
    registration = submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return registration


def shown(client: FlaskClient, address: str = PAGE) -> list[str]:
    """The codes of a list, on all of its pages."""
    found: list[str] = []
    while address:
        page = client.get(address).text
        found += re.findall(r'<a class="code"[^>]*>([^<]+)</a>', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    return found


def test_a_dossier_past_its_date_is_listed_with_what_was_prepared_and_who_was_warned(app: Flask) -> None:
    registration = late()
    watch.go_round(PREPARED)
    manager = signed_in(app, account_of(R.MANAGER))
    assert "1 hồ sơ đã qua ngày hẹn" in manager.get("/thong-ke").text
    page = manager.get(PAGE).text
    assert shown(manager) == [kept(registration).code]
    assert "Cổng lập sẵn lúc" in page
    assert "không ai ký" in page
    assert "Cán bộ một cửa: 100% lúc" in page
    assert kept(registration).applicant_name not in page


@pytest.mark.parametrize("kept_by", ["result", "apology", "held", "day"])
def test_whoever_kept_the_date_in_any_lawful_way_is_not_listed(app: Flask, kept_by: str) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    match kept_by:
        case "result":
            act(R.LEADER, registration, A.APPROVE, PREPARED)
            act(R.CLERK, registration, A.ISSUE, PREPARED)
        case "apology":
            later = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)
            act(R.LEADER, registration, A.APOLOGISE, PREPARED, reason="workload", promised=later)
        case "held":
            act(R.LEADER, registration, A.SEND_BACK, PREPARED, reason="other", to_step="consultation")
            asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
            act(R.SPECIALIST, registration, A.ASK_SUPPLEMENT, PREPARED, **asked, answer_by=DUE.date())
    at = DUE + timedelta(hours=5) if kept_by == "day" else PAST  # lateness is judged by the day
    assert missed.count(None, at) == 0
    assert missed.page(None, at).rows == []


def test_a_second_date_that_was_missed_too_is_listed_as_such(app: Flask) -> None:
    registration = submit(HOUSE)
    to_the_leader(registration)
    again = datetime(2026, 9, 24, 9, 0, tzinfo=UTC)
    act(R.LEADER, registration, A.APOLOGISE, PREPARED, reason="workload", promised=again)
    (row,) = missed.page(None, again + timedelta(days=1)).rows
    assert row.apologised


def test_it_is_narrowed_to_a_unit_and_a_leader_sees_their_own_alone(app: Flask) -> None:
    code = kept(late()).code
    manager = signed_in(app, account_of(R.MANAGER))
    assert shown(manager, f"{PAGE}?don_vi=bao-yen") == [code]
    assert shown(manager, f"{PAGE}?don_vi=nghia-do") == []
    assert shown(signed_in(app, account_of(R.LEADER, "bao-yen"))) == [code]
    other = signed_in(app, account_of(R.LEADER, "nghia-do"))
    assert shown(other, f"{PAGE}?don_vi=bao-yen") == []
    assert "hồ sơ đã qua ngày hẹn" not in other.get("/thong-ke").text


def test_its_pages_follow_each_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {kept(late(NOW + timedelta(minutes=minute))).code for minute in range(5)}
    paged = missed.page
    monkeypatch.setattr(missed, "page", lambda *each: paged(*each, size=2))
    found = shown(signed_in(app, account_of(R.MANAGER)))
    assert (len(found), set(found)) == (5, codes)


def test_it_is_read_from_an_index_of_what_runs_alone(database: store.Database) -> None:
    with statements() as sent, looking() as connection:
        query(connection, ("bao-yen",), PAST.date(), (NOW.date(), 7), 30)
    (statement, values) = sent[-1]
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        told = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values))
    assert "ix_dossiers_running" in told, told
    assert "TEMP B-TREE" not in told, told
    assert "Sort" not in told, told


def test_the_proof_of_the_night_is_shown_with_links_to_what_it_found(app: Flask) -> None:
    registration = late()
    manager = signed_in(app, account_of(R.MANAGER))
    evidence.prove(PAST)
    assert "1 hồ sơ, không sai lệch" in manager.get("/thong-ke").text
    assert "Không sai lệch" in manager.get("/thong-ke/kiem-tra").text
    with transaction() as session:
        session.execute(update(Dossier).values(step="signature"))
    evidence.prove(PAST)
    assert "Kiểm tra hằng đêm thấy 1 sai lệch" in manager.get("/thong-ke").text
    page = manager.get("/thong-ke/kiem-tra").text
    assert "Bước xử lý không khớp sự kiện cuối" in page
    assert shown(manager, "/thong-ke/kiem-tra") == [kept(registration).code]
    assert shown(signed_in(app, account_of(R.LEADER, "nghia-do")), "/thong-ke/kiem-tra") == []
