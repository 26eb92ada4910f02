"""HTTP routes of roles, mappings and explanations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.access.explain import Explainer
from orrery_hub.access.schemas import (
    Action,
    AnyRole,
    ClaimMapping,
    ClaimMappingIn,
    ExplainQuery,
    Explanation,
    MyPermissions,
    PermissionIn,
    PersonRoles,
    PersonRolesQuery,
    RoleInfo,
    RoleName,
    RoleTable,
)
from orrery_hub.access.service import AccessService
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.schemas import Page, PageQuery, SearchText

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Reader = Annotated[User, needs_scope("custom:orrery:projects:read")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PermissionName = Annotated[SearchText, Path(max_length=64)]


def router(service: AccessService, explainer: Explainer) -> Router:
    """Routes of access and of ``/me/permissions``."""
    routes = Router(tags=["access"])

    @routes.get("/me/permissions")
    def my_permissions(user: Reader) -> MyPermissions:
        """What the user may do, and why."""
        return service.mine(user)

    routes.include_router(_roles(service))
    routes.include_router(_people(service))
    routes.include_router(_mappings(service))
    routes.include_router(_explanations(explainer))
    return routes


def _roles(service: AccessService) -> Router:
    routes = Router()

    @routes.get("/access/roles")
    def roles(_: Admin) -> RoleTable:
        """Every role at the hub with its permissions."""
        return service.roles()

    @routes.put("/access/roles/{role}/permissions/{permission}")
    def set_permission(
        user: Admin, role: AnyRole, permission: PermissionName, request: PermissionIn
    ) -> RoleInfo:
        """Give a role a permission, or take it away."""
        return service.set_permission(user.name, role, permission, allowed=request.allowed)

    return routes


def _people(service: AccessService) -> Router:
    routes = Router()

    @routes.get("/access/people")
    def people(_: Admin, query: Annotated[PersonRolesQuery, Query()]) -> Page[PersonRoles]:
        """People and their roles at the hub."""
        return service.people(query)

    @routes.put("/access/people/{person}/roles/{role}")
    def assign(user: Admin, person: Number, role: RoleName) -> PersonRoles:
        """Give a person a role at the hub."""
        return service.assign(user.name, person, role)

    @routes.delete("/access/people/{person}/roles/{role}")
    def unassign(user: Admin, person: Number, role: RoleName) -> PersonRoles:
        """Take a role at the hub away from a person."""
        return service.unassign(user.name, person, role)

    return routes


def _mappings(service: AccessService) -> Router:
    routes = Router()

    @routes.get("/access/mappings")
    def mappings(_: Admin, query: Annotated[PageQuery, Query()]) -> Page[ClaimMapping]:
        """What groups and app roles of the log-in provider give."""
        return service.mappings(query)

    @routes.post("/access/mappings", status_code=201)
    def add_mapping(user: Admin, request: ClaimMappingIn) -> ClaimMapping:
        """Let a group or an app role of the log-in provider give a role."""
        return service.add_mapping(user.name, request)

    @routes.delete("/access/mappings/{mapping}", status_code=204)
    def remove_mapping(user: Admin, mapping: Number) -> None:
        """End a mapping; what it gave is taken away."""
        service.remove_mapping(user.name, mapping)

    return routes


def _explanations(explainer: Explainer) -> Router:
    routes = Router()

    @routes.get("/access/actions")
    def actions(_: Admin, query: Annotated[PageQuery, Query()]) -> Page[Action]:
        """Every action that can be explained."""
        return explainer.actions(query)

    @routes.get("/access/explain")
    async def explain(_: Admin, query: Annotated[ExplainQuery, Query()]) -> Explanation:
        """Why somebody can do something, or cannot."""
        return await explainer.explain(query)

    return routes
