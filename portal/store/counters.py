"""Numbers that count up without gaps: taken inside the transaction that uses them, so none is lost or used twice."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from portal.store.models import Counter

__all__ = ["EVENTS", "take"]

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
