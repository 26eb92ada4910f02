"""Auto-EDA: profiles of tables, comparisons, checks and reports."""

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.eda.service import EdaService as Service

CAPABILITY = Capability(
    name="eda",
    title="Auto-EDA",
    service=Service,
    events="events.yaml",
    entry_points=("orrery.eda", "orrery.eda.reports"),
    recent=Service.recent_items,
    routes=(
        Route("GET", "eda/sources", Service.list_sources),
        Route("POST", "eda/handovers", Service.create_handover, kernel="write", status=201),
        Route("DELETE", "eda/handovers/{id}", Service.delete_handover, kernel="write"),
        Route("GET", "eda/runs", Service.list_runs),
        Route("POST", "eda/runs", Service.run, kernel="write", name="start", status=202),
        Route("GET", "eda/runs/{id}", Service.watch),
        Route("DELETE", "eda/runs/{id}", Service.delete),
        Route("POST", "eda/runs/{id}/cancel", Service.cancel, kernel="write"),
        Route("GET", "eda/runs/{id}/columns", Service.columns),
        Route("POST", "eda/runs/{id}/code", Service.code, scope="read"),
        Route("GET", "eda/runs/{id}/report", Service.report),
        Route("GET", "eda/runs/{id}/checks", Service.checks),
        Route("POST", "eda/code", Service.load, scope="read"),
        Route("POST", "eda/checks", Service.render, scope="read"),
    ),
)
