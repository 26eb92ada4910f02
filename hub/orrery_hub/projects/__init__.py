"""Projects: members, roles, storage locations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.contracts import LeavingItem
from orrery_hub.projects import invitations, store
from orrery_hub.projects.archive import ArchiveService
from orrery_hub.projects.bulk import bulk_actions
from orrery_hub.projects.group_sync import GroupSync
from orrery_hub.projects.invitations import InvitationService
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.pages import router as pages_router
from orrery_hub.projects.routes import router
from orrery_hub.projects.rules import rules
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
    invited = InvitationService(
        context.database,
        record=context.record,
        on_change=group_sync.wake,
        projects_per_person=settings.projects_per_person,
    )
    archive = ArchiveService(
        context.database, service, counts=context.counts, record=context.record
    )

    def purge(before: datetime) -> None:
        service.purge(before)
        invited.purge(before)

    return Runtime(
        router(service, invited, archive),
        pages=lambda login, pages: pages_router(invited, login, pages),
        background=group_sync.run,
        purge=purge,
        notices=group_sync.notices,
        bulk_actions=bulk_actions(service),
    )


def _transfer(session: Session, source: int, target: int) -> None:
    store.transfer(session, source, target)
    invitations.transfer(session, source, target)


def _leave(session: Session, person: int) -> Sequence[LeavingItem]:
    return (*store.leave(session, person), invitations.leave(session, person))


def _count(session: Session, project: int) -> Mapping[str, int]:
    members = store.member_count(session, session.get_one(store.ProjectRow, project))
    return {"members": members, "invitations": invitations.count(session, project)}


CAPABILITY = Capability(
    "projects",
    _build,
    transfer=_transfer,
    renamed=store.schedule_all,
    rules=rules,
    content_leave=_leave,
    counts=_count,
)
