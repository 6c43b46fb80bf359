"""English stands complete beside the Vietnamese: every text has its translation, no template speaks past it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "portal" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
#: Letters that only Vietnamese has, among the languages of these pages.
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
#: A call that looks texts up, as far as its literal texts go.
LOOKED_UP = re.compile(r"""(?<![\w.])(?:n?gettext|_)\(\s*(?:(?:'(?:[^'\\]|\\.)*'|"[^"]*")(?:\s*,\s*)?)+""")
#: Said in Vietnamese in any language: the name of the language itself, and places.
NAMES = {"Tiếng Việt"}
#: Papers are official and Vietnamese only.
PAGES = sorted(file for file in (ROOT / "templates").rglob("*.html") if "slips" not in file.parts)


def said() -> Iterator[tuple[str, str]]:
    """Every text that is looked up, with the file it stands in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    for name, _line, message, _comments, _context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        yield (message[0] if isinstance(message, tuple) else message), name
    # What stands inside an f-string is not gathered, yet it is looked up as well.
    for file in sorted((ROOT / "portal").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                match call.args[call.func.id == "lazy_pgettext" :]:
                    case [ast.Constant(value=str(text)), *_]:
                        yield text, str(file.relative_to(ROOT))


def test_every_text_has_its_english() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    known = {m.id[0] if isinstance(m.id, tuple) else m.id: m for m in catalogue if m.id}
    missing = sorted(
        {f"{name}: {text}" for text, name in said() if text not in known or not all(_strings(known[text].string))}
    )
    assert missing == []


def test_no_text_has_two_englishes() -> None:
    begun = re.findall(r'(?:^msgctxt "(.*)"\n)?^msgid "(.+)"$', ENGLISH.read_text(encoding="utf-8"), re.M)
    assert [text for text, times in Counter(begun).items() if times > 1] == []


def test_the_english_fills_the_same_places_as_the_vietnamese() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    places = re.compile(r"%\(\w+\)s")
    wrong = [
        message.id
        for message in catalogue
        if message.id
        for text in _strings(message.string)
        if set(places.findall(text)) != set(places.findall(_strings(message.id)[0]))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_no_template_speaks_vietnamese_past_the_translation(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    source = LOOKED_UP.sub("", source)
    for name in NAMES:
        source = source.replace(name, "")
    assert [line.strip() for line in source.splitlines() if VIETNAMESE.search(line)] == []


def test_the_english_is_compiled_and_not_set_aside_as_unfinished() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    assert not catalogue.fuzzy
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def _strings(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)
