"""Audit: the record of who changed what, and of what was refused."""

from datetime import datetime, timedelta

from orrery_hub.audit.chain import Verification
from orrery_hub.audit.routes import pages_router, router
from orrery_hub.audit.service import AuditService
from orrery_hub.audit.verifier import Progress, Verifier
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.db import Database, now

_VERIFY_SECONDS = 3_600.0


def _build(context: HubContext) -> Runtime:
    settings = context.settings
    service = AuditService(context.database, anchors=settings.audit_anchors)

    def maintain(_: datetime) -> None:
        service.anchor()
        if settings.audit_days:
            service.prune(now() - timedelta(days=settings.audit_days))

    def verify(on_progress: Progress) -> Verification:
        # A chain of millions of entries takes longer than any request may.
        patient = Database(context.database.url, seconds=_VERIFY_SECONDS)
        try:
            chain = AuditService(patient, anchors=settings.audit_anchors)
            return chain.verify(on_progress=on_progress)
        finally:
            patient.close()

    return Runtime(
        router(service, Verifier(verify, service.count)),
        pages=lambda login, _: pages_router(service, login),
        purge=maintain,
    )


CAPABILITY = Capability("audit", _build)
