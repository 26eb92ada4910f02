"""Toy: the smallest capability that has everything a capability can have."""

from orrery_server.toy.service import ToyService as Service

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route

CAPABILITY = Capability(
    name="toy",
    title="Toy",
    service=Service,
    events="events.yaml",
    recent=Service.recent_items,
    routes=(
        Route("GET", "toy", Service.list),
        Route("PUT", "toy/{name}", Service.put),
        Route("DELETE", "toy/{name}", Service.delete),
    ),
)
