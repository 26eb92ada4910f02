"""B8: the full report through our warm worker, beside the same library called by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from tests.bench.method import SEED, Goal, Result, Sample, alternate, finish, median

ROWS = 20_000
REALS = 4
STARTS = 3
_PEER = """
    import os, sys, time, warnings
    os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
    os.environ["MPLBACKEND"] = "Agg"
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import pandas as pd
    from data_profiling import ProfileReport
    for line in sys.stdin:
        source, target = line.strip().split("|")
        frame = pd.read_parquet(source)
        made = ProfileReport(frame, title="Full report", explorative=True, progress_bar=False)
        with open(target, "w", encoding="utf-8") as file:
            file.write(made.to_html())
        print("done", file=out, flush=True)
"""


def table(path: Path) -> None:
    """Numbers, categories, a time and a text."""
    random = np.random.default_rng(SEED)
    columns: dict[str, Any] = {
        **{f"real{place}": random.normal(place, 1 + place, ROWS) for place in range(REALS)},
        "whole": random.integers(0, 1_000, ROWS),
        "kind": random.choice(list("abcdef"), ROWS),
        "when": pd.date_range("2024-01-01", periods=ROWS, freq="min"),
        "text": [f"some text with number {n % 700}" for n in range(ROWS)],
    }
    pd.DataFrame(columns).to_parquet(path)


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is asked line by line; its own words go nowhere."""
    one = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )
    try:
        yield one
    finally:
        one.kill()
        one.wait()


def ask(one: subprocess.Popen[str], line: str, end: str) -> Sample:
    """How long it takes from the question to the line that ends the answer."""
    assert one.stdin
    assert one.stdout
    begun = time.perf_counter()
    one.stdin.write(line + "\n")
    one.stdin.flush()
    for said in one.stdout:
        assert '"failed"' not in said, said
        if end in said:
            return {"ms": (time.perf_counter() - begun) * 1000}
    raise AssertionError("the process ended without an answer")


def rested(one: subprocess.Popen[str], most: float = 120) -> None:
    """Wait until the process has imported what it wants to, and does nothing more."""
    watched, until, used = psutil.Process(one.pid), time.monotonic() + most, -1.0
    while time.monotonic() < until:
        time.sleep(3)
        now = watched.cpu_times()
        if now.user + now.system - used < 0.05:
            return
        used = now.user + now.system


def job(source: Path, scratch: Path) -> str:
    """What the worker is told."""
    told = {
        "id": "0" * 32,
        "task": "report",
        "source": {"reader": "files", "location": str(source), "format": "parquet"},
        "memory": 4 * 2**30,
        "scratch": str(scratch),
    }
    return json.dumps(told)


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        source = scratch / "table.parquet"
        table(source)
        by_hand = ("-c", textwrap.dedent(_PEER))
        theirs = f"{source}|{scratch / 'theirs.html'}"
        with (
            process("-m", "orrery_engine", "--full") as worker,
            process(*by_hand) as peer,
        ):
            series = alternate(
                {
                    "our worker, warm": lambda: ask(worker, job(source, scratch), '"done"'),
                    "the library in a warm process (peer)": lambda: ask(peer, theirs, "done"),
                }
            )
        series["the library from its start (peer)"] = [
            _from_start(by_hand, theirs) for _ in range(STARTS)
        ]
        with process("-m", "orrery_engine", "--full") as worker:
            rested(worker)
            series["our worker, its first report"] = [ask(worker, job(source, scratch), '"done"')]
    ours = median(series["our worker, warm"])
    warm = median(series["the library in a warm process (peer)"])
    cold = median(series["the library from its start (peer)"])
    first = median(series["our worker, its first report"])
    return finish(
        Result(
            "full_report",
            "B8 The full report",
            f"The same table of {ROWS:,} rows and {REALS + 4} columns, the library's explorative report, HTML written to disk."
            " Our worker is told a job as the server tells it; the library alone is called in a process that has"
            f" imported it, and {STARTS} times in one that has not.",
            series,
            [
                Goal("median beside the library in a warm process", ours / warm, 1.02, "times"),
                Goal("first report beside the library from its start", first / cold, 0.6, "times"),
            ],
            [
                f"A worker that was started before saves {(cold - first) / 1000:.1f} s of {cold / 1000:.1f} s."
            ],
        ),
        force=force,
        load=load,
    )


def _from_start(words: tuple[str, ...], line: str) -> dict[str, float]:
    begun = time.perf_counter()
    with process(*words) as one:
        ask(one, line, "done")
        return {"ms": (time.perf_counter() - begun) * 1000}
