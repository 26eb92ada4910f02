"""What every capability's service is: options as traits, one backend by name, no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets.config import LoggingConfigurable

Emit = Callable[[str, dict[str, Any]], None]


def silent(_event: str, _data: dict[str, Any]) -> None:
    """Emits nothing: for a service that nobody audits, as in a test."""


class Service(LoggingConfigurable):
    """The meaning of a capability. Its methods are coroutines and raise ``errors.py``."""

    def __init__(self, *, emit: Emit = silent, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.emit = emit

    async def start(self) -> None:
        """Make ready what must not cost time at the first request; called once the server listens."""

    async def stop(self) -> None:
        """Stop what runs and close what is open."""
