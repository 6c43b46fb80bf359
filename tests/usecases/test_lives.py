"""Random lives of a dossier in the database: date, ledger, status, log and control slip agree with a card that somebody
keeps of it, and with a clock that counts day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.domain import ledger
from portal.domain.access import PORTAL, Actor, Role
from portal.domain.casework import Case, Request, apology_by
from portal.domain.flow import Action, Status
from portal.store.database import Database
from portal.usecases import custody, dossiers, evidence, law
from portal.usecases.scenes import Deed
from tests.cases import WORDS, person, submit
from tests.domain.naive_clock import Life, after_days
from tests.people import UNIT

FIRST = "1.115689"
#: A Monday morning in Lào Cai.
BEGINNING = datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
QUARTERS = st.integers(0, 4 * 24 * 6)
OTHER = "nghia-do"
INTERVALS = ("examination", "offence", "posting")
MANAGER = Actor(None, Role.MANAGER)


class Lives(RuleBasedStateMachine):
    """A first registration of land, and the card on which somebody keeps the facts of it."""

    @initialize()
    def begin(self) -> None:
        """It is handed in, received, and forwarded to the specialist who deals with the duty."""
        self.now, self.begun = BEGINNING, dict[str, datetime]()
        self.handed: list[tuple[Role, Role, datetime]] = []
        self.registration = submit(FIRST, self.now)
        self.act(Action.RECEIVE, Role.ONE_STOP_OFFICER)
        self.gave(Role.CITIZEN, Role.ONE_STOP_OFFICER)
        days, extra = law.rules_of(self.dossier).term.parts
        self.life = Life(days.amount, self.now, extra=extra.amount)
        self.expected = self.life.due(self.works)
        while self.dossier.step != "duty":
            self.forward()

    def forward(self) -> None:
        giver = self.holder
        self.act(Action.FORWARD, giver)
        self.gave(giver, self.holder)

    @property
    def holder(self) -> Role:
        return Role(self.dossier.holder_role or "")

    def gave(self, giver: Role, receiver: Role) -> None:
        """The card says who gave it to whom, and when."""
        self.handed.append((giver, receiver, self.now))

    @staticmethod
    def works(day: date) -> bool:
        return law.official_days().is_working(day)

    @property
    def case(self) -> Case:
        return dossiers.opened(self.dossier, (PORTAL,)).case

    @property
    def running(self) -> bool:
        return self.case.status is Status.PROCESSING

    def act(self, action: Action, who: Role | Actor = Role.SPECIALIST, **request: Any) -> None:
        actor = who if isinstance(who, Actor) else person(who, UNIT)
        deed = Deed(action, request=Request(**request), words=WORDS)
        dossiers.act(actor, self.registration, deed, self.now)
        self.dossier = dossiers.open_dossier(MANAGER, self.registration).dossier

    def moved(self, life: Life) -> None:
        self.life, self.expected = life, life.due(self.works)

    @rule(quarters=QUARTERS)
    def time_passes(self, quarters: int) -> None:
        self.now += timedelta(minutes=15 * quarters)

    @precondition(lambda self: self.running)
    @rule(duty=st.booleans())
    def hold(self, duty: bool) -> None:
        day = law.office_day(self.now)
        items = [{"key": "1", "section": "applicant", "words": "Thiếu trang 2"}]
        asking = {"reason": "missing", "items": items, "answer_by": day}
        if duty:
            self.act(Action.ASK_DUTY, answer_by=day)
        elif not self.case.supplement_rounds:
            self.act(Action.ASK_SUPPLEMENT, **asking)
        else:
            self.act(Action.PROPOSE_SUPPLEMENT, **asking)
            self.act(Action.GRANT_SUPPLEMENT, Role.HEAD_OF_OFFICE)

    @precondition(lambda self: self.case.status in (Status.SUPPLEMENT_ASKED, Status.DUTY_ASKED))
    @rule()
    def go_on(self) -> None:
        since = self.case.held_since
        assert since is not None
        if self.case.status is Status.SUPPLEMENT_ASKED:
            self.act(Action.ANSWER_SUPPLEMENT, Role.CITIZEN)
            self.moved(self.life.restarted(self.now))
        else:
            self.act(Action.CONFIRM_DUTY, number="BL 1")
            self.moved(self.life.paused(since, self.now))

    @precondition(lambda self: self.running and len(self.case.intervals) < len(INTERVALS))
    @rule(data=st.data())
    def begin_an_interval(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([key for key in INTERVALS if key not in self.case.intervals]))
        self.act(Action.BEGIN_INTERVAL, interval=key)
        self.begun[key] = self.now
        if key == "posting":
            self.moved(self.life.paused(self.now, after_days(self.now, 15, self.works), key))

    @precondition(lambda self: self.case.intervals and self.case.ended_at is None)
    @rule(data=st.data())
    def end_an_interval(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.case.intervals)))
        rows = len(self.case.ledger)
        self.act(Action.END_INTERVAL, interval=key)
        if key != "posting":
            self.moved(self.life.paused(self.begun[key], self.now, key))
        elif len(self.case.ledger) > rows:
            self.moved(self.life.shortened(key, self.now))

    @precondition(lambda self: self.running and not self.case.apologised)
    @rule(days=st.integers(1, 20))
    def apologise(self, days: int) -> None:
        moment = law.moment(UNIT, self.now, "land")
        if self.now > apology_by(self.case, law.rules_of(self.dossier), moment):
            return
        assert self.dossier.due_at is not None
        promised = self.dossier.due_at + timedelta(days=days)
        self.act(Action.APOLOGISE, Role.HEAD_OF_OFFICE, reason="workload", promised=promised)
        self.moved(self.life.apologised(self.now, promised))

    @precondition(lambda self: self.running and Action.FORWARD in self.possible(self.holder))
    @rule()
    def goes_on_and_comes_back(self) -> None:
        self.forward()
        giver = self.holder
        self.act(Action.SEND_BACK, giver, to_step="duty", reason="other")
        self.gave(giver, self.holder)

    @precondition(lambda self: Action.AMEND in self.possible(Role.ONE_STOP_OFFICER))
    @rule()
    def what_was_taken_down_is_corrected(self) -> None:
        self.act(Action.AMEND, Role.ONE_STOP_OFFICER, reason="typed_wrong")

    @precondition(lambda self: self.can_be_put_right)
    @rule(quarters=st.integers(-30, 36))
    def the_time_of_reception_is_put_right(self, quarters: int) -> None:
        since = min(self.now, BEGINNING + timedelta(minutes=15 * quarters))
        self.act(Action.RECTIFY, Role.ONE_STOP_OFFICER, reason="picked_wrong", received_at=since)
        self.moved(Life(self.life.days, since, extra=self.life.extra))

    @precondition(lambda self: self.can_be_put_right)
    @rule()
    def another_unit_has_it_for_a_moment(self) -> None:
        """Nothing comes of it but two more lines of the control slip."""
        for there, here in ((UNIT, OTHER), (OTHER, UNIT)):
            officer = person(Role.ONE_STOP_OFFICER, there)
            self.act(Action.RECTIFY, officer, reason="picked_wrong", to_unit=here)
            self.gave(Role.ONE_STOP_OFFICER, self.holder)

    @property
    def can_be_put_right(self) -> bool:
        today = law.office_day(self.now) == law.office_day(BEGINNING)
        return today and Action.RECTIFY in self.possible(Role.ONE_STOP_OFFICER)

    @precondition(lambda self: self.case.ended_at is None)
    @rule(sure=st.integers(0, 9))
    def the_applicant_wants_it_back(self, sure: int) -> None:
        """And thinks better of it, most of the time."""
        self.act(Action.REQUEST_WITHDRAWAL, Role.CITIZEN)
        if sure:
            self.act(Action.KEEP, Role.CITIZEN)
        else:
            self.act(Action.CONFIRM_WITHDRAWAL, Role.ONE_STOP_OFFICER)

    @precondition(lambda self: self.case.ended_at is None)
    @rule()
    def counted_again_by_the_same_calendar(self) -> None:
        self.act(Action.RESCHEDULE, PORTAL)

    @precondition(lambda self: self.case.ended_at is None)
    @rule(sure=st.integers(0, 9))
    def end(self, sure: int) -> None:
        if not sure:
            self.act(Action.STOP, Role.LEADER, reason="other")

    def possible(self, role: Role) -> tuple[Action, ...]:
        return dossiers.open_dossier(person(role, UNIT), self.registration).possible

    @invariant()
    def the_control_slip_is_the_card(self) -> None:
        told = custody.transfers(self.dossier)
        assert [(each.giver.role, each.receiver.role, each.at) for each in told] == self.handed
        promises = [change.new_due_at for change in self.dossier.due_changes]
        assert all(each.limit is None or each.limit <= max(promises) for each in told)

    @invariant()
    def date_ledger_status_and_log_agree(self) -> None:
        dossier, last = self.dossier, self.dossier.events[-1]
        assert dossier.due_at == self.expected
        assert ledger.balance(self.case.ledger) == dossier.due_at
        assert dossier.due_changes[-1].new_due_at == dossier.due_at
        assert (last.after, last.step, last.due_on, last.hash) == (
            dossier.status, dossier.step, dossier.due_on, dossier.last_hash,
        )  # fmt: skip


def test_date_ledger_status_and_log_agree_with_a_naive_clock_whatever_happens(database: Database) -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=15, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert list(evidence.faults()) == []
