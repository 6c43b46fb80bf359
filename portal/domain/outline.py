"""A version as somebody reads it who is no programmer: every part by its name, every value in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.domain import criteria, parts
from portal.domain.criteria import ALONE, Join, Row, Sign
from portal.domain.entries import (
    ABSENT,
    Condition,
    Entry,
    Flag,
    Group,
    Level,
    Many,
    Marks,
    Number,
    One,
    Pair,
    Rows,
    Scene,
    Sum,
    TermOf,
)
from portal.domain.numerals import money
from procedures.files import Place
from procedures.model import Text
from procedures.terms import Term, TermError

NOT_KNOWN: Final = Text(vi="chưa cấu hình", en="not configured")
_JOINED: Final = {Join.OR: Text(vi="hoặc", en="or"), Join.AND: Text(vi="và", en="and")}
_SHARED: Final = Text(vi="Trang dùng chung", en="Shared page")
_QUESTIONS: Final = Text(vi="{count} câu hỏi", en="Questions ({count})")
#: What is told of an item of a list beside its name.
_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "components": ("required", "kinds", "when"),
    "term_cases": ("term", "when"),
    "fees": ("amount", "when", "channels", "condition"),
    "exemptions": ("proof",),
    "route": ("role", "unit", "share", "actions"),
    "form": ("when",),
    "checks": ("level", "rule"),
    "examples": ("channel", "received_at"),
    "legs": ("code", "authority", "term", "after"),
    "fields": ("kind", "required", "when"),
    "columns": ("kind", "required", "when"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One value in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: what it is called, the facts that matter, and where it stands."""

    title: str
    facts: tuple[Said, ...]
    place: Place

    @property
    def where(self) -> str:
        """The address part of the page on which it is edited."""
        return "/".join(map(str, self.place))


