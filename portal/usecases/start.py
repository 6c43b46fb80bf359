"""Connects a process to the portal's database and bell, and makes the database where it is missing."""

from __future__ import annotations

from portal.services.queue import Queue
from portal.settings import Settings
from portal.store import database
from portal.store.database import Database
from portal.usecases import tracking


def connect(settings: Settings) -> Database:
    """What every process of the portal begins with; asks nothing of the database or the queue server yet."""
    tracking.configure(settings)
    return database.connect(settings.database_url, Queue(settings.redis_url).ring)


def prepare(settings: Settings) -> Database:
    """Connect, and bring the tables to those of today; any number of processes may do so at the same time."""
    from portal.store import schema  # not needed by a process that only connects

    connected = connect(settings)
    schema.upgrade(connected)
    return connected
