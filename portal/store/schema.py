"""Brings a database to the tables of today by the migrations, in one transaction and by one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from portal.store.database import Database

MIGRATIONS: Final = Path(__file__).with_name("migrations")
#: Any number, the same in every process: who holds PostgreSQL's lock of this number may change the tables.
_LOCK: Final = 6_017_101


def upgrade(database: Database, revision: str = "head") -> bool:
    """Make the tables that are missing and change those that are old; True if anything was to be done."""
    with database.changing() as connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        config = configuration(connection)
        wanted = ScriptDirectory.from_config(config).get_current_head() if revision == "head" else revision
        if MigrationContext.configure(connection).get_current_revision() == wanted:
            return False
        command.upgrade(config, revision)
        return True


def downgrade(database: Database, revision: str) -> None:
    """Go back to an earlier state of the tables; what only later ones hold is lost."""
    with database.changing() as connection:
        command.downgrade(configuration(connection), revision)


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
