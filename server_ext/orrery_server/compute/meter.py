"""Measures what a lab uses: its kernels, the CPUs and memory of its processes, its devices."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import psutil

from orrery_server.base.sources import KernelUse
from orrery_server.compute.devices import DeviceUse, device_use
from orrery_server.compute.processes import LabProcesses
from orrery_wire.culling import Activity

_MIB = 1024 * 1024
_NOTE = 200


class Meter:
    """Samples now and then, and gives the mean since the last report; memory is the most of any sample.

    ``processes`` are those of the lab: what it started, also what was detached from it.
    """

    def __init__(
        self,
        kernels: Callable[[], Sequence[KernelUse]],
        *,
        processes: Callable[[], Sequence[psutil.Process]] | None = None,
        devices: Callable[[], DeviceUse] = device_use,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kernels = kernels
        self._processes = processes or LabProcesses()
        self._devices = devices
        self._clock = clock
        self._seconds: dict[tuple[int, float], float] = {}
        self._sampled_at: float | None = None
        self._reset()

    def _reset(self) -> None:
        self._cpu_seconds = 0.0
        self._elapsed = 0.0
        self._memory = 0
        self._busy = 0
        self._device_uses: list[int] = []
        self._note = ""

    def sample(self) -> None:
        """Measure now; what ends between two samples is measured up to the first of them."""
        moment = self._clock()
        seconds: dict[tuple[int, float], float] = {}
        memory = 0
        for process in self._processes():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    seconds[process.pid, process.create_time()] = times.user + times.system
                    memory += process.memory_info().rss
            except psutil.Error:
                continue  # it ended while it was looked at
        if self._sampled_at is not None:
            self._elapsed += moment - self._sampled_at
            self._cpu_seconds += sum(
                max(0.0, value - self._seconds.get(key, 0.0)) for key, value in seconds.items()
            )
        self._seconds, self._sampled_at = seconds, moment
        self._memory = max(self._memory, memory)
        self._busy = max(self._busy, sum(kernel.is_busy for kernel in self._kernels()))
        use = self._devices()
        self._note = use.note
        if use.permille is not None:
            self._device_uses.append(use.permille)

    def take(self) -> Activity:
        """What was measured since the last report."""
        kernels = self._kernels()
        uses = self._device_uses
        activity = Activity(
            busy_kernels=max(self._busy, sum(kernel.is_busy for kernel in kernels)),
            idle_seconds=_idle_seconds(kernels),
            cpu_millis=round(self._cpu_seconds * 1000 / self._elapsed) if self._elapsed else 0,
            memory_mib=self._memory // _MIB,
            device_permille=sum(uses) // len(uses) if uses else None,
            device_note=self._note[:_NOTE],
        )
        self._reset()
        return activity


def _idle_seconds(kernels: Sequence[KernelUse]) -> int | None:
    """Since when no kernel has done anything; None where there is none."""
    if not kernels:
        return None
    if any(kernel.is_busy for kernel in kernels):
        return 0
    latest = max(kernel.last_activity for kernel in kernels)
    return max(0, int((datetime.now(UTC) - latest).total_seconds()))
