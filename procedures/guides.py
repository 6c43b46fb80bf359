"""Reads what helps people find their procedure: a question tree for each sector, and other words for the same thing.

`guidance/<sector>.yaml` holds the questions of a sector; every answer leads to another question, to a procedure, or to
words of advice. `guidance/synonyms.yaml` holds groups of phrases that mean the same, `guidance/popular.yaml` what is
asked for most. A file that contradicts itself is refused with file, line and reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Final, TypeVar

import pydantic
from pydantic import TypeAdapter, ValidationError

from procedures.files import Document, Fault, FaultyFile, Place, read
from procedures.model import Key, Part, Sector, Text, Wording

FOLDER: Final = Path(__file__).parent / "guidance"


class Answer(Part):
    """One answer to a question: it leads `to` a question, to a `procedure` by its code, or to `advice`."""

    label: Text
    hint: Text | None = None
    to: Key | None = None
    procedure: Wording | None = None
    advice: Text | None = None


class Question(Part):
    """One question in plain words, with the answers to choose from."""

    key: Key
    question: Text
    hint: Text | None = None
    answers: tuple[Answer, ...] = pydantic.Field(min_length=2, max_length=9)


@dataclass(frozen=True, slots=True)
class Step:
    """A question that was answered on the way."""

    question: Question
    answer: Answer


class Guide(Part):
    """The questions of one sector, from `start` on."""

    start: Key
    questions: tuple[Question, ...] = pydantic.Field(min_length=1)

    @cached_property
    def by_key(self) -> Mapping[str, Question]:
        """The questions by their keys."""
        return {question.key: question for question in self.questions}

    @property
    def first(self) -> Question:
        """The question it begins with."""
        return self.by_key[self.start]

    def walk(self, chosen: Sequence[int]) -> tuple[Step, ...]:
        """The questions answered by these choices, counted from 1. Raises IndexError for one that there is not."""
        steps: list[Step] = []
        question: Question | None = self.first
        for number in chosen:
            if question is None or number < 1:
                raise IndexError(number)
            answer = question.answers[number - 1]
            steps.append(Step(question, answer))
            question = self.by_key[answer.to] if answer.to else None
        return tuple(steps)

    def after(self, steps: Sequence[Step]) -> Question | None:
        """The question that comes next; None at an end."""
        if not steps:
            return self.first
        to = steps[-1].answer.to
        return self.by_key[to] if to else None

    @property
    def procedures(self) -> frozenset[str]:
        """The codes of all procedures it leads to."""
        return frozenset(a.procedure for question in self.questions for a in question.answers if a.procedure)


def _findings(guide: Guide) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for q, question in enumerate(guide.questions):
        if question.key in seen:
            yield ("questions", q, "key"), f"says {question.key!r} a second time"
        seen.add(question.key)
        for a, answer in enumerate(question.answers):
            place: Place = ("questions", q, "answers", a)
            if sum(end is not None for end in (answer.to, answer.procedure, answer.advice)) != 1:
                yield place, "leads to exactly one of a question, a procedure and advice"
            if answer.to is not None and answer.to not in guide.by_key:
                yield (*place, "to"), f"there is no question {answer.to!r}"
    if guide.start not in guide.by_key:
        yield ("start",), f"there is no question {guide.start!r}"
    elif not seen - {guide.start} <= set(_asked_later(guide)):
        missed = sorted(seen - {guide.start} - set(_asked_later(guide)))
        yield ("questions",), f"nothing leads to {', '.join(missed)}"
    if _goes_round(guide, guide.start, ()):
        yield ("questions",), "goes round in a circle"


def _asked_later(guide: Guide) -> Iterator[str]:
    return (answer.to for question in guide.questions for answer in question.answers if answer.to)


def _goes_round(guide: Guide, key: str, before: tuple[str, ...]) -> bool:
    if key in before:
        return True
    question = guide.by_key.get(key)
    return question is not None and any(
        _goes_round(guide, answer.to, (*before, key)) for answer in question.answers if answer.to
    )


def read_guide(file: Path) -> Guide:
    """The question tree of a file. Raises FaultyFile with every fault found."""
    document = read(file)
    try:
        guide = Guide.model_validate(document.value)
    except ValidationError as error:
        raise FaultyFile(_model_faults(document, error)) from None
    if faults := [document.fault(place, reason) for place, reason in _findings(guide)]:
        raise FaultyFile(faults)
    return guide


_SYNONYMS: Final = TypeAdapter(tuple[Annotated[tuple[Wording, ...], pydantic.Field(min_length=2)], ...])
_CODES: Final = TypeAdapter(tuple[Wording, ...])
_Read = TypeVar("_Read")


def _read_as(shape: TypeAdapter[_Read], file: Path) -> _Read:
    document = read(file)
    try:
        return shape.validate_python(document.value)
    except ValidationError as error:
        raise FaultyFile(_model_faults(document, error)) from None


def _model_faults(document: Document, error: ValidationError) -> list[Fault]:
    return [
        document.fault(detail["loc"], f"{'.'.join(map(str, detail['loc'][-2:]))}: {detail['msg']}")
        for detail in error.errors(include_url=False)
    ]


@lru_cache(maxsize=1)
def load_guides() -> Mapping[Sector, Guide]:
    """The question tree of each sector that has one, read once per process."""
    files = {sector: FOLDER / f"{sector}.yaml" for sector in Sector}
    return {sector: read_guide(file) for sector, file in files.items() if file.exists()}


@lru_cache(maxsize=1)
def load_synonyms() -> tuple[tuple[str, ...], ...]:
    """Groups of phrases that mean the same, read once per process."""
    return _read_as(_SYNONYMS, FOLDER / "synonyms.yaml")


@lru_cache(maxsize=1)
def load_popular() -> tuple[str, ...]:
    """The codes of what people ask for most, read once per process."""
    return _read_as(_CODES, FOLDER / "popular.yaml")
