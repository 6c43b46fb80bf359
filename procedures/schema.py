"""Describes procedure files, and the blocks, lists and records they take in, to an editor: as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from procedures.catalogue import EXEMPTIONS, FOLDER
from procedures.model import Choice, Field, Procedure, Section

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What the path of a file says, and the file does not.
_BY_PATH: Final = ("version", "slug")
_INSTANT: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2}|Z)?$"
_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"


class Written(StrEnum):
    """The kinds of files there are, by what one of them holds."""

    PROCEDURE = "procedure"
    BLOCK = "block"
    LIST = "list"
    RECORD = "record"


_MODELS: Final[dict[Written, Any]] = {
    Written.PROCEDURE: Procedure,
    Written.BLOCK: Section,
    Written.LIST: tuple[Choice, ...],
    Written.RECORD: tuple[Field, ...],
}


def json_schema(written: Written = Written.PROCEDURE, folder: Path = FOLDER) -> dict[str, Any]:
    """The schema of one kind of file, with the blocks and lists of the folder to choose from."""
    schema = TypeAdapter(_MODELS[written]).json_schema(mode="validation")
    definitions = schema.setdefault("$defs", {})
    for part in (schema, *definitions.values()):
        _as_written(part)
    field = definitions.get("Field")
    if field is not None:
        field["properties"]["choices"] = {"anyOf": [field["properties"]["choices"], _names(_lists(folder))]}
    if written is Written.PROCEDURE:
        for name in _BY_PATH:
            del schema["properties"][name]
            schema["required"].remove(name)
        section = definitions["Section"]
        schema["properties"]["form"]["items"] = {"anyOf": [{"$ref": "#/$defs/Section"}, _block(section, folder)]}
    return {"$schema": DIALECT, **schema}


def _block(section: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A page taken in: which block, and what of it this procedure says otherwise."""
    return {
        "type": "object",
        "title": "Block",
        "properties": {"use": _names(_blocks(folder)), **section["properties"]},
        "required": ["use"],
        "additionalProperties": False,
    }


def _blocks(folder: Path) -> Iterator[str]:
    return (f"{file.parent.name}/{file.stem}" for file in sorted((folder / "blocks").glob("*/*.yaml")))


def _lists(folder: Path) -> Iterator[str]:
    yield EXEMPTIONS
    yield from (file.stem for file in sorted((folder / "lists").glob("*.yaml")))


def _names(names: Iterator[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _as_written(part: Any) -> None:
    """Instants are written without seconds or zone, and days as text: no standard format says that."""
    if isinstance(part, dict):
        if (kind := part.get("format")) in ("date", "date-time"):
            del part["format"]
            part["pattern"] = _DAY if kind == "date" else _INSTANT
        for inner in part.values():
            _as_written(inner)
    elif isinstance(part, list):
        for inner in part:
            _as_written(inner)
