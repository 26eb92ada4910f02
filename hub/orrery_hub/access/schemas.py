"""Shapes of roles, permissions, mappings and explanations."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_wire.names import Slug
from orrery_wire.schemas import PageQuery, SearchText, Shape, StorableText

RoleName = Literal["data-scientist", "ml-engineer", "production-engineer", "viewer"]
AnyRole = Literal["admin", "data-scientist", "ml-engineer", "production-engineer", "viewer"]
ProjectRole = Literal["owner", "editor", "viewer"]
Source = Literal["administrator", "assigned", "claim", "default"]


class Permission(Shape):
    """A permission, as every role has it or not."""

    name: str
    description: str
    kind: Literal["see", "develop", "publish", "deploy", "operate"]


class RoleInfo(Shape):
    """A role at the hub and its permissions."""

    name: AnyRole
    title: str
    description: str
    is_fixed: bool = Field(description="True: nobody can change its permissions.")
    is_default: bool = Field(description="True: everybody has it to whom no other was given.")
    permissions: tuple[str, ...]


class RoleTable(Shape):
    """Every role and every permission."""

    roles: tuple[RoleInfo, ...]
    permissions: tuple[Permission, ...]


class PermissionIn(Shape):
    """Whether a role is to have a permission."""

    allowed: StrictBool


class RoleGrant(Shape):
    """A role that a person has, and from where."""

    role: AnyRole
    source: Source
    claim: str = Field(default="", description="The provider's group or app role that gives it.")


class PersonRoles(Shape):
    """A person's roles at the hub."""

    person_id: int
    name: str
    roles: tuple[RoleGrant, ...] = Field(
        description="As far as Orrery's database knows; who administers JupyterHub is not in it."
    )


class PersonRolesQuery(PageQuery):
    """Which people, which page."""

    q: SearchText = Field(default="", max_length=255)
    role: RoleName | None = Field(default=None, description="Only people to whom it was given.")


class ClaimMappingIn(Shape):
    """What a group or an app role of the log-in provider gives: a role in a project, or at the hub."""

    kind: Literal["group", "role"]
    value: StorableText = Field(
        min_length=1, max_length=1_000, description="A group by its full path."
    )
    project: Slug | None = Field(default=None, description="Null: the role is at the hub.")
    role: Literal[
        "owner", "editor", "viewer", "data-scientist", "ml-engineer", "production-engineer"
    ]


class ClaimMapping(ClaimMappingIn):
    """A mapping that is in force."""

    id: int
    people: int = Field(ge=0, description="How many people have the group or role, as last seen.")


class MyProject(Shape):
    """A project that a person is in, and who gave the role."""

    slug: str
    role: ProjectRole


class MyPermission(Permission):
    """A permission, and whether the person who asks has it."""

    is_allowed: bool
    is_in_token: bool = Field(description="Whether the token that asks carries it too.")


class MyPermissions(Shape):
    """What the person who asks may do, and why."""

    name: str
    roles: tuple[RoleGrant, ...]
    permissions: tuple[MyPermission, ...]
    projects: tuple[MyProject, ...]
    claims: tuple[str, ...] = Field(
        description="Groups and app roles of the log-in provider, as groups of JupyterHub."
    )


class Action(Shape):
    """Something that can be asked of the hub service, as `explain` names it."""

    name: str
    method: str
    path: str
    permission: str
    asks_more: bool = Field(description="Whether the object counts, beside the permission.")


class ExplainQuery(Shape):
    """Who does what to what."""

    user: SearchText = Field(min_length=1, max_length=255)
    action: SearchText = Field(min_length=1, max_length=100)
    object: SearchText = Field(
        default="", max_length=400, description="Such as `churn`, or `churn/grace` for a member."
    )


class Step(Shape):
    """A condition of the action: whether it is met, what it is, and why."""

    is_met: bool
    what: str
    why: str


class Explanation(Shape):
    """Whether a person may do something, with every condition."""

    user: str
    action: str
    object: str
    permission: str
    is_allowed: bool
    steps: tuple[Step, ...]
    at: datetime
