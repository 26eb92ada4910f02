"""B7: a profile, from the first number on the screen to the last association, beside those who do the like.

Also by hand and small, without keeping the samples: ``python -m tests.bench.profile --rows 100000``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.formats import format_of
from tests.bench.method import SEED, Goal, Result, Sample, alternate, finish, median

ROWS = 1_000_000
SLOW = 3
WIDE = (100_000, 2_395)
LONG = (6_000_000, 33)
LARGE = (10_000_000, 20)
MEMORY = 4 * 10**9
PART = 250_000
SCREEN = 200
PEERS = Path(tempfile.gettempdir()) / "orrery-bench-peers"
OURS, SUMMARIZE, DESCRIBE = "Orrery", "DuckDB SUMMARIZE (peer)", "polars describe (peer)"
MINIMAL, FULL = "data-profiling minimal (peer)", "data-profiling full (peer)"
SKRUB = "skrub TableReport (peer)"
IBIS = "ibis-profiling full (peer)"
_PEER = """
import json, os, resource, sys, time, warnings
os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
os.environ["MPLBACKEND"] = "Agg"
warnings.simplefilter("ignore")
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
path = sys.argv[1]
{imports}
begun = time.perf_counter()
html = {work}
told = {{"ms": (time.perf_counter() - begun) * 1000}}
used = resource.getrusage(resource.RUSAGE_SELF)
told["cpu_s"] = used.ru_utime + used.ru_stime
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
told["rss_mb"] = int(peak.split()[1]) / 1024
if isinstance(html, str):
    told["kb"] = len(html.encode()) / 1024
