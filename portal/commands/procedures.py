"""`portal procedures check`: validates procedure files, with file, line and reason for each fault."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.domain import rehearsal
from procedures.calendars import load_official_days
from procedures.catalogue import procedure_files, read_all
from procedures.files import Fault
from procedures.places import load_places


@click.group()
def command() -> None:
    """The law as data."""


@command.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Validate procedure files (all of them by default), examples included.

    Prints `file:line: reason` for each fault and ends with 1 if there is any.
    """
    sources, faults = read_all(files or procedure_files())
    for source in sources:
        found = rehearsal.findings(source.procedure, load_places(), load_official_days())
        faults += [source.document.fault(place, reason) for place, reason in found]
    for fault in sorted(faults, key=_place):
        click.echo(str(fault))
    if faults:
        sys.exit(1)
    click.echo(f"{len(sources)} procedure files are in order.")


def _place(fault: Fault) -> tuple[str, int]:
    return str(fault.file), fault.line
