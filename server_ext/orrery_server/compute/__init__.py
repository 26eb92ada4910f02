"""Compute: devices at the hub: requests for them, budgets, what this server uses, and what the hub tells the person."""

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
        Route("GET", "compute/notices", Service.notices),
        Route("DELETE", "compute/notices/{notice}", Service.dismiss),
        Route("GET", "compute/use", Service.use),
        Route("POST", "compute/extend", Service.extend),
        Route("GET", "compute/budgets", Service.budgets),
        Route("GET", "compute/budgets/requests", Service.budget_requests),
        Route("POST", "compute/budgets/requests", Service.ask, status=201),
        Route("GET", "compute/costs", Service.costs),
    ),
)
