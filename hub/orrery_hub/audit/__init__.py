"""Audit: the record of who changed what, and of what was refused."""

from datetime import datetime, timedelta

from orrery_hub.audit.routes import router
from orrery_hub.audit.service import AuditService
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.db import now


def _build(context: HubContext) -> Runtime:
    settings = context.settings
    service = AuditService(context.database, anchors=settings.audit_anchors)

    def maintain(_: datetime) -> None:
        service.anchor()
        if settings.audit_days:
            service.prune(now() - timedelta(days=settings.audit_days))

    return Runtime(router(service), purge=maintain)


CAPABILITY = Capability("audit", _build)