@dataclass(frozen=True, slots=True)
class Block:
    """One page or list of a version."""

    where: str
    title: str
    said: tuple[Said, ...] = ()
    items: tuple[Item, ...] = ()
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pages and lists that belong together."""

    title: str
    blocks: tuple[Block, ...]


def outline(plain: Any, scene: Scene, language: str) -> tuple[Chapter, ...]:
    """The whole version, chapter by chapter."""
    return tuple(
        Chapter(
            title.say(language), tuple(_block(name, plain, scene, language) for name in names if _is_there(name, plain))
        )
        for title, names in parts.CHAPTERS
    )


def _is_there(name: str, plain: Any) -> bool:
    """Whether a version has this block at all: a list inside a part that is not there has no place."""
    around = name.split("/")[:-1]
    return not around or (isinstance(plain, Mapping) and isinstance(plain.get(around[0]), Mapping))


def _block(name: str, plain: Any, scene: Scene, language: str) -> Block:
    page = parts.page(name)
    if page is not None:
        values = plain if isinstance(plain, Mapping) else {}
        return Block(name, page.title.say(language), tuple(said(page.entries, values, scene, language)))
    place = parts.place_of(name)
    listing = parts.listing(place)
    assert listing is not None
    return Block(name, listing.title.say(language), items=items(place, plain, scene, language), is_list=True)


def items(place: Place, plain: Any, scene: Scene, language: str) -> tuple[Item, ...]:
    """The items of the list at a place, each with the facts that matter."""
    listing = parts.listing(place)
    try:
        found = plain
        for name in place:
            found = found[name]
    except (KeyError, IndexError, TypeError):
        return ()
    if listing is None or not isinstance(found, list):
        return ()
    return tuple(_item((*place, index), item, scene, language) for index, item in enumerate(found))


def _item(place: Place, item: Any, scene: Scene, language: str) -> Item:
    entries = parts.entries_at(place, item) or ()
    facts = _FACTS.get(str(place[-2]), ())
    chosen = [entry for entry in entries if entry.key in facts and entry.key in item]
    told = list(said(chosen, item, scene, language))
    if place[0] == "form" and isinstance(item, Mapping) and isinstance(item.get("fields"), list):
        names = "; ".join(parts.name_of(field).say(language) for field in item["fields"])
        told.append(Said(_QUESTIONS.filled(count=len(item["fields"])).say(language), names))
    if isinstance(item, Mapping) and "use" in item:
        label = dict(scene.options.get("blocks", ())).get(str(item["use"]))
        return Item(label.say(language) if label else str(item["use"]), (Said(_SHARED.say(language), ""), *told), place)
    return Item(parts.name_of(item).say(language), tuple(told), place)


def said(entries: Sequence[Entry], values: Mapping[str, Any], scene: Scene, language: str) -> Iterator[Said]:
    """The values of these entries in words; what the file does not say is passed over."""
    for entry in entries:
        value = values.get(entry.key, ABSENT)
        if value is ABSENT or value in (None, [], {}):
            if isinstance(entry, Sum | Level) and value is None:
                yield Said(entry.label.say(language), NOT_KNOWN.say(language))
            continue
        if isinstance(entry, Group):
            known = value if isinstance(value, Mapping) else {}
            for inner in said(entry.entries, known, scene, language):
                yield Said(f"{entry.label.say(language)} – {inner.label}", inner.value)
            continue
        yield Said(entry.label.say(language), in_words(entry, value, scene, language))


def in_words(entry: Entry, value: Any, scene: Scene, language: str) -> str:
    """One value in words."""
    match entry:
        case Pair():
            return parts.name_of({"title": value}).say(language)
        case Rows() if isinstance(value, list):
            return "\n".join(f"{index}. {_row(entry, item, language)}" for index, item in enumerate(value, 1))
        case TermOf():
            return _term(value, language)
        case Sum():
            return money(value, language) if isinstance(value, int) else str(value)
        case Condition():
            return condition(value, scene, language)
        case Flag():
            return (criteria.YES if value is True else criteria.NO).say(language)
        case Marks():
            return _marks(entry, value, scene, language)
        case Many() if isinstance(value, list):
            return ", ".join(_named(entry.offered(scene), item, language) for item in value)
        case One():
            return _named(entry.offered(scene), value, language)
        case Number():
            return _number(value, language)
    return entry.shown(value)


def _number(value: Any, language: str) -> str:
    return str(value) if language == "en" else str(value).replace(".", ",")


def _row(entry: Rows, item: Any, language: str) -> str:
    name = parts.name_of({"title": item} if not entry.row[0].key else item).say(language)
    code = item.get("code") or item.get("value") if isinstance(item, Mapping) else None
    return f"{name} ({code})" if code else name


def _term(value: Any, language: str) -> str:
    try:
        return Term.parse(str(value)).words(language)
    except TermError:
        return str(value)


def _marks(entry: Marks, value: Any, scene: Scene, language: str) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    labels, marks = dict(scene.options.get(entry.among, ())), dict(entry.choices)
    told = []
    for key, item in value.items():
        mark = marks.get(str(item))
        said_item = mark.say(language) if mark else _number(item, language)
        told.append(f"{labels[key].say(language) if key in labels else key}: {said_item}")
    return "\n".join(told)


def _named(offered: Sequence[tuple[str, Text]], value: Any, language: str) -> str:
    label = dict(offered).get(str(value))
    return label.say(language) if label else str(value)


def condition(value: Any, scene: Scene, language: str) -> str:
    """A condition or requirement in words; as CEL where rows cannot say it."""
    if isinstance(value, bool):
        return (criteria.YES if value else criteria.NO).say(language)
    rows = criteria.read(str(value), scene.asked)
    if rows is None:
        return str(value)
    known = {question.key: question for question in scene.asked}
    joined = f" {_JOINED[Join(rows.join)].say(language)} "
    return joined.join(_comparison(row, known[row.left], language) for row in rows.rows)


def _comparison(row: Row, question: criteria.Asked, language: str) -> str:
    sign = Sign(row.sign)
    beginning = f"“{question.label.say(language)}” {sign.label.say(language).partition(' (')[0]}"
    if sign in ALONE:
        return beginning
    values = row.right.split(", ") if sign in (Sign.ONE_OF, Sign.NONE_OF) else [row.right]
    return f"{beginning} {', '.join(_named(question.answers, value, language) for value in values)}"
