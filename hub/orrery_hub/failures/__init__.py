"""Failures: servers that did not start, or ended by themselves, kept with their causes."""

from datetime import datetime

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.failures import messages, store
from orrery_hub.failures.bulk import bulk_actions
from orrery_hub.failures.routes import router
from orrery_hub.failures.service import FailureService, recent


def _build(context: HubContext) -> Runtime:
    service = FailureService(
        context.database, keep_days=context.settings.failure_days, record=context.record
    )

    def purge(_: datetime) -> None:
        service.purge()

    return Runtime(
        router(service, context.accounts), purge=purge, bulk_actions=bulk_actions(service)
    )


CAPABILITY = Capability(
    "failures",
    _build,
    transfer=store.transfer,
    lease_started=messages.forget,
    recent_failures=recent,
)
