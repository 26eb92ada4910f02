"""What a lab measures of itself and tells the hub: kernels, processes, devices, and what it does when the hub is away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest

from orrery_server.base.sources import KernelUse
from orrery_server.compute.devices import DeviceUse, device_use
from orrery_server.compute.meter import Meter
from orrery_server.compute.processes import LabProcesses
from orrery_server.compute.reporter import Reporter
from orrery_wire.culling import Activity, CullState
from orrery_wire.errors import BackendUnavailable
from tests.loops import each

GIB = 1024**3


class Process:
    """A process that uses what a test says."""

    def __init__(self, pid: int, memory: int) -> None:
        self.pid = pid
        self.memory = memory
        self.seconds = 0.0
        self.is_gone = False

    def oneshot(self) -> Any:
        return contextlib.nullcontext()

    def create_time(self) -> float:
        return float(self.pid)

    def cpu_times(self) -> Any:
        if self.is_gone:
            raise psutil.NoSuchProcess(self.pid)
        return SimpleNamespace(user=self.seconds, system=0.0)

    def memory_info(self) -> Any:
        return SimpleNamespace(rss=self.memory)


class Bench:
    """A meter over processes, kernels and devices that a test moves."""

    def __init__(self) -> None:
        self.moment = 0.0
        self.processes = [Process(1, GIB), Process(2, GIB)]
        self.kernels: list[KernelUse] = []
        self.device = DeviceUse(None, "not measured: no driver")
        self.meter = Meter(
            lambda: self.kernels,
            processes=lambda: self.processes,  # type: ignore[arg-type,return-value]
            devices=lambda: self.device,
            clock=lambda: self.moment,
        )

    def go(self, seconds: float, *cpus: float) -> None:
        self.moment += seconds
        for process, cpu in zip(self.processes, cpus, strict=False):
            process.seconds += seconds * cpu
        self.meter.sample()


def kernel(*, busy: bool, ago: int = 0) -> KernelUse:
    return KernelUse(busy, datetime.now(UTC) - timedelta(seconds=ago))


def test_cpu_is_a_mean_and_memory_the_most() -> None:
    bench = Bench()
    bench.go(0)
    bench.go(10, 1.0, 0.5)
    bench.processes[0].memory = 3 * GIB
    bench.go(10, 0.0, 0.5)
    bench.processes[0].memory = GIB
    bench.go(10)
    taken = bench.meter.take()
    assert (taken.cpu_millis, taken.memory_mib) == (667, 4096)
    bench.go(10)
    assert bench.meter.take().cpu_millis == 0


def test_processes_come_and_go_without_a_jump() -> None:
    bench = Bench()
    bench.processes[0].seconds = 10_000.0  # before anybody measured
    bench.go(0)
    bench.processes[1].is_gone = True
    new = Process(3, GIB)
    bench.processes.append(new)
    bench.go(10, 0.1, 0.0, 0.4)
    assert bench.meter.take().cpu_millis == 500


def test_a_kernel_that_was_busy_in_any_sample_is_busy() -> None:
    bench = Bench()
    bench.kernels = [kernel(busy=True), kernel(busy=False, ago=500)]
    bench.go(0)
    bench.kernels = [kernel(busy=False, ago=20), kernel(busy=False, ago=500)]
    bench.go(10)
    taken = bench.meter.take()
    assert taken.busy_kernels == 1
    assert taken.idle_seconds is not None
    assert 20 <= taken.idle_seconds < 30
    bench.go(10)
    assert bench.meter.take().busy_kernels == 0
    bench.kernels = []
    assert bench.meter.take().idle_seconds is None


def test_devices_are_a_mean_or_are_said_not_to_be_measured() -> None:
    bench = Bench()
    bench.go(0)
    assert bench.meter.take().device_note == "not measured: no driver"
    for permille in (0, 900):
        bench.device = DeviceUse(permille)
        bench.go(10)
    taken = bench.meter.take()
    assert (taken.device_permille, taken.device_note) == (450, "")


_ENDLESS = "import time; time.sleep(60)"
_DETACHED = {
    "setsid": ["setsid", "-f", sys.executable, "-c", _ENDLESS],
    "nohup": ["sh", "-c", f"nohup {sys.executable} -c '{_ENDLESS}' >/dev/null 2>&1 &"],
    "double fork": [
        sys.executable,
        "-c",
        "import os, subprocess, sys; os.setsid(); subprocess.Popen([sys.executable, '-c', sys.argv[1]])",
        _ENDLESS,
    ],
}


@pytest.mark.parametrize("how", sorted(_DETACHED))
def test_what_was_detached_from_a_terminal_is_the_labs(how: str) -> None:
    """It is nobody's child, and not that of another server of the same account of the machine."""
    own = {"JUPYTERHUB_SERVICE_PREFIX": f"/user/ann/{uuid.uuid4().hex}/"}
    lists = {
        "own": LabProcesses(own),
        "another": LabProcesses({"JUPYTERHUB_SERVICE_PREFIX": f"/user/ann/{uuid.uuid4().hex}/"}),
        "no hub": LabProcesses({}),
    }
    subprocess.run(_DETACHED[how], env=os.environ | own, check=True)

    def detached(name: str) -> list[psutil.Process]:
        own_children = {p.pid for p in psutil.Process().children(recursive=True)}
        return [p for p in lists[name]() if p.pid not in own_children | {os.getpid()}]

    try:
        until = time.monotonic() + 10
        while not (processes := detached("own")) and time.monotonic() < until:
            time.sleep(0.05)
        assert [process.cmdline()[1:] for process in processes] == [["-c", _ENDLESS]]
        assert detached("own") == processes, "what is known already"
        assert (detached("another"), detached("no hub")) == ([], [])
    finally:
        for process in detached("own"):
            process.kill()


