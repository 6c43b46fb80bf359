"""What a password must be: long, and nothing that others would guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

SHORTEST: Final = 10
LONGEST: Final = 200
#: Words that passwords are commonly made of, here and everywhere, without diacritics.
COMMON: Final = frozenset(
    {
        "password", "passw0rd", "pass", "matkhau", "mk", "admin", "administrator", "root", "user", "guest",
        "welcome", "login", "letmein", "changeme", "default", "master", "secret", "hello", "test", "testing",
        "demo", "qwerty", "qwertyuiop", "qwertyui", "asdfghjkl", "asdfgh", "zxcvbnm", "azerty", "abc", "abcd",
        "abcde", "abcdef", "abcdefgh", "iloveyou", "loveyou", "love", "lovely", "princess", "sunshine", "monkey",
        "dragon", "football", "baseball", "superman", "batman", "pokemon", "charlie", "michael", "computer",
        "internet", "samsung", "iphone", "google", "facebook", "zalo", "tiktok", "youtube", "vietnam",
        "vietnamese", "hanoi", "saigon", "hochiminh", "danang", "laocai", "baoyen", "phorang", "motcua",
        "dichvucong", "anhyeuem", "emyeuanh", "anhnhoem", "emnhoanh", "yeuem", "yeuanh", "nhoem", "nhoanh",
        "maiyeuem", "maimaiyeuem", "maimaiyeuanh", "yeuemnhieu", "yeuemmaimai", "toiyeuem", "toiyeuvietnam",
        "vochong", "giadinh", "giadinhtoi", "conyeu", "meyeu", "boyeu", "congan", "ubnd", "bacho", "bachoi",
        "hoahong", "hoahongden", "thienthan", "congchua", "hoangtu", "nguyen", "nguyenvan", "nguyenthi", "tran",
        "pham", "khongbiet", "khongco", "xinchao", "khongcopass", "whatever", "trustno", "starwars", "freedom",
        "shadow", "killer", "jordan", "hunter",
    }
)  # fmt: skip
_ROWS: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOK_ALIKES: Final = str.maketrans("013457@$!", "oieastasi")


def normal(password: str) -> str:
    """The same password however its letters were typed: é as one sign or as two."""
    return unicodedata.normalize("NFKC", password)


def fault(password: str, about: Iterable[str] = ()) -> str | None:
    """Why a password is refused: 'too_short', 'too_long', 'too_common', 'about_you'; None for a good one.

    `about` is what others know of the person: name, phone, e-mail, personal number, birth date.
    """
    password = normal(password)
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    plain = _plain(password)
    if _is_about(plain, about):
        return "about_you"
    return "too_common" if _is_common(plain) else None


def _plain(text: str) -> str:
    """Small letters and digits, without diacritics, spaces and signs at all."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9@$!]", "", decomposed)


def _is_common(plain: str) -> bool:
    """Whether it is one sign, a run of a keyboard, a common word with digits around, or the like twice."""
    if len(set(plain)) < 4 or _is_run(plain):
        return True
    half = len(plain) // 2
    if plain[:half] * 2 == plain and (half < SHORTEST - 2):
        return True
    letters = {
        re.sub(r"[^a-z]", "", plain),
        re.sub(r"[^a-z]", "", plain.strip("0123456789@$!").translate(_LOOK_ALIKES)),
    }
    return any(_is_made_of_common_words(word) for word in letters)


def _is_run(plain: str) -> bool:
    """Whether it only goes along rows: 1234567890, abcdefghij, qwertyuiop, also backwards and a few after another."""
    rest = plain
    while rest:
        length = max((size for row in _ROWS for way in (row, row[::-1]) for size in _starts(rest, way)), default=0)
        if length < 3:
            return False
        rest = rest[length:]
    return True


def _starts(text: str, row: str) -> Iterable[int]:
    """How long the pieces of `row` are with which `text` begins."""
    return (size for size in range(1, min(len(text), len(row)) + 1) if text[:size] in row)


def _is_made_of_common_words(letters: str) -> bool:
    """Whether its letters are at most two common words; digits alone are taken as common too."""
    if not letters or letters in COMMON:
        return True
    return any(letters[:cut] in COMMON and letters[cut:] in COMMON for cut in range(2, len(letters) - 1))


def _is_about(plain: str, about: Iterable[str]) -> bool:
    """Whether it is little more than something known of the person."""
    for known in filter(None, (_plain(text.partition("@")[0]) for text in about)):
        if len(known) >= 5 and known in plain and len(plain) - len(known) < 6:
            return True
    return False
