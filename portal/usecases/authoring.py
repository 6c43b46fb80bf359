"""How the office changes the law without a release: copy a version, edit the draft, try it out, publish it.

A draft touches no dossier. What is published is checked as the shipped files are, is kept letter by letter, and
is in force from its date: dossiers received before keep their version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import amendments, rehearsal
from portal.domain.access import Actor, Right, may
from portal.domain.amendments import Change
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from portal.domain.rehearsal import Row
from portal.store import dossiers, law_drafts, publications
from portal.store.database import reading, transaction
from portal.store.law_models import LawDraft, LawDraftRevision, Publication
from portal.usecases import law, lawbook
from procedures.calendars import OFFICE_TIME
from procedures.catalogue import Catalogue, Entry, UnknownProcedure, examine
from procedures.files import LARGEST, Fault, FaultyFile, Place, parse
from procedures.model import Head, Procedure, Sector, Text
from procedures.postponing import postpone_examples

PROCEDURE: Final = "procedure"
LONGEST_NUMBER: Final = 100
_CODE: Final = re.compile(r"\d\.\d{6}")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Means in `save`: leave the date in force as it is.
KEEP: Final = date.min


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as its authors have it before their eyes, at one of its revisions."""

    id: int
    kind: str
    code: str
    sector: str | None
    slug: str
    based_on: date | None
    begins: date | None
    text: str
    revision: int
    created_at: datetime
    saved_at: datetime
    saved_by: str

    @property
    def path(self) -> Path:
        """The path of the file that the draft would be; without a date in force yet, one that no example is before."""
        return Path(self.sector or "", self.slug, f"{self.begins or date.max}.yaml")


