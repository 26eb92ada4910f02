"""What every part of the service of data stands on: the backend, the uses of connections, and the open locations."""

from __future__ import annotations

from typing import Any

from orrery_server.base.backend import BackendName
from orrery_server.base.service import Service
from orrery_server.data.backend import ConnectionBackend
from orrery_server.data.leases import Leases
from orrery_server.data.locations import LocationFinder


class DataCore(Service):
    """Connections and locations, for the parts of the service; it answers no route by itself.

    The option ``backend`` is the whole service's.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backend: ConnectionBackend = BackendName.backend_class(self)(parent=self)
        self._leases = Leases(self._backend, self.log)
        self._locations = LocationFinder(self.context, self._backend, self._leases, self.log)

    async def stop(self) -> None:
        """Close what is open, and end the uses of connections."""
        await self._locations.close()
        await self._backend.close()

    def _emit_event(self, action: str, **more: object) -> None:
        self.context.emit("data", {"action": action, **more})
