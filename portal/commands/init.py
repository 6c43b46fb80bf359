"""`portal init`: makes the database, or brings an older one to the tables of today."""

from __future__ import annotations

import click

from portal.settings import Settings
from portal.store import schema
from portal.usecases.start import connect


@click.command()
def command() -> None:
    """Make the database where it is missing, and change it where it is old."""
    changed = schema.upgrade(connect(Settings.from_env()))
    click.echo("Đã tạo cơ sở dữ liệu (database made)." if changed else "Cơ sở dữ liệu đã sẵn sàng (nothing to do).")
