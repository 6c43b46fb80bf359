"""A believable history of dossiers: chosen by chance from a seed, and carried through the same rules as real ones.

Chance decides what people want and how long they take; what comes of it `casework.step` decides. The same seed and days
give the same history. A bundle is told as what it becomes: a dossier of each leg, which begin in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from random import Random
from typing import Any, Final, NamedTuple

from portal.domain import bundles, casework, fees, forms, invented_answers, population, rehearsal, term_cases
from portal.domain.access import PORTAL, Actor, Role
from portal.domain.bundles import Outlook
from portal.domain.casework import Case, Outcome, Request, Rules
from portal.domain.flow import TERMINAL, Action, Status
from portal.domain.kinds import NO_DISTRICTS_FROM, Context
from portal.domain.moment import Moment, office_day
from portal.domain.population import Person
from portal.domain.workdays import WORKING_DAY, WorkCalendar
from procedures.calendars import OFFICE_TIME, OfficialDays
from procedures.catalogue import Catalogue
from procedures.model import LEAD, Leg, Procedure
from procedures.places import Places, Unit, UnitKind

ONE_DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)

#: How often each procedure is asked for where it is in force, by code; others come as often as the rarest.
DEMAND: Final[Mapping[str, int]] = {
    # civil status
    "1.001193": 45, "2.000635": 40, "1.000894": 14, "1.004873": 16, "1.000656": 12, "1.004859": 6, "1.004884": 3,
    "2.000986": 26, "2.001023": 8,
    # residence
    "1.004222": 30, "1.010041": 26, "1.004194": 22, "2.001159": 18, "1.010038": 18, "1.002755": 8, "1.010039": 7,
    "1.003677": 5, "1.013314": 5, "1.010028": 3, "1.003197": 3,
    # land
    "1.115668": 24, "1.115689": 12, "1.011441": 12, "1.115661": 9, "1.011443": 8, "1.115662": 8, "1.115679": 6,
    "1.115663": 3, "1.115664": 3,
    # construction
    "1.013225": 13, "1.013229": 3,
}  # fmt: skip
#: How often everything else is asked for.
SELDOM: Final = 2
#: Of 100 dossiers, so many come by each channel where the procedure takes it.
CHANNELS: Final[Mapping[str, int]] = {"online": 46, "counter": 49, "post": 5}
#: Inhabitants of each old commune, roughly and for the demonstration alone.
INHABITANTS: Final[Mapping[UnitKind, int]] = {UnitKind.TOWNSHIP: 11, UnitKind.COMMUNE: 5}


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody with an account."""

    actor: Actor
    person: Person


@dataclass(frozen=True, slots=True)
class World:
    """All that a history is made in.

    `staff` are the people of each unit and role, `citizens` those of each old commune who have an account; `regular` is
    the one whose own dossiers the demonstration shows. Nothing happens after `until`.
    """

    places: Places
    catalogue: Catalogue
    days: OfficialDays
    rules: Callable[[str, date, str, str, str], Rules]
    calendar: Callable[[str, str | None], WorkCalendar]
    staff: Mapping[tuple[str, Role], Sequence[Actor]]
    citizens: Mapping[str, Sequence[Citizen]]
    regular: Citizen
    regulars_share: float
    until: datetime


class Deed(NamedTuple):
    """One thing that was done to a dossier, and what came of it."""

    actor: Actor
    at: datetime
    request: Request
    words: str
    amount: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Template:
    """What the dossiers of one procedure version and channel have in common, drawn from an example of its file.

    The answers were given on a day, `answered_on`; `officers_case` is the case of the term that only an officer can
    tell.
    """

    answers: Mapping[str, Any]
    answered_on: date
    officers_case: str | None
    papers: Mapping[str, Mapping[str, int]]
    fee: int | None
    fee_lines: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Story:
    """One dossier with all that was done to it, in order."""

    procedure: Procedure
    term_case: str
    channel: str
    commune: str
    unit: str
    person: Person
    owner: Actor | None
    entered_by: Actor | None
    address: str
    answers: dict[str, Any]
    template: Template
    registration: bytes
    deeds: list[Deed]
    #: Of a bundle, which further leg of which dossier it is and by when it begins; and, of the first, when all is done.
    leg: str = ""
    lead: Story | None = None
    begins_by: datetime | None = None
    total_due_at: datetime | None = None

    @property
    def case(self) -> Case:
        """The dossier at the end of the story."""
        return self.deeds[-1].outcome.case

    @property
    def head(self) -> Story:
        """The first leg of its bundle, which keeps what all legs share; itself if it stands alone."""
        return self.lead or self


