"""Health and metrics routes for an operator's tools."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from orrery_hub.base import sqlite_file
from orrery_hub.base.auth import ScopeRequirement, TokenAuthenticator, bearer_token
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import OrreryError, StorageFull
from orrery_wire.schemas import Shape

# A result is given again for so long: whoever asks more often asks no database.
FRESH_SECONDS = 1.0
# After so many seconds without an answer of the database, that is the answer.
ANSWER_SECONDS = 3.0
_SPARE_BYTES = 16 * 1024 * 1024


class Health(Shape):
    """Health of the service. `degraded`: it works, and an operator has to read the notices; `read-only`: nothing can be saved."""

    status: Literal["ok", "degraded", "failing"]
    database: Literal["ok", "read-only", "failing"]
    notices: tuple[str, ...] = ()


Notices = Callable[[], Sequence[str]]
_FAILING = Health(status="failing", database="failing")


def health(database: Database, others: Iterable[Notices] = ()) -> Health:
    """Health by a query of the database, a write that is undone, its notices and those of the capabilities."""
    storage: Literal["ok", "read-only"] = "ok"
    notices: list[str] = []
    try:
        database.ping()
        database.probe_write()
    except StorageFull as problem:
        storage = "read-only"
        notices.append(f"Nothing can be saved. {problem.reason}")
    except OrreryError:
        return _FAILING
    if storage == "ok" and (free := _free_bytes(database)) < _SPARE_BYTES:
        notices.append(f"The disk of the hub's database is almost full: {free:,} bytes are left.")
    notices += sqlite_file.notices(database.file)
    notices += [text for read in others for text in read()]
    status: Literal["ok", "degraded"] = "degraded" if notices else "ok"
    return Health(status=status, database=storage, notices=tuple(notices))


def _free_bytes(database: Database) -> float:
    return shutil.disk_usage(database.file.parent).free if database.file else float("inf")


class HealthProbe:
    """Examines the health in a thread of its own, so that the answer waits for no other request."""

    def __init__(self, examine: Callable[[], Health]) -> None:
        self._examine = examine
        self._running: Future[Health] | None = None
        self._latest: tuple[float, Health] = (-FRESH_SECONDS, _FAILING)

    async def current(self) -> Health:
        """The health now, or that the database does not answer."""
        moment, latest = self._latest
        if time.monotonic() - moment < FRESH_SECONDS:
            return latest
        if self._running is None or self._running.done():
            self._running = Future()
            threading.Thread(
                target=self._run, args=(self._running,), name="health", daemon=True
            ).start()
        # The examination goes on when nobody waits for it any more.
        answer = asyncio.shield(asyncio.wrap_future(self._running))
        try:
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            return _FAILING

    def _run(self, result: Future[Health]) -> None:
        try:
            examined = self._examine()
        except Exception as problem:  # noqa: BLE001  # the thread's edge: whoever waits gets it
            result.set_exception(problem)
        else:
            self._latest = (time.monotonic(), examined)
            result.set_result(examined)


def router(database: Database, metrics: Metrics, notices: Sequence[Notices] = ()) -> APIRouter:
    """Routes ``/health`` and ``/metrics``."""
    routes = APIRouter(tags=["operations"])
    require_admin = ScopeRequirement(PLATFORM_ADMIN)
    probe = HealthProbe(lambda: health(database, notices))

    @routes.get("/health")
    async def get_health() -> Health:
        """Whether the service works; open to all."""
        current = await probe.current()
        if current.status == "failing":
            return JSONResponse(current.model_dump(), 503)  # type: ignore[return-value]
        return current

    @routes.get("/metrics", response_class=Response)
    async def get_metrics(request: Request) -> Response:
        """Prometheus metrics, for an administrator's token or the one in `secrets/metrics_token`."""
        authenticator: TokenAuthenticator = request.app.state.authenticator
        if not authenticator.is_metrics_token(bearer_token(request)):
            await require_admin(request)
        text, kind = metrics.text()
        return Response(text, media_type=kind)

    return routes
