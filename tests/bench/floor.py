"""B2: what a handler costs beside the server's own, and how long the event loop stands still while the panel works."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.bench.corpus import as_files, snippets, typed
from tests.bench.method import Goal, Result, Sample, alternate, finish, median, percentile, values
from tests.security.labs import Lab

SECONDS = 20
COUNT = 10_000


def request(client: httpx.Client, path: str) -> Sample:
    """One request on an idle server."""
    begun = time.perf_counter()
    assert client.get(path).status_code == 200
    return {"ms": (time.perf_counter() - begun) * 1000}


@contextmanager
def watched(home: Path) -> Iterator[Lab]:
    """A lab that writes down how late each turn of its event loop is."""
    as_files(home / "data" / "orrery" / "snippets", COUNT)
    lab = Lab(home, token="b" * 32, ORRERY_BENCH_STALLS=str(home / "stalls.json"))
    lab.log_level = "WARN"
    lab.module = "tests.bench.watched"
    try:
        yield lab.start()
    finally:
        lab.stop()


def work(lab: Lab, until: float) -> int:
    """The panel at work: type, page through, save, mark, import; how many requests that were."""
    done = 0
    fresh = snippets(400)
    with lab.person() as person:
        while time.monotonic() < until:
            for words in typed():
                if time.monotonic() > until:
                    break
                found = person.get("orrery/snippets", params={"q": words, "limit": 100}).json()
                for one in found["items"][:1]:
                    person.patch(f"orrery/snippets/{one['id']}/marks", json={"used": True})
                person.post("orrery/snippets", json=fresh[done % len(fresh)])
                done += 3
            files = [{"name": "x.code-snippets", "content": _library(done)}]
            person.post("orrery/snippets/import", json={"files": files})
            person.get("orrery/projects/home")
            done += 2
    return done


def _library(number: int) -> str:
    return json.dumps(
        {f"Imported {number} {n}": {"prefix": f"p{n}", "body": ["x = 1"] * 20} for n in range(50)}
    )


def stalls(lab: Lab) -> list[float]:
    """Milliseconds by which each turn was late since the last question."""
    path = lab.home / "stalls.json"
    path.unlink(missing_ok=True)
    while not path.exists():
        time.sleep(0.05)
    return list(json.loads(path.read_text()))


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as scratch, watched(Path(scratch) / "lab") as lab:
        with lab.person() as person:
            person.get("orrery/snippets")
            time.sleep(2)
            series = alternate(
                {
                    "GET /orrery/status": lambda: request(person, "orrery/status"),
                    "GET /api/status (peer)": lambda: request(person, "api/status"),
                },
                300,
                warm=20,
            )
        stalls(lab)
        time.sleep(5)
        idle = stalls(lab)
        until = time.monotonic() + SECONDS
        counts: list[int] = []
        panels = [
            threading.Thread(target=lambda: counts.append(work(lab, until))) for _ in range(2)
        ]
        for panel in panels:
            panel.start()
        for panel in panels:
            panel.join()
        busy = stalls(lab)
    series["late turns, idle"] = _some(idle)
    series["late turns, two panels at work"] = _some(busy)
    ours, theirs = series["GET /orrery/status"], series["GET /api/status (peer)"]
    return finish(
        Result(
            "floor",
            "B2 The floor of a handler, and the event loop",
            f"Requests alternate on an idle lab. Then two panels work without a pause for {SECONDS} s on {COUNT:,}"
            " snippets: typing, marking, saving, importing. Meanwhile the server's own loop is asked every 2 ms and"
            " notes how late it was.",
            series,
            [
                Goal("median beside `/api/status`", median(ours) / median(theirs), 1.5, "times"),
                Goal(
                    "p95 beside `/api/status`",
                    percentile(values(ours), 0.95) / percentile(values(theirs), 0.95),
                    1.5,
                    "times",
                ),
                Goal("event loop stall, p99 at work", percentile(busy, 0.99), 20, "ms"),
            ],
            [
                f"The panels made {sum(counts):,} requests; the longest stall was {max(busy):.0f} ms."
            ],
        ),
        force=force,
        load=load,
    )


def _some(numbers: list[float]) -> list[dict[str, float]]:
    """Two hundred percentiles stand for all, so that the file of results stays small."""
    return [{"ms": percentile(numbers, share / 200)} for share in range(1, 201)]
