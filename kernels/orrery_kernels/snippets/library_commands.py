"""``orrery snippets libraries``: read-only libraries from Git."""

from __future__ import annotations

import click

from orrery_kernels.console import json_option, print_json, report_errors
from orrery_kernels.snippets.libraries import Libraries
from orrery_kernels.text import clean


@click.group()
def libraries() -> None:
    """Read-only libraries of snippets from Git repositories."""


@libraries.command("list")
@json_option
@report_errors
def list_(as_json: bool) -> None:
    """List the libraries and how they are."""
    listing = Libraries().list()
    if as_json:
        print_json(listing.items)
    else:
        click.echo(repr(listing))


@libraries.command()
@click.argument("name")
@click.argument("url")
@click.option("--ref", help="A branch or tag; the default branch if not given.")
@click.option("--folder", default="", help="Only files below this folder of the repository.")
@report_errors
def add(name: str, url: str, ref: str | None, folder: str) -> None:
    """Make a Git repository a library.

    \b
    orrery snippets libraries add team https://git.example.org/team/snippets.git --ref main
    """
    library = Libraries().add(name, url, ref=ref, folder=folder)
    click.echo(
        f"Added {clean(library['name'])!r}; it is being fetched."
        " See: orrery snippets libraries list"
    )


@libraries.command()
@click.argument("name")
@report_errors
def remove(name: str) -> None:
    """Forget a library; the repository stays as it is."""
    Libraries().remove(name)
    click.echo(f"Removed {clean(name)!r}")


@libraries.command()
@click.argument("name")
@click.option("--cancel", is_flag=True, help="Stop a refresh instead.")
@report_errors
def refresh(name: str, cancel: bool) -> None:
    """Fetch a library again."""
    if cancel:
        Libraries().cancel_refresh(name)
        click.echo("Stopped")
        return
    library = Libraries().refresh(name)
    click.echo(f"{clean(library['name'])!r}: {library['state']}")


@libraries.command()
@click.argument("name")
@json_option
@report_errors
def problems(name: str, as_json: bool) -> None:
    """List what of the files of a library could not be read: file, line and reason."""
    items = Libraries().problems(name)
    if as_json:
        print_json(items)
        return
    for item in items:
        line = f":{item['line']}" if item["line"] else ""
        where = f"{item['file']}{line}: {item['name']}".rstrip(": ")
        click.echo(f"{clean(where)}: {clean(item['reason'])}")
    if not items:
        click.echo("Everything in it was read")