# --- arrivals ---


def arrivals(dossiers: int, first: date, last: date, days: OfficialDays) -> Iterator[tuple[date, int]]:
    """How many dossiers come on each day, `dossiers` in all: few on days off, many on Mondays, more and more."""
    span = max((last - first).days, 1)
    weights = [_busyness(first + ONE_DAY * n, n / span, days) for n in range((last - first).days + 1)]
    total, come = sum(weights), 0
    for number, reached in enumerate(accumulate(weights)):
        due = round(dossiers * reached / total)
        if due > come:
            yield first + ONE_DAY * number, due - come
        come = due


def _busyness(day: date, progress: float, days: OfficialDays) -> float:
    if not days.is_working(day):
        return 0.08
    return (1 + 2 * progress) * (1.25 if day.weekday() == 0 else 0.9 if day.weekday() == 4 else 1)


def stories(world: World, seed: int, day: date, dossiers: int, most: int, part: int = 0) -> list[Story]:
    """The stories of the dossiers that come on one day, or of one of its parts, in the order in which they come.

    All legs of a bundle come together: with them there may be some more than `dossiers`, though not more than `most`.
    """
    random = Random(f"{seed}/{day}/{part}" if part else f"{seed}/{day}")  # noqa: S311 - believable, not secret
    told, number = list[list[Story]](), 0
    while number < dossiers:
        whole = _Teller(world, random, day).tell()
        if number + len(whole) <= most:
            told.append(whole)
            number += len(whole)
    return [story for whole in sorted(told, key=lambda whole: whole[0].deeds[0].at) for story in whole]


# --- templates ---


@lru_cache(maxsize=256)
def templates(catalogue: Catalogue, places: Places, code: str, version: date, channel: str) -> tuple[Template, ...]:
    """What the complete examples of a procedure version come to when they are handed in by this channel."""
    procedure, found = catalogue.version(code, version), []
    for example in procedure.examples:
        if example.expect.outcome != "complete":
            continue
        context = Context(example.received_at.date(), places, channel)
        filled = rehearsal.fill_in(procedure, rehearsal.typed_answers(procedure, example), context)
        answers = forms.final_answers(procedure, filled, context)
        needed = forms.required_components(procedure, answers, context)
        papers = {
            c.key: {next(k.value for k in c.kinds if k != "electronic"): c.copies} for c in needed if _on_paper(c)
        }
        note = fees.fee_note(procedure, answers, context, example.exemption)
        lines = tuple(line.to_json() for line in note.lines)
        found.append(
            Template(
                answers, context.today, example.term_case, {} if channel == "online" else papers, note.total, lines
            )
        )
    return tuple(found)


def _of_the_time(found: Sequence[Template], day: date) -> Sequence[Template]:
    """Those whose addresses are written as on this day, with districts or without; all of them where there are none."""
    district = day < NO_DISTRICTS_FROM
    return [template for template in found if (template.answered_on < NO_DISTRICTS_FROM) == district] or found


def _on_paper(component: Any) -> bool:
    return any(kind != "electronic" for kind in component.kinds)


# --- one story ---


class _Over(Exception):
    """The history ends here; what comes later has not happened yet."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What a dossier runs into. `pace` multiplies each step's share of the term."""

    early: str = ""
    later: str = ""
    rounds: int = 1
    pace: tuple[float, float] = (0.35, 0.95)


