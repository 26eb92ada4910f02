"""``orrery data``: files and tables from a terminal. Exit codes: 0 done, 1 failed, 2 typed wrongly."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from orrery_kernels.client import connect
from orrery_kernels.console import (
    GROUP_SETTINGS,
    json_option,
    print_json,
    report_errors,
    report_os_error,
)
from orrery_kernels.data.service import Data
from orrery_kernels.text import clean, table
from orrery_wire.errors import OrreryError


def _complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of locations, then what is in them; nothing while no server answers at once."""
    service = Data(connect(timeout=2))
    try:
        if ":" not in begun:
            names = [item["name"] for item in service.connections()]
            return [CompletionItem(f"{name}:") for name in names if name.startswith(begun)]
        name, _, path = begun.partition(":")
        folder, slash, last = path.rpartition("/")
        entries = service.ls(f"{name}:{folder}", limit=200)
    except OrreryError:
        return []
    return [
        CompletionItem(f"{name}:{folder}{slash}{item['name']}{'/' if item['has_children'] else ''}")
        for item in entries
        if item["name"].startswith(last)
    ]


_reference = click.argument("reference", metavar="NAME:PATH", shell_complete=_complete)


@click.group(context_settings=GROUP_SETTINGS)
def data() -> None:
    """List, read and write data through the lab's connections.

    A thing is named by NAME:PATH: the name of a connection, `lake` or `files`, and the path in it. Keys and passwords
    stay with the lab's server.

    \b
    orrery data connections
    orrery data ls sales:2026
    orrery data get sales:2026/orders.parquet
    """


@data.command("connections")
@json_option
@report_errors
def list_connections(as_json: bool) -> None:
    """List the lab's files, the lake, and the connections that you may see."""
    listing = Data().connections()
    if as_json:
        print_json(listing.items)
    else:
        click.echo(listing)


@data.command("ls")
@click.argument("reference", metavar="NAME:PATH", default="files:", shell_complete=_complete)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1_000,
    show_default=True,
    help="How many at most.",
)
@json_option
@report_errors
def list_entries(reference: str, limit: int, as_json: bool) -> None:
    """List what is in a folder, a database, a schema or a table."""
    listing = Data().ls(reference, limit=limit)
    if as_json:
        print_json(listing.items)
    else:
        click.echo(listing)


@data.command("head")
@_reference
@click.option(
    "--rows", type=click.IntRange(1, 1_000), default=10, show_default=True, help="How many rows."
)
@json_option
@report_errors
def head(reference: str, rows: int, as_json: bool) -> None:
    """Show the first rows of a file with a table in it."""
    first = Data().head(reference, rows)
    if as_json:
        print_json([{name: str(value) for name, value in row.items()} for row in first.to_pylist()])
        return
    cells = [
        ["" if value is None else value for value in row.values()] for row in first.to_pylist()
    ]
    click.echo(table(first.column_names, cells))


@data.command("get")
@_reference
@click.argument("target", default="")
@report_errors
def get(reference: str, target: str) -> None:
    """Copy a file to this machine, into the working folder if no TARGET is given."""
    try:
        where = Data().get(reference, target)
    except OSError as problem:
        report_os_error(problem)
        raise SystemExit(1) from None
    click.echo(f"Wrote {clean(where)}")


@data.command("put")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@_reference
@click.option("--replace", is_flag=True, help="Take the place of a file of that name.")
@report_errors
def put(file: str, reference: str, replace: bool) -> None:
    """Copy a FILE of this machine into a store; to a path that ends with a slash it keeps its name."""
    entry = Data().put(file, reference, replace=replace)
    click.echo(f"Stored {clean(entry['path'])}")
