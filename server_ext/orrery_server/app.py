"""The server extension: reads the manifests, builds each capability's service and serves its routes."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import List, Unicode

from orrery_server.base import credentials
from orrery_server.base.context import LabContext
from orrery_server.base.handlers import NotFoundHandler, OffHandler, rules
from orrery_server.base.installed import capabilities, load_installed, off_capability
from orrery_server.base.kernels import kernels_of
from orrery_server.base.loopback import loopback_url
from orrery_server.base.manifest import Capability
from orrery_server.base.schemas import OffCapability
from orrery_server.base.service import Service
from orrery_server.base.status import CAPABILITY as STATUS
from orrery_server.base.token import LabToken
from orrery_server.base.version import __version__

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class OrreryApp(ExtensionApp):
    """Orrery in a Jupyter server."""

    name = "orrery"
    app_name = "Orrery"
    description = "Profiles, projects and snippets in JupyterLab"
    version = __version__
    load_other_extensions = True
    classes = [capability.service for capability in capabilities()]

    withdrawn_variables = List(
        Unicode(),
        default_value=list(credentials.VARIABLES),
        help="Variables with credentials of the server that its kernels and terminals do not inherit; `[]` lets them"
        " inherit all.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Build the services; nothing that takes time happens here."""
        server = self._server()
        self.lab_token = LabToken(jupyter_runtime_dir())
        self.manifests = (STATUS, *capabilities())
        self.context = LabContext(
            base_url=server.base_url, root=Path(server.root_dir), emit=self._emit, log=self.log
        )
        self.context.kernels = kernels_of(server.kernel_manager)
        self.services: dict[str, Service] = {}
        for off in load_installed().off:
            self._turn_off(off)
        for capability in self.manifests:
            try:
                self._build(capability)
            except (Exception, SystemExit) as problem:  # noqa: BLE001 - one capability takes only itself away
                self._turn_off(off_capability(capability.name, capability.title, problem), problem)

    def _build(self, capability: Capability) -> None:
        """Construct a capability's service, and what it gives to the others."""
        if capability.events_path:
            self._events().register_event_schema(capability.events_path)
        service = capability.service(parent=self, context=self.context)
        if capability.project:
            self.context.project_source = getattr(service, capability.project.__name__)
        if capability.member:
            self.context.member_source = getattr(service, capability.member.__name__)
        if capability.recent:
            self.context.recent_sources.append(getattr(service, capability.recent.__name__))
        self.services[capability.name] = service

    def _turn_off(self, off: OffCapability, problem: BaseException | None = None) -> None:
        """Note that a capability cannot be used: its routes and the status say why."""
        self.log.error("orrery: %s is off: %s", off.name, off.reason, exc_info=problem)
        self.context.off[off.name] = off

    def initialize_handlers(self) -> None:
        """The routes below ``/orrery``, the one for all other addresses last."""
        off = self.context.off
        for capability in self.manifests:
            if service := self.services.get(capability.name):
                self.handlers.extend(
                    rules(capability.name, capability.endpoints, service, self.lab_token, off)
                )
        for name in sorted(off.keys() - {STATUS.name}):
            # What could be started and fails later has its own rules before this one.
            arguments = {"capability": name, "lab_token": self.lab_token, "off": off}
            self.handlers.append((f"/orrery/{re.escape(name)}(?:/.*)?", OffHandler, arguments))
        rest = {"capability": STATUS.name, "lab_token": self.lab_token}
        self.handlers.append(("/orrery/(?:.*)", NotFoundHandler, rest))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Once the server listens: let its kernels and terminals know where, and take its credentials from them."""
        withdrawn = credentials.withdraw(self.withdrawn_variables)
        self.log.debug("orrery: kernels and terminals do not inherit %s", ", ".join(withdrawn))
        url = loopback_url(serverapp)
        if url is None:
            self.log.warning(
                "orrery: magics and the command line cannot reach this server, for it does not listen on this machine's own address"
            )
        else:
            self.lab_token.publish(url, serverapp.root_dir)
        await asyncio.gather(*map(self._start, self.manifests))

    async def _start(self, capability: Capability) -> None:
        service = self.services.get(capability.name)
        if service is None:
            return
        try:
            async with asyncio.timeout(_START_SECONDS):
                await service.start()
        except Exception as problem:  # noqa: BLE001 - one capability takes only itself away
            self._turn_off(off_capability(capability.name, capability.title, problem), problem)

    async def stop_extension(self) -> None:
        """Withdraw the token first: nobody should ask a server that is stopping."""
        self.lab_token.withdraw()
        await asyncio.gather(*(self._stop(*item) for item in self.services.items()))
        credentials.forget()

    async def _stop(self, name: str, service: Service) -> None:
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await service.stop()
        except Exception:
            self.log.exception("orrery: %s did not stop as it should", name)

    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("Orrery is an extension: it cannot run without a Jupyter server")
        return self.serverapp

    def _events(self) -> EventLogger:
        logger = self._server().event_logger
        if logger is None:
            raise RuntimeError("the Jupyter server has no event logger yet")
        return logger

    def _emit(self, capability: str, data: dict[str, object]) -> None:
        self._events().emit(schema_id=f"urn:orrery:events:{capability}", data=data)
