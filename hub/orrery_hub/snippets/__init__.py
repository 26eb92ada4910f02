"""Snippets that are stored at the hub."""

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.snippets import store
from orrery_hub.snippets.pages import router as pages_router
from orrery_hub.snippets.quota import Quota
from orrery_hub.snippets.routes import router
from orrery_hub.snippets.rules import rules
from orrery_hub.snippets.service import SnippetService, invalidate_cursors


def _build(context: HubContext) -> Runtime:
    service = SnippetService(
        context.database,
        context.memberships,
        keep_versions=context.settings.snippet_versions,
        quota=Quota(
            person_bytes=context.settings.person_stored_bytes,
            project_bytes=context.settings.project_stored_bytes,
        ),
        record=context.record,
    )
    return Runtime(
        router(service),
        pages=lambda login, pages: pages_router(service, login, pages),
        purge=service.purge,
    )


CAPABILITY = Capability(
    "snippets",
    _build,
    after_restore=invalidate_cursors,
    transfer=store.transfer,
    rules=rules,
    content_leave=store.leave,
    counts=store.count_in_project,
)
