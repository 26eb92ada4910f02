"""The roles that people have at the hub: what kind of thing a person may do, in any project.

Where a person may do it is the role in the project. A role here is a set of permissions, which are the scopes of
``scopes.TABLE``; what an administrator changed is in the database, the rest follows from what a permission is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orrery_hub import scopes
from orrery_hub.scopes import Kind

ADMIN = "admin"
Overrides = Mapping[tuple[str, str], bool]


@dataclass(frozen=True)
class BuiltInRole:
    """A role: its name, what it is for, and what its permissions are about. A fixed one has them all, for ever."""

    name: str
    title: str
    description: str
    kinds: frozenset[Kind]
    is_fixed: bool = False


ROLES: tuple[BuiltInRole, ...] = (
    BuiltInRole(
        ADMIN,
        "Administrator",
        "Operates the hub: people, roles, pools, budgets, audit.",
        frozenset({"see", "develop", "publish", "deploy", "operate"}),
        is_fixed=True,
    ),
    BuiltInRole(
        "data-scientist",
        "Data scientist",
        "Develops: projects, snippets, experiments and pipelines.",
        frozenset({"see", "develop"}),
    ),
    BuiltInRole(
        "ml-engineer",
        "ML engineer",
        "Develops, and publishes what others build on.",
        frozenset({"see", "develop", "publish"}),
    ),
    BuiltInRole(
        "production-engineer",
        "Production engineer",
        "Publishes and deploys what others have developed.",
        frozenset({"see", "publish", "deploy"}),
    ),
    BuiltInRole("viewer", "Viewer", "Sees, and changes nothing.", frozenset({"see"})),
)
BY_NAME: Mapping[str, BuiltInRole] = {role.name: role for role in ROLES}


def has_permission(role: BuiltInRole, scope: scopes.Scope, overrides: Overrides) -> bool:
    """Whether a role has a permission: as an administrator decided, else by what it is about.

    A permission that JupyterHub gives to nobody is a program's, and no role has it.
    """
    if not scope.roles:
        return False
    default = scope.about in role.kinds
    return default if role.is_fixed else overrides.get((role.name, scope.name), default)


def permissions_of(role: BuiltInRole, overrides: Overrides) -> frozenset[str]:
    """The permissions of a role."""
    return frozenset(scope.name for scope in scopes.TABLE if has_permission(role, scope, overrides))
