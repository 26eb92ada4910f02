"""The server extension: reads options, builds the services and hands each to its handlers.

Knows every capability; known by none.
"""

from __future__ import annotations

import getpass
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from orrery_server import __version__
from orrery_server.base.handlers import NoSuchRoute, OrreryHandler, routes
from orrery_server.base.schemas import Status
from orrery_server.base.service import Service
from orrery_server.base.token import LabToken
from orrery_server.eda import handlers as eda
from orrery_server.eda.backend import SourceContext
from orrery_server.eda.service import EdaService
from orrery_server.projects import handlers as projects
from orrery_server.projects.schemas import Recent
from orrery_server.projects.service import ProjectService
from orrery_server.snippets import handlers as snippets
from orrery_server.snippets.service import SnippetService
from orrery_wire.errors import OrreryError

EVENTS = ("eda", "projects", "snippets")
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]", "*": "127.0.0.1"}  # noqa: S104


class StatusHandler(OrreryHandler):
    """What is installed and for whom."""

    capability = "status"

    def initialize(self, **given: Any) -> None:
        """Take what there is to say."""
        self.status: Status = given.pop("status")
        super().initialize(**given)

    async def get(self) -> None:
        self.answer(self.status)


class OrreryApp(ExtensionApp):
    """Orrery in a Jupyter server."""

    name = "orrery"
    app_name = "Orrery"
    description = "Profiles, projects and snippets in JupyterLab"
    version = __version__
    load_other_extensions = True
    classes = [EdaService, ProjectService, SnippetService]

    def initialize_settings(self) -> None:
        """Build the services; nothing that takes time happens here."""
        server = self._server()
        user = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
        self.lab_token = LabToken(jupyter_runtime_dir())
        self.snippets = SnippetService(parent=self, emit=self._emit)
        self.projects = ProjectService(
            parent=self,
            emit=self._emit,
            user=user,
            root=Path(server.root_dir),
            recently=self._recently,
        )
        self.eda = EdaService(
            parent=self,
            emit=self._emit,
            user=user,
            context=SourceContext(root=Path(server.root_dir), lake=self._lake),
            project=self._project,
        )
        self.status = Status(
            version=__version__,
            hub=self.projects.at_hub,
            user=user,
            capabilities=tuple(sorted(EVENTS)),
        )
        for capability in EVENTS:
            self._events().register_event_schema(
                Path(__file__).parent / "events" / capability / "v1.yaml"
            )

    def initialize_handlers(self) -> None:
        """The routes below ``/orrery``, the one for all other addresses last."""
        token = {"lab_token": self.lab_token}
        table = [
            *routes([("status", StatusHandler)], status=self.status, **token),
            *routes(eda.TABLE, service=self.eda, **token),
            *routes(projects.TABLE, service=self.projects, **token),
            *routes(snippets.TABLE, service=self.snippets, **token),
            *routes([("(?:.*)", NoSuchRoute)], **token),
        ]
        self.handlers.extend(table)

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Once the server listens: let its kernels and terminals know where."""
        url = own_url(serverapp)
        if url is None:
            self.log.warning(
                "orrery: magics and the command line cannot reach this server, for it does not listen on this machine's own address"
            )
        else:
            self.lab_token.publish(url, serverapp.root_dir)
        for service in self._services():
            await service.start()

    async def stop_extension(self) -> None:
        """Withdraw the token first: nobody should ask a server that is stopping."""
        self.lab_token.withdraw()
        for service in self._services():
            await service.stop()

    def _services(self) -> tuple[Service, ...]:
        return (self.projects, self.snippets, self.eda)

    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("Orrery is an extension: it cannot run without a Jupyter server")
        return self.serverapp

    def _events(self) -> EventLogger:
        logger = self._server().event_logger
        if logger is None:
            raise RuntimeError("the Jupyter server has no event logger yet")
        return logger

    def _emit(self, capability: str, data: dict[str, Any]) -> None:
        self._events().emit(schema_id=f"urn:orrery:events:{capability}", data=data)

    async def _lake(self) -> str | None:
        """Where the current project's data are; None if there is no project, or its hub is away."""
        with suppress(OrreryError):
            current = (await self.projects.current()).project
            return current.lake if current else None
        return None

    async def _project(self) -> str:
        with suppress(OrreryError):
            current = (await self.projects.current()).project
            return current.slug if current else ""
        return ""

    async def _recently(self, most: int) -> list[Recent]:
        used = [
            Recent(kind="snippet", label=one.name, id=one.id, when=one.used)
            for one in await self.snippets.recent(most)
            if one.used is not None
        ]
        ran = [
            Recent(
                kind="run",
                label=one.source.name or one.source.location,
                id=one.id,
                when=one.created,
            )
            for one in await self.eda.recent(most)
        ]
        return [*used, *ran]


def own_url(server: ServerApp) -> str | None:
    """Where a process on this machine reaches the server; None if it cannot."""
    if server.sock:
        return None
    host = _LOOPBACK.get(server.ip, f"[{server.ip}]" if ":" in server.ip else server.ip)
    if host not in ("localhost", "[::1]") and not host.startswith("127."):
        return None
    scheme = "https" if server.certfile else "http"
    return f"{scheme}://{host}:{server.port}{server.base_url}"
