"""What data means on this server: connections, the tree, and files; each part is a class of routes on the same core."""

from __future__ import annotations

from traitlets import default

from orrery_server.base.backend import BackendName
from orrery_server.base.hub import is_at_hub
from orrery_server.data.browsing import TreeRoutes
from orrery_server.data.connecting import ConnectionRoutes
from orrery_server.data.files import FileRoutes
from orrery_server.data.previews import PreviewRoutes


class DataService(ConnectionRoutes, TreeRoutes, FileRoutes, PreviewRoutes):
    """Connections to data, and one tree over everything that they lead to."""

    backend = BackendName("orrery.data", help="Where connections are stored.").tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "hub" if is_at_hub() else "local"
