"""Reads a YAML file into plain values, and remembers on which line each of them stands.

Only the plain part of YAML is law here: mappings, lists, text, numbers, true, false and null. Anchors, tags and second
documents are refused, so that a file says exactly what it shows. Numbers with a point are `Decimal`, dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

Place = tuple[str | int, ...]
LARGEST: Final = 512 * 1024
DEEPEST: Final = 24

_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file: where, and why; `place` is the path to it through mappings and lists."""

    file: Path
    line: int
    reason: str
    place: Place = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class FaultyFile(ValueError):
    """A file that cannot be taken as it is; `faults` says why, each with its line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's values, and the line of each place in them; parts taken in from elsewhere keep their file's lines."""

    file: Path
    value: Any
    lines: dict[Place, tuple[Path, int]] = field(repr=False)

    def fault(self, place: Sequence[str | int], reason: str) -> Fault:
        """A fault at a place, or at the nearest place around it that is written in a file."""
        known = tuple(place)
        while known and known not in self.lines:
            known = known[:-1]
        file, line = self.lines.get(known, (self.file, 1))
        return Fault(file, line, reason, tuple(place))


def read(file: Path) -> Document:
    """The file's values and lines. Raises FaultyFile for anything that is not plain YAML."""
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise FaultyFile([Fault(file, 1, f"cannot be read: {fault.strerror or fault}")]) from None
    if len(data) > LARGEST:
        raise FaultyFile([Fault(file, 1, f"is larger than {LARGEST // 1024} kB")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise FaultyFile([Fault(file, line, "is not UTF-8")]) from None
    return parse(text, file)


def parse(text: str, file: Path) -> Document:
    """The values and lines of a text, as if it stood in `file`. Raises FaultyFile."""
    builder = _Builder(file, YAML(typ="safe").parse(text))
    try:
        value = builder.document()
    except FaultyFile:
        raise
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        reason = " ".join((fault.problem or fault.context or "is not YAML").split())
        raise FaultyFile([Fault(file, mark.line + 1 if mark else 1, reason)]) from None
    except (YAMLError, ValueError) as fault:
        raise FaultyFile([Fault(file, 1, f"is not YAML: {' '.join(str(fault).split())[:200]}")]) from None
    if builder.faults:
        raise FaultyFile(builder.faults)
    return Document(file, value, builder.lines)


class _Builder:
    """Makes plain values of a parser's events, collecting lines and faults on the way.

    The library's own composer is not used: it recurses without bound, and a file of brackets alone ends the process.
    """

    def __init__(self, file: Path, events: Iterable[Event]) -> None:
        self.file = file
        self.lines: dict[Place, tuple[Path, int]] = {}
        self.faults: list[Fault] = []
        self._events = iter(events)

    def document(self) -> Any:
        """The value of the one document there is."""
        event = self._next()
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            event = self._next()
        if isinstance(event, StreamEndEvent):
            self._fault(event, "is empty")
            return None
        value = self._value(event, ())
        while isinstance(event := self._next(), DocumentEndEvent):
            pass
        if not isinstance(event, StreamEndEvent):
            self._fault(event, "holds a second document")
        return value

    def _next(self) -> Event:
        return next(self._events)

    def _fault(self, event: Event, reason: str) -> None:
        self.faults.append(Fault(self.file, event.start_mark.line + 1, reason))

    def _end(self, event: Event, reason: str) -> FaultyFile:
        self._fault(event, reason)
        return FaultyFile(self.faults)

    def _value(self, event: Event, place: Place) -> Any:
        self.lines.setdefault(place, (self.file, event.start_mark.line + 1))
        if getattr(event, "anchor", None):
            self._fault(event, "uses an anchor (&, *)")
        if tag := getattr(event, "tag", None):
            self._fault(event, f"uses a tag ({tag})")
        if isinstance(event, ScalarEvent):
            return event.value if event.style else _plain(event.value)
        if len(place) > DEEPEST:
            raise self._end(event, "is nested too deeply")
        if isinstance(event, SequenceStartEvent):
            return self._sequence(place)
        return self._mapping(place) if isinstance(event, MappingStartEvent) else None

    def _sequence(self, place: Place) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            values.append(self._value(event, (*place, len(values))))
        return values

    def _mapping(self, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._end(event, "a list or mapping cannot be a key")
            key = str(event.value)
            if key in values:
                self._fault(event, f"says {key!r} twice")
            self.lines[(*place, key)] = (self.file, event.start_mark.line + 1)
            values[key] = self._value(self._next(), (*place, key))
        return values


def _plain(text: str) -> Any:
    """What a word without quotes means."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
