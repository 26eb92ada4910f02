"""What the magics of every capability share: how a line is split, fails, completes, and runs a command.

A line is split as a shell would split words and parsed by argparse or click; nothing in it is run, expanded or
evaluated, which is why IPython's own expansion of ``$name`` and ``{expression}`` is off in every magic.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NoReturn, TypeVar

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.getipython import get_ipython
from IPython.core.magic import Magics

from orrery_kernels.errors import UsageError
from orrery_kernels.text import clean
from orrery_wire.errors import OrreryError

if TYPE_CHECKING:
    import click
    from IPython.core.interactiveshell import InteractiveShell

R = TypeVar("R")


class CapabilityMagics(Magics):
    """The magics of one capability in one kernel; ``magics/<capability>.py`` has a subclass."""

    aliases: ClassVar[Mapping[str, str]] = {}
    """Shorter names of magics: alias to name."""

    summary: ClassVar[Mapping[str, str]] = {}
    """What ``%orrery`` says of them: a line to type, and what it does."""

    verbs: ClassVar[Sequence[str]] = ()
    """The first words of a line that say what to do, as in ``orrery CAPABILITY VERB``."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.ipython = shell

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """What could come next in a line, which begins with the magic's name; ``symbol`` is the word at its end."""
        return ()

    def run_cell(self, name: str, source: str) -> object:
        """Run code as a cell would; the value of its last line.

        Raises:
            UsageError: it failed; IPython has shown how.
        """
        result = self.ipython.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
        if not result.success:
            raise UsageError(f"{name} stopped with the error above")
        value: object = result.result
        return value


class ArgumentParser(argparse.ArgumentParser):
    """A parser that raises ``UsageError`` in the place of leaving."""

    def __init__(self, magic: str) -> None:
        super().__init__(prog=magic, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Refuse the line.

        Raises:
            UsageError: always.
        """
        raise UsageError(message[:1].upper() + message[1:], remedy=f"Help: {self.prog}?")


def split_line(line: str) -> list[str]:
    """The words of a line.

    Raises:
        UsageError: a quotation mark has no partner.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(
            f"The line cannot be read: {error}", remedy="Put names with blanks into quotes."
        ) from None


def report_errors(run: Callable[[], R], explain: Callable[[OrreryError], str] | None = None) -> R:
    """The value of ``run``; an error becomes text without a traceback, and stops the cell."""
    try:
        return run()
    except OrreryError as error:
        more = explain(error) if explain else ""
        raise ShellUsageError(clean(f"{error}{more}")) from None


def print_note(text: str) -> None:
    """Print a line that is no error."""
    sys.stdout.write(f"{clean(text)}\n")


def run_command(group: str, words: Sequence[str], *, magic: str = "") -> None:
    """Run ``orrery GROUP WORDS`` in this process; its output is that of the cell.

    ``magic`` is what the person wrote, if it is not the name of the group.

    Raises:
        UsageError: the words cannot be meant, or it failed.
    """
    import click

    command, name = _command(group), f"%{magic or group}"
    try:
        command.main(args=list(words), prog_name=name, standalone_mode=False)
    except (
        click.Abort,
        NotImplementedError,
    ):  # a notebook that is run without a person has no input
        raise UsageError(f"{name} cannot ask here", remedy="Add --yes.") from None
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None


def complete_command(group: str, words: Sequence[str], word: str) -> list[str]:
    """What could come next in ``orrery GROUP WORDS``: verbs, names, options or their values."""
    from click.shell_completion import ShellComplete

    completion = ShellComplete(_command(group), {}, group, "_ORRERY_COMPLETE")
    return [item.value for item in completion.get_completions(list(words), word)]


def _command(group: str) -> click.Command:
    from orrery_kernels.cli import load_command

    return load_command(group)


def user_namespace() -> Mapping[str, object]:
    """The variables of the notebook that runs this; empty outside of one."""
    shell = get_ipython()
    return shell.user_ns if shell is not None else {}


def set_next_cell(code: str) -> None:
    """Put code into the next cell of the notebook that runs this.

    Raises:
        UsageError: no notebook runs this.
    """
    shell = get_ipython()
    if shell is None:
        raise UsageError(
            "There is no next cell here",
            reason="Only a notebook or a console has one.",
            remedy="Use `render`, which gives the code.",
        )
    shell.set_next_input(code)
