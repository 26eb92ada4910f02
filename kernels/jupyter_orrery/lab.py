"""The Jupyter server that this process talks to."""

from __future__ import annotations

from orrery_kernels.connection import Connection, use_server
from orrery_kernels.connection import list_connections as servers
from orrery_kernels.status import status
from orrery_wire.errors import OrreryError

__all__ = ["Connection", "OrreryError", "servers", "status", "use_server"]
