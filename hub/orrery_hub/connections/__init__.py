"""Connections: object stores and databases by name, and their secrets, which only a running server is given."""

import asyncio
from collections.abc import Mapping
from typing import Literal

from sqlalchemy.orm import Session

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.contracts import PartProbe
from orrery_hub.connections import store
from orrery_hub.connections.broker import Broker
from orrery_hub.connections.identity import HubIdentity
from orrery_hub.connections.places import SecretPlaces, secret_stores
from orrery_hub.connections.routes import router
from orrery_hub.connections.rules import rules
from orrery_hub.connections.service import ConnectionService


def _build(context: HubContext) -> Runtime:
    places = SecretPlaces(
        context.database, secret_stores(context.settings), HubIdentity(context.settings.home)
    )
    service = ConnectionService(
        context.database,
        context.memberships,
        places,
        undelete_days=context.settings.undelete_days,
        record=context.record,
    )
    broker = Broker(
        context.database,
        context.memberships,
        places,
        context.servers,
        context.metrics,
        context.rights,
        record=context.record,
    )

    async def ask() -> tuple[Literal["ok", "failing"], str]:
        place = await asyncio.to_thread(places.status)
        return "ok" if place.state == "ready" else "failing", place.text

    return Runtime(
        router(service, broker, places),
        background=broker.run,
        purge=service.purge,
        notices=broker.notices,
        parts=(PartProbe("secrets", "Secrets of connections", ask),),
    )


def _count(session: Session, project: int) -> Mapping[str, int]:
    return {"connections": store.count(session, project)}


CAPABILITY = Capability(
    "connections",
    _build,
    transfer=store.transfer,
    rules=rules,
    content_leave=store.leave,
    counts=_count,
)
