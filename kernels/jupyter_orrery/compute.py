"""Compute: the pools that a server may run on, requests for devices, and your servers at the hub.

orrery.compute.pools.list()
orrery.compute.queue.request("one-a100")
orrery.compute.servers.stop("training")
"""

from __future__ import annotations

from orrery_kernels.compute.service import Pools, Queue, Servers
from orrery_wire.types.compute import Lease, OwnServer, ProfileChoice, Ticket

pools = Pools()
queue = Queue()
servers = Servers()

__all__ = ["Lease", "OwnServer", "ProfileChoice", "Ticket", "pools", "queue", "servers"]
