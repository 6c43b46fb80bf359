"""The JSON Schema says of every file of the law that it is well written, and of a slip of the pen that it is not."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from procedures.catalogue import FOLDER, procedure_files
from procedures.files import read
from procedures.schema import Written, json_schema

FILES = [
    *((Written.PROCEDURE, file) for file in procedure_files()),
    *((Written.BLOCK, file) for file in sorted((FOLDER / "blocks").glob("*/*.yaml"))),
    *((Written.LIST, file) for file in sorted((FOLDER / "lists").glob("*.yaml"))),
    *((Written.RECORD, file) for file in sorted((FOLDER / "records").glob("*.yaml"))),
]
SCHEMAS = {written: json_schema(written) for written in Written}
TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": (int, Decimal),
}  # fmt: skip
#: Words that say nothing about what is right.
SILENT = {"title", "description", "default", "examples", "$defs", "$schema"}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value is as a schema says; knows every word that ours use, and no other."""
    return all(RULES[word](value, said, schema, root) for word, said in schema.items() if word not in SILENT)


def _typed(value: Any, name: str, *_: Any) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


RULES: dict[str, Any] = {
    "$ref": lambda value, ref, _, root: fits(value, root["$defs"][ref.removeprefix("#/$defs/")], root),
    "type": _typed,
    "anyOf": lambda value, some, _, root: any(fits(value, one, root) for one in some),
    "enum": lambda value, choices, *_: value in choices,
    "const": lambda value, only, *_: value == only,
    "pattern": lambda value, pattern, *_: not isinstance(value, str) or re.search(pattern, value) is not None,
    "maxLength": lambda value, most, *_: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda value, least, *_: not isinstance(value, int | Decimal) or value >= least,
    "maximum": lambda value, most, *_: not isinstance(value, int | Decimal) or value <= most,
    "exclusiveMinimum": lambda value, least, *_: not isinstance(value, int | Decimal) or value > least,
    "minItems": lambda value, least, *_: not isinstance(value, list) or len(value) >= least,
    "items": lambda value, one, _, root: not isinstance(value, list) or all(fits(item, one, root) for item in value),
    "required": lambda value, names, *_: not isinstance(value, dict) or all(name in value for name in names),
    "properties": lambda value, known, _, root: not isinstance(value, dict) or all(
        fits(value[name], said, root) for name, said in known.items() if name in value
    ),
    "additionalProperties": lambda value, said, schema, root: not isinstance(value, dict) or all(
        name in schema.get("properties", {}) or (said is not False and (said is True or fits(inner, said, root)))
        for name, inner in value.items()
    ),
    "patternProperties": lambda value, patterns, _, root: all(
        fits(inner, said, root) for p, said in patterns.items() for name, inner in value.items() if re.search(p, name)
    ),
    "propertyNames": lambda value, said, _, root: all(fits(name, said, root) for name in value),
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "file"), FILES, ids=lambda part: part.stem if isinstance(part, Path) else str(part)
)
def test_the_schema_finds_no_fault_in_a_file_that_is_in_order(written: Written, file: Path) -> None:
    assert fits(read(file).value, SCHEMAS[written], SCHEMAS[written])


SLIPS: list[tuple[str, Any]] = [
    ("term", 5), ("titel", "x"), ("sector", "water"), ("level", 5), ("form", [{"use": "applicants/2016-01-01"}]),
    ("form", [{"use": "applicant/2016-01-01", "fields": 1}]), ("fees", [{"code": "x"}]), ("version", "2026-01-01"),
    ("route", []), ("components", [{}]), ("code", "1.2"), ("checks", [{"key": "A"}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong"), SLIPS, ids=str)
def test_the_schema_finds_a_slip_of_the_pen(name: str, wrong: Any) -> None:
    value = read(procedure_files()[0]).value
    assert not fits(value | {name: wrong}, SCHEMAS[Written.PROCEDURE], SCHEMAS[Written.PROCEDURE])


def test_a_list_is_chosen_by_a_name_that_exists() -> None:
    field = {"key": "x", "kind": "choice", "label": {"vi": "a", "en": "b"}}
    for choices, right in (("sexes", True), ("exemptions", True), ("sexe", False), ([], True), ([{}], False)):
        assert fits([field | {"choices": choices}], SCHEMAS[Written.RECORD], SCHEMAS[Written.RECORD]) is right
