"""``orrery people``: who has used the hub on this machine, transfer and merge.

Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from orrery_hub.standalone.offline import hub_database

if TYPE_CHECKING:
    from orrery_hub.people.schemas import Person
    from orrery_hub.people.service import PeopleService

_WHO = "orrery"


@click.group()
def people() -> None:
    """Who has used the hub; give what belongs to one person to another."""


@people.command("list")
@click.argument("query", default="")
@click.option("--deleted", is_flag=True, help="Only people whose account is gone.")
def list_people(query: str, deleted: bool) -> None:
    """List people with their numbers, whose name holds QUERY."""
    from orrery_hub.people.schemas import PersonQuery

    offset = 0
    with _service() as service:
        while True:
            page = service.list(PersonQuery(q=query, ended=deleted, offset=offset, limit=200))
            for person in page.items:
                click.echo(_line(person))
            offset += len(page.items)
            if not page.items or offset >= page.total:
                break
    click.echo("1 person" if page.total == 1 else f"{page.total:,} people")


@people.command()
@click.argument("source", type=click.IntRange(1))
@click.argument("target", type=click.IntRange(1))
@click.option("--yes", is_flag=True, help="Do not ask.")
def transfer(source: int, target: int, yes: bool) -> None:
    """Give everything of person SOURCE to person TARGET; both stay who they are."""
    _confirm(yes, f"Give everything of person {source} to person {target}?")
    with _service() as service:
        taker = service.transfer(_WHO, source, target)
    click.echo(f"{taker.name} has what belonged to person {source}.")


@people.command()
@click.argument("source", type=click.IntRange(1))
@click.argument("target", type=click.IntRange(1))
@click.option("--yes", is_flag=True, help="Do not ask.")
def merge(source: int, target: int, yes: bool) -> None:
    """Make person SOURCE and person TARGET one: everything, and the account too, is TARGET's."""
    _confirm(yes, f"Make person {source} and person {target} one? It cannot be undone.")
    with _service() as service:
        taker = service.merge(_WHO, source, target)
    click.echo(f"Person {source} is {taker.name} from now on.")


def _confirm(yes: bool, question: str) -> None:
    if not yes:
        click.confirm(question, abort=True)


@contextmanager
def _service() -> Iterator[PeopleService]:
    from orrery_hub.app import CAPABILITIES
    from orrery_hub.audit.service import record
    from orrery_hub.people.service import PeopleService

    transfers = [item.transfer for item in CAPABILITIES if item.transfer]
    merges = [*transfers, *(item.merge for item in CAPABILITIES if item.merge)]
    with hub_database() as (_, database):
        yield PeopleService(database, transfers=transfers, merges=merges, record=record)


def _line(person: Person) -> str:
    created = f"{person.created:%Y-%m-%d %H:%M}" if person.created else "invited"
    state = ""
    if person.merged_into is not None:
        state = f"  is person {person.merged_into}"
    elif person.ended is not None:
        state = f"  account gone since {person.ended:%Y-%m-%d %H:%M}"
    return f"{person.id:>6}  {person.name}  {created}{state}"
