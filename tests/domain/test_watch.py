"""What is to be done about a dossier by itself, and when: decided from plain values, for any case and any hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import clock, watch
from portal.domain.casework import Case, Rules, apology_by, holder
from portal.domain.flow import RUNNING, TERMINAL, Status
from portal.domain.ledger import DueReason, Entry
from portal.domain.moment import Moment
from portal.domain.watch import Call, Due, Level
from procedures.terms import Term
from tests.domain.test_casework import CALENDAR, NOW, RULES, STATES, case_of

S = Status
MOMENT = Moment(NOW, CALENDAR)
CONSULTED = replace(
    RULES,
    interludes={
        "posting": RULES.interludes["posting"],
        "consultation": replace(
            RULES.interludes["posting"],
            key="consultation",
            kind="consultation",
            length=Term.parse("2 working_day"),
            excluded=False,
            silence_consents=True,
        ),
    },
)


def calls(case: Case, rules: Rules = RULES, moment: Moment = MOMENT) -> list[Due]:
    return list(watch.calls(case, holder(case, rules, moment), rules, moment))


def when(case: Case, call: Call, rules: Rules = RULES) -> list[datetime]:
    return [due.at for due in calls(case, rules) if due.call is call]


@pytest.mark.parametrize(("status", "received"), STATES)
def test_only_an_office_that_has_to_act_is_warned_and_only_what_runs_gets_an_apology(
    status: Status, received: bool
) -> None:
    case = case_of(status, received, answer_by=NOW.date())
    kinds = {due.call for due in calls(case)}
    assert (Call.PREPARE in kinds) is (status in RUNNING)
    assert (Call.LAPSE in kinds) is (status is S.SUPPLEMENT_ASKED and received)
    assert (Call.WARN in kinds) is (status in RUNNING | {S.REGISTERED})
    if status in TERMINAL:
        assert kinds == set()


@given(st.integers(0, 60 * 24 * 40))
def test_warnings_come_in_their_order_and_end_with_the_step(minutes: int) -> None:
    since = NOW + timedelta(minutes=minutes)
    case = case_of(S.PROCESSING, True, step_since=since)
    held = holder(case, RULES, MOMENT)
    assert held is not None
    levels = {due.level: due.at for due in calls(case) if due.call is Call.WARN}
    assert levels[Level.ALL] == held.act_by
    if held.act_by > since:
        assert since <= levels[Level.HALF] <= levels[Level.MOST] <= levels[Level.ALL]
        whole = CALENDAR.working_time_between(since, held.act_by)
        assert CALENDAR.working_time_between(since, levels[Level.HALF]) == whole / 2


def test_of_several_levels_passed_unseen_the_highest_is_told() -> None:
    dues = calls(case_of(S.PROCESSING, True))
    last = max(due.at for due in dues if due.call is Call.WARN)
    assert watch.reached(dues, NOW) is None
    assert watch.reached(dues, last) is Level.ALL


@given(st.sampled_from(["1 working_day", "4 working_hour", "same_day", "2 working_day", "7 working_day", "15 day"]))
def test_an_apology_is_prepared_before_it_must_be_signed_and_that_before_the_date(term: str) -> None:
    rules = replace(RULES, term=Term.parse(term))
    due = clock.due_date(rules.term, NOW, CALENDAR)
    case = case_of(S.PROCESSING, True, due_at=due.due_at, due_on=due.due_on)
    (prepared,) = when(case, Call.PREPARE, rules)
    latest = apology_by(case, rules, MOMENT)
    assert prepared < latest <= due.due_at
    if latest < due.due_at:
        assert CALENDAR.working_days_between(prepared.date(), latest.date()) == 1
    else:
        assert CALENDAR.working_time_between(prepared, due.due_at) == watch.SHORT_NOTICE


def test_another_apology_is_not_prepared_once_there_was_one() -> None:
    case = case_of(S.PROCESSING, True)
    assert case.due_at is not None
    apology = Entry(DueReason.APOLOGY, NOW, case.due_at, case.due_at, "", NOW)
    assert when(case._replace(ledger=(*case.ledger, apology)), Call.PREPARE) == []


def test_silence_is_waited_for_only_where_it_is_consent() -> None:
    case = case_of(S.PROCESSING, True, intervals={"posting": NOW, "consultation": NOW})
    (silence,) = (due for due in calls(case, CONSULTED) if due.call is Call.SILENCE)
    assert (silence.interval, silence.at) == ("consultation", datetime(2026, 9, 16, 2, 0, tzinfo=UTC))


def test_nobody_lapses_where_the_law_does_not_say_so() -> None:
    case = case_of(S.SUPPLEMENT_ASKED, True, answer_by=NOW.date())
    assert when(case, Call.LAPSE, replace(RULES, refuse_within=None)) == []


def test_the_next_look_is_the_first_that_is_left() -> None:
    dues = calls(case_of(S.PROCESSING, True))
    at = watch.first(dues)
    seen = []
    while at is not None:
        seen.append(at)
        at = watch.first(dues, after=at)
    assert seen == sorted({due.at for due in dues})
