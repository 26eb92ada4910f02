"""What a person sees while something takes its time: what it is, and its seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click


class Progress:
    """A line for a step: announced when it begins on a terminal, with its seconds when it is done."""

    WIDTH = 38

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self._what = what
        self._quiet = quiet
        self._began = 0.0

    def __enter__(self) -> Progress:
        self._began = time.monotonic()
        if not self._quiet and sys.stdout.isatty():
            click.echo(f"  {self._what} ...\r", nl=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if not self._quiet and kind is None:
            self.done(self._what, time.monotonic() - self._began)

    @classmethod
    def done(cls, what: str, seconds: float) -> None:
        """The line of a step that is done."""
        click.echo(f"  {what:<{cls.WIDTH}} {seconds:6.1f} s")
