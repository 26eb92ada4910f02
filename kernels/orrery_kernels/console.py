"""What the command groups share: options, errors as text, and JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from orrery_kernels.errors import UsageError
from orrery_kernels.text import clean
from orrery_wire.errors import OrreryError

P = ParamSpec("P")
R = TypeVar("R")

GROUP_SETTINGS = {"help_option_names": ["-h", "--help"]}

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
offset_option = click.option(
    "--offset", type=click.IntRange(min=0), default=0, help="How many to pass over."
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=50,
    show_default=True,
    help="How many at most.",
)


def choice_option(
    name: str, choices: Sequence[str], default: str, help: str
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An option that is one of some words, with the default in its help."""
    return click.option(
        name, type=click.Choice(choices), default=default, show_default=True, help=help
    )


def report_errors(command: Callable[P, R]) -> Callable[P, R]:
    """The command, which prints an error as text and ends with exit code 1, or 2 for wrong usage."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UsageError as error:
            raise click.UsageError(clean(error)) from None
        except OrreryError as error:
            raise click.ClickException(clean(error)) from None

    return run


def undelete_command(
    argument: str, help: str, undelete: Callable[[str], Mapping[str, object]]
) -> click.Command:
    """The command that brings a deleted thing back and says its name; ``argument`` is what it is identified by."""

    @click.command("undelete", help=help)
    @click.argument("identifier", metavar=argument.upper())
    @report_errors
    def command(identifier: str) -> None:
        click.echo(f"{clean(undelete(identifier)['name'])!r} is back")

    return command


def report_os_error(problem: OSError) -> None:
    """Say what the system refused on standard error; a standard output that takes nothing is left alone from now on."""
    where = problem.filename
    if where is None:
        where = "the standard output"
        # What waits in its buffer would fail once more at the end of the process.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.echo(f"Error: {clean(where)}: {clean(problem.strerror or problem)}", err=True)


def print_json(answer: object) -> None:
    """Print an answer of the server as JSON."""
    click.echo(json.dumps(answer, indent=2))
