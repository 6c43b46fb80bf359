"""The sentences of slips and letters that an office may reword: their texts by form set, and what is filled in.

A file `wordings/<slip>.yaml` says the official wording. Papers are Vietnamese only; a label is what the sentence is
called where it is edited. `{name}` stands for what is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter

from procedures.calendars import STRICT, read_as
from procedures.model import Text

FOLDER: Final = Path(__file__).with_name("wordings")
#: A paper has room for so many characters of one sentence.
LONGEST: Final = 1000
_BLANK: Final = re.compile(r"\{([^{}]*)\}")


class WordingError(ValueError):
    """A sentence that cannot be printed; `text` says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a slip; `fills` are the names that must stand in it. `only`: the form sets that have it."""

    __pydantic_config__ = STRICT

    key: str
    label: Text
    text: str
    fills: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.demand(self.text)

    def demand(self, text: str) -> None:
        """That this text can stand in place of the official one. Raises WordingError."""
        found = _BLANK.findall(text)
        if not text.strip():
            raise WordingError(Text(vi="Câu này không được để trống.", en="This sentence must not be empty."))
        if len(text) > LONGEST:
            raise WordingError(Text(vi=f"Câu dài quá {LONGEST} ký tự.", en=f"Longer than {LONGEST} characters."))
        if "{" in _BLANK.sub("", text) or "}" in _BLANK.sub("", text) or set(found) - set(self.fills):
            known = ", ".join(f"{{{name}}}" for name in self.fills)
            raise WordingError(
                Text(
                    vi=f"Trong ngoặc nhọn chỉ được ghi: {known}." if known else "Câu này không dùng ngoặc nhọn.",
                    en=f"Only {known} may stand in braces." if known else "This sentence has no braces.",
                )
            )
        if missing := [name for name in self.fills if name not in found]:
            left = ", ".join(f"{{{name}}}" for name in missing)
            raise WordingError(Text(vi=f"Câu phải giữ {left}.", en=f"The sentence must keep {left}."))


@dataclass(frozen=True, slots=True)
class SlipWording:
    """The official sentences of one slip, in each of its form sets."""

    __pydantic_config__ = STRICT

    slip: str
    form_sets: tuple[str, ...]
    sentences: tuple[Sentence, ...]

    def of(self, form_set: str) -> tuple[Sentence, ...]:
        """The sentences of one form set; none where the slip has no such set."""
        if form_set not in self.form_sets:
            return ()
        return tuple(each for each in self.sentences if not each.only or form_set in each.only)


@dataclass(frozen=True, slots=True)
class Wording:
    """What an office has made of the sentences of a slip in one form set, by their keys."""

    __pydantic_config__ = STRICT

    slip: str
    form_set: str
    sentences: Mapping[str, str]

    @property
    def name(self) -> str:
        """What it is kept under."""
        return f"{self.slip}/{self.form_set}"


@dataclass(frozen=True, slots=True, eq=False)
class Wordings:
    """The official sentences, and what offices made of them, each from a day on; the later of one day prevails."""

    official: tuple[SlipWording, ...]
    changed: tuple[tuple[Wording, date], ...] = ()
    _slips: Mapping[str, SlipWording] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_slips", MappingProxyType({each.slip: each for each in self.official}))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Slip and form set of each wording."""
        return ((each.slip, form_set) for each in self.official for form_set in each.form_sets)

    def sentences(self, slip: str, form_set: str) -> tuple[Sentence, ...]:
        """The official sentences of a slip in a form set; none where nothing of it can be reworded."""
        return self._slips[slip].of(form_set) if slip in self._slips else ()

    def on(self, slip: str, form_set: str, day: date) -> dict[str, str]:
        """What the sentences say on a day, by their keys."""
        said = {each.key: each.text for each in self.sentences(slip, form_set)}
        for wording, begins in self.changed:
            if (wording.slip, wording.form_set) == (slip, form_set) and begins <= day:
                said |= {key: text for key, text in wording.sentences.items() if key in said}
        return said


@cache
def load_wordings(folder: Path = FOLDER) -> Wordings:
    """The official wordings from the files of `folder`. Raises FaultyFile."""
    return Wordings(tuple(read_as(TypeAdapter(SlipWording), file) for file in sorted(folder.glob("*.yaml"))))


def filled(text: str, values: Mapping[str, str]) -> Iterable[tuple[str, bool]]:
    """A sentence in pieces: text, and whether it was filled in."""
    at = 0
    for found in _BLANK.finditer(text):
        yield text[at : found.start()], False
        yield values.get(found[1], ""), True
        at = found.end()
    yield text[at:], False
