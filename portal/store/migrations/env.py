"""How Alembic reaches the database: on the connection it is given, or by the settings when it is called by hand."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from portal.settings import Settings
from portal.store.database import Database
from portal.store.models import FileName, Instant
from portal.store.tables import Base


def render(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write the portal's own types as what they are to the database: a migration must not change when a class does."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, FileName):
        return "sa.String(length=64)"
    if kind == "type" and isinstance(thing, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def migrate(connection: Connection) -> None:
    """Run what was asked for, inside the caller's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    database = Database(Settings.from_env().database_url)
    with database.changing() as own:
        migrate(own)
    database.close()
