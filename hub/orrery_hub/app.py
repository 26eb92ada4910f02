"""The hub service: wiring only. Knows every capability; known by none."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import uvicorn
from fastapi import FastAPI
from jupyterhub.services.auth import HubOAuth

from orrery_hub import __version__
from orrery_hub.audit.routes import router as audit_routes
from orrery_hub.audit.service import AuditService
from orrery_hub.base import api_docs, auth, health, logs, sqlite_file
from orrery_hub.base.auth import TokenAuthenticator
from orrery_hub.base.db import Database, now
from orrery_hub.base.http import RequestMiddleware, install_error_handlers
from orrery_hub.base.login import Login
from orrery_hub.base.login import router as login_routes
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.migrate import NewerSchemaError, upgrade
from orrery_hub.base.secret import secret
from orrery_hub.projects.group_sync import GroupSync
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.routes import router as project_routes
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import memberships
from orrery_hub.settings import Settings
from orrery_hub.snippets.routes import router as snippet_routes
from orrery_hub.snippets.service import SnippetService
from orrery_wire.errors import OrreryError
from orrery_wire.schemas import build_shapes

log = logging.getLogger("orrery_hub")

HOUSEKEEPING_SECONDS = 6 * 3600
ORPHAN_SECONDS = 0.5
BIND_SECONDS = 20.0


def open_database(settings: Settings) -> Database:
    """The database, mended if it was damaged and brought to this version's schema.

    Raises:
        NewerSchemaError: a newer version of Orrery wrote it.
    """
    database = Database(settings.database())
    mended = sqlite_file.mend(database.file) if database.file else False
    upgrade(database)
    if mended:
        SnippetService(database, memberships).forget_cursors()
    return database


def build(settings: Settings, database: Database, hub: HubOAuth) -> FastAPI:
    """The service on a database and a hub; a route that declares no scope makes it fail."""
    build_shapes()
    metrics = Metrics()
    gate = TokenAuthenticator(
        hub,
        metrics,
        seconds=settings.token_cache_seconds,
        metrics_token=secret(settings.secrets, "metrics_token"),
    )
    login = Login(gate, hub, secret(settings.secrets, "service_cookie_secret"))
    client = httpx.AsyncClient(
        base_url=hub.api_url,
        headers={"Authorization": f"token {hub.api_token}"},
        timeout=httpx.Timeout(60, connect=5),
        trust_env=False,
    )
    audit = AuditService(database)
    group_sync = GroupSync(database, client, metrics)
    projects = ProjectService(
        database,
        Locations(settings.home, settings.projects_lake, settings.projects_repository),
        default=(settings.default_project, settings.default_project_name)
        if settings.default_project
        else None,
        record=audit.record,
        on_change=group_sync.wake,
    )
    snippets = SnippetService(
        database, memberships, keep_versions=settings.snippet_versions, record=audit.record
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client, asyncio.TaskGroup() as background:
            tasks = [
                background.create_task(group_sync.run()),
                background.create_task(
                    _keep_house(settings, database, snippets, projects, metrics)
                ),
            ]
            yield
            for task in tasks:
                task.cancel()
        database.close()

    app = FastAPI(
        title="Orrery hub service",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.gate = gate
    prefix = hub.base_url.rstrip("/")
    for capability in (
        health.router(database, metrics),
        audit_routes(audit),
        project_routes(projects),
        snippet_routes(snippets),
    ):
        app.include_router(capability, prefix=f"{prefix}/api")
    for browser in (login_routes(login), api_docs.router(login)):
        app.include_router(browser, prefix=prefix)
    install_error_handlers(app)
    app.add_middleware(RequestMiddleware, metrics=metrics, max_body=settings.max_body)
    auth.check(app, _public(prefix))
    return app


def _public(prefix: str) -> frozenset[str]:
    """Routes that do not declare a scope: they ask nobody, or let a browser log in."""
    open_to_all = ("/oauth_callback", "/", "/api/docs", "/api/health")
    check_themselves = ("/api/openapi.json", "/api/metrics")
    return frozenset(prefix + path for path in open_to_all + check_themselves)


async def _keep_house(
    settings: Settings,
    database: Database,
    snippets: SnippetService,
    projects: ProjectService,
    metrics: Metrics,
) -> None:
    """Now and every few hours: a copy of the database, and away with what was deleted long ago."""

    def once() -> None:
        if database.file:
            sqlite_file.copy(database.file)
        before = now() - timedelta(days=settings.undelete_days)
        snippets.purge(before)
        projects.purge(before)

    while True:
        try:
            await asyncio.to_thread(once)
            metrics.background.labels("housekeeping", "done").inc()
        except (OrreryError, OSError) as problem:
            metrics.background.labels("housekeeping", "failed").inc()
            log.warning("housekeeping has to wait: %s", problem)
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until told to stop, or until JupyterHub is gone.

    A hub that was killed starts a new service on the same port; this one must not be in its way.
    """
    parent = os.getppid()

    async def watch() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110  # no event tells that a parent died
            await asyncio.sleep(ORPHAN_SECONDS)
        log.warning("JupyterHub is gone, so its service stops")
        server.should_exit = True

    watching = asyncio.create_task(watch())
    await server.serve(sockets=[listener])
    watching.cancel()


def _listen(url: str) -> socket.socket:
    """A socket at the service's address; an older service of a killed hub gets time to leave."""
    parts = urlsplit(url)
    # Named as TCP, so that asyncio sends each answer at once (TCP_NODELAY) and not 40 ms later.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    until = time.monotonic() + BIND_SECONDS
    while True:
        try:
            listener.bind((parts.hostname, parts.port or 80))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            listener.listen(2048)
            return listener


def main() -> None:
    """Run the service as JupyterHub started it: its environment says where and as whom."""
    settings = Settings()
    logs.start(settings.log_level)
    try:
        database = open_database(settings)
    except NewerSchemaError as problem:
        log.critical(str(problem))
        sys.exit(3)
    hub = HubOAuth()
    app = build(settings, database, hub)
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
        )
    )
    # What was built lives as long as the process: looking through it again would stop every request for a tenth of a second.
    gc.collect()
    gc.freeze()
    listener = _listen(os.environ["JUPYTERHUB_SERVICE_URL"])
    # uvicorn passes on the signal that stopped it, once it has stopped.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(server, listener))


if __name__ == "__main__":
    main()
