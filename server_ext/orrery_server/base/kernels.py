"""What the kernels of this server do, as its kernel manager watches them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from orrery_server.base.sources import KernelUse, KernelUses


def kernels_of(manager: MappingKernelManager) -> KernelUses:
    """Whom to ask for the kernels of a manager."""

    def uses() -> Sequence[KernelUse]:
        kernels = (manager.get_kernel(id_) for id_ in manager.list_kernel_ids())
        return [
            KernelUse(
                is_busy=getattr(kernel, "execution_state", "") == "busy",
                last_activity=getattr(kernel, "last_activity", None) or datetime.now(UTC),
            )
            for kernel in kernels
        ]

    return uses
