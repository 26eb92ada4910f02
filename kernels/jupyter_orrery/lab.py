"""The Jupyter server that this process talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orrery_kernels.connection import Connection, use_server
from orrery_kernels.connection import list_connections as servers
from orrery_kernels.status import status
from orrery_wire.errors import OrreryError

if TYPE_CHECKING:
    from orrery_kernels.data.connection import DataConnection


def connect(name: str) -> DataConnection:
    """A connection by its name: your own, else the current project's, else everybody's.

    ``connect("sales").fs`` is a filesystem that pandas, pyarrow and DuckDB take; there is nothing secret in it.

    Raises:
        NotFound: there is none of that name.
    """
    from orrery_kernels.data.service import Data

    return Data().connect(name)


__all__ = ["Connection", "OrreryError", "connect", "servers", "status", "use_server"]
