"""Each queue holds what the table says, and the number beside its name is how many that are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from portal.domain import standing
from portal.domain.access import DESK, Actor, Role
from portal.domain.flow import OPEN, TERMINAL, WAITING, Status
from portal.domain.queues import BY_KEY, MOST_COUNTED, QUEUES, Queue, seen_by
from portal.domain.standing import State
from portal.store import database as store
from portal.store.database import transaction
from portal.store.models import Dossier
from portal.store.queues import Cursor, Narrowing
from portal.usecases import law, queues
from tests.people import BRANCH, account_of

S = Status
R = Role
#: A Monday morning; Tuesday and Wednesday are the next two working days.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
UNIT, OTHER = "bao-yen", "bao-ha"
SPECIALIST = Actor(None, R.SPECIALIST, UNIT)
RECEPTION = Actor(None, R.ONE_STOP_OFFICER, UNIT)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """What of a dossier decides in which queues it lies."""

    status: Status = S.PROCESSING
    role: Role = R.SPECIALIST
    unit: str = UNIT
    sector: str = "construction"
    act_by: datetime = NOW + 10 * DAY
    mine: bool = False
    next_day: bool = False
    consulting: bool = False
    answered_early: bool = False

    @property
    def with_citizen(self) -> bool:
        return self.status in WAITING and not self.answered_early

    @property
    def holder(self) -> tuple[str | None, str | None]:
        """By the rules of casework: nobody, the applicant, or a role at the unit (of the land registry: its branch)."""
        if self.status in TERMINAL:
            return None, None
        if self.with_citizen:
            return R.CITIZEN.value, None
        registry = self.role in (R.REGISTRY_OFFICER, R.REGISTRY_HEAD)
        return self.role.value, BRANCH if registry else self.unit


def written(lives: list[Life], me: int) -> list[int]:
    """Write dossiers that live so; gives their ids."""
    received = {S.NOT_RECEIVED, S.REGISTERED}
    ended = {S.RESOLVED, S.HANDED_OVER}
    rows = []
    for number, life in enumerate(lives):
        at = None if life.status in received else NOW - DAY
        rows.append(
            Dossier(
                registration=f"DK-{number:04}", code=f"H38-{number:04}" if at else None, procedure="1.013225",
                version=date(2026, 7, 1), sector=life.sector, channel="online", unit=life.unit, desk_unit=life.unit,
                status=int(life.status), step="x", step_since=NOW, holder_role=life.holder[0],
                holder_unit=life.holder[1], holder_id=me if life.mine else None,
                act_by=None if life.status in TERMINAL else life.act_by, applicant_name="x", answers={}, papers={},
                submitted_at=NOW - 2 * DAY, received_at=at, due_at=at, due_on=at.date() if at else None,
                held_since=at if life.status in WAITING else None, ended_at=at if life.status in ended else None,
                ended_on=at.date() if at and life.status in ended else None,
                handed_over_at=at if life.status is S.HANDED_OVER else None, next_day=life.next_day,
                consulting=life.consulting and life.status not in TERMINAL, answered_early=life.answered_early,
            )
        )  # fmt: skip
    with transaction() as session:
        session.execute(delete(Dossier))
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def pages(actor: Actor, queue: Queue, size: int = 7) -> Iterator[int]:
    """The ids on all pages of a queue, in order."""
    cursor: Cursor | None = None
    while True:
        page = queues.queue(actor, queue, Narrowing(), NOW, cursor, size)
        yield from (row.id for row in page.dossiers)
        if (cursor := page.older) is None:
            return


def counted(actor: Actor) -> dict[str, int]:
    return dict(queues.queue(actor, QUEUES[0], Narrowing(), NOW).counts)


@pytest.fixture
def me(database: store.Database) -> int:
    return account_of(R.SPECIALIST, UNIT).id


def test_what_a_colleague_has_is_not_among_my_own(me: int) -> None:
    other = account_of(R.SPECIALIST, UNIT, username="another").id
    (theirs,) = written([Life(mine=True)], other)
    own = BY_KEY["cua_toi"]
    assert list(pages(replace(SPECIALIST, account_id=me), own)) == []
    assert list(pages(replace(SPECIALIST, account_id=other), own)) == [theirs]


T = NOW
EXAMPLES = [
    ("", SPECIALIST, Life(), True),
    ("", SPECIALIST, Life(role=R.CLERK), False),
    ("", SPECIALIST, Life(unit=OTHER), False),
    ("", SPECIALIST, Life(S.RESOLVED), False),
    ("", SPECIALIST, Life(S.DUTY_ASKED), False),
    ("cua_toi", SPECIALIST, Life(mine=True), True),
    ("cua_toi", SPECIALIST, Life(), False),
    ("cua_toi", SPECIALIST, Life(mine=True, unit=OTHER), False),  # where one worked before
    ("qua_han", SPECIALIST, Life(act_by=T - timedelta(minutes=1)), True),
    ("qua_han", SPECIALIST, Life(act_by=T), False),
    ("qua_han", SPECIALIST, Life(S.SUPPLEMENT_ASKED, act_by=T - DAY), False),  # the applicant's time, not the office's
    ("hom_nay", SPECIALIST, Life(act_by=T), True),
    ("hom_nay", SPECIALIST, Life(act_by=T + 8 * HOUR), True),
    ("hom_nay", SPECIALIST, Life(act_by=T - HOUR), False),
    ("hom_nay", SPECIALIST, Life(act_by=T + 24 * HOUR), False),
    ("hai_ngay", SPECIALIST, Life(act_by=T + 24 * HOUR), True),
    ("hai_ngay", SPECIALIST, Life(act_by=T + 55 * HOUR), True),
    ("hai_ngay", SPECIALIST, Life(act_by=T + 72 * HOUR), False),
    ("cham_nhan", RECEPTION, Life(S.REGISTERED, R.ONE_STOP_OFFICER, act_by=T - HOUR), True),
    ("cham_nhan", RECEPTION, Life(S.REGISTERED, R.ONE_STOP_OFFICER, act_by=T + HOUR), False),
    ("cham_nhan", RECEPTION, Life(S.RECEIVED, R.ONE_STOP_OFFICER, act_by=T - HOUR), False),
    ("sau_15h", RECEPTION, Life(S.RECEIVED, R.ONE_STOP_OFFICER, next_day=True), True),
    ("sau_15h", RECEPTION, Life(S.RECEIVED, R.ONE_STOP_OFFICER), False),
    ("sau_15h", RECEPTION, Life(S.PROCESSING, R.ONE_STOP_OFFICER, next_day=True), False),  # passed on, and come back
    ("cho_dan", SPECIALIST, Life(S.SUPPLEMENT_ASKED), True),
    ("cho_dan", SPECIALIST, Life(S.DUTY_ASKED), True),
    ("cho_dan", SPECIALIST, Life(S.SUPPLEMENT_ASKED, answered_early=True), False),
    ("cho_dan", SPECIALIST, Life(S.SUPPLEMENT_ASKED, unit=OTHER), False),
    ("cho_dan", Actor(None, R.POLICE_OFFICER, UNIT), Life(S.SUPPLEMENT_ASKED), False),  # not of residence
    ("cho_y_kien", SPECIALIST, Life(consulting=True), True),
    ("cho_y_kien", SPECIALIST, Life(), False),
    ("cho_y_kien", SPECIALIST, Life(S.WITHDRAWN, consulting=True), False),
    ("tra", RECEPTION, Life(S.RESOLVED, R.ONE_STOP_OFFICER), True),
    ("tra", RECEPTION, Life(S.HANDED_OVER, R.ONE_STOP_OFFICER), False),
    ("tat_ca", SPECIALIST, Life(S.RESOLVED, R.ONE_STOP_OFFICER), True),
    ("tat_ca", SPECIALIST, Life(S.STOPPED), False),
    ("tat_ca", Actor(None, R.REGISTRY_OFFICER, BRANCH), Life(sector="land"), True),
]  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_each_queue_by_example(me: int) -> None:
    for key, actor, life, lies_there in EXAMPLES:
        ids = written([life], me)
        who = Actor(me, actor.role, actor.unit)
        assert list(pages(who, BY_KEY[key])) == (ids if lies_there else []), (key, life)
        assert counted(who)[key] == int(lies_there), (key, life)


LIVES = st.builds(
    Life,
    st.sampled_from(Status),
    st.sampled_from([R.ONE_STOP_OFFICER, R.SPECIALIST, R.REGISTRY_OFFICER, R.POLICE_OFFICER]),
    st.sampled_from([UNIT, OTHER]),
    st.sampled_from(["land", "residence", "construction"]),
    st.integers(-60, 120).map(lambda hours: NOW + hours * HOUR),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
ROLES = [R.ONE_STOP_OFFICER, R.SPECIALIST, R.REGISTRY_OFFICER, R.POLICE_OFFICER, R.LEADER]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(LIVES, max_size=60), role=st.sampled_from(ROLES))
def test_the_number_beside_each_queue_is_the_length_of_its_list(me: int, lives: list[Life], role: Role) -> None:
    written(lives, me)
    who = Actor(me, role, BRANCH if role is R.REGISTRY_OFFICER else UNIT)
    lists = {queue.key: list(pages(who, queue)) for queue in seen_by(role)}
    assert counted(who) == {key: len(ids) for key, ids in lists.items()}
    assert all(len(set(ids)) == len(ids) for ids in lists.values())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(LIVES, max_size=60))
def test_a_queue_by_limit_says_what_the_lines_of_it_say(me: int, lives: list[Life]) -> None:
    """What is overdue, due today or soon is one thing, told by the queue and by the mark on each line."""
    written(lives, me)
    who = Actor(me, R.SPECIALIST, UNIT)
    waiting = queues.queue(who, BY_KEY[""], Narrowing(), NOW, size=100).dossiers
    moment = law.moment(UNIT, NOW)
    for queue in (each for each in QUEUES if each.due is not None and R.SPECIALIST in each.roles):
        expected = [
            row.id for row in waiting if standing.handling(row.act_by, moment, waiting=False).state is queue.due
        ]
        assert list(pages(who, queue)) == expected


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_more_than_ninety_nine_are_not_counted(me: int) -> None:
    written([Life(act_by=NOW - HOUR)] * (MOST_COUNTED + 20), me)
    assert counted(SPECIALIST)["qua_han"] == MOST_COUNTED + 1
    assert counted(SPECIALIST)["hom_nay"] == 0


def test_every_role_of_the_desk_has_a_first_queue_and_keys_tell_queues_apart() -> None:
    assert all(seen_by(role)[0] is QUEUES[0] for role in DESK)
    assert len(BY_KEY) == len(QUEUES)
    assert not seen_by(R.CITIZEN)
    assert {queue.due for queue in QUEUES} == {None, State.LATE, State.TODAY, State.SOON}
    assert BY_KEY["cho_dan"].statuses < OPEN
