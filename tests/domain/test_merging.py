"""Merging by field: what only one changed is taken, what both changed is asked, and no value is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.merging import Seen, laid_over, merge

plain = st.one_of(st.text(max_size=3), st.integers(0, 3), st.booleans(), st.lists(st.integers(0, 2), max_size=2))
keys = st.sampled_from(["a", "b", "c", "d"])
records = st.dictionaries(keys, plain, min_size=1, max_size=3)
answers = st.builds(lambda flat, bride: flat | ({"bride": bride} if bride else {}),
                    st.dictionaries(keys, plain, max_size=4), st.none() | records)  # fmt: skip
PARTED = frozenset({"bride"})


def leaves(values: dict[str, Any]) -> dict[str, Any]:
    """Every value by its name."""
    found = {key: value for key, value in values.items() if key != "bride"}
    return found | {f"bride-{part}": value for part, value in values.get("bride", {}).items()}


@given(answers, answers)
def test_with_nothing_changed_elsewhere_mine_is_taken_as_it_is(base: dict[str, Any], mine: dict[str, Any]) -> None:
    merged = merge(Seen(base), base, mine, PARTED)
    assert (leaves(merged.values), merged.conflicts) == (leaves(mine), {})
    assert merged.base == merged.values


@given(answers, answers)
def test_with_nothing_changed_by_me_theirs_stays(base: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(Seen(base), theirs, base, PARTED)
    assert (leaves(merged.values), merged.conflicts) == (leaves(theirs), {})


@given(answers, answers, answers)
def test_whoever_is_called_the_other_one_the_same_comes_of_it_and_the_same_is_asked(
    base: dict[str, Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    here, there = merge(Seen(base), one, other, PARTED), merge(Seen(base), other, one, PARTED)
    assert here.conflicts.keys() == there.conflicts.keys()
    asked = here.conflicts.keys()
    agreed = [{k: v for k, v in leaves(m.values).items() if k not in asked} for m in (here, there)]
    assert agreed[0] == agreed[1]


@given(answers, answers, answers)
def test_no_value_that_anybody_typed_is_lost(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    merged = merge(Seen(base), theirs, mine, PARTED)
    before, kept = leaves(base), leaves(merged.values)
    for name, value in leaves(theirs).items():
        assert before.get(name) == value or kept[name] == value
    for name, value in leaves(mine).items():
        assert before.get(name) == value or value in (kept.get(name), merged.conflicts.get(name))
    for name in before:
        if before[name] not in (leaves(theirs).get(name), leaves(mine).get(name)):
            assert kept.get(name) != before[name] or name in merged.conflicts


@given(answers, answers, answers, st.data())
def test_choosing_settles_every_conflict_as_chosen(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any], data: st.DataObject
) -> None:
    first = merge(Seen(base), theirs, mine, PARTED)
    shown = laid_over(first.values, first.conflicts)
    waits = merge(Seen(first.values, undecided=first.conflicts), first.values, shown, PARTED)
    assert waits.conflicts == first.conflicts, "nothing is chosen by itself"
    names = sorted(first.conflicts)
    yields = set(data.draw(st.lists(st.sampled_from(names)))) if names else set()
    settled = merge(Seen(first.values, yields), first.values, shown, PARTED)
    assert settled.conflicts == {}
    for name in names:
        wanted = leaves(theirs) if name in yields else leaves(mine)
        assert leaves(settled.values).get(name) == wanted.get(name)


@given(answers, answers, answers)
def test_what_is_saved_again_and_again_from_one_page_never_contradicts_itself(
    base: dict[str, Any], one: dict[str, Any], later: dict[str, Any]
) -> None:
    saved = merge(Seen(base), base, one, PARTED)
    assert merge(Seen(saved.base), saved.values, later, PARTED).conflicts == {}


def test_until_a_conflict_is_settled_the_page_goes_on_from_what_was_seen() -> None:
    merged = merge(Seen({"a": 1}), {"a": 2}, {"a": 3})
    assert (merged.values, merged.conflicts, merged.base) == ({"a": 2}, {"a": 3}, {"a": 1})


def test_what_could_not_be_read_is_one_value() -> None:
    merged = merge(Seen({"bride": {"a": 1}}), {"bride": {"typed": ["?"]}}, {"bride": {"a": 2}}, PARTED)
    assert merged.conflicts == {"bride": {"a": 2}}
    assert merged.values == {"bride": {"typed": ["?"]}}
