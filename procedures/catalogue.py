"""Reads the procedure files, and knows which version of each procedure is in force on a day.

`<sector>/<slug>/<date in force>.yaml` holds one version. A page of a form that many procedures share stands in
`blocks/<name>/<date>.yaml` and is taken in by `use: <name>/<date>`; answers offered by many questions stand in
`lists/<name>.yaml` and are taken in by `choices: <name>`; what may be asked of a person, a parcel, a certificate or a
consent stands in `records/<kind>.yaml` and is chosen by `parts`. What contradicts itself is refused with file, line,
reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from procedures.consistency import findings
from procedures.expressions import fold
from procedures.files import Document, Fault, FaultyFile, Place, parse, read
from procedures.guides import load_popular, load_synonyms
from procedures.heads import Heads, Kept, digest_of
from procedures.model import RECORDS, Head, Kind, Procedure, Sector
from procedures.search import Index, Sought

FOLDER: Final = Path(__file__).parent
#: A list of this name stands for the procedure's own exemptions.
EXEMPTIONS: Final = "exemptions"


class UnknownProcedure(LookupError):
    """No procedure, or no version of it, bears this code or date."""


class NotYetInForce(UnknownProcedure):
    """The procedure is known, but not on so early a day; `first` is its first date in force."""

    def __init__(self, code: str, on: date, first: date) -> None:
        super().__init__(
            f"procedure {code} is not in force on {on:%d/%m/%Y}; its first version begins on {first:%d/%m/%Y}"
        )
        self.code, self.on, self.first = code, on, first


class Contradiction(FaultyFile):
    """Files that cannot be taken into a catalogue together."""


@dataclass(frozen=True, slots=True)
class Source:
    """A procedure version and the text it was read from, which places a later fault."""

    procedure: Procedure
    document: Document


@dataclass(frozen=True, slots=True)
class Unread:
    """The text of a version that may not have been read yet: the path it is read as, its SHA-256, how to get it.

    `publication` is its number among those published here, None for a file shipped with the portal.
    """

    file: Path
    sha256: str
    text: Callable[[], str]
    publication: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One version as the catalogue keeps it: its head, and how to read all of it."""

    head: Head
    order: str
    read: Callable[[], Procedure]
    unread: Unread | None = None

    @classmethod
    def of(cls, procedure: Procedure) -> Entry:
        """The entry of a version at hand."""
        kept = _kept(procedure)
        return cls(kept.head, kept.order, lambda: procedure)

    @property
    def whole(self) -> Procedure:
        """All of the version; those last asked for are at hand. Raises FaultyFile if its text was changed since."""
        return _whole(self)


@lru_cache(maxsize=512)
def _whole(entry: Entry) -> Procedure:
    return entry.read()


