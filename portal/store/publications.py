"""What the office has published of the law: appended as a chain, and looked at by what is newer than is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session, defer, joinedload

from portal.domain.evidence import event_hash
from portal.store import counters
from portal.store.law_models import Publication

#: What the hash of a publication covers, in this order.
COVERED: Final = (
    "seq", "kind", "name", "sector", "slug", "begins", "sha256", "decision_number", "decided_on", "published_at",
    "published_by_id", "replaces", "diff",
)  # fmt: skip
#: Any number, the same in every process: PostgreSQL's lock of this number is held by whoever relies on the law of now.
_LOCK: Final = 6_017_102
_COUNTER: Final = "publications"


class Published(NamedTuple):
    """What is needed to know that a text was published, and under which date; named as its columns."""

    seq: int
    name: str
    sector: str
    slug: str
    begins: date
    sha256: str


_NEWEST: Final = select(func.max(Publication.seq))
_COLUMNS: Final = Publication.__table__.c


def newest(connection: Connection) -> int:
    """The number of the newest publication, 0 if there is none."""
    return connection.execute(_NEWEST).scalar() or 0


def between(connection: Connection, after: int, until: int) -> list[Published]:
    """The procedures published after one number up to another, in order."""
    query = select(*(_COLUMNS[name] for name in Published._fields)).order_by(_COLUMNS.seq)
    query = query.where(_COLUMNS.kind == "procedure", _COLUMNS.seq > after, _COLUMNS.seq <= until)
    return [Published._make(row) for row in connection.execute(query)]


def text_of(connection: Connection, seq: int) -> str:
    """The text of a publication, letter by letter."""
    return str(connection.execute(select(_COLUMNS.text).where(_COLUMNS.seq == seq)).scalar_one())


def hold(session: Session, *, alone: bool) -> None:
    """Keep the law as it is until this transaction ends; `alone` for who changes it. SQLite's writers are alone anyway.

    A dossier is received under the law of the moment; without this, a version that begins on the same day could be
    published between looking at the law and writing down the reception.
    """
    if session.get_bind().dialect.name == "postgresql":
        function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        session.execute(text(f"SELECT {function}(:number)"), {"number": _LOCK})


def append(session: Session, **columns: Any) -> Publication:
    """Write down a publication as the next link of the chain; the caller holds the law alone."""
    seq = counters.take(session, _COUNTER)
    before = session.get(Publication, seq - 1)
    publication = Publication(seq=seq, **columns)
    publication.hash = event_hash(
        before.hash if before else "", {name: getattr(publication, name) for name in COVERED}, COVERED
    )
    session.add(publication)
    session.flush()
    return publication


def chain(session: Session) -> Iterator[Mapping[str, Any]]:
    """What the hashes cover, of every publication in order; of a text that was changed no SHA-256 is told."""
    columns = [*(_COLUMNS[name] for name in COVERED), _COLUMNS.hash, _COLUMNS.text]
    for row in session.execute(select(*columns).order_by(_COLUMNS.seq)).mappings():
        whole = sha256(row["text"].encode()).hexdigest() == row["sha256"]
        yield {**row, "sha256": row["sha256"] if whole else ""}


def listed(
    session: Session, kinds: Collection[str], *, name: str | None = None, before: int | None = None, size: int | None
) -> Sequence[Publication]:
    """Publications of some kinds without their texts, the newest first, of one name or all, from before this number."""
    options = (joinedload(Publication.published_by), defer(Publication.text, raiseload=True))
    query = select(Publication).options(*options).order_by(Publication.seq.desc())
    query = query.where(Publication.kind.in_(kinds))
    if name is not None:
        query = query.where(Publication.name == name)
    if before is not None:
        query = query.where(Publication.seq < before)
    return session.scalars(query.limit(size)).all()


class Kept(NamedTuple):
    """What an office keeps of one thing from a day on; named as its columns."""

    seq: int
    kind: str
    name: str
    begins: date
    text: str


def kept(connection: Connection, kinds: Collection[str], after: int) -> list[Kept]:
    """The texts of these kinds published after this number, in order."""
    query = select(*(_COLUMNS[name] for name in Kept._fields)).order_by(_COLUMNS.seq)
    query = query.where(_COLUMNS.seq > after, _COLUMNS.kind.in_(kinds))
    return [Kept._make(row) for row in connection.execute(query)]
