"""The hub service: wiring only. Knows every capability; no capability knows it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx
import uvicorn
import uvloop
from fastapi import FastAPI
from jupyterhub.services.auth import HubOAuth
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from orrery_hub import (
    __version__,
    access,
    admin,
    audit,
    budgets,
    connections,
    culling,
    datasets,
    failures,
    notices,
    people,
    pools,
    projects,
    queue,
    servers,
    snippets,
)
from orrery_hub.audit.budget import LimitedRecord
from orrery_hub.audit.refusals import Refusals
from orrery_hub.audit.service import record
from orrery_hub.base import api_docs, health, login, logs, sqlite_file
from orrery_hub.base.accounts import Accounts
from orrery_hub.base.auth import (
    DeclaredRoute,
    TokenAuthenticator,
    declared_routes,
    require_scopes,
)
from orrery_hub.base.background import Background
from orrery_hub.base.capability import Capability, HubContext, Rights, Runtime
from orrery_hub.base.connections import ConnectionLimits
from orrery_hub.base.contracts import Judge
from orrery_hub.base.db import Database
from orrery_hub.base.error_handlers import install_error_handlers
from orrery_hub.base.http import Api, BodyRules, Callers, RequestMiddleware
from orrery_hub.base.limits import Limits
from orrery_hub.base.maintenance import run_maintenance
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.migrate import NewerSchemaError, upgrade
from orrery_hub.base.pages import Pages
from orrery_hub.base.route_table import RouteTable, install_dispatch
from orrery_hub.base.secret import secret
from orrery_hub.base.server import listen, serve
from orrery_hub.base.servers import ServerList
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.ports import PortStore
from orrery_hub.projects.facts import Facts
from orrery_hub.projects.store import Directory, memberships, set_provider_roles
from orrery_hub.scopes import ACCESS, SERVICE
from orrery_hub.settings import Settings, SettingsError
from orrery_wire.schemas import build_shapes

log = logging.getLogger("orrery_hub")

# A capability that refers to another's tables stands after it.
CAPABILITIES: tuple[Capability, ...] = (
    audit.CAPABILITY,
    people.CAPABILITY,
    notices.CAPABILITY,
    projects.CAPABILITY,
    pools.CAPABILITY,
    budgets.CAPABILITY,
    culling.CAPABILITY,
    failures.CAPABILITY,
    queue.CAPABILITY,
    servers.CAPABILITY,
    access.CAPABILITY,
    snippets.CAPABILITY,
    connections.CAPABILITY,
    datasets.CAPABILITY,
    admin.CAPABILITY,
)

# Routes that declare no scope: open to all, or with a check of their own (`admin`, `openapi.json`, `metrics` and the
# pages after a step up).
_READ = frozenset({"GET"})
_PUBLIC = {
    "/": _READ,
    "/admin": _READ,
    "/admin/audit": _READ,
    "/admin/costs": _READ,
    "/admin/assets/{name}": _READ,
    "/oauth_callback": _READ,
    "/api/announcements": _READ,
    "/api/docs": _READ,
    "/api/health": _READ,
    "/api/metrics": _READ,
    "/api/openapi.json": _READ,
    "/invitations": frozenset({"GET", "POST"}),
    "/publish/{id}": frozenset({"GET", "POST"}),
    "/shares": frozenset({"GET", "POST"}),
    "/tokens": frozenset({"GET", "POST"}),
}


def open_database(settings: Settings) -> Database:
    """The database, repaired if it was damaged and upgraded to this version's schema.

    Raises:
        NewerSchemaError: a newer version of Orrery wrote it.
    """
    database = Database(settings.database(), seconds=settings.database_seconds)
    is_restored = sqlite_file.repair(database.file) if database.file else False
    upgrade(database)
    if is_restored:
        for capability in CAPABILITIES:
            if capability.after_restore:
                capability.after_restore(database)
    return database


def create_context(
    settings: Settings,
    database: Database,
    hub: HubOAuth,
    *,
    routes: Callable[[], Sequence[DeclaredRoute]],
) -> HubContext:
    """What every capability is built from; ``routes`` gives those of the finished application."""
    client = httpx.AsyncClient(
        base_url=hub.api_url,
        headers={"Authorization": f"token {hub.api_token}"},
        timeout=httpx.Timeout(60, connect=5),
        trust_env=False,
    )
    transfers = [item.transfer for item in CAPABILITIES if item.transfer]
    merges = [*transfers, *(item.merge for item in CAPABILITIES if item.merge)]
    renames = [item.renamed for item in CAPABILITIES if item.renamed]
    limited_record = LimitedRecord(record, settings.person_changes_per_day)
    accounts = Accounts(database, client, merges=merges, renames=renames, record=limited_record)
    metrics = Metrics()
    leases = PoolLeases(
        memberships,
        record=limited_record,
        on_end=[item.lease_ended for item in CAPABILITIES if item.lease_ended],
        on_start=[item.lease_started for item in CAPABILITIES if item.lease_started],
    )
    makers = [item.queue for item in CAPABILITIES if item.queue]
    rules: dict[str, Judge] = {}
    for capability in CAPABILITIES:
        rules |= capability.rules(memberships) if capability.rules else {}
    return HubContext(
        settings=settings,
        database=database,
        hub=client,
        accounts=accounts,
        transfers=transfers,
        merges=merges,
        metrics=metrics,
        record=limited_record,
        memberships=memberships,
        projects=Directory(),
        leases=leases,
        advisors=[item.advise_launch for item in CAPABILITIES if item.advise_launch],
        project_facts=Facts(),
        servers=ServerList(client, metrics),
        bulk_actions={},
        parts=[],
        queue=next((make(settings, leases, limited_record) for make in makers), None),
        resolve_launch=LaunchService(database, leases, pools.backend_of(settings)).resolve,
        gates=[item.gate for item in CAPABILITIES if item.gate],
        announces=[item.announce for item in CAPABILITIES if item.announce],
        failures=next((i.recent_failures for i in CAPABILITIES if i.recent_failures), None),
        provider_roles=set_provider_roles,
        rules=rules,
        leaves=[item.leave for item in CAPABILITIES if item.leave],
        content_leaves=[item.content_leave for item in CAPABILITIES if item.content_leave],
        counts=[item.counts for item in CAPABILITIES if item.counts],
        routes=routes,
        rights=Rights(accounts),
    )


def build(settings: Settings, database: Database, hub: HubOAuth) -> FastAPI:
    """The application on a database and a hub.

    Raises:
        RuntimeError: a route declares no scope.
    """
    build_shapes()
    refusals = Refusals(database)
    context = create_context(
        settings, database, hub, routes=functools.cache(lambda: declared_routes(app))
    )
    metrics = context.metrics
    runtimes = [capability.build(context) for capability in CAPABILITIES]
    actions = [action for runtime in runtimes for action in runtime.bulk_actions]
    context.bulk_actions.update({action.name: action for action in actions})
    context.rights.source = next((run.permissions for run in runtimes if run.permissions), None)
    context.parts.extend(part for runtime in runtimes for part in runtime.parts)
    background = _background(context, runtimes, refusals)
    app = FastAPI(
        title="Orrery hub service",
        version=__version__,
        lifespan=_lifespan(context, background),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.servers = context.servers
    app.state.context = context
    app.state.authenticator = TokenAuthenticator(
        hub,
        metrics,
        context.accounts,
        seconds=settings.token_cache_seconds,
        grace_seconds=settings.token_grace_seconds,
        metrics_token=secret(settings.secrets, "metrics_token"),
        launcher_token=settings.launcher_token(),
        permissions=context.rights.source,
    )
    prefix = hub.base_url.rstrip("/")
    to_operator = [runtime.notices for runtime in runtimes if runtime.notices]
    to_operator.append(background.notices)
    operations = health.router(database, metrics, to_operator)
    for router in (operations, *(runtime.router for runtime in runtimes)):
        app.include_router(router, prefix=f"{prefix}/api")
    logins = login.Login(
        app.state.authenticator, hub, secret(settings.secrets, "service_cookie_secret")
    )
    pages = Pages(hub.hub_prefix, hub.base_url)
    own_pages = [runtime.pages(logins, pages) for runtime in runtimes if runtime.pages]
    for router in (login.router(logins, pages), api_docs.router(logins, pages), *own_pages):
        app.include_router(router, prefix=prefix)
    install_error_handlers(app)
    install_dispatch(app)
    _add_middleware(app, settings, metrics, refusals, logins, f"{prefix}/api")
    require_scopes(app, public_routes(prefix))
    return app


def _add_middleware(
    app: FastAPI,
    settings: Settings,
    metrics: Metrics,
    refusals: Refusals,
    logins: login.Login,
    prefix: str,
) -> None:
    """Limits, log-in and audit of refusals before every route; ``prefix`` is that of the API."""
    app.add_middleware(
        RequestMiddleware,
        api=Api(prefix, functools.cache(lambda: RouteTable(declared_routes(app)))),
        callers=Callers(app.state.authenticator, logins.page_token),
        body=BodyRules(settings.max_body, settings.body_seconds),
        limits=Limits(settings),
        metrics=metrics,
        on_refusal=refusals.add,
    )
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))


def public_routes(prefix: str) -> Mapping[str, frozenset[str]]:
    """The routes that declare no scope: path below the service's prefix, and methods."""
    return {prefix + path: methods for path, methods in _PUBLIC.items()}


