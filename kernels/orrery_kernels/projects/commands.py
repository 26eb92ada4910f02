"""``orrery projects``: projects from a terminal. Exit codes: 0 done, 1 failed, 2 typed wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

from orrery_kernels.client import connect
from orrery_kernels.console import (
    GROUP_SETTINGS,
    choice_option,
    json_option,
    limit_option,
    offset_option,
    print_json,
    report_errors,
    undelete_command,
    yes_option,
)
from orrery_kernels.listing import Listing
from orrery_kernels.projects.service import ROLES, Projects
from orrery_kernels.status import status
from orrery_kernels.text import clean, table
from orrery_wire.errors import Conflict, OrreryError

if TYPE_CHECKING:
    from orrery_wire.types.projects import Member, Project, Role

T = TypeVar("T")

_MOST = 200  # members in one answer


def _complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Slugs; nothing while no server answers at once."""
    try:
        listing = Projects(connect(timeout=2)).list(limit=200)
    except OrreryError:
        return []
    return [
        CompletionItem(project["slug"], help=clean(project["name"]))
        for project in listing
        if project["slug"].startswith(begun)
    ]


_slug = click.argument("slug", shell_complete=_complete)
_project = click.option(
    "--project",
    shell_complete=_complete,
    help="The slug of the project; the current one if not given.",
)
_role = choice_option("--role", ROLES, "editor", "What the person may do.")


@click.group(context_settings=GROUP_SETTINGS)
def projects() -> None:
    """List, make and share projects.

    A project is named by its slug, the identifier in its addresses and folders.

    \b
    orrery projects list
    orrery projects create "Customer churn"
    orrery projects invite grace --role viewer --project customer-churn
    """


@projects.command("list")
@click.argument("words", nargs=-1)
@click.option("--deleted", is_flag=True, help="Those that you deleted and can bring back.")
@click.option("--archived", is_flag=True, help="Archived ones.")
@click.option("--category", default="", help="Only those of a category.")
@click.option("--label", default="", help="Only those with a label.")
@offset_option
@limit_option
@json_option
@report_errors
def list_(
    words: Sequence[str],
    deleted: bool,
    archived: bool,
    category: str,
    label: str,
    offset: int,
    limit: int,
    as_json: bool,
) -> None:
    """List your projects that hold all the words.

    \b
    orrery projects list churn
    orrery projects list --deleted --json
    """
    listing = Projects().list(
        " ".join(words),
        deleted=deleted,
        archived=archived,
        category=category,
        label=label,
        offset=offset,
        limit=limit,
    )
    _print(listing, as_json)


@projects.command()
@click.argument("slug", required=False, shell_complete=_complete)
@json_option
@report_errors
def show(slug: str | None, as_json: bool) -> None:
    """Show a project, the current one if none is named.

    \b
    orrery projects show customer-churn
    """
    project = Projects().get(slug)
    if as_json:
        print_json(project)
    else:
        click.echo(_fields(project))


@projects.command()
@json_option
@report_errors
def current(as_json: bool) -> None:
    """Show the project that this lab works in."""
    project = Projects().current()
    if as_json:
        print_json(project)
    else:
        click.echo(_fields(project) if project else "Works in no project")


def _fields(project: Project) -> str:
    rows = [
        ("Slug", project["slug"]),
        ("Name", project["name"]),
        ("Description", project["description"]),
        ("Category", project["category"] or ""),
        ("Labels", ", ".join(project["labels"])),
        ("Archived", project["archived"] or ""),
        ("Role", project["role"]),
        ("Members", project["members"]),
        ("Lake", project["lake"]),
        ("Repository", project["repository"]),
        ("Updated", project["updated"]),
    ]
    return table(("Field", "Value"), [row for row in rows if row[1] != ""])


@projects.command()
@click.argument("name")
@click.option("--slug", help="Its identifier; made from the name if not given.")
@click.option("--description", default="", help="What it is for.")
@json_option
@report_errors
def create(name: str, slug: str | None, description: str, as_json: bool) -> None:
    """Make a project, which you own.

    \b
    orrery projects create "Customer churn" --description "Who leaves, and why"
    """
    project = Projects().create(name, slug=slug, description=description)
    if as_json:
        print_json(project)
    else:
        click.echo(f"Created. To work in it: orrery projects switch {project['slug']}")


@projects.command()
@_project
@click.option("--name", help="Its new name; the slug stays.")
@click.option("--description", help="What it is for.")
@click.option("--category", help="What it is sorted by; empty for none.")
@click.option("--label", "labels", multiple=True, help="A label; the labels given are all that it has then.")  # fmt: skip
@json_option
@report_errors
def update(
    project: str | None,
    name: str | None,
    description: str | None,
    category: str | None,
    labels: Sequence[str],
    as_json: bool,
) -> None:
    """Change name, description, category or labels of a project.

    \b
    orrery projects update --description "Who leaves, and when"
    """
    changed = Projects().update(
        project, name=name, description=description, category=category, labels=labels or None
    )
    if as_json:
        print_json(changed)
    else:
        click.echo(_fields(changed))


@projects.command()
@_project
@report_errors
def pin(project: str | None) -> None:
    """Show a project first in your own lists."""
    click.echo(f"Pinned {clean(Projects().pin(project)['name'])!r}")


