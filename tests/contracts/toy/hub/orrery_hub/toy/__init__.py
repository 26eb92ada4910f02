"""Toys at the hub."""

from typing import Annotated

from fastapi import APIRouter

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.user import User

Reader = Annotated[User, needs_scope("custom:orrery:toy:read")]


def _build(context: HubContext) -> Runtime:
    router = APIRouter(prefix="/toy", tags=["toy"])

    @router.get("")
    def count_toys(user: Reader) -> dict[str, int]:
        """Count the toys."""
        return {"count": 0}

    return Runtime(router)


CAPABILITY = Capability("toy", _build)
