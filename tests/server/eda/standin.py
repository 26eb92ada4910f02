"""A worker that does as it is told by the name of the source: well, slowly, silently, wrongly, or not at all.

It speaks as the engine does, and needs no library: ``python standin.py [--full]``, jobs on standard input.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CANARY = "canary-of-the-data-7f3a"


def say(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def columns(begin: int, end: int) -> list[dict[str, Any]]:
    return [
        {
            "index": number,
            "name": f"column {number}",
            "type": "text" if number % 10 == 3 else "integer",
            "dtype": "int64",
            "count": 100,
            "missing": number % 7,
            "association": (number % 11) / 10,
        }
        for number in range(begin, end)
    ]


def rich(begin: int, end: int) -> list[dict[str, Any]]:
    """Columns with about as much in them as the engine finds."""
    more = {
        "quantiles": [{"share": n / 10, "value": n * 1.5} for n in range(11)],
        "top": [{"value": f"some value {n}", "count": n} for n in range(20)],
        "histogram": {"edges": [n / 7 for n in range(31)], "counts": list(range(30))},
        "outliers": {"low": 1, "high": 2, "fence_low": -1.5, "fence_high": 2.5},
        "text": {
            "shortest": 1,
            "longest": 9,
            "mean_length": 4.5,
            "blank": 0,
            "words": [{"value": f"word {n}", "count": n} for n in range(20)],
            "patterns": [{"value": "A" * n, "count": n} for n in range(10)],
        },
    }
    return [{**one, **more} for one in columns(begin, end)]


def profile(
    many: int, notes: list[str], made: Callable[[int, int], list[dict[str, Any]]] = columns
) -> None:
    say(event="stage", stage="reading", progress=0.0)
    say(event="overview", overview={"rows": 100, "columns": many, "notes": notes})
    say(event="stage", stage="summary", progress=0.1)
    for begin in range(0, many, 50):
        some = made(begin, min(many, begin + 50))
        say(event="columns", columns=some, progress=0.1 + 0.6 * begin / many)
    say(event="stage", stage="relations", progress=0.7)
    alert = {
        "id": "constant:1",
        "code": "constant",
        "level": "warning",
        "columns": [1],
        "names": ["column 1"],
        "message": "It is always the same.",
        "evidence": "One value.",
    }
    overview = {"rows": 100, "columns": many, "notes": notes, "alerts": [alert]}
    say(event="overview", overview=overview)


def known(notes: list[str]) -> None:
    """What a profile has found before it goes wrong."""
    say(event="stage", stage="reading", progress=0.0)
    say(event="overview", overview={"rows": 1, "columns": 1, "notes": notes})


def write_code(job: dict[str, Any]) -> None:
    """Code is written by the engine itself: it is asked for by tests of the server that look at the code."""
    import site

    site.main()  # it was started without installed packages
    from orrery_engine import tasks
    from orrery_engine.error_mapping import failure
    from orrery_engine.protocol import EventWriter
    from orrery_engine.schemas import Job
    from orrery_wire.errors import OrreryError

    writer = EventWriter(sys.stdout, threading.Lock())
    try:
        tasks.run(Job.model_validate(job), writer)
    except OrreryError as problem:
        writer.failed(failure(problem))
    else:
        writer.done()


def serve(job: dict[str, Any]) -> None:
    if job["task"] == "code":
        write_code(job)
        return
    word, _, rest = job["source"]["name"].partition(" ")
    notes = [str(os.getpid())]
    scratch = Path(job["scratch"])
    if word == "wide":
        profile(int(rest), notes)
    elif word == "rich":
        profile(int(rest), notes, rich)
    elif word == "slow":
        known(notes)
        until = time.monotonic() + float(rest)
        while time.monotonic() < until:
            time.sleep(0.05)
            say(event="progress", progress=0.5)
    elif word == "computes":
        known(notes)
        until = time.monotonic() + float(rest)
        while time.monotonic() < until:
            pass
    elif word == "silent":
        known(notes)
        time.sleep(600)
    elif word == "stubborn":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (scratch / "spill").write_bytes(b"x" * 1_000_000)
        known([*notes, str(child.pid), str(scratch)])
        time.sleep(600)
    elif word == "dies":
        known(notes)
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "signal":
        known(notes)
        os.kill(os.getpid(), int(rest))
    elif word == "hangs":
        marker = scratch.parent / "hung"
        if rest == "always" or not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        profile(20, notes)
    elif word == "exits":
        os._exit(int(rest))
    elif word == "lies":
        sys.stdout.write(f"{CANARY}\n")
        sys.stdout.write('{"event": "nonsense", "secret": "' + CANARY + '"}\n')
        say(event="progress", progress="much")
        say(event="progress", progress=99.0)
        profile(3, notes)
    elif word == "endless":
        known(notes)
        while True:
            sys.stdout.write("x" * 1_000_000)
    elif word == "chatty":
        while True:
            say(event="columns", columns=columns(0, 2000))
    elif word == "eats":
        known(notes)
        held = bytearray(int(rest) * 1024 * 1024)
        held[::4096] = b"x" * len(held[::4096])
        time.sleep(600)
    elif word == "report":
        page = scratch / "report.html"
        page.write_text("<p>whole</p>", encoding="utf-8")
        say(event="report", path=rest or str(page))
    elif word == "fails":
        error = {"code": "invalid", "message": "No", "reason": "Because", "remedy": "Do so"}
        say(event="failed", error=error)
        return
    elif word == "tells":
        profile(3, [*notes, *sys.argv, *(f"{k}={v}" for k, v in os.environ.items())])
    else:
        profile(20, notes)
    say(event="done", stage="finished", progress=1.0)


def listen(jobs: list[str], there: threading.Semaphore) -> None:
    for line in sys.stdin:
        jobs.append(line)
        there.release()
    os._exit(0)


def main() -> None:
    jobs: list[str] = []
    there = threading.Semaphore(0)
    threading.Thread(target=listen, args=(jobs, there), daemon=True).start()
    while True:
        there.acquire()
        serve(json.loads(jobs.pop(0)))


if __name__ == "__main__":
    main()