@projects.command()
@_project
@report_errors
def unpin(project: str | None) -> None:
    """No longer show a project first."""
    click.echo(f"No longer pinned: {clean(Projects().unpin(project)['name'])!r}")


@projects.command()
@_project
@yes_option
@report_errors
def archive(project: str | None, yes: bool) -> None:
    """Make a project read only for all its members; `restore` brings it back.

    \b
    orrery projects archive --project customer-churn
    """
    service = Projects()
    slug = project or service.current_slug()
    if not yes:
        click.confirm(f"Archive {clean(slug)!r} for all its members?", abort=True, err=True)
    service.archive(slug)
    click.echo(f"Archived. To bring it back: orrery projects restore {clean(slug)}")


@projects.command()
@_slug
@report_errors
def restore(slug: str) -> None:
    """Bring an archived project back."""
    click.echo(f"Restored {clean(Projects().restore(slug)['name'])!r}")


@projects.command()
@_project
@offset_option
@limit_option
@json_option
@report_errors
def members(project: str | None, offset: int, limit: int, as_json: bool) -> None:
    """List who is in a project."""
    _print(Projects().members(project, offset=offset, limit=limit), as_json)


def _print(listing: Listing[T], as_json: bool) -> None:
    if as_json:
        print_json({"items": listing.items, "total": listing.total})
    else:
        click.echo(repr(listing))


@projects.command()
@click.argument("user")
@_role
@_project
@json_option
@report_errors
def invite(user: str, role: Role, project: str | None, as_json: bool) -> None:
    """Make a person a member of a project that you own.

    \b
    orrery projects invite grace --role viewer
    """
    _print_member(Projects().invite(user, role, project=project), as_json)


@projects.command()
@click.argument("user")
@click.argument("role", type=click.Choice(ROLES))
@_project
@json_option
@report_errors
def role(user: str, role: Role, project: str | None, as_json: bool) -> None:
    """Give a member another role.

    \b
    orrery projects role grace editor
    """
    _print_member(Projects().set_role(user, role, project=project), as_json)


def _print_member(member: Member, as_json: bool) -> None:
    if as_json:
        print_json(member)
    else:
        click.echo(f"{clean(member['user'])} is {member['role']}")


@projects.command()
@click.argument("user")
@_project
@report_errors
def remove(user: str, project: str | None) -> None:
    """Take a member out of a project that you own."""
    Projects().remove(user, project=project)
    click.echo(f"Removed {clean(user)}")


def _require_other_owner(service: Projects, slug: str) -> None:
    """Refuse before anything is asked what the server would refuse after the answer."""
    user, offset, total = status()["user"], 0, 1
    owners: list[str] = []
    while offset < total:
        page = service.members(slug, offset=offset, limit=_MOST)
        owners += [member["user"] for member in page if member["role"] == "owner"]
        offset, total = offset + _MOST, page.total
    if owners == [user]:
        raise Conflict(
            "A project needs an owner",
            reason=f"You are the last owner of {slug!r}.",
            remedy="Make somebody else an owner first, or delete the project.",
        )


@projects.command()
@_project
@yes_option
@report_errors
def leave(project: str | None, yes: bool) -> None:
    """Give up your own membership of a project."""
    service = Projects()
    slug = project or service.current_slug()
    if not yes:
        _require_other_owner(service, slug)
        click.confirm(f"Leave {clean(slug)!r}?", abort=True, err=True)
    click.echo(f"Left {clean(service.leave(slug))!r}")


@projects.command()
@_slug
@yes_option
@report_errors
def delete(slug: str, yes: bool) -> None:
    """Take a project away from all its members; `undelete` brings it back for a while.

    \b
    orrery projects delete customer-churn --yes
    """
    if not yes:
        click.confirm(f"Delete {clean(slug)!r} for all its members?", abort=True, err=True)
    Projects().delete(slug)
    click.echo(f"Deleted. To bring it back: orrery projects undelete {clean(slug)}")


projects.add_command(
    undelete_command(
        "slug",
        "Bring a deleted project back, with its members.",
        lambda slug: Projects().undelete(slug),
    )
)


@projects.command()
@click.argument("slug")
@yes_option
@report_errors
def purge(slug: str, yes: bool) -> None:
    """Remove a deleted project for good; its folders stay where they are.

    \b
    orrery projects purge customer-churn --yes
    """
    if not yes:
        click.confirm(
            f"Remove {clean(slug)!r} for good? Its members, snippets and their history go, and nothing brings them"
            " back; its folders stay.",
            abort=True,
            err=True,
        )
    Projects().purge(slug)
    click.echo(f"Removed {clean(slug)!r} for good")


@projects.command()
@click.argument("slug", required=False, shell_complete=_complete)
@click.option("--none", is_flag=True, help="Leave the current project, and work in none.")
@json_option
@report_errors
def switch(slug: str | None, none: bool, as_json: bool) -> None:
    """Let this lab work in a project from now on; every panel follows.

    \b
    orrery projects switch customer-churn
    orrery projects switch --none
    """
    if (slug is None) != none:
        raise click.UsageError("Name a project, or give --none")
    project = Projects().switch(slug)
    if as_json:
        print_json(project)
    else:
        click.echo(f"Works in {clean(project['name'])!r}" if project else "Works in no project")
