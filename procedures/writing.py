"""Writes values as the plain YAML that `procedures.files` reads back."""

from __future__ import annotations

import io
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from ruamel.yaml import YAML

T = TypeVar("T")
#: Longer lines would be broken where nobody expects it.
WIDTH: Final = 100_000


def written(adapter: TypeAdapter[T], value: T) -> str:
    """The value as YAML; what is as it is by default is left out."""
    return as_yaml(adapter.dump_python(value, mode="json", exclude_defaults=True))


def as_yaml(plain: Any) -> str:
    """Mappings, lists, text, numbers, true, false and null as YAML."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = WIDTH
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # declared as None there
    out = io.StringIO()
    yaml.dump(plain, out)
    return out.getvalue()
