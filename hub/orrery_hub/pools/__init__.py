"""Pools: devices and servers for projects, hardware profiles, images, and the leases of running servers."""

from datetime import datetime

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.pools import store
from orrery_hub.pools.backend import Backend
from orrery_hub.pools.backends.kubernetes import KubernetesBackend
from orrery_hub.pools.backends.local import LocalBackend
from orrery_hub.pools.declared import DeclaredPools
from orrery_hub.pools.former_members import FormerMembers
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.planning import Planner
from orrery_hub.pools.preview import PreviewService
from orrery_hub.pools.reconcile import Reconciler
from orrery_hub.pools.routes import router
from orrery_hub.pools.service import PoolService
from orrery_hub.pools.unleased import Unleased
from orrery_hub.settings import Settings


def backend_of(settings: Settings) -> Backend:
    """Where servers run."""
    return KubernetesBackend() if settings.profile == "kubernetes" else LocalBackend()


def _build(context: HubContext) -> Runtime:
    settings = context.settings
    backend = backend_of(settings)
    if not isinstance(context.leases, PoolLeases):
        raise TypeError("the pools are built on their own leases")
    service = PoolService(context.database, backend, context.projects, record=context.record)
    launches = LaunchService(
        context.database,
        context.leases,
        backend,
        advisors=context.advisors,
        queue=context.queue,
        gates=context.gates,
        failures=context.failures,
    )
    previews = PreviewService(
        context.database, launches, context.leases, context.projects, gates=context.gates
    )
    declared = DeclaredPools(
        context.database,
        service,
        context.projects,
        settings.home / settings.pools_file,
        record=context.record,
    )
    declared.apply()
    unleased = Unleased(context.leases, Planner(context.leases, backend), context.record)
    former_members = FormerMembers(context.record)
    reconciler = Reconciler(
        context.database,
        context.hub,
        context.accounts,
        context.leases,
        context.metrics,
        settings.server_check_seconds,
        unleased=unleased,
        former_members=former_members,
        stop=context.servers.stop,
        before=declared.grant,
    )

    def purge(_: datetime) -> None:
        with context.database.write() as session:
            store.strip_options(session)

    return Runtime(
        router(service, launches, previews, context.accounts),
        purge=purge,
        background=reconciler.run,
        notices=lambda: [
            *declared.notices(),
            *unleased.notices(),
            *former_members.notices(),
        ],
    )


CAPABILITY = Capability("pools", _build, merge=store.merge)
