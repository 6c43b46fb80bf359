"""Conditions and checks of procedure files, written in CEL: compiled once, and judged on answers that may be missing.

Every answer is known to an expression by its field's key, `null` where it is missing or not asked. Numbers are doubles
(`height > 2.5`, `storeys <= 7`; in arithmetic write `2.0`), dates are midnight in UTC and compare with each other and
with `today`, a year alone stands for its last day, a repeated group is a list of maps. Besides CEL's own functions
there are those in `FUNCTIONS`. An expression that cannot be judged, because an answer it needs is missing, is neither
true nor false: a condition then does not hold, a check is then not broken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final

import cel
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

LONGEST: Final = 500
KEY: Final = r"[a-z][a-z0-9_]{0,47}"

#: Known to every expression beside the answers; no field may take these names.
AMBIENT: Final[Mapping[str, Any]] = {"today": datetime(2026, 7, 1, tzinfo=UTC), "channel": "online"}

#: Words of CEL itself, which would not parse, or not mean a field, as a key.
RESERVED: Final = frozenset(
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
        "null", "namespace", "package", "return", "true", "var", "void", "while", "size", "has", "type", "int", "uint",
        "double", "string", "bytes", "bool", "duration", "timestamp", "dyn", "list", "map", "matches",
    }
)  # fmt: skip


class ExpressionError(ValueError):
    """What is written is not an expression, or cannot be judged even when every answer is there."""


def fold(text: str) -> str:
    """Lower case without marks, đ as d: 'Sổ đỏ' → 'so do'."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def years_between(start: datetime, end: datetime) -> int:
    """Full years from one day to another, as ages are counted."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def days_between(start: datetime, end: datetime) -> int:
    """Days from one day to another; negative if the second is earlier."""
    return (end - start).days


def date(written: str) -> datetime:
    """'2026-07-01' as a date."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def total(numbers: list[Any]) -> float:
    """The sum of a list of numbers: `total(parcels.map(p, p.area))`."""
    return float(sum(numbers))


def _given(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, answering null where an argument is missing or of another kind."""

    def call(*arguments: Any) -> Any:
        try:
            return None if None in arguments else function(*arguments)
        except (TypeError, ValueError, AttributeError, OverflowError):
            return None

    return call


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    function.__name__: _given(function) for function in (fold, years_between, days_between, date, total)
}
#: CEL's own functions that are offered; anything else is a slip of the pen.
BUILT_IN: Final = frozenset(
    {
        "size", "has", "contains", "startsWith", "endsWith", "matches", "int", "double", "string", "getFullYear",
        "getMonth", "getDate", "getDayOfMonth",
    }
)  # fmt: skip
_BINDING: Final = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*([A-Za-z_]\w*)\s*,")
_OPERATOR: Final = re.compile(r"^[@_!-]|_$")


class Expression:
    """One expression: its text, and the names of answers it reads."""

    __slots__ = ("_functions", "_program", "names", "source")

    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise ExpressionError(f"is longer than {LONGEST} characters")
        if not source.strip():
            raise ExpressionError("is empty")
        try:
            self._program = cel.compile(source)
        except ValueError as fault:
            raise ExpressionError(f"is not CEL: {_syntax(str(fault))}") from None
        self.source = source
        bound = set(_BINDING.findall(source))
        self.names: frozenset[str] = frozenset(self._program.variables()) - bound
        called = {f for f in self._program.functions() if not _OPERATOR.search(f)}
        unknown = called - BUILT_IN - FUNCTIONS.keys()
        self._functions = {name: FUNCTIONS[name] for name in called & FUNCTIONS.keys()}
        if unknown:
            raise ExpressionError(f"uses an unknown function: {', '.join(sorted(unknown))}")

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def judge(self, values: Mapping[str, Any]) -> bool | None:
        """True, False, or None where a missing answer leaves it open. Never raises; `values` are CEL values."""
        verdict = self.value(values)
        return verdict if isinstance(verdict, bool) else None

    def value(self, values: Mapping[str, Any]) -> Any:
        """What it comes to; None where a missing answer leaves it open. Never raises; `values` are CEL values."""
        known = {name: values.get(name) for name in self.names}
        try:
            return self._program.execute(known | self._functions)
        except Exception:  # the library raises many kinds; all mean that it cannot be judged
            return None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true; an expression left open does not hold."""
        return self.judge(values) is True

    def rehearse(self, values: Mapping[str, Any]) -> None:
        """Judges sample values that are all there. Raises ExpressionError saying why it cannot."""
        if not isinstance(self.rehearsed(values), bool):
            raise ExpressionError("is neither true nor false")

    def rehearsed(self, values: Mapping[str, Any]) -> Any:
        """What it comes to on sample values that are all there. Raises ExpressionError saying why it cannot."""
        try:
            return self._program.execute({**values, **self._functions})
        except Exception as fault:
            raise ExpressionError(f"does not fit the kinds of its fields: {_first_sentence(str(fault))}") from None


@lru_cache(maxsize=4096)
def compiled(source: str) -> Expression:
    """The expression for a text, compiled once per process. Raises ExpressionError."""
    return Expression(source)


def _read(value: Any) -> Any:
    if isinstance(value, Expression):
        return value
    if isinstance(value, str):
        return compiled(value)
    raise ExpressionError("must be an expression in quotes")


def _syntax(message: str) -> str:
    found = re.search(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?([^\n{|]{0,80})", message)
    return f"at character {found[1]}, {found[2].strip()}" if found else "it cannot be parsed"


def _first_sentence(message: str) -> str:
    return re.split(r"\. |: ", message, maxsplit=1)[0].strip().rstrip(".")


#: How a model declares a field that is an expression.
Cel = Annotated[
    Expression,
    BeforeValidator(_read),
    PlainSerializer(lambda expression: expression.source, return_type=str),
    WithJsonSchema({"type": "string", "title": "CEL", "maxLength": LONGEST}),
]
