"""Datasets with versions that never change, what used them, what checks gave, and feature sets."""

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.datasets import store
from orrery_hub.datasets.context import DatasetContext
from orrery_hub.datasets.feature_sets import FeatureSetService
from orrery_hub.datasets.routes import Services, router
from orrery_hub.datasets.rules import rules
from orrery_hub.datasets.service import DatasetService
from orrery_hub.datasets.uses import CheckService, UseService
from orrery_hub.datasets.versions import VersionService


def _build(context: HubContext) -> Runtime:
    shared = DatasetContext(
        context.database,
        context.memberships,
        context.record,
        undelete_days=context.settings.undelete_days,
        person_bytes=context.settings.person_stored_bytes,
        project_bytes=context.settings.project_stored_bytes,
    )
    service = DatasetService(shared)
    services = Services(
        service,
        VersionService(shared),
        UseService(shared),
        CheckService(shared),
        FeatureSetService(shared),
    )
    return Runtime(router(services), purge=service.purge)


CAPABILITY = Capability(
    "datasets",
    _build,
    transfer=store.transfer,
    rules=rules,
    content_leave=store.leave,
    counts=store.count_in_project,
)
