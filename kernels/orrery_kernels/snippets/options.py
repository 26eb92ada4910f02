"""What the commands of snippets share: arguments, options, completion and the words of an error."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from click.shell_completion import CompletionItem

from orrery_kernels import console
from orrery_kernels.client import connect
from orrery_kernels.snippets.matching import short_name
from orrery_kernels.snippets.service import SCOPES, Snippets
from orrery_kernels.snippets.views import findings
from orrery_kernels.text import clean
from orrery_wire.errors import OrreryError, SecretFound

P = ParamSpec("P")
R = TypeVar("R")


def report_errors(command: Callable[P, R]) -> Callable[P, R]:
    """The command, which prints an error as text, and of a secret where it stands."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SecretFound as error:
            raise click.ClickException(clean(error) + findings(error)) from None

    return console.report_errors(run)


def complete_names(
    _ctx: click.Context, _param: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Prefixes and names; nothing while no server answers at once."""
    try:
        snippets = Snippets(connect(timeout=2)).list(sort="name", limit=200)
    except OrreryError:
        return []
    names = {short_name(snippet): snippet["name"] for snippet in snippets}
    return [
        CompletionItem(short, help=clean(name))
        for short, name in sorted(names.items())
        if short.startswith(begun)
    ]


name_argument = click.argument("name", shell_complete=complete_names)
scope_option = console.choice_option("--scope", SCOPES, "mine", "Who sees it.")
project_option = click.option(
    "--project", help="The slug of the project; the current one if not given."
)
secrets_option = click.option(
    "--allow-secrets", is_flag=True, help="Save although the text holds what looks like a secret."
)
