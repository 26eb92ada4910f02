"""Run the benches, keep the samples, draw the page, and fail when a goal is out of reach.

python -m tests.bench [--force] [NAME ...]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from tests.bench import report
from tests.bench.method import BusyError, ready

BENCHES = (
    *("lab_start", "floor", "snippets", "magics", "hub_service", "first_lab"),
    *("profile", "reading", "full_report", "lab_alive", "admin_lists"),
    "beside_jupyterhub",
)


def main() -> int:
    """The exit code: 0 unless a goal failed or the machine is busy."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    asked.add_argument("--force", action="store_true", help="measure on a busy machine, too")
    given = asked.parse_args()
    try:
        load = ready(force=given.force)
    except BusyError as problem:
        print(problem, file=sys.stderr)
        return 2
    failed = []
    for name in given.names or BENCHES:
        bench = importlib.import_module(f"tests.bench.{name}")
        print(f"{name} ...", flush=True)
        begun = time.monotonic()
        result = bench.run(force=given.force, load=load)
        print(f"{name}: {time.monotonic() - begun:.0f} s")
        for goal in result.goals:
            print(f"  {goal}")
        failed += [f"{name}: {goal}" for goal in result.goals if goal.state == "failed"]
    report.main()
    for line in failed:
        print(f"FAILED {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
