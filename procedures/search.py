"""Finds procedures by what people type: without marks, begun, misspelt, or in words of their own.

A text is looked at as words without marks ("Sổ đỏ" as "so do"), so both Unicode forms and both habits of placing a tone
("hoà", "hòa") are the same. Marks that are typed still count: "đỏ" comes before "độ". Two words that stand side by side
weigh most, for most Vietnamese words are written as two.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final, Generic, TypeVar

from procedures.expressions import fold

Key = TypeVar("Key", bound=Hashable)

#: How much a word weighs where it stands.
WEIGHTS: Final[Mapping[str, float]] = {"code": 9, "keyword": 6, "name": 5, "title": 3, "sector": 2, "summary": 1.5}
#: Longer questions are cut; nobody types so many words.
MOST_WORDS: Final = 12
MOST_VARIANTS: Final = 6

_WORD: Final = re.compile(r"[^\W_]+(?:[.][^\W_]+)*")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
#: What a match is worth: the word itself, one that begins so, one that is nearly so.
_BEGUN, _BEING_TYPED, _NEARLY = 0.6, 0.85, 0.45
#: The same marks, other marks where both have some.
_SAME_MARKS, _OTHER_MARKS = 1.25, 0.55
#: Two words side by side, beside what each is worth alone.
_TOGETHER: Final = 2.0
#: What another word for the same is worth.
_SYNONYM: Final = 0.9
#: What is found by so much less than the best is not shown.
_FAR: Final = 0.2
#: What is exactly what was asked for, beside what its words are worth.
_WHOLE: Final = 8.0
_OFTEN: Final = 1.25
#: What says less of the words than this was not meant.
_LEAST_SAID: Final = 0.4
#: How people begin what they ask for, and offices the names of procedures; it tells nothing apart.
_BEGINNINGS: Final = ("thu tuc", "dang ky", "ho so", "xin", "lam", "cap", "giay")
#: Shorter words are not misspelt but other words.
_SHORTEST_MISSPELT: Final = 4
_SHORTEST_BEGINNING: Final = 2
_SHORTEST_CODE: Final = 4


@dataclass(frozen=True, slots=True)
class Sought(Generic[Key]):
    """Something to be found: its key, and its texts as (where they stand in `WEIGHTS`, text).

    `often`: it is asked for often, and comes first among what is worth about the same.
    """

    key: Key
    texts: tuple[tuple[str, str], ...]
    often: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """One word: without marks, and with its marks in one order of writing ("hoà" and "hòa" alike)."""

    plain: str
    marked: str

    @property
    def has_marks(self) -> bool:
        return self.plain != self.marked


def _words(text: str) -> list[_Word]:
    return [_word(word) for word in _WORD.findall(unicodedata.normalize("NFC", text.lower()))]


@lru_cache(maxsize=10_000)
def _word(word: str) -> _Word:
    return _Word(fold(word), _marked(word))


def _marked(word: str) -> str:
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in _TONES)
    return "".join(letter for letter in letters if letter not in _TONES) + tones


#: By position of the entry: the weight of a word or pair there, and how it is marked there.
_Postings = dict[int, tuple[float, frozenset[str]]]


class Index(Generic[Key]):
    """Entries, ready to be searched."""

    def __init__(self, entries: Iterable[Sought[Key]], synonyms: Iterable[Sequence[str]] = ()) -> None:
        self._entries = tuple(entries)
        self._words: dict[str, _Postings] = defaultdict(dict)
        self._pairs: dict[str, dict[int, float]] = defaultdict(dict)
        self._wholes: dict[str, dict[int, float]] = defaultdict(dict)
        for position, entry in enumerate(self._entries):
            for where, text in entry.texts:
                self._take(position, WEIGHTS[where], _words(text))
        self._vocabulary = sorted(self._words)
        self._misspellings = _misspellings(self._vocabulary)
        self._synonyms = _by_phrase(synonyms)
        # People ask for the same few hundred words.
        self._matches = lru_cache(maxsize=512)(self._matches_of)

    def search(self, typed: str) -> tuple[Key, ...]:
        """The keys of what is found, the best first. Nothing typed finds everything, in the entries' own order."""
        asked = list(self._split(_words(typed)[:MOST_WORDS]))
        if not asked:
            return tuple(entry.key for entry in self._entries) if not typed.strip() else ()
        scores: dict[int, float] = {}
        for number, variant in enumerate(self._variants(asked)):
            for position, score in self._scored(variant).items():
                scores[position] = max(scores.get(position, 0), score * (_SYNONYM if number else 1))
        least = max(scores.values(), default=0) * _FAR
        best = sorted((position for position in scores if scores[position] >= least), key=lambda p: (-scores[p], p))
        return tuple(self._entries[position].key for position in best)

    def _take(self, position: int, weight: float, words: list[_Word]) -> None:
        whole = self._wholes[_essence(words)]
        whole[position] = max(whole.get(position, 0), weight)
        # A word says more of a short text than of a long one.
        weight *= 1 + 3 / (1 + len(words))
        for word in words:
            known, marks = self._words[word.plain].get(position, (0.0, frozenset()))
            self._words[word.plain][position] = (max(known, weight), marks | {word.marked})
        for one, other in itertools.pairwise(words):
            pair = self._pairs[f"{one.plain} {other.plain}"]
            pair[position] = max(pair.get(position, 0), weight)

    def _split(self, words: list[_Word]) -> Iterator[_Word]:
        """Words that were written as one ("hokhau") are taken apart, if both halves are known."""
        for word in words:
            halves = [] if word.plain in self._words else self._halves(word.plain)
            if halves:
                yield from (_Word(half, half) for half in halves)
            else:
                yield word

    def _halves(self, plain: str) -> list[str]:
        for cut in range(2, len(plain) - 1):
            if f"{plain[:cut]} {plain[cut:]}" in self._pairs:
                return [plain[:cut], plain[cut:]]
        return []

    def _variants(self, asked: list[_Word]) -> Iterator[list[_Word]]:
        """What was asked, and the same said in other words."""
        yield asked
        plain = [word.plain for word in asked]
        found = 0
        for length in range(min(len(plain), 6), 0, -1):
            for start in range(len(plain) - length + 1):
                for other in self._synonyms.get(" ".join(plain[start : start + length]), ()):
                    if found < MOST_VARIANTS:
                        found += 1
                        yield [*asked[:start], *other, *asked[start + length :]]

    def _scored(self, asked: list[_Word]) -> dict[int, float]:
        """What each entry is worth for these words: their matches, and the more the more of them match."""
        worth: dict[int, float] = defaultdict(float)
        hits: dict[int, int] = defaultdict(int)
        meant = 0
        for number, word in enumerate(asked):
            matches = self._matches(word, number == len(asked) - 1)
            # A word that nothing here says tells nothing apart.
            meant += bool(matches)
            for position, score in matches.items():
                worth[position] += score
                hits[position] += 1
        for one, other in itertools.pairwise(asked):
            pair = self._pairs.get(f"{one.plain} {other.plain}")
            if pair is None:
                continue
            together = _TOGETHER * self._rarity(len(pair))
            for position, weight in pair.items():
                worth[position] += together * weight
        for position, weight in self._wholes.get(_essence(asked), {}).items():
            worth[position] += _WHOLE * weight
        return {
            position: score * (hits[position] / meant) ** 2 * (_OFTEN if self._entries[position].often else 1)
            for position, score in worth.items()
            if hits[position] >= len(asked) * _LEAST_SAID
        }

    def _rarity(self, entries: int) -> float:
        return log(1 + len(self._entries) / entries)

    def _matches_of(self, word: _Word, last: bool) -> Mapping[int, float]:
        """What one word is worth to each entry that says it, or something like it."""
        found: dict[int, float] = {}
        for plain, closeness in self._like(word.plain, last=last):
            postings = self._words[plain]
            worth, marked = closeness * self._rarity(len(postings)), plain == word.plain and word.has_marks
            for position, (weight, marks) in postings.items():
                score = worth * weight
                if marked:
                    score *= _SAME_MARKS if word.marked in marks else 1 if plain in marks else _OTHER_MARKS
                found[position] = max(found.get(position, 0), score)
        return found

    def _like(self, plain: str, *, last: bool) -> Iterator[tuple[str, float]]:
        """The known words that are this one, begin so, or are nearly so, with how close they are."""
        exact = plain in self._words
        if exact:
            yield plain, 1.0
        if (last or not exact) and len(plain) >= (_SHORTEST_CODE if plain[0].isdigit() else _SHORTEST_BEGINNING):
            for known in self._beginning(plain):
                yield known, _BEING_TYPED if last and not exact else _BEGUN * len(plain) / len(known)
        if not exact and len(plain) >= _SHORTEST_MISSPELT:
            for known in self._nearly(plain):
                yield known, _NEARLY

    def _beginning(self, plain: str) -> Iterator[str]:
        start = bisect_left(self._vocabulary, plain)
        for known in self._vocabulary[start : start + 50]:
            if not known.startswith(plain):
                return
            if known != plain:
                yield known

    def _nearly(self, plain: str) -> set[str]:
        """Known words that differ by one letter: missing, too much, another, or two changed about."""
        return {known for part in (plain, *_shortened(plain)) for known in self._misspellings.get(part, ())}


def _essence(words: Sequence[_Word]) -> str:
    """What is asked for, without the words it begins with as everything does."""
    text = " ".join(word.plain for word in words)
    while beginning := next((each for each in _BEGINNINGS if text.startswith(f"{each} ")), ""):
        text = text[len(beginning) + 1 :]
    return text


def _shortened(word: str) -> set[str]:
    return {word[:n] + word[n + 1 :] for n in range(len(word))}


def _misspellings(vocabulary: list[str]) -> dict[str, list[str]]:
    """Every word under itself and under itself with one letter left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in vocabulary:
        if len(word) >= _SHORTEST_MISSPELT - 1 and word.isalpha():
            for part in (word, *_shortened(word)):
                found[part].append(word)
    return found


def _by_phrase(groups: Iterable[Sequence[str]]) -> dict[str, list[list[_Word]]]:
    """Each phrase without marks, with the other phrases of its group."""
    found: dict[str, list[list[_Word]]] = defaultdict(list)
    for group in groups:
        for phrase in group:
            key = " ".join(word.plain for word in _words(phrase))
            found[key] += [_words(other) for other in group if other != phrase]
    return found
