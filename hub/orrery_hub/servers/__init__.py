"""Servers: a person's own servers at JupyterHub, for the person's labs."""

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.servers.routes import router
from orrery_hub.servers.service import OwnServerService


def _build(context: HubContext) -> Runtime:
    service = OwnServerService(context.database, context.servers, record=context.record)
    return Runtime(router(service))


CAPABILITY = Capability("servers", _build)
