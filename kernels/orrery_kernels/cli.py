"""The command ``orrery``: a group whose commands come from entry points and are loaded when they are called.

Help shows the first line of each command's docstring, read from its source: a command whose extra is not installed
is still listed, and listing imports nothing.
"""

from __future__ import annotations

import ast
import sys
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

GROUP = "orrery.commands"
_EXTRAS = {"orrery_hub": "hub", "orrery_server": "lab"}


class EntryPointGroup(click.Group):
    """Commands by entry-point name."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; an output that cannot be written is one line on standard error and exit code 1."""
        try:
            return super().main(*args, **kwargs)
        except OSError as problem:
            from orrery_kernels.console import report_os_error

            report_os_error(problem)
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The installed commands, in alphabetical order."""
        return command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        return load_command(cmd_name) if cmd_name in command_names() else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with one line each, without importing them."""
        points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
        with formatter.section("Commands"):
            formatter.write_dl([(point.name, _first_line(point)) for point in points])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named, or a hint at the names that there are."""
        if args and not args[0].startswith("-") and args[0] not in command_names():
            ctx.fail(f"There is no command {args[0]!r}. There are: {', '.join(command_names())}.")
        return super().resolve_command(ctx, args)


def command_names() -> list[str]:
    """The names of the installed commands, in alphabetical order."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_command(name: str) -> click.Command:
    """The command of this name, imported now.

    Raises:
        ClickException: a package that it needs is not installed.
    """
    (point, *_) = entry_points(group=GROUP, name=name)
    try:
        command: click.Command = point.load()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(point.module.partition(".")[0], "lab")
        raise click.ClickException(
            f"`orrery {point.name}` needs {missing or 'a package'}, which is not installed."
            f" Install it with: pip install 'jupyter-orrery[{extra}]'"
        ) from error
    return command


def _first_line(point: EntryPoint) -> str:
    try:
        spec = find_spec(point.module)
        source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name == point.attr:
                return (ast.get_docstring(node) or "").partition("\n")[0]
    except (ImportError, OSError, SyntaxError):
        return "(not installed completely)"
    return ""


@click.group(cls=EntryPointGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="jupyter-orrery", prog_name="orrery", message="%(prog)s %(version)s"
)
@click.option(
    "--server",
    metavar="SERVER",
    help="Which of your Jupyter servers to ask: its port, process id or address, or the path of its connection file."
    " The one that this terminal belongs to, else the newest, if not given.",
)
def main(server: str | None) -> None:
    """Orrery: a data-science workbench on JupyterHub and JupyterLab.

    \b
    orrery up                 start a hub and a lab on this machine
    orrery eda FILE           show what is in a table, and what is wrong with it
    orrery snippets list      list the snippets that you can use

    Completion in your shell: eval "$(_ORRERY_COMPLETE=bash_source orrery)" in ~/.bashrc,
    eval "$(_ORRERY_COMPLETE=zsh_source orrery)" in ~/.zshrc, or
    _ORRERY_COMPLETE=fish_source orrery | source in ~/.config/fish/config.fish.
    """
    if server:
        from orrery_kernels.connection import use_server
        from orrery_kernels.console import report_errors

        report_errors(use_server)(server)
