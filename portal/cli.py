"""`portal`: the command line; each command is loaded only when it is asked for."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import click

from portal import commands
from portal.domain.errors import PortalError


class Commands(click.Group):
    """The modules of `portal.commands`, each with a `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands there are, by name."""
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, loaded now; None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the portal refuses is told in one line instead of a traceback."""
        try:
            return super().invoke(ctx)
        except PortalError as error:
            said = ", ".join(f"{name}: {value}" for name, value in error.details.items())
            raise click.ClickException(f"{error.code} ({said})" if said else error.code) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mot-cua", prog_name="portal")
def main() -> None:
    """Một Cửa: the one-stop-shop portal for administrative procedures."""
