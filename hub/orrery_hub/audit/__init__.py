"""Audit: the record of who changed what."""

from orrery_hub.audit.routes import router
from orrery_hub.audit.service import AuditService
from orrery_hub.base.capability import Capability, HubContext, Runtime


def _build(context: HubContext) -> Runtime:
    return Runtime(router(AuditService(context.database)))


CAPABILITY = Capability("audit", _build)
