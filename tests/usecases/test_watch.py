"""The watch in use: it warns once, prepares apologies in time, and does what the passing of time decides; no more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from portal.domain.access import PORTAL, Role
from portal.domain.errors import Invalid
from portal.domain.flow import Action, Status
from portal.domain.ledger import DueReason
from portal.settings import Settings
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Event, Interval, Notice
from portal.store.watch_models import ApologyPreparation, StepWarning
from portal.usecases import evidence, law, start, watch
from tests.cases import BIRTH, HOUSE, NOW, act, kept, submit, to_the_leader

A = Action
#: A house permit received on a Monday at nine is due on the Wednesday of the week after at nine: an apology moves that
#: until the Tuesday before, and is prepared from the Monday on, 07:30 by the office's clock.
DUE = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)
PREPARED = datetime(2026, 9, 21, 0, 0, tzinfo=UTC)
LATER = datetime(2026, 9, 25, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def connected(database: store.Database) -> store.Database:
    return database


def received(code: str = HOUSE, at: datetime = NOW) -> str:
    """A dossier received at once."""
    registration = submit(code, at)
    act(Role.ONE_STOP_OFFICER, registration, A.RECEIVE, at)
    return registration


def warnings() -> list[tuple[str, int]]:
    with reading() as session:
        rows = session.scalars(select(StepWarning).order_by(StepWarning.at, StepWarning.level)).all()
    return [(row.step, row.level) for row in rows]


def preparations() -> list[ApologyPreparation]:
    with reading() as session:
        return list(session.scalars(select(ApologyPreparation)))


def test_holder_is_warned_at_half_at_four_fifths_and_at_the_end_of_a_step() -> None:
    registration = received()
    act_by = kept(registration).act_by
    assert act_by is not None
    calendar = law.calendar("bao-yen", "construction")
    whole = calendar.working_time_between(NOW, act_by)
    for share, level in ((0.5, 50), (0.8, 80), (1.0, 100)):
        reached = calendar.add_working_time(NOW, whole * share)
        watch.go_round(reached - timedelta(seconds=1))
        assert ("reception", level) not in warnings()
        watch.go_round(reached)
        assert warnings()[-1] == ("reception", level)
        assert kept(registration).warned == level
    assert len(warnings()) == 3


def test_whoever_takes_over_is_not_warned_of_another_ones_time() -> None:
    registration = received()
    act_by = kept(registration).act_by
    assert act_by is not None
    watch.go_round(act_by)
    act(Role.ONE_STOP_OFFICER, registration, A.FORWARD, act_by)
    assert kept(registration).warned == 0
    watch.go_round(act_by + timedelta(minutes=1))
    assert warnings() == [("reception", 100)]


def test_whoever_only_speaks_meanwhile_changes_nothing_about_warnings() -> None:
    registration = received()
    act_by = kept(registration).act_by
    assert act_by is not None
    watch.go_round(act_by)
    act(Role.CITIZEN, registration, A.REQUEST_WITHDRAWAL, act_by)
    again = watch.go_round(act_by + timedelta(minutes=1))
    assert (again.seen, again.warned) == (1, 0)
    assert (warnings(), kept(registration).warned) == ([("reception", 100)], 100)


def test_an_online_dossier_that_nobody_answers_is_warned_of_within_its_eight_hours() -> None:
    registration = submit()
    act_by = kept(registration).act_by
    assert act_by is not None
    watch.go_round(act_by - timedelta(hours=3))
    watch.go_round(act_by)
    assert warnings() == [("reception", 50), ("reception", 100)]


def test_where_the_office_answers_within_four_hours_its_watch_warns_within_four(settings: Settings) -> None:
    start.connect(replace(settings, online_ack_hours=4))
    registration = submit()
    calendar = law.calendar("bao-yen", "construction")
    assert kept(registration).act_by == calendar.add_working_time(NOW, timedelta(hours=4))
    watch.go_round(calendar.add_working_time(NOW, timedelta(hours=2)) - timedelta(seconds=1))
    assert warnings() == []
    watch.go_round(calendar.add_working_time(NOW, timedelta(hours=2)))
    assert warnings() == [("reception", 50)]


def test_a_round_reads_only_what_is_due_and_a_second_one_nothing() -> None:
    for _ in range(3):
        received()
    assert watch.go_round(NOW + timedelta(minutes=1)).seen == 0
    first = watch.go_round(LATER)
    assert (first.seen, first.warned) == (3, 3)
    assert watch.go_round(LATER).seen == 0
    assert len(warnings()) == 3


def test_an_apology_is_prepared_once_however_often_the_watch_looks() -> None:
    registration = received()
    assert watch.go_round(PREPARED).prepared == 1
    (first,) = preparations()
    with transaction() as session:
        session.execute(update(Dossier).values(watch_at=PREPARED))
    again = watch.go_round(PREPARED + timedelta(minutes=5))
    assert (again.seen, again.prepared) == (1, 0)
    (still,) = preparations()
    assert still.prepared_at == first.prepared_at
    assert kept(registration).apology_by is not None


def test_rounds_at_once_write_every_warning_once() -> None:
    for _ in range(6):
        received()
    with ThreadPoolExecutor(3) as pool:
        rounds = list(pool.map(lambda _: watch.go_round(PREPARED, batch=2), range(3)))
    assert sum(each.warned for each in rounds) == 6
    assert (len(warnings()), len(preparations())) == (6, 6)


@pytest.mark.usefixtures("nothing_published")
def test_a_round_needs_no_more_questions_for_more_dossiers_of_a_batch(connected: store.Database) -> None:
    watch.go_round(NOW)  # the first one notes by which calendars it counts
    asked: dict[int, int] = {}
    for number in (1, 8):
        for _ in range(number):
            received()
        sent: list[str] = []
        note = _counting(sent)
        event.listen(connected.engine, "before_cursor_execute", note)
        seen = watch.go_round(PREPARED + timedelta(minutes=len(asked))).seen
        event.remove(connected.engine, "before_cursor_execute", note)
        asked[seen] = len(sent)
    assert len(set(asked.values())) == 1, asked


def _counting(sent: list[str]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        sent.append(statement)

    return note


def test_an_apology_is_prepared_a_working_day_before_the_last_one_on_which_it_moves_the_date() -> None:
    registration = received()
    watch.go_round(PREPARED - timedelta(seconds=1))
    assert preparations() == []
    watch.go_round(PREPARED)
    (prepared,) = preparations()
    assert prepared.due_at == DUE == kept(registration).due_at
    assert prepared.promised >= datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
    watch.go_round(PREPARED + timedelta(hours=1))
    assert len(preparations()) == 1


def test_a_same_day_dossier_has_its_apology_prepared_two_working_hours_before() -> None:
    registration = received(BIRTH)
    due_at = kept(registration).due_at
    assert due_at is not None
    watch.go_round(due_at - timedelta(hours=2, seconds=1))
    assert preparations() == []
    watch.go_round(due_at - timedelta(hours=2))
    assert len(preparations()) == 1


def test_nothing_is_prepared_that_nobody_can_sign_any_more() -> None:
    received()
    watch.go_round(LATER)
    assert preparations() == []


@pytest.mark.parametrize("end", ["apologised", "held", "issued", "stopped"])
def test_a_prepared_apology_is_settled_once_it_is_signed_or_no_longer_needed(end: str) -> None:
    registration = submit()
    to_the_leader(registration)
    watch.go_round(PREPARED)
    (prepared,) = preparations()
    at = PREPARED + timedelta(hours=1)
    match end:
        case "apologised":
            act(Role.LEADER, registration, A.APOLOGISE, at, reason="workload", promised=prepared.promised)
        case "held":
            act(Role.LEADER, registration, A.SEND_BACK, at, reason="other", to_step="consultation")
            asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
            act(Role.SPECIALIST, registration, A.ASK_SUPPLEMENT, at, **asked, answer_by=date(2026, 9, 23))
        case "issued":
            act(Role.LEADER, registration, A.APPROVE, at)
            act(Role.CLERK, registration, A.ISSUE, at)
        case "stopped":
            act(Role.LEADER, registration, A.STOP, at, reason="other")
    (settled,) = preparations()
    assert (settled.settled_at, kept(registration).apology_by) == (at, None)
    watch.go_round(at)
    assert [each.settled_at for each in preparations()] == [at]


def test_what_only_moves_on_keeps_its_prepared_apology() -> None:
    registration = received()
    watch.go_round(PREPARED)
    act(Role.ONE_STOP_OFFICER, registration, A.FORWARD, PREPARED)
    assert [each.settled_at for each in preparations()] == [None]
    assert kept(registration).apology_by is not None


def asked_to_complete() -> str:
    """A house permit whose applicant was asked to complete it within two working days, until Wednesday."""
    registration = received()
    for role in (Role.ONE_STOP_OFFICER, Role.HEAD_OF_OFFICE):
        act(role, registration, A.FORWARD)
    asked = {"reason": "missing", "items": [{"key": "component-drawings", "component": "drawings"}]}
    act(Role.SPECIALIST, registration, A.ASK_SUPPLEMENT, **asked, answer_by=date(2026, 9, 16))
    return registration


def test_an_applicant_whose_time_is_over_by_law_lapses_by_the_portal_after_closing_time() -> None:
    registration = asked_to_complete()
    closing = law.calendar("bao-yen").closing(date(2026, 9, 16))
    watch.go_round(closing - timedelta(seconds=1))
    assert kept(registration).state is Status.SUPPLEMENT_ASKED
    assert watch.go_round(closing).done == 1
    dossier = kept(registration)
    last = dossier.events[-1]
    assert (dossier.state, last.action, last.role, last.reason) == (
        Status.PROCESSING, A.LAPSE, PORTAL.role, watch.UNANSWERED,
    )  # fmt: skip
    assert dossier.supplements[0].lapsed_at == closing
    assert watch.go_round(closing).done == 0
    assert list(evidence.faults()) == []


def test_whoever_answers_in_time_does_not_lapse() -> None:
    registration = asked_to_complete()
    act(Role.CITIZEN, registration, A.ANSWER_SUPPLEMENT, NOW + timedelta(days=1))
    assert watch.go_round(LATER).done == 0
    assert A.LAPSE not in [each.action for each in kept(registration).events]


def test_a_consulted_bodys_silence_is_consent_once_its_time_is_over() -> None:
    registration = received()
    for role in (Role.ONE_STOP_OFFICER, Role.HEAD_OF_OFFICE):
        act(role, registration, A.FORWARD)
    act(Role.SPECIALIST, registration, A.BEGIN_INTERVAL, interval="consultation", body="Sở Xây dựng")
    with reading() as session:
        limit = session.scalars(select(Interval.limit_at)).one()
    assert limit is not None
    watch.go_round(limit - timedelta(seconds=1))
    assert kept(registration).events[-1].action == A.BEGIN_INTERVAL
    assert watch.go_round(limit).done == 1
    dossier = kept(registration)
    assert (dossier.events[-1].role, dossier.events[-1].reason) == (PORTAL.role, watch.SILENCE)
    assert (dossier.intervals[0].ended_at, dossier.intervals[0].outcome) == (limit, watch.SILENCE)
    assert [change.reason for change in dossier.due_changes] == [DueReason.RECEIVED]
    assert watch.go_round(limit).done == 0


def test_one_dossier_on_which_nothing_can_be_done_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = asked_to_complete(), asked_to_complete()
    perform = watch.dossiers.perform

    def fails(session: Any, dossier: Dossier, *rest: Any) -> Any:
        if dossier.registration == broken:
            raise Invalid({"items": "required"})
        return perform(session, dossier, *rest)

    monkeypatch.setattr(watch.dossiers, "perform", fails)
    closing = law.calendar("bao-yen").closing(date(2026, 9, 16))
    assert watch.go_round(closing).done == 1
    assert kept(other).state is Status.PROCESSING
    monkeypatch.undo()
    assert watch.go_round(closing).done == 1
    assert kept(broken).state is Status.PROCESSING


def test_what_the_watch_writes_is_no_change_that_others_could_trip_over() -> None:
    registration = received()
    with transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
        revision = dossier.revision
    watch.go_round(PREPARED)
    after = kept(registration)
    assert (after.revision, after.seq) == (revision, 2)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 2
    with reading() as session:
        assert "apology" not in set(session.scalars(select(Notice.kind)))
