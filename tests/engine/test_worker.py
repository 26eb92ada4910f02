"""The worker as a process: what it says and when, how it ends, and that it tells no secrets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine.error_mapping import failure, scrub, secrets
from orrery_engine.schemas import Check, ResolvedSource, Suite
from tests.engine.worker_jobs import Worker, job, resolved


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that is ended afterwards."""
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small table."""
    path = tmp_path / "data.parquet"
    random = np.random.default_rng(0)
    pq.write_table(
        pa.table({"x": random.normal(size=500), "s": [f"{one % 7}" for one in range(500)]}), path
    )
    return path


def test_news_come_in_order(worker: Worker, path: Path, tmp_path: Path) -> None:
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    told = worker.until_end()
    events = [one.event for one in told.event if one.event != "progress"]
    assert events[:3] == ["stage", "overview", "stage"]
    assert events[-1] == "done"
    assert [one.stage for one in told.event if one.event == "stage"] == [
        "reading",
        "summary",
        "relations",
    ]
    assert events.index("columns") < events.index("overview", 2)
    shares = [one.progress for one in told.event if one.progress is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert told.named("x").count == 500
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    assert worker.until_end().last.rows == 500


def test_one_that_still_warms_says_that_it_lives(path: Path, tmp_path: Path) -> None:
    """A client kills a silent one, and imports can take long on a slow disk."""
    worker = Worker("--full")
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    first = worker.hear()
    assert (first.event, first.progress) == ("progress", 0.0)
    worker.close()


def test_a_bad_line_is_a_failure_and_no_end(worker: Worker, path: Path, tmp_path: Path) -> None:
    worker.send("no json")
    assert worker.until_end().event[-1].event == "failed"
    worker.send(job(resolved(tmp_path / "none.parquet"), tmp_path / "s").model_dump_json())
    told = worker.until_end().event[-1]
    assert told.error is not None
    assert told.error.code == "not_found"
    assert told.error.remedy
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    assert worker.until_end().event[-1].event == "done"


def test_the_worker_ends_with_its_input_in_the_middle_of_a_job(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    random = np.random.default_rng(0)
    pq.write_table(pa.table({f"c{one}": random.normal(size=2_000_000) for one in range(6)}), path)
    worker = Worker()
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    worker.hear()
    begun = time.monotonic()
    assert worker.close() == 0
    assert time.monotonic() - begun < 2


def test_the_worker_dies_with_its_parent() -> None:
    # The other end of its input is held here, so that it is not the end of the input that ends it.
    there, here = os.pipe()
    code = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen([sys.executable, '-m', 'orrery_engine'], stdin={there},"
        " stdout=subprocess.PIPE)\n"
        "print(p.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, pass_fds=[there]
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(1.5)
    assert _alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _alive(pid):
        time.sleep(0.05)
    os.close(there)
    os.close(here)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_what_libraries_print_is_no_news(path: Path, tmp_path: Path) -> None:
    code = (
        "import runpy, sys\n"
        "import orrery_engine.tasks as jobs\n"
        "old = jobs.run\n"
        "def loud(job, speaker):\n"
        "    import os; print('hello'); os.write(1, b'raw'); old(job, speaker)\n"
        "jobs.run = loud\n"
        "runpy.run_module('orrery_engine', run_name='__main__', alter_sys=True)\n"
    )
    asked = job(resolved(path), tmp_path / "s").model_dump_json()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked + "\n")
    process.stdin.flush()
    events = []
    while not events or events[-1] not in ("done", "failed"):
        events.append(json.loads(process.stdout.readline())["event"])
    assert events[-1] == "done"
    _, errors = process.communicate(timeout=20)
    assert "hello" in errors
    assert "raw" in errors


def test_progress_is_told_while_nothing_else_happens(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as out:
        out.write("a,b,c\n")
        out.writelines(f"{one},word {one},{one / 7}\n" for one in range(1_500_000))
    worker = Worker()
    worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
    told = worker.until_end()
    worker.close()
    assert sum(one.event == "progress" for one in told.event) >= 2
    first = next(one for one in told.event if one.event == "overview")
    assert first.overview is not None
    assert first.overview.rows is None
    assert first.overview.head
    early = next(one for one in told.event if one.event == "columns")
    assert "first 5,000 rows" in early.columns[0].note
    assert told.named("a").count == 1_500_000
    assert told.named("a").note == ""


def test_a_comparison_and_checks(worker: Worker, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "old.parquet"
    pq.write_table(pa.table({"x": np.zeros(400), "gone": ["a"] * 400}), other)
    asked = job(resolved(path), tmp_path / "s", task="comparison", against=resolved(other))
    worker.send(asked.model_dump_json())
    told = worker.until_end()
    comparison = next(one.comparison for one in told.event if one.comparison is not None)
    assert {one.name: one.change for one in comparison.drifts} == {
        "x": "drifted",
        "gone": "removed",
        "s": "added",
    }
    assert {one.side for one in told.event if one.event == "columns"} == {"source", "against"}
    suite = Suite(
        checks=(
            Check(code="not_null", column="x"),
            Check(code="between", column="x", minimum=100.0),
        )
    )
    worker.send(job(resolved(path), tmp_path / "s", task="checks", suite=suite).model_dump_json())
    results = next(one.checks for one in worker.until_end().event if one.checks is not None)
    assert [one.passed for one in results.results] == [True, False]


SECRETS = [
    ("postgresql://me:hunter22%40@127.0.0.1:1/x", {}),
    ("postgresql+psycopg://me:hunter22%40@127.0.0.1:1/x?sslpassword=tokentoken", {}),
    (
        "s3://bucket/x.parquet",
        {"key": "AKIAKEY", "secret": "hunter22@", "endpoint_url": "http://127.0.0.1:1"},
    ),
]


@pytest.mark.parametrize(("location", "options"), SECRETS)
def test_failures_hold_no_secrets(
    location: str, options: dict[str, str], worker: Worker, tmp_path: Path
) -> None:
    reader = "table" if location.startswith("postgresql") else "files"
    kind = "database" if reader == "table" else "parquet"
    source = ResolvedSource(
        reader=reader, location=location, format=kind, table="t", options=options
    )
    worker.send(job(source, tmp_path / "s").model_dump_json())
    told = worker.until_end().event[-1]
    assert told.error is not None
    text = told.model_dump_json()
    for secret in ("hunter22", "tokentoken", "AKIAKEY"):
        assert secret not in text


def test_secrets_are_taken_out_of_any_text(tmp_path: Path) -> None:
    source = ResolvedSource(
        reader="table", location="mysql://u:p%40ss-word@h/d", format="database", table="t"
    )
    hidden = secrets(job(source, tmp_path / "s"))
    assert scrub("failed for p@ss-word and p%40ss-word", hidden) == "failed for *** and ***"
    assert "abc" not in scrub("https://user:abc@host/x", [])


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (MemoryError(), "out_of_memory"),
        (OSError(28, os.strerror(28)), "storage_full"),
        (PermissionError("no"), "forbidden"),
        (TimeoutError("slow"), "backend_unavailable"),
        (ModuleNotFoundError("No module named 's3fs'", name="s3fs"), "backend_unavailable"),
        (KeyError("x"), "internal_error"),
        (ValueError("bad"), "invalid"),
    ],
)
def test_every_problem_has_a_code_and_a_remedy(problem: Exception, code: str) -> None:
    told = failure(problem)
    assert told.code == code
    assert told.message
    assert told.remedy