class Catalogue:
    """All versions of all procedures: their heads at hand, the rest of each read when it is first asked for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        versions: dict[str, list[Entry]] = {}
        for entry in sorted(entries, key=lambda e: e.head.version):
            versions.setdefault(entry.head.code, []).append(entry)
        self._versions: Mapping[str, tuple[Entry, ...]] = {code: tuple(vs) for code, vs in sorted(versions.items())}
        self._offered = lru_cache(maxsize=8)(self._offered_on)

    @classmethod
    def of(cls, procedures: Iterable[Procedure]) -> Catalogue:
        """A catalogue of versions at hand."""
        return cls(map(Entry.of, procedures))

    def __iter__(self) -> Iterator[Procedure]:
        for entry in self.entries:
            yield entry.whole

    @property
    def entries(self) -> Iterator[Entry]:
        """Every version, by code and date."""
        return chain.from_iterable(self._versions.values())

    @property
    def codes(self) -> tuple[str, ...]:
        """Every procedure's code, in order."""
        return tuple(self._versions)

    def versions(self, code: str) -> tuple[Head, ...]:
        """All versions of a procedure, the oldest first. Raises UnknownProcedure."""
        return tuple(entry.head for entry in self._entries(code))

    def entry(self, code: str, begins: date) -> Entry:
        """The version that begins on that day, read or not. Raises UnknownProcedure."""
        for entry in self._entries(code):
            if entry.head.version == begins:
                return entry
        raise UnknownProcedure(f"procedure {code} has no version of {begins:%d/%m/%Y}")

    def version(self, code: str, begins: date) -> Procedure:
        """The version that begins on that day. Raises UnknownProcedure."""
        return self.entry(code, begins).whole

    def in_force(self, code: str, on: date) -> Procedure:
        """The version in force on a day. Raises UnknownProcedure, NotYetInForce before the first version."""
        return self._in_force(code, on).whole

    def all_in_force(self, on: date, sector: Sector | None = None) -> tuple[Head, ...]:
        """What is in force on a day, of one sector or of all, by sector and title."""
        return tuple(entry.head for entry in self._offered(on) if sector in (None, entry.head.sector))

    def search(self, words: str, on: date, sector: Sector | None = None) -> tuple[Head, ...]:
        """What is in force and is meant by the words, the best first; see `procedures.search`."""
        found = _index(self._offered(on)).search(words)
        return tuple(entry.head for entry in found if sector in (None, entry.head.sector))

    def _entries(self, code: str) -> tuple[Entry, ...]:
        try:
            return self._versions[code]
        except KeyError:
            raise UnknownProcedure(f"there is no procedure {code}") from None

    def _in_force(self, code: str, on: date) -> Entry:
        entries = self._entries(code)
        reached = bisect_right(entries, on, key=lambda entry: entry.head.version)
        if not reached:
            raise NotYetInForce(code, on, entries[0].head.version)
        return entries[reached - 1]

    def _offered_on(self, on: date) -> tuple[Entry, ...]:
        found = [self._in_force(code, on) for code, entries in self._versions.items() if entries[0].head.version <= on]
        order = {sector: position for position, sector in enumerate(Sector)}
        return tuple(sorted(found, key=lambda entry: (order[entry.head.sector], entry.order)))


@lru_cache(maxsize=4)
def _index(offered: tuple[Entry, ...]) -> Index[Entry]:
    """What is offered on some days, ready to be searched."""
    often = load_popular()
    return Index((Sought(e, tuple(_texts(e.head)), e.head.code in often) for e in offered), load_synonyms())


def _texts(head: Head) -> Iterator[tuple[str, str]]:
    """What a procedure is found by, and where that stands."""
    yield "code", head.code
    for keyword in head.keywords:
        yield "keyword", keyword
    texts = {"name": head.short_title, "title": head.title, "sector": head.sector.label, "summary": head.summary}
    for where, text in texts.items():
        yield where, text.vi
        yield where, text.en


def _kept(procedure: Procedure) -> Kept:
    head = Head(**{name: getattr(procedure, name) for name in Head.model_fields})
    return Kept(head=head, order=fold(head.title.vi))


@lru_cache(maxsize=4)
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """The catalogue of the files of a folder, made once per process. Raises Contradiction with every fault found."""
    return Catalogue(load_entries(shipped(folder), Heads()))


def shipped(folder: Path = FOLDER) -> Iterator[Unread]:
    """The texts of a folder's procedure files."""
    for file in procedure_files(folder):
        data = file.read_bytes()
        yield Unread(file, sha256(data).hexdigest(), partial(_verbatim, file))


def _verbatim(file: Path) -> str:
    return file.read_bytes().decode()


def load_entries(texts: Iterable[Unread], heads: Heads) -> tuple[Entry, ...]:
    """The entries of these texts; those whose head is not kept are read now. Raises Contradiction with every fault."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for unread in texts:
        read = partial(_read, unread)
        digest = digest_of("/".join(unread.file.parts[-3:]), unread.sha256)
        if (kept := heads.get(digest)) is None:
            try:
                kept = _kept(read())
            except FaultyFile as found:
                faults += found.faults
                continue
            heads.put(digest, kept)
        entries.append(Entry(kept.head, kept.order, read, unread))
    faults += _clashes((entry.head, Document(entry.unread.file, None, {})) for entry in entries if entry.unread)
    if faults:
        raise Contradiction(faults)
    heads.save()
    return tuple(entries)


def _read(unread: Unread) -> Procedure:
    return read_text(unread.text(), unread.file).procedure


def procedure_files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Every procedure file of the folder, in order."""
    return tuple(sorted(file for sector in Sector for file in (folder / sector).glob("*/*.yaml")))


