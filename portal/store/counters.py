"""Numbers that count up without gaps: taken inside the transaction that uses them, so none is lost or used twice."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from portal.store.models import Counter

__all__ = ["EVENTS", "reserve", "take", "take_free"]

#: The counter of event positions; taking from it puts writers in the order of their commits.
EVENTS = "events"


def take(session: Session, name: str, many: int = 1) -> int:
    """Take `many` numbers of the counter and give the first of them (1 for a new counter).

    The row stays locked until the transaction ends: another writer waits, and nobody sees a gap.
    """
    dialect = session.get_bind().dialect.name
    make = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = (
        make(Counter)
        .values(name=name, value=many)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + many})
        .returning(Counter.value)
    )
    return session.execute(statement).scalar_one() - many + 1


def take_free(session: Session, name: str) -> int:
    """Take the next number of the counter that was not reserved."""
    number = take(session, name)
    while session.get(Counter, _reserved(name, number)) is not None:
        number = take(session, name)
    return number


def reserve(session: Session, name: str, number: int) -> bool:
    """Set a number of the counter aside, which `take_free` will pass over; False where it is taken already."""
    if number < take(session, name, 0) or session.get(Counter, _reserved(name, number)) is not None:
        return False
    session.add(Counter(name=_reserved(name, number), value=number))
    session.flush()
    return True


def _reserved(name: str, number: int) -> str:
    return f"{name}#{number}"
