"""``orrery toy``."""

from __future__ import annotations

import click

from orrery_kernels.console import GROUP_SETTINGS, json_option


@click.group(context_settings=GROUP_SETTINGS)
def toy() -> None:
    """Keep toys."""


@toy.command(name="list")
@json_option
def list_toys(as_json: bool) -> None:
    """List the toys."""
    click.echo("[]" if as_json else "No toys")
