"""B15: what the first cell costs, in a new kernel-like process each time."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.method import Goal, Result, Sample, alternate, finish, median

_SHELL = """
import json, resource, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = resource.getrusage(resource.RUSAGE_SELF)
begun = time.perf_counter()
{work}
took = (time.perf_counter() - begun) * 1000
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "ms": took,
    "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    "rss_mb": (after.ru_maxrss - before.ru_maxrss) / 1024,
}}))
"""
SIDES = {
    "%load_ext orrery_kernels": 'shell.run_line_magic("load_ext", "orrery_kernels")',
    "import mlflow (peer)": "import mlflow",
    "%load_ext autoreload (IPython's own)": 'shell.run_line_magic("load_ext", "autoreload")',
}


def fresh(work: str) -> Sample:
    """One new process that does the work once."""
    said = subprocess.run(
        [sys.executable, "-c", _SHELL.format(work=work)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return found


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    series = alternate({name: (lambda w=work: fresh(w)) for name, work in SIDES.items()})
    ours = median(series["%load_ext orrery_kernels"])
    return finish(
        Result(
            "magics",
            "B15 Loading the magics",
            "A new process with an IPython shell for every sample; only the named line is timed. JupySQL is not"
            " installed, so the peers are MLflow's bare import and an extension that IPython itself brings.",
            series,
            [Goal("`%load_ext orrery_kernels`, median", ours, 50, "ms")],
        ),
        force=force,
        load=load,
    )
