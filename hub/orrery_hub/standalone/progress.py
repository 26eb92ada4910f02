"""Progress lines on the terminal."""

from __future__ import annotations

import sys
import time

import click


class Progress:
    """One line per step: its title while it runs (on a terminal), its duration when it is done."""

    WIDTH = 38

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._title = title
        self._quiet = quiet
        self._started = 0.0

    def __enter__(self) -> Progress:
        self._started = time.monotonic()
        if not self._quiet and sys.stdout.isatty():
            click.echo(f"  {self._title} ...\r", nl=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._quiet and kind is None:
            self.done(self._title, time.monotonic() - self._started)

    @classmethod
    def done(cls, title: str, seconds: float) -> None:
        """Print the line of a finished step."""
        click.echo(f"  {title:<{cls.WIDTH}} {seconds:6.1f} s")