print(json.dumps(told), file=out, flush=True)
"""
QUICK = {
    SUMMARIZE: ("import duckdb", "duckdb.sql(f\"SUMMARIZE SELECT * FROM '{path}'\").fetchall()"),
    DESCRIBE: ("import polars as pl", "pl.scan_parquet(path).describe()"),
}
SLOW_PEERS = {
    MINIMAL: (
        "import pandas as pd\nfrom data_profiling import ProfileReport",
        "ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_html()",
    ),
    FULL: (
        "import pandas as pd\nfrom data_profiling import ProfileReport",
        "ProfileReport(pd.read_parquet(path), progress_bar=False).to_html()",
    ),
}
# These want other versions of what Orrery uses, so they live in an environment of their own.
APART = {
    SKRUB: (
        "skrub",
        "import polars as pl, skrub",
        "skrub.TableReport(pl.read_parquet(path), verbose=0).html()",
    ),
    IBIS: (
        "ibis-profiling",
        "import ibis\nfrom ibis_profiling import ProfileReport",
        "ProfileReport(ibis.duckdb.connect().read_parquet(path)).to_html()",
    ),
}


def columns(rows: int, many: int, seed: int) -> dict[str, Any]:
    """Half are normal floats, a fifth integers, a fifth categories; a time and a text end the table."""
    random = np.random.default_rng(seed)
    told: dict[str, Any] = {}
    for place in range(many - 2):
        kind = place % 9
        if kind < 5:
            told[f"f{place}"] = random.normal(place, 1 + place, rows)
        elif kind < 7:
            told[f"i{place}"] = random.integers(0, 10 ** (1 + place % 6), rows)
        else:
            words = np.array([f"kind {one}" for one in range(5 + place**2 % 500)])
            told[f"c{place}"] = pa.array(words[random.integers(0, len(words), rows)])
    when = 1_600_000_000_000_000 + random.integers(0, 10**14, rows)
    told["when"] = pa.array(when).cast(pa.timestamp("us"))
    told["text"] = pa.array([f"{one} some text" for one in random.integers(0, 10 * rows, rows)])
    return told


def write(path: Path, rows: int, many: int) -> Path:
    """The table, part by part, so that it need never be in memory as a whole."""
    writer: pq.ParquetWriter | None = None
    for number, begin in enumerate(range(0, rows, PART)):
        table = pa.table(columns(min(PART, rows - begin), many, SEED + number))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path


@contextmanager
def worker() -> Iterator[subprocess.Popen[str]]:
    """The worker, warm as it is when a person opens the form."""
    with subprocess.Popen(
        [sys.executable, "-m", "orrery_engine"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        # Refused, once everything is imported; until then it says that it lives.
        process.stdin.write("{}\n")
        process.stdin.flush()
        while json.loads(process.stdout.readline())["event"] != "failed":
            pass
        yield process
        process.stdin.close()


def ours(path: Path, many: int, keep: Path | None = None) -> Sample:
    """One profile in a worker of its own."""
    with tempfile.TemporaryDirectory() as scratch, worker() as process:
        assert process.stdin
        assert process.stdout
        job = {
            "id": "0" * 32,
            "task": "profile",
            "source": {"reader": "files", "location": str(path), "format": format_of(path.name)},
            "memory": MEMORY,
            "scratch": scratch,
        }
        begun = time.perf_counter()
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        told: dict[str, float] = {}
        news = []
        whole: set[int] = set()
        while not news or news[-1]["event"] not in ("done", "failed"):
            news.append(json.loads(process.stdout.readline()))
            milliseconds = (time.perf_counter() - begun) * 1000
            one = news[-1]
            if one["event"] == "columns":
                told.setdefault("first_ms", milliseconds)
                whole |= {each["index"] for each in one["columns"] if not each.get("note")}
                if len(whole) >= min(SCREEN, many):
                    told.setdefault("screen_ms", milliseconds)
            if one["event"] == "stage" and one["stage"] == "relations":
                told["stage_1_ms"] = milliseconds
        if news[-1]["event"] == "failed":
            raise RuntimeError(news[-1]["error"]["message"])
        told |= {"ms": milliseconds} | _used(process.pid)
        if keep is not None:
            keep.write_text("\n".join(map(json.dumps, news)))
    return told


def _used(pid: int) -> dict[str, float]:
    """The largest resident memory of a process so far, and its time on the cores."""
    import psutil

    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    times = psutil.Process(pid).cpu_times()
    return {"rss_mb": int(peak.split()[1]) / 1024, "cpu_s": times.user + times.system}


def peer(python: str, imports: str, work: str, path: Path) -> Sample:
    """One run of somebody else's profile in a new process; imports are not counted."""
    said = subprocess.run(
        [python, "-c", _PEER.format(imports=imports, work=work), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return found


def apart() -> str | None:
    """The Python of an environment with the peers that need one; none if they cannot be installed."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        packages = [package for package, _, _ in APART.values()]
        made = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "polars", "pyarrow", *packages],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if made.returncode:
            return None
    return str(python)


def html_kb(news: Path) -> float:
    """How large the report of a run is."""
    from datetime import UTC, datetime

    from orrery_engine.report import render
    from orrery_engine.schemas import ColumnProfile, Options, Overview, Run, SourceIn
    from orrery_engine.schemas import Result as Told

    lines = [json.loads(line) for line in news.read_text().splitlines()]
    found = {each["index"]: each for line in lines for each in line.get("columns", ())}
    overview = [line["overview"] for line in lines if "overview" in line][-1]
    run = Run(
        id="0" * 32,
        task="profile",
        source=SourceIn(kind="file", location="data.parquet"),
        options=Options(),
        by="bench",
        state="done",
        created=datetime.now(UTC),
    )
    result = Told(run=run, overview=Overview.model_validate(overview))
    profiles = [ColumnProfile.model_validate(found[index]) for index in sorted(found)]
    return len(render(result, profiles, "html").content.encode()) / 1024


def measure(folder: Path, rows: int) -> tuple[dict[str, list[dict[str, float]]], list[str]]:
    """The usual table: quick sides alternate, slow ones are measured a few times after each other."""
    path = write(folder / "usual.parquet", rows, 20)
    sides = {OURS: lambda: ours(path, 20, folder / "news")} | {
        name: (lambda code=code: peer(sys.executable, *code, path)) for name, code in QUICK.items()
    }
    series = alternate(sides)
    notes = []
    for name, code in SLOW_PEERS.items():
        series[name] = [dict(peer(sys.executable, *code, path)) for _ in range(SLOW)]
    python = apart()
    for name, (package, *code) in APART.items():
        try:
            if python is None:
                raise FileNotFoundError(package)
            series[name] = [dict(peer(python, code[0], code[1], path)) for _ in range(SLOW)]
        except (subprocess.CalledProcessError, FileNotFoundError):
            notes.append(f"{package} could not be installed or run beside the others.")
    return series, notes


def goals(series: Mapping[str, list[dict[str, float]]], kilobytes: float) -> list[Goal]:
    """What was promised of the usual table."""
    mine = series[OURS]
    found = [
        Goal("first statistics, median", median(mine, "first_ms"), 1_000, "ms"),
        Goal("whole profile, median", median(mine), 5_000, "ms"),
        Goal("peak memory, median", median(mine, "rss_mb"), 1_024, "MB"),
        Goal("HTML report", kilobytes, 1_024, "KB"),
        Goal(
            "stage 1 in times of DuckDB SUMMARIZE",
            median(mine, "stage_1_ms") / median(series[SUMMARIZE]),
            1.5,
            "",
        ),
    ]
    for name, times in ((MINIMAL, 5), (FULL, 20), (IBIS, 2.5)):
        if name in series:
            found.append(
                Goal(f"share of {name}", median(mine) / median(series[name]), 1 / times, "")
            )
    return found


def beyond(folder: Path) -> tuple[dict[str, list[dict[str, float]]], list[Goal]]:
    """Tables on which others give up."""
    series = {}
    for name, (rows, many) in {"wide": WIDE, "long": LONG, "large": LARGE}.items():
        path = write(folder / f"{name}.parquet", rows, many)
        title = f"Orrery, {rows:,} x {many:,}"
        series[title] = [dict(ours(path, many)) for _ in range(SLOW)]
        path.unlink()
    wide, long, large = series.values()
    return series, [
        Goal("100,000 x 2,395: overview and 200 columns", median(wide, "screen_ms"), 15_000, "ms"),
        Goal("6 M x 33: stage 1", median(long, "stage_1_ms"), 10_000, "ms"),
        Goal("10 M x 20: whole profile", median(large), 50_000, "ms"),
        Goal("10 M x 20: peak memory", median(large, "rss_mb"), 4_096, "MB"),
    ]


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        series, notes = measure(folder, ROWS)
        more, promised = beyond(folder)
        kilobytes = html_kb(folder / "news")
    return finish(
        Result(
            "profile",
            "B7 A profile",
            f"Parquet of {ROWS:,} rows and 20 columns from a fixed seed. Each sample is a new process in which everything"
            " is imported before the clock starts. Orrery tells the first statistics, stage 1 and the whole with"
            f" relations; the quick peers alternate with it, the slow ones and the larger tables are run {SLOW} times.",
            series | more,
            goals(series, kilobytes) + promised,
            notes,
        ),
        force=force,
        load=load,
    )


def main() -> None:
    """One sample of each side on a small table."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.profile")
    asked.add_argument("--rows", type=int, default=100_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name) / "small.parquet", given.rows, 20)
        print(OURS, ours(path, 20, Path(name) / "news"))
        print(f"HTML: {html_kb(Path(name) / 'news'):.0f} KB")
        for title, code in (QUICK | SLOW_PEERS).items():
            print(title, peer(sys.executable, *code, path))
        python = apart()
        for title, (_, imports, work) in APART.items():
            if python is not None:
                print(title, peer(python, imports, work, path))


if __name__ == "__main__":
    main()
