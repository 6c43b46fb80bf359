"""Two people have changed the same answers: what only one of them changed is taken, what both changed is asked.

Values are plain JSON by field; None and absent are the same. A record is merged part by part, its parts named
`bride-full_name` as on the page; anything else is one value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had before their eyes when they began to change it, and what they chose since.

    `yields` names what they leave to the other one, `undecided` what they still have to choose.
    """

    base: Values
    yields: Collection[str] = ()
    undecided: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it. `values` have the other one's where both changed something; `conflicts` are then mine, by name.

    `base` is what has been before both one's eyes: the merged values but, where there is a conflict, what was seen.
    """

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)


def merge(seen: Seen, theirs: Values, mine: Values, records: Collection[str] = ()) -> Merged:
    """Merge by field; the fields named in `records` by part."""
    merged = Merged()
    for key in dict.fromkeys((*theirs, *mine, *seen.base)):
        versions = (seen.base.get(key), theirs.get(key), mine.get(key))
        if key in records and all(_is_record(version) for version in versions):
            _merge_record(key, seen, versions, merged)
        else:
            _settle(key, key, seen, versions, merged)
    return merged


def both(one: Merged, other: Merged) -> Merged:
    """What came of two mergings of the same page that share no name."""
    return Merged(one.values | other.values, one.conflicts | other.conflicts, one.base | other.base)


def laid_over(values: Values, conflicts: Values) -> dict[str, Any]:
    """Values with what somebody typed where both had changed something."""
    laid = dict(values)
    for name, value in conflicts.items():
        key, _dash, part = name.partition("-")
        laid[key] = {**(laid.get(key) or {}), part: value} if part else value
    return {key: value for key, value in laid.items() if value is not None}


def _merge_record(key: str, seen: Seen, versions: tuple[Any, Any, Any], merged: Merged) -> None:
    base, theirs, mine = (version or {} for version in versions)
    whole = Merged()
    for part in dict.fromkeys((*theirs, *mine, *base)):
        _settle(f"{key}-{part}", part, seen, (base.get(part), theirs.get(part), mine.get(part)), whole)
    merged.conflicts.update(whole.conflicts)
    if whole.values:
        merged.values[key] = whole.values
    if whole.base:
        merged.base[key] = whole.base


def _settle(name: str, key: str, seen: Seen, versions: tuple[Any, Any, Any], merged: Merged) -> None:
    base, theirs, mine = versions
    if theirs == mine or name in seen.yields:
        value = theirs
    elif name in seen.undecided or base not in (theirs, mine):
        merged.conflicts[name] = mine
        if theirs is not None:
            merged.values[key] = theirs
        if base is not None:
            merged.base[key] = base
        return
    else:
        value = mine if base == theirs else theirs
    if value is not None:
        merged.values[key] = merged.base[key] = value


def _is_record(value: Any) -> bool:
    """Whether it has parts; what could not be read is kept as it was typed, and is one value."""
    return value is None or (isinstance(value, Mapping) and set(value) != {"typed"})