#: What happens to dossiers, in 1,000.
FATES: Final[tuple[tuple[int, Fate], ...]] = (
    (742, Fate()),
    (34, Fate(pace=(1.0, 1.3))),
    (26, Fate(pace=(1.3, 2.6))),
    (38, Fate(early="supplement")),
    (62, Fate(later="supplement")),
    (9, Fate(later="supplement", rounds=2, pace=(0.8, 1.4))),
    (7, Fate(later="supplement_unanswered")),
    (5, Fate(early="supplement_unanswered")),
    (19, Fate(early="decline")),
    (10, Fate(early="withdraw")),
    (9, Fate(later="withdraw")),
    (3, Fate(later="keep")),
    (19, Fate(later="refuse")),
    (4, Fate(later="stop")),
    (11, Fate(later="send_back")),
    (2, Fate(later="correct")),
)
_FATES: Final = tuple(fate for _, fate in FATES)
_FATE_WEIGHTS: Final = tuple(accumulate(weight for weight, _ in FATES))

#: When citizens are up: hours of the day at which they send something from home, with how many do.
_HOURS: Final = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22)
_AT_HOME: Final = tuple(accumulate((2, 6, 8, 7, 4, 3, 4, 7, 7, 6, 3, 6, 9, 7, 3)))
NO_REQUEST: Final = Request()


