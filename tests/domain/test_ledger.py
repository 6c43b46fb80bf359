"""The ledger of a due date: random lives agree with a clock that only looks at the calendar, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.domain import ledger
from portal.domain.access import PORTAL, Actor, Role
from portal.domain.casework import Case, Interlude, Request, Rules, Stop, apology_by, step, submitted
from portal.domain.flow import Action, Status
from portal.domain.ledger import DueReason, Entry, LedgerError
from portal.domain.moment import Moment
from portal.domain.workdays import WorkCalendar
from procedures.calendars import OFFICE_TIME, DayOff, DayReason, OfficialDays, load_official_days
from procedures.model import Text
from procedures.places import load_places
from procedures.terms import Term
from tests.domain.naive_clock import Life, after_days, opening

UNIT, OWNER = "bao-yen", 7
DAYS, HOURS = load_official_days(), load_places().by_id(UNIT)
OFFICER, HEAD = Actor(3, Role.SPECIALIST, UNIT), Actor(4, Role.HEAD_OF_OFFICE, UNIT)
ROUTE = (
    Stop("reception", Role.ONE_STOP_OFFICER, False, None, frozenset({Action.RECEIVE, Action.FORWARD})),
    Stop(
        "work", Role.SPECIALIST, False, Decimal(5),
        frozenset({Action.FORWARD, Action.ASK_SUPPLEMENT, Action.ASK_DUTY, Action.ISSUE}),
    ),
)  # fmt: skip
POSTING = Interlude("posting", "posting", Term.parse("15 day"), True, "NĐ 101/2024/NĐ-CP")
OFFENCE = Interlude("offence", "offence", None, True, "NĐ 101/2024/NĐ-CP")
CONSULTATION = Interlude("consultation", "consultation", Term.parse("2 working_day"), False, "NĐ 217/2026/NĐ-CP")
KEYS = {each.key: each for each in (POSTING, OFFENCE, CONSULTATION)}


#: A Monday morning in Lào Cai.
BEGINNING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
QUARTERS = st.integers(0, 4 * 24 * 12)


def rules(days: int, *, restarts: bool) -> Rules:
    return Rules(
        "land", Term.parse(f"{days} working_day"), restarts, ROUTE, "registry",
        positions={"reception": 0, "work": 1}, interludes=KEYS, refuse_within=Term.parse("1 working_day"),
    )  # fmt: skip


def with_day_off(days: OfficialDays, off: date) -> OfficialDays:
    """The same calendar with one more holiday."""
    name = Text(vi="Nghỉ lễ", en="Holiday")
    return replace(days, off={**days.off, off: DayOff(DayReason.HOLIDAY, name)})


class Lives(RuleBasedStateMachine):
    """One dossier with all that can move its date, and the card on which somebody keeps the facts."""

    @initialize(days=st.integers(1, 20), restarts=st.booleans(), begins=QUARTERS)
    def receive(self, days: int, restarts: bool, begins: int) -> None:
        """It is received, and goes to the specialist."""
        self.rules, self.days = rules(days, restarts=restarts), DAYS
        self.now = BEGINNING + timedelta(minutes=15 * begins)
        self.begun: dict[str, datetime] = {}
        self.holidays = 0
        case = submitted(Case(None, UNIT, OWNER), self.rules, self.moment)
        self.case = step(case, Action.SUBMIT, Actor(OWNER, Role.CITIZEN), self.moment, self.rules, Request()).case
        reception = Actor(2, Role.ONE_STOP_OFFICER, UNIT)
        self.act(Action.RECEIVE, reception)
        self.life = Life(days, self.now)
        self.expected = self.life.due(self.works)
        self.act(Action.FORWARD, reception)

    @property
    def moment(self) -> Moment:
        return Moment(self.now, WorkCalendar.of(HOURS, self.days))

    def works(self, day: date) -> bool:
        return self.days.is_working(day)

    @property
    def running(self) -> bool:
        return self.case.status is Status.PROCESSING

    def act(self, action: Action, actor: Actor = OFFICER, **request: Any) -> None:
        self.case = step(self.case, action, actor, self.moment, self.rules, Request(**request)).case

    def moved(self, life: Life) -> None:
        """The card says something new: the date is counted by the calendar as it is now."""
        self.life, self.expected = life, life.due(self.works)

    @rule(quarters=QUARTERS)
    def time_passes(self, quarters: int) -> None:
        self.now += timedelta(minutes=15 * quarters)

    @precondition(lambda self: self.running)
    @rule(duty=st.booleans())
    def hold(self, duty: bool) -> None:
        day = self.moment.day
        if duty:
            self.act(Action.ASK_DUTY, answer_by=day)
        elif not self.case.supplement_rounds:
            self.act(Action.ASK_SUPPLEMENT, reason="missing", items=[{"key": "1"}], answer_by=day)
        else:
            self.act(Action.PROPOSE_SUPPLEMENT, reason="missing", items=[{"key": "1"}], answer_by=day)
            self.act(Action.GRANT_SUPPLEMENT, HEAD, answer_by=day)

    @precondition(lambda self: self.case.status in (Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED))
    @rule(lapses=st.booleans())
    def go_on(self, lapses: bool) -> None:
        since, supplement = self.case.held_since, self.case.status is Status.SUPPLEMENT_ASKED
        assert since is not None
        if not supplement:
            self.act(Action.CONFIRM_DUTY, number="BL 1")
        elif lapses:
            self.act(Action.LAPSE, PORTAL)
        else:
            self.act(Action.ANSWER_SUPPLEMENT, Actor(OWNER, Role.CITIZEN))
        anew = supplement and not lapses and self.rules.restarts
        self.moved(self.life.restarted(self.now) if anew else self.life.paused(since, self.now))

    @precondition(lambda self: self.running and len(self.case.intervals) < len(KEYS))
    @rule(data=st.data())
    def begin_an_interval(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(KEYS.keys() - self.case.intervals.keys())))
        self.act(Action.BEGIN_INTERVAL, interval=key, body="Phòng Kinh tế")
        self.begun[key] = self.now
        if key == "posting":
            self.moved(self.life.paused(self.now, after_days(self.now, 15, self.works), key))

    @precondition(lambda self: bool(self.case.intervals) and self.case.ended_at is None)
    @rule(data=st.data())
    def end_an_interval(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.case.intervals)))
        begun, planned = self.begun[key], [end for _, end, of in self.life.pauses if of == key]
        rows = len(self.case.ledger)
        self.act(Action.END_INTERVAL, interval=key)
        if key == "offence":
            self.moved(self.life.paused(begun, self.now, key))
        elif key == "posting" and len(self.case.ledger) > rows:
            assert not planned or planned[-1] > self.now
            self.moved(self.life.shortened(key, self.now))

    @precondition(lambda self: self.running and not self.case.apologised)
    @rule(days=st.integers(1, 20))
    def apologise(self, days: int) -> None:
        if self.now > apology_by(self.case, self.rules, self.moment):
            return
        assert self.case.due_at is not None
        promised = self.case.due_at + timedelta(days=days)
        self.act(Action.APOLOGISE, reason="workload", promised=promised)
        self.moved(self.life.apologised(self.now, promised))

    @precondition(lambda self: self.holidays < 4)
    @rule(ahead=st.integers(-5, 40), ordered=st.booleans())
    def a_holiday_is_announced(self, ahead: int, ordered: bool) -> None:
        """It moves nothing by itself, and everything that is open once that is ordered."""
        self.holidays += 1
        self.days = with_day_off(self.days, self.moment.day + timedelta(days=ahead))
        if ordered:
            self.act(Action.RESCHEDULE, PORTAL)
            self.moved(self.life)

    @invariant()
    def the_date_is_the_naive_one(self) -> None:
        assert self.case.due_at == self.expected

    @invariant()
    def the_ledger_comes_to_the_date(self) -> None:
        assert ledger.balance(self.case.ledger) == self.case.due_at
        assert self.case.due_at is not None
        assert self.case.due_on == self.case.due_at.astimezone(OFFICE_TIME).date()

    @invariant()
    def an_apology_is_made_once(self) -> None:
        assert sum(entry.reason is DueReason.APOLOGY for entry in self.case.ledger) <= 1


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=60, stateful_step_count=18, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def received(at: datetime = BEGINNING, days: int = 5) -> Entry:
    term = Term.parse(f"{days} working_day")
    row = Entry(DueReason.RECEIVED, at, None, at, "", at, None, term)
    return ledger.enter((), row, term, WorkCalendar.of(HOURS, DAYS))[0]


def test_rows_that_do_not_follow_one_another_are_no_ledger() -> None:
    first = received()
    other = first._replace(reason=DueReason.DUTY_RESUME, old=first.new + timedelta(hours=1))
    assert ledger.balance((first,)) == first.new
    with pytest.raises(LedgerError, match="row 2"):
        ledger.balance((first, other))
    with pytest.raises(LedgerError):
        ledger.recount((other,), Term.parse("5 working_day"), WorkCalendar.of(HOURS, DAYS))


def at(days: float) -> datetime:
    return BEGINNING + timedelta(days=days)


def pause(since: float, until: float, reason: DueReason = DueReason.DUTY_RESUME, interval: str = "") -> Entry:
    """A row about time that is not counted, in days after a Monday morning."""
    return Entry(reason, at(until), None, at(until), "", at(since), at(until), None, interval)


def comes_to(*facts: Entry) -> datetime:
    return ledger.recount((received(), *facts), Term.parse("5 working_day"), WorkCalendar.of(HOURS, DAYS)).due_at


def test_time_that_two_pauses_share_is_not_counted_once_and_not_twice() -> None:
    apart = comes_to(pause(1, 2), pause(2, 3))
    assert comes_to(pause(1, 3), pause(1, 2)) == comes_to(pause(1, 2), pause(1, 3)) == apart
    assert comes_to(pause(1, 3), pause(2, 3)) == comes_to(pause(1, 3), pause(1, 3)) == apart
    assert apart == comes_to() + timedelta(days=2)


def test_a_restart_forgets_what_was_paused_before_and_keeps_what_still_goes_on() -> None:
    term = Term.parse("5 working_day")
    anew = Entry(DueReason.SUPPLEMENT_RESTART, at(2), None, at(2), "", at(2), None, term)
    fresh = comes_to(anew)
    assert fresh == at(9)
    assert comes_to(pause(0, 1), anew) == fresh
    # Of two days of posting that began a day before the restart, one is left.
    assert comes_to(pause(1, 3, DueReason.INTERVAL_BEGUN, "posting"), anew) == fresh + timedelta(days=1)


def test_an_apology_knows_what_went_on_before_it_and_only_later_pauses_move_its_date() -> None:
    apology = Entry(DueReason.APOLOGY, at(3), None, at(14), "", at(3))
    assert comes_to(pause(1, 2), apology) == comes_to(apology) == at(14)
    assert comes_to(apology, pause(2, 4)) == at(14)
    assert comes_to(apology, pause(7, 8)) == at(15)


def test_an_interval_that_ends_early_gives_the_rest_of_its_time_back() -> None:
    posting = pause(1, 4, DueReason.INTERVAL_BEGUN, "posting")
    ended = Entry(DueReason.INTERVAL_ENDED, at(2), None, at(2), "", at(1), at(2), None, "posting")
    assert comes_to(posting, ended) == comes_to(pause(1, 2)) == comes_to() + timedelta(days=1)


def test_a_holiday_announced_later_moves_the_date_when_the_same_facts_are_counted_again() -> None:
    first = received()
    term, off = Term.parse("5 working_day"), (BEGINNING + timedelta(days=2)).date()
    moved = ledger.recount((first,), term, WorkCalendar.of(HOURS, with_day_off(DAYS, off)))
    assert moved.due_at == first.new + timedelta(days=1)


def test_the_naive_clock_opens_when_the_office_does() -> None:
    assert opening(BEGINNING - timedelta(hours=3), DAYS.is_working) == BEGINNING
