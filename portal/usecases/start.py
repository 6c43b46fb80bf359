"""Connects a process to the portal's database and bell, and makes the database where it is missing."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from portal.domain.attestation import Claims
from portal.services.queue import Queue
from portal.settings import Settings
from portal.store import database, publications
from portal.store.database import Database, looking
from portal.usecases import law, lawbook, tracking, verification
from portal.usecases.verification import Verdict


def connect(settings: Settings, *, rings: bool = True) -> Database:
    """What every process of the portal begins with; asks nothing of the database or the queue server yet.

    One that does not ring leaves what it adds to the workers' next sweep: right for many rows, and without a queue.
    """
    law.configure(settings)
    tracking.configure(settings)
    lawbook.configure(settings)
    verification.configure(settings)
    return database.connect(settings.database_url, Queue(settings.redis_url).ring if rings else None)


def prepare(settings: Settings, *, rings: bool = True) -> Database:
    """Connect, and bring the tables to those of today; any number of processes may do so at the same time."""
    from portal.store import schema  # not needed by a process that only connects

    connected = connect(settings, rings=rings)
    schema.upgrade(connected)
    return connected


def holds_law(settings: Settings) -> bool | None:
    """Connect to look: whether the office has published anything here; None where the database does not say."""
    try:
        connect(settings, rings=False)
        with looking() as connection:
            return publications.newest(connection) > 0
    except SQLAlchemyError:
        return None


def stand(settings: Settings, claims: Claims) -> Verdict | None:
    """Connect to look: how the paper stands whose token says this; None where the database does not say."""
    try:
        connect(settings, rings=False)
        return verification.stand(claims)
    except SQLAlchemyError:
        return None
