"""Which questions of a form are asked with some answers, and what expressions see of these: worked out when wanted.

Each condition and formula is judged at most once, and only where something depends on it, so that a page of a long form
costs no more than a page of a short one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.domain import kinds
from portal.domain.kinds import Context
from procedures.model import COMPOUND, RECORDS, Field, Kind, Procedure, Section

Answers = Mapping[str, Any]


class Values(Mapping[str, Any]):
    """Every answer as expressions see it: null where it is missing or not asked, a record with all of its parts."""

    def __init__(self, asked: Asked, ambient: Mapping[str, Any]) -> None:
        self._asked = asked
        self.known = dict(ambient)

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            self._asked.asks(name)
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys([*self.known, *self._asked.procedure.homes])

    def __len__(self) -> int:
        return sum(1 for _name in self)


class Asked:
    """A form with its answers so far. The order of its questions keeps it free of circles: each looks only back."""

    def __init__(self, procedure: Procedure, answers: Answers, context: Context) -> None:
        self.procedure = procedure
        self.values = Values(self, {"today": kinds.at_midnight(context.today), "channel": context.channel})
        self._answers = dict(answers)
        self._asks: dict[str, bool] = {}
        self._opens: dict[str, bool] = {}

    def asks(self, key: str) -> bool:
        """Whether this question is asked. Raises KeyError for an unknown one."""
        waiting = [key]
        while waiting:
            ahead = [name for name in self.procedure.needs[waiting[-1]] if name not in self._asks]
            if ahead:
                waiting += ahead
            elif (reached := waiting.pop()) not in self._asks:
                self._work_out(reached)
        return self._asks[key]

    def _work_out(self, key: str) -> None:
        section, question = self.procedure.homes[key]
        if section.key not in self._opens:
            self._opens[section.key] = section.when is None or section.when.holds(self.values)
        here = self._opens[section.key] and (question.when is None or question.when.holds(self.values))
        self._asks[key] = here
        if here and question.computed is not None:
            self._answers[key] = kinds.computed(question, question.computed.value(self.values))
        self.values.known[key] = judged(question, self._answers.get(key) if here else None, self.values)

    def answer(self, question: Field) -> Any:
        """The kept value of a question that is asked, or what is computed for it."""
        return self._answers.get(question.key) if self.asks(question.key) else None

    def fields(self, section: Section) -> tuple[Field, ...]:
        """The questions that are asked on a page."""
        return tuple(question for question in section.fields if self.asks(question.key))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The pages on which something is asked."""
        return tuple(s for s in self.procedure.form if any(self.asks(question.key) for question in s.fields))


def judged(question: Field, value: Any, values: Mapping[str, Any]) -> Any:
    """An answer as expressions see it; a record has all its parts, null where they are missing."""
    if question.kind not in COMPOUND:
        return kinds.judged(question, value)
    nothing = dict.fromkeys(column.key for column in question.columns)
    seen = [
        nothing | {column.key: kinds.judged(column, answer) for column, answer in columns(question, row, values)}
        for _prefix, row in rows(question, value)
    ]
    return seen[0] if question.kind in RECORDS else seen or None


def rows(question: Field, value: Any) -> Iterator[tuple[str, Answers]]:
    """The rows of a group, or the one mapping of a record, each with what the names of its inputs begin with."""
    if question.kind is Kind.GROUP:
        for index, row in enumerate(value or ()):
            yield f"{question.key}-{index}-", row
    else:
        yield f"{question.key}-", value or {}


def columns(compound: Field, row: Answers, values: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    """The columns that are asked in a row, or the parts of a record, with their kept values."""
    seen: dict[str, Any] = {}
    for column in compound.columns:
        asked = column.when is None or column.when.holds(
            {name: values.get(name) for name in column.when.names - seen.keys()} | seen
        )
        seen[column.key] = kinds.judged(column, row.get(column.key)) if asked else None
        if asked:
            yield column, row.get(column.key)
