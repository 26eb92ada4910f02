"""Service base class: options as traits, the lab's context, no HTTP."""

from __future__ import annotations

from typing import Any

from traitlets.config import LoggingConfigurable

from orrery_server.base.context import LabContext


class Service(LoggingConfigurable):
    """The meaning of a capability. Its methods are coroutines and raise the errors of ``orrery_wire.errors``."""

    def __init__(self, *, context: LabContext | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context or LabContext()

    async def start(self) -> None:
        """Make ready what must not cost time at the first request; called once the server listens."""

    async def stop(self) -> None:
        """Stop what runs and close what is open."""
