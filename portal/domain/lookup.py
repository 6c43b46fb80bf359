"""By which words a dossier is found, and what somebody who types a few of them means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.domain.codes import read_dossier_code, read_personal_number, read_phone, read_registration_number
from procedures.expressions import fold

#: From so many letters on the beginning of a word is enough. Digits are those of a person: they are asked for whole, or
#: by so many that whoever types them knows the number.
SHORTEST_START: Final = 2
SHORTEST_DIGITS: Final = 8
#: So many words are looked for; further ones would hardly tell anything apart.
MOST_WORDS: Final = 6

#: How map sheet and parcel are called in answers and in records of parcels.
PARCEL_KEYS: Final = (("map_sheet", "parcel_number"), ("sheet", "number"))
_SHEET: Final = r"\bto(?: ban do)?(?: so)? (\d+)\b"
_PARCEL: Final = r"\bthua(?: dat)?(?: so)? (\d+)\b"
_SPOKEN: Final = (
    (re.compile(rf"{_SHEET}[ ,]*{_PARCEL}"), r"\1/\2"),
    (re.compile(rf"{_PARCEL}[ ,]*{_SHEET}"), r"\2/\1"),
)


@dataclass(frozen=True, slots=True)
class Sought:
    """One word that is looked for; `start`: a word that only begins so is found too."""

    word: str
    start: bool

    def is_among(self, words: Iterable[str]) -> bool:
        """Whether one of these words is meant."""
        return any(word.startswith(self.word) if self.start else word == self.word for word in words)


def search_text(
    name: str, registration: str, code: str | None, numbers: Iterable[str], answers: Mapping[str, Any], *more: str
) -> str:
    """The words a dossier is found by, in lower case without diacritics, each once.

    They are those of the applicant's name; registration number and code (also from its day on, and its serial alone);
    personal number and phone; every parcel as `sheet/number`; and what of its bundle is given beside.
    """
    words = [*fold(name).split(), fold(registration), *code_words(code), *numbers, *parcels(answers), *map(fold, more)]
    return " ".join(dict.fromkeys(word for word in words if word))


def code_words(code: str | None) -> tuple[str, ...]:
    """The words of a dossier code: whole, from its day on, and the serial of the day."""
    if not code:
        return ()
    whole = fold(code)
    return whole, whole.partition("-")[2], whole.rpartition("-")[2]


def parcels(answers: Any) -> Iterator[str]:
    """Every parcel of land that answers name, as `sheet/number`, however deep it stands in them."""
    if isinstance(answers, Mapping):
        for sheet, number in PARCEL_KEYS:
            if all(str(answers.get(key, "")).strip().isdecimal() for key in (sheet, number)):
                yield f"{int(answers[sheet])}/{int(answers[number])}"
    if isinstance(answers, Mapping | list):
        for part in answers.values() if isinstance(answers, Mapping) else answers:
            yield from parcels(part)


def sought(typed: str) -> tuple[Sought, ...]:
    """What somebody means who types this: all of these words, in any order."""
    for read in (read_dossier_code, read_registration_number, read_personal_number, read_phone):
        if (whole := read(typed)) is not None:
            return (Sought(fold(whole), start=False),)
    said = fold(typed)
    for spoken, written in _SPOKEN:
        said = spoken.sub(written, said)
    words = dict.fromkeys(re.sub(r"^0+(\d+)/0*(\d+)$", r"\1/\2", word.strip(",.;")) for word in said.split())
    return tuple(Sought(word, _may_begin(word)) for word in words if word)[:MOST_WORDS]


def _may_begin(word: str) -> bool:
    return len(word) >= (SHORTEST_DIGITS if word.isdecimal() else SHORTEST_START) and "/" not in word
