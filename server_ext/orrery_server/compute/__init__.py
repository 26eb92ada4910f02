"""Compute: the person's servers and what they may run on, requests for devices, budgets, use, and what the hub tells."""

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
        Route("GET", "compute/launch", Service.launch_choices),
        Route("GET", "compute/leases", Service.list_leases),
        Route("GET", "compute/servers", Service.list_servers),
        Route("POST", "compute/servers", Service.start_server, kernel="write"),
        Route("POST", "compute/servers/stop", Service.stop_server, kernel="write"),
        Route("GET", "compute/tickets", Service.list_tickets),
        Route("POST", "compute/tickets", Service.request, status=201, kernel="write"),
        Route("GET", "compute/tickets/{ticket}", Service.get_ticket),
        Route("DELETE", "compute/tickets/{ticket}", Service.cancel, kernel="write"),
        Route("POST", "compute/tickets/{ticket}/claim", Service.claim, kernel="write"),
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
