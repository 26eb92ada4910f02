"""Data: list, read and write files and tables through the lab's connections.

A thing is named by ``NAME:PATH``: the name of a connection, ``lake`` or ``files``, and the path in it. Keys and
passwords stay with the lab's server; ``orrery.connect(NAME)`` gives a connection for code.
"""

from __future__ import annotations

from orrery_kernels.data.connection import DataConnection
from orrery_kernels.data.service import Data
from orrery_wire.types.data import Entry, Location

_service = Data()

connections = _service.connections
get = _service.get
head = _service.head
ls = _service.ls
put = _service.put

__all__ = ["DataConnection", "Entry", "Location", "connections", "get", "head", "ls", "put"]
