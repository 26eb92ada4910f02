"""``orrery access`` and ``orrery explain``: roles at the hub of this machine, what they allow, and why.

Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from orrery_hub.access import Parts
    from orrery_hub.access.schemas import ClaimMapping, RoleName
    from orrery_hub.settings import Settings

_WHO = "orrery"
_SECONDS = 60.0
_ROLES = ("data-scientist", "ml-engineer", "production-engineer", "viewer")
_IN_PROJECTS = ("owner", "editor", "viewer")
_MOST = 200

_role = click.argument("role", type=click.Choice(_ROLES))
_person = click.argument("person", type=click.IntRange(1))


@click.command()
@click.argument("user")
@click.argument("action")
@click.argument("target", metavar="OBJECT", default="")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(user: str, action: str, target: str, as_json: bool) -> None:
    """Say why USER can do ACTION to OBJECT, or cannot; exit code 1 if not.

    \b
    orrery explain grace projects.update customer-churn
    orrery explain grace projects.remove_member customer-churn/ada
    """
    from orrery_hub.access.schemas import ExplainQuery

    query = ExplainQuery(user=user, action=action, object=target)
    with _parts() as parts:
        explanation = asyncio.run(parts.explainer.explain(query))
    if as_json:
        click.echo(explanation.model_dump_json(indent=1))
    else:
        verb = "may" if explanation.is_allowed else "may not"
        click.echo(f"{user} {verb} do {action}{f' to {target}' if target else ''}.")
        for step in explanation.steps:
            click.echo(f"  {'yes' if step.is_met else 'NO '}  {step.what}: {step.why}")
    sys.exit(0 if explanation.is_allowed else 1)


@click.group()
def access() -> None:
    """Roles at the hub, their permissions, and what groups at the log-in provider give."""


@access.command()
def roles() -> None:
    """List every permission, and which roles have it."""
    with _parts() as parts:
        table = parts.service.roles()
    for permission in table.permissions:
        holders = [role.name for role in table.roles if permission.name in role.permissions]
        click.echo(f"{permission.name}  {permission.kind}  {', '.join(holders)}")
    default = next(role.name for role in table.roles if role.is_default)
    click.echo(f"Who has no role is {default}.")


@access.command()
@_role
@click.argument("permission")
def allow(role: str, permission: str) -> None:
    """Give ROLE a PERMISSION."""
    _set_permission(role, permission, allowed=True)


@access.command()
@_role
@click.argument("permission")
def deny(role: str, permission: str) -> None:
    """Take a PERMISSION away from ROLE."""
    _set_permission(role, permission, allowed=False)


def _set_permission(role: str, permission: str, *, allowed: bool) -> None:
    with _parts() as parts:
        parts.service.set_permission(_WHO, role, permission, allowed=allowed)
    click.echo(f"{role} {'has' if allowed else 'does not have'} {permission} from now on.")


@access.command()
@click.argument("query", default="")
@click.option("--role", type=click.Choice(_ROLES), help="Only people to whom it was given.")
def people(query: str, role: str | None) -> None:
    """List people with their numbers and roles, whose name holds QUERY."""
    from orrery_hub.access.schemas import PersonRolesQuery

    offset, total = 0, 1
    with _parts() as parts:
        while offset < total:
            page = parts.service.people(
                PersonRolesQuery(
                    q=query, role=cast("RoleName | None", role), offset=offset, limit=_MOST
                )
            )
            for person in page.items:
                grants = ", ".join(f"{grant.role} ({grant.source})" for grant in person.roles)
                click.echo(f"{person.person_id}  {person.name}  {grants}")
            offset, total = offset + _MOST, page.total
    click.echo("1 person" if total == 1 else f"{total:,} people")


@access.command()
@_person
@_role
def give(person: int, role: str) -> None:
    """Give PERSON (a number of `orrery access people`) a ROLE."""
    with _parts() as parts:
        name = parts.service.assign(_WHO, person, cast("RoleName", role)).name
    click.echo(f"{name} is {role} from now on.")


@access.command()
@_person
@_role
def take(person: int, role: str) -> None:
    """Take a ROLE away from PERSON."""
    with _parts() as parts:
        grants = parts.service.unassign(_WHO, person, cast("RoleName", role))
    names = ", ".join(grant.role for grant in grants.roles)
    click.echo(f"{grants.name} is {names} from now on.")


@access.command()
def mappings() -> None:
    """List what groups and app roles of the log-in provider give."""
    from orrery_wire.schemas import PageQuery

    offset, total = 0, 1
    with _parts() as parts:
        while offset < total:
            page = parts.service.mappings(PageQuery(offset=offset, limit=_MOST))
            for mapping in page.items:
                click.echo(_line(mapping))
            offset, total = offset + _MOST, page.total
    if not total:
        click.echo("Nothing is mapped. To begin: orrery access map group /research/dev viewer")


@access.command("map")
@click.argument("kind", type=click.Choice(("group", "role")))
@click.argument("value")
@click.argument("role", type=click.Choice(tuple(dict.fromkeys((*_IN_PROJECTS, *_ROLES)))))
@click.option("--project", help="The slug of a project; the role is at the hub if not given.")
def map_(kind: str, value: str, role: str, project: str | None) -> None:
    """Let everybody in the group or with the app role VALUE of the log-in provider have ROLE."""
    from pydantic import ValidationError

    from orrery_hub.access.schemas import ClaimMappingIn

    fields = {"kind": kind, "value": value, "project": project, "role": role}
    try:
        request = ClaimMappingIn.model_validate(fields)
    except ValidationError as problem:
        words = "; ".join(str(error["msg"]) for error in problem.errors())
        raise click.ClickException(f"That cannot be mapped: {words}.") from None
    with _parts() as parts:
        mapping = parts.service.add_mapping(_WHO, request)
    click.echo(_line(mapping))


@access.command()
@click.argument("mapping", type=click.IntRange(1))
def unmap(mapping: int) -> None:
    """End MAPPING (a number of `orrery access mappings`); what it gave is taken away."""
    with _parts() as parts:
        parts.service.remove_mapping(_WHO, mapping)
    click.echo("Ended. The hub service takes away what it gave within some seconds.")


@access.command()
def actions() -> None:
    """List the actions that `orrery explain` knows."""
    from orrery_wire.schemas import PageQuery

    with _parts() as parts:
        page = parts.explainer.actions(PageQuery(limit=_MOST))
    for action in page.items:
        click.echo(f"{action.name}  {action.method} {action.path}  {action.permission}")


def _line(mapping: ClaimMapping) -> str:
    place = f"in the project {mapping.project}" if mapping.project else "at the hub"
    people = "1 person" if mapping.people == 1 else f"{mapping.people:,} people"
    return f"{mapping.id}  {mapping.kind} {mapping.value}: {mapping.role} {place}  {people}"


@contextmanager
def _parts() -> Iterator[Parts]:
    from orrery_hub.access import create
    from orrery_hub.app import build, connect_to_hub, create_context
    from orrery_hub.base.auth import declared_routes
    from orrery_hub.base.db import Database
    from orrery_hub.settings import Settings, SettingsError
    from orrery_wire.errors import OrreryError

    try:
        settings = Settings.load()
        database = Database(settings.database(), seconds=_SECONDS)
        if database.file and not database.file.exists():
            raise click.ClickException(f"There is no hub yet: {database.file} does not exist.")
        hub = connect_to_hub(_beside_the_hub(settings))
    except SettingsError as problem:
        raise click.ClickException(str(problem)) from None
    routes = declared_routes(build(settings, database, hub))
    try:
        yield create(create_context(settings, database, hub, routes=lambda: routes))
    except OrreryError as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        database.close()


def _beside_the_hub(settings: Settings) -> Settings:
    """The settings with which `orrery up` runs the service: on this machine it is never JupyterHub's child."""
    if settings.profile != "laptop":
        return settings
    return settings.model_copy(update={"service_external": True})
