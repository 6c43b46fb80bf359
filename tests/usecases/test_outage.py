"""Outage mode: blank receipts printed ahead, dossiers entered later as of when they came; past numbers stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain import outage
from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.outage import Serial
from portal.domain.rehearsal import fill_in, typed_answers
from portal.domain.statistics import Period
from portal.store import database as store
from portal.store.blank_models import BlankReceipt
from portal.store.database import reading, transaction
from portal.store.models import Draft, Slip
from portal.store.statistics import Cut
from portal.usecases import blanks, drafts, evidence, export, law, statistics, verification
from portal.usecases.blanks import OnPaper
from portal.usecases.verification import Standing
from tests.cases import HOUSE, NOW, act, kept, person, submit
from tests.usecases import test_verification
from tests.usecases.test_verification import K, papers

R = Role
token = test_verification.token
#: A Thursday afternoon without network, and the Monday after it.
PRINTED = datetime(2026, 9, 9, 2, 0, tzinfo=UTC)
CAME = datetime(2026, 9, 10, 7, 20, tzinfo=UTC)
DAYS = 7


def officer(unit: str = "bao-yen") -> Actor:
    return person(R.ONE_STOP_OFFICER, unit)


def printed(many: int = 3, at: datetime = PRINTED) -> list[Serial]:
    return blanks.print_batch(officer(), many, at)


def written(serial: Serial | str, came: datetime = CAME) -> OnPaper:
    return OnPaper(str(serial), came, DAYS)


def whole_draft(code: str = HOUSE) -> str:
    """A draft at the counter with nothing missing; gives its key."""
    draft = drafts.start(officer(), code, NOW, "counter")
    opened = drafts.open_draft(officer(), draft.key, NOW)
    answers = fill_in(opened.procedure, typed_answers(opened.procedure, opened.procedure.examples[0]), opened.context)
    with transaction() as session:
        row = session.scalars(select(Draft).where(Draft.key == draft.key)).one()
        row.answers = answers
        row.papers = {part.key: {"original": 1} for part in opened.procedure.components}
    return draft.key


def enter(serial: Serial | str, came: datetime = CAME, at: datetime = NOW, code: str = HOUSE) -> str:
    """A dossier entered that was taken down on a blank; gives its registration number."""
    return drafts.submit(officer(), whole_draft(code), at, on_paper=written(serial, came)).registration


def row_of(serial: Serial) -> BlankReceipt:
    with reading() as session:
        query = select(BlankReceipt).where(BlankReceipt.year == serial.year, BlankReceipt.number == serial.number)
        return session.scalars(query).one()


def test_serials_follow_each_other_in_a_year_and_begin_again_with_the_next(database: store.Database) -> None:
    assert [serial.number for serial in printed(2)] == [1, 2]
    assert [serial.number for serial in printed(1)] == [3]
    assert [str(serial) for serial in printed(1, datetime(2027, 1, 4, tzinfo=UTC))] == ["02947-2027-0001"]
    for many in (0, blanks.MOST + 1):
        with pytest.raises(Invalid):
            printed(many)


def test_code_due_date_and_law_go_by_the_true_time_and_the_log_by_the_time_of_entry(database: store.Database) -> None:
    (serial, *_rest) = printed()
    dossier = kept(enter(serial))
    assert dossier.code is not None
    assert "-260910-" in dossier.code
    assert (dossier.received_at, dossier.submitted_at) == (CAME, CAME)
    rules = law.rules_of(dossier)
    entry = dossier.due_changes[0]
    assert (entry.since, entry.at) == (CAME, NOW)
    assert [event.at for event in dossier.events] == [NOW, NOW]
    at_once = kept(_at_once(CAME))
    assert (dossier.due_at, dossier.due_on) == (at_once.due_at, at_once.due_on)
    assert rules.term == law.rules_of(at_once).term
    (receipt,) = papers(dossier.registration, K.RECEIPT)
    assert receipt.payload
    assert datetime.fromisoformat(receipt.payload["received_at"]) == CAME
    assert dossier.events[-1].details["serial"] == str(serial)
    assert list(evidence.faults()) == []


def _at_once(at: datetime) -> str:
    """The same dossier received when it came."""
    example = law.catalogue().in_force(HOUSE, at.date()).examples[0]
    registration = submit(HOUSE, at, example=example, channel="counter")
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    return registration


def test_a_term_that_is_over_before_the_dossier_is_entered_is_late_at_once(database: store.Database) -> None:
    printed(1, PRINTED - timedelta(days=60))
    long_ago = NOW - timedelta(days=48)
    with pytest.raises(Invalid) as refused:
        enter("02947-2026-1", long_ago)
    assert refused.value.fields == {"received_at": "too_long_ago"}
    draft = whole_draft()
    registration = drafts.submit(officer(), draft, NOW, on_paper=OnPaper("02947-2026-1", long_ago, 60)).registration
    dossier = kept(registration)
    assert dossier.due_on is not None
    assert dossier.due_on < NOW.date()
    statistics.project()
    assert statistics.figures_of(Period(NOW.date(), NOW.date()), Cut()).open_over == 1


def test_what_is_entered_late_counts_on_the_day_of_entry_and_changes_no_earlier_day(database: store.Database) -> None:
    serials = printed(4)
    before = kept(_at_once(CAME))
    statistics.project()
    days = [date(2026, 9, 8) + timedelta(days=n) for n in range(7)]
    figures = [_of(day) for day in days]
    late = [enter(serial, CAME + timedelta(hours=n)) for n, serial in enumerate(serials[:3])]
    statistics.project()
    assert [_of(day) for day in days[:6]] == figures[:6]
    assert _of(days[6]).received_counter == figures[6].received_counter + 3
    followed = [_of(day) for day in days]
    statistics.rebuild()
    assert [_of(day) for day in days] == followed
    rows = {row["code"]: row for row in export.dossiers()}
    entered = rows[kept(late[0]).code]
    assert (entered["received_at"][:10], entered["counted_on"]) == ("2026-09-10", "2026-09-14")
    assert rows[before.code]["counted_on"] == "2026-09-10"


def _of(day: date) -> Any:
    return statistics.figures_of(Period(day, day), Cut())


def test_a_blank_is_used_once(database: store.Database) -> None:
    (serial, *_rest) = printed()
    registration = enter(serial)
    with pytest.raises(Invalid) as refused:
        enter(serial)
    assert refused.value.fields == {"serial": "used"}
    assert row_of(serial).dossier_id == kept(registration).id
    with pytest.raises(Conflict):
        blanks.void(officer(), row_of(serial).slip_id, "viết hỏng", NOW)


def test_sent_twice_it_is_the_same_dossier(database: store.Database) -> None:
    (serial, *_rest) = printed()
    key = whole_draft()
    first = drafts.submit(officer(), key, NOW, on_paper=written(serial))
    assert drafts.submit(officer(), key, NOW, on_paper=written(serial)).id == first.id


def test_a_void_blank_takes_no_dossier(database: store.Database) -> None:
    (serial, *_rest) = printed()
    blanks.void(officer(), row_of(serial).slip_id, "viết hỏng", NOW)
    with pytest.raises(Invalid) as refused:
        enter(serial)
    assert refused.value.fields == {"serial": "void"}
    with pytest.raises(Conflict):
        blanks.void(officer(), row_of(serial).slip_id, "viết hỏng", NOW)


@pytest.mark.parametrize(
    ("serial", "came", "fault"),
    [
        ("02947-2026-9999", CAME, {"serial": "unknown"}),
        ("nonsense", CAME, {"serial": "unknown"}),
        ("99999-2026-1", CAME, {"serial": "unknown"}),
        ("02947-2026-1", NOW + timedelta(minutes=1), {"received_at": "in_the_future"}),
        ("02947-2026-1", PRINTED - timedelta(minutes=1), {"received_at": "before_printing"}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_entered(
    database: store.Database, serial: str, came: datetime, fault: dict[str, str]
) -> None:
    printed()
    with pytest.raises(Invalid) as refused:
        enter(serial, came)
    assert refused.value.fields == fault
    assert list(export.dossiers()) == []


def test_the_blanks_of_another_unit_are_nobody_elses(database: store.Database) -> None:
    (serial, *_rest) = printed()
    stranger = officer("nghia-do")
    assert blanks.page(stranger).blanks == []
    with pytest.raises(NotFound):
        blanks.find(stranger, row_of(serial).slip_id)
    with transaction() as session, pytest.raises(Invalid):
        blanks.take(session, stranger, written(serial), NOW)


def test_the_code_of_a_blank_says_issued_then_entered_as_which_dossier_and_void_ones_are_revoked(
    token: Callable[[Slip], str],
) -> None:
    first, second, _third = printed()
    shown, spoiled = (token(row_of(serial).slip) for serial in (first, second))
    verdict = verification.look_up(shown)
    assert verdict.standing is Standing.ISSUED
    assert verdict.claims is not None
    assert verdict.claims.reference == str(first)
    code = kept(enter(first)).code
    verdict = verification.look_up(shown)
    assert (verdict.standing, verdict.number, verdict.on) == (Standing.ENTERED, code, NOW.date())
    blanks.void(officer(), row_of(second).slip_id, "viết hỏng", NOW)
    assert verification.look_up(spoiled).standing is Standing.REVOKED
    assert outage.read_serial(verdict.claims.reference if verdict.claims else "") == first
