"""Culling: what running servers use, and stopping those that are idle."""

from datetime import datetime, timedelta

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.db import now
from orrery_hub.culling import store
from orrery_hub.culling.culler import Culler, jupyterhub_sweep
from orrery_hub.culling.routes import router
from orrery_hub.culling.rules import rules
from orrery_hub.culling.service import CullingService
from orrery_hub.culling.store import DefaultLimits

# Advice on sizes looks back a year at most.
_KEEP = timedelta(days=400)


def _build(context: HubContext) -> Runtime:
    settings = context.settings
    defaults = DefaultLimits(settings.idle_device_minutes, settings.unknown_device_minutes)
    service = CullingService(context.database, defaults=defaults, record=context.record)
    culler = Culler(
        context.database,
        jupyterhub_sweep(context.hub),
        context.metrics,
        context.record,
        defaults=defaults,
    )

    def purge(_: datetime) -> None:
        with context.database.write() as session:
            store.purge(session, now() - _KEEP)

    return Runtime(router(service), background=culler.run, purge=purge, notices=culler.notices)


CAPABILITY = Capability("culling", _build, rules=rules)