class _Teller:
    """Tells one story: who comes with what, and what everybody then does, until it is over."""

    def __init__(self, world: World, random: Random, day: date) -> None:
        self.world, self.random, self.day = world, random, day
        self.deeds: list[Deed] = []
        self.fate = random.choices(_FATES, cum_weights=_FATE_WEIGHTS)[0]
        self.pick = random.random()
        self.leg = ""

    def tell(self) -> list[Story]:
        """The story of one dossier that comes today; of a bundle that is received, those of its further legs too."""
        world, random = self.world, self.random
        old = random.choices(*_homes(world.places))[0]
        commune = world.places.holder(old, self.day)
        procedure = _chosen(random, world.catalogue, self.day)
        channel = self._channel(procedure)
        unit = world.places.receiver(procedure.sector, commune.id, self.day)
        citizen = self._citizen(old) if channel == "online" else None
        person = citizen.person if citizen else population.person(random, invented_answers.ADULTS)
        found = templates(world.catalogue, world.places, procedure.code, procedure.version, channel)
        template = random.choice(_of_the_time(found, self.day))
        self.at = min(self._arrival(channel, unit), world.until - MINUTE * random.randint(1, 90))
        self.owner, self.unit, self.procedure = citizen.actor if citizen else None, unit.id, procedure
        self.commune, self.fee = commune.id, template.fee
        officer = None if citizen else self._staff(unit.id, Role.ONE_STOP_OFFICER)
        district = world.places.by_id(commune.parent) if commune.parent else None
        home = population.address(person, commune, district)
        registration = random.randbytes(8)
        early = min(self.day - template.answered_on, timedelta())
        answers = invented_answers.on_other_land(invented_answers.moved(template.answers, early), random)
        answers |= invented_answers.invented(
            procedure.slug, invented_answers.Filling(random, person, commune, home, self.day, template.answers)
        )
        # What is invented for a form may be more than one of its versions asks for.
        answers = {key: value for key, value in answers.items() if key in procedure.fields}
        self.answers, self.officers_case, self.term_case = answers, template.officers_case, term_cases.ORDINARY
        self.context = Context(self.day, world.places, channel)
        self._set_out(officer or self.owner)
        with suppress(_Over):
            if self._at_reception(officer):
                self._on_the_route()
        # What lies still belongs to the successor too, once its unit has ended.
        self.at = world.until
        self._hand_to_successor()
        lead = Story(
            self.procedure, self.term_case, channel, commune.id, unit.id, person, self.owner, officer, home, answers,
            template, registration, self.deeds,
        )  # fmt: skip
        return [lead, *self._further_legs(lead)]

    def _further_legs(self, lead: Story) -> list[Story]:
        """What the portal made of a bundle when it was received, and what became of that."""
        case, whole = lead.case, {LEAD: lead}
        if case.received_at is None or not self.procedure.legs:
            return []
        received = next(deed.outcome.case for deed in lead.deeds if deed.outcome.action is Action.RECEIVE)
        assert received.due_at is not None
        places, calendar = self.world.places, self.world.calendar
        spans, lead.total_due_at = bundles.whole_plan(
            self.procedure, self.answers, received.unit, case.received_at, received.due_at, places, calendar
        )
        for leg in self.procedure.legs:
            unit = bundles.unit_of(leg, self.answers, received.unit, places, office_day(case.received_at))
            teller = _LegTeller(self, leg, unit.id, spans[leg.key].begins_at)
            whole[leg.key] = teller.tell_leg(lead, case.received_at, whole)
        _keep_dates(whole, self.procedure.legs, calendar)
        return list(whole.values())[1:]

    # who and when

    def _channel(self, procedure: Procedure) -> str:
        regular = [manner.channel.value for manner in procedure.manners if not manner.exceptional]
        # The shops are closed on days off; what comes then comes online.
        open_today = [each for each in regular if each == "online" or self.world.days.is_working(self.day)]
        return self.random.choices(open_today, weights=[CHANNELS[each] for each in open_today])[0]

    def _citizen(self, commune: str) -> Citizen:
        regular = self.world.regular
        if self.random.random() < self.world.regulars_share:
            return regular
        return self.random.choice(self.world.citizens.get(commune) or (regular,))

    def _arrival(self, channel: str, unit: Unit) -> datetime:
        if channel == "online":
            return self._from_home(self.day)
        opening = self._calendar(unit.id).start(datetime.combine(self.day, time.min, OFFICE_TIME))
        # Most come early, in the morning or after lunch.
        worked = WORKING_DAY * min(self.random.betavariate(1.3, 1.9), 0.97)
        return self._calendar(unit.id).add_working_time(opening, _to_seconds(worked))

    def _from_home(self, day: date) -> datetime:
        hour = self.random.choices(_HOURS, cum_weights=_AT_HOME)[0]
        return datetime.combine(day, time(hour), OFFICE_TIME) + timedelta(seconds=int(self.random.random() * 3600))

    def _calendar(self, unit: str) -> WorkCalendar:
        return self.world.calendar(unit, None)

    def _moment(self, unit: str, at: datetime) -> Moment:
        return Moment(at, self.world.calendar(unit, self.procedure.sector))

    def _rules_at(self, unit: str) -> Rules:
        return self.world.rules(self.procedure.code, self.procedure.version, unit, self.term_case, self.leg)

    def _staff(self, unit: str, role: Role) -> Actor:
        people = self.world.staff[unit, role]
        return people[int(self.pick * len(people))]

    def _reception(self) -> Actor:
        return self._staff(self.case.unit, Role.ONE_STOP_OFFICER)

    def _holder(self) -> Actor:
        stop = self.rules.stop(self.case.step)
        return self._staff(self.rules.unit_of(stop, self.case.unit), stop.role)

    def _work(self, amount: timedelta) -> None:
        """Time passes in which the office works."""
        self.at = self._calendar(self.case.unit).add_working_time(self.at, _to_seconds(amount))

    def _days_at_home(self, least: int, most: int) -> None:
        """Days pass until a citizen does something."""
        after = self._from_home(office_day(self.at) + ONE_DAY * self.random.randint(least, most))
        self.at = max(self.at + 30 * MINUTE, after)

    # doing

    def _set_out(self, author: Actor | None, begins_by: datetime | None = None) -> None:
        assert author is not None
        self.rules = self._rules_at(self.unit)
        owner_id = self.owner.account_id if self.owner else None
        new = Case(None, self.unit, owner_id, begins_by=begins_by)
        self.case = casework.submitted(new, self.rules, self._moment(self.unit, self.at))
        self.author = author

    def _do(
        self,
        action: Action,
        actor: Callable[[], Actor],
        request: Request = NO_REQUEST,
        words: str = "",
        amount: int | None = None,
    ) -> None:
        """One deed now; whoever ended before has handed over to their successor first."""
        self._hand_to_successor()
        self._write(action, actor(), self.at, request, words, amount)

    def _hand_to_successor(self) -> None:
        """A unit that has ended by now handed its open dossiers over on the morning after its last day."""
        ended = self.world.places.by_id(self.case.unit).valid_to
        if ended is None or self.case.status is None or self.case.status in TERMINAL:
            return
        if office_day(min(self.at, self.world.until)) <= ended:
            return
        morning = datetime.combine(ended + ONE_DAY, time(0, 5), OFFICE_TIME)
        heir = self.world.places.holder(self.case.unit, ended + ONE_DAY, self.commune)
        self._write(Action.SUCCEED, PORTAL, morning, Request(to_unit=heir.id))
        self.rules = self._rules_at(heir.id)

    def _write(
        self,
        action: Action,
        actor: Actor,
        at: datetime,
        request: Request,
        words: str = "",
        amount: int | None = None,
    ) -> None:
        if at > self.world.until:
            raise _Over
        moment = self._moment(self.case.unit, at)
        outcome = casework.step(self.case, action, actor, moment, self.rules, request)
        self.case = outcome.case
        self.deeds.append(Deed(actor, at, request, words, amount, outcome))

    # chapters

    def _at_reception(self, officer: Actor | None) -> bool:
        """From submission to reception; False if it never is received."""
        self._do(Action.SUBMIT, lambda: self.author)
        if officer is not None:
            self._receive()
            return True
        fate, random = self.fate, self.random
        if fate.early == "withdraw":
            self.at += MINUTE * random.randint(20, 300)
            self._do(Action.WITHDRAW, self._author)
            return False
        self._work(MINUTE * min(10 + random.expovariate(1 / 110), 900))
        if fate.early == "decline":
            self._do(Action.DECLINE, self._reception, Request(reason=self._refusal()), "Đã giải thích qua điện thoại.")
            return False
        if fate.early.startswith("supplement"):
            self._ask()
            if fate.early.endswith("unanswered"):
                self._give_up()
                return False
            self._days_at_home(0, 5)
            self._do(Action.ANSWER_BEFORE_RECEPTION, self._author)
            self._work(MINUTE * random.randint(15, 300))
        self._receive()
        return True

    def _receive(self) -> None:
        self._hand_to_successor()
        if self.at > self.world.until:
            raise _Over
        in_force = self.world.catalogue.in_force(self.procedure.code, office_day(self.at))
        known = {case.key for case in in_force.officers_cases}
        told = self.officers_case if self.officers_case in known else None
        self.term_case = term_cases.chosen(in_force, self.answers, self.context, told)
        if in_force.version != self.procedure.version or self.term_case:
            self.procedure = in_force
            self.rules = self._rules_at(self.case.unit)
        self._do(Action.RECEIVE, self._reception, Request(term_case=told) if told else NO_REQUEST)
        self.case = self.case._replace(fee_open=bool(self.fee))
        # At the counter one pays at once; from home, when fetching the result.
        if self.fee and self.owner is None:
            self._pay()

    def _pay(self) -> None:
        self.at += 3 * MINUTE
        number = f"BL-{office_day(self.at):%y}{int(self.random.random() * 10**9):09d}"
        self._do(Action.PAY_FEE, self._reception, Request(number=number), amount=self.fee)

    def _on_the_route(self) -> None:
        """Step by step to the result, and into the applicant's hands."""
        pace = self.random.uniform(*self.fate.pace)
        rounds = self.fate.rounds if self.fate.later.startswith("supplement") else 0
        trouble = self.random.randrange(1, max(len(self.rules.route) - 3, 2))
        while self.case.status is not Status.RESOLVED:
            stop = self.rules.stop(self.case.step)
            self._spend(stop.share, pace)
            self._hand_to_successor()
            position = self.rules.positions[stop.key]
            if rounds and Action.ASK_SUPPLEMENT in stop.powers and position >= casework.first_to_work(self.rules):
                rounds -= 1
                if not self._ask():
                    continue
                if self.fate.later.endswith("unanswered"):
                    return self._give_up()
                self._days_at_home(1, 9)
                self._do(Action.ANSWER_SUPPLEMENT, self._author)
                continue
            if position >= trouble and self._meets_trouble():
                return None
            powers = self.rules.stop(self.case.step).powers
            if Action.ASK_DUTY in powers and self.random.random() < 0.85:
                self._duty()
            self._go_on(powers)
        return self._hand_over()

    def _spend(self, share: Any, pace: float) -> None:
        """Work on a step, quicker or slower than its share; a same-day procedure has no shares."""
        if share is None:
            amount = MINUTE * self.random.randint(8, 55) * (1 + 25 * max(pace - 1, 0))
        else:
            amount = WORKING_DAY * float(share) * pace * self.random.uniform(0.6, 1.4)
        self._work(amount)

    def _go_on(self, powers: frozenset[Action]) -> None:
        if Action.APPROVE in powers:
            if self.fate.later == "refuse":
                self._do(
                    Action.REFUSE, self._holder, Request(reason=self._refusal()), "Nội dung chi tiết theo biên bản."
                )
            else:
                self._do(Action.APPROVE, self._holder)
        elif Action.ISSUE in powers:
            self._do(Action.ISSUE, self._holder)
        else:
            self._do(Action.FORWARD, self._holder)

    def _meets_trouble(self) -> bool:
        """What befalls this dossier on its route, once; True if that is its end."""
        if (later := self.fate.later) not in _ONCE:
            return False
        if later == "send_back" and not self._can_send_back():
            return False
        self.fate = replace(self.fate, later="")
        if later in ("withdraw", "keep"):
            self._do(Action.REQUEST_WITHDRAWAL, self._author)
            self._work(MINUTE * self.random.randint(30, 600))
            self._do(Action.KEEP if later == "keep" else Action.CONFIRM_WITHDRAWAL, self._reception)
            return later == "withdraw"
        if later == "stop":
            self._do(Action.STOP, self._leader, Request(reason=self._refusal()), "Thông báo dừng giải quyết hồ sơ.")
            return True
        self._do(Action.SEND_BACK, self._holder, Request(reason=self._lack()), "Đề nghị làm rõ nội dung dự thảo.")
        self._spend(self.rules.stop(self.case.step).share, 0.4)
        return False

    def _can_send_back(self) -> bool:
        powers = self.rules.stop(self.case.step).powers
        return Action.SEND_BACK in powers and bool(casework.earlier_steps(self.case, self.rules))

    def _duty(self) -> None:
        day = self._calendar(self.case.unit).add_working_days(office_day(self.at), 20)
        amount = 1000 * self.random.randint(300, 9000)
        self._do(Action.ASK_DUTY, self._holder, Request(answer_by=day), "Nộp theo thông báo của cơ quan thuế.", amount)
        self._days_at_home(2, 16)
        self._work(MINUTE * self.random.randint(10, 200))
        self._do(Action.CONFIRM_DUTY, self._holder, Request(number=f"NSNN-{int(self.random.random() * 10**8):08d}"))
        self._work(MINUTE * self.random.randint(10, 90))

    def _ask(self) -> bool:
        """Ask for what is missing: one paper, in full and with the reason. Gives False where no further round may be.

        After reception nobody is asked a second time unless a head allows it.
        """
        again = self.case.received_at is not None and bool(self.case.supplement_rounds)
        if again and self.rules.rounds is not None and self.case.supplement_rounds >= self.rules.rounds:
            return False
        day = self._calendar(self.case.unit).add_working_days(office_day(self.at), 10)
        component = self.random.choice(self.procedure.components).key
        why = self._lack()
        items = ({"key": "1", "component": component, "reason": why, "words": "Bổ sung bản rõ, đủ trang."},)
        request = Request(reason=why, items=items, answer_by=day)
        words = "Trong quá trình hoàn thiện có vướng mắc, xin liên hệ Bộ phận Một cửa."
        if not again:
            actor = self._reception if self.case.received_at is None else self._holder
            self._do(Action.ASK_SUPPLEMENT, actor, request, words)
            return True
        self._do(Action.PROPOSE_SUPPLEMENT, self._holder, request, words)
        self._work(MINUTE * self.random.randint(10, 90))
        self._do(Action.GRANT_SUPPLEMENT, self._leader, request, words)
        return True

    def _give_up(self) -> None:
        """Nobody answers; after a month a leader stops it, or the applicant lets it be."""
        self.at = self._from_home(office_day(self.at) + ONE_DAY * self.random.randint(25, 40))
        self._work(30 * MINUTE)
        if self.random.random() < 0.6:
            self._do(Action.STOP, self._leader, Request(reason=self._refusal("not_completed")), "Quá thời hạn bổ sung.")
        else:
            self._do(Action.REQUEST_WITHDRAWAL, self._author)
            self._work(90 * MINUTE)
            self._do(Action.CONFIRM_WITHDRAWAL, self._reception)

    def _hand_over(self) -> None:
        if self.fate.later == "correct":
            self._work(MINUTE * self.random.randint(20, 400))
            signing = next(stop.key for stop in self.rules.route if Action.APPROVE in stop.powers)
            request = Request(reason=self._lack(), to_step=signing)
            self._do(Action.CORRECT, self._holder_of_result, request, "Sửa lỗi chính tả.")
            self.fate = Fate()
            return self._on_the_route()
        patience = self.random.random()
        if patience < 0.002:
            return None  # never comes for the result
        if patience < 0.05:
            self._days_at_home(20, 120)
        self._work(MINUTE * min(20 + self.random.expovariate(1 / 500), 6000))
        self._hand_to_successor()
        if self.case.fee_open and self.case.decision is casework.Decision.APPROVED:
            self._pay()
        self._do(Action.HAND_OVER, self._reception)
        return None

    def _author(self) -> Actor:
        """Whoever speaks for the applicant: the owner, or the officer at the counter."""
        return self.owner or self._reception()

    def _leader(self) -> Actor:
        return self._staff(self.case.unit, Role.LEADER)

    def _holder_of_result(self) -> Actor:
        stop = self.rules.issuer()
        return self._staff(self.rules.unit_of(stop, self.case.unit), stop.role)

    def _refusal(self, fitting: str = "") -> str:
        codes = [reason.code for reason in self.procedure.refusals]
        return fitting if fitting in codes else self.random.choice(codes)

    def _lack(self) -> str:
        return self.random.choice(self.procedure.supplements).code