@dataclass(frozen=True, slots=True)
class Published:
    """What the log says of a publication."""

    seq: int
    kind: str
    code: str
    sector: str | None
    slug: str | None
    begins: date
    decision_number: str
    decided_on: date
    published_at: datetime
    published_by: str
    replaces: date | None
    diff: tuple[Text, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One version on the shelf: shipped with the portal, or published here; in force today or not."""

    head: Head
    publication: Published | None
    in_force: bool
    draft_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft after all checks: the procedure it says, None where it does not fit the model, and every fault.

    A procedure may contradict itself; one that is `playable` does so nowhere where a dossier would meet it, so that its
    form can be shown and its examples played.
    """

    procedure: Procedure | None
    faults: tuple[Fault, ...]
    playable: bool


@dataclass(frozen=True, slots=True)
class Played:
    """One example of a draft, played."""

    example: str
    index: int
    rows: tuple[Row, ...]

    @property
    def agrees(self) -> bool:
        """Whether all of it came out as expected."""
        return all(row.agrees for row in self.rows)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a draft changes in the version that is in force the day before; `old` is None for a new procedure."""

    old: Head | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a draft may not be published: a stable code, the words, and where it is written, if it is about a place."""

    code: str
    text: Text
    place: Place = ()
    line: int | None = None


class Refused(Conflict):
    """The draft may not be published as it is; `objections` says why."""

    code = "not_publishable"

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(None, objections=[objection.code for objection in objections])
        self.objections = tuple(objections)


# --- the shelf ---


def shelf(at: datetime) -> tuple[Listed, ...]:
    """Every version of every procedure, by sector and title, the oldest version first."""
    today, catalogue = law.office_day(at), law.catalogue()
    with reading() as session:
        log = {row.seq: _published(row) for row in publications.listed(session, [PROCEDURE], size=None)}
        drafts = [(draft.name, draft.based_on, draft.id) for draft, _ in law_drafts.newest(session)]
    current = {(head.code, head.version) for head in catalogue.all_in_force(today)}
    sectors = list(Sector)
    entries = sorted(
        catalogue.entries, key=lambda e: (sectors.index(e.head.sector), e.order, e.head.code, e.head.version)
    )
    return tuple(
        Listed(
            head=entry.head,
            publication=log.get(entry.unread.publication or 0) if entry.unread else None,
            in_force=(entry.head.code, entry.head.version) in current,
            draft_ids=tuple(
                i for code, based_on, i in drafts if (code, based_on) == (entry.head.code, entry.head.version)
            ),
        )
        for entry in entries
    )


def text_of(code: str, version: date) -> str:
    """A version as it is written, letter by letter. Raises NotFound."""
    entry = _entry(code, version)
    assert entry.unread is not None
    return entry.unread.text()


def file_name(code: str, version: date) -> str:
    """The path of the file that says this version: '<sector>/<slug>/<date in force>.yaml'. Raises NotFound."""
    head = _entry(code, version).head
    return f"{head.sector}/{head.slug}/{head.version}.yaml"


def log(code: str | None = None, before: int | None = None, size: int = 50) -> tuple[Published, ...]:
    """What was published, the newest first, of one procedure or of all, from before this number on."""
    with reading() as session:
        return tuple(map(_published, publications.listed(session, [PROCEDURE], name=code, before=before, size=size)))


def _entry(code: str, version: date) -> Entry:
    try:
        return law.catalogue().entry(code, version)
    except UnknownProcedure as unknown:
        raise NotFound(procedure=code, version=version.isoformat()) from unknown


# --- drafts ---


def drafts() -> tuple[Draft, ...]:
    """Every draft, the last saved first."""
    with reading() as session:
        return tuple(_draft(draft, revision) for draft, revision in law_drafts.newest(session))


def open_draft(draft_id: int) -> Draft:
    """A draft as it is now. Raises NotFound."""
    with reading() as session:
        return _newest(session, _found(session, draft_id))


def revision(draft_id: int, number: int) -> Draft:
    """A draft as it was at one of its revisions. Raises NotFound."""
    with reading() as session:
        draft, saved = _found(session, draft_id), law_drafts.revision(session, draft_id, number)
        if saved is None:
            raise NotFound(draft=draft_id, revision=number)
        return _draft(draft, saved)


def copy_version(actor: Actor, code: str, version: date, at: datetime, begins: date | None = None) -> Draft:
    """A draft that says what a version says, letter by letter. Raises NotFound, Forbidden."""
    head = _entry(code, version).head
    return _begin(actor, text_of(code, version), at, head.code, head.sector, head.slug, begins, based_on=version)


def take_in(actor: Actor, text: str, at: datetime, *, slug: str | None = None, begins: date | None = None) -> Draft:
    """A draft of a text from elsewhere, faulty or not, if only it says of which procedure it is.

    A new procedure needs a slug, the name of its folder. Raises Forbidden, and Invalid: `text` is not_readable (with
    `faults`) or says no_code, `slug` is needed, not_a_slug or taken.
    """
    code, sector = _said(text)
    known = _home(law.catalogue(), code)
    if known is not None:
        return _begin(actor, text, at, code, known.sector, known.slug, begins)
    if not slug:
        raise Invalid({"slug": "needed"})
    if not _SLUG.fullmatch(slug) or len(slug) > 64:
        raise Invalid({"slug": "not_a_slug"})
    if _taken(law.catalogue(), code, sector, slug):
        raise Invalid({"slug": "taken"})
    return _begin(actor, text, at, code, sector, slug, begins)


def save(
    actor: Actor, draft_id: int, seen: int, at: datetime, *, text: str | None = None, begins: date | None = KEEP
) -> Draft:
    """Save the text or the date in force of a draft, or both, as a new revision; `seen` is the one that was edited.

    Raises NotFound, Forbidden, Stale if somebody has saved since `seen` (`by` names them), Invalid for a text that is
    too long or no text.
    """
    by = _author(actor)
    if text is not None:
        _demand_text(text)
    with transaction() as session:
        draft = _locked(session, draft_id, seen)
        before = law_drafts.revision(session, draft.id, draft.revision)
        assert before is not None
        said = before.text if text is None else text
        day = before.begins if begins == KEEP else begins
        if (said, day) == (before.text, before.begins):
            return _draft(draft, before)
        return _draft(draft, law_drafts.add(session, draft, said, day, at, by))


def move_examples(actor: Actor, draft_id: int, seen: int, at: datetime) -> Draft:
    """Move the draft's examples behind its date in force, as far as they are before it, by whole weeks.

    Raises NotFound, Forbidden, Stale, Invalid: `text` is not_readable, `begins` is missing.
    """
    draft = open_draft(draft_id)
    if draft.begins is None:
        raise Invalid({"begins": "missing"})
    try:
        moved = postpone_examples(draft.text, draft.begins)
    except FaultyFile as found:
        raise Invalid({"text": "not_readable"}, faults=found.faults) from found
    return save(actor, draft_id, seen, at, text=moved)


def discard(actor: Actor, draft_id: int, seen: int) -> None:
    """Throw a draft away. Raises NotFound, Forbidden, Stale."""
    _author(actor)
    with transaction() as session:
        session.delete(_locked(session, draft_id, seen))


def _begin(
    actor: Actor, text: str, at: datetime, code: str, sector: str | None, slug: str, begins: date | None,
    based_on: date | None = None,
) -> Draft:  # fmt: skip
    by = _author(actor)
    draft = LawDraft(kind=PROCEDURE, name=code, sector=sector, slug=slug, based_on=based_on, revision=0, created_at=at)
    with transaction() as session:
        return _draft(draft, law_drafts.add(session, draft, text, begins, at, by))


def _said(text: str) -> tuple[str, str | None]:
    """The code and the sector that a text says it is of. Raises Invalid."""
    _demand_text(text)
    try:
        value = parse(text, Path("text")).value
    except FaultyFile as found:
        raise Invalid({"text": "not_readable"}, faults=found.faults) from found
    value = value if isinstance(value, dict) else {}
    code, sector = value.get("code"), value.get("sector")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise Invalid({"text": "no_code"})
    return code, sector if isinstance(sector, str) and sector in set(Sector) else None


def _demand_text(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as half:
        raise Invalid({"text": "not_text"}) from half
    if size > LARGEST:
        raise Invalid({"text": "too_long"}, most=LARGEST)
    if "\0" in text:
        raise Invalid({"text": "not_text"})


def _home(catalogue: Catalogue, code: str) -> Head | None:
    return catalogue.versions(code)[0] if code in catalogue.codes else None


def _taken(catalogue: Catalogue, code: str, sector: str | None, slug: str) -> bool:
    """Whether the folder belongs to another procedure."""
    return any((e.head.sector, e.head.slug) == (sector, slug) and e.head.code != code for e in catalogue.entries)


def _author(actor: Actor) -> int:
    if not may(actor, Right.AUTHORING) or actor.account_id is None:
        raise Forbidden()
    return actor.account_id


def _found(session: Session, draft_id: int, *, lock: bool = False) -> LawDraft:
    draft = law_drafts.find(session, draft_id, lock=lock)
    if draft is None:
        raise NotFound(draft=draft_id)
    return draft


def _locked(session: Session, draft_id: int, seen: int) -> LawDraft:
    draft = _found(session, draft_id, lock=True)
    if draft.revision != seen:
        by = _newest(session, draft).saved_by
        raise Stale(draft=draft_id, seen=seen, now=draft.revision, by=by)
    return draft


def _newest(session: Session, draft: LawDraft) -> Draft:
    saved = law_drafts.revision(session, draft.id, draft.revision)
    assert saved is not None
    return _draft(draft, saved)


def _draft(draft: LawDraft, saved: LawDraftRevision) -> Draft:
    return Draft(
        id=draft.id,
        kind=draft.kind,
        code=draft.name,
        sector=draft.sector,
        slug=draft.slug or "",
        based_on=draft.based_on,
        begins=saved.begins,
        text=saved.text,
        revision=saved.number,
        created_at=draft.created_at,
        saved_at=saved.saved_at,
        saved_by=saved.saved_by.full_name,
    )


# --- trying out ---


#: Parts in which a contradiction keeps a form from being filled in and counted.
_PLAYED: Final = frozenset(
    {"form", "place", "components", "checks", "fees", "exemptions", "term_cases", "bundle", "manners", "examples"}
)


def check(draft: Draft) -> Checked:
    """Everything that is wrong with a draft, its examples included. Never raises."""
    source, faults = examine(draft.text, draft.path)
    if source is None:
        return Checked(None, faults, playable=False)
    if any(fault.place[:1] == () or fault.place[0] in _PLAYED for fault in faults):
        return Checked(source.procedure, faults, playable=False)
    found = rehearsal.findings(source.procedure, law.places(), law.official_days())
    failing = (source.document.fault(place, why) for place, why in found)
    return Checked(source.procedure, (*faults, *failing), playable=True)


def play(procedure: Procedure) -> tuple[Played, ...]:
    """The examples of a playable version, each with what it expects beside what comes of it."""
    days = law.official_days()
    return tuple(
        Played(example.name, index, tuple(rehearsal.play(procedure, example, law.places(), days)))
        for index, example in enumerate(procedure.examples)
    )


def compare(draft: Draft, procedure: Procedure, at: datetime) -> Comparison:
    """What a draft, which reads as this procedure, changes in the version that is in force until then."""
    return _comparison(law.catalogue(), draft, procedure, at)


def compare_texts(old: Draft, new: Draft) -> tuple[Change, ...] | None:
    """What one revision changes in another; None where either does not fit the model."""
    (before, _), (after, _) = (examine(draft.text, draft.path) for draft in (old, new))
    return amendments.changes(before.procedure, after.procedure) if before and after else None


def _comparison(catalogue: Catalogue, draft: Draft, procedure: Procedure, at: datetime) -> Comparison:
    try:
        old = catalogue.in_force(draft.code, draft.begins or law.office_day(at))
    except UnknownProcedure:
        return Comparison(None, ())
    return Comparison(old, amendments.changes(old, procedure))


# --- publication ---


def objections(
    draft: Draft, at: datetime, decision_number: str | None = None, decided_on: date | None = None
) -> tuple[Objection, ...]:
    """Why the draft may not be published as it is; of the decision only if one is given."""
    with reading() as session:
        found = _Inquiry(session, law.catalogue(), draft, at).objections()
    return (*found, *(() if decision_number is None else _about_decision(decision_number, decided_on, at)))


def publish(
    actor: Actor, draft_id: int, seen: int, at: datetime, *, decision_number: str, decided_on: date | None
) -> Published:
    """Publish a draft: from its date in force on it is the law, and the draft is no more.

    Raises NotFound, Forbidden, Stale, Refused.
    """
    by, number = _author(actor), " ".join(decision_number.split())
    with transaction() as session:
        publications.hold(session, alone=True)
        row = _locked(session, draft_id, seen)
        draft, catalogue = _newest(session, row), lawbook.now(session)
        inquiry = _Inquiry(session, catalogue, draft, at)
        if found := (*inquiry.objections(), *_about_decision(number, decided_on, at)):
            raise Refused(found)
        procedure = inquiry.checked.procedure
        assert procedure is not None
        assert draft.begins is not None
        comparison = _comparison(catalogue, draft, procedure, at)
        publication = publications.append(
            session,
            kind=draft.kind,
            name=draft.code,
            sector=procedure.sector.value,
            slug=draft.slug,
            begins=draft.begins,
            text=draft.text,
            sha256=sha256(draft.text.encode()).hexdigest(),
            decision_number=number,
            decided_on=decided_on,
            published_at=at,
            published_by_id=by,
            replaces=comparison.old.version if comparison.old else None,
            diff=amendments.lines(comparison.changes),
        )
        session.delete(row)
        published = _published(publication)
    lawbook.look_again()
    return published


@dataclass(frozen=True)
class _Inquiry:
    """All that an objection looks at."""

    session: Session
    catalogue: Catalogue
    draft: Draft
    at: datetime

    @cached_property
    def checked(self) -> Checked:
        return check(self.draft)

    def objections(self) -> tuple[Objection, ...]:
        return tuple(found for rule in (self._faults, self._identity, self._date) for found in rule())

    def _faults(self) -> Iterator[Objection]:
        for fault in self.checked.faults:
            code = "example_fails" if self.checked.playable and fault.place[:1] == ("examples",) else "faulty"
            yield Objection(code, _t(fault.reason, fault.reason), fault.place, fault.line)

    def _identity(self) -> Iterator[Objection]:
        draft, procedure = self.draft, self.checked.procedure
        if procedure is None:
            return
        if procedure.code != draft.code:
            yield Objection("another_code", _ANOTHER_CODE.filled(code=draft.code, other=procedure.code), ("code",))
        if _taken(self.catalogue, draft.code, procedure.sector, draft.slug):
            yield Objection("slug_taken", _SLUG_TAKEN.filled(slug=draft.slug))
        comparison = _comparison(self.catalogue, draft, procedure, self.at)
        if comparison.old is not None and not comparison.changes:
            yield Objection("nothing_changed", _NOTHING_CHANGED.filled(day=_day(comparison.old.version)))

    def _date(self) -> Iterator[Objection]:
        begins, today = self.draft.begins, law.office_day(self.at)
        if begins is None:
            yield Objection("no_date", _NO_DATE)
            return
        if begins < today:
            yield Objection("date_in_past", _PAST.filled(day=_day(begins), today=_day(today)))
        if self.draft.code not in self.catalogue.codes:
            return
        versions = self.catalogue.versions(self.draft.code)
        if begins in {head.version for head in versions}:
            yield Objection("exists", _EXISTS.filled(day=_day(begins)))
            return
        replaced = max((head.version for head in versions if head.version < begins), default=None)
        if replaced is None:
            return
        midnight = datetime.combine(begins, time(), OFFICE_TIME)
        number, last = dossiers.received_under(self.session, self.draft.code, replaced, midnight)
        if last is not None:
            day = _day(law.office_day(last))
            yield Objection("changes_received", _RECEIVED.filled(number=number, begins=_day(begins), day=day))


def _about_decision(number: str, decided_on: date | None, at: datetime) -> Iterator[Objection]:
    if not number.strip():
        yield Objection("decision_number", _NO_NUMBER)
    elif len(number) > LONGEST_NUMBER:
        yield Objection("decision_number", _LONG_NUMBER.filled(most=LONGEST_NUMBER))
    if decided_on is None:
        yield Objection("decided_on", _NO_DECISION_DAY)
    elif decided_on > law.office_day(at):
        yield Objection("decided_on", _NOT_YET_DECIDED.filled(day=_day(decided_on)))


def _published(row: Publication) -> Published:
    assert row.decided_on is not None
    return Published(
        seq=row.seq,
        kind=row.kind,
        code=row.name,
        sector=row.sector,
        slug=row.slug,
        begins=row.begins,
        decision_number=row.decision_number,
        decided_on=row.decided_on,
        published_at=row.published_at,
        published_by=row.published_by.full_name,
        replaces=row.replaces,
        diff=tuple(Text.model_validate(line) for line in row.diff),
        sha256=row.sha256,
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


_ANOTHER_CODE: Final = _t(
    "Bản thảo của thủ tục {code} lại mang mã {other}.", "The draft of procedure {code} bears the code {other}."
)
_SLUG_TAKEN: Final = _t(
    "Tên thư mục {slug} đã thuộc về thủ tục khác.", "The folder name {slug} belongs to another procedure."
)
_NOTHING_CHANGED: Final = _t(
    "Bản thảo không thay đổi gì so với phiên bản {day} đang áp dụng đến ngày đó.",
    "The draft changes nothing in the version of {day}, which is in force until then.",
)
_NO_DATE: Final = _t("Chưa có ngày có hiệu lực.", "The date in force is missing.")
_PAST: Final = _t(
    "Ngày có hiệu lực {day} đã qua; sớm nhất là hôm nay, {today}.",
    "The date in force {day} has passed; today, {today}, is the earliest.",
)
_EXISTS: Final = _t(
    "Đã có phiên bản có hiệu lực từ ngày {day}; xin chọn ngày khác.",
    "There is a version in force from {day} already; choose another date.",
)
_RECEIVED: Final = _t(
    "Có {number} hồ sơ đã được tiếp nhận từ ngày {begins} theo phiên bản sẽ bị thay thế; sớm nhất là ngày sau {day}.",
    "Dossiers received from {begins} on under the version that would be replaced: {number}; the day after {day} is the "
    "earliest.",
)
_NO_NUMBER: Final = _t("Chưa có số quyết định công bố.", "The number of the decision is missing.")
_LONG_NUMBER: Final = _t(
    "Số quyết định dài quá {most} ký tự.", "The number of the decision is longer than {most} characters."
)
_NO_DECISION_DAY: Final = _t("Chưa có ngày ký quyết định.", "The day of the decision is missing.")
_NOT_YET_DECIDED: Final = _t("Ngày ký quyết định {day} chưa đến.", "The day of the decision, {day}, has not come yet.")
