"""Giving dossiers out and taking them back: nothing lost or doubled, nobody without the right, even among equals."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.access import Role
from portal.domain.balancing import Given, Officer, Standing, Task, able, late, pace, returnable, spread

R = Role
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNITS, ROLES, SECTORS, PLACES = ("bao-yen", "bao-ha"), (R.SPECIALIST, R.CLERK), ("land", "residence"), ("a", "b")


def some(names: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=1)


@st.composite
def officers(draw: st.DrawFn) -> list[Officer]:
    return [
        Officer(
            number,
            draw(st.sampled_from(ROLES)),
            draw(st.sampled_from(UNITS)),
            draw(st.integers(0, 6)),
            draw(st.none() | st.integers(0, 9)),
            draw(some(SECTORS)),
            draw(some(PLACES)),
            draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(0, 7)) + 1)
    ]


@st.composite
def tasks(draw: st.DrawFn) -> list[Task]:
    return [
        Task(
            number,
            draw(st.sampled_from(ROLES)),
            draw(st.sampled_from(UNITS)),
            draw(st.sampled_from(SECTORS)),
            "1.001193",
            draw(st.none() | st.sampled_from(PLACES)),
            NOW + draw(st.integers(-3, 3)) * HOUR,
            draw(st.none() | st.integers(1, 3)),
        )
        for number in range(1, draw(st.integers(0, 30)) + 1)
    ]


def loads(officers: list[Officer], given: dict[int, int | None]) -> Counter[int]:
    taken = Counter(account for account in given.values() if account is not None)
    return Counter({officer.account: officer.load + taken[officer.account] for officer in officers})


def test_only_who_has_the_role_at_that_unit_is_able() -> None:
    task = Task(1, ROLES[0], UNITS[0], SECTORS[0], "1.001193", None, NOW)
    assert spread([task], [Officer(1, ROLES[0], UNITS[1]), Officer(2, ROLES[1], UNITS[0])]) == {1: None}
    assert spread([task], [Officer(3, ROLES[0], UNITS[0])]) == {1: 3}


def test_the_most_urgent_is_given_first_in_whatever_order_they_lie() -> None:
    later, sooner = (Task(n, ROLES[0], UNITS[0], SECTORS[0], "1.001193", None, NOW + n * HOUR) for n in (2, 1))
    assert spread([later, sooner], [Officer(1, ROLES[0], UNITS[0], capacity=1)]) == {1: 1, 2: None}


@settings(max_examples=40)
@given(tasks(), officers())
def test_nothing_is_lost_and_nothing_doubled(tasks: list[Task], officers: list[Officer]) -> None:
    assert sorted(spread(tasks, officers)) == [task.dossier for task in tasks]


@settings(max_examples=40)
@given(tasks(), officers())
def test_nobody_without_the_right_nobody_absent_and_nobody_beyond_capacity_is_given_anything(
    tasks: list[Task], officers: list[Officer]
) -> None:
    known = {officer.account: officer for officer in officers}
    given = spread(tasks, officers)
    for task in tasks:
        if (account := given[task.dossier]) is not None:
            assert able(known[account], task)
            assert not known[account].absent
            assert account != task.holder
    reached = loads(officers, given)
    for officer in officers:
        assert officer.capacity is None or reached[officer.account] <= max(officer.capacity, officer.load)


@settings(max_examples=40)
@given(tasks(), officers())
def test_what_stays_could_be_taken_by_nobody(tasks: list[Task], officers: list[Officer]) -> None:
    given = spread(tasks, officers)
    reached = loads(officers, given)
    for task in tasks:
        if given[task.dossier] is None:
            free = [o for o in officers if o.capacity is None or reached[o.account] < o.capacity]
            assert not [o for o in free if able(o, task) and o.account != task.holder]


@settings(max_examples=40)
@given(tasks(), officers())
def test_loads_of_those_equally_able_come_within_one_of_equal(tasks: list[Task], officers: list[Officer]) -> None:
    """Whoever was given anything has at most one more than anybody who could have taken it as well."""
    tasks = [task._replace(holder=None) for task in tasks]
    given = spread(tasks, officers)
    reached, taken = loads(officers, given), set(given.values())
    for one in officers:
        for other in officers:
            alike = (one.role, one.unit, one.skills, one.places) == (other.role, other.unit, other.skills, other.places)
            full = other.capacity is not None and reached[other.account] >= other.capacity
            if alike and one.account in taken and not other.absent and not full:
                assert reached[one.account] <= reached[other.account] + 1


@settings(max_examples=40)
@given(tasks(), officers(), st.data())
def test_taking_back_restores_exactly_what_was(tasks: list[Task], officers: list[Officer], data: st.DataObject) -> None:
    before = {task.dossier: task.holder for task in tasks}
    given = [
        Given(dossier, before[dossier], account, seq=4)
        for dossier, account in spread(tasks, officers).items()
        if account is not None
    ]
    now = {each.dossier: Standing(each.after, each.seq) for each in given}
    touched = data.draw(st.sets(st.sampled_from(sorted(now)))) if now else set()
    for dossier in touched:
        change = data.draw(st.sampled_from(({"holder": None}, {"seq": 5}, {"moved": True})))
        now[dossier] = now[dossier]._replace(**change)
    back = {each.dossier: each.before for each in given if returnable(each, now[each.dossier])}
    assert back == {dossier: before[dossier] for dossier in now.keys() - touched}


def test_knowledge_goes_before_place_and_place_before_load() -> None:
    task = Task(1, R.SPECIALIST, "bao-yen", "land", "1.115668", "a", NOW)
    free = Officer(1, R.SPECIALIST, "bao-yen", 0, skills=frozenset({"residence"}))
    near = Officer(2, R.SPECIALIST, "bao-yen", 5, places=frozenset({"a"}))
    far = Officer(3, R.SPECIALIST, "bao-yen", 3, skills=frozenset({"1.115668"}), places=frozenset({"b"}))
    assert spread([task], [free, near, far]) == {1: 2}
    assert spread([task], [free, far]) == {1: 3}
    assert spread([task], [free]) == {1: 1}, "whoever has the right is better than nobody"
    assert spread([task], [near._replace(capacity=5), far]) == {1: 3}


def test_the_share_that_will_be_late_is_what_cannot_be_done_in_time_at_ones_own_pace() -> None:
    assert pace(0, 8 * HOUR) is None
    assert pace(4, 8 * HOUR) == 2 * HOUR
    left = [4 * HOUR, 1 * HOUR, -1 * HOUR, 9 * HOUR]
    assert late(left, 2 * HOUR) == 3, "done after 2, 4, 6 and 8 hours"
    assert late(left, 1 * HOUR) == 2
    assert late(left, 1 * HOUR, away=6 * HOUR) == 4
    assert late([], 1 * HOUR) == 0
