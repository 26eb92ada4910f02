"""What the server says of itself: who it serves, what is installed, and the description of its own API."""

from __future__ import annotations

import asyncio
import json
from functools import cache

from orrery_server.base.hub import is_at_hub
from orrery_server.base.installed import capabilities
from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Download, Route
from orrery_server.base.schemas import Status
from orrery_server.base.service import Service
from orrery_server.base.version import __version__


@cache
def _openapi(base_url: str) -> bytes:
    # A quarter of a second of imports and schemas that nobody needs who does not ask for it.
    from orrery_server.base.openapi import document

    manifests = (CAPABILITY, *capabilities())
    return json.dumps(document(manifests, __version__, base_url), indent=1).encode()


class StatusService(Service):
    """The server's own facts."""

    async def status(self) -> Status:
        """What is installed and for whom."""
        return Status(
            version=__version__,
            hub=is_at_hub(),
            user=self.context.user,
            capabilities=tuple(
                capability.name
                for capability in capabilities()
                if capability.name not in self.context.off
            ),
            off=tuple(self.context.off[name] for name in sorted(self.context.off)),
        )

    async def openapi(self) -> Download:
        """This API as an OpenAPI 3.1 document."""
        return Download(await asyncio.to_thread(_openapi, self.context.base_url))


CAPABILITY = Capability(
    name="status",
    title="Status",
    service=StatusService,
    routes=(
        Route("GET", "status", StatusService.status),
        Route("GET", "openapi.json", StatusService.openapi, media="application/json"),
    ),
)
