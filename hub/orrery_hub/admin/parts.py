"""How every part of the product is, asked when somebody looks."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import httpx

from orrery_hub import __version__
from orrery_hub.admin.schemas import Part, Status, Work
from orrery_hub.admin.schemas import Parts as PartsShape
from orrery_hub.base.contracts import PartProbe
from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.servers import INTERVAL_SECONDS, ServerList
from orrery_hub.settings import Settings
from orrery_wire.errors import OrreryError

_ANSWER_SECONDS = 3.0
_SLOW_MILLISECONDS = 1_000.0
Probe = Callable[[], Awaitable[tuple[Status, str]]]


class Parts:
    """Asks the parts."""

    def __init__(
        self,
        database: Database,
        hub: httpx.AsyncClient,
        servers: ServerList,
        metrics: Metrics,
        settings: Settings,
        *,
        others: Sequence[PartProbe] = (),
    ) -> None:
        self._database = database
        self._hub = hub
        self._servers = servers
        self._metrics = metrics
        self._others = others
        self._mlflow = settings.mlflow_tracking_uri
        self._started = now()

    async def current(self) -> PartsShape:
        """Every part as it is now."""
        probes: list[tuple[str, str, Probe]] = [
            ("jupyterhub", "JupyterHub", self._ask_hub),
            ("database", "Database of the hub service", self._ask_database),
            ("servers", "List of servers", self._ask_servers),
        ]
        if self._mlflow.startswith(("http://", "https://")):
            probes.append(("mlflow", "MLflow", self._ask_mlflow))
        probes += self._others
        parts = await asyncio.gather(*(_ask(*probe) for probe in probes))
        return PartsShape(
            parts=tuple(parts), work=self._work(), version=__version__, started=self._started
        )

    async def _ask_hub(self) -> tuple[Status, str]:
        response = await self._hub.get("/", timeout=_ANSWER_SECONDS)
        version = response.raise_for_status().json().get("version", "")
        return "ok", f"Version {version}"

    async def _ask_database(self) -> tuple[Status, str]:
        await asyncio.to_thread(self._database.ping)
        file = self._database.file
        if file is None:
            return "ok", self._database.url.get_backend_name()
        size = await asyncio.to_thread(lambda: file.stat().st_size)
        return "ok", f"SQLite, {size / 1_000_000:,.1f} MB"

    async def _ask_servers(self) -> tuple[Status, str]:
        age = self._servers.age_seconds()
        if age is None:
            return "unknown", "JupyterHub was not asked yet."
        status: Status = "ok" if age < 4 * INTERVAL_SECONDS else "degraded"
        return status, f"{len(self._servers.all()):,} servers, {age:.0f} s ago"

    async def _ask_mlflow(self) -> tuple[Status, str]:
        async with httpx.AsyncClient(trust_env=False, timeout=_ANSWER_SECONDS) as client:
            response = await client.get(f"{self._mlflow.rstrip('/')}/health")
        response.raise_for_status()
        return "ok", "It answers."

    def _work(self) -> tuple[Work, ...]:
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for metric in self._metrics.background.collect():
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    labels = sample.labels
                    counts[labels["work"]][labels["outcome"]] = int(sample.value)
        return tuple(
            Work(name=name, done=outcomes.get("done", 0), failed=outcomes.get("failed", 0))
            for name, outcomes in sorted(counts.items())
        )


async def _ask(name: str, title: str, probe: Probe) -> Part:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            status, text = await probe()
    except TimeoutError:
        return Part(name=name, title=title, status="failing", text="It does not answer.")
    except (httpx.HTTPError, ValueError) as problem:
        return Part(name=name, title=title, status="failing", text=f"It failed: {problem}.")
    except OrreryError as problem:
        return Part(name=name, title=title, status="failing", text=problem.message)
    milliseconds = round((time.perf_counter() - started) * 1_000, 1)
    if status == "ok" and milliseconds > _SLOW_MILLISECONDS:
        status = "degraded"
    return Part(name=name, title=title, status=status, text=text, milliseconds=milliseconds)
