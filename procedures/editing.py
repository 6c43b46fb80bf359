"""Changes the text of a procedure file at one place and leaves the rest as it was written, comments included.

A file is edited by many hands: one place changes, and what somebody else wrote around it, how it is quoted and what is
said in comments stays. What is written is read back, so that a text never means something else than it was given.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from procedures.files import Document, Place, parse

#: Longer lines are broken; files are written by hand up to about here.
WIDTH: Final = 140
#: Words that fit on one line are written so; longer ones are folded.
_SHORT: Final = 76
_NOWHERE: Final = Path("draft.yaml")


class NoSuchPlace(LookupError):
    """The text has nothing at this place."""


def values(text: str) -> Any:
    """The plain values of a text. Raises FaultyFile for anything that is not plain YAML."""
    return document(text).value


def document(text: str) -> Document:
    """The plain values of a text, and their lines. Raises FaultyFile."""
    return parse(text, _NOWHERE)


def at(value: Any, place: Place) -> Any:
    """What stands at a place. Raises NoSuchPlace."""
    for name in place:
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            raise NoSuchPlace(place) from None
    return value


def put(text: str, place: Place, value: Any, order: Sequence[str] = ()) -> str:
    """The text with this value at this place; only what differs there is written anew.

    Args:
        text: a text that can be read.
        place: where; all of it but the last name must be there already.
        value: plain values: mappings, lists, text, numbers, true, false, null.
        order: in which order the names of the mapping around it are usually written, for a name that is new.

    Raises:
        NoSuchPlace, FaultyFile.
    """
    return _changed(text, lambda root, old: _put(root, old, place, value, order))


def drop(text: str, place: Place) -> str:
    """The text without what stands at this place. Raises NoSuchPlace, FaultyFile."""

    def change(root: Any, old: Any) -> None:
        at(old, place)
        del at(root, place[:-1])[place[-1]]

    return _changed(text, change)


def insert(text: str, place: Place, index: int, value: Any) -> str:
    """The text with one item more in the list at this place. Raises NoSuchPlace, FaultyFile."""

    def change(root: Any, old: Any) -> None:
        at(old, place)
        at(root, place).insert(index, _written(value))

    return _changed(text, change)


def move(text: str, place: Place, index: int, to: int) -> str:
    """The text with an item of the list at this place moved to another position. Raises NoSuchPlace, FaultyFile."""

    def change(root: Any, old: Any) -> None:
        at(old, (*place, index))
        at(old, (*place, to))
        items = at(root, place)
        item = items[index]
        del items[index]
        items.insert(to, item)

    return _changed(text, change)


def _changed(text: str, change: Callable[[Any, Any], None]) -> str:
    old = values(text)
    root = _yaml().load(text)
    before = _dumped(root)
    change(root, old)
    after = _dumped(root)
    kept = _laid_out_as(text, before, after)
    return kept if values(kept) == values(after) else after


def _dumped(root: Any) -> str:
    written = io.StringIO()
    _yaml().dump(root, written)
    return str(written.getvalue())


def _laid_out_as(text: str, before: str, after: str) -> str:
    """The text with what was changed between two writings of it; lines the writer only breaks otherwise stay."""
    lines = before.splitlines(keepends=True)
    changes = list(_edits(lines, after.splitlines(keepends=True)))
    layout = [
        (start, end, kept)
        for start, end, kept in _edits(lines, text.splitlines(keepends=True))
        if all(end < first or last < start for first, last, _ in changes)
    ]
    for start, end, kept in sorted([*changes, *layout], reverse=True):
        lines[start:end] = kept
    return "".join(lines)


def _edits(old: list[str], new: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """What makes the new lines of the old ones: from where to where, and what stands there instead."""
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            yield i1, i2, new[j1:j2]


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), _null)
    yaml.representer.add_representer(Decimal, _decimal)
    return yaml


def _null(representer: Any, _value: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _decimal(representer: Any, value: Decimal) -> Any:
    whole = value == value.to_integral_value()
    return representer.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", f"{_shortest(value):f}")


def _shortest(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _put(root: Any, old: Any, place: Place, value: Any, order: Sequence[str]) -> None:
    around, known = at(root, place[:-1]), at(old, place[:-1])
    name = place[-1]
    if isinstance(known, dict) and name not in known:
        around.insert(_position(list(known), str(name), order), name, _written(value))
        return
    at(old, place)
    around[name] = _merged(around[name], known[name], value)


def _position(there: list[str], name: str, order: Sequence[str]) -> int:
    """Where a new name goes: behind the last of those that usually stand before it."""
    before = set(order[: list(order).index(name)]) if name in order else set(there)
    return max((index + 1 for index, other in enumerate(there) if other in before), default=0)


def _merged(node: Any, old: Any, new: Any) -> Any:
    """The node, changed from the old value to the new one where they differ."""
    if _same(old, new):
        return node
    if isinstance(node, CommentedMap) and isinstance(old, dict) and isinstance(new, Mapping):
        for name in [name for name in old if name not in new]:
            del node[name]
        for name, value in new.items():
            node[name] = _merged(node[name], old[name], value) if name in old else _written(value)
        return node
    if isinstance(node, CommentedSeq) and isinstance(old, list) and isinstance(new, list | tuple):
        return _merged_list(node, old, list(new))
    if isinstance(node, DoubleQuotedScalarString) and isinstance(new, str):
        return DoubleQuotedScalarString(new)
    return _written(new)


def _same(old: Any, new: Any) -> bool:
    numbers = (int, Decimal)
    alike = type(old) is type(new) or (type(old) in numbers and type(new) in numbers)
    return alike and bool(old == new)


def _merged_list(node: CommentedSeq, old: list[Any], new: list[Any]) -> CommentedSeq:
    steps = SequenceMatcher(None, list(map(_fingerprint, old)), list(map(_fingerprint, new)), autojunk=False)
    # From the end, so that earlier positions stay what they are.
    for what, i1, i2, j1, j2 in reversed(steps.get_opcodes()):
        if what == "equal":
            continue
        both = min(i2 - i1, j2 - j1)
        for index in reversed(range(i1 + both, i2)):
            del node[index]
        for offset in range(both):
            node[i1 + offset] = _merged(node[i1 + offset], old[i1 + offset], new[j1 + offset])
        for offset in range(both, j2 - j1):
            node.insert(i1 + offset, _written(new[j1 + offset]))
    return node


def _fingerprint(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=True)


def _written(value: Any) -> Any:
    """A plain value as it is usually written by hand: short texts and words on one line, longer ones below."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        mapping = CommentedMap((name, _written(item)) for name, item in value.items())
        if value and all(_fits(item) for item in value.values()) and len(str(dict(value))) <= _SHORT + 20:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq(_written(item) for item in value)
        if all(_fits(item) for item in value):
            sequence.fa.set_flow_style()
        return sequence
    return value


def _fits(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple) and "\n" not in str(value) and len(str(value)) <= _SHORT


def _text(value: str) -> str:
    """A text plain where it can be, folded where it is long, and else in double quotes, which can say everything."""
    foldable = value == value.strip() and "\n" not in value and "  " not in value
    folded = FoldedScalarString(value)
    if len(value) > _SHORT and foldable and _reads_as(folded, value):
        return cast(str, folded)
    if len(value) <= _SHORT and _reads_as(value, value):
        return value
    return cast(str, DoubleQuotedScalarString(value))


def _reads_as(written: str, value: str) -> bool:
    """Whether a text so written is read as what it is, even within brackets."""
    out = io.StringIO()
    sequence = CommentedSeq([written])
    if type(written) is str:
        sequence.fa.set_flow_style()
    _yaml().dump({"text": sequence}, out)
    try:
        found: Any = values(out.getvalue())["text"]
    except ValueError:
        return False
    return bool(found == [value])
