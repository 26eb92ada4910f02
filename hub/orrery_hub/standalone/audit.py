"""``orrery audit``: list, export and verify the audit of the hub on this machine.

Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from orrery_hub.standalone.offline import hub_database
from orrery_wire.json_types import JsonObject

if TYPE_CHECKING:
    from orrery_hub.audit.schemas import Entry
    from orrery_hub.audit.service import AuditService

# A chain of millions of entries takes a while.


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--person", "who", default="", help="Only what this person did."),
        click.option("--action", "what", default="", help="Only this, such as snippets.save."),
        click.option("--project", default="", help="Only what concerns this project."),
        click.option(
            "--outcome",
            type=click.Choice(["done", "forbidden", "conflict", "too_many"]),
            help="Only what ended so.",
        ),
        click.option("--since", type=click.DateTime(), help="From this time on, in UTC."),
        click.option("--until", type=click.DateTime(), help="Before this time, in UTC."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def audit() -> None:
    """Who changed what, and what was refused."""


@audit.command("list")
@_filters
@click.option("-n", "--lines", "count", default=20, show_default=True, type=click.IntRange(1, 200), help="How many.")  # fmt: skip
def list_entries(count: int, **filters: Any) -> None:
    """Show the newest entries, the newest last."""
    from orrery_hub.audit.schemas import AuditQuery

    with _service() as service:
        page = service.page(AuditQuery(limit=count, **_aware(filters)))
    for entry in reversed(page.items):
        click.echo(_line(entry))
    click.echo(f"{len(page.items)} of {page.total:,} entries")


@audit.command()
@_filters
@click.option("--format", "style", default="ndjson", show_default=True, type=click.Choice(["ndjson", "csv"]))  # fmt: skip
def export(style: str, **filters: Any) -> None:
    """Write all entries that match to standard output, the oldest first."""
    from orrery_hub.audit.schemas import AuditFilter

    with _service() as service:
        for text in service.export(AuditFilter(**_aware(filters)), style):
            click.echo(text, nl=False)


@audit.command()
@click.option("--anchor", "anchors", multiple=True, help="An anchor that was kept elsewhere; may be repeated.")  # fmt: skip
def verify(anchors: tuple[str, ...]) -> None:
    """Check that no entry was changed or removed; exit code 1 if one was.

    It prints the anchor of the newest entry. Whoever can write the database can make up a whole new chain: keep
    anchors where nobody can change them, and give them to later checks.
    """
    from orrery_hub.audit.chain import Anchor

    try:
        known = [Anchor.parse(text) for text in anchors]
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    with _service() as service:
        verification = service.verify(known)
    for text in verification.problems[:20]:
        click.secho(f"WRONG {text}", fg="red")
    if len(verification.problems) > 20:
        click.echo(f"and {len(verification.problems) - 20:,} more")
    if verification.problems:
        sys.exit(1)
    click.echo(f"{verification.count:,} entries, none changed or removed.")
    if verification.passed:
        click.echo(
            f"{verification.passed:,} anchors are of entries that were removed as too old: nothing is left to compare"
            " them with."
        )
    click.echo(f"Anchor: {verification.last}")


@contextmanager
def _service() -> Iterator[AuditService]:
    from orrery_hub.audit.service import AuditService

    with hub_database(seconds=3_600.0) as (settings, database):
        yield AuditService(database, anchors=settings.audit_anchors)


def _aware(filters: JsonObject) -> JsonObject:
    """The filters with times in UTC."""
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in filters.items()
    }


def _line(entry: Entry) -> str:
    outcome = "" if entry.outcome == "done" else f"  {entry.outcome}"
    where = f"  from {entry.address}" if entry.address else ""
    return f"{entry.when:%Y-%m-%d %H:%M:%S}  {entry.who}  {entry.what}  {entry.on}{outcome}{where}"
