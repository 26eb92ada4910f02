"""B7, second part: what a person who goes on working notices of a profile of six million rows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.bench.method import SAMPLES, Goal, Result, finish, percentile, values
from tests.bench.profile import LONG, write
from tests.kernels.lab import Kernel, Lab, Side

COLUMNS = 20
CANCELS = 5
PAUSE = 0.02
LONGEST = 120
AT_REST = "at rest (peer)"
FILE = f"while a file of {LONG[0] // 10**6} M x {LONG[1]} is profiled"
FRAME = f"while a dataframe of {LONG[0] // 10**6} M x {COLUMNS} of the same kernel is handed over and profiled"
ENGINE = "orrery_engine"
ACTIVE = ("queued", "running")
MAKE = f"""
import numpy as np, pandas as pd
rng = np.random.default_rng(1)
n = {LONG[0]}
large = pd.DataFrame({{f"f{{i}}": rng.normal(size=n) for i in range({COLUMNS - 2})}})
large["i"] = rng.integers(0, 1_000, n)
large["g"] = pd.Categorical(rng.integers(0, 9, n))
small = large.head(10)
"""


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def sample(lab: Lab, kernel: Kernel) -> dict[str, float]:
    """One cell and two requests, as a person who works makes them."""
    return {
        "cell_ms": timed(lambda: kernel.run("1 + 1")),
        "api_ms": timed(lambda: lab.ask("GET", "api/contents")),
        "orrery_ms": timed(lambda: lab.ask("GET", "orrery/snippets?limit=50")),
    }


def begin(lab: Lab, **source: str) -> str:
    """A profile in the history; its id."""
    return str(lab.ask("POST", "orrery/eda/runs", {"source": source})["id"])


def state(lab: Lab, id: str) -> dict[str, Any]:
    """How a run is now."""
    run: dict[str, Any] = lab.ask("GET", f"orrery/eda/runs/{id}?wait=0")["run"]
    return run


def until(fits: Callable[[], bool]) -> float:
    """Milliseconds until it fits."""

    def wait() -> None:
        limit = time.monotonic() + LONGEST
        while not fits():
            if time.monotonic() > limit:
                raise RuntimeError("it takes too long")
            time.sleep(0.005)

    return timed(wait)


def during(lab: Lab, kernel: Kernel, goes_on: Callable[[], bool]) -> list[dict[str, float]]:
    """Samples as long as something goes on."""
    found = []
    limit = time.monotonic() + LONGEST
    while goes_on() and time.monotonic() < limit:
        found.append(sample(lab, kernel))
        time.sleep(PAUSE)
    return found


def finished(lab: Lab, id: str) -> None:
    """A run that failed measured nothing."""
    run = state(lab, id)
    if run["state"] != "done":
        raise RuntimeError(f"{run['state']}: {run['error']}")


def of_a_file(lab: Lab, kernel: Kernel) -> list[dict[str, float]]:
    """Work beside the profile of a file."""
    key = begin(lab, kind="file", location="long.parquet")
    found = during(lab, kernel, lambda: state(lab, key)["state"] in ACTIVE)
    finished(lab, key)
    return found


def of_a_frame(lab: Lab, kernel: Kernel, side: Side) -> list[dict[str, float]]:
    """Work beside the hand-over of a dataframe, and beside its profile."""
    question = side.begin("hand_over('large')")
    found = during(lab, kernel, lambda: not side.has_answered())
    handed = side.end(question)
    key = begin(lab, kind="frame", location=handed["id"], name="large")
    found += during(lab, kernel, lambda: state(lab, key)["state"] in ACTIVE)
    finished(lab, key)
    return found


def resident(server: psutil.Process) -> int:
    """What the workers hold, in bytes."""
    held = 0
    for child in server.children(recursive=True):
        try:
            if ENGINE in " ".join(child.cmdline()):
                held += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held


def cancelled(lab: Lab) -> dict[str, float]:
    """Cancel in the middle of stage 1: until that is answered, and until the memory is free."""
    assert lab.process
    server = psutil.Process(lab.process.pid)
    rest = resident(server)
    key = begin(lab, kind="file", location="long.parquet")
    until(lambda: state(lab, key)["stage"] == "summary")
    time.sleep(1.5)
    held = resident(server)
    begun = time.perf_counter()
    answer = lab.ask("POST", f"orrery/eda/runs/{key}/cancel", {})
    took = (time.perf_counter() - begun) * 1000
    if answer["state"] != "cancelled":
        raise RuntimeError(f"{answer['state']}: it was not cancelled in time")
    # A warm worker takes the place of the one that was stopped, so not all of it goes.
    free = took + until(lambda: resident(server) < rest + (held - rest) / 10)
    until(lambda: resident(server) > rest * 0.9)
    return {"ms": took, "free_ms": free, "freed_mb": (held - rest) / 2**20}


@contextmanager
def place() -> Iterator[tuple[Lab, Kernel, Side]]:
    """A lab with a large file, and a kernel with a large dataframe."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lab = Lab(Path(folder))
        write(lab.folder / "home" / "long.parquet", *LONG)
        lab.start()
        try:
            kernel = lab.kernel()
            if kernel.run(MAKE).status != "ok":
                raise RuntimeError("the dataframe could not be made")
            side = Side(kernel)
            side.ask("hand_over('small')")  # the first one imports pyarrow
            yield lab, kernel, side
            side.close()
        finally:
            lab.stop()


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with place() as (lab, kernel, side):
        for _ in range(5):
            sample(lab, kernel)
        series = {AT_REST: [sample(lab, kernel) for _ in range(SAMPLES)]}
        series[FILE] = of_a_file(lab, kernel)
        series[FRAME] = of_a_frame(lab, kernel, side)
        series["a run that is cancelled"] = [cancelled(lab) for _ in range(CANCELS)]
    last = series["a run that is cancelled"]
    goals = [
        Goal(f"{what}, p95, {name}", percentile(values(series[name], key), 0.95), 200, "ms")
        for name in (FILE, FRAME)
        for what, key in (("a cell", "cell_ms"), ("files", "api_ms"), ("snippets", "orrery_ms"))
    ]
    return finish(
        Result(
            "lab_alive",
            "B7 The lab while a profile runs",
            "One server, one kernel, both on the cores that the profile uses, too. A cell is `1 + 1`; files are"
            " JupyterLab's own `/api/contents`. Cancelling is measured until it is answered, and until nine tenths of"
            " the memory that the run took are free.",
            series,
            [
                *goals,
                Goal("cancel, slowest", max(values(last)), 300, "ms"),
                Goal("memory free, slowest", max(values(last, "free_ms")), 2_000, "ms"),
            ],
        ),
        force=force,
        load=load,
    )