_ONCE: Final = frozenset({"withdraw", "keep", "stop", "send_back"})


class _LegTeller(_Teller):
    """Tells of a further leg of a bundle: the portal makes it, and it waits until its turn comes or never will."""

    def __init__(self, lead: _Teller, leg: Leg, unit: str, begins_by: datetime) -> None:
        super().__init__(lead.world, lead.random, lead.day)
        self.of, self.leg, self.begins_by = leg, leg.key, begins_by
        self.titles = lead.procedure.bundle.titles if lead.procedure.bundle else {}
        self.procedure, self.term_case = lead.procedure.leg(leg.key), term_cases.ORDINARY
        self.owner, self.unit, self.commune, self.fee = lead.owner, unit, lead.commune, 0

    def tell_leg(self, lead: Story, received_at: datetime, before: Mapping[str, Story]) -> Story:
        """The story of this leg of a bundle received then; `before` are those told of so far, the first one too."""
        self.at = received_at
        registration = self.random.randbytes(8)
        self._set_out(PORTAL, self.begins_by)
        with suppress(_Over):
            self._do(Action.SUBMIT, lambda: PORTAL)
            if self._begins(self._turn(before)):
                self._on_the_route()
        self.at = self.world.until
        self._hand_to_successor()
        return replace(
            lead,
            procedure=self.procedure,
            term_case=self.term_case,
            unit=self.unit,
            answers={},
            template=replace(lead.template, papers={}, fee=self.fee, fee_lines=()),
            registration=registration,
            deeds=self.deeds,
            leg=self.leg,
            lead=lead,
            begins_by=self.begins_by,
            total_due_at=None,
        )

    def _turn(self, before: Mapping[str, Story]) -> tuple[datetime, str | None] | None:
        """When it begins; or when one that it waits for comes to nothing, and which; None while that is open."""
        granted: dict[str, bool | None] = dict.fromkeys(self.of.after)
        if not granted:
            return self.at, None
        for at, key, case in _in_order({key: before[key] for key in granted}):
            assert case.status is not None
            granted[key] = bundles.grants(case.status, case.decision)
            match bundles.outlook(self.of.after, granted):
                case Outlook.BEGINS:
                    return at, None
                case Outlook.NEVER_BEGINS:
                    return at, key
        return None

    def _begins(self, turn: tuple[datetime, str | None] | None) -> bool:
        """Until its turn comes, or somebody gives it up before."""
        comes_at, lost = turn or (self.world.until, None)
        if self.fate.early == "withdraw" and (owner := self.owner) is not None:
            self._days_at_home(0, 4)
            if self.at < comes_at:
                self._do(Action.WITHDRAW, lambda: owner)
                return False
        if turn is None:
            return False
        self.at = comes_at
        if lost is not None:
            why = Request(reason=bundles.LEG_BEFORE)
            self._do(Action.DECLINE, lambda: PORTAL, why, bundles.given_up(self.titles[lost]))
            return False
        self._do(Action.RECEIVE, lambda: PORTAL)
        return True