def _background(context: HubContext, runtimes: Sequence[Runtime], refusals: Refusals) -> Background:
    """Background work of every capability, and maintenance."""
    # What refers to another capability's tables is purged before it.
    purges = [runtime.purge for runtime in reversed(runtimes) if runtime.purge]
    maintenance = functools.partial(
        run_maintenance,
        context.database,
        purges,
        keep_days=context.settings.undelete_days,
        metrics=context.metrics,
    )
    works = {
        capability.name: runtime.background
        for capability, runtime in zip(CAPABILITIES, runtimes, strict=True)
        if runtime.background
    }
    return Background(
        {
            "maintenance": maintenance,
            "refusals": refusals.run,
            "servers": context.servers.run,
            **works,
        },
        context.metrics,
    )


def _lifespan(
    context: HubContext, background: Background
) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    """Background work from start to end of the service."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with context.hub, asyncio.TaskGroup() as group:
            task = group.create_task(background.run())
            yield
            task.cancel()
        context.database.close()

    return lifespan


def server_config(app: FastAPI, connections: ConnectionLimits) -> uvicorn.Config:
    """How uvicorn serves the application: limits of connections, and no header of a proxy believed by itself."""
    return uvicorn.Config(
        app,
        http=connections.protocol(),  # type: ignore[arg-type]  # a factory serves as a class
        ws="none",
        # So many connections are accepted before requests have their turn again.
        backlog=128,
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def connect_to_hub(settings: Settings) -> HubOAuth:
    """The client of JupyterHub: by the environment that it gave, or for an external service by the settings.

    Raises:
        SettingsError: JupyterHub is set up in a way that the service does not support.
    """
    if settings.is_service_external:
        base_url = settings.base_url or "/"
        return HubOAuth(
            api_url=settings.hub_api_url or f"{_hub_origin(settings)}{base_url}hub/api",
            api_token=settings.service_token(),
            base_url=f"{base_url}services/{SERVICE}/",
            hub_prefix=f"{base_url}hub/",
            oauth_client_id=f"service-{SERVICE}",
            access_scopes={ACCESS},
        )
    actual = os.environ.get("JUPYTERHUB_BASE_URL", "/")
    if actual != (settings.base_url or actual):
        raise SettingsError(
            f"JupyterHub answers below {actual}, and labs were told {settings.base_url}: they would not reach the"
            f" hub service. Set ORRERY_BASE_URL={actual}, or c.JupyterHub.base_url before configure(c)."
        )
    if os.environ.get("JUPYTERHUB_SSL_CERTFILE"):
        raise SettingsError(
            "JupyterHub's internal_ssl is on, and the hub service does not speak it: nobody would reach it."
            " Set c.JupyterHub.internal_ssl = False, and encrypt the network between hosts instead."
        )
    return HubOAuth()


def _hub_origin(settings: Settings) -> str:
    if settings.profile == "kubernetes":
        return settings.hub_connect_url.rstrip("/")
    port = PortStore(settings.state).assign("hub", settings.hub_port)
    return f"http://{settings.host}:{port}"


def listen_where_told(settings: Settings) -> socket.socket:
    """The service's listening socket, at the address that the settings or JupyterHub give.

    Raises:
        OSError: the port is in use.
    """
    if settings.is_service_external:
        port = PortStore(settings.state).assign("service", settings.service_port)
        return listen(settings.host, port)
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    return listen(address.hostname or settings.host, address.port or 80)


def main() -> None:
    """Run the service; exit code 3 when its settings or its database refuse it, which no new start mends."""
    logs.start("info")
    try:
        settings = Settings.load()
        logs.start(settings.log_level)
        hub = connect_to_hub(settings)
        database = open_database(settings)
        app = build(settings, database, hub)
    except (NewerSchemaError, SettingsError) as problem:
        log.critical(str(problem))
        sys.exit(3)
    connections = ConnectionLimits(settings.max_connections, settings.head_seconds)
    connections.raise_file_limit()
    server = uvicorn.Server(server_config(app, connections))
    # What was built lives as long as the process. Frozen, it is not scanned by each garbage collection,
    # which would stop every request for a tenth of a second.
    gc.collect()
    gc.freeze()
    listener = listen_where_told(settings)
    # uvicorn raises the signal that stopped it again, once it has stopped.
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve(server, listener))


if __name__ == "__main__":
    main()
