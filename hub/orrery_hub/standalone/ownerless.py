"""``orrery ownerless-projects``: the projects of this machine's hub whose owners have no account; give one to somebody.

Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from orrery_hub.standalone.offline import hub_database

if TYPE_CHECKING:
    from orrery_hub.projects.schemas import OwnerlessProject
    from orrery_hub.projects.service import ProjectService

_WHO = "orrery"


@click.group("ownerless-projects")
def ownerless_projects() -> None:
    """List projects whose owners have no account any more, and give one to somebody."""


@ownerless_projects.command("list")
def list_ownerless() -> None:
    """List the projects that nobody can change any more."""
    from orrery_wire.schemas import PageQuery

    offset = 0
    with _service() as service:
        while True:
            page = service.ownerless(PageQuery(offset=offset, limit=200))
            for project in page.items:
                click.echo(_line(project))
            offset += len(page.items)
            if not page.items or offset >= page.total:
                break
    if page.total:
        click.echo("To give one to somebody: orrery ownerless-projects recover SLUG USER")
    else:
        click.echo("Every project has an owner who has an account.")


@ownerless_projects.command()
@click.argument("slug")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask.")
def recover(slug: str, user: str, yes: bool) -> None:
    """Make USER an owner of the project SLUG, which has none."""
    if not yes:
        click.confirm(f"Make {user!r} an owner of the project {slug!r}?", abort=True)
    with _service() as service:
        member = service.recover(_WHO, slug, user)
    click.echo(f"{member.user} owns {slug} from now on.")


@contextmanager
def _service() -> Iterator[ProjectService]:
    from orrery_hub.audit.service import record
    from orrery_hub.projects.locations import Locations
    from orrery_hub.projects.service import ProjectService

    with hub_database() as (settings, database):
        locations = Locations(settings.home, settings.projects_lake, settings.projects_repository)
        yield ProjectService(database, locations, record=record)


def _line(project: OwnerlessProject) -> str:
    members = "1 member" if project.members == 1 else f"{project.members:,} members"
    state = f"  deleted {project.deleted:%Y-%m-%d %H:%M}" if project.deleted else ""
    return f"{project.slug}  {project.name}  {members}{state}"
