"""The page of administration, and what it shows beyond the routes of the other capabilities: servers, parts, jobs,
announcements and maintenance.
"""

from datetime import datetime

from orrery_hub.admin import store
from orrery_hub.admin.announcements import AnnouncementService, announce, start_gate
from orrery_hub.admin.assets import load_assets
from orrery_hub.admin.jobs import JobService
from orrery_hub.admin.pages import router as pages_router
from orrery_hub.admin.parts import Parts
from orrery_hub.admin.routes import router
from orrery_hub.admin.service import ServerService
from orrery_hub.base.bulk import BulkAction
from orrery_hub.base.capability import Capability, HubContext, Runtime


def _build(context: HubContext) -> Runtime:
    database, record = context.database, context.record
    service = ServerService(
        database, context.servers, projects=context.project_facts, record=record
    )
    parts = Parts(
        database,
        context.hub,
        context.servers,
        context.metrics,
        context.settings,
        others=context.parts,
    )
    jobs = JobService(database, context.bulk_actions, may=context.rights.may, record=record)
    announcements = AnnouncementService(database, record=record)

    def purge(before: datetime) -> None:
        with database.write() as session:
            store.purge_jobs(session, before)

    stop = BulkAction("servers.stop", "Stop servers", service.check_stop, service.stop_item)
    return Runtime(
        router(service, parts, jobs, announcements),
        pages=lambda login, pages: pages_router(load_assets(), login, pages),
        background=jobs.run,
        purge=purge,
        bulk_actions=(stop,),
    )


CAPABILITY = Capability("admin", _build, gate=start_gate, announce=announce)