def read_all(files: Iterable[Path]) -> tuple[list[Source], list[Fault]]:
    """The procedures of these files, and every fault found; a faulty file gives no procedure."""
    sources: list[Source] = []
    faults: list[Fault] = []
    for file in files:
        try:
            sources.append(read_procedure(file))
        except FaultyFile as found:
            faults += found.faults
    faults += _clashes((source.procedure, source.document) for source in sources)
    return sources, faults


def read_procedure(file: Path) -> Source:
    """One procedure file as a typed version, free of contradictions. Raises FaultyFile with every fault found."""
    return _understood(read(file))


def read_text(text: str, file: Path) -> Source:
    """The same of a text, as if it stood in `file`, whose path says slug and date in force. Raises FaultyFile."""
    return _understood(parse(text, file))


def examine(text: str, file: Path) -> tuple[Source | None, tuple[Fault, ...]]:
    """What a text says as far as it fits the model, contradictions or not, and everything wrong with it."""
    try:
        source, faults = _examined(parse(text, file))
    except FaultyFile as found:
        return None, found.faults
    return source, tuple(faults)


def _understood(document: Document) -> Source:
    source, faults = _examined(document)
    if faults:
        raise FaultyFile(faults)
    return source


def _examined(document: Document) -> tuple[Source, list[Fault]]:
    """A document that fits the model, with what contradicts itself in it. Raises FaultyFile for one that does not."""
    if not isinstance(document.value, dict):
        raise FaultyFile([document.fault((), "is not a mapping")])
    faults = [
        *_from_the_name(document),
        *_take_in_blocks(document),
        *_take_in_records(document),
        *_take_in_lists(document),
    ]
    try:
        procedure = Procedure.model_validate(document.value)
    except ValidationError as error:
        raise FaultyFile([*faults, *_model_faults(document, error)]) from None
    faults += [document.fault(place, reason) for place, reason in findings(procedure)]
    return Source(procedure, document), faults


def _from_the_name(document: Document) -> Iterator[Fault]:
    """The date in force and the slug stand in the path, and only there; the folder's sector must be the file's."""
    file, value = document.file.absolute(), document.value
    for key in ("version", "slug"):
        if key in value:
            yield document.fault((key,), f"{key} is said by the file's path, not inside it")
    begins = read_day(file.stem)
    if begins is None:
        yield document.fault((), f"is not named by its date in force: {file.name}")
    folder = file.parent.parent.name
    if folder in set(Sector) and value.get("sector", folder) != folder:
        yield document.fault(("sector",), f"lies in the folder of {folder}")
    value.update(version=begins or date.max, slug=file.parent.name)


def read_day(written: str) -> date | None:
    """The day that a file is named by, None if it is no day."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.isoformat() == written else None


def _items(value: Any, name: str) -> list[Any]:
    """The list called `name`, as far as there is one; what it really must be is the model's to say."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _take_in_blocks(document: Document) -> Iterator[Fault]:
    for index, section in enumerate(_items(document.value, "form")):
        if not isinstance(section, dict) or "use" not in section:
            continue
        place: Place = ("form", index)
        name = section.pop("use")
        if not isinstance(name, str) or name.count("/") != 1 or read_day(name.split("/")[1]) is None:
            yield document.fault((*place, "use"), "names a block as <name>/<date>")
            continue
        try:
            block = _shared(FOLDER / "blocks" / f"{name}.yaml")
        except FaultyFile as found:
            yield document.fault((*place, "use"), f"takes in {name}: {found.faults[0].reason}")
            continue
        document.value["form"][index] = {**block.value, **section} if isinstance(block.value, dict) else block.value
        for inner, line in block.lines.items():
            document.lines.setdefault((*place, *inner), line)


def _take_in_records(document: Document) -> Iterator[Fault]:
    """Gives a record, or a group of records, the columns that its `parts` name, in that order."""
    for place, field in _every_field(document.value):
        if "parts" not in field or "columns" in field:
            continue
        name = field.get("of") if field.get("kind") == Kind.GROUP else field.get("kind")
        if not isinstance(name, str) or name not in RECORDS:
            yield document.fault(place, f"parts go with {', '.join(sorted(RECORDS))}, or with a group of one of them")
            continue
        known = {part["key"]: part for part in _shared(FOLDER / "records" / f"{name}.yaml").value}
        parts, optional = _items(field, "parts"), _items(field, "optional")
        for written, names in (("parts", known), ("optional", parts)):
            for index, part in enumerate(_items(field, written)):
                if not isinstance(part, str) or part not in names:
                    yield document.fault(
                        (*place, written, index), f"{part!r} is not among {', '.join(map(str, names))}"
                    )
        field["columns"] = [
            _part(known[key], parts, optional) for key in parts if isinstance(key, str) and key in known
        ]