def test_this_process_is_measured() -> None:
    meter = Meter(list, devices=lambda: DeviceUse(None))
    meter.sample()
    sum(range(2_000_000))
    meter.sample()
    taken = meter.take()
    assert taken.memory_mib > 10
    assert taken.cpu_millis > 0


class Library(ModuleType):
    """Stands for NVIDIA's library: two devices, by their use in percent."""

    class NVMLError(Exception):
        """What the library raises."""

    def __init__(self, uses: dict[object, int | None], driver: bool = True) -> None:
        super().__init__("pynvml")
        self.uses = uses
        self.driver = driver
        self.open = 0

    def nvmlInit(self) -> None:  # noqa: N802
        if not self.driver:
            raise self.NVMLError("Driver Not Loaded")
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.uses)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object:  # noqa: N802
        if index >= len(self.uses):
            raise self.NVMLError("Invalid Argument")
        return list(self.uses)[index]

    def nvmlDeviceGetHandleByUUID(self, name: str) -> object:  # noqa: N802
        return name

    def nvmlDeviceGetUtilizationRates(self, handle: object) -> Any:  # noqa: N802
        use = self.uses[handle]
        if use is None:
            raise self.NVMLError("Not Supported")
        return SimpleNamespace(gpu=use)


@each(
    "uses, visible, expected",
    [
        ({"a": 20, "b": 60}, None, DeviceUse(600)),
        # Work on one of eight devices is work.
        ({"a": 30} | dict.fromkeys("bcdefgh", 0), None, DeviceUse(300)),
        (dict.fromkeys("abcdefgh", 0), None, DeviceUse(0)),
        ({"a": 0, "MIG-b": None}, None, DeviceUse(None, "not measured: Not Supported")),
        ({"a": 70, "MIG-b": None}, None, DeviceUse(700)),
        ({"MIG-b": None, "a": 70}, None, DeviceUse(700)),
        ({"a": 20, "b": 60}, "1", DeviceUse(600)),
        ({"a": 20, "GPU-b": 60}, "GPU-b", DeviceUse(600)),
        ({"a": 20}, "", DeviceUse(None, "not measured: this server sees no device")),
        ({}, None, DeviceUse(None, "not measured: this server sees no device")),
        ({"a": 20}, "7", DeviceUse(None, "not measured: Invalid Argument")),
        ({"MIG-a": None}, "MIG-a", DeviceUse(None, "not measured: Not Supported")),
    ],
)
def test_the_use_of_the_devices_that_a_server_sees(
    monkeypatch: pytest.MonkeyPatch,
    uses: dict[object, int | None],
    visible: str | None,
    expected: DeviceUse,
) -> None:
    library = Library(uses)
    monkeypatch.setitem(sys.modules, "pynvml", library)
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert device_use(environment) == expected
    assert library.open == 0


def test_without_a_driver_and_without_the_library_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library({}, driver=False))
    assert device_use({}) == DeviceUse(None, "not measured: Driver Not Loaded")
    monkeypatch.setitem(sys.modules, "pynvml", None)  # type: ignore[arg-type]
    assert device_use({}) == DeviceUse(None, "not measured: nvidia-ml-py is not installed")


STATE = CullState(
    is_limited=True,
    state="idle",
    idle_since=None,
    idle_minutes=60,
    cull_at=None,
    is_warned=False,
    extensions_left=3,
    extension_minutes=60,
    report_seconds=60,
)


class Place:
    """A hub that takes reports, or is away."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, Activity]] = []
        self.is_away = False

    async def report(self, server: str, activity: Activity) -> CullState:
        if self.is_away:
            raise BackendUnavailable("The hub cannot be reached")
        self.reports.append((server, activity))
        return STATE


def test_a_hub_that_is_away_is_told_later_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        place, bench = Place(), Bench()
        reporter = Reporter(place, bench.meter, "gpu", logging.getLogger("test.use"))  # type: ignore[arg-type]
        bench.go(0)
        bench.go(10, 1.0)
        assert await reporter.report() == 60
        place.is_away = True
        for _ in range(3):
            assert await reporter.report() == 60
        place.is_away = False
        assert await reporter.report() == 60
        assert [server for server, _ in place.reports] == ["gpu", "gpu"]
        assert reporter.state == STATE

    with caplog.at_level(logging.INFO, "test.use"):
        asyncio.run(run())
    assert [r.message for r in caplog.records if "not reported" in r.message] == [
        "orrery: the use of this lab is not reported: The hub cannot be reached"
    ]
