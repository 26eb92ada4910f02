"""HTTP routes of people."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.people.offboarding import Offboarder
from orrery_hub.people.schemas import Offboarding, OffboardingIn, Person, PersonQuery, Target
from orrery_hub.people.service import PeopleService
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
PersonId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def router(service: PeopleService, offboarder: Offboarder) -> Router:
    """Routes of people."""
    routes = Router(prefix="/people", tags=["people"])

    @routes.get("")
    def people(_: Admin, query: Annotated[PersonQuery, Query()]) -> Page[Person]:
        """Everybody whom the hub service knows, with those whose account is gone."""
        return service.list(query)

    @routes.get("/{person}")
    def person(_: Admin, person: PersonId) -> Person:
        """One person, with projects and servers."""
        return service.get(person)

    @routes.post("/{person}/transfer")
    def transfer(user: Admin, person: PersonId, request: Target) -> Person:
        """Give everything of a person to another."""
        return service.transfer(user.name, person, request.to)

    @routes.post("/{person}/merge")
    def merge(user: Admin, person: PersonId, request: Target) -> Person:
        """Make two people one: everything goes to the other, and the account too."""
        return service.merge(user.name, person, request.to)

    @routes.get("/{person}/offboarding")
    async def plan_offboarding(_: Admin, person: PersonId) -> Offboarding:
        """What off-boarding a person would end, and what it would leave."""
        return await offboarder.plan(person)

    @routes.post("/{person}/offboarding")
    async def offboard(user: Admin, person: PersonId, request: OffboardingIn) -> Offboarding:
        """End everything that a person has: account, servers, tokens, sessions, shares, memberships."""
        return await offboarder.run(user.name, person, request)

    return routes