def _in_order(whole: Mapping[str, Story]) -> list[tuple[datetime, str, Case]]:
    """What happened to the legs of a bundle, in the order in which it did: when, to which, and what came of it."""
    happened = ((d.at, place, key, d.outcome.case) for place, (key, s) in enumerate(whole.items()) for d in s.deeds)
    return [(at, key, case) for at, _, key, case in sorted(happened, key=itemgetter(0, 1))]


def _keep_dates(whole: Mapping[str, Story], legs: Iterable[Leg], calendar: bundles.Calendars) -> None:
    """Move the dates of a bundle as its legs come to be done later than was planned; `whole` by key, LEAD's too."""
    cases, lead = dict[str, Case](), whole[LEAD]
    for _, key, case in _in_order(whole):
        before, cases[key] = cases.get(key), case
        if len(cases) < len(whole) or (before and _dates(before) == _dates(case)):
            continue
        spans, total = bundles.plan_again(cases, legs, calendar)
        lead.total_due_at = max(lead.total_due_at or total, total)
        for waiting, span in spans.items():
            story = whole[waiting]
            story.begins_by = max(story.begins_by or span.begins_at, span.begins_at)


def _dates(case: Case) -> tuple[Any, ...]:
    """What of a leg the plan of those after it looks at."""
    return case.status is Status.REGISTERED, case.unit, case.due_at, case.ended_at


def _to_seconds(amount: timedelta) -> timedelta:
    return timedelta(seconds=int(amount.total_seconds()))


@lru_cache(maxsize=8)
def _homes(places: Places) -> tuple[list[str], list[int]]:
    """The old communes, in which everybody lives to this day, with how many do."""
    communes = [unit for unit in places.units if unit.is_commune and unit.valid_to is not None]
    return [unit.id for unit in communes], [INHABITANTS[unit.kind] for unit in communes]


@lru_cache(maxsize=2048)
def _offered(catalogue: Catalogue, day: date) -> tuple[list[Procedure], list[int]]:
    """What is in force on a day, with how often it is asked for."""
    found = [catalogue.version(head.code, head.version) for head in catalogue.all_in_force(day)]
    return found, list(accumulate(DEMAND.get(procedure.code, SELDOM) for procedure in found))


def _chosen(random: Random, catalogue: Catalogue, day: date) -> Procedure:
    procedures, weights = _offered(catalogue, day)
    return random.choices(procedures, cum_weights=weights)[0]


def first_day(catalogue: Catalogue) -> date:
    """The first day on which any procedure is in force."""
    return min(entry.head.version for entry in catalogue.entries)
