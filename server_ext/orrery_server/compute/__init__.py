"""Compute: the person's requests for devices at the hub."""

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.compute.service import ComputeService as Service

CAPABILITY = Capability(
    name="compute",
    title="Compute",
    service=Service,
    events="events.yaml",
    entry_points=("orrery.compute",),
    routes=(
        Route("GET", "compute/tickets", Service.list_tickets),
        Route("POST", "compute/tickets", Service.request, status=201),
        Route("GET", "compute/tickets/{ticket}", Service.get_ticket),
        Route("DELETE", "compute/tickets/{ticket}", Service.cancel),
        Route("POST", "compute/tickets/{ticket}/claim", Service.claim),
    ),
)
