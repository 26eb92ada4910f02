"""Projects: members, roles, storage locations."""

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.projects import store
from orrery_hub.projects.bulk import bulk_actions
from orrery_hub.projects.group_sync import GroupSync
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.routes import router
from orrery_hub.projects.service import ProjectService


def _build(context: HubContext) -> Runtime:
    settings = context.settings
    group_sync = GroupSync(
        context.database,
        context.hub,
        context.metrics,
        context.accounts,
        check_seconds=settings.group_check_seconds,
    )
    default = (settings.default_project, settings.default_project_name)
    service = ProjectService(
        context.database,
        Locations(settings.home, settings.projects_lake, settings.projects_repository),
        default=default if settings.default_project else None,
        default_role=settings.default_project_role,
        undelete_days=settings.undelete_days,
        projects_per_person=settings.projects_per_person,
        record=context.record,
        on_change=group_sync.wake,
    )
    return Runtime(
        router(service),
        background=group_sync.run,
        purge=service.purge,
        notices=group_sync.notices,
        bulk_actions=bulk_actions(service),
    )


CAPABILITY = Capability("projects", _build, transfer=store.transfer, renamed=store.schedule_all)