def _part(part: dict[str, Any], beside: list[Any], optional: list[Any]) -> dict[str, Any]:
    """A part as the column it becomes; a personal number is compared with those of its facts that are asked too."""
    column = part | {"required": part["key"] not in optional}
    if facts := part.get("person"):
        column["person"] = {fact: key for fact, key in facts.items() if key in beside}
    return column


def _take_in_lists(document: Document) -> Iterator[Fault]:
    for place, field in _every_field(document.value):
        name = field.get("choices")
        if not isinstance(name, str):
            continue
        if name == EXEMPTIONS:
            field["choices"] = [
                {"value": item.get("code"), "label": item.get("text")}
                for item in _items(document.value, EXEMPTIONS)
                if isinstance(item, dict)
            ]
            continue
        try:
            field["choices"] = _shared(FOLDER / "lists" / f"{name}.yaml").value
        except FaultyFile as found:
            yield document.fault((*place, "choices"), f"takes in {name}: {found.faults[0].reason}")


def _every_field(value: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
    for s, section in enumerate(_items(value, "form")):
        for f, field in enumerate(_items(section, "fields")):
            if isinstance(field, dict):
                yield ("form", s, "fields", f), field
                for c, column in enumerate(_items(field, "columns")):
                    if isinstance(column, dict):
                        yield ("form", s, "fields", f, "columns", c), column


@lru_cache(maxsize=64)
def _shared_once(file: Path) -> Document:
    return read(file)


def _shared(file: Path) -> Document:
    """A block or list, copied as deeply as it is going to be changed."""
    document = _shared_once(file)
    return Document(document.file, _copied(document.value), document.lines)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _clashes(versions: Iterable[tuple[Head, Document]]) -> Iterator[Fault]:
    """Two files for one version, and a code under two names."""
    seen: dict[tuple[str, date], Path] = {}
    homes: dict[str, Path] = {}
    for head, document in versions:
        other = seen.setdefault((head.code, head.version), document.file)
        if other is not document.file:
            yield document.fault(("code",), f"{other} is the same version of {head.code}")
        home = homes.setdefault(head.code, document.file.absolute().parent)
        if home != document.file.absolute().parent:
            yield document.fault(("code",), f"{head.code} also lies in {home}")


def _model_faults(document: Document, error: ValidationError) -> list[Fault]:
    """The model's own complaints, each at its line; of a choice of kinds only the first complaint is told."""
    faults: dict[tuple[Path, int, str], Fault] = {}
    for detail in error.errors(include_url=False, include_context=True):
        place = _written(document, detail["loc"])
        fault = document.fault(place, _reason(detail, place))
        faults.setdefault((fault.file, fault.line, fault.reason), fault)
    return list(faults.values())


def _written(document: Document, place: Place) -> Place:
    """The place as far as it is written in the file; the model adds names of its own for alternatives."""
    value: Any = document.value
    for depth, name in enumerate(place):
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            return place[:depth]
    return place


_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "{name} is missing",
        "extra_forbidden": "{name} is not known here",
        "string_type": "{name} must be text, in quotes where it looks like a number",
        "model_type": "{name} must be a mapping",
        "tuple_type": "{name} must be a list",
        "too_short": "{name} must not be empty",
        "string_pattern_mismatch": "{name} {input!r} is not written as it must be ({pattern})",
    }
)


def _reason(detail: ErrorDetails, place: Place) -> str:
    name = ".".join(map(str, detail["loc"][-1:] if detail["type"] in ("missing", "extra_forbidden") else place[-2:]))
    form = _REASONS.get(detail["type"])
    if form is not None:
        return form.format(name=name, input=str(detail["input"])[:60], pattern=detail.get("ctx", {}).get("pattern", ""))
    message = detail["msg"].removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}"
