"""Every permission of Orrery at the hub, in one table.

JupyterHub carries these scopes in tokens and never checks them; the hub service does. Roles, the checks
of the routes and the page in the documentation are drawn from ``TABLE``: a scope that is not in it fails
at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["user", "admin"]

SERVICE = "orrery"
ACCESS = f"access:services!service={SERVICE}"
ADMIN_ROLE = "orrery-admin"
ADMIN_GROUP = "orrery-admins"


@dataclass(frozen=True)
class Scope:
    """One permission: its name, what it allows, which roles carry it, what it implies."""

    name: str
    description: str
    roles: frozenset[Role]
    implies: tuple[str, ...] = ()


_EVERYBODY = frozenset[Role]({"user", "admin"})
_ADMINS = frozenset[Role]({"admin"})

TABLE: tuple[Scope, ...] = (
    Scope(
        "custom:orrery:platform:admin",
        "Operate Orrery: read the audit log and the metrics",
        _ADMINS,
    ),
    Scope(
        "custom:orrery:projects:create",
        "Create projects",
        _EVERYBODY,
    ),
    Scope(
        "custom:orrery:projects:read",
        "See the projects that one is a member of",
        _EVERYBODY,
    ),
    Scope(
        "custom:orrery:projects:write",
        "Change projects and their members as far as one's role in them allows",
        _EVERYBODY,
        implies=("custom:orrery:projects:read",),
    ),
    Scope(
        "custom:orrery:snippets:publish",
        "Write snippets that everyone sees",
        _ADMINS,
        implies=("custom:orrery:snippets:write",),
    ),
    Scope(
        "custom:orrery:snippets:read",
        "See one's own snippets, those of one's projects and those for everyone",
        _EVERYBODY,
    ),
    Scope(
        "custom:orrery:snippets:write",
        "Write one's own snippets and, as editor or owner, those of a project",
        _EVERYBODY,
        implies=("custom:orrery:snippets:read",),
    ),
)

NAMES: frozenset[str] = frozenset(scope.name for scope in TABLE)
PLATFORM_ADMIN = "custom:orrery:platform:admin"
PUBLISH = "custom:orrery:snippets:publish"

# What the hub service itself may do at JupyterHub: know who exists, and mirror membership into groups.
SERVICE_SCOPES: tuple[str, ...] = (
    "admin:groups",
    "list:users",
    "read:servers",
    "read:users:groups",
    "read:users:name",
)


def known(name: str) -> str:
    """The name itself, if the table has it.

    Raises:
        LookupError: no such scope; raised while a module is imported, so a misspelt route never starts.
    """
    if name not in NAMES:
        raise LookupError(f"{name!r} is not in orrery_hub.scopes.TABLE")
    return name


def carried_by(role: Role) -> list[str]:
    """The scopes of a role, in alphabetical order."""
    return sorted(scope.name for scope in TABLE if role in scope.roles)


def custom_scopes() -> dict[str, dict[str, Any]]:
    """The table as ``JupyterHub.custom_scopes`` wants it."""
    return {
        scope.name: {"description": scope.description}
        | ({"subscopes": list(scope.implies)} if scope.implies else {})
        for scope in TABLE
    }


for _scope in TABLE:
    for _implied in _scope.implies:
        known(_implied)
