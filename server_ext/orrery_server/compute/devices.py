"""How much the devices of this server compute, by NVIDIA's management library; where that cannot be said, why."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

# From this per cent on a device computes, and does not only draw a screen.
_COMPUTES = 5


class DeviceUse(NamedTuple):
    """Use of the device that computes most, in thousandths; None if that is not known, with the reason in ``note``."""

    permille: int | None
    note: str = ""


def device_use(environment: Mapping[str, str] = os.environ) -> DeviceUse:
    """The use of the devices that this server may see, now."""
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        return DeviceUse(None, "not measured: nvidia-ml-py is not installed")
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as problem:
        return DeviceUse(None, f"not measured: {_words(problem)}")
    try:
        handles = _visible(nvml, environment.get("CUDA_VISIBLE_DEVICES"))
        if not handles:
            return DeviceUse(None, "not measured: this server sees no device")
        return _most(nvml, handles)
    except nvml.NVMLError as problem:
        return DeviceUse(None, f"not measured: {_words(problem)}")
    finally:
        nvml.nvmlShutdown()


def _most(nvml: ModuleType, handles: Sequence[Any]) -> DeviceUse:
    """The most of any device: work on one of eight is work. A device that computes is enough, whatever others do."""
    most, note = 0, ""
    for handle in handles:
        try:
            most = max(most, int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu))
        except nvml.NVMLError as problem:
            # A slice of a device has no counter of its own.
            note = f"not measured: {_words(problem)}"
    return DeviceUse(None, note) if note and most < _COMPUTES else DeviceUse(min(1000, most * 10))


def _visible(nvml: ModuleType, variable: str | None) -> Sequence[Any]:
    """The devices that programs of this server use: all, or those that the variable of CUDA names."""
    if variable is None:
        count = nvml.nvmlDeviceGetCount()
        return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
    handles = []
    for word in (part.strip() for part in variable.split(",")):
        if word.isdigit():
            handles.append(nvml.nvmlDeviceGetHandleByIndex(int(word)))
        elif word.startswith(("GPU-", "MIG-")):
            handles.append(nvml.nvmlDeviceGetHandleByUUID(word))
        else:
            break  # CUDA ignores what follows a word that it does not understand
    return handles


def _words(problem: Exception) -> str:
    return str(problem).strip().rstrip(".")[:150] or type(problem).__name__
